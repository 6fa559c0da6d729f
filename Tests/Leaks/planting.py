# SPDX-License-Identifier: Apache-2.0
"""The study that declares the canaries' fields, and the patients that carry them."""
import csv
import io
import os
import shutil

import needles

TREE = os.path.abspath(os.path.join(needles.HERE, "../.."))
# Field of the dictionary for each canary of a patient. The rest is planted as what it is: the
# user's and the machine's name, the store's folder, an imported file's name, a column, a cell.
FIELDS = {
    "patient.family_name": "family_name", "patient.given_name": "given_name", "patient.mrn": "mrn",
    "patient.national_id": "national_id", "patient.birth_date": "birth_date",
    "treatment.start_date": "treatment_start", "exam.performed_at": "performed_at",
    "patient.phone": "phone", "patient.email": "email", "patient.address": "address",
    "patient.postcode": "postcode", "exam.accession": "accession",
    "exam.study_instance_uid": "study_instance_uid", "exam.device_serial": "device_serial",
    "exam.free_text_note": "free_text_note", "outcome.note": "outcome_note",
}
BUILT_IN = {"mrn", "birth_date", "treatment_start"}
RECORDS = {"outcome_note": "outcome", "free_text_note": "mri"}


def study(folder, mistakes=()):
    """The built-in study with the canaries' fields; `mistakes` are further lines of its dictionary."""
    shutil.copytree(os.path.join(TREE, "Sources/Registry/Study"), folder)
    lines = [f"{name},{RECORDS.get(name, 'identity')},,text,,,,,,,no,Planted field {name}"
             for name in sorted(set(FIELDS.values()) - BUILT_IN)]
    with open(os.path.join(folder, "dictionary.csv"), "a", encoding="utf-8") as file:
        file.write("".join(line + "\n" for line in [*lines, *mistakes]))
    return folder


def patients():
    """Rows of fields: every canary of a patient stands in one of them."""
    listed = {}
    for canary in needles.canaries():
        if canary["field"] in FIELDS:
            listed.setdefault(FIELDS[canary["field"]], []).append(canary["value"])
    count = max(len(values) for values in listed.values())
    rows = []
    for number in range(count):
        row = {field: values[number] for field, values in listed.items() if number < len(values)}
        row.setdefault("mrn", f"ZQMRN{number:05d}")
        row.setdefault("treatment_start", f"2023-0{number + 1}-17")
        row.setdefault("birth_date", f"195{number}-07-19")
        rows.append(row)
    # The canary of age: 97 at treatment start, which leaves as 90.
    oldest = rows[-1]
    year = int(oldest["treatment_start"][:4]) - 97
    oldest["birth_date"] = f"{year}-01-05"
    return rows


CLINICAL = {"sex": "male", "aetiology": "HBV", "regimen": "targeted", "neutrophils": "3.5",
            "lymphocytes": "1.2", "monocytes": "0.4", "t2_tumour_week8": "120.5",
            "t2_muscle_week8": "80.25", "adc_mean_week8": "1.21"}


def table(rows, more=None):
    """A CSV file's text."""
    rows = [{**row, **CLINICAL, **(more or {})} for row in rows]
    columns = list(dict.fromkeys(column for row in rows for column in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def value(field):
    """The first canary of a kind."""
    return next(c["value"] for c in needles.canaries() if c["field"] == field)


def planted(rows):
    """How many of the listed canaries the rows, the names of places and the driver's inputs carry."""
    text = {str(v) for row in rows for v in row.values()}
    elsewhere = needles.WORKPLACE | {"import.csv_cell", "patient.age_years"}
    return sum(c["value"] in text or c["field"] in elsewhere for c in needles.canaries())
