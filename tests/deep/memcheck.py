"""Valgrind on programs that use the library as it is released: no error and no leak of any kind.

What is there once and for good has its reason in memcheck.supp.
"""

from __future__ import annotations

import re
import shlex
import ssl
import tempfile
from pathlib import Path

from deep.instrumented import against_sandbox
from deep.part import ROOT, Place
from harness.authority import Authority
from harness.caller import KEY, Caller
from harness.sandbox import sandbox
from harness.server import relay, serve
from harness.tools import need
from harness.tools import run as ran

TITLE = "Valgrind on the demonstration, the C test, calls that succeed and that fail"
STATUS = 66
"""What a program ends with when something was found."""


def run(place: Place) -> str:
    """Run the programs."""
    with tempfile.TemporaryDirectory() as folder:
        valgrind = Valgrind(Path(folder))
        for how, found in (("freed", "Invalid read"), ("leaked", "are definitely lost")):
            ran(*valgrind.command, place.parts / "misuse", how, status=STATUS)
            assert found in valgrind.report(), f"what is {how} is not reported as {found}"

        against_sandbox(place, *valgrind.command, place.parts / "abi-c", options={})
        demo = (ROOT / "tests/demo.py", place.command, valgrind.script(place.parts / "demo"))
        ran("python3", *demo)
        calls(place, valgrind)
        report = valgrind.report()
    runs = report.count("ERROR SUMMARY: 0 errors")
    blocks = sum(map(number, re.findall(r"usage: ([\d,]+)", report)))
    kept = max(map(number, re.findall(r"in use at exit: ([\d,]+) bytes", report)))
    return (
        f"{runs} programs, {blocks} blocks of memory: no error, no leak; {kept} bytes are kept for "
        "good, with reasons; a planted use after free and a leak are seen"
    )


def number(text: str) -> int:
    """A number as Valgrind writes it: 1,234."""
    return int(text.replace(",", ""))


class Valgrind:
    """Runs programs, and says what they did with memory."""

    def __init__(self, folder: Path) -> None:
        self._reports = folder / "reports"
        self._reports.mkdir()
        self._script = folder / "script"
        options = ["--leak-check=full", "--show-leak-kinds=all", "--errors-for-leak-kinds=all"]
        options += [f"--suppressions={Path(__file__).with_name('memcheck.supp')}"]
        options += [f"--error-exitcode={STATUS}", f"--log-file={self._reports}/%p"]
        self.command = [need("valgrind", "valgrind libc6-dbg"), *options]

    def script(self, program: Path) -> Path:
        """A program that runs another one, with the same arguments."""
        command = shlex.join([*self.command, str(program)])
        self._script.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        self._script.chmod(0o755)
        return self._script

    def report(self) -> str:
        """What was found since the last report."""
        said = ""
        for file in self._reports.iterdir():
            said += file.read_text()
            file.unlink()
        return said


def calls(place: Place, valgrind: Valgrind) -> None:
    """Make calls with TLS and without, and such as find nobody there."""
    with tempfile.TemporaryDirectory() as folder, sandbox(str(place.command), "--api-key", KEY) as running:
        authority = Authority(Path(folder))
        # Valgrind follows the assembler of ChaCha20, but takes what AES-GCM's makes for unset.
        context = authority.context(most=ssl.TLSVersion.TLSv1_2)
        context.set_ciphers("ECDHE+CHACHA20")
        call = Caller(place.parts / "caller", running)
        with serve(relay(running.url), tls=context) as service:
            over_tls = service.url("localhost")
            for url, *calls in (
                (running.url, "send", "check"),
                (over_tls, "send", "check"),
                ("http://127.0.0.1:1/", "send"),
            ):
                call(*calls, below=valgrind.command, url=url, ca_file=authority.certificate)
