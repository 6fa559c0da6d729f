# SPDX-License-Identifier: Apache-2.0
"""What schemathesis must know of this protocol: signatures, bodies, and a check of every answer."""
import atexit
import base64
import collections
import json
import os
import random
import sys
from urllib.parse import urlsplit

import requests
import schemathesis
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import strategies as st

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import signing  # noqa: E402

FACTS = json.loads(os.environ["LOBULE_OPENAPI"])
KEY = signing.private_key(base64.b64decode(FACTS["private_key"]))
STRANGER = signing.private_key()
CENTER = Ed25519PublicKey.from_public_bytes(base64.b64decode(FACTS["center_key"]))
DRAW = random.Random(FACTS["seed"])
COUNTS = collections.Counter()


class Signature(requests.auth.AuthBase):
    """Signs nearly all requests well, and the others not at all or not well."""

    def __call__(self, request):
        url = urlsplit(request.url)
        if url.path == "/v1/enroll":
            return request
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        if body and "Content-Type" not in request.headers:
            request.headers["Content-Type"] = "application/octet-stream"
        fate = DRAW.random()
        if fate < 0.05:
            return request
        key = STRANGER if fate < 0.1 else KEY
        fields = signing.signed(key, FACTS["key_id"], request.method, url.netloc, url.path, url.query,
                                request.headers.get("Content-Type", ""), body)
        if fate < 0.15:
            fields.pop(DRAW.choice(list(fields)))
        request.headers.update(fields)
        return request


schemathesis.auth.set_from_requests(Signature())


def number(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def field(tag, value):
    if isinstance(value, int):
        return number(tag << 3) + number(value) if value else b""
    return number(tag << 3 | 2) + number(len(value)) + value


@st.composite
def sync_requests(draw):
    """Sync requests of the schema in lobule.proto, whole, nearly whole and not at all."""
    kind = draw(st.sampled_from(["good"] * 6 + ["odd", "odd", "cut", "noise"]))
    if kind == "noise":
        return draw(st.binary(max_size=300))
    odd = kind == "odd"
    whole = (field(1, draw(st.sampled_from([0, 2, 1 << 31])) if odd else 1)
             + field(3, bytes(draw(st.sampled_from([0, 31, 32, 33])) if odd else 32))
             + b"".join(field(4, batch) for batch in draw(st.lists(st.binary(max_size=200), max_size=3)))
             + field(5, draw(st.sampled_from([0, 1, (1 << 64) - 1])))
             + field(6, draw(st.sampled_from([0, 1 << 20, (1 << 32) - 1])))
             + field(8, draw(st.integers(0, 1)))
             + field(9, draw(st.sampled_from([0, 1, 2, 99, (1 << 64) - 1])))
             + field(11, draw(st.sampled_from([257, (1 << 32) - 1] if odd else [0, 1, 256]))))
    return whole[:draw(st.integers(0, len(whole)))] if kind == "cut" else whole


schemathesis.openapi.media_type("application/protobuf", sync_requests())


@schemathesis.serializer("application/protobuf")
def as_bytes(context, value):
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    """Most requests are for the device's own site: the others end at the first check."""
    if path_parameters and "site" in path_parameters and DRAW.random() < 0.85:
        path_parameters["site"] = FACTS["site"]
    return path_parameters


@schemathesis.check
def signed_answer(context, response, case):
    """Every answer but to what is no HTTP bears the centre's signature for its request."""
    COUNTS[str(response.status_code)] += 1
    COUNTS[f"{case.operation.label} {response.status_code}"] += 1
    COUNTS["all"] += 1
    if response.status_code == 400 and not response.content:
        COUNTS["refused before HTTP"] += 1
        return
    fields = {name: values[0] for name, values in response.headers.items()}
    sent = response.request.headers.get("Signature")
    try:
        signing.check(CENTER, response.status_code, fields, response.content, sent)
    except Exception as error:
        raise AssertionError(f"no good signature: {error!r}") from error


@atexit.register
def save():
    with open(FACTS["counts"], "w", encoding="utf-8") as file:
        json.dump(COUNTS, file)
