"""A server whose TCP is ours, segment by segment, behind a TUN device.

What the kernel of the client's machine knows of a request, and what of that is a proof that nobody
has read it.
"""

from __future__ import annotations

import fcntl
import ipaddress
import math
import os
import struct
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from harness.caller import Caller, Calls
from harness.sandbox import sandbox

pytestmark = pytest.mark.isolated

HERE = ipaddress.ip_address("10.9.0.1")
SERVER = ipaddress.ip_address("10.9.0.2")
PORT = 8080
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
BODY = '{{"status":"OK","unique":"{}","reason":1}}'


@dataclass
class TcpConnection:
    """One connection, as its server sees it."""

    device: int
    port: int
    expected: int
    """The number of the client's next byte (RFC 9293, RCV.NXT)."""
    next: int = 1000
    """The number of the server's next byte (SND.NXT)."""
    received: bytearray = field(default_factory=bytearray)
    over: bool = False
    """Nothing that comes is answered any more."""
    probes: int = 0
    """How often the client asked whether the connection is still there (RFC 9293, 3.8.4)."""

    def send(self, flags: int, data: bytes = b"", acknowledged: int | None = None) -> None:
        """Send a segment, by default with all acknowledged that has come."""
        number = self.expected if acknowledged is None else acknowledged
        head = struct.pack("!HHIIBBHHH", PORT, self.port, self.next, number, 5 << 4, flags, 65535, 0, 0)
        segment = head + data
        pseudo = SERVER.packed + HERE.packed + struct.pack("!BBH", 0, 6, len(segment))
        segment = segment[:16] + checksum(pseudo + segment) + segment[18:]
        packet = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(segment), 0, 0, 64, 6, 0)
        packet += SERVER.packed + HERE.packed
        os.write(self.device, packet[:10] + checksum(packet) + packet[12:] + segment)
        self.next += len(data) + (1 if flags & (SYN | FIN) else 0)

    def answer(self, number: int) -> None:
        """Answer as the service does; every message has its own id."""
        body = BODY.format(63433000 + number)
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n"
        self.send(PSH | ACK, (head + body).encode())


ONE_BYTE = 1e-9
Segment = tuple[int, float, bytes]
"""Flags beside ACK, the part of the request that is acknowledged, and data."""
CLOSES: list[Segment] = [(FIN, 0, b""), (RST, 0, b"")]
"""A FIN that crossed the request on its way, and the RST of a socket that is closed."""
DOUBTS: dict[str, list[Segment]] = {
    "a FIN and nothing more, which anybody on the path can send": [(FIN, 0, b"")],
    "a FIN, and an ACK of all: the server half-closed": [(FIN, 0, b""), (0, 1, b"")],
    "a FIN, an ACK of all, and a reset": [(FIN, 0, b""), (0, 1, b""), (RST, 1, b"")],
    "a FIN that acknowledges one byte": [(FIN, ONE_BYTE, b"")],
    "a FIN that acknowledges a half": [(FIN, 0.5, b"")],
    "an ACK of all, and a FIN": [(0, 1, b""), (FIN, 1, b"")],
    "a FIN that acknowledges all": [(FIN, 1, b"")],
    "a reset, which says nothing of what was read": [(RST, 0, b"")],
    "an ACK of all, and a reset": [(0, 1, b""), (RST, 1, b"")],
    "a byte of an answer, and a FIN": [(PSH, 0, b"H"), (FIN, 0, b"")],
}


class TcpServer:
    """Answers requests, but for one of them, which meets these segments instead."""

    def __init__(self, device: int, end: list[Segment], number: int) -> None:
        self._device = device
        self._end = end
        self._number = number
        self.connections: dict[int, TcpConnection] = {}
        self.requests: list[bytes] = []
        self.forgets = False
        """Whether the first connection is cut silently once it was answered."""

    def serve(self) -> None:
        """Until the device is gone."""
        while True:
            try:
                packet = os.read(self._device, 65536)
            except OSError:
                return
            if packet[0] >> 4 == 4 and packet[9] == 6 and packet[16:20] == SERVER.packed:
                self._hear(packet[(packet[0] & 15) * 4 :])

    def _hear(self, segment: bytes) -> None:
        port, _, number, _, offset, flags = struct.unpack("!HHIIBB", segment[:14])
        data = segment[(offset >> 4) * 4 :]
        if flags & SYN:
            opened = TcpConnection(self._device, port, number + 1)
            self.connections[port] = opened
            opened.send(SYN | ACK)
            return
        heard = self.connections.get(port)
        if heard is None:
            return
        if number == heard.expected - 1 and len(data) <= 1:
            heard.probes += 1
            if not heard.over:
                heard.send(ACK)
            return
        # What comes twice was answered or is not to be answered.
        if heard.over or number != heard.expected + len(heard.received):
            return
        heard.received += data
        if whole(heard.received):
            request = bytes(heard.received)
            self.requests.append(request)
            if len(self.requests) == self._number and self._end:
                heard.over = True
                for flags, part, data in self._end:
                    acknowledged = heard.expected + math.ceil(part * len(request))
                    heard.send(flags | ACK, data, acknowledged)
            else:
                heard.expected += len(request)
                heard.received.clear()
                heard.answer(len(self.requests))
                heard.over = self.forgets and len(self.requests) == 1
        elif flags & FIN:
            heard.expected += 1
            heard.send(FIN | ACK)


def checksum(data: bytes) -> bytes:
    """The internet checksum (RFC 1071)."""
    padded = data + bytes(len(data) % 2)
    total = sum(struct.unpack(f"!{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return struct.pack("!H", ~total & 0xFFFF)


def whole(request: bytes | bytearray) -> bool:
    """Whether a form has come to its end."""
    return request.endswith(b"--\r\n") and b"\r\n\r\n" in request


@contextmanager
def served(end: list[Segment], number: int) -> Iterator[TcpServer]:
    """Start the server behind a device, which this process's network must not have yet."""
    device = os.open("/dev/net/tun", os.O_RDWR)
    try:
        # linux/if_tun.h: TUNSETIFF, with IFF_TUN | IFF_NO_PI.
        fcntl.ioctl(device, 0x400454CA, struct.pack("16sH22x", b"service", 0x1001))
        for command in ("link set lo up", f"address add {HERE}/24 dev service", "link set service up"):
            subprocess.run(["ip", *command.split()], check=True)
        server = TcpServer(device, end, number)
        thread = threading.Thread(target=server.serve, daemon=True)
        thread.start()
        yield server
    finally:
        # The device goes with its last descriptor, and the thread with the device.
        subprocess.run(["ip", "link", "delete", "service"], check=False)
        os.close(device)


Played = tuple[Calls, TcpServer]


@pytest.fixture
def play(command: Path, parts: Path) -> Callable[..., Played]:
    """Send twice, with so many seconds between; the request of this number meets its end.

    The second goes over the kept connection if that is possible.
    """

    def play(end: list[Segment], idle: int = 0, *, number: int = 2, forgets: bool = False) -> Played:
        with sandbox(command) as running, served(end, number) as server:
            server.forgets = forgets
            calls = ("send", *([str(idle)] if idle else []), "send")
            call, url = Caller(parts / "caller", running), f"http://{SERVER}:{PORT}/"
            return call(*calls, url=url, allow_http="1", timeout_ms="5000"), server

    return play


@pytest.mark.parametrize("number", [1, 2])
def test_a_request_that_nobody_acknowledged_is_sent_again_at_once(
    play: Callable[..., Played], number: int
) -> None:
    """The server closed while it was on its way: it cannot have been read."""
    made, server = play(CLOSES, number=number)
    assert made.ends == [("OK", "YES")] * 2, made
    assert (len(server.requests), len(server.connections)) == (3, 2)
    assert made.results[number - 1].milliseconds < 100


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("how", DOUBTS)
def test_a_request_of_which_anything_may_have_been_read_is_not_sent_again(
    play: Callable[..., Played], how: str, number: int
) -> None:
    """Whatever was acknowledged, answered or reset."""
    made, server = play(DOUBTS[how], number=number)
    expected = [("OK", "YES")] * 2
    expected[number - 1] = ("CONNECTION_LOST", "UNKNOWN")
    assert made.ends == expected, made
    assert len(server.requests) == 2


@pytest.mark.slow
def test_a_connection_that_a_firewall_forgot_is_not_used(play: Callable[..., Played]) -> None:
    """TCP finds out by itself: nothing of what the client sends arrives any more."""
    made, server = play([], 55, forgets=True)
    assert made.ends == [("OK", "YES")] * 2, made
    assert (len(server.requests), len(server.connections)) == (2, 2)
    assert made.last.milliseconds < 100


@pytest.mark.slow
def test_an_idle_connection_is_kept_alive(play: Callable[..., Played]) -> None:
    """Firewalls see a segment every quarter of a minute."""
    made, server = play([], 50)
    assert made.ends == [("OK", "YES")] * 2, made
    (kept,) = server.connections.values()
    assert kept.probes in (2, 3)
