# SPDX-License-Identifier: Apache-2.0
"""How cost grows: large.py PROGRAM WORK RESULT.json [CHANGES]

Imports ten thousand changes of one site on a fresh replica, then ten times as many, up to CHANGES
(10,000,000 unless told), and exchanges 100 changes of other patients on top of each, without network.
Exits 1 when ten times the changes cost more than eleven times the processor time.
"""
import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

import workload
from run import HERE, machine, row, run, show

FIELDS = len(workload.FIELDS)
FIRST = 10_000


def sizes(most):
    size = FIRST
    while size <= most:
        yield size
        size *= 10


def forms(folder, records):
    """The first records of the seeded workload, a line at a time."""
    folder.mkdir(parents=True, exist_ok=True)
    workload.write(
        folder / "forms.csv", ["record", *workload.FIELDS], workload.forms(records)
    )


def measure(program, folder, size):
    shutil.rmtree(folder, ignore_errors=True)
    forms(folder / "workload", size // FIELDS)

    def stage(name):
        return run([program, name, folder, folder / "workload", HERE / "Study"])

    stage("bulk")
    # A short import is repeated, and its median taken: the machine has other work.
    imports = []
    for _ in range(7 if size <= 100_000 else 3):
        shutil.rmtree(folder / "b", ignore_errors=True)
        imports.append(stage("import"))
    shutil.copytree(folder / "b", folder / "copy")
    # What the copying left to write is not the sync's to wait for.
    os.sync()
    few = stage("few_on_top")
    stored = sum(file.stat().st_size for file in (folder / "b").iterdir())
    shutil.rmtree(folder)
    return {
        "cpu": statistics.median(entry["cpu"] for entry in imports),
        "memory": max(entry["memory"] for entry in imports),
        "few_cpu": few["cpu_ms"],
        "few_wall": few["wall_ms"],
        "stored": stored / 1e6,
    }


def main():
    program, work, target = (Path(argument).resolve() for argument in sys.argv[1:4])
    most = int(sys.argv[4]) if len(sys.argv) > 4 else 10_000_000
    rows, last, first = [], None, None
    for size in sizes(most):
        entry = measure(program, work / "large", size)
        name = f"{size:,} changes"
        rows += [
            row(f"import of {name}, CPU", entry["cpu"], "s"),
            row(f"import of {name}, peak memory", entry["memory"], "MB"),
            row(f"import of {name}, store", entry["stored"], "MB"),
            row(f"exchange of 100 on top of {name}, wall", entry["few_wall"], "ms"),
            row(f"exchange of 100 on top of {name}, CPU", entry["few_cpu"], "ms"),
        ]
        if last:
            ratio = entry["cpu"] / last["cpu"]
            rows.append(row(f"import of {name} over a tenth of them, CPU", ratio, "ratio", 11, 10))
        if first:
            ratio = entry["few_wall"] / first["few_wall"]
            rows.append(row(f"exchange of 100 on top of {name} over {FIRST:,}", ratio, "ratio"))
        last, first = entry, first or entry
        for line in rows[-7 if size > FIRST else -5:]:
            show(line)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps({**machine(), "rows": rows}, indent=1) + "\n")
    sys.exit(0 if all(entry["pass"] for entry in rows) else 1)


if __name__ == "__main__":
    main()
