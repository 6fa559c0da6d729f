# SPDX-License-Identifier: Apache-2.0
"""Runs the two programs for the fault checks, and keeps what the checks have in common."""
import hashlib
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

TREE = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
NORTH = os.path.join(TREE, "Tests/Fixtures/Hospitals/north.csv")
# The exit code of a check that this machine cannot run: neither passed nor failed, and said aloud.
NOT_RUN = 77
# The messages of people's commands: what happened, to what, what to do; never a crash report.
SENTENCE = re.compile(r"^[A-Z].*\.\s*$", re.S)
CRASH = re.compile(r"Fatal error|Crash:|Backtrace|Error Domain|Swift/", re.S)


def environment(**more):
    kept = {k: v for k, v in os.environ.items() if not k.startswith("LOBULE_") and "proxy" not in k.lower()}
    return {**kept, "SWIFT_BACKTRACE": "enable=no", **more}


def workspace(prefix):
    """A folder in memory when there is room: the checks are about order, not about a disk's speed."""
    memory = "/dev/shm"
    room = os.path.isdir(memory) and shutil.disk_usage(memory).free > 1 << 30
    return os.path.realpath(tempfile.mkdtemp(prefix=prefix, dir=memory if room else None))


class Programs:
    def __init__(self, folder):
        self.site = os.path.abspath(os.path.join(folder, "lobule"))
        self.center = os.path.abspath(os.path.join(folder, "lobule-center"))

    def run(self, command, stdin="", wrap=(), env=None, limit=120):
        """Runs a command; its exit code, its JSON (or None), and its standard error."""
        done = subprocess.run([*wrap, *command], input=stdin, text=True, capture_output=True,
                              env=env or environment(), timeout=limit, errors="replace")
        try:
            answer = json.loads(done.stdout)
        except ValueError:
            answer = None
        return done.returncode, answer, done.stderr

    def need(self, command, stdin="", **rest):
        """Runs a command that must succeed; its JSON."""
        code, answer, error = self.run(command, stdin, **rest)
        if code != 0 or answer is None:
            raise SystemExit(f"{' '.join(command[:4])} ended with {code}: {error.strip()}")
        return answer


class Server:
    """A running centre."""

    def __init__(self, programs, data, listen="127.0.0.1:0", wrap=(), env=None):
        self.log = open(data + ".serve.log", "w+", encoding="utf-8")
        command = [programs.center, "serve", "--data", data, "--listen", listen]
        self.process = subprocess.Popen([*wrap, *command], stdout=self.log, stderr=self.log,
                                        env=env or environment(), start_new_session=True)
        self.url = self.wait(data)

    def wait(self, data):
        for _ in range(800):
            with open(data + ".serve.log", encoding="utf-8") as text:
                log = text.read()
            found = re.search(r"https://[0-9A-Za-z.:-]+", log)
            if found:
                return found.group(0)
            if self.process.poll() is not None:
                break
            time.sleep(0.025)
        raise SystemExit(f"the centre did not start: {log}")

    def stop(self, how=signal.SIGTERM):
        """Ends the server and what wraps it: they share a process group."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, how)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        self.log.close()


def join(programs, data, url, site, store, more=(), wrap=lambda name: (), env=None):
    """A new device of a site: its code at the centre, its store, its enrolment."""
    code = programs.need([programs.center, "site", "add", site, "--name", site, "--data", data,
                          "--json"], wrap=wrap("site-add"), env=env)["enrollment_code"]
    programs.need([programs.site, "init", "--site", site, "--store", store, "--json", *more],
                  wrap=wrap("init"), env=env)
    programs.need([programs.site, "enroll", "--server", url, "--code", "-", "--ca",
                   data + "/ca.pem", "--store", store, "--json"], code, wrap=wrap("enroll"), env=env)


def copied(path):
    """An SQLite file with its log, copied apart: looking must not tidy up the original."""
    folder = workspace("lobule-look-")
    for suffix in ("", "-wal"):
        if os.path.exists(path + suffix):
            shutil.copyfile(path + suffix, folder + "/db" + suffix)
    return folder


def look(path, reading, apart=True):
    """Calls `reading` with a connection to an SQLite file, by default to a copy of it."""
    folder = copied(path) if apart else None
    connection = sqlite3.connect(folder + "/db" if apart else path)
    try:
        return reading(connection)
    finally:
        connection.close()
        if folder:
            shutil.rmtree(folder)


def vectors(connection):
    """How far each replica's changes are here, sealed or not."""
    return tuple(connection.execute(
        "SELECT s.code, hex(r.replica), max(r.logged,"
        " ifnull((SELECT max(p.id) & 0xFFFFFFFFFF FROM log_pending p"
        " WHERE p.id >> 40 = r.id), 0)) FROM log_replica r JOIN log_scope s ON s.id = r.scope"
        " ORDER BY 1, 2").fetchall())


def changes(connection):
    """How many changes are here."""
    return sum(last for _, _, last in vectors(connection))


def state_of(connection):
    """What hospital and centre must agree on: vectors and digests."""
    digests = connection.execute("SELECT code, hex(digest) FROM log_scope ORDER BY 1").fetchall()
    return vectors(connection), tuple(digests)


def content_of(connection):
    """Vectors, and every value that stands: two moments of one store differ in it."""
    content = hashlib.sha256()
    for row in connection.execute(
            "SELECT p.patient, r.event, r.reader, r.heads FROM head_row r"
            " JOIN head_patient p ON p.id = r.patient ORDER BY 1, 2, 3"):
        content.update(repr(row).encode())
    return vectors(connection), content.hexdigest()[:24]


def machine():
    name = subprocess.run(["uname", "-srm"], text=True, capture_output=True).stdout.strip()
    return f"{name}, {os.cpu_count()} cores"


def commit():
    done = subprocess.run(["git", "-C", TREE, "rev-parse", "--short", "HEAD"], text=True,
                          capture_output=True)
    return done.stdout.strip() or "none"


def row(what, value, unit, must, stretch, good):
    return {"what": what, "value": value, "unit": unit, "must": must, "stretch": stretch,
            "pass": bool(good)}


def report(path, rows):
    """Writes the result and says it in lines; the exit code."""
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"machine": machine(), "commit": commit(), "rows": rows}, file, indent=1)
    for line in rows:
        print(f"  {'ok  ' if line['pass'] else 'FAIL'}  {line['what']}: {line['value']} {line['unit']}")
    sys.stdout.flush()
    return 0 if all(line["pass"] for line in rows) else 1
