# SPDX-License-Identifier: Apache-2.0
"""Two real proxies that open TLS: mitmproxy, and Squid with ssl-bump."""
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import sys
import time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, process, log):
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.05)
    sys.exit(f"the proxy did not start: {pathlib.Path(log).read_text(errors='replace')[-2000:]}")


class Mitmproxy:
    name = "mitmproxy"

    def __init__(self, mitmdump, folder, trusted, more=()):
        folder.mkdir()
        self.port, self.folder = free_port(), folder
        self.mode, self.done = folder / "mode", folder / "done"
        self.mode.write_text("none")
        self.done.write_text("")
        self.log = open(folder / "log", "wb")
        self.process = subprocess.Popen(
            [mitmdump, "--listen-host", "127.0.0.1", "--listen-port", str(self.port), "--set",
             f"confdir={folder}", "--set", f"ssl_verify_upstream_trusted_ca={trusted}",
             "--set", "connection_strategy=lazy", "--scripts",
             str(pathlib.Path(__file__).with_name("addon.py")), *more],
            stdout=self.log, stderr=self.log,
            env=dict(os.environ, LOBULE_PROXY_MODE=str(self.mode), LOBULE_PROXY_DONE=str(self.done)))
        self.authority = folder / "mitmproxy-ca-cert.pem"
        wait_for(self.port, self.process, folder / "log")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def do(self, what):
        """Does something to messages from now on."""
        self.done.write_text("")
        self.mode.write_text(what)

    def did(self):
        """What was done since, line by line."""
        return self.done.read_text().split("\n")[:-1]

    def opened(self):
        """How many messages it has seen in plain."""
        return (self.folder / "log").read_text(errors="replace").count("/v1/")

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()


class Squid:
    name = "squid"

    def __init__(self, folder, trusted, more=""):
        folder.mkdir()
        self.port, self.folder = free_port(), folder
        self.authority = folder / "ca.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
             "/CN=Squid inspection", "-addext", "basicConstraints=critical,CA:TRUE", "-keyout",
             folder / "both.pem", "-out", self.authority], check=True, capture_output=True)
        with open(folder / "both.pem", "ab") as both:
            both.write(self.authority.read_bytes())
        shutil.copyfile(trusted, folder / "trusted.pem")
        helper = "/usr/lib/squid/security_file_certgen"
        subprocess.run([helper, "-c", "-s", folder / "certificates", "-M", "4MB"], check=True,
                       capture_output=True)
        user = "proxy" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        (folder / "squid.conf").write_text(f"""
http_port 127.0.0.1:{self.port} ssl-bump tls-cert={folder}/both.pem generate-host-certificates=on
sslcrtd_program {helper} -s {folder}/certificates -M 4MB
acl first at_step SslBump1
acl second at_step SslBump2
ssl_bump peek first
ssl_bump stare second
ssl_bump bump all
tls_outgoing_options cafile={folder}/trusted.pem
http_access allow localhost
http_access deny all
via on
forwarded_for on
cache deny all
cache_effective_user {user}
pid_filename {folder}/squid.pid
access_log stdio:{folder}/access.log
cache_log {folder}/log
coredump_dir {folder}
shutdown_lifetime 1 seconds
netdb_filename none
pinger_enable off
{more}
""")
        if user == "proxy":
            for path in [folder, *folder.rglob("*")]:
                shutil.chown(path, "proxy", "proxy")
            for parent in [*folder.parents][:2]:
                if str(parent).startswith(("/tmp/", "/dev/shm/")):
                    os.chmod(parent, 0o711)
        self.log = open(folder / "start.log", "wb")
        self.process = subprocess.Popen(["squid", "-N", "-f", folder / "squid.conf"], stdout=self.log,
                                        stderr=self.log)
        wait_for(self.port, self.process, folder / "start.log")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def opened(self):
        log = self.folder / "access.log"
        return sum("/v1/" in line for line in log.read_text().splitlines()) if log.exists() else 0

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()
