# SPDX-License-Identifier: Apache-2.0
"""The published OpenAPI document against the real centre over TLS, by schemathesis.

usage: openapi.py PROGRAMS SCHEMATHESIS RESULT.json [--examples N] [--seed N]
"""
import argparse
import base64
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
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../Faults"))
import signing  # noqa: E402
from programs import Programs, TREE, environment, report, row  # noqa: E402

DOCUMENT = os.path.join(TREE, "docs/openapi.json")
# Every request counts against a limit, so the limits are lifted, but not taken away.
LIMITS = ["--requests-per-minute", "1000000", "--failures-per-minute", "1000000",
          "--enrolments-per-minute", "1000000"]


class Centre:
    def __init__(self, programs, folder):
        self.programs, self.data = programs, str(folder / "centre")
        self.need("init", "--name", "Documented centre")
        self.log = open(folder / "serve.log", "wb")
        self.process = subprocess.Popen(
            [programs.center, "serve", "--data", self.data, "--listen", "127.0.0.1:0", *LIMITS],
            stdout=self.log, stderr=self.log, env=environment())
        while True:
            text = (folder / "serve.log").read_text(errors="replace")
            found = re.search(r"https://127\.0\.0\.1:\d+", text)
            if found:
                self.url = found[0]
                return
            if self.process.poll() is not None:
                sys.exit(f"the centre did not start: {text}")

    def need(self, *words):
        return self.programs.need([self.programs.center, *words, "--data", self.data, "--json"])

    def enrol(self, site):
        """A device's key and name, and the centre's key, by the protocol alone."""
        code = self.need("site", "add", site, "--name", site)["enrollment_code"]
        key = signing.private_key()
        body, secret = signing.enrolment(site, code, key)
        request = urllib.request.Request(self.url + "/v1/enroll", json.dumps(body).encode(),
                                         {"Content-Type": "application/json"})
        context = ssl.create_default_context(cafile=self.data + "/ca.pem")
        with urllib.request.urlopen(request, context=context) as answer:
            content = answer.read()
            reply = json.loads(content)
            center_key = signing.check_enrolment(reply, body, secret)
            signing.check(center_key, answer.status, dict(answer.headers), content, None)
        schema = json.loads(pathlib.Path(DOCUMENT).read_text())["components"]["schemas"]["EnrollmentReply"]
        if sorted(reply) != sorted(schema["properties"]):
            sys.exit(f"the answer to an enrolment is not as documented: {sorted(reply)}")
        return key, reply


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    words.add_argument("programs")
    words.add_argument("schemathesis")
    words.add_argument("result")
    words.add_argument("--examples", type=int, default=1500)
    words.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 31))
    asked = words.parse_args()
    print(f"seed {asked.seed}")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="lobule-openapi-"))
    centre = None
    try:
        centre = Centre(Programs(asked.programs), folder)
        key, reply = centre.enrol("NORTH")
        facts = {"site": "NORTH", "key_id": reply["key_id"], "center_key": reply["center_public_key"],
                 "private_key": signing.b64(key.private_bytes_raw()), "seed": asked.seed,
                 "counts": str(folder / "counts.json")}
        done = subprocess.run(
            [os.path.abspath(asked.schemathesis), "run", DOCUMENT, "--url", centre.url, "--tls-verify",
             centre.data + "/ca.pem", "--max-examples", str(asked.examples), "--seed", str(asked.seed),
             "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,"
             "response_headers_conformance,response_schema_conformance,signed_answer",
             "--continue-on-failure", "--request-timeout", "20", "--no-color", "--workers", "1",
             "--generation-database", "none"],
            env=environment(SCHEMATHESIS_HOOKS="hooks", LOBULE_OPENAPI=json.dumps(facts),
                            PYTHONPATH=os.path.dirname(os.path.abspath(__file__))),
            cwd=folder, text=True, capture_output=True)
        print(done.stdout[-6000:], done.stderr[-2000:])
        counts = json.loads((folder / "counts.json").read_text())
        alive = centre.process.poll() is None
    finally:
        if centre:
            centre.process.kill()
            centre.log.close()
        shutil.rmtree(folder, ignore_errors=True)
    errors = sum(count for status, count in counts.items() if status.isdigit() and int(status) >= 500)
    print(dict(sorted(counts.items())))
    return report(asked.result, [
        row("answers checked against the document", counts.get("all", 0), "", 3000, 10000,
            counts.get("all", 0) >= 3000),
        row("answers of 500 or above", errors, "", 0, 0, errors == 0),
        row("answers 200", counts.get("200", 0), "", 1, None, counts.get("200", 0) > 0),
        row("schemathesis finds nothing", int(done.returncode == 0), "", 1, None, done.returncode == 0),
        row("the centre still serves", int(alive), "", 1, None, alive),
    ])


if __name__ == "__main__":
    sys.exit(main())
