# SPDX-License-Identifier: Apache-2.0
"""The statistics benchmark: run.py PROGRAM TABLES RESULT.json

Runs every task as one process on one pinned core, through the library and through peers in R and
Python, on the same CSV files. Parties take turns; times are medians of five runs, or fewer for a
peer that is slow (as the output says). Ratios are to the fastest peer's time. Exits 1 when a must is missed or results
differ. TASKS=auc,lasso in the environment chooses tasks, REPEATS another number of runs, CORE the
core.
"""
import json
import math
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
R, PYTHON = "peers.R", "peers.py"
SLOW_SECONDS = 20
SLOWEST_SECONDS = 60

# Name: rows, our task, peers, must and stretch of the ratio of computing times, and how far each
# number may be from ours, relatively (peers stop at tolerances of their own; resamples are theirs).
TASKS = {
    "logistic": {
        "rows": 1_000_000, "ours": "logistic", "must": 0.5, "stretch": 0.2,
        "peers": {"glm.fit": R, "sklearn": PYTHON, "polars-sklearn": PYTHON, "statsmodels": PYTHON},
        "within": {"coefficients": 1e-6},
    },
    "firth": {
        "rows": 100_000, "ours": "firth", "must": 0.7, "stretch": 0.35,
        "peers": {"brglm2": R, "firthmodels": PYTHON}, "within": {"coefficients": 1e-6},
    },
    "firth-profile": {
        "rows": 10_000, "ours": "firth-profile", "must": 12, "stretch": 6, "plain": "firth",
        "peers": {}, "within": {},
    },
    "lasso": {
        "rows": 100_000, "ours": "lasso", "must": 0.5, "stretch": 0.25,
        "peers": {"cv.glmnet": R},
        "within": {"lambda_1se": 1e-9, "lambda_min": 1e-9, "loss": 1e-5},
    },
    "auc": {
        "rows": 1_000_000, "ours": "auc", "must": 0.5, "stretch": 0.25,
        "peers": {"pROC.auc": R, "sklearn-auc": PYTHON, "polars-sklearn-auc": PYTHON},
        "within": {"auc": 1e-8},
    },
    "delong": {
        "rows": 1_000_000, "ours": "delong", "must": 0.2, "stretch": 0.1,
        "peers": {"pROC.delong": R}, "within": {"z": 1e-8},
    },
    "optimism-78": {
        "rows": 78, "ours": "optimism", "must": 0.02, "stretch": 0.005,
        "peers": {"validate": R}, "within": {"apparent_dxy": 1e-9, "corrected_dxy": 0.05},
    },
    "optimism-10k": {
        "rows": 10_000, "ours": "optimism", "must": 0.1, "stretch": 0.05,
        "peers": {"validate": R}, "within": {"apparent_dxy": 1e-9, "corrected_dxy": 0.002},
    },
    "iecv": {
        "rows": 1_000_000, "ours": "iecv", "must": 0.15, "stretch": 0.08,
        "peers": {"iecv": R}, "within": {"auc": 1e-7, "variance": 1e-6, "slope": 1e-6},
    },
    "kaplan-meier": {
        "rows": 1_000_000, "ours": "kaplan-meier", "must": 0.2, "stretch": 0.1,
        "peers": {"survfit": R, "lifelines-km": PYTHON}, "within": {"medians": 0, "chisq": 1e-8},
    },
    "cox": {
        "rows": 1_000_000, "ours": "cox", "must": 0.3, "stretch": 0.15,
        "peers": {"coxph": R, "lifelines-cox": PYTHON}, "within": {"coefficients": 2e-6},
    },
}
# Packages of R that are no Debian packages: their tasks are measured against the peers that are.
LACKING = {"logistf": "firth is measured against brglm2 and firthmodels, profile limits against our plain fit"}


def run(command, core):
    """Seconds of the whole process, and what it says of reading and computing."""
    environment = os.environ | {
        name: "1" for name in (
            "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS", "R_DATATABLE_NUM_THREADS"
        )
    }
    command = ["taskset", "-c", core, *map(str, command)]
    started = time.perf_counter()
    process = subprocess.run(command, capture_output=True, text=True, env=environment)
    whole = time.perf_counter() - started
    if process.returncode:
        sys.exit(f"failed with {process.returncode}: {' '.join(command)}\n{process.stderr}")
    return {"whole": whole, **json.loads(process.stdout.strip().splitlines()[-1])}


def measure(name, task, program, tables, core, repeats):
    table = tables / f"{task['rows']}.csv"
    parties = {"lobule": [program, task["ours"], table]}
    if "plain" in task:
        parties["plain"] = [program, task["plain"], table]
    for peer, script in task["peers"].items():
        interpreter = "Rscript" if script == R else sys.executable
        parties[peer] = [interpreter, HERE / script, peer, table]
    runs = {party: [] for party in parties}
    for turn in range(repeats):
        for party, command in parties.items():
            longest = max((entry["whole"] for entry in runs[party]), default=0)
            if longest > SLOWEST_SECONDS or (longest > SLOW_SECONDS and turn >= 3):
                continue
            runs[party].append(run(command, core))
    result = {}
    for party, entries in runs.items():
        result[party] = {
            key: statistics.median(entry[key] for entry in entries)
            for key in ("whole", "load", "compute")
        } | {"check": entries[0]["check"], "runs": len(entries)}
    return result


def differences(task, parties):
    """Numbers of peers that are not ours."""
    ours = parties["lobule"]["check"]
    for peer in task["peers"]:
        for key, tolerance in task["within"].items():
            theirs = parties[peer]["check"][key]
            if not math.isclose(ours[key], theirs, rel_tol=tolerance, abs_tol=0):
                yield f"{peer} has {key} {theirs!r}, we have {ours[key]!r}"


def rows(name, task, parties):
    def row(what, value, must, stretch):
        return {
            "what": what, "value": round(value, 4), "unit": "ratio", "must": must,
            "stretch": stretch, "pass": value <= must, "stretched": value <= stretch,
        }

    ours = parties["lobule"]
    if "plain" in task:
        ratio = ours["compute"] / parties["plain"]["compute"]
        return [row(f"{name}, computing over our plain fit", ratio, task["must"], task["stretch"])]
    fastest = {
        key: min(parties[peer][key] for peer in task["peers"]) for key in ("compute", "whole")
    }
    return [
        row(f"{name}, computing", ours["compute"] / fastest["compute"], task["must"], task["stretch"]),
        row(f"{name}, whole process", ours["whole"] / fastest["whole"], 1, 0.2),
    ]


def versions():
    packages = ["data.table", "glmnet", "pROC", "rms", "survival", "brglm2"]
    script = "for (p in commandArgs(TRUE)) cat(p, as.character(packageVersion(p)), '\\n')"
    found = subprocess.run(
        ["Rscript", "-e", script, *packages], capture_output=True, text=True, check=True
    ).stdout.split("\n")
    return [platform.python_version(), *(line.strip() for line in found if line.strip())]


def main():
    program, tables, target = (Path(argument).resolve() for argument in sys.argv[1:4])
    chosen = os.environ.get("TASKS") or ",".join(TASKS)
    core = os.environ.get("CORE", str(os.cpu_count() - 1))
    repeats = int(os.environ.get("REPEATS") or 5)
    names = [name for name in TASKS if any(name.startswith(part) for part in chosen.split(","))]
    if not names:
        sys.exit(f"There is no such task; these are: {', '.join(TASKS)}")
    for package, consequence in LACKING.items():
        print(f"No Debian package of {package}: {consequence}.")
    sizes = sorted({str(TASKS[name]["rows"]) for name in names}, key=int)
    subprocess.run([sys.executable, HERE / "generate.py", tables, *sizes], check=True)
    report = {"rows": [], "tasks": {}, "differences": []}
    for name in names:
        task = TASKS[name]
        parties = measure(name, task, program, tables, core, repeats)
        report["tasks"][name] = parties
        print(f"\n{name}, {task['rows']:,} rows")
        for party, entry in parties.items():
            numbers = ", ".join(f"{key} {value:.9g}" for key, value in entry["check"].items())
            print(
                f"  {party:20} whole {entry['whole']:8.3f} s, computing {entry['compute']:8.4f} s, "
                f"{entry['runs']} runs; {numbers}"
            )
        found = list(differences(task, parties))
        report["differences"] += [f"{name}: {line}" for line in found]
        if task["peers"]:
            print("  results differ: " + "; ".join(found) if found else "  results equal")
        report["rows"] += rows(name, task, parties)
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=HERE
    ).stdout.strip()
    report["machine"] = f"{platform.system()} {platform.machine()}, core {core} of {os.cpu_count()}"
    report["commit"] = commit or "none"
    report["versions"] = versions()
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(report, indent=1) + "\n")
    print()
    for entry in report["rows"]:
        mark = "✗" if not entry["pass"] else "✓✓" if entry["stretched"] else "✓"
        limits = f"must {entry['must']}, stretch {entry['stretch']}"
        print(f"{mark:2} {entry['what']}: {entry['value']} ({limits})")
    sys.exit(0 if all(entry["pass"] for entry in report["rows"]) and not report["differences"] else 1)


if __name__ == "__main__":
    if not shutil.which("taskset") or not shutil.which("Rscript"):
        sys.exit("taskset and Rscript are needed; see the Makefile")
    main()
