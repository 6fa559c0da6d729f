#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A call to the disk that fails: EIO once, or ENOSPC from then on, at the n-th call of each kind.

    io_errors.py PROGRAMS RESULT.json CASES [SEED]

Every case starts from a fresh copy of a device and of the centre. The command may succeed, or end
with a code and a sentence. Whatever it acknowledged must be there; the store must be sound; the same
command must succeed when the disk works again; the next sync must end with equal digests.
"""
import concurrent.futures
import os
import queue
import random
import re
import shutil
import signal
import subprocess
import sys
import time

from programs import (CRASH, NORTH, SENTENCE, Programs, Server, changes, environment, join, look,
                      report, row, state_of, workspace)

ERRORS = (("EIO", ""), ("ENOSPC", "+"))
# A full disk takes no new file, but opens the old ones: here this call fails once.
ONCE = {"openat", "mkdir"}
CALLS = ("openat", "pwrite64", "write", "fdatasync", "fsync", "ftruncate", "rename", "mkdir")
# A call that fails before a file is changed has no room to run out of.
ALWAYS_ROOM = {"rename"}


class Bench:
    """What every case starts from, and the folder of one case."""

    def __init__(self, programs, work):
        self.programs, self.base = programs, work + "/base"
        os.makedirs(self.base)
        data, store = self.base + "/centre", self.base + "/store"
        programs.need([programs.center, "init", "--name", "Centre", "--data", data, "--json"])
        server = Server(programs, data)
        try:
            join(programs, data, server.url, "NORTH", store, ("--vault-key", self.base + "/key"))
            with open(NORTH, encoding="utf-8") as source:
                lines = source.read().splitlines(keepends=True)
            for name, first, last in (("first", 1, 21), ("more", 21, 61)):
                with open(f"{self.base}/{name}.csv", "w", encoding="utf-8") as table:
                    table.writelines([lines[0], *lines[first:last]])
            site = [programs.site]
            programs.need([*site, "import", self.base + "/first.csv", "--store", store, "--vault-key",
                           self.base + "/key", "--json"])
            programs.need([*site, "sync", "--store", store, "--json"])
            programs.need([*site, "set", "-", "--reason", "correction", "--store", store, "--vault-key",
                           self.base + "/key", "--json"], "NOR000001 baseline lymphocytes=2.25")
            programs.need([*site, "backup", self.base + "/backup", "--store", store, "--json"])
        finally:
            server.stop()
        self.address = server.url.removeprefix("https://")

    def serve(self, data):
        """A server of a copy, under the address that the device knows."""
        return Server(self.programs, data, self.address)

    def copy(self, folder):
        subprocess.run(["cp", "-a", self.base, folder], check=True)


class Case:
    """One command on a fresh copy, with or without a fault."""

    def __init__(self, bench, folder, action):
        self.bench, self.programs, self.folder, self.action = bench, bench.programs, folder, action
        self.store, self.data, self.key = folder + "/store", folder + "/centre", folder + "/key"
        self.target = folder + "/new" if action in ("restore", "init", "backup") else self.store
        self.calls = folder + "/calls"
        bench.copy(folder)

    def command(self):
        site = [self.programs.site]
        vault = ["--vault-key", self.key]
        return {
            "save": ([*site, "set", "-", "--reason", "correction", "--store", self.store, *vault],
                     "NOR000002 baseline lymphocytes=1.75"),
            "register": ([*site, "set", "-", "--store", self.store, *vault],
                         "NEW1 treatment_start=2024-03-05 sex=female"),
            "identity": ([*site, "set", "-", "--store", self.store, *vault],
                         "NOR000003 treatment_start=2023-07-01"),
            "import": ([*site, "import", self.folder + "/more.csv", "--store", self.store, *vault], ""),
            "sync": ([*site, "sync", "--store", self.store], ""),
            "receive": ([*site, "sync", "--store", self.store], ""),
            "restore": ([*site, "restore", self.folder + "/backup", "--store", self.target], ""),
            "backup": ([*site, "backup", self.target, "--store", self.store], ""),
            "init": ([*site, "init", "--site", "NORTH", "--store", self.target, "--vault-key",
                      self.folder + "/new.key"], ""),
            "site add": ([self.programs.center, "site", "add", "SOUTH", "--name", "South", "--data",
                          self.data], ""),
            "cut": ([self.programs.center, "cut", "--data", self.data], ""),
        }[self.action]

    def paths(self):
        """The files whose calls may fail."""
        names = []
        if self.action in ("receive", "site add", "cut"):
            names += [self.data + "/center.sqlite" + end for end in ("", "-wal", "-shm", ".lock")]
        else:
            for store in {self.store, self.target}:
                names += [store, store + "/device.key"]
                names += [f"{store}/{name}.sqlite{end}" for name in ("store", "vault")
                          for end in ("", "-wal", "-shm", "-journal", ".lock", ".part")]
            names += [self.folder, self.target + "/device.key.part"]
        return [part for name in names for part in ("-P", name)]

    def run(self, fault=None):
        """Runs the command under the fault; its code, answer, error, and what strace saw."""
        command, stdin = self.command()
        if self.action in ("sync", "receive"):
            # The centre of a case is its own: two copies of one device must not meet.
            self.server = self.bench.serve(self.data)
        wrap = ["strace", "-f", "-qq", "-o", self.calls, *self.paths(), "-e", "trace=" + ",".join(CALLS)]
        if fault:
            call, error, number, more = fault
            wrap += ["-e", f"inject={call}:error={error}:when={number}{more}"]
        if self.action == "receive":
            return self.attached(command, wrap)
        return self.programs.run([*command, "--json"], stdin, wrap)

    def attached(self, command, wrap):
        watcher = subprocess.Popen([word for word in wrap if word != "-qq"]
                                   + ["-p", str(self.server.process.pid)], stderr=subprocess.PIPE,
                                   text=True, env=environment())
        watcher.stderr.readline()              # says that it is attached
        try:
            return self.programs.run([*command, "--json"])
        finally:
            watcher.send_signal(signal.SIGINT)
            watcher.wait(20)
            watcher.stderr.close()

    def count(self):
        """How many changes, or sites and cuts, there are."""
        if self.action in ("site add", "cut"):
            return look(self.data + "/center.sqlite", lambda db: db.execute(
                "SELECT (SELECT count(*) FROM sites) + (SELECT count(*) FROM data_cuts)").fetchone()[0])
        return look(self.store + "/store.sqlite", changes)

    def end(self):
        if getattr(self, "server", None):
            self.server.stop()
            self.server = None


def judge(case, fault, step):
    """Runs a case; its findings, whether the fault struck, and whether the command succeeded."""
    findings = []
    before = case.count()
    code, answer, error = case.run(fault)
    with open(case.calls, encoding="utf-8", errors="replace") as calls:
        struck = "(INJECTED)" in calls.read()
    if code != 0 and (code < 0 or code not in (1, 3, 4) or not SENTENCE.match(error)
                      or CRASH.search(error)):
        findings.append(f"ends with {code} and says: {error.strip()[:300]!r}")
    if case.action not in ("restore", "backup", "init"):
        after = case.count() - before
        if code == 0 and after != step:
            findings.append("LOST: it was acknowledged and is not there")
        if code != 0 and after not in (0, step):
            findings.append("HALF: what is there is neither all of it nor nothing")
    findings += [f"afterwards {finding}" for finding in recover(case, code)]
    return findings, struck, code, error.strip()


def recover(case, code):
    """The disk works again: everything must."""
    programs = case.programs
    ended, _, error = programs.run([programs.site, "doctor", "--store", case.store, "--json"])
    if ended != 0:
        yield f"the doctor ends with {ended}: {error.strip()[:300]}"
    if code != 0 and case.action not in ("init", "sync", "receive"):
        command, stdin = case.command()
        again, _, error = programs.run([*command, "--json"], stdin)
        if again != 0:
            yield f"the same command ends with {again}: {error.strip()[:300]}"
    if case.action == "restore":
        case.store = case.target               # the restored one goes on in the original's place
    if not getattr(case, "server", None):
        case.server = case.bench.serve(case.data)
    ended, answer, error = programs.run([programs.site, "sync", "--store", case.store, "--json"])
    if ended != 0 or answer["digest_equal"] is not True or answer["refused"] != 0:
        yield f"LOST: the next sync ends with {ended}: {answer} {error.strip()[:300]}"
        return
    case.server.stop()
    here = look(case.store + "/store.sqlite", state_of)
    there = look(case.data + "/center.sqlite", state_of)
    if here[1] != there[1]:
        yield "LOST: the digests differ"
    ended, answer, error = programs.run([programs.center, "doctor", "--data", case.data, "--json"])
    if ended != 0:
        yield f"the centre's doctor ends with {ended}: {answer or error.strip()[:300]}"


def counted(calls):
    """How often each call is made, by its thread with the most: strace counts by thread."""
    counts = {}
    with open(calls, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            match = re.match(r"(\d+)\s+(\w+)\(", line)
            if match:
                key = (match.group(2), match.group(1))
                counts[key] = counts.get(key, 0) + 1
    return {call: max(n for (name, _), n in counts.items() if name == call)
            for call in CALLS if any(name == call for name, _ in counts)}


def plan(bench, work):
    """Every fault that could strike, by action, and how many changes the action makes."""
    faults, steps = [], {}
    for action in ("save", "register", "identity", "import", "sync", "receive", "restore", "backup",
                   "init", "site add", "cut"):
        case = Case(bench, f"{work}/clean", action)
        try:
            before = case.count()
            code, _, error = case.run()
            if code != 0:
                raise SystemExit(f"{action} without a fault ends with {code}: {error}")
            steps[action] = case.count() - before
            for call, count in counted(case.calls).items():
                for number in range(1, count + 1):
                    faults += [(action, (call, error, number, "" if call in ONCE else more))
                               for error, more in ERRORS
                               if not (error == "ENOSPC" and call in ALWAYS_ROOM)]
        finally:
            case.end()
            shutil.rmtree(case.folder)
    return faults, steps


def chosen(faults, count, draw):
    """All, or as many of each action and call as fit: the first and last ones first."""
    groups = {}
    for action, fault in faults:
        groups.setdefault((action, fault[0], fault[1]), []).append((action, fault))
    for group in groups.values():
        middle = group[1:-1]
        draw.shuffle(middle)
        group[:] = [group[0], *([group[-1]] if len(group) > 1 else []), *middle]
    picked, round_ = [], 0
    order = sorted(groups)
    draw.shuffle(order)
    while len(picked) < min(count, len(faults)):
        picked += [groups[key][round_] for key in order if round_ < len(groups[key])]
        round_ += 1
    return picked[:count]


def main(programs, result, count, seed):
    started, work, draw = time.time(), workspace("lobule-io-"), random.Random(seed)
    print(f"failing calls: {count} cases, seed {seed}")
    try:
        # As many benches as cores: the cases of one bench share a port, one after the other.
        cores = max(1, os.cpu_count() or 1)
        benches = queue.SimpleQueue()
        for number in range(cores):
            benches.put(Bench(programs, f"{work}/bench-{number}"))
        bench = benches.get()
        faults, steps = plan(bench, work)
        benches.put(bench)
        cases = chosen(faults, count, draw)
        print(f"  {len(cases)} of {len(faults)} places where a call can fail")

        def one(item):
            number, (action, fault) = item
            bench = benches.get()
            case = Case(bench, f"{work}/{number}", action)
            try:
                return action, fault, *judge(case, fault, steps[action])
            finally:
                case.end()
                shutil.rmtree(case.folder, ignore_errors=True)
                benches.put(bench)
        with concurrent.futures.ThreadPoolExecutor(cores) as pool:
            done = list(pool.map(one, enumerate(cases)))
        return summarise(result, done, seed, started)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def summarise(result, done, seed, started):
    bad = [entry for entry in done if entry[2]]
    for action, fault, findings, _, code, error in bad[:15]:
        print(f"  {action}, {fault[0]} number {fault[2]}{fault[3]} with {fault[1]} (exit {code}): "
              + "; ".join(findings))
    struck = [entry for entry in done if entry[3]]
    refused = [entry for entry in struck if entry[4] != 0]
    sentences = sorted({re.sub(r"/\S*/", "", entry[5]) for entry in refused})
    print(f"  what people read ({len(sentences)} different):")
    for sentence in sentences[:8]:
        print(f"    {sentence[:160]}")
    lost = sum(any("LOST" in finding for finding in entry[2]) for entry in done)
    return report(result, [
        row(f"failing calls injected, seed {seed}", len(struck), "cases", 1, 150, len(struck) > 0),
        row("commands that ended with a code and a sentence", len(refused), "cases", 1, 1, True),
        row("cases that lost an acknowledged change", lost, "cases", 0, 0, lost == 0),
        row("cases with any other finding", len(bad) - lost, "cases", 0, 0, len(bad) == lost),
        row("time", round(time.time() - started, 1), "s", 900, 300, True),
    ])


if __name__ == "__main__":
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    chosen_seed = int(sys.argv[4]) if len(sys.argv) > 4 else random.SystemRandom().randrange(1 << 31)
    sys.exit(main(Programs(sys.argv[1]), sys.argv[2], int(sys.argv[3]), chosen_seed))
