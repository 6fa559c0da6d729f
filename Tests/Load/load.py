#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Bad and slow clients against the real centre over TLS.

usage: load.py PROGRAMS RESULT.json [--requests N] [--slow N] [--seconds S] [--seed N]

1. N malformed requests with the limits of requests lifted: no answer of 500 or above, no crash,
   bounded memory.
2. A fifth as many with the limits as they are, from the address of 20 hospitals that sync: the
   requests are asked to wait, the hospitals are served.
3. Strangers that send bodies of 15 MiB to a site's address: refused before they are held in memory.
4. Slow clients that send a byte at a time, held open while 20 hospitals sync with nothing to do.
"""
import argparse
import asyncio
import json
import os
import pathlib
import random
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import time

HOSPITALS = 20
LIFTED = ["--requests-per-minute", "100000000", "--failures-per-minute", "100000000",
          "--enrolments-per-minute", "100000000"]


class Centre:
    """A centre set up in a folder and served by the real program."""

    def __init__(self, programs, folder):
        self.programs, self.folder = programs, folder
        self.data = folder / "centre"
        self.run("lobule-center", "init", "--name", "Load centre", "--json")
        self.port = 0
        self.peaks = []

    def serve(self, flags=()):
        """Serves from now on, on one port, with other flags when it did before."""
        self.stop()
        log = open(self.folder / "serve.log", "wb")
        self.process = subprocess.Popen(
            [self.programs / "lobule-center", "serve", "--listen", f"127.0.0.1:{self.port}", "--data",
             self.data, *flags], stdout=log, stderr=log)
        deadline = time.monotonic() + 20
        while True:
            text = (self.folder / "serve.log").read_text(errors="replace")
            found = re.search(r"https://127\.0\.0\.1:(\d+)", text)
            if found:
                self.port = int(found[1])
                return
            if time.monotonic() > deadline:
                sys.exit(f"the centre did not start: {text}")
            time.sleep(0.05)

    process = None

    def stop(self):
        """Ends the service and keeps how much memory it had at most."""
        if self.process is not None and self.is_alive():
            self.peaks.append(self.peak_mebibytes())
            self.process.kill()
            self.process.wait()

    def run(self, program, *words, store=None, text=None):
        environment = dict(os.environ, LOBULE_DATA=str(self.data))
        if store:
            environment["LOBULE_STORE"] = str(store)
        done = subprocess.run([self.programs / program, *words], env=environment, input=text,
                              capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{program} {' '.join(words)}: {done.stderr}")
        return json.loads(done.stdout)

    def hospital(self, number):
        """An enrolled device of a new site; returns its store."""
        code, store = f"SITE{number}", self.folder / f"store-{number}"
        self.run("lobule", "init", "--site", code, "--json", store=store)
        added = self.run("lobule-center", "site", "add", code, "--name", code, "--json")
        self.run("lobule", "enroll", "--server", f"https://127.0.0.1:{self.port}", "--code", "-",
                 "--ca", str(self.data / "ca.pem"), "--json", store=store,
                 text=added["enrollment_code"])
        return store

    def peak_mebibytes(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024

    def is_alive(self):
        return self.process.poll() is None

    def trust(self):
        return ssl.create_default_context(cafile=str(self.data / "ca.pem"))

    async def connect(self):
        return await asyncio.open_connection("127.0.0.1", self.port, ssl=self.trust_context)

    trust_context = None


class Malformed:
    """Draws requests that are wrong in one way or in several."""

    METHODS = ["GET", "POST", "PUT", "HEAD", "TRACE", "CONNECT", "OPTIONS", "get", "P\0ST", "É" * 9]
    TARGETS = ["/v1/enroll", "/v1/sites/SITE1/sync", "/v1/sites/SITE1/model", "/v1/sites/../sync", "*",
               "//", "/v1/sites/%53ITE1/sync", "http://elsewhere.example/v1/enroll", "/" + "a" * 9000,
               "/v1/sites/SITE1/sync?" + "q=1&" * 300, "", "/v1/sites/\u00e9/sync"]
    FIELDS = ["Host: 127.0.0.1:{port}", "Host: 127.0.0.1:{port}", "Host: elsewhere.example", "Host:",
              "Content-Type: application/json", "Content-Type: application/x-protobuf; a=b",
              "Content-Length: -1", "Content-Length: 99999999999999999999", "Content-Length: 5, 6",
              "Transfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked", "Expect: 100-continue",
              "Content-Encoding: gzip", "Connection: upgrade", "Upgrade: h2c", "X: " + "y" * 9000,
              "Signature: lobule=:AAAA:", "Signature-Input: lobule=(\"@method\");created=1;keyid=\"SITE1/1\"",
              "Signature-Input: lobule=(" + "\"a\" " * 400 + ")", "Content-Digest: sha-256=:AAAA:",
              " folded: value", "no colon here", "Na\0me: value", "Range: bytes=0-", "Cookie: a=b"]

    def __init__(self, generator, port):
        self.random, self.port = generator, port

    def body(self):
        kind = self.random.randrange(6)
        if kind == 0:
            return b""
        if kind == 1:
            return self.random.randbytes(self.random.randrange(2000))
        if kind == 2:
            return b'{"site":"SITE1","site":"SITE2","public_key":"' + b"A" * 44 + b'","mac":"AA=="}'
        if kind == 3:
            return b"[" * self.random.randrange(1, 4000)
        if kind == 4:
            return b'{"site":' + self.random.choice([b"1e999", b"NaN", b"null", b'"\\ud800"', b"{}"]) + b"}"
        return bytes([8, 1, 0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]) + self.random.randbytes(40)

    def request(self):
        draw = self.random
        if draw.random() < 0.1:
            return draw.randbytes(draw.randrange(1, 400)) + b"\r\n\r\n"
        method = draw.choice(self.METHODS[:2] if draw.random() < 0.7 else self.METHODS)
        target = draw.choice(self.TARGETS[:3] if draw.random() < 0.7 else self.TARGETS)
        version = "HTTP/1.1" if draw.random() < 0.95 else draw.choice(["HTTP/9.9", "HTTP/1.0", "", "x"])
        fields = [] if draw.random() < 0.05 else [self.FIELDS[0]]
        fields += draw.sample(self.FIELDS, draw.choice([0, 0, 1, 1, 2, 3, 8]))
        body = self.body() if method != "GET" else b""
        if draw.random() < 0.9 and not any("Content-Length" in f or "chunked" in f for f in fields):
            fields.append(f"Content-Length: {len(body)}")
        end = "\n" if draw.random() < 0.03 else "\r\n"
        head = end.join([f"{method} {target} {version}"] + fields) + end + end
        return head.replace("{port}", str(self.port)).encode() + body


async def answer(reader):
    """The status of one answer whose body is read; None when the connection ended."""
    line = await reader.readline()
    if not line.startswith(b"HTTP/"):
        return None, True
    status, length, closes = int(line.split()[1]), 0, False
    while (field := (await reader.readline()).strip().lower()):
        if field.startswith(b"content-length:"):
            length = int(field.split(b":")[1])
        closes |= field == b"connection: close"
    if status == 100:
        return await answer(reader)
    await reader.readexactly(length)
    return status, closes


async def malformed_client(centre, seed, count, totals):
    draw = Malformed(random.Random(seed), centre.port)
    reader = writer = None
    for _ in range(count):
        if writer is None:
            reader, writer = await centre.connect()
        try:
            writer.write(draw.request())
            await writer.drain()
            # A request that leaves the centre waiting for more is given up after a while.
            status, closes = await asyncio.wait_for(answer(reader), 0.25)
        except asyncio.TimeoutError:
            status, closes = "waiting for more", True
        except (ConnectionError, ssl.SSLError, asyncio.IncompleteReadError, ValueError):
            status, closes = None, True
        key = "closed" if status is None else str(status)
        totals[key] = totals.get(key, 0) + 1
        if closes or writer.is_closing():
            writer.transport.abort()
            writer = None
    if writer:
        writer.transport.abort()


async def malformed(centre, count, seed):
    totals, clients = {}, 16
    await asyncio.gather(*(malformed_client(centre, seed * 1000 + n, count // clients, totals)
                           for n in range(clients)))
    return totals


async def slow_client(centre, generator, stop, held):
    """Sends a request a byte at a time, and comes back whenever it is cut off."""
    while not stop.is_set():
        try:
            _, writer = await centre.connect()
        except (ConnectionError, ssl.SSLError):
            await asyncio.sleep(0.5)
            continue
        held.add(writer)
        text = (f"POST /v1/sites/SITE1/sync HTTP/1.1\r\nHost: 127.0.0.1:{centre.port}\r\n"
                f"Content-Length: 4000\r\nX: {'y' * generator.randrange(50)}\r\n\r\n").encode() + b"z" * 3000
        if generator.random() < 0.5:
            start = len(text) - 3000
            writer.write(text[:start])
            text = text[start:]
        try:
            for byte in text:
                if stop.is_set() or writer.is_closing():
                    break
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(1 + generator.random())
        except (ConnectionError, ssl.SSLError):
            pass
        held.discard(writer)
        writer.transport.abort()


async def hospital(centre, store, until, times, failures):
    """Syncs with nothing to do, again and again; each time is that of the whole program."""
    environment = dict(os.environ, LOBULE_STORE=str(store))
    while time.monotonic() < until:
        start = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            centre.programs / "lobule", "sync", "--json", env=environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        _, errors = await process.communicate()
        times.append(time.monotonic() - start)
        if process.returncode:
            failures.append(errors.decode(errors="replace").strip())
        await asyncio.sleep(1)


async def flood(centre, stores, count, seed):
    """Malformed requests at the limits as they are, beside hospitals at the same address."""
    times, failures = [], []
    until = time.monotonic() + 10
    totals, *_ = await asyncio.gather(
        malformed(centre, count, seed),
        *(hospital(centre, store, until, times, failures) for store in stores))
    return totals, len(times), failures


async def upload(centre, totals):
    """One body of 15 MiB under a signature that is a stranger's."""
    try:
        reader, writer = await centre.connect()
        size = 15 << 20
        writer.write((f"POST /v1/sites/SITE1/sync HTTP/1.1\r\nHost: 127.0.0.1:{centre.port}\r\n"
                      f"Content-Length: {size}\r\nContent-Type: application/protobuf\r\n"
                      "Signature-Input: lobule=();created=1;keyid=\"SITE1/1\";tag=\"lobule-sync-1\"\r\n"
                      f"Signature: lobule=:{'A' * 86}==:\r\n\r\n").encode())
        for _ in range(size >> 16):
            writer.write(bytes(1 << 16))
            await asyncio.wait_for(writer.drain(), 5)
        status, _ = await asyncio.wait_for(answer(reader), 5)
    except (ConnectionError, ssl.SSLError, asyncio.IncompleteReadError, asyncio.TimeoutError, ValueError):
        status = None
    key = "cut off" if status is None else str(status)
    totals[key] = totals.get(key, 0) + 1
    writer.transport.abort()


async def uploads(centre, count):
    totals = {}
    await asyncio.gather(*(upload(centre, totals) for _ in range(count)))
    return totals


def server_errors(totals):
    return sum(count for status, count in totals.items() if status.isdigit() and int(status) >= 500)


async def slow(centre, stores, count, seconds, seed):
    stop, held, times, failures = asyncio.Event(), set(), [], []
    tasks = [asyncio.create_task(slow_client(centre, random.Random(seed + n), stop, held))
             for n in range(count)]
    deadline = time.monotonic() + 60
    while len(held) < count * 0.95 and time.monotonic() < deadline:
        await asyncio.sleep(0.1)
    reached, least = len(held), len(held)
    until = time.monotonic() + seconds
    syncing = asyncio.gather(*(hospital(centre, store, until, times, failures) for store in stores))
    while time.monotonic() < until:
        least = min(least, len(held))
        await asyncio.sleep(0.5)
    await syncing
    stop.set()
    for writer in list(held):
        writer.transport.abort()
    await asyncio.gather(*tasks, return_exceptions=True)
    times.sort()
    return {"reached": reached, "least": least, "syncs": len(times), "failures": failures,
            "p50": times[len(times) // 2], "p99": times[max(0, -(-len(times) * 99 // 100) - 1)]}


def row(what, value, unit, must, passes, stretch=None):
    return {"what": what, "value": value, "unit": unit, "must": must, "stretch": stretch, "pass": passes}


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    words.add_argument("programs", type=pathlib.Path)
    words.add_argument("result", type=pathlib.Path)
    words.add_argument("--requests", type=int, default=100_000)
    words.add_argument("--slow", type=int, default=500)
    words.add_argument("--seconds", type=int, default=30)
    words.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 31))
    asked = words.parse_args()
    print(f"seed {asked.seed}")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="lobule-load-"))
    centre = Centre(asked.programs.resolve(), folder)
    centre.trust_context = centre.trust()
    try:
        centre.serve(LIFTED)
        stores = [centre.hospital(number) for number in range(1, HOSPITALS + 1)]
        totals = asyncio.run(malformed(centre, asked.requests, asked.seed))
        sent, faults, alive = sum(totals.values()), server_errors(totals), centre.is_alive()
        print(f"{sent} malformed requests: {dict(sorted(totals.items()))}", flush=True)
        centre.serve()
        limited, served, unserved = asyncio.run(flood(centre, stores, asked.requests // 5, asked.seed + 1))
        faults, alive = faults + server_errors(limited), alive and centre.is_alive()
        print(f"at the limits: {dict(sorted(limited.items()))} beside {served} syncs, "
              f"{len(unserved)} failed {unserved[:1]}", flush=True)
        heavy = asyncio.run(uploads(centre, 100))
        faults, alive = faults + server_errors(heavy), alive and centre.is_alive()
        print(f"bodies of 15 MiB by strangers: {heavy}", flush=True)
        centre.serve()
        held = asyncio.run(slow(centre, stores, asked.slow, asked.seconds, asked.seed))
        print(f"{held['least']} to {held['reached']} slow clients beside {held['syncs']} syncs: "
              f"median {held['p50'] * 1000:.0f} ms, p99 {held['p99'] * 1000:.0f} ms, "
              f"{len(held['failures'])} failed {held['failures'][:1]}")
        alive = alive and centre.is_alive()
        centre.stop()
        peak = max(centre.peaks) if alive else None
        print(f"peak memory of the centre {peak:.0f} MiB" if alive else "the centre died")
    finally:
        centre.stop()
        shutil.rmtree(folder, ignore_errors=True)
    rows = [
        row("malformed requests answered with 500 or above", faults,
            f"of {sent + sum(limited.values())}", 0, faults == 0),
        row("asked to wait at the limits", limited.get("429", 0), f"of {sum(limited.values())}", 1,
            limited.get("429", 0) > 0),
        row("syncs from the same address that failed", len(unserved), f"of {served}", 0, not unserved),
        row("the centre still serves", int(alive), "", 1, alive),
        row("peak memory", peak, "MiB", 256, alive and peak < 256),
        row("slow clients held at least", held["least"], "connections", asked.slow * 0.95,
            held["least"] >= asked.slow * 0.95),
        row("p99 of a whole sync beside them", held["p99"], "s", 1, held["p99"] < 1 and not held["failures"]),
    ]
    asked.result.parent.mkdir(parents=True, exist_ok=True)
    machine = f"{os.uname().sysname} {os.uname().release} {os.uname().machine}, {os.cpu_count()} cores"
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    asked.result.write_text(json.dumps({"machine": machine, "commit": commit, "seed": asked.seed, "rows": rows}, indent=1))
    sys.exit(0 if all(entry["pass"] for entry in rows) else 1)


if __name__ == "__main__":
    main()
