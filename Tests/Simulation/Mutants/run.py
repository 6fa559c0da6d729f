#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plants one fault at a time in a copy of the tree and requires the simulation to see it.

    run.py [MUTANT]…        each *.patch beside this file, or those that are named

The unchanged tree runs the worlds 1 to LOBULE_SEEDS (300) and the world that each mutant's patch
names, and must pass them all. A mutant then runs the same worlds, the one that its patch names
first, until one fails. So a failure is the mutant's own doing, and a patch whose world no longer
shows it is found by the search. LOBULE_RECORD=1 writes the worlds that were found into the patches.

Prints a table and writes .bench/simulate-mutants.json. Exits 1 when a mutant survives, when its
patch does not fit, or when it does not compile. The copy and its build stay in .build-mutants, so
that a mutant compiles only what it changes; so do the outcomes, by the hash of everything they rest
on, so that a run that was interrupted goes on where it stopped. LOBULE_AGAIN=1 tries all again.
"""
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(f"{HERE}/../../..")
sys.path.insert(0, f"{ROOT}/Tests/Faults")
from programs import commit, machine  # noqa: E402  (the path must be there first)

BASE = f"{ROOT}/.build-mutants"
TREE = f"{BASE}/tree"
LOG = f"{BASE}/log"
KEPT = f"{BASE}/outcomes.json"
PARTS = ("Package.swift", "Package.resolved", "Sources", "Client", "SyncServer", "Migrations",
         "Tests")
SEEDS = int(os.environ.get("LOBULE_SEEDS", "300"))
SECONDS = int(os.environ.get("LOBULE_MUTANT_SECONDS", "900"))
# Optimised and yet file by file: worlds run many times faster, and a mutant compiles one file.
FLAGS = ("-Xswiftc", "-O", "-Xcc", "-O2")
PATCHED = re.compile(r"^\+\+\+ b/(\S+)", re.M)
HINT = re.compile(r"^World: (\d+)$", re.M)
FAILURE = re.compile(r"^LOBULE_SEED=(\d+) LOBULE_SIZE=\d+ fails: (.*)$", re.M)


def files(root):
    """The files of a tree by path, as far as a build needs them."""
    found = set()
    for part in PARTS:
        if os.path.isfile(f"{root}/{part}"):
            found.add(part)
        for folder, _, names in os.walk(f"{root}/{part}"):
            found.update(os.path.relpath(f"{folder}/{name}", root) for name in names)
    return {name for name in found if "__pycache__" not in name}


def read(path):
    with open(path, "rb") as file:
        return file.read()


def copy():
    """Makes the copy what the tree is; files that are alike keep their times."""
    kept = files(ROOT)
    for name in files(TREE) - kept:
        os.unlink(f"{TREE}/{name}")
    for name in kept:
        target = f"{TREE}/{name}"
        if os.path.exists(target) and read(target) == read(f"{ROOT}/{name}"):
            continue
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copyfile(f"{ROOT}/{name}", target)
    # Packages that are already here are not fetched again.
    if os.path.isdir(f"{ROOT}/.build/checkouts") and not os.path.isdir(f"{TREE}/.build"):
        os.makedirs(f"{TREE}/.build")
        subprocess.run(["cp", "-a", *(f"{ROOT}/.build/{part}" for part in (
            "checkouts", "repositories", "workspace-state.json")), f"{TREE}/.build/"], check=False)


def fingerprint(*more):
    """The hash of the copy and of what else an outcome rests on."""
    total = hashlib.sha256(repr((SEEDS, FLAGS)).encode())
    for name in sorted(files(TREE)):
        total.update(name.encode() + b"\0" + hashlib.sha256(read(f"{TREE}/{name}")).digest())
    for bytes_ in more:
        total.update(bytes_)
    return total.hexdigest()


def outcomes():
    if os.path.exists(KEPT) and not os.environ.get("LOBULE_AGAIN"):
        return json.loads(read(KEPT))
    return {}


def keep(mark, row):
    known = {**outcomes(), mark: row}
    with open(KEPT, "w", encoding="utf-8") as file:
        json.dump(known, file, indent=1)


def run(command, env=None, limit=None):
    """Runs a command into the log; its exit code, None when it took too long."""
    with open(LOG, "wb") as log:
        try:
            return subprocess.run(command, cwd=TREE, stdout=log, stderr=subprocess.STDOUT, env=env,
                                  timeout=limit, check=False).returncode
        except subprocess.TimeoutExpired:
            return None


def logged(pattern):
    """The first line of the log that has a pattern."""
    lines = read(LOG).decode(errors="replace").splitlines()
    return next((line.strip()[:140] for line in lines if re.search(pattern, line)), "")


class Trial:
    """One build of the copy, and the worlds it was shown."""

    def __init__(self, name, hints):
        self.name, self.world, self.reason = name, None, ""
        start = time.time()
        code = run(["swift", "build", "--product", "simulate", *FLAGS])
        built = time.time()
        self.build, self.run, self.result = built - start, 0, "no build"
        if code != 0:
            self.reason = logged("error:")
            return
        env = {**os.environ, "LOBULE_SEEDS": str(SEEDS), "LOBULE_FIRST_SEED": "1",
               "LOBULE_HINTS": " ".join(map(str, hints)), "SWIFT_BACKTRACE": "enable=no"}
        env.pop("LOBULE_SEED", None)
        code = run([f"{TREE}/.build/debug/simulate"], env, SECONDS)
        self.run = time.time() - built
        found = FAILURE.search(read(LOG).decode(errors="replace"))
        if found:
            self.result, self.world, self.reason = "caught", int(found[1]), found[2][:110]
        elif code == 0:
            self.result = "passes"
        elif code is None:
            self.result = "too long"
        else:
            # A program that was stopped by a trap has failed too.
            self.result, self.reason = "caught", logged("[Ff]atal|rror") or f"ended with {code}"

    def show(self):
        world = self.world if self.world is not None else ""
        show(self.name, self.result, f"{self.build:.0f}", f"{self.run:.0f}", world, self.reason)


def show(*columns):
    print("{:<28} {:<9} {:>6} {:>6} {:>6}  {}".format(*columns), flush=True)


def hint(name):
    found = HINT.search(read(f"{HERE}/{name}.patch").decode())
    return [int(found[1])] if found else []


def plant(name):
    """Applies a patch to the copy; the files as they were, None when it does not fit."""
    command = ["patch", "-s", "-p1", "--no-backup-if-mismatch", "-d", TREE]
    bytes_ = read(f"{HERE}/{name}.patch")
    paths = [f"{TREE}/{path}" for path in PATCHED.findall(bytes_.decode())]
    # Tried first, so that a patch that does not fit leaves nothing.
    if subprocess.run([*command, "--dry-run"], input=bytes_, stdout=subprocess.DEVNULL,
                      check=False).returncode:
        return None
    before = {path: read(path) for path in paths}
    subprocess.run(command, input=bytes_, stdout=subprocess.DEVNULL, check=True)
    return before


def record(name, world):
    path = f"{HERE}/{name}.patch"
    text = read(path).decode()
    line = f"World: {world}"
    text = HINT.sub(line, text) if HINT.search(text) else f"{line}\n{text}"
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def attempt(name):
    """Plants one mutant and lets it run; its row of the result."""
    mark = fingerprint(read(f"{HERE}/{name}.patch"))
    known = outcomes().get(mark)
    if known:
        show(name, "kept", "", f"{known['value']:.0f}", "", known["what"])
        return known
    before = plant(name)
    if before is not None:
        trial = Trial(name, hint(name))
        trial.show()
        for path, bytes_ in before.items():
            with open(path, "wb") as file:
                file.write(bytes_)
        if os.environ.get("LOBULE_RECORD") and trial.world is not None:
            record(name, trial.world)
        seconds, caught = trial.build + trial.run, trial.result == "caught"
        what = f"{name}: {trial.result}" + (f" in world {trial.world}" if trial.world else "")
    else:
        show(name, "no patch", 0, 0, "", "the sources have changed: make the patch anew")
        seconds, caught, what = 0, False, f"{name}: its patch does not fit"
    row = {"what": what, "value": round(seconds, 1), "unit": "s", "must": None, "stretch": None,
           "pass": caught}
    if caught:
        # The patch may have got a new hint.
        keep(fingerprint(read(f"{HERE}/{name}.patch")), row)
    return row


def main(names):
    every = sorted(name[:-6] for name in os.listdir(HERE) if name.endswith(".patch"))
    unknown = set(names) - set(every)
    if unknown:
        sys.exit(f"There is no mutant {', '.join(sorted(unknown))}.")
    chosen = names or every
    os.makedirs(TREE, exist_ok=True)
    copy()
    show("mutant", "result", "build", "run", "world", "rule that broke")
    worlds = sorted({world for name in chosen for world in hint(name)})
    mark = fingerprint(repr(worlds).encode())
    if mark not in outcomes():
        plain = Trial("unchanged", worlds)
        plain.show()
        if plain.result != "passes":
            return 1
        keep(mark, {"what": "unchanged"})
    rows = [attempt(name) for name in chosen]
    caught = sum(row["pass"] for row in rows)
    rows = [{"what": f"mutants that {SEEDS} worlds see", "value": caught, "unit": "mutants",
             "must": len(chosen), "stretch": len(chosen), "pass": caught == len(chosen)}, *rows]
    os.makedirs(f"{ROOT}/.bench", exist_ok=True)
    with open(f"{ROOT}/.bench/simulate-mutants.json", "w", encoding="utf-8") as file:
        json.dump({"machine": machine(), "commit": commit(), "rows": rows}, file, indent=1)
    print(f"{caught} of {len(chosen)} mutants are caught")
    return 0 if caught == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
