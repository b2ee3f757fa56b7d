"""What people wait for, in round trips, over a network with a delay: tests/delayed.py.

    python3 tests/latency.py COMMAND FLOW [Light | Heavy]

COMMAND is the built command `verifysms`, FLOW the built tests/bench/ours.c. `make bench` prints the
same in a table, with libcurl and requests beside it.
"""

from __future__ import annotations

import os
import sys
import time
import unittest
from contextlib import ExitStack
from typing import ClassVar

import delayed
from closing import ClosingServer
from delayed import Flow, Network, Step

HEAD_START_MS = 250
RESOLUTION_DELAY_MS = 50
"""RFC 8305: of an address before the next one is tried, and of an answer to A before AAAA's."""


class Latency(unittest.TestCase):
    """A network for all tests of the class, and clients in it."""

    program: ClassVar[str]
    network: ClassVar[Network]

    def flow(self, port: int = delayed.KEPT, ipv6: str = delayed.PLAIN) -> Flow:
        """Start a new client, which lives as long as its test."""
        stack = ExitStack()
        self.addCleanup(stack.close)
        return stack.enter_context(self.network.flow([self.program], port, ipv6))

    def costs(self, step: Step, round_trips: int, more_ms: int = 0) -> None:
        """It went well, and took so long."""
        self.assertEqual(step.outcome, "OK", step)
        least = step._replace(ms=step.ms - more_ms)
        self.assertEqual(least.round_trips, round_trips, step)


class Light(Latency):
    """What takes seconds."""

    def test_a_first_send(self) -> None:
        """A name, TCP, TLS and the request: a round trip each."""
        self.costs(self.flow().send(), 4)

    def test_a_check_while_the_person_types(self) -> None:
        """The connection of the Send is still there."""
        flow = self.flow()
        flow.send()
        time.sleep(5)
        self.costs(flow.check(), 1)
        self.assertEqual(flow.connections, 1)

    def test_a_send_after_connect(self) -> None:
        """The connection was opened with the sign-up page."""
        flow = self.flow()
        self.costs(flow.connect(), 3)
        time.sleep(5)
        self.costs(flow.send(), 1)
        self.assertEqual(flow.connections, 1)

    def test_a_second_connection(self) -> None:
        """The name is known, and in TLS 1.2 the session, which saves a round trip."""
        for port, first in ((delayed.CLOSED, 4), (delayed.CLOSED_TLS12, 5)):
            with self.subTest(port=port):
                flow = self.flow(port)
                self.costs(flow.send(), first)
                self.costs(flow.send(), 3)
                self.assertEqual(flow.connections, 2)

    def test_a_dead_ipv6_address(self) -> None:
        """It costs its head start once; the address that won is tried first from then on."""
        flow = self.flow(delayed.CLOSED, delayed.DEAD_IPV6)
        self.costs(flow.send(), 4, HEAD_START_MS)
        self.costs(flow.send(), 3)

    def test_a_name_server_that_drops_aaaa(self) -> None:
        """A moment, and no failure."""
        self.costs(self.flow(ipv6=delayed.NO_AAAA).send(), 4, RESOLUTION_DELAY_MS)


class Closing(Latency):
    """A server that closes a connection while a request is on its way to it, or has come."""

    def server(self, how: str, *, reads: bool) -> ClosingServer:
        """Make one behind the delay."""
        return ClosingServer(delayed.HERE, self.network.authority.context(), how, reads=reads)

    def send_twice(self, server: ClosingServer, after: float = 0.0) -> tuple[str, int]:
        """Send, then again: so long after a server that does not wait for it has closed."""
        with server:
            flow = self.flow(server.port)
            self.assertEqual(flow.send().outcome, "OK")
            if not server.reads:
                server.close()
                time.sleep(after)
            step = flow.send()
            return step.outcome, step.reached

    def test_a_request_that_meets_the_end(self) -> None:
        """The server says so over TLS, and its machine resets: it is repeated over a new connection."""
        for after in (0.0, 0.015, 0.03):
            with self.subTest(after=after):
                server = self.server("close_notify", reads=False)
                self.assertEqual(self.send_twice(server, after), ("OK", 1))
                self.assertEqual(server.read, 2)

    def test_a_request_that_meets_a_reset(self) -> None:
        """It proves nothing, and neither does a FIN without close_notify: both can be forged."""
        for how in ("RST", "FIN"):
            with self.subTest(how=how):
                server = self.server(how, reads=False)
                self.assertEqual(self.send_twice(server), ("CONNECTION_LOST", 2))
                self.assertEqual(server.read, 1)

    def test_a_request_that_was_read(self) -> None:
        """It is not repeated, however the connection ends."""
        for how in ("FIN", "close_notify", "RST"):
            with self.subTest(how=how):
                server = self.server(how, reads=True)
                self.assertEqual(self.send_twice(server), ("CONNECTION_LOST", 2))
                self.assertEqual(server.read, 2)


class Heavy(Latency):
    """What takes minutes."""

    def test_a_minute(self) -> None:
        """A Check so long after its Send, and a Send after connect: one round trip."""
        sent, connected = self.flow(), self.flow()
        begun = time.monotonic()
        connected.connect()
        sent.send()
        time.sleep(begun + 60 - time.monotonic())
        self.costs(connected.send(), 1)
        self.costs(sent.check(), 1)

    def test_a_forgotten_connection(self) -> None:
        """It is found dead before it is used, and the Check goes over a new one."""
        begun, flows = time.monotonic(), {}
        for seconds in (17, 25, 50):
            flows[seconds] = self.flow()
            flows[seconds].send()
            flows[seconds].forget()
        for seconds, flow in flows.items():
            with self.subTest(seconds=seconds):
                time.sleep(begun + seconds - time.monotonic())
                self.costs(flow.check(), 3)
                self.assertEqual(flow.connections, 2)

    def test_a_connection_forgotten_a_moment_ago(self) -> None:
        """Nobody can know yet: the Check is in doubt, but not for its whole deadline."""
        flow = self.flow()
        flow.send()
        flow.forget()
        step = flow.check()
        self.assertEqual((step.outcome, step.reached), ("CONNECTION_LOST", 2))
        self.assertLess(step.ms, 15_000)

    def test_a_request_whose_answers_are_dropped(self) -> None:
        """Nothing of it seems acknowledged, and yet it came: it is not repeated."""
        flow = self.flow()
        flow.send()
        flow.silence()
        step = flow.send()
        self.assertIn((step.outcome, step.reached), [("CONNECTION_LOST", 2), ("TIMEOUT", 2)])
        self.assertEqual(flow.messages, 2)


def main() -> int:
    """Run the tests in the network, or say what is missing for it."""
    if lacking := delayed.missing():
        print(f"skipped: {lacking}")
        return 1 if os.environ.get("CI") else 0
    if not delayed.inside():
        delayed.enter()
    command, Latency.program = sys.argv[1:3]
    with delayed.network(command) as Latency.network:
        tests = unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=2, exit=False)
    return 0 if tests.result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
