# SPDX-License-Identifier: Apache-2.0
"""A small HTTPS server and two proxies for the transport's tests; ends with its stdin."""
import http.server
import json
import os
import select
import socket
import ssl
import sys
import threading
import time


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body, content_type="application/json"):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def echo(self):
        length = int(self.headers.get("Content-Length", "0"))
        body = self.rfile.read(length).decode("latin-1")
        if self.path == "/slow":
            time.sleep(30)
        elif self.path == "/large":
            self.answer(200, b"x" * 100_000)
        elif self.path == "/large-chunked":
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for _ in range(100):
                self.wfile.write(b"400\r\n" + b"x" * 1024 + b"\r\n")
            self.wfile.write(b"0\r\n\r\n")
        elif self.path == "/cut":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"half")
            self.close_connection = True
        elif self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/echo")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif self.path == "/missing":
            self.answer(404, b"{}")
        else:
            seen = {
                "method": self.command,
                "target": self.path,
                "version": self.request_version,
                "headers": [[name, value] for name, value in self.headers.items()],
                "body": body,
                "port": self.client_address[1],
            }
            self.answer(200, json.dumps(seen).encode())

    do_GET = do_POST = do_DELETE = echo

    def log_message(self, *arguments):
        pass


class RefusingProxy(http.server.BaseHTTPRequestHandler):
    def do_CONNECT(self):
        self.send_error(407)

    def log_message(self, *arguments):
        pass


class Tunnel(http.server.BaseHTTPRequestHandler):
    """Connects every request to the HTTPS server, whatever address it names."""

    port = 0

    def do_CONNECT(self):
        with socket.create_connection(("127.0.0.1", Tunnel.port)) as far:
            self.send_response(200)
            self.end_headers()
            pairs = {self.connection: far, far: self.connection}
            while True:
                for ready in select.select(list(pairs), [], [])[0]:
                    data = ready.recv(65536)
                    if not data:
                        return
                    pairs[ready].sendall(data)

    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


def main():
    folder = sys.argv[1]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{folder}/server.pem", f"{folder}/server.key")
    server = Server(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    proxy = Server(("127.0.0.1", 0), RefusingProxy)
    tunnel = Server(("127.0.0.1", 0), Tunnel)
    Tunnel.port = server.server_address[1]
    for one in (server, proxy, tunnel):
        threading.Thread(target=one.serve_forever, daemon=True).start()
    ports = [one.server_address[1] for one in (server, proxy, tunnel)]
    print(*ports, flush=True)
    sys.stdin.read()
    os._exit(0)


main()
