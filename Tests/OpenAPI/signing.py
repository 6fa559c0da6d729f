# SPDX-License-Identifier: Apache-2.0
"""A client of the centre's protocol in Python, written from docs/protocol.md alone.

It signs requests and checks answers (RFC 9421, RFC 9530), and enrols a device.
"""
import base64
import hashlib
import hmac
import os
import re
import struct
import time

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ANSWER = re.compile(r'^lobule=\("@status" "content-type" "content-digest"( "signature";req;key="lobule")?\)'
                    r';created=\d+;keyid="[^"]+";tag="lobule-sync-1"$')


def b64(data):
    return base64.b64encode(data).decode()


def digest(body):
    return f"sha-256=:{b64(hashlib.sha256(body).digest())}:"


def signed(key, key_id, method, authority, path, query, content_type, body):
    """The fields that sign a request."""
    nonce = base64.urlsafe_b64encode(os.urandom(16)).decode().rstrip("=")
    lines = [("@method", method), ("@authority", authority), ("@path", path), ("@query", "?" + query)]
    fields = {}
    if body:
        fields["Content-Digest"] = digest(body)
        lines += [("content-type", content_type), ("content-digest", fields["Content-Digest"])]
    names = " ".join(f'"{name}"' for name, _ in lines)
    parameters = f'({names});created={int(time.time())};nonce="{nonce}";keyid="{key_id}";tag="lobule-sync-1"'
    base = "".join(f'"{name}": {value}\n' for name, value in lines) + f'"@signature-params": {parameters}'
    fields["Signature-Input"] = f"lobule={parameters}"
    fields["Signature"] = f"lobule=:{b64(key.sign(base.encode()))}:"
    return fields


def check(center_key, status, fields, body, request_signature):
    """Raises unless the centre signed this answer to this request."""
    names = {name.lower(): value for name, value in fields.items()}
    if names["content-digest"] != digest(body):
        raise ValueError("the digest is not that of the body")
    text = names["signature-input"]
    found = ANSWER.match(text)
    if not found:
        raise ValueError(f"the signature covers something else: {text}")
    form = re.match(r"^lobule=:([A-Za-z0-9+/]{86}==):$", request_signature or "")
    if bool(form) != bool(found[1]):
        raise ValueError("the answer is bound to a request that was not signed, or not bound to one that was")
    lines = f'"@status": {status}\n"content-type": {names["content-type"]}\n"content-digest": {names["content-digest"]}\n'
    if form:
        lines += f'"signature";req;key="lobule": :{form[1]}:\n'
    base = lines + f'"@signature-params": {text[len("lobule="):]}'
    signature = base64.b64decode(re.match(r"^lobule=:(.*):$", names["signature"])[1])
    center_key.verify(signature, base.encode())


def framed(*parts):
    return b"".join(struct.pack(">I", len(part)) + part for part in parts)


def enrolment(site, code, key):
    """The body that enrols a key, and the secret that checks the answer."""
    text = code.replace("-", "").upper().encode()
    secret = HKDF(hashes.SHA256(), 32, b"lobule-enroll-1", b"mac").derive(text)
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    mac = hmac.digest(secret, framed(b"lobule-enroll-request-1", site.encode(), public), "sha256")
    return {"site": site, "public_key": b64(public), "mac": b64(mac)}, secret


def check_enrolment(reply, body, secret):
    """The centre's key, when the answer was made with the code."""
    parts = [b"lobule-enroll-reply-1", base64.b64decode(body["public_key"]), reply["key_id"].encode(),
             reply["center_key_id"].encode(), base64.b64decode(reply["center_public_key"]),
             base64.b64decode(reply["root_envelope"]), reply["center_name"].encode(), reply["authority"].encode()]
    if not hmac.compare_digest(hmac.digest(secret, framed(*parts), "sha256"), base64.b64decode(reply["mac"])):
        raise ValueError("the answer was not made with the code")
    return Ed25519PublicKey.from_public_bytes(base64.b64decode(reply["center_public_key"]))


def private_key(data=None):
    return Ed25519PrivateKey.from_private_bytes(data) if data else Ed25519PrivateKey.generate()
