# SPDX-License-Identifier: Apache-2.0
"""Runs a program as the people of a hospital do, and watches the process list meanwhile."""
import ctypes
import os
import resource
import subprocess
import threading
import time

import planting

CLONE_NEWUTS = 0x04000000
libc = ctypes.CDLL(None, use_errno=True)


def isolate():
    """In the child: a machine name of its own, and core files as large as they like."""
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    name = planting.value("site.hostname").encode()
    if libc.unshare(CLONE_NEWUTS) == 0:
        libc.sethostname(name, len(name))


def environment(**more):
    kept = {k: v for k, v in os.environ.items()
            if not k.startswith("LOBULE_") and "proxy" not in k.lower()}
    login = planting.value("site.user_login")
    return {**kept, "SWIFT_BACKTRACE": "enable=no", "USER": login, "LOGNAME": login,
            "LOBULE_USER": login, "HOSTNAME": planting.value("site.hostname"), **more}


class Watch(threading.Thread):
    """Reads a process's entry in the process list as often as it can."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid = pid
        self.seen = {}
        self.started = time.monotonic()
        self.going = True

    def run(self):
        while self.going:
            try:
                with open(f"/proc/{self.pid}/cmdline", "rb", buffering=0) as file:
                    line = file.read()
            except OSError:
                return
            if line.strip(b"\0"):
                self.seen[line] = time.monotonic() - self.started

    def stop(self):
        self.going = False
        self.join()
        return self.seen


class Run:
    """What one command printed and what the process list showed of it."""

    def __init__(self, command, stdin=b"", env=None, cwd=None, limit=120):
        self.command = command
        self.stdin = stdin if isinstance(stdin, bytes) else stdin.encode()
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env=env or environment(), cwd=cwd,
                                   preexec_fn=isolate)
        watch = Watch(process.pid)
        watch.start()
        try:
            self.output, self.errors = process.communicate(self.stdin, timeout=limit)
        except subprocess.TimeoutExpired:
            process.kill()
            self.output, self.errors = process.communicate()
        self.seen = watch.stop()
        self.code = process.returncode
