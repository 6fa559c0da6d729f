# SPDX-License-Identifier: Apache-2.0
"""What a proxy may do to messages, as a mitmproxy addon.

The file named by LOBULE_PROXY_MODE holds the name of what to do; each time it was done, a line is
appended to the file named by LOBULE_PROXY_DONE. What concerns one message only is done to syncs.
"""
import gzip
import os
import pathlib
import time

from mitmproxy import ctx, http

MODE = pathlib.Path(os.environ["LOBULE_PROXY_MODE"])
DONE = pathlib.Path(os.environ["LOBULE_PROXY_DONE"])
kept = {}


def mode():
    return MODE.read_text().strip()


def note(what):
    with open(DONE, "a", encoding="utf-8") as file:
        file.write(what + "\n")


def flipped(body):
    return body[:-1] + bytes([body[-1] ^ 1])


def resized(message, body):
    """Another body with its right length."""
    message.raw_content = body
    message.headers["Content-Length"] = str(len(body))


def packed(message):
    """The body compressed, and the field that says so."""
    message.headers["Content-Encoding"] = "gzip"
    resized(message, gzip.compress(message.raw_content))


def blocked(status):
    """The page that a filter answers with in the server's place."""
    return http.Response.make(status, b"<html><h1>Access denied</h1></html>", {"Content-Type": "text/html"})


# What is done to a request on its way to the centre.
REQUEST = {
    "request_body": lambda r: setattr(r, "raw_content", flipped(r.raw_content)),
    "request_body_empty": lambda r: resized(r, b""),
    "request_content_type": lambda r: r.headers.__setitem__("Content-Type", "text/plain"),
    "request_path": lambda r: setattr(r, "path", r.path.replace("/sync", "/model")),
    "request_other_site": lambda r: setattr(r, "path", r.path.replace("/NORTH/", "/OTHER/")),
    "request_query": lambda r: setattr(r, "path", r.path + "?a=1"),
    "request_method": lambda r: setattr(r, "method", "PUT"),
    "request_host": lambda r: r.headers.__setitem__("Host", "elsewhere.example"),
    "request_no_signature": lambda r: r.headers.pop("Signature"),
    "request_no_signature_input": lambda r: r.headers.pop("Signature-Input"),
    "request_no_digest": lambda r: r.headers.pop("Content-Digest"),
    "request_other_digest": lambda r: r.headers.__setitem__("Content-Digest", "sha-256=:" + "A" * 43 + "=:"),
    "request_two_signatures": lambda r: r.headers.add("Signature", r.headers["Signature"]),
    "request_other_nonce": lambda r: r.headers.__setitem__(
        "Signature-Input", r.headers["Signature-Input"].replace('nonce="', 'nonce="A')),
    "request_later_created": lambda r: r.headers.__setitem__(
        "Signature-Input", r.headers["Signature-Input"].replace("created=1", "created=2")),
    "request_packed": packed,
    "added_fields": lambda r: (r.headers.add("Via", "1.1 proxy.example"),
                               r.headers.add("X-Forwarded-For", "10.0.0.7"),
                               r.headers.add("X-Corporate-Filter", "looked at it"),
                               r.headers.add("Accept-Encoding", "gzip"),
                               r.headers.add("User-Agent", "Filter/1.0")),
    "rewritten_names": lambda r: setattr(r.headers, "fields", tuple(
        (name.upper(), value) for name, value in reversed(r.headers.fields))),
    "http_1_0": lambda r: setattr(r, "http_version", "HTTP/1.0"),
    "connection_close": lambda r: r.headers.__setitem__("Connection", "close"),
    "slow": lambda r: time.sleep(2),
}


def chunked(message):
    """The same body in chunks, with no length before it."""
    message.headers.pop("Content-Length", None)
    message.headers["Transfer-Encoding"] = "chunked"


# What is done to an answer on its way to the hospital.
RESPONSE = {
    "response_body": lambda r: setattr(r, "raw_content", flipped(r.raw_content)),
    "response_status": lambda r: setattr(r, "status_code", 202),
    "response_content_type": lambda r: r.headers.__setitem__("Content-Type", "text/html"),
    "response_no_signature": lambda r: r.headers.pop("Signature"),
    "response_no_signature_input": lambda r: r.headers.pop("Signature-Input"),
    "response_no_digest": lambda r: r.headers.pop("Content-Digest"),
    "response_packed": packed,
    "response_truncated": lambda r: resized(r, r.raw_content[:-9]),
    "added_fields": lambda r: (r.headers.add("Via", "1.1 proxy.example"),
                               r.headers.add("X-Cache", "MISS"), r.headers.add("Age", "0"),
                               r.headers.pop("Strict-Transport-Security")),
    "rewritten_names": lambda r: setattr(r.headers, "fields", tuple(
        (name.upper(), value) for name, value in reversed(r.headers.fields))),
    "http_1_0": lambda r: setattr(r, "http_version", "HTTP/1.0"),
    "connection_close": lambda r: r.headers.__setitem__("Connection", "close"),
}


class Proxy:
    def requestheaders(self, flow):
        # A proxy that reads nothing whole passes on what it gets, in chunks of its own.
        if mode() in ("streamed", "chunks"):
            flow.request.stream = True
            if mode() == "chunks" and flow.request.headers.get("Content-Length"):
                chunked(flow.request)
                note("chunks")

    def responseheaders(self, flow):
        if mode() in ("streamed", "chunks"):
            flow.response.stream = True
            if mode() == "chunks":
                chunked(flow.response)
            note(mode())

    def request(self, flow):
        name = mode()
        if not flow.request.path.endswith("/sync"):
            return
        if name == "repeated" and flow.is_replay is None:
            copy = flow.copy()
            kept["copy"] = copy
        if name == "blocked_403":
            flow.response = blocked(403)
            note(name)
        elif name == "blocked_200":
            flow.response = blocked(200)
            note(name)
        elif name in REQUEST:
            REQUEST[name](flow.request)
            note(name)

    def response(self, flow):
        name = mode()
        if flow.is_replay is not None:
            # What the centre says to a request that it has served already.
            note(f"replay {flow.response.status_code} {flow.response.get_text()}")
            return
        if not (flow.request.path.endswith("/sync") or flow.request.path.endswith("/model")):
            return
        if name == "old_answer" and flow.request.path.endswith("/sync"):
            if "answer" in kept:
                flow.response = kept["answer"]
                note(name)
        elif flow.request.path.endswith("/sync"):
            kept["answer"] = flow.response.copy()
        if name == "repeated" and "copy" in kept:
            ctx.master.commands.call("replay.client", [kept.pop("copy")])
            note(name)
        elif name in RESPONSE and "text/html" not in flow.response.headers.get("Content-Type", ""):
            RESPONSE[name](flow.response)
            note(name)


addons = [Proxy()]
