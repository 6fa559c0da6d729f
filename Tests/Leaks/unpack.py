# SPDX-License-Identifier: Apache-2.0
"""Undoes what may hide a value: compression, base64, hexadecimal, escapes, databases, protobuf."""
import base64
import binascii
import ctypes
import ctypes.util
import hashlib
import os
import re
import shutil
import sqlite3
import tempfile
import urllib.parse
import zlib

DEPTH = 4
LIMIT = 64 << 20
BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{16,}={0,2}")
HEX = re.compile(rb"(?:[0-9a-fA-F]{2}[ :]?){8,}")
PERCENT = re.compile(rb"%[0-9A-Fa-f]{2}")
ESCAPE = re.compile(rb"\\u[0-9a-fA-F]{4}")
SCALAR = re.compile(rb"[^\s,;\"'=<>()\[\]{}|&?]+")
TEXT = bytes(range(0x20, 0x7F)) + b"\t\r\n"

zstd = ctypes.CDLL(ctypes.util.find_library("zstd") or "libzstd.so.1")
zstd.ZSTD_createDStream.restype = ctypes.c_void_p
zstd.ZSTD_freeDStream.argtypes = [ctypes.c_void_p]
zstd.ZSTD_isError.argtypes = [ctypes.c_size_t]
zstd.ZSTD_decompressStream.restype = ctypes.c_size_t


class Buffer(ctypes.Structure):
    _fields_ = [("bytes", ctypes.c_void_p), ("size", ctypes.c_size_t), ("position", ctypes.c_size_t)]


zstd.ZSTD_decompressStream.argtypes = [ctypes.c_void_p, ctypes.POINTER(Buffer), ctypes.POINTER(Buffer)]


def unzstd(data):
    """What a zstd frame at the start of `data` holds, up to the first damage."""
    stream = zstd.ZSTD_createDStream()
    held = ctypes.create_string_buffer(data, len(data))
    near = Buffer(ctypes.cast(held, ctypes.c_void_p), len(data), 0)
    space = ctypes.create_string_buffer(1 << 17)
    out = []
    total = 0
    try:
        while near.position < near.size and total < LIMIT:
            far = Buffer(ctypes.cast(space, ctypes.c_void_p), len(space), 0)
            code = zstd.ZSTD_decompressStream(stream, ctypes.byref(near), ctypes.byref(far))
            if zstd.ZSTD_isError(code):
                break
            out.append(space.raw[:far.position])
            total += far.position
            if code == 0 or (far.position == 0 and near.position == near.size):
                break
    finally:
        zstd.ZSTD_freeDStream(stream)
    return b"".join(out)


def inflate(data, bits):
    try:
        return zlib.decompressobj(bits).decompress(data, LIMIT)
    except zlib.error:
        return b""


def places(data, mark):
    at = data.find(mark)
    while at >= 0:
        yield at
        at = data.find(mark, at + 1)


def compressed(data):
    for at in places(data, b"\x28\xb5\x2f\xfd"):
        yield unzstd(data[at:])
    for at in places(data, b"\x1f\x8b\x08"):
        yield inflate(data[at:], 31)
    for mark in (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda"):
        for at in places(data, mark):
            yield inflate(data[at:], 15)


def varint(data, at):
    value = shift = 0
    while at < len(data) and shift < 64:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    return None, at


def protobuf(data, depth=0):
    """The values of a protobuf message as text, one a line; nothing when it is none."""
    out = []
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if not key or key >> 3 == 0 or key >> 3 > 4096:
            return None
        kind = key & 7
        if kind == 0:
            value, at = varint(data, at)
            if value is None:
                return None
            out += [str(value), str((value >> 1) ^ -(value & 1))]
        elif kind == 2:
            size, at = varint(data, at)
            if size is None or at + size > len(data):
                return None
            part = data[at:at + size]
            at += size
            inner = protobuf(part, depth + 1) if size > 1 and depth < 6 else None
            out += inner or packed(part)
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
            part = data[at:at + size]
            if len(part) < size:
                return None
            at += size
            out.append(str(int.from_bytes(part, "little")))
        else:
            return None
    return out


def packed(data):
    """A packed column of whole numbers, when the bytes are one."""
    out = []
    at = 0
    while at < len(data):
        value, at = varint(data, at)
        if value is None:
            return []
        out += [str(value), str((value >> 1) ^ -(value & 1))]
    return out


def is_text(data):
    sample = data[:4096]
    return len(sample.translate(None, TEXT)) * 10 < len(sample)


def decoded(data):
    """Other readings of a byte string."""
    yield from compressed(data)
    for run in BASE64.finditer(data):
        text = run.group().rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
        for lead in range(4) if len(text) < 4096 else (0,):
            part = text[lead:]
            try:
                yield base64.b64decode(part[:len(part) // 4 * 4])
            except binascii.Error:
                pass
    for run in HEX.finditer(data):
        digits = re.sub(rb"[ :]", b"", run.group())
        yield binascii.unhexlify(digits[:len(digits) // 2 * 2])
    if PERCENT.search(data):
        yield urllib.parse.unquote_to_bytes(data)
    if ESCAPE.search(data):
        yield re.sub(rb"\\u([0-9a-fA-F]{4})",
                     lambda m: chr(int(m.group(1), 16)).encode("utf-8", "replace"), data)
    if len(data) > 2 and not is_text(data):
        values = protobuf(data)
        if values:
            yield "\n".join(values).encode()


def unpacked(data, depth=DEPTH, seen=None):
    """A byte string and all that can be read out of it, each once."""
    seen = set() if seen is None else seen
    mark = hashlib.sha1(data).digest()
    if len(data) < 4 or mark in seen:
        return
    seen.add(mark)
    yield data
    if depth > 0:
        for inner in decoded(data):
            if len(inner) >= 4:
                yield from unpacked(inner, depth - 1, seen)


def cells(path):
    """Every value of every table of an SQLite file, its log included; looked at in a copy."""
    folder = tempfile.mkdtemp(prefix="lobule-cells-")
    try:
        for suffix in ("", "-wal"):
            if os.path.exists(path + suffix):
                shutil.copyfile(path + suffix, folder + "/db" + suffix)
        connection = sqlite3.connect(folder + "/db")
        connection.text_factory = bytes
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (name,) in tables:
            quoted = name.decode().replace('"', '""')
            for row in connection.execute(f'SELECT * FROM "{quoted}"'):
                for value in row:
                    if value is not None:
                        yield name.decode(), value if isinstance(value, bytes) else str(value).encode()
        connection.close()
    finally:
        shutil.rmtree(folder)


def scalars(data):
    """The words of a text; a value between separators is one."""
    return set(SCALAR.findall(data)) if is_text(data) else {data}
