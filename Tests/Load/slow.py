# SPDX-License-Identifier: Apache-2.0
"""slowhttptest against the real centre over TLS, beside hospitals that sync.

usage: slow.py PROGRAMS RESULT.json [--connections N] [--seconds S]

Slow headers, slow bodies, slow reading, and ranges. During each, hospitals must be served as ever,
and after it no connection of it may be left.
"""
import argparse
import asyncio
import csv
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from load import Centre, HOSPITALS, hospital, row

KINDS = {
    # A header line every ten seconds, a body byte by byte, a window of some bytes, many ranges.
    "slow headers": ["-H", "-i", "10", "-x", "24"],
    "slow bodies": ["-B", "-i", "10", "-s", "8192", "-x", "10", "-t", "POST"],
    "slow reading": ["-X", "-w", "1", "-y", "16", "-n", "5", "-z", "8", "-k", "3"],
    "ranges": ["-R", "-t", "HEAD", "-a", "10", "-b", "3000"],
}


async def attack(centre, stores, kind, connections, seconds, folder):
    """One kind of attack beside hospitals; times and failures of their syncs, and its own log."""
    out = folder / kind.replace(" ", "-")
    target = f"https://127.0.0.1:{centre.port}/v1/enroll"
    process = await asyncio.create_subprocess_exec(
        "slowhttptest", "-c", str(connections), "-r", "100", "-l", str(seconds), "-p", "3", "-u", target,
        "-g", "-o", str(out), *KINDS[kind], stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL)
    times, failures = [], []
    until = time.monotonic() + seconds
    await asyncio.gather(*(hospital(centre, store, until, times, failures) for store in stores))
    try:
        await asyncio.wait_for(process.wait(), 60)
    except asyncio.TimeoutError:
        process.kill()
        await process.wait()
    times.sort()
    return times, failures, most_connected(str(out) + ".csv")


def most_connected(path):
    """How many of its connections were open at once."""
    try:
        with open(path, newline="") as file:
            rows = list(csv.reader(file))[1:]
        return max(int(row[3]) for row in rows if len(row) > 3)
    except (OSError, ValueError):
        return 0


def connections_of(process):
    """Sockets that the centre has open, the listening ones among them."""
    folder = f"/proc/{process.pid}/fd"
    links = [os.readlink(f"{folder}/{name}") for name in os.listdir(folder) if os.path.exists(f"{folder}/{name}")]
    return sum(link.startswith("socket:") for link in links)


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    words.add_argument("programs", type=pathlib.Path)
    words.add_argument("result", type=pathlib.Path)
    words.add_argument("--connections", type=int, default=500)
    words.add_argument("--seconds", type=int, default=30)
    asked = words.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="lobule-slow-"))
    centre, rows = Centre(asked.programs.resolve(), folder), []
    try:
        centre.serve()
        stores = [centre.hospital(number) for number in range(1, HOSPITALS + 1)]
        quiet = connections_of(centre.process)
        for kind in KINDS:
            times, failures, most = asyncio.run(
                attack(centre, stores, kind, asked.connections, asked.seconds, folder))
            p99 = times[max(0, -(-len(times) * 99 // 100) - 1)]
            deadline = time.monotonic() + 60
            while (left := connections_of(centre.process) - quiet) > 0 and time.monotonic() < deadline:
                time.sleep(0.5)
            print(f"{kind}: {most} connections at once, {len(times)} syncs, p99 {p99 * 1000:.0f} ms, "
                  f"{len(failures)} failed {failures[:1]}, {left} connections left", flush=True)
            rows += [
                row(f"{kind}: p99 of a whole sync beside {most} connections", p99, "s", 1,
                    p99 < 1 and not failures),
                row(f"{kind}: connections left after a minute", left, "", 0, left <= 0),
            ]
        alive = centre.is_alive()
        centre.stop()
        rows.append(row("the centre still serves", int(alive), "", 1, alive))
        rows.append(row("peak memory", max(centre.peaks, default=0), "MiB", 256, max(centre.peaks, default=999) < 256))
    finally:
        centre.stop()
        shutil.rmtree(folder, ignore_errors=True)
    asked.result.parent.mkdir(parents=True, exist_ok=True)
    machine = f"{os.uname().sysname} {os.uname().release} {os.uname().machine}, {os.cpu_count()} cores"
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    asked.result.write_text(json.dumps({"machine": machine, "commit": commit, "rows": rows}, indent=1))
    sys.exit(0 if all(entry["pass"] for entry in rows) else 1)


if __name__ == "__main__":
    main()
