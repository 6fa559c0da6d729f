# SPDX-License-Identifier: Apache-2.0
"""The two programs through real proxies that open TLS, harmless ones and others.

usage: proxies.py PROGRAMS MITMDUMP RESULT.json
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../Faults"))
from inspecting import Mitmproxy, Squid, free_port  # noqa: E402
from programs import Programs, Server, TREE, environment, report, row  # noqa: E402

HOSPITALS = pathlib.Path(TREE) / "Tests/Fixtures/Hospitals"

# What must be refused, and by which name: the centre's refusals, then the hospital's.
REFUSED = {
    "request_body": "digest_mismatch",
    "request_body_empty": "digest_mismatch",
    "request_content_type": "bad_signature",
    "request_path": "body_too_large",
    "request_other_site": "bad_signature",
    "request_query": "bad_signature",
    "request_method": "bad_signature",
    "request_host": "authority",
    # The answer cannot be bound to a signature that did not arrive, and says so by that.
    "request_no_signature": "insufficient_coverage",
    "request_no_signature_input": "missing_or_repeated_signature-input",
    "request_no_digest": "component_absent",
    "request_other_digest": "bad_signature",
    "request_two_signatures": "insufficient_coverage",
    "request_other_nonce": "nonce",
    "request_later_created": "clock_window",
    "request_packed": "content_encoding",
    "response_body": "digest_mismatch",
    "response_status": "bad_signature",
    "response_content_type": "bad_signature",
    "response_no_signature": "missing_or_repeated_signature",
    "response_no_signature_input": "missing_or_repeated_signature-input",
    "response_no_digest": "component_absent",
    "response_packed": "digest_mismatch",
    "response_truncated": "digest_mismatch",
    "old_answer": "bad_signature",
    "blocked_403": "does not bear the centre's signature",
    "blocked_200": "does not bear the centre's signature",
}
HARMLESS = ["none", "added_fields", "rewritten_names", "streamed", "chunks", "http_1_0",
            "connection_close", "slow", "repeated"]


class World:
    """A centre and hospitals, with a proxy between them or not."""

    def __init__(self, programs, folder):
        self.programs, self.folder = programs, folder
        self.data = str(folder / "centre")
        programs.need([programs.center, "init", "--name", "Proxied centre", "--data", self.data, "--json"])
        self.server = Server(programs, self.data)
        # Squid knows no certificates of addresses: hospitals know their centre by a name, too.
        self.url, self.ca = self.server.url.replace("127.0.0.1", "localhost"), self.data + "/ca.pem"

    def centre(self, *words):
        return self.programs.need([self.programs.center, *words, "--data", self.data, "--json"])

    def code(self, site):
        return self.centre("site", "add", site, "--name", site)["enrollment_code"]

    def site(self, store, *words, text="", more=None):
        """Exit code, JSON, standard error of a hospital's command."""
        command = [self.programs.site, *words, "--store", str(self.folder / store), "--json"]
        return self.programs.run(command, text, env=environment(**(more or {})))

    def enrolled(self, store, site, *words, ca=None, more=None):
        self.need(self.site(store, "init", "--site", site))
        return self.site(store, "enroll", "--server", self.url, "--code", "-", "--ca",
                         str(ca or self.ca), *words, text=self.code(site), more=more)

    @staticmethod
    def need(outcome):
        code, answer, error = outcome
        if code or answer is None:
            sys.exit(f"a command failed with {code}: {error}")
        return answer


def is_settled(outcome):
    code, answer, _ = outcome
    return code == 0 and answer is not None and answer["digest_equal"] is True


def whole_loop(world, proxy, by_flag):
    """Enrolment, import, sync, bundle and a model update through one proxy; the facts."""
    words = ["--proxy", proxy.url] if by_flag else []
    more = {} if by_flag else {"https_proxy": proxy.url}
    way = "flag" if by_flag else "variable"
    store, site = f"{proxy.name}-{way}", f"{proxy.name}{way}".upper()
    seen = proxy.opened()
    World.need(world.enrolled(store, site, *words, ca=proxy.authority, more=more))
    facts = {"enrolled": True}
    sync = lambda: world.site(store, "sync", *words, more=more)  # noqa: E731
    world.need(world.site(store, "import", str(HOSPITALS / "north.csv")))
    facts["synced"] = is_settled(sync())
    # What goes by a file goes on by the line.
    world.need(world.site(store, "set", "NOR000001", "baseline", "platelets=211"))
    bundle, answer = str(world.folder / f"{store}.up"), str(world.folder / f"{store}.down")
    world.need(world.site(store, "bundle", "write", bundle))
    world.centre("bundle", "read", bundle)
    world.centre("bundle", "write", "--site", site, answer)
    world.need(world.site(store, "bundle", "read", answer))
    outcome = sync()
    facts["synced after a bundle"] = is_settled(outcome)
    before = outcome[1]["model_version"]
    release(world)
    outcome = sync()
    facts["model updated"] = is_settled(outcome) and outcome[1]["model_version"] == before + 1
    facts["opened by the proxy"] = proxy.opened() - seen >= 4
    return facts


def release(world):
    """One more release, whatever the gate says."""
    cut = world.centre("cut")["cut"]
    candidate = world.centre("refit", "--cut", cut)["candidate"]
    for key in (1, 2):
        world.centre("sign", candidate, "--key", f"{world.data}/keys/model-{key}.key", "--override",
                     "practice")
    world.centre("release", candidate)


def tampering(world, proxy):
    """Rows of what was done to messages and what became of it."""
    store, words = "tampered", ["--proxy", proxy.url]
    world.need(world.enrolled(store, "NORTH", *words, ca=proxy.authority))
    world.need(world.site(store, "import", str(HOSPITALS / "north.csv")))
    sync = lambda: world.site(store, "sync", *words)  # noqa: E731
    if not is_settled(sync()):
        sys.exit("the first sync through mitmproxy failed")
    rows, platelets = [], 150
    for what in HARMLESS + list(REFUSED):
        platelets += 1
        world.need(world.site(store, "set", "NOR000002", "baseline", f"platelets={platelets}"))
        proxy.do(what)
        code, answer, error = sync()
        done = proxy.did()
        for _ in range(100):
            # The proxy repeats the request by itself, after the answer.
            if what != "repeated" or any(line.startswith("replay ") for line in done):
                break
            time.sleep(0.05)
            done = proxy.did()
        proxy.do("none")
        if what in HARMLESS:
            good = is_settled((code, answer, error)) and (done or what == "none")
            if what == "repeated":
                replays = [line for line in done if line.startswith("replay ")]
                good = good and replays and all("replay 401" in r and '"replay"' in r for r in replays)
            outcome = "works" if good else error.strip()[:200] or f"{done}"
        else:
            named = REFUSED[what] in error
            # Nothing is lost: the same sync without the proxy's deed settles.
            good = code == 4 and named and bool(done) and is_settled(sync())
            outcome = REFUSED[what] if good else f"exit {code}, {len(done)} times: {error.strip()[:200]}"
        rows.append(row(f"mitmproxy, {what.replace('_', ' ')}", outcome, "",
                        "works" if what in HARMLESS else REFUSED[what], None, good))
    return rows


def errors(world, mitmdump, proxy):
    """What people read when a proxy or an authority is wrong."""
    rows = []

    def expect(what, outcome, code, *parts):
        good = outcome[0] == code and all(part in outcome[2] for part in parts)
        rows.append(row(what, outcome[2].strip()[:160] or "works", "", f"exit {code}", None, good))

    expect("the centre's own CA beside an inspecting proxy",
           world.enrolled("wrong-ca", "WRONG", "--proxy", proxy.url), 4, "certificate is not trusted", "--ca")
    dead = f"http://127.0.0.1:{free_port()}"
    expect("a proxy that is not there",
           world.enrolled("dead", "DEAD", "--proxy", dead), 4, dead.split(":")[-1])
    expect("no_proxy goes past https_proxy",
           world.enrolled("direct", "DIRECT", more={"https_proxy": dead, "no_proxy": "localhost"}), 0)
    locked = Mitmproxy(mitmdump, world.folder / "locked", world.ca, ("--proxyauth", "user:word"))
    try:
        expect("a proxy that wants a password",
               world.enrolled("locked-out", "LOCKED", "--proxy", locked.url, ca=locked.authority), 4,
               "proxy refused", "407")
        expect("a password in the proxy's address",
               world.enrolled("let-in", "LETIN", "--proxy", locked.url.replace("//", "//user:word@"),
                              ca=locked.authority), 0)
    finally:
        locked.stop()
    return rows


def stripping(world):
    """Squid taking a signature away."""
    squid = Squid(world.folder / "stripping", world.ca, "request_header_access Signature deny all")
    try:
        world.need(world.enrolled("stripped", "STRIPPED", "--proxy", squid.url, ca=squid.authority))
        code, _, error = world.site("stripped", "sync", "--proxy", squid.url)
        name = REFUSED["request_no_signature"]
        good = code == 4 and name in error
        return [row("squid, request no signature", name if good else error.strip()[:160], "", name, None, good)]
    finally:
        squid.stop()


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    programs, mitmdump, result = Programs(sys.argv[1]), os.path.abspath(sys.argv[2]), sys.argv[3]
    folder = pathlib.Path(os.path.realpath(tempfile.mkdtemp(prefix="lobule-proxies-")))
    rows, proxies, world = [], [], None
    try:
        world = World(programs, folder)
        mitmproxy = Mitmproxy(mitmdump, folder / "mitmproxy", world.ca)
        proxies = [mitmproxy]
        squid = Squid(folder / "squid", world.ca)
        proxies.append(squid)
        for proxy in proxies:
            for by_flag in (True, False):
                way = "--proxy" if by_flag else "https_proxy"
                for what, good in whole_loop(world, proxy, by_flag).items():
                    rows.append(row(f"{proxy.name} by {way}: {what}", int(good), "", 1, None, good))
        rows += tampering(world, mitmproxy)
        rows += errors(world, mitmdump, mitmproxy)
        rows += stripping(world)
    finally:
        for proxy in proxies:
            proxy.stop()
        if world:
            world.server.stop()
        if os.environ.get("LOBULE_KEEP"):
            print(folder)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    versions = {
        "mitmproxy": subprocess.run([mitmdump, "--version"], capture_output=True, text=True).stdout.split("\n")[0],
        "squid": subprocess.run(["squid", "-v"], capture_output=True, text=True).stdout.split("\n")[0],
    }
    print(json.dumps(versions))
    return report(result, rows)


if __name__ == "__main__":
    sys.exit(main())
