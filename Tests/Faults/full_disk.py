#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A disk that is really full: a small file system with so many bytes left, for hospital and centre.

    full_disk.py PROGRAMS RESULT.json ROUNDS [SEED]

In each round the disk has a little room left, from nothing to some hundred KiB. Commands may succeed
or end with a code and a sentence; once there is room again they must succeed, and the next sync must
end with equal digests.
"""
import os
import random
import shutil
import subprocess
import sys
import time

from programs import (CRASH, NORTH, NOT_RUN, SENTENCE, Programs, Server, changes, join, look, report,
                      row, state_of, workspace)

SIZE = 24 << 20


class Disk:
    """A file system of its own, filled by a file."""

    def __init__(self, path):
        self.path, self.ballast = path, path + "/ballast"
        os.mkdir(path)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0700", "tmpfs", path], check=True)

    def leave(self, room):
        """Fills all but so many bytes."""
        free = shutil.disk_usage(self.path).free
        with open(self.ballast, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(1, free - room))

    def empty(self):
        if os.path.exists(self.ballast):
            os.unlink(self.ballast)


class Trial:
    def __init__(self, programs, work, draw):
        self.programs, self.draw, self.findings, self.refused = programs, draw, [], []
        self.site_disk, self.center_disk = Disk(work + "/site"), Disk(work + "/centre")
        self.store, self.data = work + "/site/store", work + "/centre/data"

    def site(self, *words, stdin=""):
        return self.programs.run([self.programs.site, *words, "--store", self.store, "--json"], stdin)

    def acceptable(self, what, code, error):
        """A refusal in words counts; anything else is a finding."""
        if code == 0:
            return True
        self.refused.append(f"{what}: {error.strip()}")
        if code not in (1, 3, 4) or not SENTENCE.match(error) or CRASH.search(error):
            self.findings.append(f"{what} ends with {code} and says {error.strip()[:200]!r}")
        return False

    def must(self, what, code, error):
        if code != 0:
            self.findings.append(f"LOST: with room again {what} ends with {code}: {error.strip()[:200]}")

    def hospital_full(self, number):
        """Saves, imports and syncs while the hospital's disk has little room."""
        self.site_disk.leave(self.draw.choice([0, 4096, 16384, 65536, 262144]))
        patient, before = f"FULL{number}", self.count()
        saves = [(f"a save of {patient}", ("set", "-"), f"{patient} treatment_start=2024-03-05 sex=male"),
                 ("an import", ("import", self.table(number)), ""),
                 ("a backup", ("backup", f"{self.site_disk.path}/backup-{number}"), ""),
                 ("a sync", ("sync",), "")]
        done = {}
        for what, words, stdin in saves:
            code, answer, error = self.site(*words, stdin=stdin)
            done[what] = self.acceptable(what, code, error)
        self.site_disk.empty()
        for what, words, stdin in saves:
            if not done[what]:
                code, _, error = self.site(*words, stdin=stdin)
                self.must(what, code, error)
        if self.count() != before + 11:
            self.findings.append(f"LOST: {self.count() - before} of 11 changes")
        shutil.rmtree(f"{self.site_disk.path}/backup-{number}", ignore_errors=True)

    def center_full(self, number):
        """A hospital sends while the centre's disk has little room."""
        self.site("set", "-", stdin=f"MORE{number} treatment_start=2024-03-05 sex=female")
        self.center_disk.leave(self.draw.choice([0, 4096, 16384, 65536]))
        code, answer, error = self.site("sync")
        self.acceptable("a sync to the full centre", code, error)
        code, answer, error = self.programs.run([self.programs.center, "cut", "--data", self.data, "--json"])
        self.acceptable("a data cut", code, error)
        self.center_disk.empty()

    def settle(self):
        code, answer, error = self.site("sync")
        self.must("a sync", code, error)
        if code == 0 and (answer["digest_equal"] is not True or answer["refused"] != 0):
            self.findings.append(f"LOST: the digests differ: {answer}")
        if (look(self.store + "/store.sqlite", state_of)
                != look(self.data + "/center.sqlite", state_of)):
            self.findings.append("LOST: hospital and centre differ")
        code, _, error = self.site("doctor")
        self.must("the doctor", code, error)
        code, _, error = self.programs.run([self.programs.center, "doctor", "--data", self.data, "--json"])
        self.must("the centre's doctor", code, error)

    def count(self):
        return look(self.store + "/store.sqlite", changes)

    def table(self, number):
        """Ten patients that are new."""
        path = os.path.dirname(self.site_disk.path) + "/table.csv"
        with open(NORTH, encoding="utf-8") as source:
            lines = source.read().splitlines(keepends=True)
        with open(path, "w", encoding="utf-8") as table:
            table.writelines([lines[0], *(line.replace("NOR0", f"N{number:02d}0") for line in lines[1:11])])
        return path


def inside(programs, result, rounds, seed):
    started, work = time.time(), workspace("lobule-full-")
    print(f"full disk: {rounds} rounds, seed {seed}")
    server = None
    try:
        trial = Trial(programs, work, random.Random(seed))
        programs.need([programs.center, "init", "--name", "Centre", "--data", trial.data, "--json"])
        server = Server(programs, trial.data)
        join(programs, trial.data, server.url, "NORTH", trial.store, ("--vault-key", work + "/key"))
        bad = 0
        for number in range(rounds):
            trial.hospital_full(number)
            trial.center_full(number)
            trial.settle()
            if trial.findings:
                print(f"  round {number}: " + "; ".join(trial.findings))
            bad += bool(trial.findings)
            lost = any("LOST" in finding for finding in trial.findings)
            trial.findings = []
            if lost:
                break
    finally:
        if server:
            server.stop()
        for name in ("site", "centre"):
            subprocess.run(["umount", "-l", f"{work}/{name}"], capture_output=True)
        shutil.rmtree(work, ignore_errors=True)
    for text in sorted({entry.replace(work, "") for entry in trial.refused}, key=len)[:5]:
        print(f"    {text[:170]}")
    return report(result, [
        row(f"rounds with a full disk, seed {seed}", rounds, "rounds", 1, 20, True),
        row("commands refused in words for want of room", len(trial.refused), "commands", 1, 20,
            len(trial.refused) > 0),
        row("rounds that lost a change or left a command without an end", bad, "rounds", 0, 0, bad == 0),
        row("time", round(time.time() - started, 1), "s", 900, 60, True),
    ])


def namespace():
    """The words that give this process mounts of its own, with rights of its own when not root."""
    for words in (["unshare", "--mount"], ["unshare", "--user", "--map-root-user", "--mount"]):
        if subprocess.run([*words, "mount", "-t", "tmpfs", "tmpfs", "/mnt"],
                          capture_output=True).returncode == 0:
            return words
    return None


if __name__ == "__main__":
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    if "LOBULE_FAULTS_INSIDE" not in os.environ:
        around = namespace()
        if around is None:
            print("full disk: NOT RUN. This machine lets this user mount no file system: run as root, or "
                  "allow unprivileged user namespaces.")
            sys.exit(NOT_RUN)
        os.environ["LOBULE_FAULTS_INSIDE"] = "1"
        sys.exit(subprocess.run([*around, sys.executable, *sys.argv]).returncode)
    del os.environ["LOBULE_FAULTS_INSIDE"]
    chosen = int(sys.argv[4]) if len(sys.argv) > 4 else random.SystemRandom().randrange(1 << 31)
    sys.exit(inside(Programs(sys.argv[1]), sys.argv[2], int(sys.argv[3]), chosen))
