"""A server whose TCP is ours, segment by segment, behind a TUN device in a network of its own.

    python3 tests/segments.py COMMAND CALLER [Segments | Idle]

COMMAND is the built command `verifysms`, CALLER the built tests/c/caller.c. What the kernel of the
client's machine knows of a request, and what of that is a proof that nobody has read it.
"""

from __future__ import annotations

import fcntl
import ipaddress
import os
import struct
import subprocess
import sys
import threading
import unittest
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import ClassVar

from calling import Caller, Run
from machine import miss, need
from sandboxed import sandbox

HERE = ipaddress.ip_address("10.9.0.1")
SERVER = ipaddress.ip_address("10.9.0.2")
PORT = 8080
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
BODY = '{{"status":"OK","unique":"{}","reason":1}}'


@dataclass
class Connection:
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
        head = struct.pack(
            "!HHIIBBHHH", PORT, self.port, self.next, number, 5 << 4, flags, 65535, 0, 0
        )
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


Fate = Callable[[Connection, bytes], None]
"""What becomes of a connection when a request has come, whose bytes are not acknowledged yet."""


class Server:
    """Answers requests, but for one of them, which meets its fate."""

    def __init__(self, device: int, fate: Fate, number: int) -> None:
        """On an open TUN device."""
        self._device = device
        self._fate = fate
        self._number = number
        self.connections: dict[int, Connection] = {}
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
            opened = Connection(self._device, port, number + 1)
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
            if len(self.requests) == self._number:
                heard.over = True
                self._fate(heard, request)
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
def served(fate: Fate, number: int) -> Iterator[Server]:
    """Start the server behind a device, which this process's network must not have yet."""
    device = os.open("/dev/net/tun", os.O_RDWR)
    try:
        # linux/if_tun.h: TUNSETIFF, with IFF_TUN | IFF_NO_PI.
        fcntl.ioctl(device, 0x400454CA, struct.pack("16sH22x", b"service", 0x1001))
        for command in (
            "link set lo up",
            f"address add {HERE}/24 dev service",
            "link set service up",
        ):
            subprocess.run(["ip", *command.split()], check=True)
        server = Server(device, fate, number)
        thread = threading.Thread(target=server.serve, daemon=True)
        thread.start()
        yield server
    finally:
        # The device goes with its last descriptor, and the thread with the device.
        subprocess.run(["ip", "link", "delete", "service"], check=False)
        os.close(device)


def closes(conn: Connection, _: bytes) -> None:
    """A FIN that crossed the request on its way, and the RST of a socket that is closed."""
    conn.send(FIN | ACK)
    conn.send(RST)


def half_closes(conn: Connection, request: bytes) -> None:
    """A FIN that crossed the request, which is acknowledged: a program may read it."""
    conn.send(FIN | ACK)
    conn.expected += len(request)
    conn.send(ACK)


def closes_and_vanishes(conn: Connection, _: bytes) -> None:
    """A FIN that crossed the request, and nothing more: anybody on the path can send one."""
    conn.send(FIN | ACK)


def half_closes_and_resets(conn: Connection, request: bytes) -> None:
    """A FIN that crossed the request, an acknowledgement, and a RST."""
    half_closes(conn, request)
    conn.send(RST | ACK)


def closes_in_half(conn: Connection, request: bytes) -> None:
    """A FIN that acknowledges a part of the request."""
    conn.send(FIN | ACK, acknowledged=conn.expected + len(request) // 2)


def closes_after_one_byte(conn: Connection, _: bytes) -> None:
    """A FIN that acknowledges one byte."""
    conn.send(FIN | ACK, acknowledged=conn.expected + 1)


def reads_and_closes(conn: Connection, request: bytes) -> None:
    """All is acknowledged before the end."""
    conn.expected += len(request)
    conn.send(ACK)
    conn.send(FIN | ACK)


def closes_and_has_read(conn: Connection, request: bytes) -> None:
    """All is acknowledged by the end itself."""
    conn.send(FIN | ACK, acknowledged=conn.expected + len(request))


def resets(conn: Connection, _: bytes) -> None:
    """A reset, which says nothing of what was read."""
    conn.send(RST | ACK)


def reads_and_resets(conn: Connection, request: bytes) -> None:
    """A reset behind the acknowledgement."""
    conn.expected += len(request)
    conn.send(ACK)
    conn.send(RST | ACK)


def answers_in_part(conn: Connection, _: bytes) -> None:
    """A byte of an answer before the end, and no acknowledgement."""
    conn.send(PSH | ACK, b"H")
    conn.send(FIN | ACK)


def answers(conn: Connection, request: bytes) -> None:
    """Nothing special."""
    conn.over = False
    conn.expected += len(request)
    conn.received.clear()
    conn.answer(2)


class Network(unittest.TestCase):
    """Two Sends, the second over the kept connection if that is possible."""

    command: ClassVar[str]
    program: ClassVar[str]

    def play(
        self, fate: Fate, idle: int = 0, *, number: int = 2, forgets: bool = False
    ) -> tuple[Run, Server]:
        """Send twice, with so many seconds between; the request of this number meets its fate."""
        need(self, "ip", "iproute2")
        with sandbox(self.command) as running, served(fate, number) as server:
            server.forgets = forgets
            run = Caller(self.program, running).run(
                self,
                "send",
                *([str(idle)] if idle else []),
                "send",
                url=f"http://{SERVER}:{PORT}/",
                allow_http="1",
                timeout_ms="5000",
            )
        return run, server


class Segments(Network):
    """The end of a connection crosses a request."""

    def test_a_request_that_nobody_acknowledged_is_sent_again_at_once(self) -> None:
        """The server closed while it was on its way: it cannot have been read."""
        for number in (1, 2):
            with self.subTest(number=number):
                run, server = self.play(closes, number=number)
                self.assertEqual(run.outcomes, [("OK", "YES")] * 2, run)
                self.assertEqual((len(server.requests), len(server.connections)), (3, 2))
                self.assertLess(run.results[number - 1].milliseconds, 100)

    def test_a_request_of_which_anything_may_have_been_read_is_not_sent_again(self) -> None:
        """Whatever was acknowledged, answered or reset."""
        for fate in (
            half_closes,
            half_closes_and_resets,
            closes_and_vanishes,
            closes_after_one_byte,
            closes_in_half,
            reads_and_closes,
            closes_and_has_read,
            resets,
            reads_and_resets,
            answers_in_part,
        ):
            for number in (1, 2):
                with self.subTest(fate=fate.__doc__, number=number):
                    run, server = self.play(fate, number=number)
                    expected = [("OK", "YES")] * 2
                    expected[number - 1] = ("CONNECTION_LOST", "UNKNOWN")
                    self.assertEqual(run.outcomes, expected, run)
                    self.assertEqual(len(server.requests), 2)


class Idle(Network):
    """What takes a minute: TCP finds out by itself whether a connection is still there."""

    def test_a_connection_that_a_firewall_forgot_is_not_used(self) -> None:
        """Nothing of what the client sends arrives any more."""
        run, server = self.play(answers, 55, forgets=True)
        self.assertEqual(run.outcomes, [("OK", "YES")] * 2, run)
        self.assertEqual((len(server.requests), len(server.connections)), (2, 2))
        self.assertLess(run.last.milliseconds, 100)

    def test_an_idle_connection_is_kept_alive(self) -> None:
        """Firewalls see a segment every quarter of a minute."""
        run, server = self.play(answers, 50)
        self.assertEqual(run.outcomes, [("OK", "YES")] * 2, run)
        self.assertEqual(len(server.connections), 1)
        (kept,) = server.connections.values()
        self.assertIn(kept.probes, (2, 3))


def main() -> None:
    """Run the tests in a network of their own."""
    Network.command, Network.program = sys.argv[1:3]
    if "SEGMENTS" not in os.environ:
        below = ["unshare", "--net", "--map-root-user"] if os.geteuid() else ["unshare", "--net"]
        if subprocess.run([*below, "true"], check=False).returncode == 0:
            os.environ["SEGMENTS"] = "1"
            os.execvp(below[0], [*below, sys.executable, *sys.argv])
        Network.setUp = lambda self: miss(self, "no network namespace (run as root)")  # type: ignore[method-assign]
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], warnings="ignore", verbosity=2)


if __name__ == "__main__":
    main()
