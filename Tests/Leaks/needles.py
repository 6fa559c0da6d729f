# SPDX-License-Identifier: Apache-2.0
"""What is searched for: every canary in every encoding, and where a byte string holds one.

Strong needles have 8 bytes or more and are searched anywhere. Weak ones are short or a CRC-32, and
count only when they are a whole parsed value, because short runs of digits meet by chance.
"""
import base64
import collections
import json
import os
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
CHUNK = 1 << 18
# Places of work rather than of patients: a site's own trail and messages may name them.
WORKPLACE = {"site.user_login", "site.hostname", "site.db_path", "attachment.filename",
             "import.csv_column"}

Hit = collections.namedtuple("Hit", "canary field form strong")


def canaries():
    with open(os.path.join(HERE, "canaries.json"), encoding="utf-8") as file:
        return json.load(file)["canaries"]


def own_forms(value):
    """Forms of a value whose list of needles is empty because it is short."""
    for text in {value, value[::-1]}:
        utf8 = text.encode()
        yield utf8
        yield utf8.hex().encode()
        yield utf8.hex().upper().encode()
        yield urllib.parse.quote(text).encode()
        yield json.dumps(text)[1:-1].encode()
        yield json.dumps(text)[1:-1].upper().replace("\\U", "\\u").encode()
        for codec in ("utf-16-le", "utf-16-be", "gb18030"):
            yield text.encode(codec)
        for lead in range(3):
            coded = base64.b64encode(b"\0" * lead + utf8)
            yield coded[{0: 0, 1: 2, 2: 3}[lead]:len(coded) - (3 if (lead + len(utf8)) % 3 else 0)]


class Needles:
    """A set of needles with a quick search."""

    def __init__(self, plain=()):
        self.strong = {}
        self.weak = {}
        self.warned = {}
        self.count = 0
        self.listed = canaries()
        for number, canary in enumerate(self.listed):
            for form, values in canary["needles_strong_hex"].items():
                for value in values:
                    self.add(bytes.fromhex(value), number, canary["field"], form)
            for form, values in canary["needles_weak_hex"].items():
                for value in values:
                    kept = self.warned if form == "crc" else self.weak
                    kept[bytes.fromhex(value)] = Hit(number, canary["field"], form, False)
            if not canary["needles_strong_hex"] and canary["kind"] != "age_over_89":
                for needle in own_forms(canary["value"]):
                    if len(needle) >= 6:
                        self.add(needle, number, canary["field"], "own")
                    else:
                        self.weak[needle] = Hit(number, canary["field"], "own", False)
        for value in plain:
            self.add(value.encode(), -1, "practice", "raw")
        # Whatever the listed canaries, most start with eight bytes that nothing else has.
        self.heads = collections.defaultdict(list)
        self.short = []
        for needle, hit in self.strong.items():
            if len(needle) >= 8:
                self.heads[needle[:8]].append((needle, hit))
            else:
                self.short.append((needle, hit))

    def add(self, needle, number, field, form):
        self.strong[needle] = Hit(number, field, form, True)
        self.count += 1

    def find(self, data):
        """The hits of strong needles in a byte string."""
        found = {}
        for start in range(0, max(1, len(data) - 7), CHUNK):
            chunk = data[start:start + CHUNK + 7]
            windows = {chunk[i:i + 8] for i in range(len(chunk) - 7)}
            for head in windows & self.heads.keys():
                for needle, hit in self.heads[head]:
                    if hit not in found and needle in data:
                        found[hit] = data.index(needle)
        for needle, hit in self.short:
            if hit not in found and needle in data:
                found[hit] = data.index(needle)
        return found

    def find_weak(self, scalars):
        """The hits of weak needles among whole parsed values, and those of checksums alone."""
        return ({self.weak[s] for s in scalars & self.weak.keys()},
                {self.warned[s] for s in scalars & self.warned.keys()})
