# SPDX-License-Identifier: Apache-2.0
"""Times the pooled analysis: five practice hospitals on one core, 200 hospitals on two.

    run.py PROGRAMS WORK RESULT.json

The five hospitals go the whole way of a centre: import, sync, cut, validate with its report, refit.
The network of 200 times 500 made-up patients is analysed from one file, with the built-in plan and
1,000 resamples, once more with measured values in place of thresholds, and on one core: the figures
must be the same to the last bit.
"""

import csv
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SITES, PATIENTS, SEED, SAMPLES = 200, 500, 20261107, 1000


def run(command, cores=None, output=None, **options):
    """Seconds, and the most memory in MiB, of a command on some cores."""
    if cores:
        command = ["taskset", "-c", ",".join(map(str, cores)), *command]
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=output or subprocess.DEVNULL, **options)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"failed ({process.returncode}): {' '.join(map(str, command))}")
    return time.monotonic() - start, usage.ru_maxrss / 1024


def centre(programs, work, cores):
    """A centre with the five practice hospitals; seconds from the cut to the refit."""
    data = work / "centre"
    shutil.rmtree(data, ignore_errors=True)
    environment = {**os.environ, "LOBULE_DATA": str(data)}
    server_program = str(programs / "lobule-center")
    run([server_program, "init", "--name", "Bench", "--json"], env=environment)
    log = open(work / "serve.log", "w")
    server = subprocess.Popen(
        [server_program, "serve", "--listen", "127.0.0.1:0"], env=environment, stdout=log, stderr=log
    )
    try:
        url = None
        while not url:
            time.sleep(0.05)
            words = (work / "serve.log").read_text().split()
            url = next((word for word in words if word.startswith("https://")), None)
        for name in ("han", "north", "coast", "river", "hill"):
            hospital(programs, work, data, url, name, environment)
    finally:
        server.terminate()
        server.wait()
    start = time.monotonic()
    out = work / "cut.json"
    memory = []
    with open(out, "w") as file:
        memory.append(run([server_program, "cut", "--json"], cores, file, env=environment)[1])
    cut = json.loads(out.read_text())["cut"]
    report = str(work / "five.html")
    validate = [server_program, "validate", "--cut", cut, "--report", report, "--json"]
    memory.append(run(validate, cores, env=environment)[1])
    memory.append(run([server_program, "refit", "--cut", cut, "--json"], cores, env=environment)[1])
    return time.monotonic() - start, max(memory)


def hospital(programs, work, data, url, name, environment):
    store = work / f"store-{name}"
    shutil.rmtree(store, ignore_errors=True)
    own = {**os.environ, "LOBULE_STORE": str(store)}
    site = str(programs / "lobule")
    code = name.upper()
    added = subprocess.run(
        [programs / "lobule-center", "site", "add", code, "--name", code, "--json"],
        env=environment, check=True, capture_output=True,
    )
    run([site, "init", "--site", code, "--json"], env=own)
    subprocess.run(
        [site, "enroll", "--server", url, "--code", "-", "--ca", str(data / "ca.pem"), "--json"],
        input=json.loads(added.stdout)["enrollment_code"].encode(), env=own, check=True,
        stdout=subprocess.DEVNULL,
    )
    file = ROOT / "Tests/Fixtures/Hospitals" / f"{name}.csv"
    run([site, "import", str(file), "--json"], env=own)
    run([site, "sync", "--json"], env=own, stderr=subprocess.DEVNULL)


def plans(work):
    """The built-in plan with more resamples, and with measured values in place of thresholds."""
    plan = json.loads((ROOT / "Sources/Registry/Study/plan.json").read_text())
    plan["bootstrap"]["samples"] = SAMPLES
    (work / "thresholds.json").write_text(json.dumps(plan))
    for predictor in plan["predictors"]:
        predictor["transform"] = {"kind": "linear"}
    plan["name"] = "measured"
    del plan["dichotomised"], plan["published_cohort"]
    (work / "measured.json").write_text(json.dumps(plan))


def main():
    programs, work, result = (pathlib.Path(text).resolve() for text in sys.argv[1:4])
    work.mkdir(parents=True, exist_ok=True)
    file = work / "network.csv"
    generate = [sys.executable, ROOT / "Benchmarks/Analysis/generate.py"]
    run([*generate, str(SITES), str(PATIENTS), str(SEED), str(file)])
    with open(file, newline="") as rows:
        patients = sum(1 for _ in csv.reader(rows)) - 1
    plans(work)
    rows = []

    def row(what, value, unit, must=None, stretch=None, ok=None):
        ok = (must is None or value <= must) if ok is None else ok
        rows.append({
            "what": what, "value": round(value, 3), "unit": unit, "must": must, "stretch": stretch,
            "pass": ok,
        })
        print(f"{'    ' if ok else 'MISS'} {what}: {value:.2f} {unit}", flush=True)

    seconds, memory = centre(programs, work, (0,))
    row("cut, validate with report and refit of 5 hospitals, one core", seconds, "s", 20, 10)
    row("memory of it", memory, "MiB", 1024, 256)
    outputs = {}
    for plan in ("thresholds", "measured"):
        for cores in ((0, 1), (0,)):
            out = work / f"{plan}-{len(cores)}.json"
            command = [
                str(programs / "lobule-center"), "analyze", "--csv", str(file),
                "--plan", str(work / f"{plan}.json"), "--report", str(work / f"{plan}.html"),
                "--json",
            ]
            with open(out, "w") as target:
                seconds, memory = run(command, cores, target)
            outputs[plan, len(cores)] = out.read_bytes()
            name = f"analyze {patients:,} patients of {SITES} hospitals, {plan}, {SAMPLES} resamples"
            if len(cores) == 2:
                row(f"{name}, two cores", seconds, "s", 180, 60)
                row("memory of it", memory, "MiB", 1024, 512)
            else:
                row(f"{name}, one core", seconds, "s")
        same = outputs[plan, 1] == outputs[plan, 2]
        row(f"figures that differ between one core and two, {plan}", 0 if same else 1, "", 0, 0)
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=ROOT
    ).stdout.strip() or "none"
    machine = f"{os.uname().sysname} {os.uname().release} {os.uname().machine}, {os.cpu_count()} cores"
    result.parent.mkdir(parents=True, exist_ok=True)
    result.write_text(json.dumps({"machine": machine, "commit": commit, "rows": rows}, indent=1))
    sys.exit(0 if all(row["pass"] for row in rows) else 1)


main()
