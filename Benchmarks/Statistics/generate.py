# SPDX-License-Identifier: Apache-2.0
"""Writes the tables of the benchmark: generate.py FOLDER ROWS…

A logistic outcome y of five normal and five binary predictors x1 … x10, a site of 20, and follow-up
in whole days with its status. Every size has a seed of its own, so that each table is always the
same.
"""

import pathlib
import sys

import numpy as np

SEED = 20261123
SLOPES = np.array([0.8, -0.5, 0.3, 0, 0.1, 1.0, -0.7, 0.4, 0, 0.2])
HEADER = ["y", *(f"x{k}" for k in range(1, 11)), "site", "time", "status"]


def short(value):
    """At most four decimals, without zeros at the end."""
    return f"{value:.4f}".rstrip("0").rstrip(".")


def write(folder, rows):
    draw = np.random.Generator(np.random.PCG64(SEED + rows))
    normal = draw.standard_normal((rows, 5))
    binary = draw.random((rows, 5)) < 0.35
    predictors = np.round(np.hstack([normal, binary.astype(float)]), 4)
    line = predictors @ SLOPES - 0.5
    outcome = draw.random(rows) < 1 / (1 + np.exp(-line))
    site = draw.integers(1, 21, rows)
    event = np.ceil(draw.exponential(np.exp(-0.5 * line)) * 300)
    censored = np.ceil(draw.uniform(50, 900, rows))
    time = np.minimum(event, censored)
    with open(folder / f"{rows}.csv", "w") as file:
        print(",".join(HEADER), file=file)
        for row in range(rows):
            cells = [str(int(outcome[row])), *map(short, predictors[row]), str(site[row])]
            cells += [str(int(time[row])), str(int(event[row] <= censored[row]))]
            print(",".join(cells), file=file)


folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
for size in map(int, sys.argv[2:]):
    if not (folder / f"{size}.csv").exists():
        write(folder, size)
