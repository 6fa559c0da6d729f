#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Removes one control at a time in a copy of the tree; a named test must turn red.

    run.py RESULT.json [--tree DIR] [--resume] [CONTROL…]

Each NAME.control here says what the control is, which suites guard it, and the text that is taken
out of a file. The copy and its build stay in .build-mutants, so that the next run compiles only
what changed. Prints control, test and verdict; exits 1 when a control can go without a red test,
or when it does not build. `--resume` keeps verdicts of an earlier, interrupted run, and
LOBULE_CONTROL_SECONDS=n begins with no further control after n seconds.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TREE = os.path.abspath(os.path.join(HERE, "../.."))
sys.path.insert(0, os.path.join(TREE, "Tests/Faults"))
import programs  # noqa: E402

PARTS = ("Package.swift", "Package.resolved", "Sources", "Client", "SyncServer", "Migrations", "Tests")
# Files that tests read beside their own: the documents that are executed and compared.
BESIDE = ("README.md", "SECURITY.md", "CHANGELOG.md", "Makefile", "docs", ".ci", ".swift-format")


class Control:
    """One file NAME.control: what is guarded, by which suites, and the text that is taken out."""

    def __init__(self, name, folder=HERE):
        self.name = name
        self.edits = []
        with open(os.path.join(folder, name + ".control"), encoding="utf-8") as file:
            self.text = file.read()
        lines = self.text.split("\n")
        at = 0
        while at < len(lines):
            line = lines[at]
            if line.startswith("control: "):
                self.what = line[9:]
            elif line.startswith("test: "):
                self.test = line[6:]
            elif line.startswith("file: "):
                start, middle = at + 2, lines.index("====", at)
                end = lines.index(">>>>", middle)
                self.edits.append((line[6:], "\n".join(lines[start:middle]),
                                   "\n".join(lines[middle + 1:end])))
                at = end
            at += 1


def files(root):
    found = set()
    for part in PARTS + BESIDE:
        path = os.path.join(root, part)
        if os.path.isfile(path):
            found.add(part)
        for base, folders, names in os.walk(path):
            folders[:] = [name for name in folders if name not in ("__pycache__", ".build")]
            found.update(os.path.relpath(os.path.join(base, name), root) for name in names)
    return found


def same(one, other):
    try:
        with open(one, "rb") as left, open(other, "rb") as right:
            return left.read() == right.read()
    except OSError:
        return False


def copy(tree):
    """Makes the copy what the tree is; files that are alike keep their times."""
    wanted = files(TREE)
    for name in files(tree) - wanted:
        os.remove(os.path.join(tree, name))
    for name in wanted:
        source, target = os.path.join(TREE, name), os.path.join(tree, name)
        if not same(source, target):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copyfile(source, target)
            shutil.copymode(source, target)
    packages, kept = os.path.join(tree, ".build"), os.path.join(TREE, ".build")
    if not os.path.isdir(packages) and os.path.isdir(kept + "/checkouts"):
        # Packages that are already here are not fetched again.
        os.makedirs(packages)
        subprocess.run(["cp", "-a", *(f"{kept}/{name}" for name in
                                      ("checkouts", "repositories", "workspace-state.json")), packages])


def build(tree):
    done = subprocess.run(["swift", "build", "--build-tests"], cwd=tree, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    errors = [line for line in done.stdout.split("\n") if "error:" in line]
    return done.returncode == 0, errors[0] if errors else done.stdout[-300:]


def test(tree, which):
    """Runs the named suites; whether they passed, how many tests there were, and the red ones."""
    command = ["swift", "test", "--skip-build", "--filter", rf"\.({which})/"]
    environment = {**os.environ, "SWIFT_BACKTRACE": "enable=no"}
    try:
        done = subprocess.run(command, cwd=tree, text=True, stdout=subprocess.PIPE, env=environment,
                              stderr=subprocess.STDOUT, timeout=600, errors="replace")
    except subprocess.TimeoutExpired:
        return False, 0, ["(no end after 600 s)"]
    red = re.findall(r'Test "([^"]+)"(?: with \d+ test cases)? failed after', done.stdout)
    count = re.findall(r"Test run with (\d+) test", done.stdout)
    if done.returncode != 0 and not red:
        # A trap ends the whole program: the test that was running is red.
        red = ["(the test program stopped) " + done.stdout.strip().split("\n")[-1][:60]]
    return done.returncode == 0, int(count[0]) if count else 0, red


def edit(tree, control):
    """Takes the control out; the files as they were."""
    former = {}
    for path, old, new in control.edits:
        full = os.path.join(tree, path)
        with open(full, encoding="utf-8") as file:
            text = file.read()
        former.setdefault(full, text)
        if text.count(old) != 1:
            restore(former)
            raise ValueError(f"{path} has the text {text.count(old)} times")
        with open(full, "w", encoding="utf-8") as file:
            file.write(text.replace(old, new))
    return former


def restore(former):
    for path, text in former.items():
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)


def judge(tree, control):
    started = time.monotonic()
    try:
        former = edit(tree, control)
    except ValueError as error:
        return "does not fit", [str(error)], 0
    try:
        built, error = build(tree)
        if not built:
            return "does not build", [error], time.monotonic() - started
        passed, count, red = test(tree, control.test)
        if passed:
            return ("green" if count else "no such test"), [], time.monotonic() - started
        return "red", red, time.monotonic() - started
    finally:
        restore(former)


def main():
    words = sys.argv[1:]
    result = words.pop(0)
    tree = os.path.join(TREE, ".build-mutants/tree")
    if "--tree" in words:
        at = words.index("--tree")
        tree = os.path.abspath(words[at + 1])
        del words[at:at + 2]
    resume = "--resume" in words
    words = [word for word in words if word != "--resume"]
    every = sorted(name[:-8] for name in os.listdir(HERE) if name.endswith(".control"))
    controls = [Control(name) for name in every]
    os.makedirs(tree, exist_ok=True)
    copy(tree)
    verdicts = {}
    notes = os.path.join(tree, ".build", "controls.json")
    if resume and os.path.exists(notes):
        with open(notes, encoding="utf-8") as file:
            verdicts = json.load(file)
    wanted = [control for control in controls if not words or control.name in words]
    wanted = [control for control in wanted
              if verdicts.get(control.name, {}).get("text") != control.text]
    if wanted and not resume:
        # With every control in place the same tests pass, else red would show nothing.
        built, error = build(tree)
        passed, _, red = test(tree, "|".join(sorted({c.test for c in wanted}))) if built else (0, 0, [error])
        if not passed:
            raise SystemExit(f"the unchanged tree fails: {red}")
    limit = time.monotonic() + float(os.environ.get("LOBULE_CONTROL_SECONDS", "inf"))
    for control in wanted:
        if time.monotonic() > limit:
            break
        verdict, red, seconds = judge(tree, control)
        verdicts[control.name] = {"text": control.text, "verdict": verdict, "red": red,
                                  "seconds": round(seconds)}
        print(f"  {control.name:22} {verdict:8} {seconds:4.0f} s  {control.test}: {'; '.join(red)[:110]}",
              flush=True)
        with open(notes, "w", encoding="utf-8") as file:
            json.dump(verdicts, file)
    judged = [control for control in controls if control.name in verdicts]
    rows = [programs.row(f"{control.name}: {control.what}", verdicts[control.name]["verdict"],
                         control.test, "red", None, verdicts[control.name]["verdict"] == "red")
            for control in judged]
    red = sum(row["pass"] for row in rows)
    rows.append(programs.row("controls whose removal turns a named test red", red, f"of {len(every)}",
                             len(every), None, red == len(every)))
    return programs.report(result, rows)


if __name__ == "__main__":
    sys.exit(main())
