"""What people wait for, in round trips, over a network with a delay: harness/delayed_network.py.

`make bench` prints the same in a table, with libcurl and requests beside it.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest

from harness import delayed_network
from harness.delayed_network import CLOSED, CLOSED_TLS12, DEAD_IPV6, HERE, NO_AAAA, Flow, Network, Step
from harness.server import Connection, http, serve

pytestmark = pytest.mark.isolated

HEAD_START_MS = 250
RESOLUTION_DELAY_MS = 50
"""RFC 8305: of an address before the next one is tried, and of an answer to A before AAAA's."""

NewFlow = Callable[..., Flow]


@pytest.fixture(scope="module")
def network(command: Path) -> Iterator[Network]:
    """The network for all tests."""
    with delayed_network.network(command) as network:
        yield network


@pytest.fixture
def flow(network: Network, parts: Path) -> Iterator[NewFlow]:
    """Starts clients, which live as long as their test."""
    with ExitStack() as stack:
        program = [str(parts / "flow")]
        yield lambda *port, **ipv6: stack.enter_context(network.flow(program, *port, **ipv6))


def costs(step: Step, round_trips: int, more_ms: int = 0) -> None:
    """It went well, and took so long."""
    assert step.outcome == "OK", step
    assert step._replace(ms=step.ms - more_ms).round_trips == round_trips, step


def test_a_first_send(flow: NewFlow) -> None:
    """A name, TCP, TLS and the request: a round trip each."""
    costs(flow().send(), 4)


def test_a_check_while_the_person_types(flow: NewFlow) -> None:
    """The connection of the Send is still there."""
    client = flow()
    client.send()
    time.sleep(5)
    costs(client.check(), 1)
    assert client.connections == 1


def test_a_send_after_connect(flow: NewFlow) -> None:
    """The connection was opened with the sign-up page."""
    client = flow()
    costs(client.connect(), 3)
    time.sleep(5)
    costs(client.send(), 1)
    assert client.connections == 1


@pytest.mark.parametrize(("port", "first"), [(CLOSED, 4), (CLOSED_TLS12, 5)])
def test_a_second_connection(flow: NewFlow, port: int, first: int) -> None:
    """The name is known, and in TLS 1.2 the session, which saves a round trip."""
    client = flow(port)
    costs(client.send(), first)
    costs(client.send(), 3)
    assert client.connections == 2


def test_a_dead_ipv6_address(flow: NewFlow) -> None:
    """It costs its head start once; the address that won is tried first from then on."""
    client = flow(CLOSED, ipv6=DEAD_IPV6)
    costs(client.send(), 4, HEAD_START_MS)
    costs(client.send(), 3)


def test_a_name_server_that_drops_aaaa(flow: NewFlow) -> None:
    """A moment, and no failure."""
    costs(flow(ipv6=NO_AAAA).send(), 4, RESOLUTION_DELAY_MS)


@dataclass
class CloseUnderAnswer:
    """Answers a request over its first connection, and ends that; others are answered.

    Before it ends it, it reads a second request or waits until it may.
    """

    how: Literal["close_notify", "FIN", "RST"]
    reads: bool
    may_close: threading.Event = field(default_factory=threading.Event)
    closed: threading.Event = field(default_factory=threading.Event)
    read: int = 0
    """How many requests were."""

    def __call__(self, connection: Connection) -> None:
        """Play it."""
        is_first = self.read == 0
        while self._reads(connection):
            body = {"status": "OK", "unique": str(self.read), "reason": 1}
            connection.send(http(json.dumps(body).encode()))
            if is_first:
                if self.reads:
                    self._reads(connection)
                else:
                    self.may_close.wait()
                connection.close(self.how)
                self.closed.set()
                return

    def _reads(self, connection: Connection) -> bool:
        request = connection.request()
        self.read += bool(request)
        return bool(request)


class TestClosing:
    """A server that closes a connection while a request is on its way to it, or has come."""

    @pytest.fixture
    def send_twice(self, network: Network, flow: NewFlow) -> Callable[..., tuple[str, int]]:
        """Send, then again: so long after a server that does not wait for it has closed."""

        def send_twice(script: CloseUnderAnswer, after: float = 0.0) -> tuple[str, int]:
            tls = network.authority.context()
            with serve(script, address=HERE, tls=tls, in_turn=True) as server:
                client = flow(server.port)
                assert client.send().outcome == "OK"
                if not script.reads:
                    script.may_close.set()
                    script.closed.wait()
                    time.sleep(after)
                step = client.send()
                return step.outcome, step.reached

        return send_twice

    @pytest.mark.parametrize("after", [0.0, 0.015, 0.03])
    def test_a_request_that_meets_the_end(self, send_twice: Callable[..., object], after: float) -> None:
        """The server says so over TLS, and its machine resets: it is repeated over a new connection."""
        script = CloseUnderAnswer("close_notify", reads=False)
        assert send_twice(script, after) == ("OK", 1)
        assert script.read == 2

    @pytest.mark.parametrize("how", ["FIN", "RST"])
    def test_a_request_that_meets_a_reset(
        self, send_twice: Callable[..., object], how: Literal["FIN", "RST"]
    ) -> None:
        """It proves nothing, and neither does a FIN without close_notify: both can be forged."""
        script = CloseUnderAnswer(how, reads=False)
        assert send_twice(script) == ("CONNECTION_LOST", 2)
        assert script.read == 1

    @pytest.mark.parametrize("how", ["FIN", "close_notify", "RST"])
    def test_a_request_that_was_read(
        self, send_twice: Callable[..., object], how: Literal["FIN", "close_notify", "RST"]
    ) -> None:
        """It is not repeated, however the connection ends."""
        script = CloseUnderAnswer(how, reads=True)
        assert send_twice(script) == ("CONNECTION_LOST", 2)
        assert script.read == 2


@pytest.mark.slow
def test_a_minute(flow: NewFlow) -> None:
    """A Check so long after its Send, and a Send after connect: one round trip."""
    sent, connected = flow(), flow()
    begun = time.monotonic()
    connected.connect()
    sent.send()
    time.sleep(begun + 60 - time.monotonic())
    costs(connected.send(), 1)
    costs(sent.check(), 1)


@pytest.mark.slow
def test_a_forgotten_connection(flow: NewFlow) -> None:
    """It is found dead before it is used, and the Check goes over a new one."""
    begun, clients = time.monotonic(), {}
    for seconds in (17, 25, 50):
        clients[seconds] = flow()
        clients[seconds].send()
        clients[seconds].forget()
    for seconds, client in clients.items():
        time.sleep(begun + seconds - time.monotonic())
        costs(client.check(), 3)
        assert client.connections == 2, seconds


@pytest.mark.slow
def test_a_connection_forgotten_a_moment_ago(flow: NewFlow) -> None:
    """Nobody can know yet: the Check is in doubt, but not for its whole deadline."""
    client = flow()
    client.send()
    client.forget()
    step = client.check()
    assert (step.outcome, step.reached) == ("CONNECTION_LOST", 2)
    assert step.ms < 15_000


@pytest.mark.slow
def test_a_request_whose_answers_are_dropped(flow: NewFlow) -> None:
    """Nothing of it seems acknowledged, and yet it came: it is not repeated."""
    client = flow()
    client.send()
    client.drop_answers()
    step = client.send()
    assert (step.outcome, step.reached) in [("CONNECTION_LOST", 2), ("TIMEOUT", 2)]
    assert client.messages == 2
