# SPDX-License-Identifier: Apache-2.0
"""Writes the seeded sync workload as CSV files: workload.py FOLDER [RECORDS]

forms.csv    10,000 records of ten fields, one form each
edits.csv    1,000 later edits of one field
side_a.csv   10,000 edits on one side, while
side_b.csv   10,000 edits are made on the other, every second one to the same cell on both
"""
import random
import sys
from pathlib import Path

FIELDS = [
    "sex", "age", "nlr", "sir_pre", "sir_post", "adc_pre", "adc_post", "afp", "exam_date",
    "response",
]


def draw(source, field):
    """One value of a field, as a person would type it."""
    if field == "sex":
        return source.choice("MF")
    if field == "age":
        return str(source.randint(30, 85))
    if field == "nlr":
        return repr(round(source.lognormvariate(1.2, 0.5), 2))
    if field in ("sir_pre", "sir_post"):
        return repr(round(source.gauss(1.6, 0.35), 3))
    if field in ("adc_pre", "adc_post"):
        return repr(round(source.gauss(1.15, 0.2), 3))
    if field == "afp":
        return repr(round(source.lognormvariate(4, 2), 1))
    if field == "exam_date":
        year, month, day = (source.randint(*span) for span in ((18, 25), (1, 12), (1, 28)))
        return f"20{year:02}-{month:02}-{day:02}"
    return source.choice(["CR", "PR", "SD", "PD"])


def edits(records, count, own, shared=None):
    """Edits of random cells; with a second source, every other cell is drawn from that one."""
    for number in range(count):
        cells = shared if shared is not None and number % 2 == 0 else own
        record, field = cells.randrange(records), cells.randrange(len(FIELDS))
        yield record, FIELDS[field], draw(own, FIELDS[field])


def write(path, header, rows):
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        print(*header, sep=",", file=file)
        for row in rows:
            print(*row, sep=",", file=file)


def forms(records):
    """One form a record, the same ones however many there are."""
    source = random.Random(1)
    for number in range(records):
        yield [number, *(draw(source, field) for field in FIELDS)]


def main(folder, records=10_000):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "forms.csv", ["record", *FIELDS], forms(records))
    cell = ["record", "field", "value"]
    write(folder / "edits.csv", cell, edits(records, records // 10, random.Random(2)))
    for side, name in enumerate("ab"):
        made = edits(records, records, random.Random(10 + side), random.Random(99))
        write(folder / f"side_{name}.csv", cell, made)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
