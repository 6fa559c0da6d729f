# SPDX-License-Identifier: Apache-2.0
"""A TLS-inspecting proxy: answers CONNECT with its own certificate, relays, and records in plain.

    recording_proxy.py CERTIFICATE.pem KEY.pem RECORDS

Prints its port. Every request and response becomes two files in RECORDS: NNN-request.head,
NNN-request.body, NNN-response.head, NNN-response.body.
"""
import itertools
import pathlib
import socket
import ssl
import sys
import threading

certificate, key, records = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
records.mkdir(parents=True, exist_ok=True)
numbers = itertools.count(1)
inside = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
inside.load_cert_chain(certificate, key)
# The proxy stands for one that the hospital trusts; what it trusts in turn is not under test.
outside = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
outside.check_hostname = False
outside.verify_mode = ssl.CERT_NONE


def message(stream):
    """(head, body) of the next HTTP/1.1 message with a Content-Length, or None at the end."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = stream.read(1)
        if not byte:
            return None
        head += byte
    length = 0
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            length = int(value)
    return head, stream.read(length)


def keep(number, kind, parts):
    for name, content in zip(("head", "body"), parts):
        (records / f"{number:04d}-{kind}.{name}").write_bytes(content)


def serve(client):
    with client:
        plain = client.makefile("rb", buffering=0)
        request = message(plain)
        if request is None:
            return
        host, _, port = request[0].split()[1].decode().partition(":")
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with inside.wrap_socket(client, server_side=True) as near, socket.create_connection(
            (host, int(port))
        ) as raw, outside.wrap_socket(raw, server_hostname=host) as far:
            from_client, from_server = near.makefile("rb"), far.makefile("rb")
            while (request := message(from_client)) is not None:
                number = next(numbers)
                keep(number, "request", request)
                far.sendall(request[0] + request[1])
                response = message(from_server)
                if response is None:
                    return
                keep(number, "response", response)
                near.sendall(response[0] + response[1])


with socket.create_server(("127.0.0.1", 0)) as listener:
    print(listener.getsockname()[1], flush=True)
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
