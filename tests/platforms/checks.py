"""What is checked with what was built for a platform."""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from pathlib import Path

from harness.caller import KEY
from harness.sandbox import Sandbox, run_against, sandbox
from harness.tools import NUMBER, ROOT, run, without_variables
from platforms.place import C89, HOST, INSTALLED, Place, Runner, Toolchain, size
from platforms.table import Seen

SHARED, STATIC, COMMAND = "release/libverifysms.so", "release/libverifysms.a", "release/verifysms"
EMULATED = ("fuzz::guard::forks::children",)
"""What qemu cannot do: the child of a process with threads waits for what one of them had locked in qemu."""
PROGRAMS = ("sys::unix", "fuzz::guard")
"""Tests that start programs, for which qemu forks: one at a time under it. The last ones take minutes."""
LIMITED = 12
"""The exit status when the guard refuses."""


def check_c(place: Place, toolchain: Toolchain, runner: Runner, built: Path, seen: Seen) -> None:
    """Run the C test and the demonstration with the shared library."""
    program = toolchain.compile_shared(built, "tests/abi/abi.c", *C89)
    seen.passed.append(f"ABI {abi(place.command, runner, program)}")
    demo = toolchain.compile_shared(built, "bindings/c/demo.c", *C89)
    run(sys.executable, ROOT / "tests/demo.py", place.command, runner.launcher(demo))
    seen.passed.append("demo")


def check_command(place: Place, toolchain: Toolchain, runner: Runner, built: Path, seen: Seen) -> Path:
    """Build the command, run the C test against its sandbox; the command, as it runs here."""
    toolchain.make(place, COMMAND)
    seen.built.append("command")
    seen.size += [f"library {size(built / INSTALLED)}", f"command {size(built / COMMAND)}"]
    command = runner.launcher(built / COMMAND)
    seen.passed.append(f"ABI {abi(command, runner, built / 'release/abi')} with its own sandbox")
    return command


def abi(command: Path, runner: Runner, program: Path) -> str:
    """Run the C test against a command's sandbox; how many of its checks hold."""
    with sandbox(command) as running:
        printed = run_against(running, *runner.words, program)
    return matched(r"(\d+) passed, 0 failed", printed)


def unit_tests(place: Place, toolchain: Toolchain, runner: Runner) -> str:
    """Run the unit tests of the crate."""
    parts: list[tuple[str, ...]] = [()]
    if runner.words:
        programs = PROGRAMS[:1] if place.brief else PROGRAMS
        parts = [skip(PROGRAMS), (*programs, "--test-threads=1", *skip(EMULATED))]
    passed = 0
    for arguments in parts:
        printed = toolchain.unit_tests(place, runner, arguments)
        passed += int(matched(r"test result: ok. (\d+) passed; 0 failed", printed))
    return f"unit {passed}"


def skip(tests: tuple[str, ...]) -> tuple[str, ...]:
    """The arguments that leave tests out."""
    return tuple(word for test in tests for word in ("--skip", test))


def figure(place: Place, toolchain: Toolchain, runner: Runner, built: Path, source: str) -> str:
    """What a program prints that calls a service over TLS."""
    program = toolchain.compile_shared(built, source, *HOST)
    with sandbox(place.command, "--api-key", KEY, "--tls") as running:
        settings = {"VERIFYSMS_API_KEY": KEY, "VERIFYSMS_CA_FILE": running.ca_file}
        return run_against(running, *runner.words, program, env=settings)


def stack(place: Place, toolchain: Toolchain, runner: Runner, built: Path) -> str:
    """How much of its stack the deepest call takes."""
    printed = figure(place, toolchain, runner, built, "tests/hosts/stack.c")
    taken = max(map(int, re.findall(r": (\d+) bytes of stack", printed)))
    return f"{taken / 1024:.0f} KiB"


def heap(place: Place, toolchain: Toolchain, runner: Runner, built: Path) -> str:
    """How much of the heap a client keeps."""
    printed = figure(place, toolchain, runner, built, "tests/platforms/heap.c")
    kept = int(matched(r"(\d+) bytes of heap", printed))
    return f"{kept / 1024:.0f} KiB"


def check_guard(here: Path, there: Path) -> None:
    """Two machines count in one file: what one has counted, the other refuses."""
    with tempfile.TemporaryDirectory() as folder, sandbox(here) as running:
        settings = {"VERIFYSMS_GUARD": f"file:{folder}/guard", "VERIFYSMS_GUARD_SECRET": "s" * 32}
        for number, (first, second) in {NUMBER: (here, there), "0521234567": (there, here)}.items():
            sent(running, first, number, settings)
            sent(running, second, number, settings, LIMITED)
            told = [run(one, "guard", "show", number, env=caller(running, settings)) for one in (here, there)]
            assert "SENDS_NUMBER 1 of" in told[0], told[0]
            counts = [re.sub(r"(?m)^COOLDOWN.*$", "", one) for one in told]
            assert counts[0] == counts[1], f"the machines read other counts:\n{told[0]}{told[1]}"


def check_later(toolchain: Toolchain, runner: Runner, built: Path) -> None:
    """Send over TLS, and be refused by the guard's file, when the time takes more than 32 bits."""
    library = toolchain.compile(
        built / "release/later.so", "tests/platforms/later.c", *HOST, "-shared", "-fPIC"
    )
    command = runner.preload(library).launcher(built / COMMAND, "later")
    with tempfile.TemporaryDirectory() as folder, sandbox(command, "--tls") as running:
        settings = {"VERIFYSMS_GUARD": f"file:{folder}/guard", "SSL_CERT_FILE": running.ca_file}
        report = json.loads(sent(running, command, NUMBER, settings))
        assert report["timestamp"] > 2**31, report
        sent(running, command, NUMBER, settings, LIMITED)


def caller(running: Sandbox, settings: dict[str, str]) -> dict[str, str | None]:
    """The environment of the command."""
    unset = dict.fromkeys(set(os.environ) - set(without_variables()))
    service = {"VERIFYSMS_URL": running.url, "VERIFYSMS_API_KEY": "sandbox-key", "VERIFYSMS_SENDER": "Acme"}
    return {**unset, **service, **settings}


def sent(running: Sandbox, command: Path, number: str, settings: dict[str, str], status: int = 0) -> str:
    """Send to a number; what the command reports."""
    return run(command, "send", number, "--json", env=caller(running, settings), status=status)


def matched(pattern: str, printed: str) -> str:
    """What the group of a pattern matches."""
    found = re.search(pattern, printed)
    assert found is not None, f"no {pattern}:\n{printed}"
    return found[1]
