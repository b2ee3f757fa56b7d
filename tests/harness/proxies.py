"""Real proxies on loopback: squid for HTTP and HTTPS, microsocks for SOCKS5."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from harness.authority import Authority
from harness.server import ScriptedServer, relay, serve
from harness.tools import need, run

USER = "proxy-user"
PASSWORD = "pr0xy:p@ss/w"
QUOTED = "pr0xy%3Ap%40ss%2Fw"

# The only program that can resolve sms.example.test is the proxy.
SQUID = """
http_port 127.0.0.1:{http} name=http
https_port 127.0.0.1:{https} name=https tls-cert={certificate} tls-key={key}
http_port 127.0.0.1:{open} name=open
acl open myportname open
auth_param basic program {helper} {folder}/passwords
auth_param basic children 2 startup=1 idle=1
acl known proxy_auth REQUIRED
http_access allow open
http_access allow known
http_access deny all
hosts_file {folder}/hosts
dns_nameservers 127.0.0.1
dns_timeout 1 second
access_log none
cache_log {folder}/cache.log
pid_filename none
cache deny all
cache_mem 0
coredump_dir none
pinger_enable off
visible_hostname proxy.example.test
connect_retries 0
"""


class Squid(NamedTuple):
    """A running squid, each port behind a relay that counts the connections.

    Two of them want a password, the second over TLS.
    """

    http: ScriptedServer
    https: ScriptedServer
    open: ScriptedServer

    @property
    def connections(self) -> int:
        """How many there have been so far."""
        return sum(len(port.connections) for port in self)


@contextmanager
def squid(authority: Authority, folder: Path) -> Iterator[Squid]:
    """Start a squid."""
    program = need("squid", "squid-openssl")
    helpers = ("/usr/lib/squid/basic_ncsa_auth", "/usr/lib64/squid/basic_ncsa_auth")
    helper = next((path for path in helpers if Path(path).exists()), helpers[0])
    ports = free_ports(3)
    configuration = SQUID.format(
        http=ports[0],
        https=ports[1],
        open=ports[2],
        certificate=authority.server,
        key=authority.server_key,
        helper=helper,
        folder=folder,
    )
    (folder / "squid.conf").write_text(configuration)
    (folder / "hosts").write_text("127.0.0.1 sms.example.test\n")
    hashed = run(need("openssl", "openssl"), "passwd", "-apr1", PASSWORD)
    (folder / "passwords").write_text(f"{USER}:{hashed}")
    if os.geteuid() == 0:
        # As root it takes on the rights of this user.
        for path in (folder, *folder.iterdir(), authority.folder, *authority.folder.iterdir()):
            shutil.chown(path, "proxy")
    with ExitStack() as stack:
        command = [program, "-N", "-f", str(folder / "squid.conf")]
        stack.enter_context(listening(command, [("127.0.0.1", port) for port in ports]))
        relays = (serve(relay(f"http://127.0.0.1:{port}")) for port in ports)
        yield Squid(*(stack.enter_context(one) for one in relays))


@contextmanager
def microsocks(below: list[str] | None = None, *login: str) -> Iterator[int]:
    """Start a SOCKS5 proxy, below another command if one is given; its port."""
    program = need("microsocks", "microsocks")
    port = free_ports(1)[0]
    command = [*(below or []), program, "-i", "127.0.0.1", "-p", str(port), *login]
    with listening(command, [("127.0.0.1", port)]):
        yield port


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 on which nobody listens."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports: list[int] = [opened.getsockname()[1] for opened in sockets]
    for opened in sockets:
        opened.close()
    return ports


@contextmanager
def listening(command: list[str], addresses: list[tuple[str, int]]) -> Iterator[None]:
    """Run a server, which listens on these addresses once this begins."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 30
        for address in addresses:
            while True:
                try:
                    socket.create_connection(address, timeout=5).close()
                    break
                except OSError:
                    ended = process.poll() is not None or time.monotonic() > until
                    assert not ended, f"{command} does not listen on {address}"
                    time.sleep(0.02)
        yield
    finally:
        process.kill()
        process.wait()
