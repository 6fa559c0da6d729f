# SPDX-License-Identifier: Apache-2.0
"""The files whose reports are looked at: the practice hospitals, and networks made of them."""
import csv
import random
from pathlib import Path

LONG = "The First Affiliated Hospital of the Provincial Medical University, Eastern Campus"


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write(path, table):
    columns = list(dict.fromkeys(name for row in table for name in row))
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(table)


def pooled(folder):
    """All hospitals of a folder in one file, each with its name as site."""
    return [
        {"site": path.stem.upper(), **row}
        for path in sorted(folder.glob("*.csv"))
        if not path.stem.endswith("_readers")
        for row in rows(path)
    ]


def many_sites(table, count, seed):
    """`count` sites drawn from external patients: one of a single patient, one with a long name."""
    draw = random.Random(seed)
    external = [row for row in table if row.get("in_development") != "1"]
    made = []
    for site in range(1, count + 1):
        name = LONG if site == 2 else f"上海市第{site}人民医院" if site == 3 else f"SITE{site:03d}"
        size = 1 if site == 1 else draw.randint(26, 70)
        for patient in range(size):
            row = dict(draw.choice(external))
            made.append({**row, "site": name, "mrn": f"X{site:03d}{patient:04d}"})
    return made


def make(fixtures, folder):
    """Writes the files and returns them by name."""
    hospitals, drift = fixtures / "Hospitals", fixtures / "HospitalsDrift"
    network = pooled(hospitals)
    write(folder / "network.csv", network)
    write(folder / "drift.csv", pooled(drift))
    write(folder / "many-sites.csv", many_sites(network, 200, 1))
    one = [row for row in network if row["site"] in ("NORTH", "HILL")]
    write(folder / "one-patient.csv", one + [{**one[0], "site": LONG, "mrn": "ONE1"}])
    return {
        "han": hospitals / "han.csv",
        "network": folder / "network.csv",
        "drift": folder / "drift.csv",
        "many-sites": folder / "many-sites.csv",
        "one-patient": folder / "one-patient.csv",
    }
