# SPDX-License-Identifier: Apache-2.0
"""A sync of 100 changes on top of many: sync-on-top.py PROGRAMS WORK RESULT.json [CHANGES]

Two hospitals, each with a centre of its own, through the programs and TLS: one holds 10,000 changes
and one CHANGES (10,000,000 unless told). Both change one value of 100 patients and sync, in turns.
Exits 1 when the sync of the large one takes more than 1.2 times as long, by the medians.
"""
import json
import os
import platform
import random
import re
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

# Values of a row, and rows of a file: an import is one transaction.
VALUES = 10
ROWS = 50_000
FEW = 100
ROUNDS = 11
COLUMNS = [
    "mrn", "treatment_start", "sex", "child_pugh", "ecog", "labs_date", "neutrophils",
    "lymphocytes", "platelets", "albumin", "alp",
]


def line(number, alp=100):
    """A patient's row; `alp` is what changes later."""
    source = random.Random(number)
    date = f"2022-{source.randint(1, 12):02}-{source.randint(10, 28)}"
    return ",".join([
        f"P{number:07}", date, source.choice(["male", "female"]), source.choice("AB"),
        str(source.randint(0, 1)), date, f"{source.uniform(2, 7):.2f}",
        f"{source.uniform(0.8, 2.5):.2f}", str(source.randint(120, 300)),
        f"{source.uniform(30, 45):.1f}", str(alp),
    ])


class Hospital:
    """A store and a centre that serves it."""

    def __init__(self, programs, folder, rows):
        self.programs, self.folder, self.rows = programs, folder, rows
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.environment = {
            **os.environ, "LOBULE_STORE": str(folder / "store"),
            "LOBULE_DATA": str(folder / "centre"),
        }
        self.run("lobule-center", "init", "--name", "Bench centre")
        log = folder / "serve.log"
        with open(log, "w", encoding="utf-8") as output:
            self.server = subprocess.Popen(
                [programs / "lobule-center", "serve", "--listen", "127.0.0.1:0"],
                env=self.environment, stdout=output, stderr=output,
            )
        while not (found := re.search(r"https://[0-9A-Za-z.:-]+", log.read_text("utf-8"))):
            time.sleep(0.02)
        self.run("lobule", "init", "--site", "NORTH")
        added = self.run("lobule-center", "site", "add", "NORTH", "--name", "North")
        self.run(
            "lobule", "enroll", "--server", found[0], "--code", "-", "--ca",
            str(folder / "centre" / "ca.pem"), text=added["enrollment_code"],
        )
        for first in range(0, rows, ROWS):
            count = min(ROWS, rows - first)
            self.read([",".join(COLUMNS), *(line(first + n) for n in range(count))])
            self.sync()

    def run(self, program, *arguments, text=None):
        command = [self.programs / program, *arguments, "--json"]
        made = subprocess.run(
            command, env=self.environment, input=text, capture_output=True, text=True, check=False
        )
        if made.returncode:
            sys.exit(f"{program} {arguments[0]} failed: {made.stderr}{made.stdout[:300]}")
        return json.loads(made.stdout)

    def read(self, lines, *options):
        file = self.folder / "rows.csv"
        file.write_text("\n".join(lines) + "\n", "utf-8")
        self.run("lobule", "import", str(file), *options)

    def sync(self):
        """Milliseconds of one sync."""
        began = time.monotonic()
        said = self.run("lobule", "sync")
        if not said["digest_equal"]:
            sys.exit("the digests differ")
        return (time.monotonic() - began) * 1000

    def few(self, number):
        """Changes a value of 100 patients, spread over all of them, and syncs."""
        step = self.rows // FEW
        changed = [line(place * step + number % step, 101 + number) for place in range(FEW)]
        self.read([",".join(COLUMNS), *changed], "--update")
        return self.sync()


def main():
    programs, work, target = (Path(argument).resolve() for argument in sys.argv[1:4])
    most = int(sys.argv[4]) if len(sys.argv) > 4 else 10_000_000
    sizes = [10_000, most]
    hospitals = [
        Hospital(programs, work / f"on-top-{size}", size // VALUES) for size in sizes
    ]
    try:
        os.sync()
        times = [[hospital.few(number) for hospital in hospitals] for number in range(ROUNDS)]
    finally:
        for hospital in hospitals:
            hospital.server.terminate()
            hospital.server.wait()
            shutil.rmtree(hospital.folder)
    # The first round reads what later ones find in memory.
    small, large = (statistics.median(column) for column in zip(*times[1:]))
    ratio = large / small
    name = "lobule sync of 100 changes on top of"
    rows = [
        {"what": f"{name} {size:,}", "value": round(value, 2), "unit": "ms", "must": None,
         "stretch": None, "pass": True}
        for size, value in zip(sizes, (small, large))
    ]
    rows.append({
        "what": f"{name} {most:,} over 10,000", "value": round(ratio, 3), "unit": "ratio",
        "must": 1.2, "stretch": 1.1, "pass": ratio <= 1.2,
    })
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False,
        cwd=Path(__file__).parent,
    ).stdout.strip()
    report = {
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "commit": commit or "none", "rows": rows,
    }
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(report, indent=1) + "\n")
    for row in rows:
        print(f"{' ' if row['pass'] else '✗'} {row['what']}: {row['value']} {row['unit']}")
    sys.exit(0 if all(row["pass"] for row in rows) else 1)


if __name__ == "__main__":
    main()
