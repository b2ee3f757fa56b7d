"""Calls that something goes wrong in, made by tests/c/faulted.c, and what has to hold all the same.

A witness is the service: what it saw decides whether the library's word is true.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from authority import Authority
from calling import KEY, SETTINGS

from deep.witness import Connection, Witness, witness

NO, YES, UNKNOWN = "0", "1", "2"
TIMEOUT_MS = 2000
"""The deadline of a call, as the program has it."""
LATE_MS = 500
"""How much later it may end: a tenth of a second, and what a busy machine and its tracer take."""
CLOSE = 3
"""The number of close() on x86-64."""


class Scene(NamedTuple):
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
        """The scene in words."""
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


class Player:
    """Plays one scene, again and again."""

    def __init__(self, scene: Scene, process: subprocess.Popen[str], service: Witness) -> None:
        """With the program and the witness that it calls."""
        self._scene = scene
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
        self._service.seen()
        return [int(number) for number in numbers.split()]

    def play(self, fault: str) -> tuple[End | None, list[str]]:
        """How a call with a fault ended, unless the process died, and what is wrong with it."""
        kind, *fields = self._ask(fault)
        seen = self._service.seen()
        if kind == "died":
            return None, [f"the process died: wait status {fields[0]}, system call {fields[2]}"]
        code, reached, took, following, *numbers, sentence = fields
        descriptors, threads, pieces, met, number = map(int, numbers)
        end = End(
            code,
            reached,
            int(took),
            following,
            descriptors,
            threads,
            pieces,
            met,
            number,
            sentence,
        )
        return end, [*_wrong(self._scene, end), *_untrue(self._scene, end, seen)]


def _answer(heard: IO[str]) -> list[str]:
    while True:
        line = heard.readline()
        assert line, "the program ended"
        kind, *fields = line.rstrip("\n").split("\t")
        if kind in ("calls", "ended", "died"):
            return [kind, *fields]


def _wrong(scene: Scene, end: End) -> Iterator[str]:
    """What may never be, whatever the service saw."""
    if end.following != "OK":
        yield f"the next call ended as {end.following}"
    if end.descriptors != 0:
        yield f"{end.descriptors} descriptors are left"
    if end.threads != 0:
        yield f"{end.threads} threads are left"
    if "again" in scene.call and end.pieces > 0:
        yield f"{end.pieces} pieces of memory are left"
    # Rust's standard library panics when a folder cannot be closed, which Linux never says.
    if _is_defect(end) and end.sentence != "out of memory" and end.number != CLOSE:
        yield "the library takes it for a defect of somebody's"
    if end.milliseconds > TIMEOUT_MS + LATE_MS:
        yield f"it took {end.milliseconds} ms"
    if not end.sentence:
        yield "it does not say why"
    if KEY in end.sentence or "0501234567" in end.sentence:
        yield f"a secret is told: {end.sentence}"


def _untrue(scene: Scene, end: End, seen: list[Connection]) -> Iterator[str]:
    """What the service knows better."""
    whole = sum(connection.requests.count("F") for connection in seen)
    parts = sum(connection.rest > 0 for connection in seen)
    if whole + parts > 1:
        yield f"the service saw {whole} requests and {parts} pieces of one"
    if (end.reached == NO) != (whole + parts == 0):
        yield f"reached {end.reached}, and {whole} requests and {parts} pieces of one were seen"
    good = "NOT_VERIFIED" if scene.is_check else "OK"
    if (end.reached == YES) != (end.code == good):
        yield f"{end.code} with reached {end.reached}"
    if end.reached == YES and not any(
        "F" in connection.requests[: connection.answered] for connection in seen
    ):
        yield "an answer that the service never gave"


def _is_defect(end: End) -> bool:
    """Whether the library takes itself or the program for wrong."""
    return end.code in ("INTERNAL", "INVALID_ARGUMENT")


@contextmanager
def player(program: Path, scene: Scene, authority: Authority) -> Iterator[Player]:
    """Set a scene."""
    environment = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    with ExitStack() as stack:
        service = stack.enter_context(witness(authority.context() if scene.tls else None))
        environment |= {"VERIFYSMS_API_KEY": KEY, "VERIFYSMS_URL": service.url(scene.host)}
        if scene.system_trust:
            # Without the folder another authority is left, which is no use here.
            environment["SSL_CERT_DIR"] = str(authority.hashed)
            environment["SSL_CERT_FILE"] = str(authority.server)
        else:
            environment["VERIFYSMS_CA_FILE"] = str(authority.certificate)
        errors = stack.enter_context(tempfile.TemporaryFile())
        process = stack.enter_context(
            subprocess.Popen(
                [program, *scene.call.split()],
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        )
        try:
            yield Player(scene, process, service)
        finally:
            assert process.stdin is not None
            process.stdin.close()
        process.wait()
        errors.seek(0)
        printed = errors.read().decode()
        assert not printed, f"the library printed: {printed}"
