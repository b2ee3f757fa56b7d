"""Calls of the library through tests/hosts/caller.c, and what no call may ever show."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from harness.sandbox import Sandbox, converse
from harness.tools import NUMBER, without_variables

KEY = "pl4nted-k3y"
REACHED = ("NO", "YES", "UNKNOWN")


class CallEnd(NamedTuple):
    """How a call ended."""

    code: str
    reached: str
    milliseconds: int
    message: str


class Calls(NamedTuple):
    """What a run of the program showed."""

    results: list[CallEnd]
    refusal: str
    log: list[str]

    @property
    def ends(self) -> list[tuple[str, str]]:
        """The code and whether the service was reached, of each call."""
        return [(result.code, REACHED[int(result.reached)]) for result in self.results]

    @property
    def last(self) -> CallEnd:
        """The last call."""
        return self.results[-1]


class Caller:
    """The built tests/hosts/caller.c, run against a sandbox."""

    def __init__(self, program: Path, running: Sandbox) -> None:
        self._program = program
        self._running = running

    def __call__(
        self,
        *calls: str,
        below: list[str] | None = None,
        env: dict[str, str] | None = None,
        secrets: tuple[str, ...] = (),
        expected: list[tuple[str, str]] | None = None,
        before_check: Callable[[], object] | None = None,
        **settings: str | Path,
    ) -> Calls:
        """Make calls with these settings and variables, below another command if one is given.

        Settings may also stand before the calls, as in `proxy=`. No secret may be shown.
        """
        process = subprocess.Popen(
            [*(below or []), self._program, *(f"{n}={v}" for n, v in settings.items()), *calls],
            env=without_variables(VERIFYSMS_API_KEY=KEY) | (env or {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process:
            lines = [line.rstrip("\n").split("\t") for line in converse(process, self._running, before_check)]
            assert process.stderr is not None
            assert process.stderr.read() == "", "the library prints nothing"
        assert process.returncode == 0
        fields: dict[str, list[list[str]]] = {"log": [], "result": [], "refused": [], "open": []}
        for kind, *rest in lines:
            assert kind in fields, f"the library prints nothing: {kind}"
            fields[kind].append(rest)
        shown = "\n".join("\t".join(line) for line in lines)
        codes = [message.code for message in self._running.messages(NUMBER)]
        for secret in (KEY, NUMBER, NUMBER[1:], *codes, *secrets):
            assert secret not in shown, "a secret is shown"
        assert fields["open"] in ([["0"]], []), "a descriptor is left open"
        results = [CallEnd(c, r, int(ms), m) for c, r, ms, m in fields["result"]]
        log = [record for _, record in fields["log"]]
        made = Calls(results, "".join(reason for (reason,) in fields["refused"]), log)
        assert expected in (None, made.ends), made
        return made
