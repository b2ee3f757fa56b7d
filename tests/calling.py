"""Calls of the library through tests/c/caller.c, and what no call may ever show."""

from __future__ import annotations

import os
import subprocess
import unittest
from typing import NamedTuple

from sandboxed import Sandbox, converse

KEY = "pl4nted-k3y"
NUMBER = "0501234567"
REACHED = ("NO", "YES", "UNKNOWN")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
# The tester's own settings are not what is tested.
SETTINGS = {*PROXIES, *map(str.lower, PROXIES), "SSL_CERT_FILE", "SSL_CERT_DIR"}


class Result(NamedTuple):
    """The outcome of a call."""

    code: str
    reached: str
    milliseconds: int
    message: str


class Run(NamedTuple):
    """What a run of the caller showed."""

    results: list[Result]
    refusal: str
    log: list[str]

    @property
    def outcomes(self) -> list[tuple[str, str]]:
        """The code and whether the service was reached, of each call."""
        return [(result.code, REACHED[int(result.reached)]) for result in self.results]

    @property
    def last(self) -> Result:
        """The last call."""
        return self.results[-1]


class Caller:
    """The built tests/c/caller.c, run against a sandbox."""

    def __init__(self, program: str, running: Sandbox) -> None:
        """With the path of the program."""
        self._program = program
        self._running = running

    def run(
        self,
        test: unittest.TestCase,
        *calls: str,
        below: list[str] | None = None,
        environment: dict[str, str] | None = None,
        secrets: tuple[str, ...] = (),
        **settings: str,
    ) -> Run:
        """Make calls with these settings and variables, below another command if one is given.

        Settings may also stand before the calls, as in `proxy=`. No secret may be shown.
        """
        inherited = {name: value for name, value in os.environ.items() if name not in SETTINGS}
        process = subprocess.Popen(
            [*(below or []), self._program, *(f"{n}={v}" for n, v in settings.items()), *calls],
            env=inherited | {"VERIFYSMS_API_KEY": KEY} | (environment or {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process:
            lines = [line.rstrip("\n").split("\t") for line in converse(process, self._running)]
            assert process.stderr is not None
            test.assertEqual(process.stderr.read(), "", "nothing is printed")
        test.assertEqual(process.returncode, 0)
        known = {"log", "result", "refused", "open"}
        test.assertEqual([line for line in lines if line[0] not in known], [], "nothing is printed")
        shown = "\n".join("\t".join(line) for line in lines)
        codes = [message.code for message in self._running.messages(NUMBER)]
        for secret in (KEY, NUMBER, NUMBER[1:], *codes, *secrets):
            test.assertNotIn(secret, shown, "a secret is shown")
        test.assertIn([line[1] for line in lines if line[0] == "open"], (["0"], []))
        results = [Result(c, r, int(ms), m) for _, c, r, ms, m in _of("result", lines)]
        refusals = [line[1] for line in _of("refused", lines)]
        return Run(results, "".join(refusals), [line[2] for line in _of("log", lines)])


def _of(kind: str, lines: list[list[str]]) -> list[list[str]]:
    return [line for line in lines if line[0] == kind]
