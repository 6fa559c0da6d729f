#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Power loss: every disk that a cut at any moment may leave, opened with the real programs.

    power_loss.py PROGRAMS RESULT.json STATES [SEED]
    power_loss.py PROGRAMS --again RECORDING MACHINE:STATE FOLDER

A day is recorded once. Each state is a moment of it and a loss, both drawn from the seed. A state
is good when it opens, its doctor finds nothing, its values are those of one moment of the day, and
that moment is not before what was acknowledged. The same check of programs that really run with
synchronous=NORMAL must find losses, or it proves nothing.
"""
import json
import multiprocessing
import os
import pickle
import random
import re
import shutil
import subprocess
import sys
import time

import recording
from disk import Disk, lay_out
from programs import CRASH, SENTENCE, Programs, look, report, row, workspace

SHARES = {"a": 0.6, "b": 0.15, "c": 0.25}


def plan(record, seed, machine, count):
    """For each state a moment: a command of the machine, then a moment in or right after it."""
    spans = [(first, last) for name, first, last, _ in record.commands
             if name == machine or machine == "c"]
    moments = []
    for number in range(count):
        draw = random.Random(f"{seed}:{machine}:{number}")
        first, last = draw.choice(spans)
        moments.append((draw.randrange(first, last + 2), number))
    return sorted(moments)


def states(record, seed, machine, moments):
    """Follows the machine's disk through the day and yields each state at its moment."""
    disk, root, place = Disk(record.roots[machine]), record.roots[machine], 0
    for moment, number in moments:
        while place < moment:
            event = record.events[place]
            if belongs(event, root, disk):
                disk.take(place, event)
            place += 1
        yield moment, number, disk.after_loss(random.Random(f"{seed}:{machine}:{number}:loss"))


def belongs(event, root, disk):
    path = event.other or event.path
    if event.kind == "open" and not path.startswith(root):
        disk.open.pop(event.key, None)
        return False
    if path:
        return path == root or path.startswith(root + "/")
    return event.kind in ("write", "size", "flush")


class Checker:
    def __init__(self, programs, record, machine, folder):
        self.programs, self.record, self.folder = programs, record, folder
        self.stores = [store for store in record.stores if store.machine == machine]
        self.starts = 0

    def check(self, moment, state, draw):
        """What is wrong with a state; nothing when it is good."""
        shutil.rmtree(self.folder, ignore_errors=True)
        lay_out(state, self.folder)
        findings = []
        for store in self.stores:
            due = max((index for event, index in store.acknowledged if event < moment), default=-1)
            if due < 0 and not any(path.startswith(store.path) for path in state):
                continue
            check = self.center if store.is_center else self.site
            findings += [f"{store.path}: {finding}" for finding in check(store, due, state, draw)]
        return findings

    def run(self, *command, stdin=""):
        self.starts += 1
        return self.programs.run(list(command), stdin)

    def refusal(self, code, error):
        """A store that was never acknowledged may be refused, in words."""
        if code not in (1, 3, 4) or not SENTENCE.match(error) or CRASH.search(error):
            return [f"refused without a sentence: exit {code}: {error}"]
        return []

    def site(self, store, due, state, draw):
        folder = self.folder + store.path
        code, answer, error = self.run(self.programs.site, "doctor", "--store", folder, "--json")
        if code != 0:
            if due < 0:
                return self.refusal(code, error)
            bad = [c for c in (answer or {}).get("checks", []) if not c["is_good"]]
            return [f"LOST: the doctor ends with {code}: {bad or error.strip()}"]
        content = look(folder + "/store.sqlite", recording.site_content, apart=False)
        findings, candidates = self.place(store, due, content)
        if findings:
            return findings
        key = self.folder + "/key"
        if due < 0 and "/key" not in state:
            return []
        code, answer, error = self.run(self.programs.site, "list", "--store", folder, "--vault-key",
                                       key, "--json")
        if code != 0:
            return self.refusal(code, error) if due < 0 else [f"LOST: list ends with {code}: {error}"]
        patients = {patient["mrn"] for patient in answer["patients"]}
        missing = (store.known[due].patients if due >= 0 else set()) - patients
        if missing:
            return [f"LOST: identities of {len(missing)} patients"]
        if recording.PATIENT in patients and draw.random() < 0.3:
            self.starts += 1
            shown = recording.shown(self.programs, folder, key)
            # The vault is written first: an identity may be there before its values, until those
            # are acknowledged.
            is_early = (due < 0 or not store.known[due].shown) and '"values": []' in shown
            if not is_early and shown not in {store.known[index].shown for index in candidates}:
                return ["HALF: identity and values of a patient are not of one moment"]
        if due >= 0 and draw.random() < 0.05:
            return self.save(store, folder, key)
        return []

    def place(self, store, due, content):
        """The moments of the day that the content is of."""
        same = [i for i, known in enumerate(store.known) if known.state == content.state]
        candidates = [i for i in same if i >= due - 1 and i >= 0] if due < 0 else [
            i for i in same if i >= due]
        if due < 0 and not content.state[0]:
            return [], []
        if not same:
            return ["HALF: the content is of no moment of the day"], []
        if not candidates:
            return [f"LOST: the content is of moment {max(same)}, acknowledged was {due}"], []
        if due >= 0 and content.audit < store.known[due].audit:
            return [f"LOST: {store.known[due].audit - content.audit} audit entries"], []
        return [], candidates

    def save(self, store, folder, key):
        """The next save must work as if nothing had happened."""
        code, answer, error = self.run(
            self.programs.site, "set", "-", "--store", folder, "--vault-key", key, "--json",
            stdin="AFTER1 treatment_start=2024-05-06 sex=male")
        if code != 0 or not answer["new_patient"]:
            return [f"a save afterwards ends with {code}: {error}"]
        code, _, error = self.run(self.programs.site, "doctor", "--store", folder, "--json")
        return [] if code == 0 else [f"after a save the doctor ends with {code}: {error}"]

    def center(self, store, due, state, draw):
        folder = self.folder + store.path
        code, answer, error = self.run(self.programs.center, "doctor", "--data", folder, "--json")
        if code != 0:
            bad = [c for c in (answer or {}).get("checks", []) if not c["pass"]]
            if due < 0:
                return [] if bad else self.refusal(code, error)
            return [f"LOST: the doctor ends with {code}: {bad or error.strip()}"]
        keys = {f"{store.path}/keys/{role}-{n}.key" for role in ("root", "model") for n in (1, 2, 3)}
        lost = [path for path in keys if not state.get(path)] if due >= 0 else []
        if lost:
            return [f"LOST: the keys {sorted(lost)}"]
        content = look(folder + "/center.sqlite", recording.center_content, apart=False)
        findings, _ = self.place(store, due, content)
        if not findings and due >= 0 and any(
                have < known for have, known in zip(content.rest, store.known[due].rest)):
            return [f"LOST: sites, devices, codes or cuts: {content.rest} of {store.known[due].rest}"]
        return findings


def worker(arguments):
    programs, record, seed, machine, moments, folder = arguments
    checker, failures, moved = Checker(programs, record, machine, folder), [], set()
    for moment, number, state in states(record, seed, machine, moments):
        draw = random.Random(f"{seed}:{machine}:{number}:check")
        findings = checker.check(moment, state, draw)
        moved.add(hash(tuple(sorted(state.items()))))
        for finding in findings:
            failures.append((machine, number, moment, finding))
    shutil.rmtree(folder, ignore_errors=True)
    return failures, moved


def check_all(programs, record, seed, counts, work):
    """Checks states of each machine on all cores; the failures and the number of distinct states."""
    jobs, cores = [], max(1, os.cpu_count() or 1)
    for machine, count in counts.items():
        moments = plan(record, seed, machine, count)
        parts = max(1, min(cores * 4, count // 10))
        for part in range(parts):
            slice_ = moments[part::parts]
            jobs.append((programs, record, seed, machine, slice_, f"{work}/state-{machine}-{part}"))
    failures, distinct = [], set()
    with multiprocessing.get_context("fork").Pool(cores) as pool:
        for found, moved in pool.imap_unordered(worker, jobs):
            failures += found
            distinct |= moved
    return sorted(failures), len(distinct)


def describe(record, failures):
    for machine, number, moment, finding in failures[:12]:
        within = [name for m, first, last, name in record.commands if first <= moment <= last + 1]
        print(f"  state {machine}:{number}, cut in {within or 'between commands'}: {finding[:600]}")
    if len(failures) > 12:
        print(f"  and {len(failures) - 12} more")


def check_itself(programs, seed, work, count):
    """The same check of programs that run with synchronous=NORMAL; the number of states with loss."""
    os.mkdir(work)
    library = work + "/normal.so"
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "normal.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    record = recording.record_saves(programs, work, preload=library, seed=seed)
    failures, _ = check_all(programs, record, seed, {"a": count}, work)
    return len({(f[0], f[1]) for f in failures if "LOST" in f[3]}), failures


def main(programs, result, count, seed):
    started, work = time.time(), workspace("lobule-power-")
    print(f"power loss: {count} states, seed {seed}")
    try:
        os.mkdir(work + "/day")
        record = recording.record_day(programs, work + "/day", seed)
        writes = sum(event.kind in ("write", "size", "flush") for event in record.events)
        print(f"  recorded {len(record.commands)} commands, {writes} writes and flushes")
        counts = {machine: round(count * share) for machine, share in SHARES.items()}
        failures, distinct = check_all(programs, record, seed, counts, work)
        weak = max(40, count // 20)
        losses, _ = check_itself(programs, seed, work + "/itself", weak)
        bad = len({failure[:2] for failure in failures})
        lost = len({failure[:2] for failure in failures if "LOST" in failure[3]})
        if failures:
            describe(record, failures)
            kept = re.sub(r"\.json$", "", result) + ".recording"
            with open(kept, "wb") as file:
                pickle.dump((seed, record, counts), file)
            print("  look at one again with: "
                  f"{sys.argv[0]} {sys.argv[1]} --again {kept} MACHINE:STATE FOLDER")
        rows = [
            row(f"power-loss states checked, seed {seed}", sum(counts.values()), "states", count,
                4000, sum(counts.values()) >= count),
            row("of them distinct disks", distinct, "disks", 1, 1000, distinct > count // 4),
            row("states that lost an acknowledged change", lost, "states", 0, 0, lost == 0),
            row("states that do not open, or show half of a change", bad - lost, "states", 0, 0,
                bad == lost),
            row(f"of {weak} states under synchronous=NORMAL that lost (check of the check)", losses,
                "states", 1, 10, losses > 0),
            row("time", round(time.time() - started, 1), "s", 900, 360, True),
        ]
        return report(result, rows)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def again(programs, kept, name, folder):
    """Makes one state of a kept recording anew, checks it, and leaves it in a folder."""
    with open(kept, "rb") as file:
        seed, record, counts = pickle.load(file)
    machine, _, wanted = name.partition(":")
    moments = [entry for entry in plan(record, seed, machine, counts[machine])
               if entry[1] == int(wanted)]
    for moment, number, state in states(record, seed, machine, moments):
        draw = random.Random(f"{seed}:{machine}:{number}:check")
        findings = Checker(programs, record, machine, folder).check(moment, state, draw)
        describe(record, [(machine, number, moment, finding) for finding in findings])
        shutil.rmtree(folder, ignore_errors=True)
        lay_out(state, folder)
        print(json.dumps({"moment": moment, "findings": findings, "folder": folder}))
        return 1 if findings else 0


if __name__ == "__main__":
    if len(sys.argv) == 6 and sys.argv[2] == "--again":
        sys.exit(again(Programs(sys.argv[1]), *sys.argv[3:6]))
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    chosen = int(sys.argv[4]) if len(sys.argv) > 4 else random.SystemRandom().randrange(1 << 31)
    sys.exit(main(Programs(sys.argv[1]), sys.argv[2], int(sys.argv[3]), chosen))
