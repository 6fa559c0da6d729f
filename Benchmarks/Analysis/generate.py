# SPDX-License-Identifier: Apache-2.0
"""Draws a network of hospitals as one import file with a site column.

    generate.py SITES PATIENTS SEED OUTPUT.csv

Everything is made up. The outcome follows a smooth function of three measured values, with an
intercept and a slope of its own in every site, and a share of the cells is left empty.
"""

import csv
import datetime
import math
import random
import sys

YES_NO = {
    "rim_enhancement": 0.19, "peritumoral_enhancement": 0.63, "venous_halo": 0.37,
    "dwi_target": 0.17, "mosaic": 0.12, "portal_vein_thrombus": 0.5, "washout": 0.62,
    "capsule_intact": 0.26, "tumour_vessels": 0.17, "haemorrhage": 0.49,
    "intratumoral_fat": 0.10, "cystic_necrotic": 0.46, "lymph_node": 0.29,
}
CODES = {
    "sex": {"male": 85, "female": 15}, "aetiology": {"HBV": 73, "HCV": 5, "other": 22},
    "child_pugh": {"A": 44, "B": 56},
    "regimen": {"targeted": 6, "immune_targeted": 88, "immunotherapy": 6},
    "local_therapy": {"none": 70, "TACE": 25, "HAIC": 5},
    "location": {"right_lobe": 55, "other": 45}, "morphology": {"irregular": 65, "round_oval": 35},
    "margin": {"well_defined": 6, "ill_defined": 94},
    "enhancement": {"marked": 76, "moderate_mild": 24},
    "arterial_pattern": {"homogeneous": 3, "heterogeneous": 97},
}
READINGS = ("t2_tumour", "t2_muscle", "adc_max", "adc_mean", "adc_min", "diameter")
LABS = (
    "neutrophils", "monocytes", "lymphocytes", "platelets", "albumin", "globulin", "alp", "afp",
)
MAY_BE_MISSING = ("t2_tumour_week8", "adc_mean_week8", "lymphocytes", "platelets", "afp", "albumin")
COLUMNS = [
    "mrn", "site", "birth_date", "treatment_start", *CODES, "labs_date", *LABS,
    *(f"{name}_{event}" for event in ("baseline", "week8")
      for name in ("mri_date", "field_strength", "b_high", *READINGS)),
    *YES_NO, "response_date", "response", "progression_date", "death_date", "death_cause",
    "last_assessment", "last_contact",
]


def choose(draw, weights):
    return draw.choices(list(weights), list(weights.values()))[0]


def images(draw, row, day, field, t2_ratio, adc):
    for event, when, ratio, mean in (
        ("baseline", -draw.randrange(14), draw.uniform(1.1, 3.2), draw.uniform(0.8, 1.4)),
        ("week8", 56 + draw.randrange(-5, 6), t2_ratio, adc),
    ):
        muscle = draw.uniform(60, 140)
        values = {
            "mri_date": day(when), "field_strength": field[0], "b_high": field[1],
            "t2_tumour": f"{ratio * muscle:.3f}", "t2_muscle": f"{muscle:.3f}",
            "adc_max": f"{mean * draw.uniform(1.08, 1.4):.3f}", "adc_mean": f"{mean:.3f}",
            "adc_min": f"{mean * draw.uniform(0.55, 0.9):.3f}",
            "diameter": f"{draw.uniform(30, 120):.1f}",
        }
        row.update({f"{name}_{event}": value for name, value in values.items()})


def bloods(draw, row, day, ratio):
    lymphocytes = draw.uniform(0.7, 2.2)
    row.update(
        labs_date=day(-draw.randrange(14)), neutrophils=f"{max(0.6, ratio * lymphocytes):.3f}",
        monocytes=f"{draw.uniform(0.15, 0.8):.2f}", lymphocytes=f"{lymphocytes:.3f}",
        platelets=draw.randrange(60, 380), albumin=f"{min(49, draw.gauss(37, 4)):.1f}",
        globulin=f"{min(54, max(16, draw.gauss(30, 4))):.1f}",
        alp=int(draw.lognormvariate(4.92, 0.45)),
        afp=f"{min(190_000, draw.lognormvariate(4.5, 2.6)):.1f}",
    )


def course(draw, row, day, is_event):
    assessed = 182 + draw.randrange(-10, 11)
    followed = assessed + draw.expovariate(1 / 160)
    response = draw.choices(("SD", "PD") if is_event else ("CR", "PR"), (35, 65))[0]
    row.update(response_date=day(assessed), response=response)
    if response == "PD":
        row["progression_date"] = day(assessed)
    elif draw.random() < 0.5:
        row["progression_date"] = day(followed)
    if draw.random() < 0.02:
        died = draw.uniform(75, 160)
        row.update(
            response_date="", response="", progression_date="", death_date=day(died),
            death_cause=draw.choice(("tumour", "liver_failure", "other")),
        )
        followed = died
    row.update(last_assessment=day(min(followed, 2000)), last_contact=day(min(followed, 2000)))


def patient(draw, site, number, shift, slope, field):
    start = datetime.date(2021, 1, 4) + datetime.timedelta(days=draw.randrange(1300))
    def day(offset):
        return (start + datetime.timedelta(days=round(offset))).isoformat()

    t2_ratio = min(5.5, draw.lognormvariate(0.60, 0.35))
    adc = min(2.2, max(0.5, draw.gauss(1.04, 0.19)))
    ratio = min(14, draw.lognormvariate(1.02, 0.52))
    smooth = (
        0.15 + 2.1 * math.log(t2_ratio / 1.75) - 6 * (adc - 1.04) - 1.1 * math.log(ratio / 2.9)
    )
    is_event = draw.random() < 1 / (1 + math.exp(-shift - slope * smooth))
    row = {
        "mrn": f"{site}{number:05d}", "site": site, "treatment_start": day(0),
        "birth_date": day(-365.25 * min(88, max(25, draw.gauss(55.7, 9)))),
    }
    row.update({name: choose(draw, weights) for name, weights in CODES.items()})
    row.update({name: int(draw.random() < share) for name, share in YES_NO.items()})
    bloods(draw, row, day, ratio)
    images(draw, row, day, field, t2_ratio, adc)
    course(draw, row, day, is_event)
    for name in MAY_BE_MISSING:
        if draw.random() < 0.03:
            row[name] = ""
    return row


def main():
    sites, patients, seed = (int(text) for text in sys.argv[1:4])
    draw = random.Random(seed)
    with open(sys.argv[4], "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n", restval="")
        writer.writeheader()
        for index in range(sites):
            shift, slope = draw.gauss(0.2, 0.4), draw.gauss(0.9, 0.15)
            field = draw.choice((("3T", 800), ("1.5T", 800), ("3T", 1000)))
            for number in range(patients):
                writer.writerow(
                    patient(draw, f"S{index + 1:03d}", number + 1, shift, slope, field)
                )


main()
