"""The libraries and the command with other C libraries than this system's: an old glibc, and musl."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import foreign

from harness.sandbox import sandbox
from harness.tools import NUMBER, MissingToolError, need, run
from platforms.checks import COMMAND, SHARED, STATIC, caller, check_c, check_command, heap, stack
from platforms.debian import debian
from platforms.place import INSTALLED, Place, Runner, Toolchain
from platforms.table import Platform, Seen

OLDEST = (2, 17)
"""The glibc of RHEL 7 and of the wheels; Debian 11 has 2.31."""
UNWINDER = "-lunwind"
"""What unwinds the stack, which zig has and does not link by itself."""


def platforms(place: Place) -> Iterator[Platform]:
    """The rows of the table."""
    yield Platform("x86_64-unknown-linux-gnu, glibc 2.17", partial(check_old_glibc, place))
    for machine in ("x86_64", "aarch64"):
        name = f"{machine}-unknown-linux-musl"
        yield Platform(name, partial(check_musl, place, machine))


def check_old_glibc(place: Place, seen: Seen) -> None:
    """Build for an old glibc, and run with that of Debian 11."""
    compiler = foreign.compiler("x86_64-linux-gnu.2.17")
    toolchain = Toolchain(foreign.NATIVE, str(compiler), link=UNWINDER)
    built = toolchain.make(place, SHARED, STATIC, INSTALLED)
    seen.built.append("library")
    folder = debian("bullseye", "amd64")
    libraries = folder / "lib/x86_64-linux-gnu"
    runner = Runner((str(libraries / "ld-2.31.so"), "--library-path", str(libraries)))
    seen.ran = "glibc 2.31 of Debian 11"
    check_c(place, toolchain, runner, built, seen)
    seen.memory += [figure(place, toolchain, runner, built) for figure in (stack, heap)]
    check_command(place, toolchain, runner, built, seen)
    for product in (INSTALLED, COMMAND):
        newest = newest_glibc(built / product)
        assert newest <= OLDEST, f"{product} needs glibc {newest}"
    seen.passed.append("no symbol after 2.17")
    toolchain.pack(place)


def newest_glibc(path: Path) -> tuple[int, ...]:
    """The newest version of glibc that a file has symbols of."""
    printed = run(need("readelf", "binutils"), "--version-info", "--wide", path)
    versions = re.findall(r"\bGLIBC_(\d+)\.(\d+)", printed)
    return max((int(major), int(minor)) for major, minor in versions)


def check_musl(place: Place, machine: str, seen: Seen) -> None:
    """Build for musl; run with the shared library, and with the static one a program that needs nothing."""
    compiler = foreign.compiler(f"{machine}-linux-musl")
    prefix = "" if machine == "x86_64" else f"{machine}-linux-gnu-"
    toolchain = Toolchain(f"{machine}-unknown-linux-musl", str(compiler), prefix, UNWINDER, ("-dynamic",))
    built = toolchain.make(place, SHARED, STATIC, INSTALLED)
    seen.built.append("library")
    runner, seen.ran = musl(machine)
    check_c(place, toolchain, runner, built, seen)
    verify = toolchain.compile(
        built / "release/verify", "bindings/c/verify.c", "-static", built / STATIC, UNWINDER
    )
    assert "NEEDED" not in run(need("readelf", "binutils"), "-dW", verify)
    check_static(place.command, runner.launcher(verify))
    seen.passed.append("a static program")
    if place.brief:
        return
    # musl does not say what is taken of its heap.
    seen.memory.append(stack(place, toolchain, runner, built))
    check_command(place, toolchain, runner, built, seen)
    toolchain.pack(place)


def musl(machine: str) -> tuple[Runner, str]:
    """How programs run that are linked with musl, and its name."""
    if machine != "x86_64":
        return Runner.emulator(machine, debian("bookworm", "arm64")), f"qemu-{machine}, musl"
    if not Path("/lib/ld-musl-x86_64.so.1").exists():
        raise MissingToolError("no musl (apt-get install musl)")
    return Runner(), "musl"


def check_static(command: Path, program: Path) -> None:
    """Verify a number; the name of the service is looked up by musl."""
    with sandbox(command) as running:
        settings = {"VERIFYSMS_URL": running.at("localhost")}
        run(program, "send", NUMBER, env=caller(running, settings))
        run(program, "check", NUMBER, running.newest(NUMBER).code, env=caller(running, settings))
