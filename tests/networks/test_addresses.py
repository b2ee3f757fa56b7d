"""IPv6, names with several addresses, dead addresses, and http:// where it is allowed."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from harness.authority import Authority
from harness.caller import Caller
from harness.namespaces import Resolver, silent_name_server
from harness.proxies import free_ports
from harness.sandbox import Sandbox
from harness.server import ScriptedServer, relay, serve
from harness.tools import MissingToolError, need

DONE = [("OK", "YES"), ("OK", "YES")]
NAME = "sms.example.test"
IN_CLEAR = "http:// would send the key in clear"


def lines(*addresses: str) -> str:
    """A hosts file in which the service's name has these addresses."""
    return "\n".join(f"{address} {NAME}" for address in addresses)


@contextmanager
def dead(port: int, *addresses: str) -> Iterator[None]:
    """Addresses that answer no SYN: their listeners' queues are full."""
    with ExitStack() as stack:
        for address in addresses:
            stack.enter_context(socket.create_server((address, port), backlog=0))
            for _ in range(4):
                waiting = stack.enter_context(socket.socket())
                waiting.setblocking(False)
                waiting.connect_ex((address, port))
        yield


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_ipv6(call: Caller, running: Sandbox, authority: Authority, scheme: str) -> None:
    """In clear and over TLS, whose certificate is for the address."""
    tls = authority.context() if scheme == "https" else None
    with serve(relay(running.url), address="::1", tls=tls) as service:
        url, ca_file = service.url("[::1]"), authority.certificate
        call("send", "check", url=url, ca_file=ca_file, expected=DONE)


@pytest.mark.parametrize("address", ["::1", "127.0.0.1", "127.0.0.2"])
def test_a_refusing_address_costs_no_time(
    call: Caller, running: Sandbox, resolving: Resolver, address: str
) -> None:
    """The next one is tried at once, whichever family comes first."""
    below = resolving(lines("::1", "127.0.0.1", "127.0.0.2"))
    with serve(relay(running.url), address=address) as service:
        words, url = ("send", "check"), service.url(NAME)
        made = call(*words, below=below, url=url, allow_http="1", expected=DONE)
    assert made.results[0].milliseconds < 200


def test_a_dead_address_costs_its_head_start(call: Caller, running: Sandbox, resolving: Resolver) -> None:
    """A quarter of a second each, not a connect timeout."""
    below = resolving(lines("127.0.0.2", "127.0.0.3", "127.0.0.4"))
    with (
        serve(relay(running.url), address="127.0.0.4") as service,
        dead(service.port, "127.0.0.2", "127.0.0.3"),
    ):
        words, url = ("send", "check"), service.url(NAME)
        made = call(*words, below=below, url=url, allow_http="1", expected=DONE)
    assert made.results[0].milliseconds < 800
    assert made.results[1].milliseconds < 200, "the connection is kept"


def test_a_dead_address_is_paid_for_once(call: Caller, running: Sandbox, resolving: Resolver) -> None:
    """The one that answered is tried first by the next call that has to connect."""
    below, closing = resolving(lines("127.0.0.2", "127.0.0.3")), "Connection: close"
    with serve(relay(running.url, closing), address="127.0.0.3") as service, dead(service.port, "127.0.0.2"):
        words, url = ["send"] * 4, service.url(NAME)
        made = call(*words, below=below, url=url, allow_http="1", expected=[("OK", "YES")] * 4)
        assert len(service.connections) == 4
    first, *others = (result.milliseconds for result in made.results)
    assert first < 500 and min(others) < 100 and sum(others) < 400


def test_all_dead(call: Caller, resolving: Resolver) -> None:
    """The connect timeout holds for all addresses together."""
    addresses, port = ("127.0.0.2", "127.0.0.3", "127.0.0.4"), free_ports(1)[0]
    words = ("allow_http=1", "connect_timeout_ms=600", "timeout_ms=1000", "send")
    with dead(port, *addresses):
        below, url = resolving(lines(*addresses)), f"http://{NAME}:{port}/"
        made = call(*words, below=below, url=url)
    assert made.ends in ([("CONNECT", "NO")], [("TIMEOUT", "NO")]), made
    assert made.last.milliseconds < 1100


def test_an_entry_of_the_hosts_file_speaks_for_both_families(
    call: Caller, clear: ScriptedServer, resolving: Resolver
) -> None:
    """A name server is not asked for the other one: its answer would undo the entry."""
    with silent_name_server() as server:
        below, url = resolving(lines("127.0.0.1"), server=server), clear.url(NAME)
        call("send", "check", below=below, url=url, allow_http="1", expected=DONE)
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.recv(512)


def test_no_thread_for_a_lookup(call: Caller) -> None:
    """The call says what there is too little of, and for which name."""
    if os.geteuid() != 0:
        raise MissingToolError("to become another user takes the rights of root")
    nobody = [need("setpriv", "util-linux"), "--reuid=65534", "--clear-groups"]
    below = [*nobody, need("prlimit", "util-linux"), "--nproc=1"]
    made = call("send", below=below, url=f"https://{NAME}/", expected=[("CONNECT", "NO")])
    assert "cannot start the thread that looks names up" in made.last.message
    assert NAME in made.last.message


@pytest.mark.parametrize(
    "url",
    [
        "http://192.0.2.1/",
        "http://[2001:db8::1]/",
        "http://0.0.0.0/",
        "http://api.99digital.co.il/sms/verifySMS",
        "http://localhost.example.test/",
        "http://127.0.0.1.example.test/",
        # A name that happens to lead here may lead elsewhere tomorrow.
        f"http://{NAME}:{{port}}/sms/verifySMS",
    ],
)
def test_http_to_another_machine_is_refused(
    call: Caller, clear: ScriptedServer, resolving: Resolver, url: str
) -> None:
    """Nothing is sent in clear."""
    made = call("send", below=resolving(lines("127.0.0.1")), url=url.format(port=clear.port))
    assert IN_CLEAR in made.refusal


def test_http_is_for_this_machine_only(call: Caller, clear: ScriptedServer, resolving: Resolver) -> None:
    """Unless the user allows it."""
    # To another machine's proxy this machine's address is that of the other.
    assert IN_CLEAR in call("send", url=clear.url(), proxy="http://192.0.2.1:3128").refusal
    for host in ("127.0.0.1", "localhost", "LOCALHOST"):
        call("send", "check", url=clear.url(host), expected=DONE)
    below, url = resolving(lines("127.0.0.1")), clear.url(NAME)
    call("send", "check", below=below, url=url, allow_http="1", expected=DONE)
