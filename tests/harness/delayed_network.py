"""A network with a delay: packets to 192.0.2.0/24 and 2001:db8::/64 take their time, both ways.

It needs the namespaces that namespaces.isolate() makes. Behind the delay are an nginx over TLS
before a sandbox, and a name server. There is one router, a mirror: what is sent to an address comes
back as if that address had sent it, so that a connection to 192.0.2.2 is one to 192.0.2.1, on which
the servers listen, and each of its packets passes the mirror once.
"""

from __future__ import annotations

import fcntl
import itertools
import json
import os
import select
import socket
import struct
import subprocess
import tempfile
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from harness.authority import Authority
from harness.proxies import listening
from harness.sandbox import Sandbox, sandbox
from harness.tools import need

ONE_WAY = 0.04
ROUND_TRIP_MS = 2000 * ONE_WAY
HERE, HERE_IPV6 = "192.0.2.1", "2001:db8::1"
NAME_SERVER, DEAD = "192.0.2.2", "2001:db8::dead"

PLAIN, DEAD_IPV6, NO_AAAA = "plain", "dead", "silent"
"""What the name server says of IPv6: none, an address that nobody answers, or nothing at all."""

KEPT, CLOSED, CLOSED_TLS12 = 443, 444, 445
"""nginx's ports: keeps connections 75 s; closes each after its answer; the same over TLS 1.2."""

API_KEY = "0123456789abcdef0123456789abcdef"
PATH = "/sms/verifySMS"

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
TCP, SYN, ACK = 6, 0x02, 0x10
A, AAAA = 1, 28


class Packet(NamedTuple):
    """What the mirror looks at."""

    there: str
    """The address beyond the mirror, whichever way the packet goes."""
    ports: tuple[int, ...]
    """Whence and whither."""
    opens: bool
    turned: bytes
    """The packet as it goes back."""


def _read(raw: bytes) -> Packet:
    if raw[0] >> 4 == 4:
        start, protocol, family, at, size = (raw[0] & 15) * 4, raw[9], socket.AF_INET, 12, 4
    else:
        start, protocol, family, at, size = 40, raw[6], socket.AF_INET6, 8, 16
    source, target = raw[at : at + size], raw[at + size : at + 2 * size]
    # The checksums are sums: they stay right.
    turned = raw[:at] + target + source + raw[at + 2 * size :]
    ports = struct.unpack_from("!HH", raw, start) if len(raw) >= start + 4 else (0, 0)
    opens = protocol == TCP and raw[start + 13] & (SYN | ACK) == SYN
    return Packet(socket.inet_ntop(family, target), ports, opens, turned)


class Mirror(threading.Thread):
    """The router."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._tun = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
        fcntl.ioctl(self._tun, TUNSETIFF, struct.pack("16sH22x", b"delayed", IFF_TUN | IFF_NO_PI))
        for command in (
            "link set lo up",
            f"address add {HERE}/24 dev delayed",
            f"-6 address add {HERE_IPV6}/64 dev delayed nodad",
            "link set delayed up",
        ):
            subprocess.run(["ip", *command.split()], check=True)
        self._flows: set[tuple[str, tuple[int, ...]]] = set()
        self._forgotten: set[tuple[str, tuple[int, ...]]] = set()
        self.connections: Counter[str] = Counter()
        """How many were opened to each address."""

    def forget(self, there: str, from_port: int | None = None) -> None:
        """Drop what comes over the connections with an address, or only what comes from a port."""
        self._forgotten |= {
            flow for flow in tuple(self._flows) if flow[0] == there and from_port in (None, flow[1][0])
        }

    def run(self) -> None:
        """Pass packets on."""
        under_way: deque[tuple[float, bytes]] = deque()
        while True:
            wait = max(0.0, under_way[0][0] - time.monotonic()) if under_way else None
            if select.select([self._tun], [], [], wait)[0]:
                packet = _read(os.read(self._tun, 65536))
                if self._passes(packet):
                    under_way.append((time.monotonic() + ONE_WAY, packet.turned))
            while under_way and under_way[0][0] <= time.monotonic():
                os.write(self._tun, under_way.popleft()[1])

    def _passes(self, packet: Packet) -> bool:
        flow = packet.there, packet.ports
        self._flows.add(flow)
        self.connections[packet.there] += packet.opens
        return packet.there != DEAD and flow not in self._forgotten


class NameServer(threading.Thread):
    """Knows names like plain-7.example.test: 192.0.2.7, with that trouble with IPv6."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((HERE, 53))

    def run(self) -> None:
        """Answer."""
        while True:
            question, whose = self._socket.recvfrom(4096)
            if (answer := self._answer(question)) is not None:
                self._socket.sendto(answer, whose)

    def _answer(self, question: bytes) -> bytes | None:
        labels, at = [], 12
        while length := question[at]:
            labels.append(question[at + 1 : at + 1 + length].decode())
            at += 1 + length
        (kind,) = struct.unpack_from("!H", question, at + 1)
        trouble, _, number = labels[0].partition("-")
        if kind == AAAA and trouble == NO_AAAA:
            return None
        address = b""
        if kind == A:
            address = socket.inet_pton(socket.AF_INET, f"192.0.2.{number}")
        elif kind == AAAA and trouble == DEAD_IPV6:
            address = socket.inet_pton(socket.AF_INET6, DEAD)
        head = question[:2] + struct.pack("!5H", 0x8180, 1, bool(address), 0, 0)
        record = struct.pack("!HHHIH", 0xC00C, kind, 1, 60, len(address)) + address
        return head + question[12 : at + 5] + (record if address else b"")


NGINX = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    ssl_certificate {certificate}; ssl_certificate_key {key}; ssl_protocols TLSv1.2 TLSv1.3;
    {servers}
}}
"""
SERVER = """
    server {{
        listen {here}:{port} ssl; keepalive_timeout {kept}; {more}
        location / {{ proxy_pass {service}; }}
    }}
"""


@contextmanager
def _nginx(folder: Path, authority: Authority, service: str) -> Iterator[None]:
    servers = ((KEPT, 75, ""), (CLOSED, 0, ""), (CLOSED_TLS12, 0, "ssl_protocols TLSv1.2;"))
    listed = "".join(
        SERVER.format(here=HERE, port=port, kept=kept, service=service, more=more)
        for port, kept, more in servers
    )
    files = {"folder": folder, "certificate": authority.server, "key": authority.server_key}
    configuration = folder / "nginx.conf"
    configuration.write_text(NGINX.format(**files, servers=listed))
    command = [need("nginx", "nginx-light"), "-e", str(folder / "log"), "-p", str(folder), "-c"]
    with listening([*command, str(configuration)], [(HERE, KEPT)]):
        yield


class Step(NamedTuple):
    """How one step of a flow ended."""

    ms: float
    outcome: str
    reached: int

    @property
    def round_trips(self) -> int:
        """How many it took, rounded down: no packet is early, and a busy machine is late."""
        return int(self.ms / ROUND_TRIP_MS)

    @property
    def unknown(self) -> bool:
        """Whether the peer has no such step."""
        return self.outcome == "no such function"


class Flow:
    """A running peer of tests/bench, and the address of the service that it alone uses."""

    def __init__(self, network: Network, process: subprocess.Popen[str], there: str, port: int) -> None:
        self._network = network
        self._process = process
        self._there = there
        self._port = port
        # A phone number of its own, too.
        self._number = "0501234" + there.rpartition(".")[2].rjust(3, "0")
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"

    def connect(self) -> Step:
        """Open a connection ahead."""
        return self._step("connect")

    def send(self) -> Step:
        """Have a code sent."""
        return self._step("send", self._number)

    def check(self) -> Step:
        """Check the code that was sent last."""
        sent = self._network.sandbox.messages(self._number)
        return self._step("check", self._number, sent[0].code if sent else "000000")

    def forget(self) -> None:
        """Drop what comes over the connections so far, as a firewall that forgot them."""
        self._network.mirror.forget(self._there)

    def drop_answers(self) -> None:
        """Drop what the service sends over the connections so far; it still hears the peer."""
        self._network.mirror.forget(self._there, self._port)

    @property
    def messages(self) -> int:
        """How many messages were sent to this peer's number."""
        return len(self._network.sandbox.messages(self._number))

    @property
    def connections(self) -> int:
        """How many the peer has opened."""
        return self._network.mirror.connections[self._there]

    def _step(self, *words: str) -> Step:
        assert self._process.stdin is not None and self._process.stdout is not None
        print(*words, file=self._process.stdin, flush=True)
        return Step(**json.loads(self._process.stdout.readline()))


class Network:
    """The mirror, and what stands behind it."""

    def __init__(self, mirror: Mirror, running: Sandbox, authority: Authority) -> None:
        self.mirror = mirror
        self.sandbox = running
        self.authority = authority
        self._numbers = itertools.count(10)

    @contextmanager
    def flow(self, peer: Sequence[str], port: int = KEPT, ipv6: str = PLAIN) -> Iterator[Flow]:
        """Run a peer that calls one of nginx's ports, by a name with that trouble with IPv6."""
        number = next(self._numbers)
        url = f"https://{ipv6}-{number}.example.test:{port}{PATH}"
        command = [*peer, "--url", url, "--ca", str(self.authority.certificate), "flow"]
        pipe = subprocess.PIPE
        # The surroundings' proxies are not for this network.
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment) as process:
            yield Flow(self, process, f"192.0.2.{number}", port)


@contextmanager
def network(command: str | Path) -> Iterator[Network]:
    """Set the network up, once in a namespace, with a sandbox of the built command `verifysms`."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for file, text in (
            ("/etc/resolv.conf", f"nameserver {NAME_SERVER}\n"),
            ("/etc/hosts", "127.0.0.1 localhost\n"),
        ):
            ours = folder / Path(file).name
            ours.write_text(text)
            subprocess.run(["mount", "--bind", ours, os.path.realpath(file)], check=True)
        mirror = Mirror()
        mirror.start()
        NameServer().start()
        authority = Authority(Path(stack.enter_context(tempfile.TemporaryDirectory())))
        running = stack.enter_context(sandbox(command, "--api-key", API_KEY))
        service = running.url.removesuffix(PATH)
        stack.enter_context(_nginx(folder, authority, service))
        yield Network(mirror, running, authority)
