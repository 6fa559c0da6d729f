# SPDX-License-Identifier: Apache-2.0
"""Ends programs by every fatal signal while they hold patients' values in memory."""
import glob
import os
import shutil
import signal
import subprocess
import time

import processes

SIGNALS = ("SIGABRT", "SIGSEGV", "SIGBUS", "SIGILL", "SIGTRAP", "SIGFPE", "SIGQUIT")


def backtracer():
    """Where the compiler keeps the program that prints backtraces, if it is here."""
    swift = shutil.which("swift")
    if not swift:
        return None
    root = os.path.dirname(os.path.dirname(os.path.realpath(swift)))
    found = glob.glob(root + "/libexec/swift/**/swift-backtrace*", recursive=True)
    return next((path for path in found if os.access(path, os.X_OK)), None)


def crash(command, values, name, folder):
    """Ends one program; what it printed, its core files and the limit it ran with."""
    os.makedirs(folder, exist_ok=True)
    tool = backtracer()
    wanted = "enable=yes,registers=all,images=all,limit=none,threads=all,cache=no,output-to=stderr,color=no"
    env = processes.environment(
        SWIFT_BACKTRACE=wanted + (f",swift-backtrace={tool}" if tool else ""))
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=env, cwd=folder,
                               preexec_fn=processes.isolate)
    process.stdin.write(values)
    process.stdin.flush()
    # The program has taken all that it is given once the pipe is empty and it waits for more.
    for _ in range(400):
        try:
            with open(f"/proc/{process.pid}/syscall", encoding="ascii") as file:
                waits = file.read().split()[:2] == ["0", "0x0"]
        except OSError:
            waits = False
        if waits:
            break
        time.sleep(0.01)
    with open(f"/proc/{process.pid}/limits", encoding="ascii") as file:
        limit = next(line.split()[4] for line in file if line.startswith("Max core file size"))
    process.send_signal(getattr(signal, name))
    try:
        output, errors = process.communicate(timeout=120)
    except subprocess.TimeoutExpired:
        process.kill()
        output, errors = process.communicate()
    cores = [path for path in glob.glob(folder + "/*") if "core" in os.path.basename(path)]
    return {"code": process.returncode, "text": output + errors, "cores": cores, "limit": limit}
