"""Calls that something goes wrong in, made by tests/deep/faulted.c, and what has to hold all the same.

What the server saw decides whether the library's word is true.
"""

from __future__ import annotations

import itertools
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from harness.authority import Authority
from harness.caller import KEY
from harness.server import PATIENCE, Connection, ScriptedServer, form_field, http, serve
from harness.tools import NUMBER, without_variables

NO, YES, UNKNOWN = "0", "1", "2"
TIMEOUT_MS = 2000
"""The deadline of a call, as the program has it."""
LATE_MS = 500
"""How much later it may end: a tenth of a second, and what a busy machine and its tracer take."""
SENT = b'{"status":"OK","unique":"%d","timestamp":1600115719,"from":"Acme","reason":1}'
MESSAGES = itertools.count(63433453)
"""The number of each message that is sent."""
CLOSE = 3
"""The number of close() on x86-64."""


class Scenario(NamedTuple):
    """The call that is made."""

    call: str
    """What the program is told to do: "send cold" and the like."""
    host: str = "localhost"
    tls: bool = False
    system_trust: bool = False
    """Whether the authority is among the system's, or named by the settings."""

    @property
    def is_check(self) -> bool:
        """Whether it is a Check."""
        return "check" in self.call

    @property
    def title(self) -> str:
        """The scenario in words."""
        trust = ", the system's authorities" if self.system_trust else ""
        return f"{self.call} to {self.host}{' over TLS' if self.tls else ''}{trust}"


class End(NamedTuple):
    """How a call ended, as the program says."""

    code: str
    reached: str
    milliseconds: int
    following: str
    """The code of the call after it."""
    descriptors: int
    threads: int
    pieces: int
    """The pieces of memory that are left."""
    met: int
    """How often the fault was met."""
    number: int
    """The number of the system call that it met."""
    sentence: str


class FaultedProgram:
    """The built tests/deep/faulted.c, which makes the call of a scenario again and again."""

    def __init__(self, scenario: Scenario, process: subprocess.Popen[str], service: ScriptedServer) -> None:
        self._scenario = scenario
        self._process = process
        self._service = service

    def _ask(self, line: str) -> list[str]:
        told, heard = self._process.stdin, self._process.stdout
        assert told is not None and heard is not None
        print(line, file=told, flush=True)
        return _answer(heard)

    def calls(self) -> list[int]:
        """The numbers of the system calls of a call that nothing goes wrong in."""
        _, numbers = self._ask("none")
        seen(self._service)
        return [int(number) for number in numbers.split()]

    def call(self, fault: str) -> tuple[End | None, list[str]]:
        """How a call with a fault ended, unless the process died, and what is wrong with it."""
        kind, *fields = self._ask(fault)
        saw = seen(self._service)
        if kind == "died":
            return None, [f"the process died: wait status {fields[0]}, system call {fields[2]}"]
        code, reached, took, following, *numbers, sentence = fields
        left, threads, pieces, met, number = map(int, numbers)
        end = End(code, reached, int(took), following, left, threads, pieces, met, number, sentence)
        return end, [*_wrong(self._scenario, end), *_untrue(self._scenario, end, saw)]


def _answer(heard: IO[str]) -> list[str]:
    while True:
        line = heard.readline()
        assert line, "the program ended"
        kind, *fields = line.rstrip("\n").split("\t")
        if kind in ("calls", "ended", "died"):
            return [kind, *fields]


def answer(connection: Connection) -> None:
    """Answer like the service: the code F is wrong, any other right."""
    while request := connection.request():
        code = form_field(request, b"code")
        body = b'{"status":%d,"phone":"0501234567"}' % (code != b"F") if code else SENT % next(MESSAGES)
        connection.send(http(body))
        connection.answered += 1


def tags(connection: Connection) -> list[bytes]:
    """The code, or else the sender, of each whole request."""
    requests = connection.requests
    return [form_field(one, b"code") or form_field(one, b"from") for one in requests]


def seen(service: ScriptedServer) -> list[Connection]:
    """What all clients did that are gone, and were not told of before."""
    with socket.create_connection(("127.0.0.1", service.port), PATIENCE) as question:
        question.shutdown(socket.SHUT_WR)
        # It is closed after all connections that were made before it.
        while question.recv(100):
            pass
    connections, service.connections = service.connections, []
    return [one for one in connections if one.requests or one.unread]


def _wrong(scenario: Scenario, end: End) -> Iterator[str]:
    """What may never be, whatever the service saw."""
    if end.following != "OK":
        yield f"the next call ended as {end.following}"
    if end.descriptors != 0:
        yield f"{end.descriptors} descriptors are left"
    if end.threads != 0:
        yield f"{end.threads} threads are left"
    if "again" in scenario.call and end.pieces > 0:
        yield f"{end.pieces} pieces of memory are left"
    # Rust's standard library panics when a folder cannot be closed, which Linux never says.
    if _is_defect(end) and end.sentence != "out of memory" and end.number != CLOSE:
        yield "the library takes it for a defect of somebody's"
    if end.milliseconds > TIMEOUT_MS + LATE_MS:
        yield f"it took {end.milliseconds} ms"
    if not end.sentence:
        yield "it does not say why"
    if KEY in end.sentence or NUMBER in end.sentence:
        yield f"a secret is told: {end.sentence}"


def _untrue(scenario: Scenario, end: End, seen: list[Connection]) -> Iterator[str]:
    """What the service knows better."""
    whole = sum(tags(connection).count(b"F") for connection in seen)
    parts = sum(connection.unread > 0 for connection in seen)
    if whole + parts > 1:
        yield f"the service saw {whole} requests and {parts} pieces of one"
    if (end.reached == NO) != (whole + parts == 0):
        yield f"reached {end.reached}, and {whole} requests and {parts} pieces of one were seen"
    good = "NOT_VERIFIED" if scenario.is_check else "OK"
    if (end.reached == YES) != (end.code == good):
        yield f"{end.code} with reached {end.reached}"
    if end.reached == YES and not any(b"F" in tags(connection)[: connection.answered] for connection in seen):
        yield "an answer that the service never gave"


def _is_defect(end: End) -> bool:
    """Whether the library takes itself or the program for wrong."""
    return end.code in ("INTERNAL", "INVALID_ARGUMENT")


@contextmanager
def faulted_program(program: Path, scenario: Scenario, authority: Authority) -> Iterator[FaultedProgram]:
    """Start the program, and the server that it calls."""
    with ExitStack() as stack:
        tls = authority.context() if scenario.tls else None
        service = stack.enter_context(serve(answer, tls=tls, in_turn=True))
        url = service.url(scenario.host)
        environment = without_variables(VERIFYSMS_API_KEY=KEY, VERIFYSMS_URL=url)
        if scenario.system_trust:
            # Without the folder another authority is left, which is no use here.
            environment["SSL_CERT_DIR"] = str(authority.hashed)
            environment["SSL_CERT_FILE"] = str(authority.server)
        else:
            environment["VERIFYSMS_CA_FILE"] = str(authority.certificate)
        errors = stack.enter_context(tempfile.TemporaryFile())
        process = stack.enter_context(
            subprocess.Popen(
                [program, *scenario.call.split()],
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        )
        try:
            yield FaultedProgram(scenario, process, service)
        finally:
            assert process.stdin is not None
            process.stdin.close()
        process.wait()
        errors.seek(0)
        printed = errors.read().decode()
        assert not printed, f"the library printed: {printed}"
