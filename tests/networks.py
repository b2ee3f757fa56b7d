"""The networks that users have: proxies, private authorities, old TLS, IPv6, dead addresses.

    python3 tests/networks.py COMMAND CALLER

COMMAND is the built command `verifysms`, CALLER the built tests/c/caller.c. Every server and proxy
is real and listens on loopback; the calls go to a sandbox behind them.
"""

from __future__ import annotations

import base64
import os
import socket
import ssl
import sys
import tempfile
import unittest
from contextlib import ExitStack
from pathlib import Path
from typing import ClassVar

import proxies
from authority import Authority
from calling import Caller, Run
from front import Front, front
from machine import machine, miss, need
from sandboxed import Sandbox, sandbox
from stalled import stalled_file

DONE = [("OK", "YES"), ("OK", "YES")]
NOT_CONNECTED = [("CONNECT", "NO")]
NO_TLS = [("TLS", "NO")]
NAME = "sms.example.test"
HERE = f"127.0.0.1 {NAME}"


class Network(unittest.TestCase):
    """A sandbox, a front before it in clear and one over TLS, and a folder."""

    command: ClassVar[str]
    program: ClassVar[str]
    stack: ClassVar[ExitStack]
    running: ClassVar[Sandbox]
    authority: ClassVar[Authority]
    clear: ClassVar[Front]
    secure: ClassVar[Front]

    @classmethod
    def setUpClass(cls) -> None:
        """Start what all tests of the class need."""
        cls.stack = ExitStack()
        cls.running = cls.stack.enter_context(sandbox(cls.command, "--api-key", "pl4nted-k3y"))
        cls.authority = Authority(cls.temporary())
        cls.clear = cls.stack.enter_context(front(cls.running.url))
        context = cls.authority.context()
        cls.secure = cls.stack.enter_context(front(cls.running.url, tls=context))

    @classmethod
    def tearDownClass(cls) -> None:
        """Stop it."""
        cls.stack.close()

    @classmethod
    def temporary(cls) -> Path:
        """A folder for the time of the class, which other users may enter."""
        folder = Path(cls.stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)
        return folder

    def setUp(self) -> None:
        """Find the tools, or say what is missing."""
        need(self, "openssl", "openssl")
        self.caller = Caller(self.program, self.running)
        self.ca_file = str(self.authority.certificate)


class HttpProxy(Network):
    """Squid."""

    squid: ClassVar[proxies.Squid]

    def setUp(self) -> None:
        """Start a squid, once, and a machine that cannot resolve the service's name."""
        super().setUp()
        if "squid" not in type(self).__dict__:
            running = proxies.squid(self, self.authority, self.temporary())
            type(self).squid = self.stack.enter_context(running)
        self.machine = machine(self, self.temporary())

    def seen(self) -> int:
        """How many connections the proxy has had so far."""
        return sum(len(port.connections) for port in self.squid)

    def login(self, scheme: str, port: int, password: str = proxies.QUOTED) -> str:
        """The proxy's address with credentials."""
        return f"{scheme}://{proxies.USER}:{password}@localhost:{port}"

    def test_send_and_check_go_through_it(self) -> None:
        """For https:// and http:// addresses, with credentials and without, over TLS and not."""
        addresses = {"https": self.secure.url(NAME, "https"), "http": self.clear.url(NAME)}
        ways = {
            "with credentials": self.login("http", self.squid.http.port),
            "without": f"http://127.0.0.1:{self.squid.open.port}",
        }
        for scheme, url in addresses.items():
            for way, proxy in ways.items():
                with self.subTest(scheme=scheme, way=way):
                    before = self.seen()
                    run = self.caller.run(
                        self,
                        "send",
                        "check",
                        below=self.machine.on(),
                        secrets=(proxies.PASSWORD, proxies.QUOTED),
                        url=url,
                        proxy=proxy,
                        ca_file=self.ca_file,
                        allow_http="1",
                    )
                    self.assertEqual(run.outcomes, DONE, run)
                    self.assertEqual(self.seen() - before, 1, "one tunnel for both calls")

    def test_an_https_proxy_hides_the_tunnel(self) -> None:
        """TLS to the proxy, and inside it TLS to the service."""
        for url in (self.secure.url(NAME, "https"), self.clear.url(NAME)):
            run = self.caller.run(
                self,
                "send",
                "check",
                below=self.machine.on(),
                url=url,
                proxy=self.login("https", self.squid.https.port),
                ca_file=self.ca_file,
                allow_http="1",
            )
            self.assertEqual(run.outcomes, DONE, run)

    def test_an_https_proxy_must_be_trusted(self) -> None:
        """The bundled authorities do not know it."""
        run = self.caller.run(
            self,
            "send",
            below=self.machine.on(),
            url=self.clear.url(NAME),
            proxy=self.login("https", self.squid.https.port),
            trust="1",
            allow_http="1",
        )
        self.assertEqual(run.outcomes, NO_TLS, run)

    def test_wrong_credentials_end_the_call_at_once(self) -> None:
        """Nothing of the request leaves, and no second attempt locks the account."""
        for scheme, proxy in (("http", self.squid.http), ("https", self.squid.https)):
            before, sent = len(proxy.connections), len(self.secure.connections)
            run = self.caller.run(
                self,
                "send",
                below=self.machine.on(),
                secrets=("hunter2", proxies.USER),
                url=self.secure.url(NAME, "https"),
                proxy=self.login(scheme, proxy.port, "hunter2"),
                ca_file=self.ca_file,
            )
            self.assertEqual(run.outcomes, NOT_CONNECTED, run)
            self.assertIn("407", run.last.message)
            self.assertEqual(len(proxy.connections) - before, 1)
            self.assertEqual(len(self.secure.connections), sent)

    def test_a_target_that_the_proxy_cannot_reach(self) -> None:
        """Nothing of the request leaves."""
        for host in (f"{NAME}:{proxies.free_ports(1)[0]}", "unknown.example.test"):
            run = self.caller.run(
                self,
                "send",
                below=self.machine.on(),
                url=f"https://{host}/sms/verifySMS",
                proxy=f"http://127.0.0.1:{self.squid.open.port}",
            )
            self.assertEqual(run.outcomes, NOT_CONNECTED, run)
            self.assertRegex(run.last.message, r"proxy.*\b50\d\b")

    def test_the_proxy_is_down(self) -> None:
        """Nothing of the request leaves, and the call does not go around the proxy."""
        dead = proxies.free_ports(1)[0]
        for scheme in ("http", "https", "socks5", "socks5h"):
            sent = len(self.secure.connections)
            run = self.caller.run(
                self,
                "send",
                url=self.secure.url("127.0.0.1", "https"),
                proxy=self.login(scheme, dead, "hunter2"),
                secrets=("hunter2",),
                ca_file=self.ca_file,
            )
            self.assertEqual(run.outcomes, NOT_CONNECTED, run)
            self.assertEqual(len(self.secure.connections), sent, scheme)

    def test_the_environment_names_it(self) -> None:
        """Each variable for the addresses that it is for, in both cases."""
        proxy = self.login("http", self.squid.http.port)
        https, http = self.secure.url(NAME, "https"), self.clear.url(NAME)
        for url, variable in (
            (https, "HTTPS_PROXY"),
            (https, "https_proxy"),
            (https, "ALL_PROXY"),
            (https, "all_proxy"),
            (http, "http_proxy"),
            (http, "ALL_PROXY"),
        ):
            with self.subTest(url=url, variable=variable):
                before = self.seen()
                run = self.caller.run(
                    self,
                    "send",
                    "check",
                    below=self.machine.on(),
                    environment={variable: proxy},
                    secrets=(proxies.PASSWORD,),
                    url=url,
                    ca_file=self.ca_file,
                    allow_http="1",
                )
                self.assertEqual(run.outcomes, DONE, run)
                self.assertEqual(self.seen() - before, 1)

    def test_no_proxy_goes_around_it(self) -> None:
        """On a machine that can resolve the name itself; the proxy sees nothing."""
        resolving = machine(self, self.temporary(), HERE)
        proxy = self.login("http", self.squid.http.port)
        settings: list[tuple[dict[str, str], list[str]]] = [
            ({"HTTPS_PROXY": proxy, "NO_PROXY": NAME}, []),
            ({"HTTPS_PROXY": proxy, "no_proxy": "other.test,.example.test"}, []),
            ({"ALL_PROXY": proxy, "NO_PROXY": "*"}, []),
            # "" as the setting is no proxy at all, whatever the environment says.
            ({"HTTPS_PROXY": proxy}, ["proxy="]),
            # The name of a CGI variable for a request's header.
            ({"HTTP_PROXY": proxy}, []),
        ]
        for environment, given in settings:
            with self.subTest(environment=environment.keys(), given=given):
                before = self.seen()
                run = self.caller.run(
                    self,
                    *given,
                    "send",
                    "check",
                    below=resolving.on(),
                    environment=environment,
                    url=self.secure.url(NAME, "https"),
                    ca_file=self.ca_file,
                )
                self.assertEqual(run.outcomes, DONE, run)
                self.assertEqual(self.seen(), before)

    def test_the_service_on_this_machine_needs_none(self) -> None:
        """A sandbox is reached directly although the environment names a proxy."""
        before = self.seen()
        run = self.caller.run(
            self,
            "send",
            "check",
            environment={"ALL_PROXY": self.login("http", self.squid.http.port)},
            url=self.clear.url("127.0.0.1"),
        )
        self.assertEqual(run.outcomes, DONE, run)
        self.assertEqual(self.seen(), before)


class SocksProxy(Network):
    """Microsocks."""

    def setUp(self) -> None:
        """A machine that can resolve the name of the service and one that cannot."""
        super().setUp()
        self.resolving = machine(self, self.temporary(), HERE)
        self.ignorant = machine(self, self.temporary())

    def go(self, proxy: str, below: list[str], *secrets: str) -> list[tuple[str, str]]:
        """Send and check through a proxy."""
        return self.caller.run(
            self,
            "send",
            "check",
            below=below,
            secrets=secrets,
            url=self.secure.url(NAME, "https"),
            proxy=proxy,
            ca_file=self.ca_file,
        ).outcomes

    def test_socks5h_has_the_proxy_resolve_the_name(self) -> None:
        """And socks5 resolves it here: each works where only that side can."""
        with proxies.microsocks(self, self.resolving.on()) as port:
            self.assertEqual(self.go(f"socks5h://127.0.0.1:{port}", self.ignorant.on()), DONE)
            outcomes = self.go(f"socks5://127.0.0.1:{port}", self.ignorant.on())
            self.assertEqual(outcomes, NOT_CONNECTED * 2)
        with proxies.microsocks(self, self.ignorant.on()) as port:
            self.assertEqual(self.go(f"socks5://127.0.0.1:{port}", self.resolving.on()), DONE)
            outcomes = self.go(f"socks5h://127.0.0.1:{port}", self.resolving.on())
            self.assertEqual(outcomes, NOT_CONNECTED * 2)

    def test_credentials(self) -> None:
        """The right ones, wrong ones, none where some are wanted, some where none are."""
        login = ("-u", proxies.USER, "-P", proxies.PASSWORD)
        refused = NOT_CONNECTED * 2
        with proxies.microsocks(self, self.resolving.on(), *login) as port:
            for user, expected in (
                (f"{proxies.USER}:{proxies.QUOTED}@", DONE),
                (f"{proxies.USER}:hunter2@", refused),
                ("", refused),
            ):
                proxy = f"socks5h://{user}127.0.0.1:{port}"
                outcomes = self.go(proxy, self.ignorant.on(), proxies.PASSWORD, "hunter2")
                self.assertEqual(outcomes, expected, user)
        with proxies.microsocks(self, self.resolving.on()) as port:
            proxy = f"socks5h://{proxies.USER}:{proxies.QUOTED}@127.0.0.1:{port}"
            self.assertEqual(self.go(proxy, self.ignorant.on()), DONE)

    def test_a_target_that_the_proxy_cannot_reach(self) -> None:
        """Nothing of the request leaves."""
        dead = proxies.free_ports(1)[0]
        with proxies.microsocks(self) as port:
            for scheme in ("socks5", "socks5h"):
                run = self.caller.run(
                    self,
                    "send",
                    url=f"http://127.0.0.1:{dead}/",
                    proxy=f"{scheme}://127.0.0.1:{port}",
                )
                self.assertEqual(run.outcomes, NOT_CONNECTED, run)
                self.assertRegex(run.last.message, "(?i)connection refused")

    def test_an_ipv6_target(self) -> None:
        """The proxy gets an address in either case."""
        with front(self.running.url, address="::1") as service, proxies.microsocks(self) as port:
            for scheme in ("socks5", "socks5h"):
                run = self.caller.run(
                    self,
                    "send",
                    "check",
                    url=service.url("[::1]"),
                    proxy=f"{scheme}://127.0.0.1:{port}",
                )
                self.assertEqual(run.outcomes, DONE, run)

    def test_the_environment_names_it(self) -> None:
        """As for an HTTP proxy."""
        with proxies.microsocks(self, self.resolving.on()) as port:
            run = self.caller.run(
                self,
                "send",
                "check",
                below=self.ignorant.on(),
                environment={"ALL_PROXY": f"socks5h://127.0.0.1:{port}"},
                url=self.secure.url(NAME, "https"),
                ca_file=self.ca_file,
            )
            self.assertEqual(run.outcomes, DONE, run)


class Trust(Network):
    """A certificate that only the tests' authority has signed."""

    def go(self, host: str, *settings: str) -> list[tuple[str, str]]:
        """Send and check."""
        url = self.secure.url(host, "https")
        return self.caller.run(
            self, *settings, "send", "check", url=url, ca_file=self.ca_file
        ).outcomes

    def call(
        self,
        *words: str,
        environment: dict[str, str] | None = None,
        below: list[str] | None = None,
    ) -> Run:
        """Make calls to the service by its address, with these settings and variables."""
        url = self.secure.url("127.0.0.1", "https")
        return self.caller.run(self, *words, environment=environment, below=below, url=url)

    def test_it_is_believed_where_the_user_says_so(self) -> None:
        """By the setting and by the variables that OpenSSL has too."""
        self.assertEqual(self.go("127.0.0.1"), DONE)
        self.assertEqual(self.go("localhost"), DONE)
        # The file counts alone, whatever else is set.
        self.assertEqual(self.go("localhost", "trust=1"), DONE)
        for environment in (
            {"SSL_CERT_FILE": self.ca_file},
            {"SSL_CERT_DIR": str(self.authority.hashed)},
            {"SSL_CERT_FILE": self.ca_file, "SSL_CERT_DIR": "/nonexistent"},
        ):
            with self.subTest(environment=environment.keys()):
                run = self.call("send", "check", environment=environment)
                self.assertEqual(run.outcomes, DONE, run)

    def test_nobody_else_believes_it(self) -> None:
        """Neither the system nor the bundled list; the variables do not concern the latter."""
        for environment, settings in (
            ({}, []),
            ({}, ["trust=1"]),
            ({"SSL_CERT_FILE": self.ca_file}, ["trust=1"]),
            ({"SSL_CERT_FILE": self.ca_file}, [f"ca_file={self.other()}"]),
        ):
            with self.subTest(environment=environment.keys(), settings=settings):
                run = self.call(*settings, "send", environment=environment)
                self.assertEqual(run.outcomes, NO_TLS, run)
                self.assertRegex(run.last.message, "authorit")

    def other(self) -> Path:
        """Another authority's certificate."""
        return Authority(self.temporary()).certificate

    def test_another_name_is_not_believed(self) -> None:
        """The certificate is not for 127.0.0.2."""
        context = self.authority.context()
        with front(self.running.url, address="127.0.0.2", tls=context) as service:
            run = self.caller.run(
                self, "send", url=service.url("127.0.0.2", "https"), ca_file=self.ca_file
            )
        self.assertEqual(run.outcomes, NO_TLS, run)

    def test_a_system_without_authorities_says_what_to_do(self) -> None:
        """An error of TLS that names both settings."""
        folder = self.temporary()
        empty = folder / "empty.pem"
        empty.write_text("")
        (folder / "garbage.pem").write_text("-----BEGIN CERTIFICATE-----\n%%%\n")
        for environment, message in (
            ({"SSL_CERT_FILE": str(empty)}, "SSL_CERT_FILE names no file"),
            ({"SSL_CERT_DIR": str(folder)}, "this system has no certificate authorities"),
        ):
            with self.subTest(environment=environment.keys()):
                run = self.call("send", environment=environment)
                self.assertEqual(run.outcomes, NO_TLS, run)
                self.assertIn(message, run.last.message)
                self.assertIn("ca_file", run.last.message)
                self.assertIn("bundled", run.last.message)

    def test_a_file_without_authorities_is_named(self) -> None:
        """It is not the server's fault; the message says whose."""
        folder = self.temporary()
        (folder / "empty.pem").write_text("")
        (folder / "garbage.pem").write_text("-----BEGIN CERTIFICATE-----\n%%%\n")
        (folder / "no-certificate.pem").write_text(
            "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n"
        )
        for path in (
            folder / "missing.pem",
            folder / "empty.pem",
            folder / "garbage.pem",
            folder / "no-certificate.pem",
            folder,
            self.authority.server_key,
        ):
            with self.subTest(path=path.name):
                run = self.call(f"ca_file={path}", "send")
                self.assertEqual(run.outcomes, NO_TLS, run)
                self.assertIn("the CA file", run.last.message)

    def test_what_is_no_file_of_authorities_does_not_hold_a_call_up(self) -> None:
        """A pipe that nobody writes to, a device without an end, far too large a file, none."""
        folder = self.temporary()
        pipe, large = folder / "pipe", folder / "large.pem"
        os.mkfifo(pipe)
        with large.open("wb") as file:
            file.truncate(17 << 20)
        # A call that waits for ever shall end its test, and one without an end to its memory too.
        below = [need(self, "prlimit", "util-linux"), "--as=1000000000", "timeout", "20"]
        refused = "is not a regular file"
        for path, why in (
            (pipe, refused),
            (Path("/dev/zero"), refused),
            (large, "is too large"),
            (folder / "missing.pem", None),
        ):
            for environment, settings, message in (
                ({}, [f"ca_file={path}"], f"the CA file {why or 'cannot be read'}"),
                ({"SSL_CERT_FILE": str(path)}, [], f"SSL_CERT_FILE {why or 'names no file'}"),
            ):
                with self.subTest(path=path.name, message=message):
                    run = self.call(
                        "timeout_ms=1000", *settings, "send", below=below, environment=environment
                    )
                    self.assertEqual(run.outcomes, NO_TLS, run)
                    self.assertIn(message, run.last.message)
                    self.assertLess(run.last.milliseconds, 1000)

    def test_a_stalled_file_system_does_not_outlast_the_deadline(self) -> None:
        """Whether the file is looked for or opened, and whoever names it."""
        # A call that waits for ever shall end its test.
        below = [need(self, "timeout", "coreutils"), "--signal=KILL", "5"]
        for is_found in (False, True):
            for named in ("ca_file", "SSL_CERT_FILE"):
                folder = self.temporary()
                with (
                    self.subTest(is_found=is_found, named=named),
                    stalled_file(self, folder, is_found=is_found) as path,
                ):
                    settings = [f"ca_file={path}"] if named == "ca_file" else []
                    environment = {} if named == "ca_file" else {named: str(path)}
                    run = self.call(
                        "timeout_ms=700", *settings, "send", below=below, environment=environment
                    )
                    self.assertEqual(run.outcomes, [("TIMEOUT", "NO")], run)
                    self.assertLess(run.last.milliseconds, 800)

    def test_a_file_of_authorities_that_there_is_no_memory_for(self) -> None:
        """The call ends, and not the process."""
        large = self.temporary() / "large.pem"
        line = base64.b64encode(bytes(2 << 20))
        large.write_bytes(b"-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n" % line)
        run = self.call(
            f"ca_file={large}", "send", below=[need(self, "prlimit", "util-linux"), "--as=20000000"]
        )
        self.assertEqual(run.outcomes, [("INTERNAL", "NO")], run)
        self.assertIn("out of memory", run.last.message)

    def test_versions(self) -> None:
        """TLS 1.2 and 1.3 and no other."""
        v = ssl.TLSVersion
        for least, most, expected in (
            (v.TLSv1_2, v.TLSv1_2, DONE),
            (v.TLSv1_3, v.TLSv1_3, DONE),
            (v.TLSv1_1, v.TLSv1_1, NO_TLS * 2),
            (v.TLSv1, v.TLSv1, NO_TLS * 2),
        ):
            with (
                self.subTest(version=most.name),
                front(self.running.url, tls=self.authority.context(least, most)) as service,
            ):
                self.assertEqual(self.spoken(service.port, most), most, "the server speaks it")
                run = self.caller.run(
                    self,
                    "send",
                    "check",
                    url=service.url("127.0.0.1", "https"),
                    ca_file=self.ca_file,
                )
                self.assertEqual(run.outcomes, expected, run)

    def spoken(self, port: int, version: ssl.TLSVersion) -> ssl.TLSVersion:
        """What Python's own client speaks with a server when offered one version."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = version
        with (
            socket.create_connection(("127.0.0.1", port), timeout=10) as connection,
            context.wrap_socket(connection) as secured,
        ):
            return ssl.TLSVersion[(secured.version() or "").replace(".", "_")]


class Addresses(Network):
    """IPv6, names with several addresses, and http:// where it is allowed."""

    def test_ipv6(self) -> None:
        """In clear and over TLS, whose certificate is for the address."""
        with front(self.running.url, address="::1") as service:
            run = self.caller.run(self, "send", "check", url=service.url("[::1]"))
        self.assertEqual(run.outcomes, DONE, run)
        context = self.authority.context()
        with front(self.running.url, address="::1", tls=context) as service:
            url = service.url("[::1]", "https")
            run = self.caller.run(self, "send", "check", url=url, ca_file=self.ca_file)
        self.assertEqual(run.outcomes, DONE, run)

    def test_a_refusing_address_costs_no_time(self) -> None:
        """The next one is tried at once, whichever family comes first."""
        lone = "::1", "127.0.0.1", "127.0.0.2"
        hosts = "\n".join(f"{address} {NAME}" for address in lone)
        resolving = machine(self, self.temporary(), hosts)
        for address in lone:
            with self.subTest(address=address), front(self.running.url, address=address) as service:
                run = self.caller.run(
                    self,
                    "send",
                    "check",
                    below=resolving.on(),
                    url=service.url(NAME),
                    allow_http="1",
                )
                self.assertEqual(run.outcomes, DONE, run)
                self.assertLess(run.results[0].milliseconds, 200)

    def test_a_dead_address_costs_its_head_start(self) -> None:
        """A quarter of a second each, not a connect timeout."""
        addresses = ["127.0.0.2", "127.0.0.3", "127.0.0.4"]
        hosts = "\n".join(f"{address} {NAME}" for address in addresses)
        resolving = machine(self, self.temporary(), hosts)
        with front(self.running.url, address=addresses[-1]) as service, ExitStack() as stack:
            for address in addresses[:-1]:
                stack.enter_context(Dead(address, service.port))
            run = self.caller.run(
                self, "send", "check", below=resolving.on(), url=service.url(NAME), allow_http="1"
            )
        self.assertEqual(run.outcomes, DONE, run)
        self.assertLess(run.results[0].milliseconds, 800)
        self.assertLess(run.results[1].milliseconds, 200, "the connection is kept")

    def test_a_dead_address_is_paid_for_once(self) -> None:
        """The one that answered is tried first by the next call that has to connect."""
        addresses = ["127.0.0.2", "127.0.0.3"]
        hosts = "\n".join(f"{address} {NAME}" for address in addresses)
        resolving = machine(self, self.temporary(), hosts)
        ended = "Connection: close"
        with (
            front(self.running.url, address=addresses[-1], header=ended) as service,
            ExitStack() as stack,
        ):
            stack.enter_context(Dead(addresses[0], service.port))
            run = self.caller.run(
                self,
                *["send"] * 4,
                below=resolving.on(),
                url=service.url(NAME),
                allow_http="1",
            )
            self.assertEqual(len(service.connections), 4)
        self.assertEqual(run.outcomes, [("OK", "YES")] * 4, run)
        self.assertLess(run.results[0].milliseconds, 500)
        self.assertLess(min(result.milliseconds for result in run.results[1:]), 100)
        self.assertLess(sum(result.milliseconds for result in run.results[1:]), 400)

    def test_all_dead(self) -> None:
        """The connect timeout holds for all addresses together."""
        addresses = ["127.0.0.2", "127.0.0.3", "127.0.0.4"]
        hosts = "\n".join(f"{address} {NAME}" for address in addresses)
        resolving = machine(self, self.temporary(), hosts)
        port = proxies.free_ports(1)[0]
        with ExitStack() as stack:
            for address in addresses:
                stack.enter_context(Dead(address, port))
            run = self.caller.run(
                self,
                "send",
                below=resolving.on(),
                url=f"http://{NAME}:{port}/",
                allow_http="1",
                connect_timeout_ms="600",
                timeout_ms="1000",
            )
        self.assertIn(run.outcomes, ([("CONNECT", "NO")], [("TIMEOUT", "NO")]), run)
        self.assertLess(run.last.milliseconds, 1100)

    def test_an_entry_of_the_hosts_file_speaks_for_both_families(self) -> None:
        """A name server is not asked for the other one: its answer would undo the entry."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
            try:
                server.bind(("127.0.0.53", 53))
            except PermissionError:
                miss(self, "port 53 takes the rights of root")
            resolving = machine(self, self.temporary(), HERE, server="127.0.0.53")
            run = self.caller.run(
                self,
                "send",
                "check",
                below=resolving.on(),
                url=self.clear.url(NAME),
                allow_http="1",
            )
            self.assertEqual(run.outcomes, DONE, run)
            server.setblocking(False)
            self.assertRaises(BlockingIOError, server.recv, 512)

    def test_no_thread_for_a_lookup(self) -> None:
        """The call says what there is too little of, and for which name."""
        if os.geteuid() != 0:
            miss(self, "to become another user takes the rights of root")
        nobody = [need(self, "setpriv", "util-linux"), "--reuid=65534", "--clear-groups"]
        below = [*nobody, need(self, "prlimit", "util-linux"), "--nproc=1"]
        run = self.caller.run(self, "send", below=below, url=f"https://{NAME}/")
        self.assertEqual(run.outcomes, NOT_CONNECTED, run)
        self.assertIn("cannot start the thread that looks names up", run.last.message)
        self.assertIn(NAME, run.last.message)

    def test_http_is_for_this_machine_only(self) -> None:
        """Unless the user allows it."""
        resolving = machine(self, self.temporary(), HERE)
        for url in (
            "http://192.0.2.1/",
            "http://[2001:db8::1]/",
            "http://0.0.0.0/",
            "http://api.99digital.co.il/sms/verifySMS",
            "http://localhost.example.test/",
            "http://127.0.0.1.example.test/",
            # A name that happens to lead here may lead elsewhere tomorrow.
            self.clear.url(NAME),
        ):
            with self.subTest(url=url):
                run = self.caller.run(self, "send", below=resolving.on(), url=url)
                self.assertIn("http:// would send the key in clear", run.refusal)
        # To another machine's proxy this machine's address is that of the other.
        run = self.caller.run(
            self, "send", url=self.clear.url("127.0.0.1"), proxy="http://192.0.2.1:3128"
        )
        self.assertIn("http:// would send the key in clear", run.refusal)
        for host in ("127.0.0.1", "localhost", "LOCALHOST"):
            run = self.caller.run(self, "send", "check", url=self.clear.url(host))
            self.assertEqual(run.outcomes, DONE, run)
        run = self.caller.run(
            self,
            "send",
            "check",
            below=resolving.on(),
            url=self.clear.url(NAME),
            allow_http="1",
        )
        self.assertEqual(run.outcomes, DONE, run)


class Dead:
    """An address that answers no SYN: its listener's queue is full."""

    def __init__(self, address: str, port: int) -> None:
        """Listen, and fill the queue."""
        self._listener = socket.create_server((address, port), backlog=0)
        self._waiting = []
        for _ in range(4):
            waiting = socket.socket()
            waiting.setblocking(False)
            waiting.connect_ex((address, port))
            self._waiting.append(waiting)

    def __enter__(self) -> Dead:
        """Nothing to add."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close all."""
        for waiting in self._waiting:
            waiting.close()
        self._listener.close()


if __name__ == "__main__":
    Network.command, Network.program = sys.argv[1:3]
    os.umask(0o022)
    # Python deprecates the old TLS versions too.
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], warnings="ignore", verbosity=2)
