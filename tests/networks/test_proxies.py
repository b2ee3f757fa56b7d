"""The proxies that users have: squid and microsocks on loopback, and a service behind them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from harness import proxies
from harness.authority import Authority
from harness.caller import Caller, Calls
from harness.namespaces import Resolver
from harness.proxies import Squid, free_ports, microsocks
from harness.sandbox import Sandbox
from harness.server import ScriptedServer, relay, serve

DONE = [("OK", "YES"), ("OK", "YES")]
NOT_CONNECTED = [("CONNECT", "NO")]
NAME = "sms.example.test"
HERE = f"127.0.0.1 {NAME}"
SendAndCheck = Callable[..., Calls]
Ends = Callable[..., list[tuple[str, str]]]
SOCKS = pytest.mark.parametrize("scheme", ["socks5", "socks5h"])


@pytest.fixture(scope="module")
def squid(authority: Authority, new_folder: Callable[[], Path]) -> Iterator[Squid]:
    """The HTTP and HTTPS proxy."""
    with proxies.squid(authority, new_folder()) as started:
        yield started


@pytest.fixture(scope="module")
def ignorant(resolving: Resolver) -> list[str]:
    """Below this command the service's name is unknown."""
    return resolving()


@pytest.fixture(scope="module")
def knowing(resolving: Resolver) -> list[str]:
    """Below this one it is known."""
    return resolving(HERE)


@pytest.fixture(params=["secure", "clear"])
def either(request: pytest.FixtureRequest) -> ScriptedServer:
    """The service over TLS, and in clear."""
    server: ScriptedServer = request.getfixturevalue(request.param)
    return server


def login(scheme: str, port: int, password: str = proxies.QUOTED) -> str:
    """A proxy's address with credentials."""
    return f"{scheme}://{proxies.USER}:{password}@localhost:{port}"


@pytest.fixture
def send_and_check(call: Caller, ignorant: list[str], authority: Authority) -> SendAndCheck:
    """Calls that trust the authority, by default of a program that does not know the name."""
    trusting = partial(call, "allow_http=1", "send", "check", ca_file=authority.certificate)
    return partial(trusting, below=ignorant, expected=DONE)


class TestHttpProxy:
    """Squid, for a program that cannot resolve the service's name."""

    @pytest.mark.parametrize("has_login", [True, False])
    def test_send_and_check_go_through_it(
        self, send_and_check: SendAndCheck, squid: Squid, either: ScriptedServer, has_login: bool
    ) -> None:
        """For https:// and http:// addresses, with credentials and without, over TLS and not."""
        before = squid.connections
        anybodys, secrets = f"http://127.0.0.1:{squid.open.port}", (proxies.PASSWORD, proxies.QUOTED)
        proxy = login("http", squid.http.port) if has_login else anybodys
        send_and_check(url=either.url(NAME), proxy=proxy, secrets=secrets)
        assert squid.connections - before == 1, "one tunnel for both calls"

    def test_an_https_proxy_hides_the_tunnel(
        self, send_and_check: SendAndCheck, squid: Squid, either: ScriptedServer
    ) -> None:
        """TLS to the proxy, and inside it TLS to the service."""
        send_and_check(url=either.url(NAME), proxy=login("https", squid.https.port))

    def test_an_https_proxy_must_be_trusted(
        self, call: Caller, squid: Squid, ignorant: list[str], clear: ScriptedServer
    ) -> None:
        """The bundled authorities do not know it."""
        proxy = login("https", squid.https.port)
        words, refused = ("trust=1", "allow_http=1", "send"), [("TLS", "NO")]
        call(*words, below=ignorant, url=clear.url(NAME), proxy=proxy, expected=refused)

    @pytest.mark.parametrize("scheme", ["http", "https"])
    def test_wrong_credentials_end_the_call_at_once(
        self,
        call: Caller,
        squid: Squid,
        ignorant: list[str],
        secure: ScriptedServer,
        authority: Authority,
        scheme: str,
    ) -> None:
        """Nothing of the request leaves, and no second attempt locks the account."""
        proxy = squid.http if scheme == "http" else squid.https
        before, sent = len(proxy.connections), len(secure.connections)
        made = call(
            "send",
            below=ignorant,
            secrets=("hunter2", proxies.USER),
            url=secure.url(NAME),
            proxy=login(scheme, proxy.port, "hunter2"),
            ca_file=authority.certificate,
            expected=NOT_CONNECTED,
        )
        assert "407" in made.last.message
        assert len(proxy.connections) - before == 1
        assert len(secure.connections) == sent

    @pytest.mark.parametrize("host", [f"{NAME}:{{dead}}", "unknown.example.test"])
    def test_a_target_that_the_proxy_cannot_reach(
        self, call: Caller, squid: Squid, ignorant: list[str], host: str
    ) -> None:
        """Nothing of the request leaves."""
        url = f"https://{host.format(dead=free_ports(1)[0])}/sms/verifySMS"
        proxy = f"http://127.0.0.1:{squid.open.port}"
        made = call("send", below=ignorant, url=url, proxy=proxy, expected=NOT_CONNECTED)
        assert re.search(r"proxy.*\b50\d\b", made.last.message)

    @pytest.mark.parametrize("scheme", ["http", "https", "socks5", "socks5h"])
    def test_the_proxy_is_down(
        self, call: Caller, secure: ScriptedServer, authority: Authority, scheme: str
    ) -> None:
        """Nothing of the request leaves, and the call does not go around the proxy."""
        sent, proxy = len(secure.connections), login(scheme, free_ports(1)[0], "hunter2")
        call(
            "send",
            url=secure.url(),
            proxy=proxy,
            ca_file=authority.certificate,
            secrets=("hunter2",),
            expected=NOT_CONNECTED,
        )
        assert len(secure.connections) == sent

    @pytest.mark.parametrize(
        ("either", "variable"),
        [
            ("secure", "HTTPS_PROXY"),
            ("secure", "https_proxy"),
            ("secure", "ALL_PROXY"),
            ("secure", "all_proxy"),
            ("clear", "http_proxy"),
            ("clear", "ALL_PROXY"),
        ],
        indirect=["either"],
    )
    def test_the_environment_names_it(
        self, send_and_check: SendAndCheck, squid: Squid, either: ScriptedServer, variable: str
    ) -> None:
        """Each variable for the addresses that it is for, in both cases."""
        before, env = squid.connections, {variable: login("http", squid.http.port)}
        send_and_check(env=env, secrets=(proxies.PASSWORD,), url=either.url(NAME))
        assert squid.connections - before == 1

    @pytest.mark.parametrize(
        ("environment", "setting"),
        [
            ({"HTTPS_PROXY": "{proxy}", "NO_PROXY": NAME}, {}),
            ({"HTTPS_PROXY": "{proxy}", "no_proxy": "other.test,.example.test"}, {}),
            ({"ALL_PROXY": "{proxy}", "NO_PROXY": "*"}, {}),
            # "" as the setting is no proxy at all, whatever the environment says.
            ({"HTTPS_PROXY": "{proxy}"}, {"proxy": ""}),
            # The name of a CGI variable for a request's header.
            ({"HTTP_PROXY": "{proxy}"}, {}),
        ],
    )
    def test_no_proxy_goes_around_it(
        self,
        send_and_check: SendAndCheck,
        squid: Squid,
        knowing: list[str],
        secure: ScriptedServer,
        environment: dict[str, str],
        setting: dict[str, str],
    ) -> None:
        """For a program that can resolve the name itself; the proxy sees nothing."""
        before, proxy = squid.connections, login("http", squid.http.port)
        env = {name: value.format(proxy=proxy) for name, value in environment.items()}
        send_and_check(below=knowing, env=env, url=secure.url(NAME), **setting)
        assert squid.connections == before

    def test_the_service_on_this_machine_needs_none(
        self, call: Caller, squid: Squid, clear: ScriptedServer
    ) -> None:
        """A sandbox is reached directly although the environment names a proxy."""
        before, env = squid.connections, {"ALL_PROXY": login("http", squid.http.port)}
        call("send", "check", env=env, url=clear.url(), expected=DONE)
        assert squid.connections == before


class TestSocksProxy:
    """Microsocks, and programs that can resolve the name of the service or cannot."""

    @pytest.fixture
    def ends(self, send_and_check: SendAndCheck, secure: ScriptedServer) -> Ends:
        """How a Send and a Check through a proxy end."""

        def ends(proxy: str, below: list[str], *secrets: str) -> list[tuple[str, str]]:
            url = secure.url(NAME)
            return send_and_check(below=below, secrets=secrets, url=url, proxy=proxy, expected=None).ends

        return ends

    def test_socks5h_has_the_proxy_resolve_the_name(
        self, ends: Ends, knowing: list[str], ignorant: list[str]
    ) -> None:
        """And socks5 resolves it here: each works where only that side can."""
        with microsocks(knowing) as port:
            assert ends(f"socks5h://127.0.0.1:{port}", ignorant) == DONE
            assert ends(f"socks5://127.0.0.1:{port}", ignorant) == NOT_CONNECTED * 2
        with microsocks(ignorant) as port:
            assert ends(f"socks5://127.0.0.1:{port}", knowing) == DONE
            assert ends(f"socks5h://127.0.0.1:{port}", knowing) == NOT_CONNECTED * 2

    def test_credentials(self, ends: Ends, knowing: list[str], ignorant: list[str]) -> None:
        """The right ones, wrong ones, none where some are wanted, some where none are."""
        with microsocks(knowing, "-u", proxies.USER, "-P", proxies.PASSWORD) as port:
            for user, expected in (
                (f"{proxies.USER}:{proxies.QUOTED}@", DONE),
                (f"{proxies.USER}:hunter2@", NOT_CONNECTED * 2),
                ("", NOT_CONNECTED * 2),
            ):
                proxy = f"socks5h://{user}127.0.0.1:{port}"
                assert ends(proxy, ignorant, proxies.PASSWORD, "hunter2") == expected, user
        with microsocks(knowing) as port:
            proxy = f"socks5h://{proxies.USER}:{proxies.QUOTED}@127.0.0.1:{port}"
            assert ends(proxy, ignorant) == DONE

    @SOCKS
    def test_a_target_that_the_proxy_cannot_reach(self, call: Caller, scheme: str) -> None:
        """Nothing of the request leaves."""
        with microsocks() as port:
            url, proxy = f"http://127.0.0.1:{free_ports(1)[0]}/", f"{scheme}://127.0.0.1:{port}"
            made = call("send", url=url, proxy=proxy, expected=NOT_CONNECTED)
        assert "connection refused" in made.last.message.lower()

    @SOCKS
    def test_an_ipv6_target(self, call: Caller, running: Sandbox, scheme: str) -> None:
        """The proxy gets an address in either case."""
        with serve(relay(running.url), address="::1") as service, microsocks() as port:
            url, proxy = service.url("[::1]"), f"{scheme}://127.0.0.1:{port}"
            call("send", "check", url=url, proxy=proxy, expected=DONE)

    def test_the_environment_names_it(
        self, send_and_check: SendAndCheck, knowing: list[str], secure: ScriptedServer
    ) -> None:
        """As for an HTTP proxy."""
        with microsocks(knowing) as port:
            send_and_check(env={"ALL_PROXY": f"socks5h://127.0.0.1:{port}"}, url=secure.url(NAME))
