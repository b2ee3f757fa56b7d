"""The libraries and the command on other machines, with this system's C library."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from harness.tools import MissingToolError, need
from platforms.checks import (
    SHARED,
    STATIC,
    check_c,
    check_command,
    check_guard,
    check_later,
    heap,
    stack,
    unit_tests,
)
from platforms.place import INSTALLED, Place, Runner, Toolchain
from platforms.table import Platform, Seen

NATIVE_32 = ("/lib/ld-linux.so.2", "/lib32/libgcc_s.so.1")


class Machine(NamedTuple):
    """Another machine with this system's C library, for which Debian has a C compiler."""

    target: str
    gnu: str
    emulator: str | None
    """What qemu calls it; without one, it is this machine itself."""
    bits: int = 64

    def toolchain(self) -> Toolchain:
        """The compiler of GCC."""
        compiler = need(f"{self.gnu}-gcc", f"gcc-{self.gnu}")
        return Toolchain(self.target, compiler, f"{self.gnu}-")

    def runner(self) -> Runner:
        """The emulator, which has the files of the compiler; or nothing."""
        if self.emulator is None:
            if not all(Path(file).exists() for file in NATIVE_32):
                raise MissingToolError("no C library of 32 bits (apt-get install libc6-i386 lib32gcc-s1)")
            return Runner()
        return Runner.emulator(self.emulator, f"/usr/{self.gnu}")


MACHINES = [
    Machine("aarch64-unknown-linux-gnu", "aarch64-linux-gnu", "aarch64"),
    Machine("armv7-unknown-linux-gnueabihf", "arm-linux-gnueabihf", "arm", 32),
    Machine("i686-unknown-linux-gnu", "i686-linux-gnu", None, 32),
    Machine("powerpc64le-unknown-linux-gnu", "powerpc64le-linux-gnu", "ppc64le"),
    Machine("riscv64gc-unknown-linux-gnu", "riscv64-linux-gnu", "riscv64"),
    Machine("s390x-unknown-linux-gnu", "s390x-linux-gnu", "s390x"),
]


def platforms(place: Place) -> Iterator[Platform]:
    """The rows of the table."""
    for machine in MACHINES:
        is_brief = machine.emulator == "aarch64"
        yield Platform(machine.target, partial(check_machine, place, machine), is_brief)


def check_machine(place: Place, machine: Machine, seen: Seen) -> None:
    """Build for a machine, and run there the C test, the demonstration, the unit tests, and the command."""
    toolchain, runner = machine.toolchain(), machine.runner()
    built = toolchain.make(place, SHARED, STATIC, INSTALLED)
    seen.built.append("library")
    seen.ran = f"qemu-{machine.emulator}" if machine.emulator else "itself"
    check_c(place, toolchain, runner, built, seen)
    seen.passed.append(unit_tests(place, toolchain, runner))
    if place.brief:
        return
    seen.memory += [figure(place, toolchain, runner, built) for figure in (stack, heap)]
    command = check_command(place, toolchain, runner, built, seen)
    check_guard(place.command, command)
    seen.passed.append("guard's file shared with x86-64")
    if machine.bits == 32:
        check_later(toolchain, runner, built)
        seen.passed.append("a day after 2038")
    toolchain.pack(place)
