# SPDX-License-Identifier: Apache-2.0
"""A centre and the devices of two hospitals behind a recording proxy, and everything they leave."""
import json
import os
import re
import signal
import subprocess
import sys
import time

import planting
import processes

PROXY = os.path.join(planting.TREE, "Tests/EndToEndTests/Support/recording_proxy.py")
CENTRE = {"USER": "coordinator", "LOGNAME": "coordinator", "LOBULE_USER": "coordinator"}


def leaves(program):
    """Every command that a program's own help lists, as words, with the names of its options."""
    text = subprocess.run([program, "--experimental-dump-help"], capture_output=True, text=True,
                          check=True).stdout

    def walk(command, words):
        inner = [c for c in command.get("subcommands", []) if c["commandName"] != "help"]
        if not inner:
            yield words, {name["name"] for a in command["arguments"] for name in a.get("names", [])}
        for part in inner:
            yield from walk(part, [*words, part["commandName"]])

    return {tuple(words): options for words, options in walk(json.loads(text)["command"], []) if words}


class Scene:
    def __init__(self, programs, work, mistakes=()):
        self.work = work
        self.site_program = os.path.join(programs, "lobule")
        self.center_program = os.path.join(programs, "lobule-center")
        self.site_commands = leaves(self.site_program)
        self.center_commands = leaves(self.center_program)
        self.study = planting.study(work + "/study", mistakes)
        self.home = work + planting.value("site.db_path").rsplit("/", 1)[0]
        self.inbox = work + "/inbox"
        self.data = work + "/centre"
        for folder in (self.home, self.inbox, work + "/terminal", work + "/outside"):
            os.makedirs(folder)
        self.runs = []
        self.failures = []
        self.server = None
        self.start_proxy()

    # Programs.

    def site(self, store, *words, stdin="", secret=False, expect=(0,), study=True, env=None):
        """Runs a hospital's command; `secret` says that values stand among its arguments."""
        command = [self.site_program, *words, "--store", store]
        if study:
            command += ["--study", self.study]
        return self.ran("lobule", self.site_commands, command, words, stdin, secret, expect, env)

    def center(self, *words, stdin="", expect=(0,), env=None, data=None):
        command = [self.center_program, *words]
        if words[0] not in ("analyze", "statistics", "key", "sign-file"):
            command += ["--data", data or self.data, "--study", self.study]
        env = {**processes.environment(), **CENTRE, **(env or {})}
        return self.ran("lobule-center", self.center_commands, command, words, stdin, False, expect, env)

    def ran(self, program, known, command, words, stdin, secret, expect, env):
        run = processes.Run(command, stdin, env=env)
        run.program, run.secret = program, secret
        run.words = next((leaf for leaf in known if tuple(words[:len(leaf)]) == leaf), words[:1])
        run.name = f"{program} {' '.join(run.words)}"
        number = len(self.runs) + 1
        run.place = f"terminal/{number:03d} {run.name}"
        self.runs.append(run)
        if run.code not in expect:
            self.failures.append(f"{run.name} ended with {run.code}: {run.errors.decode()[:300]}")
        return run

    def both(self, store, *words, **rest):
        """The text and the JSON form of a command that only reads."""
        self.site(store, *words, **rest)
        return self.site(store, *words, "--json", **rest)

    @staticmethod
    def answer(run):
        try:
            return json.loads(run.output)
        except ValueError:
            return {}

    # Servers.

    def start_proxy(self):
        self.certificate = self.work + "/outside/proxy.pem"
        self.key = self.work + "/outside/proxy.key"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "2", "-subj", "/CN=inspecting proxy", "-addext",
             "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", self.key, "-out",
             self.certificate], check=True, capture_output=True)
        self.wire = self.work + "/wire"
        self.proxy_process = subprocess.Popen(
            [sys.executable, PROXY, self.certificate, self.key, self.wire],
            stdout=subprocess.PIPE, stderr=open(self.work + "/proxy.log", "wb"))
        self.proxy = f"http://127.0.0.1:{int(self.proxy_process.stdout.readline())}"

    def serve(self):
        log = open(self.work + f"/terminal/serve-{time.monotonic_ns()}.log", "w+b")
        listen = getattr(self, "url", "https://127.0.0.1:0").removeprefix("https://")
        self.server = subprocess.Popen(
            [self.center_program, "serve", "--listen", listen, "--data", self.data, "--study",
             self.study], stdout=log, stderr=log, env={**processes.environment(), **CENTRE})
        self.served = True
        for _ in range(1200):
            with open(log.name, encoding="utf-8") as file:
                found = re.search(r"https://[0-9A-Za-z.:-]+", file.read())
            if found:
                self.url = found.group()
                return
            if self.server.poll() is not None:
                break
            time.sleep(0.025)
        with open(log.name, encoding="utf-8") as file:
            raise SystemExit("the centre did not start: " + file.read())

    def stop_serving(self):
        if self.server:
            self.server.send_signal(signal.SIGTERM)
            self.server.wait(30)
            self.server = None

    def close(self):
        if self.server and self.server.poll() is None:
            self.server.kill()
        self.proxy_process.kill()
        self.proxy_process.wait()

    # Set-up that every story begins with.

    def found(self):
        self.center("init", "--name", "Test centre", "--json")
        self.serve()

    def code(self, site):
        return self.answer(self.center("site", "add", site, "--name", site, "--json"))["enrollment_code"]

    def device(self, name, site, *more, stdin=""):
        """A device with a store, enrolled through the proxy."""
        store = f"{self.home}/{name}"
        made = self.answer(self.site(store, "init", "--site", site, "--json", *more, stdin=stdin))
        # A new code is a secret of the centre; the recovery key and the enrolment are driven below.
        self.site(store, "enroll", "--server", self.url, "--ca", self.certificate, "--proxy",
                  self.proxy, "--code", "-", stdin=self.code(site))
        return store, made

    def sync(self, store, **rest):
        return self.both(store, "sync", "--proxy", self.proxy, **rest)

    def file(self, name, text):
        path = f"{self.inbox}/{name}"
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path
