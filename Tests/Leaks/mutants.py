#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds versions of `lobule` that leak on purpose, one for each Mutants/*.control.

    mutants.py PROGRAMS FOLDER [--tree DIR]

FOLDER/NAME gets the leaking `lobule` and PROGRAMS' own `lobule-center`. Prints the folders. The
copy of the tree and its build are those of Tests/Controls.
"""
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../Controls"))
import run  # noqa: E402


def main():
    programs, folder = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    tree = os.path.abspath(sys.argv[4]) if "--tree" in sys.argv else \
        os.path.join(run.TREE, ".build-mutants/tree")
    os.makedirs(tree, exist_ok=True)
    run.copy(tree)
    for file in sorted(os.listdir(HERE + "/Mutants")):
        name = file.removesuffix(".control")
        former = run.edit(tree, run.Control(name, HERE + "/Mutants"))
        try:
            built = subprocess.run(["swift", "build", "--product", "lobule"], cwd=tree, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        finally:
            run.restore(former)
        if built.returncode != 0:
            raise SystemExit(f"{name} does not build: {built.stdout[-2000:]}")
        target = os.path.join(folder, name)
        os.makedirs(target, exist_ok=True)
        shutil.copy(os.path.join(tree, ".build/debug/lobule"), target)
        shutil.copy(os.path.join(programs, "lobule-center"), target)
        print(target, flush=True)


if __name__ == "__main__":
    main()
