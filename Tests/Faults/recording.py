# SPDX-License-Identifier: Apache-2.0
"""A day of two devices and the centre, recorded: what was written, what was acknowledged when."""
import itertools
import json
import os
import random
import subprocess
from dataclasses import dataclass, field

import strace_log
from programs import NORTH, Server, environment, look, content_of

PATIENT = "NOR000002"


@dataclass
class Known:
    """What a store held after a command, by itself: the only states it may be found in."""
    state: tuple
    audit: int
    patients: frozenset = frozenset()
    shown: str = ""
    rest: tuple = ()


@dataclass
class Store:
    """A folder that a power loss is checked on."""
    machine: str
    path: str                                   # below the machine's root
    is_center: bool = False
    known: list = field(default_factory=list)
    acknowledged: list = field(default_factory=list)   # (event, index into known)


@dataclass
class Recording:
    roots: dict
    events: list
    stores: list
    commands: list                              # (machine, first event, last event, name)


class Recorder:
    def __init__(self, programs, work, preload=None):
        self.programs, self.work, self.number = programs, work, itertools.count()
        self.traces = work + "/traces"
        os.mkdir(self.traces)
        self.roots = {name: f"{work}/{name}" for name in ("a", "b", "c")}
        for root in self.roots.values():
            os.mkdir(root, 0o700)
        self.env = environment(**({"LD_PRELOAD": preload} if preload else {}))
        self.stores, self.runs, self.current = [], [], None

    def wrap(self, name):
        self.current = f"{self.traces}/{next(self.number):04d}-{name}"
        return strace_log.strace(self.current, [])

    def store(self, machine, path, is_center=False):
        self.stores.append(Store(machine, path, is_center))
        return self.stores[-1]

    def run(self, name, command, stdin="", stores=(), machine="a"):
        """Runs and records a command; the stores that it wrote are looked at afterwards."""
        answer = self.programs.need([*command, "--json"], stdin, wrap=self.wrap(name), env=self.env)
        self.runs.append((machine, self.current, name, [(s, self.remember(s)) for s in stores]))
        return answer

    def site(self, name, *words, stdin="", store):
        command = [self.programs.site, name, *words, "--store", self.folder(store)]
        return self.run(name, command, stdin, [store], store.machine)

    def folder(self, store):
        return self.roots[store.machine] + store.path

    def remember(self, store):
        """What the store holds now; the index among what is known of it."""
        folder = self.folder(store)
        if store.is_center:
            known = look(folder + "/center.sqlite", center_content)
        else:
            known = look(folder + "/store.sqlite", site_content)
            known.patients, known.shown = self.identities(store)
        store.known.append(known)
        return len(store.known) - 1

    def identities(self, store):
        """Asked of a copy: reading may move the log into the file."""
        copy = f"{self.work}/look"
        subprocess.run(["cp", "-a", self.folder(store), copy], check=True)
        try:
            return identities(self.programs, copy, self.roots[store.machine] + "/key")
        finally:
            subprocess.run(["rm", "-rf", copy], check=True)

    def finish(self):
        events = strace_log.read_all(self.traces, self.work)
        commands = []
        for machine, path, name, stores in self.runs:
            own = [i for i, event in enumerate(events) if event.key and event.key[0] == path]
            answer = next(i for i in own if events[i].kind == "answer")
            commands.append((machine, own[0], own[-1], name))
            for store, index in stores:
                store.acknowledged.append((answer, index))
            if name in ("sync", "enroll"):
                self.acknowledge_at_center(events, path)
        return Recording(self.roots, events, self.stores, commands)

    def acknowledge_at_center(self, events, path):
        """The centre has acknowledged when its last bytes left before the device noted its answer.

        The device seals before it connects, so its first write after that is what the answer said.
        """
        own = [i for i, event in enumerate(events) if event.key and event.key[0] == path]
        connected = next(i for i in own if events[i].kind == "connect")
        noted = next(i for i in own if i > connected and events[i].kind == "write")
        sent = max(i for i in range(noted) if events[i].kind == "sent"
                   and events[i].key[0].endswith("serve"))
        for store in self.stores:
            if store.is_center:
                store.acknowledged.append((sent, self.center_after[path]))


def site_content(connection):
    audit = connection.execute("SELECT ifnull(max(number), 0) FROM site_audit").fetchone()[0]
    return Known(content_of(connection), audit)


def center_content(connection):
    counts = tuple(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                   for table in ("sites", "devices", "enrolment_codes", "data_cuts"))
    audit = connection.execute("SELECT count(*) FROM audit_entries").fetchone()[0]
    return Known(content_of(connection), audit, rest=counts)


def identities(programs, store, key):
    """The record numbers that a store knows, and all of one patient."""
    listed = programs.need([programs.site, "list", "--store", store, "--vault-key", key, "--json"])
    patients = frozenset(patient["mrn"] for patient in listed["patients"])
    if PATIENT not in patients:
        return patients, ""
    return patients, shown(programs, store, key)


def shown(programs, store, key):
    code, answer, error = programs.run(
        [programs.site, "show", "-", "--store", store, "--vault-key", key, "--json"], PATIENT)
    return json.dumps(answer, sort_keys=True) if code == 0 else f"exit {code}: {error}"


def hospital_table(path, first, last):
    with open(NORTH, encoding="utf-8") as source:
        lines = source.read().splitlines(keepends=True)
    with open(path, "w", encoding="utf-8") as table:
        table.writelines([lines[0], *lines[first:last]])
    return path


def saves(recorder, store, seed, count):
    """Corrections of single values, as people type them."""
    draw = random.Random(seed)
    for _ in range(count):
        patient = f"NOR{draw.randrange(1, 31):06d}"
        value = draw.randrange(50, 400) / 100
        recorder.site("set", "-", "--reason", "correction", store=store,
                      stdin=f"{patient} baseline lymphocytes={value}")


def begin(recorder):
    """The first device with thirty patients, not yet enrolled."""
    programs, root = recorder.programs, recorder.roots["a"]
    first = recorder.store("a", "/store")
    recorder.run("init", [programs.site, "init", "--site", "NORTH", "--store", root + "/store",
                          "--vault-key", root + "/key"], stores=[first])
    recorder.site("import", hospital_table(recorder.work + "/first.csv", 1, 31), store=first)
    recorder.site("set", "-", store=first, stdin="NEW1 treatment_start=2024-03-05 sex=female")
    return first


def record_saves(programs, work, preload=None, seed=1):
    """One device alone: what the check of the check needs."""
    recorder = Recorder(programs, work, preload)
    first = begin(recorder)
    saves(recorder, first, seed, 12)
    return recorder.finish()


def record_day(programs, work, seed):
    """Two devices and the centre, from nothing to a restored backup."""
    recorder = Recorder(programs, work)
    center = recorder.store("c", "/centre", is_center=True)
    data = recorder.roots["c"] + "/centre"
    recorder.center_after = {}
    recorder.run("center-init", [programs.center, "init", "--name", "Centre", "--data", data],
                 stores=[center], machine="c")
    server = Server(programs, data, wrap=recorder.wrap("serve"), env=recorder.env)
    recorder.remember(center)

    def add(store):
        code = recorder.run("site-add", [programs.center, "site", "add", "NORTH", "--name", "North",
                                         "--data", data], stores=[center], machine="c")
        recorder.site("enroll", "--server", server.url, "--code", "-", "--ca", data + "/ca.pem",
                      stdin=code["enrollment_code"], store=store)
        recorder.center_after[recorder.current] = recorder.remember(center)

    def sync(store):
        recorder.site("sync", store=store)
        recorder.center_after[recorder.current] = recorder.remember(center)
    try:
        first = begin(recorder)
        add(first)
        sync(first)
        saves(recorder, first, seed, 6)
        recorder.site("set", "-", store=first, stdin=f"{PATIENT} treatment_start=2023-10-11")
        recorder.site("set", "-", store=first, stdin=f"{PATIENT} name=Corrected")
        sync(first)
        recorder.site("import", hospital_table(recorder.work + "/rest.csv", 31, 141), store=first)
        recorder.site("retract", "-", store=first, stdin="NOR000003 baseline lymphocytes")
        second = second_device(recorder, first, add)
        sync(first)
        sync(second)
        saves(recorder, second, seed + 1, 4)
        saves(recorder, first, seed + 2, 4)
        for store in (second, first, second):
            sync(store)
        recorder.site("withdraw", "-", store=first, stdin="NOR000004")
        recorder.run("cut", [programs.center, "cut", "--data", data], stores=[center], machine="c")
        backup_and_restore(recorder, first)
        sync(first)
    finally:
        server.stop()
    return recorder.finish()


def second_device(recorder, first, add):
    programs, root = recorder.programs, recorder.roots["b"]
    second = recorder.store("b", "/store")
    recorder.run("init", [programs.site, "init", "--site", "NORTH", "--store", root + "/store",
                          "--vault-key", root + "/key"], stores=[second], machine="b")
    add(second)
    parcel = recorder.work + "/parcel"
    key = recorder.run("vault-write", [programs.site, "vault", "write", parcel, "--store",
                                       recorder.folder(first)], stores=[first])["transfer_key"]
    recorder.run("vault-read", [programs.site, "vault", "read", parcel, "--key", "-", "--store",
                                recorder.folder(second)], stdin=key, stores=[second], machine="b")
    return second


def backup_and_restore(recorder, first):
    programs, root = recorder.programs, recorder.roots["a"]
    backup, restored = recorder.store("a", "/backup"), recorder.store("a", "/restored")
    recorder.run("backup", [programs.site, "backup", root + "/backup", "--store", root + "/store"],
                 stores=[backup, first])
    recorder.run("restore", [programs.site, "restore", root + "/backup", "--store",
                             root + "/restored"], stores=[restored])
