#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every fault check, one summary.

    all.py PROGRAMS RESULT.json full|short [SEED]

The checks write their own results beside RESULT.json, which gathers all rows. A check that this
machine cannot run is named; `full` then fails, `short` does not.
"""
import json
import os
import random
import subprocess
import sys
import time

from programs import NOT_RUN, commit, machine

HERE = os.path.dirname(os.path.abspath(__file__))
#         name, what is counted, full, short
CHECKS = (("network", "rounds", 60, 6),
          ("kill", "rounds", 40, 4),
          ("power-loss", "states", 4000, 240),
          ("io-errors", "cases", 800, 50),
          ("full-disk", "rounds", 20, 3))
# It mostly waits for silent lines, so it runs beside the others.
ASIDE = "network"


def command(programs, name, result, count, seed):
    if name == "kill":
        return [f"{HERE}/kill.sh", programs, result, str(count), str(seed % 32768)]
    script = f"{HERE}/{name.replace('-', '_')}.py"
    return [sys.executable, script, programs, result, str(count), str(seed)]


def finish(name, process, started):
    """Waits for a check and shows what it said; its exit code and seconds."""
    text, _ = process.communicate()
    print(text, end="", flush=True)
    return process.returncode, time.time() - started


def main(programs, result, form, seed):
    folder, base = os.path.split(os.path.abspath(result))
    os.makedirs(folder, exist_ok=True)
    ending = "" if form == "full" else "-short"
    running, ended, results = {}, {}, {}
    for name, _, full, short in CHECKS:
        results[name] = f"{folder}/{name}{ending}.json"
        if os.path.exists(results[name]):
            os.unlink(results[name])
        started = time.time()
        count = full if form == "full" else short
        process = subprocess.Popen(command(programs, name, results[name], count, seed), text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if name == ASIDE:
            running[name] = (process, started)
        else:
            ended[name] = finish(name, process, started)
    for name, (process, started) in running.items():
        ended[name] = finish(name, process, started)
    return summary(result, form, seed, ended, results)


def summary(result, form, seed, ended, results):
    rows, good = [], True
    print(f"\n{'check':<12}{'seconds':>8}  outcome (seed {seed})")
    for name, *_ in CHECKS:
        code, seconds = ended[name]
        own = []
        if os.path.exists(results[name]):
            with open(results[name], encoding="utf-8") as file:
                own = json.load(file)["rows"]
        missed = [entry["what"] for entry in own if not entry["pass"]]
        if code == NOT_RUN:
            outcome = "NOT RUN on this machine, see above"
            good = good and form != "full"
        elif code != 0 or not own:
            outcome = "FAILED: " + ("; ".join(missed) or f"ended with {code}")
            good = False
        else:
            outcome = f"{own[0]['value']} {own[0]['unit']}, nothing lost"
        print(f"{name:<12}{seconds:>8.1f}  {outcome}")
        rows += [{**entry, "what": f"{name}: {entry['what']}"} for entry in own]
        rows += [] if code != NOT_RUN else [{
            "what": f"{name}: not run on this machine", "value": 0, "unit": "rounds", "must": 1,
            "stretch": 1, "pass": form != "full"}]
    with open(result, "w", encoding="utf-8") as file:
        json.dump({"machine": machine(), "commit": commit(), "rows": rows}, file, indent=1)
    return 0 if good else 1


if __name__ == "__main__":
    if len(sys.argv) not in (4, 5) or sys.argv[3] not in ("full", "short"):
        sys.exit(__doc__)
    chosen = int(sys.argv[4]) if len(sys.argv) > 4 else random.SystemRandom().randrange(1 << 31)
    sys.exit(main(*sys.argv[1:4], chosen))
