#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""No identity leaves a hospital: plants canaries everywhere, drives every command, searches all.

    all.py PROGRAMS RESULT.json [full|short] [MUTANT_PROGRAMS…]

PROGRAMS holds `lobule` and `lobule-center`. MUTANT_PROGRAMS are folders with a `lobule` that leaks
on purpose: the search must find it there. Exits 1 when a leak is found or a planted one is not.
"""
import csv
import json
import os
import re
import shutil
import signal
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../Faults")]
import crashes  # noqa: E402
import needles  # noqa: E402
import planting  # noqa: E402
import programs  # noqa: E402
import stories  # noqa: E402
import unpack  # noqa: E402
from scene import Scene  # noqa: E402

# What is identified and may be, with the reason. Everything else that holds a canary is a leak.
SHOWS_PATIENTS = {("show",), ("list",), ("conflicts",), ("vault", "read")}
ALLOWED = [
    ("terminal", lambda run, hit: run.words in SHOWS_PATIENTS,
     "the command shows the hospital's own patients to its own user"),
    ("terminal", lambda run, hit: hit.field in needles.WORKPLACE,
     "names of files, folders, columns and users are shown to the user who typed them"),
    ("terminal", lambda run, hit: run.words == ("import",) and hit.field == "patient.mrn",
     "a number of at most eight characters in a numeric field is repeated, for a unit's sake"),
    ("statistics", lambda run, hit: run.words[:2] == ("statistics", "kappa"),
     "categories of the column that the statistician named"),
    ("store", lambda name, hit: hit.field == "site.user_login",
     "the site's own audit trail says who"),
    ("store", lambda name, hit: hit.field == "site.db_path",
     "the store remembers where the vault's key file is"),
]


class Search:
    def __init__(self, known):
        self.known = known
        self.leaks = []
        self.allowed = {}
        self.warned = 0
        self.bytes = 0
        self.places = 0
        self.seen = set()

    def look(self, place, kind, subject, data):
        """Searches one byte string and everything that can be read out of it."""
        self.places += 1
        self.bytes += len(data)
        hits = {}
        for part in unpack.unpacked(data, seen=self.seen if kind not in ("terminal", "statistics") else None):
            for hit, at in self.known.find(part).items():
                hits.setdefault(hit, part[max(0, at - 24):at + 40])
            weak, warned = self.known.find_weak(unpack.scalars(part))
            self.warned += len(warned)
            for hit in weak:
                hits.setdefault(hit, b"a whole value")
        for hit, around in hits.items():
            reason = next((why for where, rule, why in ALLOWED
                           if where == kind and rule(subject, hit)), None)
            if reason:
                self.allowed.setdefault(reason, set()).add(place)
            else:
                self.leaks.append((place, hit, around))

    def file(self, place, kind, path):
        with open(path, "rb") as file:
            data = file.read()
        self.look(place, kind, place, data)
        if data.startswith(b"SQLite format 3\0"):
            for table, cell in unpack.cells(path):
                self.look(f"{place} table {table}", kind, place, cell)

    def folder(self, place, kind, root):
        for base, _, names in os.walk(root):
            for name in sorted(names):
                path = os.path.join(base, name)
                self.file(f"{place}/{os.path.relpath(path, root)}", kind, path)


def practice():
    """Record numbers, names and dates of the hospital that fills the centre."""
    found = set()
    with open(stories.NORTH, encoding="utf-8") as file:
        for row in csv.reader(file):
            found.update(row[:2])
            found.update(cell for cell in row if re.fullmatch(r"\d{4}-\d\d-\d\d", cell))
    # One of the dates is the example that messages give of how dates are written.
    return found - {"mrn", "name", "2024-03-31"}


def search(scene, known):
    """Every place that the scene has left."""
    found = Search(known)
    found.folder("wire", "wire", scene.wire)
    for name in ("centre", "centre-restored", "outside"):
        if os.path.isdir(f"{scene.work}/{name}"):
            found.folder(name, "centre", f"{scene.work}/{name}")
    found.folder("terminal", "centre", f"{scene.work}/terminal")
    # Stores, vaults, backups, drawings and transfer files: everything but what people typed.
    found.folder("home", "store", scene.home)
    for run in scene.runs:
        kind = "terminal" if run.program == "lobule" else "statistics"
        for name, text in (("output", run.output), ("errors", run.errors)):
            found.look(f"{run.place} {name}", kind, run, text)
    found.look("terminal/lobule sync --every", "terminal", scene.runs[0],
               getattr(scene, "loop_output", b""))
    return found


def listed(scene, known):
    """The process list: what stood there of commands that took values as input, and as arguments."""
    hits, slowest, watched = [], 0.0, 0
    for run in scene.runs:
        for line, at in run.seen.items():
            watched += 1
            found = {hit for hit in known.find(line) if hit.field not in needles.WORKPLACE}
            found |= {hit for hit in known.find_weak(set(line.split(b"\0")))[0]}
            if found and run.secret:
                slowest = max(slowest, at)
            elif found:
                hits.append((run.name, sorted(hit.field for hit in found)))
    return hits, slowest * 1000, watched


def crash_all(scene, known):
    """Fatal signals while values are in memory."""
    cores, leaks, limits, count = [], [], set(), 0
    text = planting.table(planting.patients()).encode()
    store = f"{scene.home}/site.db"
    for words in (["import", "-"], ["set", "-"], ["show", "-"]):
        for name in crashes.SIGNALS:
            folder = f"{scene.work}/crash/{words[0]}-{name}"
            command = [scene.site_program, *words, "--store", store, "--study", scene.study]
            values = text if words[0] == "import" else text[:400].replace(b",", b" ")
            result = crashes.crash(command, values, name, folder)
            count += 1
            if result["code"] != -getattr(signal, name):
                scene.failures.append(f"{words[0]} ended with {result['code']} at {name}")
            cores += result["cores"]
            limits.add(result["limit"])
            found = Search(known)
            found.look("crash", "crash", None, result["text"])
            leaks += [(f"crash of {words[0]} by {name}", *leak[1:]) for leak in found.leaks]
    return cores, leaks, limits, count


def planted_leak(programs_folder, work, known, mistakes=(), more=None):
    """Runs a version that leaks; the fields that the search found outside the hospital."""
    scene = Scene(programs_folder, work, mistakes)
    try:
        stories.short(scene, more)
        found = Search(known)
        found.folder("wire", "wire", scene.wire)
        found.folder("centre", "centre", scene.data)
        for run in scene.runs:
            if run.words == ("outbox",):
                found.look("outbox", "wire", run, run.output)
        return scene.failures, {hit.field for _, hit, _ in found.leaks}
    finally:
        scene.close()


# Mistakes that a dictionary's author can make and the program cannot know.
MISTAKES = [
    ("a record number declared a number that leaves",
     ["record_number,patient,,integer,,,,,,,yes,Record number"],
     lambda row: {"record_number": row["mrn"]} if row["mrn"].isdigit() else {}, "patient.mrn"),
    ("a national number declared a decimal that leaves",
     ["national_number,patient,,integer,,,,,,,yes,National number"],
     lambda row: {"national_number": row["national_id"]} if "national_id" in row else {},
     "patient.national_id"),
]


def main():
    folder, result = os.path.abspath(sys.argv[1]), sys.argv[2]
    form = sys.argv[3] if len(sys.argv) > 3 else "full"
    mutants = [os.path.abspath(path) for path in sys.argv[4:]]
    # The longest of a needle's readings counts, so that the work folder holds no canary itself.
    work = programs.workspace("lobule-leaks-")
    known = needles.Needles(practice())
    rows = []
    scene = Scene(folder, work + "/scene")
    try:
        people = stories.everything(scene)
        found = search(scene, known)
        hits, slowest, watched = listed(scene, known)
        cores, crashed, limits, count = crash_all(scene, known)
        for failure in scene.failures:
            print("  unexpected:", failure, file=sys.stderr)
        driven = {(run.program, run.words) for run in scene.runs} | {("lobule-center", ("serve",))}
        every = [("lobule", leaf) for leaf in scene.site_commands]
        every += [("lobule-center", leaf) for leaf in scene.center_commands]
        idle = sorted(" ".join([program, *leaf]) for program, leaf in every
                      if (program, leaf) not in driven)
        ages = oldest(scene)
    finally:
        scene.close()
    for place, hit, around in found.leaks + crashed:
        print(f"  LEAK of {hit.field} ({hit.form}) in {place}: {around!r}", file=sys.stderr)
    for name, fields in hits:
        print(f"  LEAK in the process list of {name}: {fields}", file=sys.stderr)
    for command in idle:
        print(f"  not driven: {command}", file=sys.stderr)
    for reason, places in sorted(found.allowed.items()):
        print(f"  allowed in {len(places)} places: {reason}")
    requests = len([name for name in os.listdir(scene.wire) if name.endswith("request.body")])
    rows += [
        programs.row("canaries planted", planting.planted(people), "of 44", 44, None,
                     planting.planted(people) >= 44),
        programs.row("encodings searched", known.count, "needles", 12491, None, known.count >= 12491),
        programs.row("commands driven", len(every) - len(idle), f"of {len(every)}", len(every), None,
                     not idle),
        programs.row("runs that ended as expected", len(scene.runs) - len(scene.failures),
                     f"of {len(scene.runs)}", len(scene.runs), None, not scene.failures),
        programs.row("requests recorded", requests, "requests", 10, None, requests >= 10),
        programs.row("searched", round(found.bytes / 2**20, 1), "MiB", None, None, True),
        programs.row("leaks", len(found.leaks), "leaks", 0, None, not found.leaks),
        programs.row("ages above 90 that left", ages[1], f"of {ages[0]} ages", 0, None,
                     ages[0] > 0 and ages[1] == 0),
        programs.row("checksums met by chance", found.warned, "values", None, None, True),
        programs.row("values in the process list, given as input", len(hits), f"in {watched} looks",
                     0, None, not hits and watched > 100),
        programs.row("values in the process list, given as arguments, are gone after",
                     round(slowest, 1), "ms", 100, 20, slowest <= 100),
        programs.row("core files after fatal signals", len(cores), f"of {count} crashes", 0, None,
                     not cores and limits == {"0"}),
        programs.row("leaks in crash output", len(crashed), f"of {count} crashes", 0, None, not crashed),
    ]
    if form == "full":
        rows += planted_leaks(folder, work, known, mutants)
    code = programs.report(result, rows)
    if code == 0:
        shutil.rmtree(work)
    else:
        print(f"  everything is kept in {work}", file=sys.stderr)
    return code


def planted_leaks(folder, work, known, mutants):
    rows = []
    for number, (what, lines, more, field) in enumerate(MISTAKES):
        _, fields = planted_leak(folder, f"{work}/mistake-{number}", known, lines, more)
        rows.append(programs.row(f"planted: {what}", int(field in fields), "caught", 1, None,
                                 field in fields))
    for mutant in mutants:
        name = os.path.basename(mutant)
        _, fields = planted_leak(mutant, f"{work}/{name}", known)
        rows.append(programs.row(f"planted: {name}", len(fields), "fields caught", 1, None, fields))
    return rows


def oldest(scene):
    """How many ages the outbox showed, and how many of them are above 90."""
    ages = []
    for run in scene.runs:
        if run.words == ("outbox",):
            ages += [int(n) for n in re.findall(rb'"field":"age"[^}]*?"value":"?(\d+)', run.output)]
            ages += [int(n) for n in re.findall(rb"\bage\D{1,12}(\d+)", run.output)]
    return len(ages), sum(age > 90 for age in ages)


if __name__ == "__main__":
    sys.exit(main())
