"""What the library does to the program that it lives in, and what the program may do to it."""

from __future__ import annotations

import itertools
import re
import socket
import ssl
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.authority import ED25519, P_256, P_384, RSA_4096, Authority
from harness.caller import KEY, Caller
from harness.namespaces import Resolver, silent_name_server
from harness.proxies import QUOTED, USER, microsocks, squid
from harness.sandbox import Sandbox
from harness.server import Connection, ScriptedServer, relay, serve
from harness.tools import VARIABLES, need, run

# What the C library reads by itself when it looks up a name: resolver(5), host.conf(5).
C_LIBRARY = {"LOCALDOMAIN", "RES_OPTIONS", "RESOLV_HOST_CONF", "HOSTALIASES"}
SILENT = "http://silent.example.test/"
VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
PARENTS = {"P0", "P1"}

HostProgram = Callable[..., str]


@pytest.fixture(scope="session")
def host(parts: Path) -> HostProgram:
    """Runs a program of this folder against the service at an address; all its checks must hold."""

    def execute(
        program: str,
        url: str,
        *arguments: str,
        below: list[str] | None = None,
        ca_file: str | Path = "",
        env: dict[str, str] | None = None,
    ) -> str:
        own = {"VERIFYSMS_API_KEY": KEY, "VERIFYSMS_URL": url}
        environment = {**dict.fromkeys(VARIABLES), **own, **(env or {})}
        if ca_file:
            environment["VERIFYSMS_CA_FILE"] = str(ca_file)
        words = [*(below or []), str(parts / program), *arguments]
        printed = run(*words, env=environment, timeout=900)
        told = r"(\d+ done, \d+ cancelled\n|[\w ]+: \d+ bytes of stack\n)*"
        assert re.fullmatch(rf"{told}\d+ passed, 0 failed\n", printed), printed
        return printed

    return execute


@pytest.fixture(params=["running", "running_tls"])
def either(request: pytest.FixtureRequest) -> Sandbox:
    """A sandbox in clear, and one over TLS."""
    sandbox: Sandbox = request.getfixturevalue(request.param)
    return sandbox


@pytest.fixture(params=["http", "https"])
def tls(request: pytest.FixtureRequest, authority: Authority) -> ssl.SSLContext | None:
    """A server's side of TLS, or none."""
    return authority.context() if request.param == "https" else None


def senders(service: ScriptedServer) -> list[set[str]]:
    """Whose messages went over each connection that carried any."""
    field = re.compile(rb'name="from"\r\n\r\n(\w+)\r\n')
    found = (field.findall(connection.received) for connection in service.connections)
    return [{name.decode() for name in names} for names in found if names]


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_children_use_the_client_while_the_parent_goes_on(
    host: HostProgram, running: Sandbox, name: str
) -> None:
    """Eight of them, each on connections of its own; the parent's are left alone."""
    with serve(relay(running.url)) as service:
        host("forks", service.url(name))
        carried = senders(service)
    assert all(names <= PARENTS or len(names) == 1 for names in carried), carried
    assert set().union(*carried) == {*PARENTS, "G", *(f"C{number}" for number in range(8))}
    assert PARENTS in carried, "the parent's own connections still work"


def test_children_of_tls(host: HostProgram, running: Sandbox, authority: Authority) -> None:
    """The same where a shared connection would be garbage at once."""
    with serve(relay(running.url), tls=authority.context()) as service:
        host("forks", service.url(), ca_file=authority.certificate)
        carried = senders(service)
    assert all(names <= PARENTS or len(names) == 1 for names in carried), carried


def test_processes_that_no_handler_knows_of(
    host: HostProgram, running: Sandbox, authority: Authority, tls: ssl.SSLContext | None
) -> None:
    """_Fork, clone and clone3: nobody reads another's answer, over TLS and in clear."""
    with serve(relay(running.url), tls=tls) as service:
        host("processes", service.url(), ca_file=authority.certificate)
        carried = senders(service)
    assert all(len(names) == 1 for names in carried), carried
    assert set().union(*carried) == set("PABCD")


def test_closed_standard_descriptors(
    host: HostProgram, running: Sandbox, authority: Authority, tls: ssl.SSLContext | None
) -> None:
    """What the program prints does not go to the service."""
    with serve(relay(running.url), tls=tls) as service:
        host("closed", service.url(), ca_file=authority.certificate)
        assert all(b"of the host's own" not in one.received for one in service.connections)


def test_few_connections_are_kept_after_a_burst(host: HostProgram, running: Sandbox) -> None:
    """Of a hundred and five that were in use at once."""
    with running.slowly(400):
        host("burst", running.url, "105", "2", "30000", "0")


def test_two_hundred_threads_share_their_connections(host: HostProgram, running: Sandbox) -> None:
    """Each opens one, and few open another."""
    with serve(relay(running.url)) as service:
        host("burst", service.url(), "200", "20", "60000", "0")
        assert len(service.connections) <= 264


@pytest.mark.parametrize(("threads", "calls"), [("200", "1"), ("2", "100")])
def test_lookups_without_an_answer_are_shared(
    host: HostProgram, resolving: Resolver, threads: str, calls: str
) -> None:
    """Of two hundred calls, at once and one after another, hardly a thread is left."""
    with silent_name_server() as server:
        host("burst", SILENT, threads, calls, "50", "6", below=resolving(server=server))


def test_a_thousand_calls_that_wait(host: HostProgram, running: Sandbox) -> None:
    """They cost next to nothing, and end at once when they are cancelled."""
    with running.slowly(120_000):
        host("waiting", running.url)


def test_children_of_a_first_call(host: HostProgram, either: Sandbox) -> None:
    """Forked at each of its allocations; none waits for a lock that nobody will release."""
    host("early", either.url, ca_file=either.ca_file)


def test_children_of_a_call(host: HostProgram, running: Sandbox) -> None:
    """Forked in a function of the caller's: the call is the parent's, and its request one."""
    host("within", running.url)


def test_a_guard(host: HostProgram, running: Sandbox, tmp_path: Path) -> None:
    """Threads and processes send exactly as many messages as a limit allows, by memory and by a file."""
    host("limited", running.url, f"file:{tmp_path}/guard")


def test_signals(host: HostProgram, either: Sandbox) -> None:
    """A timer that ticks every millisecond; a signal that asks the interrupt function."""
    with either.slowly(60):
        host("signals", either.at("localhost"), ca_file=either.ca_file)


def test_a_lookup_without_an_answer(host: HostProgram, resolving: Resolver) -> None:
    """Its thread leaves signals alone and ends by itself."""
    with silent_name_server() as server:
        host("lookup", SILENT, below=resolving(server=server))


def test_queue(host: HostProgram, running: Sandbox) -> None:
    """Many calls of one thread: their results, deadlines and ends; what a child may do."""
    host("queue", running.url)


def test_descriptors(host: HostProgram, either: Sandbox) -> None:
    """None is opened before a call, inherited by a program, or left."""
    with either.slowly(1500):
        host("descriptors", either.at("localhost"), ca_file=either.ca_file)


def test_a_peer_that_closes(host: HostProgram) -> None:
    """No SIGPIPE reaches the program."""

    def answer_and_close(connection: Connection) -> None:
        connection.read()
        # Corked, the answer and the end of the stream arrive together.
        connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
        connection.send(b"HTTP/1.1 200 OK\r\n\r\n")

    with serve(answer_and_close) as service:
        host("sigpipe", service.url())


def test_unloading(host: HostProgram, running: Sandbox, library: Path) -> None:
    """A hundred times."""
    host("unloading", running.url, str(library))


def test_threads(host: HostProgram, running: Sandbox) -> None:
    """A hundred, cancelled now and then."""
    host("threads", running.url, "100", "50", "50")


def test_threads_of_tls(host: HostProgram, running: Sandbox, authority: Authority) -> None:
    """The same, all of which begin with handshakes."""
    with serve(relay(running.url), tls=authority.context()) as service:
        url = service.url("localhost")
        host("threads", url, "20", "50", "500", ca_file=authority.certificate)


def test_cancelled_threads(host: HostProgram, either: Sandbox) -> None:
    """None ends in a function of the library, whenever it is cancelled."""
    host("cancelled", either.at("localhost"), ca_file=either.ca_file)


def test_memory_of_a_host_that_makes_no_call(library: Path) -> None:
    """What is loaded with the library: no reserve, and nothing else that is large."""
    printed = run(need("size", "binutils"), "-A", "-d", library)
    sections = dict(re.findall(r"(?m)^(\.bss|\.data|\.tbss) +(\d+)", printed))
    assert sum(map(int, sections.values())) < 16 * 1024, sections


def measure(host: HostProgram, what: str, url: str, **more: object) -> None:
    """Make calls on small stacks, and say how much of one the deepest took."""
    sizes = re.findall(r": (\d+) bytes of stack", host("stack", url, **more))
    print(f"{what}: {max(map(int, sizes))} bytes", file=sys.stderr)


def test_small_stacks_in_clear(host: HostProgram, running: Sandbox) -> None:
    """What the header names is enough, for every kind of call."""
    measure(host, "in clear", running.at("localhost"))


@pytest.mark.parametrize(
    ("kind", "version"),
    list(itertools.product((P_256, P_384, RSA_4096, ED25519), VERSIONS)),
    ids=lambda value: value.name if isinstance(value, ssl.TLSVersion) else value[-1],
)
def test_small_stacks(
    host: HostProgram,
    running: Sandbox,
    new_folder: Callable[[], Path],
    kind: tuple[str, ...],
    version: ssl.TLSVersion,
) -> None:
    """The same with the keys that servers have, and both ways to trust their authority."""
    authority = Authority(new_folder(), kind)
    with serve(relay(running.url), tls=authority.context(version, version)) as service:
        url, what = service.url("localhost"), f"{version.name} with {kind[-1]}"
        measure(host, what, url, ca_file=authority.certificate)
        system = {"SSL_CERT_FILE": str(authority.certificate)}
        measure(host, f"{what}, the system's", url, env=system)


def test_small_stacks_and_proxies(
    host: HostProgram, running: Sandbox, new_folder: Callable[[], Path]
) -> None:
    """The same through proxies of each kind: TLS in TLS is the deepest."""
    authority = Authority(new_folder(), P_384)
    with (
        serve(relay(running.url), tls=authority.context()) as service,
        squid(authority, new_folder()) as proxy,
        microsocks() as socks,
    ):
        for name, address in (
            ("sms.example.test", f"http://localhost:{proxy.open.port}"),
            ("sms.example.test", f"http://{USER}:{QUOTED}@localhost:{proxy.http.port}"),
            ("sms.example.test", f"https://{USER}:{QUOTED}@localhost:{proxy.https.port}"),
            ("localhost", f"socks5://localhost:{socks}"),
            ("localhost", f"socks5h://localhost:{socks}"),
        ):
            what, env = f"TLS through {address.split(':')[0]}", {"PROXY": address}
            measure(host, what, service.url(name), ca_file=authority.certificate, env=env)


@pytest.mark.parametrize(
    ("header", "seconds", "opened"),
    [
        ("", 5, 1),
        ("", 30, 1),
        ("", 58, 1),
        ("", 61, 2),
        ("Keep-Alive: timeout=5", 3, 1),
        ("Keep-Alive: timeout=5", 5, 2),
        ("keep-alive: max=100, TIMEOUT=30", 28, 1),
        ("keep-alive: max=100, TIMEOUT=30", 30, 2),
        ("Keep-Alive: timeout=30\r\nConnection: keep-alive", 5, 1),
        ("Keep-Alive: timeout=2", 0, 1),
        ("Keep-Alive: timeout=1", 0, 2),
        ("Keep-Alive: timeout=0", 0, 2),
        ("Connection: close", 0, 2),
    ],
)
def test_idle_connections(
    running: Sandbox,
    authority: Authority,
    call: Caller,
    parts: Path,
    header: str,
    seconds: int,
    opened: int,
    tls: ssl.SSLContext | None,
) -> None:
    """One is used again for a minute, or for as long as the server says, less a second."""
    with serve(relay(running.url, header), tls=tls) as service:
        call(
            *(("send", str(seconds), "send") if seconds else ("send", "send")),
            env={"LD_PRELOAD": str(parts / "clock.so")},
            url=service.url(),
            ca_file=authority.certificate,
            expected=[("OK", "YES")] * 2,
        )
        assert len(service.connections) == opened


def test_variables(running: Sandbox, running_tls: Sandbox, call: Caller, parts: Path, tmp_path: Path) -> None:
    """Only those of the header are read, in every kind of call."""
    log = tmp_path / "variables"
    preloaded = {"LD_PRELOAD": str(parts / "getenv.so"), "GETENV_LOG": str(log)}
    call("send", "check", env=preloaded, url=running.url)
    trusting = preloaded | {"SSL_CERT_FILE": running_tls.ca_file}
    url = running_tls.at("localhost")
    Caller(parts / "caller", running_tls)("send", "check", env=trusting, url=url)
    proxied = preloaded | {"HTTPS_PROXY": "http://127.0.0.1:1"}
    call("send", env=proxied, url="https://sms.example.test/")
    # The program itself asks for its key.
    read = set(log.read_text().split()) - {"VERIFYSMS_API_KEY"}
    assert {"HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"} < read
    assert not read - VARIABLES - C_LIBRARY


def test_system_calls(running_tls: Sandbox, parts: Path, tmp_path: Path) -> None:
    """Every descriptor is close-on-exec from the start; nothing is written with a signal."""
    log = tmp_path / "calls"
    opening = "socket,open,openat,dup,dup2,dup3,pipe,pipe2,epoll_create,epoll_create1,eventfd2"
    traced = f"trace={opening},fcntl,accept,accept4,write,writev,sendto,sendmsg,sendmmsg"
    Caller(parts / "caller", running_tls)(
        "send",
        "check",
        below=[need("strace", "strace"), "-f", "-qq", "-o", str(log), "-e", traced],
        url=running_tls.at("localhost"),
        ca_file=running_tls.ca_file,
        expected=[("OK", "YES"), ("OK", "YES")],
    )
    # Without the number of the process and what was interrupted by another thread's line.
    calls = [line.split(maxsplit=1)[1] for line in log.read_text().splitlines()]
    calls = [call for call in calls if re.match(r"\w+\(", call) and "ENOENT" not in call]
    names = {call.split("(")[0] for call in calls}
    assert {"socket", "openat", "sendto"} <= names
    flags = {
        "socket": "SOCK_CLOEXEC",
        "openat": "O_CLOEXEC",
        "pipe2": "O_CLOEXEC",
        "eventfd2": "EFD_CLOEXEC",
        "epoll_create1": "EPOLL_CLOEXEC",
        "sendto": "MSG_NOSIGNAL",
        "sendmsg": "MSG_NOSIGNAL",
    }
    assert names <= {*flags, "fcntl", "write", "sendmmsg"}
    for call in calls:
        name = call.split("(")[0]
        assert flags.get(name, "") in call
        assert "F_DUPFD" not in call or "F_DUPFD_CLOEXEC" in call
        # What the program prints, and an eventfd.
        printed = r'write\(1, |write\(\d+, "\\1\\0\\0\\0\\0\\0\\0\\0", 8'
        assert name != "write" or re.match(printed, call), call


@pytest.mark.slow
def test_threads_for_long(host: HostProgram, running: Sandbox) -> None:
    """A hundred, a thousand calls each, on a client that is cancelled now and then."""
    host("threads", running.url, "100", "1000", "50")


@pytest.mark.slow
def test_forks_again_and_again(host: HostProgram, running: Sandbox) -> None:
    """A lock that another thread held at the fork would show sooner or later."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with serve(relay(running.url)) as service:
            host("forks", service.url("localhost"))
