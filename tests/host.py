"""What the library does to the program that it lives in, and what the program may do to it.

    python3 tests/host.py COMMAND PARTS

COMMAND is the built command `verifysms`, PARTS the folder of the built programs of tests/c.
"""

from __future__ import annotations

import itertools
import os
import re
import ssl
import subprocess
import sys
import tempfile
import time
import unittest
from contextlib import ExitStack
from pathlib import Path
from typing import ClassVar

from authority import ED25519, P_256, P_384, RSA_4096, Authority
from calling import KEY, SETTINGS, Caller
from front import Front, front
from machine import machine, need
from proxies import QUOTED, USER, microsocks, squid
from sandboxed import Sandbox, sandbox
from silence import silent_name_server

# What the header lists.
DOCUMENTED = SETTINGS
# What the C library reads by itself when it looks up a name: resolver(5), host.conf(5).
C_LIBRARY = {"LOCALDOMAIN", "RES_OPTIONS", "RESOLV_HOST_CONF", "HOSTALIASES"}


class Host(unittest.TestCase):
    """Sandboxes, and programs that use the library."""

    command: ClassVar[str]
    parts: ClassVar[Path]
    library: ClassVar[str]
    stack: ClassVar[ExitStack]
    running: ClassVar[Sandbox]
    secure: ClassVar[Sandbox]

    @classmethod
    def setUpClass(cls) -> None:
        """Start a sandbox in clear and one over TLS."""
        cls.stack = ExitStack()
        cls.running = cls.stack.enter_context(sandbox(cls.command, "--api-key", KEY))
        cls.secure = cls.stack.enter_context(sandbox(cls.command, "--api-key", KEY, "--tls"))

    @classmethod
    def tearDownClass(cls) -> None:
        """Stop them."""
        cls.stack.close()

    def temporary(self) -> Path:
        """A folder for the time of the class."""
        return Path(self.stack.enter_context(tempfile.TemporaryDirectory()))

    def live(
        self,
        program: str,
        url: str,
        *arguments: str,
        below: list[str] | None = None,
        ca_file: Path | None = None,
        environment: dict[str, str] | None = None,
    ) -> str:
        """Run a program against the service at `url`; all that it checks must hold."""
        inherited = {name: value for name, value in os.environ.items() if name not in SETTINGS}
        inherited |= {"VERIFYSMS_API_KEY": KEY, "VERIFYSMS_URL": url} | (environment or {})
        if ca_file is not None:
            inherited["VERIFYSMS_CA_FILE"] = str(ca_file)
        done = subprocess.run(
            [*(below or []), str(self.parts / program), *arguments],
            env=inherited,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        told = r"(\d+ done, \d+ cancelled\n|[\w ]+: \d+ bytes of stack\n)*"
        self.assertRegex(done.stdout, rf"\A{told}\d+ passed, 0 failed\n\Z")
        return done.stdout

    def senders(self, service: Front) -> list[set[str]]:
        """Whose messages went over each connection."""
        field = re.compile(rb'name="from"\r\n\r\n(\w+)\r\n')
        return [{name.decode() for name in field.findall(sent)} for sent in service.connections]


class Light(Host):
    """What takes seconds."""

    def test_children_use_the_client_while_the_parent_goes_on(self) -> None:
        """Eight of them, each on connections of its own; the parent's are left alone."""
        for host in ("127.0.0.1", "localhost"):
            with self.subTest(host=host), front(self.running.url) as service:
                self.live("forks", service.url(host))
                carried = [names for names in self.senders(service) if names]
                for names in carried:
                    self.assertTrue(names <= {"P0", "P1"} or len(names) == 1, carried)
                everybody = {"P0", "P1", "G", *(f"C{number}" for number in range(8))}
                self.assertEqual(set().union(*carried), everybody)
                self.assertIn({"P0", "P1"}, carried, "the parent's own connections still work")

    def test_children_of_tls(self) -> None:
        """The same where a shared connection would be garbage at once."""
        authority = Authority(self.temporary())
        with front(self.running.url, tls=authority.context()) as service:
            self.live("forks", service.url("127.0.0.1", "https"), ca_file=authority.certificate)
            carried = self.senders(service)
        self.assertTrue(all(names <= {"P0", "P1"} or len(names) == 1 for names in carried), carried)

    def test_processes_that_no_handler_knows_of(self) -> None:
        """_Fork, clone and clone3: nobody reads another's answer, over TLS and in clear."""
        authority = Authority(self.temporary())
        for tls, scheme in ((authority.context(), "https"), (None, "http")):
            with self.subTest(scheme=scheme), front(self.running.url, tls=tls) as service:
                url = service.url("127.0.0.1", scheme)
                self.live("processes", url, ca_file=authority.certificate)
                carried = [names for names in self.senders(service) if names]
                self.assertTrue(all(len(names) == 1 for names in carried), carried)
                self.assertEqual(set().union(*carried), set("PABCD"))

    def test_closed_standard_descriptors(self) -> None:
        """What the program prints does not go to the service."""
        authority = Authority(self.temporary())
        for tls, scheme in ((None, "http"), (authority.context(), "https")):
            with self.subTest(scheme=scheme), front(self.running.url, tls=tls) as service:
                url = service.url("127.0.0.1", scheme)
                self.live("closed", url, ca_file=authority.certificate)
                for sent in service.connections:
                    self.assertNotIn(b"of the host's own", sent)

    def test_few_connections_are_kept_after_a_burst(self) -> None:
        """Of a hundred and five that were in use at once."""
        with self.running.slowly(400):
            self.live("burst", self.running.url, "105", "2", "30000", "0")

    def test_two_hundred_threads_share_their_connections(self) -> None:
        """Each opens one, and few open another."""
        with front(self.running.url) as service:
            self.live("burst", service.url("127.0.0.1"), "200", "20", "60000", "0")
            opened = len(service.connections)
        self.assertLessEqual(opened, 264)

    def test_lookups_without_an_answer_are_shared(self) -> None:
        """Of two hundred calls, at once and one after another, hardly a thread is left."""
        with silent_name_server(self) as server:
            below = machine(self, self.temporary(), server=server).on()
            for threads, calls in ((200, 1), (2, 100)):
                with self.subTest(threads=threads):
                    many = (str(threads), str(calls), "50", "6")
                    self.live("burst", "http://silent.example.test/", *many, below=below)

    def test_a_thousand_calls_that_wait(self) -> None:
        """They cost next to nothing, and end at once when they are cancelled."""
        with self.running.slowly(120_000):
            self.live("waiting", self.running.url)

    def test_children_of_a_first_call(self) -> None:
        """Forked at each of its allocations; none waits for a lock that nobody will release."""
        self.live("early", self.running.url)
        self.live("early", self.secure.url, ca_file=Path(self.secure.ca_file))

    def test_children_of_a_call(self) -> None:
        """Forked in a function of the caller's: the call is the parent's, and its request one."""
        self.live("within", self.running.url)

    def test_signals(self) -> None:
        """A timer that ticks every millisecond; a signal that asks the interrupt function."""
        with self.running.slowly(60):
            self.live("signals", self.running.at("localhost"))

    def test_signals_and_tls(self) -> None:
        """The same with handshakes."""
        with self.secure.slowly(60):
            self.live("signals", self.secure.at("localhost"), ca_file=Path(self.secure.ca_file))

    def test_a_lookup_without_an_answer(self) -> None:
        """Its thread leaves signals alone and ends by itself."""
        with silent_name_server(self) as server:
            below = machine(self, self.temporary(), server=server).on()
            self.live("lookup", "http://silent.example.test/", below=below)

    def test_queue(self) -> None:
        """Many calls of one thread: their results, deadlines and ends; what a child may do."""
        self.live("queue", self.running.url)

    def test_descriptors(self) -> None:
        """None is opened before a call, inherited by a program, or left."""
        with self.running.slowly(400):
            self.live("descriptors", self.running.at("localhost"))
        with self.secure.slowly(400):
            url = self.secure.at("localhost")
            self.live("descriptors", url, ca_file=Path(self.secure.ca_file))

    def test_a_peer_that_closes(self) -> None:
        """No SIGPIPE reaches the program."""
        words = b"HTTP/1.1 200 OK\r\n\r\n"
        with front(self.running.url, last_words=words) as service:
            self.live("sigpipe", service.url("127.0.0.1"))

    def test_unloading(self) -> None:
        """A hundred times."""
        self.live("unloading", self.running.url, self.library)

    def test_threads(self) -> None:
        """A hundred, cancelled now and then."""
        self.live("threads", self.running.url, "100", "50", "50")

    def test_threads_of_tls(self) -> None:
        """The same, all of which begin with handshakes."""
        authority = Authority(self.temporary())
        with front(self.running.url, tls=authority.context()) as service:
            url = service.url("localhost", "https")
            self.live("threads", url, "20", "50", "500", ca_file=authority.certificate)

    def test_cancelled_threads(self) -> None:
        """None ends in a function of the library, whenever it is cancelled."""
        self.live("cancelled", self.running.at("localhost"))

    def test_cancelled_threads_of_tls(self) -> None:
        """The same with handshakes."""
        ca_file = Path(self.secure.ca_file)
        self.live("cancelled", self.secure.at("localhost"), ca_file=ca_file)

    def test_memory_of_a_host_that_makes_no_call(self) -> None:
        """What is loaded with the library: no reserve, and nothing else that is large."""
        size = subprocess.run(
            [need(self, "size", "binutils"), "-A", "-d", self.library],
            capture_output=True,
            text=True,
            check=True,
        )
        sections = dict(re.findall(r"(?m)^(\.bss|\.data|\.tbss) +(\d+)", size.stdout))
        self.assertLess(sum(map(int, sections.values())), 16 * 1024, sections)

    def test_small_stacks(self) -> None:
        """What the header names is enough, for every kind of call."""
        versions = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
        self.measure("in clear", self.running.at("localhost"))
        for kind, version in itertools.product((P_256, P_384, RSA_4096, ED25519), versions):
            authority = Authority(self.temporary(), kind)
            with front(self.running.url, tls=authority.context(version, version)) as service:
                url = service.url("localhost", "https")
                what = f"{version.name} with {kind[-1]}"
                self.measure(what, url, ca_file=authority.certificate)
                system = {"SSL_CERT_FILE": str(authority.certificate)}
                self.measure(f"{what}, the system's", url, environment=system)

    def test_small_stacks_and_proxies(self) -> None:
        """The same through proxies of each kind: TLS in TLS is the deepest."""
        authority = Authority(self.temporary(), P_384)
        with (
            front(self.running.url, tls=authority.context()) as service,
            squid(self, authority, self.temporary()) as proxy,
            microsocks(self) as socks,
        ):
            for host, address in (
                ("sms.example.test", f"http://localhost:{proxy.open.port}"),
                ("sms.example.test", f"http://{USER}:{QUOTED}@localhost:{proxy.http.port}"),
                ("sms.example.test", f"https://{USER}:{QUOTED}@localhost:{proxy.https.port}"),
                ("localhost", f"socks5://localhost:{socks}"),
                ("localhost", f"socks5h://localhost:{socks}"),
            ):
                self.measure(
                    f"TLS through {address.split(':')[0]}",
                    service.url(host, "https"),
                    ca_file=authority.certificate,
                    environment={"PROXY": address},
                )

    def measure(
        self,
        what: str,
        url: str,
        *,
        ca_file: Path | None = None,
        environment: dict[str, str] | None = None,
    ) -> None:
        """Make calls on small stacks, and say how much of one the deepest took."""
        with self.subTest(what):
            told = self.live("stack", url, ca_file=ca_file, environment=environment)
            sizes = re.findall(r": (\d+) bytes of stack", told)
            print(f"{what}: {max(map(int, sizes))} bytes", file=sys.stderr)

    def test_idle_connections(self) -> None:
        """One is used again for a minute, or for as long as the server says, less a second."""
        authority = Authority(self.temporary())
        preloaded = {"LD_PRELOAD": str(self.parts / "clock.so")}
        caller = Caller(str(self.parts / "caller"), self.running)
        for header, seconds, opened in (
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
        ):
            for tls, scheme in ((None, "http"), (authority.context(), "https")):
                with (
                    self.subTest(header=header, seconds=seconds, scheme=scheme),
                    front(self.running.url, tls=tls, header=header) as service,
                ):
                    calls = ("send", str(seconds), "send") if seconds else ("send", "send")
                    run = caller.run(
                        self,
                        *calls,
                        environment=preloaded,
                        url=service.url("127.0.0.1", scheme),
                        ca_file=str(authority.certificate),
                    )
                    self.assertEqual(run.outcomes, [("OK", "YES")] * 2, run)
                    self.assertEqual(len(service.connections), opened)

    def test_variables(self) -> None:
        """Only those of the header are read, in every kind of call."""
        log = self.temporary() / "variables"
        preloaded = {"LD_PRELOAD": str(self.parts / "getenv.so"), "GETENV_LOG": str(log)}
        program = str(self.parts / "caller")
        caller, secure = Caller(program, self.running), Caller(program, self.secure)
        caller.run(self, "send", "check", environment=preloaded, url=self.running.url)
        secure.run(
            self,
            "send",
            "check",
            environment=preloaded | {"SSL_CERT_FILE": self.secure.ca_file},
            url=self.secure.at("localhost"),
        )
        caller.run(
            self,
            "send",
            environment=preloaded | {"HTTPS_PROXY": "http://127.0.0.1:1"},
            url="https://sms.example.test/",
        )
        # The program itself asks for its key.
        read = set(log.read_text().split()) - {"VERIFYSMS_API_KEY"}
        self.assertLess({"HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"}, read)
        self.assertEqual(read - DOCUMENTED - C_LIBRARY, set())

    def test_system_calls(self) -> None:
        """Every descriptor is close-on-exec from the start; nothing is written with a signal."""
        strace = need(self, "strace", "strace")
        log = self.temporary() / "calls"
        opening = "socket,open,openat,dup,dup2,dup3,pipe,pipe2,epoll_create,epoll_create1,eventfd2"
        traced = f"trace={opening},fcntl,accept,accept4,write,writev,sendto,sendmsg,sendmmsg"
        run = Caller(str(self.parts / "caller"), self.secure).run(
            self,
            "send",
            "check",
            below=[strace, "-f", "-qq", "-o", str(log), "-e", traced],
            url=self.secure.at("localhost"),
            ca_file=self.secure.ca_file,
        )
        self.assertEqual(run.outcomes, [("OK", "YES"), ("OK", "YES")])
        # Without the number of the process and what was interrupted by another thread's line.
        calls = [line.split(maxsplit=1)[1] for line in log.read_text().splitlines()]
        calls = [call for call in calls if re.match(r"\w+\(", call) and "ENOENT" not in call]
        names = {call.split("(")[0] for call in calls}
        self.assertLessEqual({"socket", "openat", "sendto"}, names)
        marks = {
            "socket": "SOCK_CLOEXEC",
            "openat": "O_CLOEXEC",
            "pipe2": "O_CLOEXEC",
            "eventfd2": "EFD_CLOEXEC",
            "epoll_create1": "EPOLL_CLOEXEC",
            "sendto": "MSG_NOSIGNAL",
            "sendmsg": "MSG_NOSIGNAL",
        }
        self.assertLessEqual(names, {*marks, "fcntl", "write", "sendmmsg"})
        for call in calls:
            name = call.split("(")[0]
            self.assertIn(marks.get(name, ""), call)
            if "F_DUPFD" in call:
                self.assertIn("F_DUPFD_CLOEXEC", call)
            if name == "write":
                # What the program prints, and an eventfd.
                self.assertRegex(call, r'write\(1, |write\(\d+, "\\1\\0\\0\\0\\0\\0\\0\\0", 8')


class Heavy(Host):
    """What takes minutes."""

    def test_threads(self) -> None:
        """A hundred, a thousand calls each, on a client that is cancelled now and then."""
        self.live("threads", self.running.url, "100", "1000", "50")

    def test_forks_again_and_again(self) -> None:
        """A lock that another thread held at the fork would show sooner or later."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with front(self.running.url) as service:
                self.live("forks", service.url("localhost"))


if __name__ == "__main__":
    Host.command = sys.argv[1]
    Host.parts = Path(sys.argv[2])
    Host.library = str(Path(Host.command).with_name("libverifysms.so"))
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], warnings="ignore", verbosity=2)
