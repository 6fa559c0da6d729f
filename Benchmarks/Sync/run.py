# SPDX-License-Identifier: Apache-2.0
"""The sync benchmark: run.py PROGRAM PROGRAMS WORK RESULT.json [--rounds N]

Runs the same seeded workload through our stages, the peers and the SQLite floor, every stage in a
process of its own, and compares within this run. CPU times are medians over the rounds, in which
the parties take turns. PROGRAMS is the folder of lobule and lobule-center, for a sync with nothing to
do between the two. Exits 1 when a limit is missed.
"""
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

import zstandard

HERE = Path(__file__).resolve().parent
STAGES = {
    "lobule": [
        "register", "create", "export", "import", "edit", "take", "edit_a", "edit_b", "merge_a",
        "merge_b", "check",
    ],
    "loro": [
        "create", "export", "import", "edit", "take", "edit_a", "edit_b", "merge_a", "merge_b",
        "check",
    ],
}
STAGES["pycrdt"] = STAGES["loro"]


def run(command):
    """CPU seconds, peak memory in MB and the last line of output of a process."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    output = process.stdout.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"failed with {process.returncode}: {' '.join(map(str, command))}")
    lines = output.strip().splitlines() or ["{}"]
    return {
        "cpu": usage.ru_utime + usage.ru_stime,
        "memory": usage.ru_maxrss / 1024,
        **json.loads(lines[-1]),
    }


def party(name, program, folder, workload, stages=None):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    result = {}
    for stage in stages or STAGES[name]:
        if name == "lobule":
            command = [program, stage, folder, workload, HERE / "Study"]
        else:
            command = [sys.executable, HERE / "peers.py", name, stage, folder, workload]
        result[stage] = run(command)
    return result


def floor(binary, folder, workload):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return run([binary, workload / "forms.csv", folder / "floor.sqlite"])


def kilobytes(path, name):
    data = path.read_bytes()
    # A peer's bytes are compressed for it; ours are as they are sent.
    return (len(data) if name == "lobule" else len(zstandard.compress(data, 3))) / 1000


def contested(workload):
    """Cells that both sides edited."""
    sides = []
    for name in ("side_a.csv", "side_b.csv"):
        lines = (workload / name).read_text().splitlines()[1:]
        sides.append({tuple(line.split(",")[:2]) for line in lines})
    return len(sides[0] & sides[1])


def row(what, value, unit, must=None, stretch=None, at_least=False):
    within = must is None or (value >= must if at_least else value <= must)
    return {
        "what": what, "value": round(value, 3), "unit": unit, "must": must,
        "stretch": stretch, "pass": within,
    }


def show(entry):
    limit = "" if entry["must"] is None else f"  (must {entry['must']}, stretch {entry['stretch']})"
    mark = " " if entry["pass"] else "✗"
    print(f"{mark} {entry['what']}: {entry['value']} {entry['unit']}{limit}", flush=True)


def machine():
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=HERE
    ).stdout.strip()
    return {
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "commit": commit or "none",
    }


def idle_sync(programs, target):
    """Requests and bytes of a sync with nothing to do, through the programs and TLS."""
    script = HERE.parent / "Programs" / "idle-sync.sh"
    # It fails by its own limits; they are judged with all the others here.
    subprocess.run([script, programs, target], check=False, stdout=subprocess.DEVNULL)
    return json.loads(target.read_text())["rows"]


def rows(rounds, work, workload):
    def median(name, *stages):
        return statistics.median(
            sum(entry[name][stage]["cpu"] for stage in stages) for entry in rounds
        )

    def ratio(ours, theirs):
        return statistics.median(ours(entry) / theirs(entry) for entry in rounds)

    def cpu(name, *stages):
        return lambda entry: sum(entry[name][stage]["cpu"] for stage in stages)

    def wire(name, file):
        return kilobytes(work / name / file, name)

    last = rounds[-1]["lobule"]
    memory = max(stage["memory"] for entry in rounds for stage in entry["lobule"].values())
    cells = contested(workload)
    floor_cpu = statistics.median(entry["floor"]["cpu"] for entry in rounds)
    result = [
        row("100,000 field changes, wire", wire("lobule", "wire_forms"), "KB", 330, 295),
        row("1,000 later edits, wire", wire("lobule", "wire_edits"), "KB", 5.5, 4.5),
        row(
            "10,000 concurrent edits a side, wire",
            max(wire("lobule", "wire_a"), wire("lobule", "wire_b")), "KB", 50, 42,
        ),
        row(
            "import of the 100,000, CPU over Loro's export and import",
            ratio(cpu("lobule", "import"), cpu("loro", "export", "import")), "ratio", 1.0, 0.6,
        ),
        row(
            "saving 10,000 forms, CPU over the SQLite floor",
            ratio(cpu("lobule", "create"), lambda entry: entry["floor"]["cpu"]), "ratio", 4, 2.5,
        ),
        row("peak memory of any stage", memory, "MB", 48, 38),
        row("contested cells kept for a person", last["check"]["contested"], "cells", cells,
            cells, at_least=True),
        row("contested cells with different values", last["check"]["different"], "cells"),
        row("replicas agree", int(last["check"]["converged"]), "yes", 1, 1, at_least=True),
        row(
            "import of ten times the changes, CPU",
            ratio(cpu("scale", "import"), cpu("lobule", "import")), "ratio", 11, 11,
        ),
    ]
    for stage in STAGES["lobule"]:
        result.append(row(f"lobule {stage}, CPU", median("lobule", stage), "s"))
    result.append(row("floor, CPU", floor_cpu, "s"))
    for peer in ("loro", "pycrdt"):
        for stage in STAGES[peer]:
            result.append(row(f"{peer} {stage}, CPU", median(peer, stage), "s"))
        for file in ("wire_forms", "wire_edits", "wire_a"):
            result.append(row(f"{peer} {file}", wire(peer, file), "KB"))
        peak = max(stage["memory"] for entry in rounds for stage in entry[peer].values())
        result.append(row(f"{peer} peak memory", peak, "MB"))
    return result


def main():
    program, programs, work, target = (Path(argument).resolve() for argument in sys.argv[1:5])
    count = int(sys.argv[6]) if sys.argv[5:6] == ["--rounds"] else 3
    workload, large = work / "workload", work / "workload-large"
    subprocess.run([sys.executable, HERE / "workload.py", workload], check=True)
    subprocess.run([sys.executable, HERE / "workload.py", large, "100000"], check=True)
    binary = work / "floor"
    subprocess.run(["cc", "-O2", "-o", binary, HERE / "floor.c", "-lsqlite3"], check=True)
    rounds = []
    for number in range(count):
        entry = {name: party(name, program, work / name, workload) for name in STAGES}
        entry["floor"] = floor(binary, work / "floor-run", workload)
        if number == 0:
            stages = ["bulk", "import"]
            scale = party("lobule", program, work / "scale", large, stages)
        entry["scale"] = scale
        rounds.append(entry)
    idle = idle_sync(programs, work / "idle-sync.json")
    report = {**machine(), "rows": idle + rows(rounds, work, workload)}
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(report, indent=1) + "\n")
    for entry in report["rows"]:
        show(entry)
    sys.exit(0 if all(entry["pass"] for entry in report["rows"]) else 1)


if __name__ == "__main__":
    main()
