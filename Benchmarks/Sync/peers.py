# SPDX-License-Identifier: Apache-2.0
"""One stage of the sync workload with a peer: peers.py pycrdt|loro STAGE FOLDER WORKLOAD

A stage loads what it needs from FOLDER and leaves its result there, as a program would.
"""
import csv
import hashlib
import json
import os
import sys
from pathlib import Path


def number(text):
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        return text


class Loro:
    def __init__(self, peer):
        import loro

        self.api = loro
        self.document = loro.LoroDoc()
        self.document.peer_id = peer
        self.records = self.document.get_map("records")

    def add(self, name, values):
        record = self.records.insert_container(name, self.api.LoroMap())
        for field, value in values.items():
            record.insert(field, value)
        self.document.commit()

    def edit(self, name, field, value):
        self.records.get(name).container.insert(field, value)
        self.document.commit()

    def version(self):
        return self.document.oplog_vv.encode()

    def changes(self, since=None):
        vector = self.api.VersionVector
        start = vector() if since is None else vector.decode(since)
        return self.document.export(self.api.ExportMode.Updates(start))

    def take(self, changes):
        self.document.import_(changes)

    def saved(self):
        return self.document.export(self.api.ExportMode.Snapshot())

    def view(self):
        return self.document.get_deep_value()["records"]


class Pycrdt:
    def __init__(self, peer):
        import pycrdt

        self.api = pycrdt
        self.document = pycrdt.Doc(client_id=peer)
        self.records = self.document.get("records", type=pycrdt.Map)

    def add(self, name, values):
        with self.document.transaction():
            self.records[name] = self.api.Map(values)

    def edit(self, name, field, value):
        self.records[name][field] = value

    def version(self):
        return self.document.get_state()

    def changes(self, since=None):
        return self.document.get_update() if since is None else self.document.get_update(since)

    def take(self, changes):
        self.document.apply_update(changes)

    def saved(self):
        return self.document.get_update()

    def view(self):
        return {name: dict(record.items()) for name, record in self.records.items()}


def main(kind, stage, folder, workload):
    folder, workload = Path(folder), Path(workload)

    def rows(name):
        with open(workload / name, encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                row["record"] = hashlib.sha256(b"record %s" % row["record"].encode()).hexdigest()[:32]
                yield row

    def load(side):
        document = {"loro": Loro, "pycrdt": Pycrdt}[kind](1 if side == "a" else 2)
        if (folder / side).exists():
            document.take((folder / side).read_bytes())
        return document

    def keep(name, data):
        with open(folder / name, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def edit(side, name, base, wire):
        document = load(side)
        since = (folder / base).read_bytes()
        for row in rows(name):
            document.edit(row["record"], row["field"], number(row["value"]))
        keep(wire, document.changes(since))
        keep(side, document.saved())

    def take(side, wire):
        document = load(side)
        document.take((folder / wire).read_bytes())
        keep(side, document.saved())
        keep("version", document.version())

    if stage == "create":
        document = load("a")
        for row in rows("forms.csv"):
            document.add(row.pop("record"), {key: number(text) for key, text in row.items()})
        keep("a", document.saved())
    elif stage == "export":
        keep("wire_forms", load("a").changes())
    elif stage == "import":
        take("b", "wire_forms")
    elif stage == "edit":
        edit("a", "edits.csv", "version", "wire_edits")
    elif stage == "take":
        take("b", "wire_edits")
    elif stage in ("edit_a", "edit_b"):
        edit(stage[-1], f"side_{stage[-1]}.csv", "version", f"wire_{stage[-1]}")
    elif stage in ("merge_a", "merge_b"):
        side = stage[-1]
        document = load(side)
        document.take((folder / ("wire_b" if side == "a" else "wire_a")).read_bytes())
        keep(side, document.saved())
    elif stage == "check":
        views = [json.dumps(load(side).view(), sort_keys=True) for side in "ab"]
        print(json.dumps({"converged": views[0] == views[1]}))


if __name__ == "__main__":
    main(*sys.argv[1:])
