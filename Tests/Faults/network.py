#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Two hosts with a cable between them that is bad, slow, or pulled out at any byte.

    network.py PROGRAMS RESULT.json ROUNDS [SEED]

Hospital and centre live in network namespaces of their own. In each round the hospital saves, and a
sync meets a fault: the cable is pulled after so many bytes either way, the answers alone get lost,
packets get lost at random, or the centre's host stays silent. Then the cable is whole again. The
next sync must end with equal digests, nothing may have been said to be sent that is not there, and
no command may take longer than its bound.
"""
import csv
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time

from programs import (CRASH, NORTH, NOT_RUN, SENTENCE, Programs, Server, join, look, report, row,
                      state_of, vectors, workspace)

HERE, THERE = "10.77.0.1", "10.77.0.2"
PORT = 8443
SPEED = "256kbit"
LANES = 6
LIMIT = 60           # seconds: a cut line is noticed within 30, a host that is not there within 15


def tool(*words, good=True):
    done = subprocess.run(words, text=True, capture_output=True)
    if good and done.returncode != 0:
        raise SystemExit(f"{' '.join(words)}: {done.stderr.strip()}")
    return done


class Cable:
    """The pair of interfaces; the centre's end is in the namespace of a process."""

    def __init__(self, holder):
        self.enter = ["nsenter", f"--net=/proc/{holder}/ns/net"]
        tool("ip", "link", "add", "site", "type", "veth", "peer", "name", "centre")
        tool("ip", "link", "set", "centre", "netns", str(holder))
        tool("ip", "addr", "add", f"{HERE}/24", "dev", "site")
        tool("ip", "link", "set", "site", "up")
        tool(*self.enter, "ip", "addr", "add", f"{THERE}/24", "dev", "centre")
        tool(*self.enter, "ip", "link", "set", "centre", "up")
        tool(*self.enter, "ip", "link", "set", "lo", "up")
        self.slow = []
        # Slow enough that a body takes a while; a short queue, so that what is sent soon arrives.
        for wrap, name in (([], "site"), (self.enter, "centre")):
            done = tool(*wrap, "tc", "qdisc", "add", "dev", name, "root", "tbf", "rate", SPEED, "burst",
                        "1600", "limit", "6000", good=False)
            self.slow.append(done.returncode == 0)
        self.lossy = self.rules("add table inet loss; add chain inet loss in "
                                "{ type filter hook input priority 0; }")

    def rules(self, text):
        return tool(*self.enter, "nft", text, good=False).returncode == 0

    def bytes(self, way):
        """Bytes that left the hospital's end (`tx`) or came to it (`rx`)."""
        with open("/proc/self/net/dev", encoding="ascii") as table:
            counts = next(line for line in table if line.strip().startswith("site:")).split()
        return int(counts[9 if way == "tx" else 1])

    def pull(self):
        tool("ip", "link", "set", "site", "down")

    def lose(self, percent):
        self.rules(f"add rule inet loss in numgen random mod 100 < {percent} drop")
        tool("nft", "add table inet loss; add chain inet loss in "
             "{ type filter hook input priority 0; }; "
             f"add rule inet loss in numgen random mod 100 < {percent} drop")

    def silence(self):
        """Requests arrive, answers do not: the way back leads nowhere."""
        tool(*self.enter, "ip", "route", "add", "blackhole", f"{HERE}/32")

    def whole(self):
        tool("ip", "link", "set", "site", "up")
        tool(*self.enter, "ip", "route", "del", "blackhole", f"{HERE}/32", good=False)
        if self.lossy:
            self.rules("flush chain inet loss in")
            tool("nft", "delete table inet loss", good=False)


class Round:
    def __init__(self, programs, cable, work, draw):
        self.programs, self.cable, self.draw = programs, cable, draw
        self.store, self.data, self.key = work + "/store", work + "/centre", work + "/store.vault-key"
        with open(NORTH, encoding="utf-8") as table:
            self.patients = [f"{row['mrn']},{row['treatment_start']}" for row in csv.DictReader(table)]

    def site(self, *words, stdin=""):
        started = time.time()
        code, answer, error = self.programs.run([self.programs.site, *words, "--store", self.store,
                                                 "--json"], stdin, limit=LIMIT * 5)
        return code, answer, error, time.time() - started

    def save(self):
        """Changes that wait to be sent: new blood counts of most patients."""
        table = os.path.dirname(self.store) + "/table.csv"
        with open(table, "w", encoding="utf-8") as file:
            file.write("mrn,treatment_start,lymphocytes,neutrophils,platelets\n")
            for patient in self.draw.sample(self.patients, 100):
                counts = (self.draw.uniform(0.5, 4), self.draw.uniform(1.5, 9), self.draw.uniform(90, 300))
                file.write(patient + f",{counts[0]:.4f},{counts[1]:.4f},{counts[2]:.0f}\n")
        code, _, error, _ = self.site("import", "--update", table)
        if code != 0:
            raise SystemExit(f"the import ends with {code}: {error}")

    def watch(self, way, threshold, act, done):
        """Acts once so many bytes have passed."""
        start = self.cable.bytes(way)
        while not done.is_set():
            if self.cable.bytes(way) - start >= threshold:
                act()
                return
            time.sleep(0.0005)

    def under(self, fault):
        """A sync under a fault: what it says, and how long it takes."""
        done = threading.Event()
        # A whole sync of a round is about so many bytes with its handshakes.
        sent, received = self.draw.randrange(8000), self.draw.randrange(3500)
        faults = {
            "pulled while sending": ("tx", sent, self.cable.pull),
            "pulled while receiving": ("rx", received, self.cable.pull),
            "answers lost": ("tx", sent, self.cable.silence),
            "pulled and put back": ("tx", sent, self.flap),
            "packets lost": ("tx", 0, lambda: self.cable.lose(self.draw.choice([5, 15, 30]))),
            "silent from the start": ("tx", 0, self.cable.silence),
        }
        watcher = threading.Thread(target=self.watch, args=(*faults[fault], done))
        watcher.start()
        result = self.site("sync")
        done.set()
        watcher.join()
        return result

    def flap(self):
        self.cable.pull()
        time.sleep(self.draw.random())
        self.cable.whole()

    def judge(self, fault):
        self.save()
        code, answer, error, seconds = self.under(fault)
        said = error.strip()
        findings = []
        if code == 0 and not self.holds():
            findings.append("LOST: it says that all was sent, and the centre lacks some")
        if code != 0 and (code != 4 or not SENTENCE.match(error) or CRASH.search(error)):
            findings.append(f"ends with {code} and says {error.strip()[:200]!r}")
        claimed = self.claimed()
        if any(claimed[replica] > have for replica, have in self.held(claimed)):
            findings.append("LOST: it takes changes for sent that the centre has not")
        if seconds > LIMIT:
            findings.append(f"took {seconds:.0f} s")
        self.cable.whole()
        again, answer, error, more = self.site("sync")
        if again != 0 or answer["digest_equal"] is not True or not self.holds():
            findings.append(f"LOST: the next sync ends with {again}: {answer} {error.strip()[:200]}")
        return findings, code, max(seconds, more), said

    def holds(self):
        """Whether hospital and centre hold the same."""
        return (look(self.store + "/store.sqlite", state_of)
                == look(self.data + "/center.sqlite", state_of))

    def claimed(self):
        """What the hospital has no longer to send, by its status."""
        _, status, _, _ = self.site("status")
        own = {replica: last for _, replica, last in look(self.store + "/store.sqlite", vectors)}
        replica = status["replica"].upper()
        return {replica: own[replica] - status["unsent"]}

    def held(self, claimed):
        have = {replica: last for _, replica, last in look(self.data + "/center.sqlite", vectors)}
        return [(replica, have.get(replica, 0)) for replica in claimed]


FAULTS = ("pulled while sending", "pulled while receiving", "packets lost", "pulled and put back",
          "answers lost", "silent from the start")


def inside(programs, rounds, seed, lane):
    """One pair of hosts, from cable to doctor; the results of its rounds."""
    work, draw = workspace("lobule-net-"), random.Random(f"{seed}:{lane}")
    holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
    server, results = None, []
    try:
        time.sleep(0.2)
        cable = Cable(holder.pid)
        if lane == 0 and not all(cable.slow):
            say("  NOT HERE: this kernel has no tbf; bodies pass at full speed")
        if lane == 0 and not cable.lossy:
            say("  NOT HERE: this kernel has no nftables or numgen; no round loses packets")
        programs.need([programs.center, "init", "--name", "Centre", "--host", THERE, "--data",
                       work + "/centre", "--json"])
        server = Server(programs, work + "/centre", f"{THERE}:{PORT}", wrap=cable.enter)
        join(programs, work + "/centre", f"https://{THERE}:{PORT}", "NORTH", work + "/store")
        round_ = Round(programs, cable, work, draw)
        # The import waits to be sent, so that the first round has a large body.
        code, _, error, _ = round_.site("import", NORTH)
        if code != 0:
            raise SystemExit(f"the import ends with {code}: {error}")
        kinds = [fault for fault in FAULTS if cable.lossy or fault != "packets lost"]
        for number in range(rounds):
            fault = kinds[(lane + number) % len(kinds)]
            findings, code, seconds, error = round_.judge(fault)
            results.append((fault, findings, code, seconds, error))
            if findings:
                say(f"  hosts {lane}, round {number}, {fault}: " + "; ".join(findings))
        ended, answer, error = programs.run([programs.center, "doctor", "--data", work + "/centre",
                                             "--json"])
        if ended != 0:
            results.append(("doctor", [f"the centre's doctor ends with {ended}: {answer} {error}"], 0, 0, ""))
    finally:
        if server:
            server.stop()
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        shutil.rmtree(work, ignore_errors=True)
    return results


def say(line):
    print(line, file=sys.stderr, flush=True)


def summarise(result, results, seed, started):
    for fault in dict.fromkeys(entry[0] for entry in results):
        own = [entry for entry in results if entry[0] == fault]
        broken = [entry for entry in own if entry[2] != 0]
        slowest = max(entry[3] for entry in own)
        said = f", says: {broken[-1][4][:100]}" if broken else ""
        print(f"  {fault}: {len(broken)} of {len(own)} syncs broke off, slowest {slowest:.1f} s{said}")
    bad = [entry for entry in results if entry[1]]
    lost = [entry for entry in bad if any("LOST" in finding for finding in entry[1])]
    broken = sum(entry[2] != 0 for entry in results)
    return report(result, [
        row(f"rounds with a bad network, seed {seed}", len(results), "rounds", 1, 60, True),
        row("syncs that broke off with a sentence", broken, "syncs", 1, 20, broken > 0),
        row("rounds that lost, or wrongly acknowledged, a change", len(lost), "rounds", 0, 0, not lost),
        row("rounds with any other finding", len(bad) - len(lost), "rounds", 0, 0, len(bad) == len(lost)),
        row("slowest command", round(max(entry[3] for entry in results), 1), "s", LIMIT, 60,
            max(entry[3] for entry in results) <= LIMIT),
        row("time", round(time.time() - started, 1), "s", 900, 300, True),
    ])


def namespaces():
    """The words that make namespaces here, with rights of one's own when not root; or None."""
    for words in (["unshare", "--net"], ["unshare", "--user", "--map-root-user", "--net"]):
        probe = "ip link add end0 type veth peer name end1 && ip link set lo up && unshare --net true"
        if subprocess.run([*words, "sh", "-c", probe], capture_output=True).returncode == 0:
            return words
    return None


def main(programs, result, rounds, seed):
    words = namespaces()
    if words is None:
        print("network: NOT RUN. This machine lets this user make no network namespaces: run as root, "
              "or allow unprivileged user namespaces.")
        return NOT_RUN
    started = time.time()
    print(f"network: {rounds} rounds, seed {seed}; {SPEED} both ways", flush=True)
    # A round mostly waits for a silent line, so several pairs of hosts run side by side.
    lanes = min(LANES, rounds)
    running = [subprocess.Popen([*words, sys.executable, __file__, "--inside", programs,
                                 str(rounds // lanes + (lane < rounds % lanes)), str(seed), str(lane)],
                                stdout=subprocess.PIPE, text=True) for lane in range(lanes)]
    results = []
    for process in running:
        text, _ = process.communicate()
        if process.returncode != 0:
            results.append(["hosts", [f"they ended with {process.returncode}"], 0, 0, ""])
        else:
            results += json.loads(text)
    return summarise(result, results, seed, started)


if __name__ == "__main__":
    if len(sys.argv) == 6 and sys.argv[1] == "--inside":
        print(json.dumps(inside(Programs(sys.argv[2]), *map(int, sys.argv[3:]))))
        sys.exit(0)
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    chosen = int(sys.argv[4]) if len(sys.argv) > 4 else random.SystemRandom().randrange(1 << 31)
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), chosen))
