"""What the checks of the platforms have in common: a build for one of them, and how its programs run."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import NamedTuple

import foreign

from harness.tools import ROOT, UNOPTIMIZED, need, run

HOURS = 7200
"""No build takes longer, in seconds."""
STRICT = ("-pedantic-errors", "-Wall", "-Wextra", "-Werror")
C89 = ("-std=c89", *STRICT, "-O2")
HOST = ("-std=c11", "-D_GNU_SOURCE", "-pthread", "-O2")
INCLUDE = tuple(f"-I{ROOT / folder}" for folder in ("include", "tests/hosts"))


class Place(NamedTuple):
    """What there is to work with."""

    command: Path
    """The built command `verifysms` of this machine."""
    brief: bool
    """Whether it has to be done in minutes: nothing is optimized, and no sizes are told."""

    def environment(self, target: str) -> dict[str, str | None]:
        """What cargo and make need to build for a target; an outer make's settings are not for them."""
        outer = {name: None for name in os.environ if name.startswith("MAKE") or name == "MFLAGS"}
        return {**outer, **foreign.rust(target), **(UNOPTIMIZED if self.brief else {})}


class Toolchain(NamedTuple):
    """What builds for a target."""

    target: str
    compiler: str
    binutils: str = ""
    """The prefix of the names of the binary utilities."""
    link: str = ""
    """What the C compiler needs to link with Rust's code."""
    dynamic: tuple[str, ...] = ()
    """What it needs to link a program with a shared library."""

    def environment(self, place: Place) -> dict[str, str | None]:
        """With the program that links."""
        return {**place.environment(self.target), foreign.linker_variable(self.target): self.compiler}

    def make(self, place: Place, *products: str) -> Path:
        """Build with the Makefile; the folder of what was built."""
        folder = foreign.WORK / ("brief" if place.brief else "whole")
        programs = {name: self.binutils + name.lower() for name in ("LD", "AR", "OBJCOPY", "STRIP")}
        settings = {
            **programs,
            "BUILDDIR": str(folder),
            "CC": self.compiler,
            "LDFLAGS": self.link,
            "TARGET": self.target,
        }
        told = [f"{name}={value}" for name, value in settings.items()]
        built = folder / self.target
        goals = [built / product for product in products]
        run("make", "-C", ROOT, *told, *goals, env=self.environment(place), timeout=HOURS)
        return built

    def compile(self, program: Path, source: str, *options: str | Path) -> Path:
        """Build a C program."""
        run(self.compiler, *INCLUDE, "-o", program, ROOT / source, *options)
        return program

    def compile_shared(self, built: Path, source: str, *options: str) -> Path:
        """Build a C program with the shared library, beside it."""
        library, program = built / "release/libverifysms.so", built / "release" / Path(source).stem
        rpath = f"-Wl,-rpath,{library.parent}"
        self.compile(program, source, *options, *self.dynamic, library, rpath)
        assert "[libverifysms.so.1]" in run(need("readelf", "binutils"), "-dW", program)
        return program


class Runner(NamedTuple):
    """How the programs of a platform run on this machine."""

    words: tuple[str, ...] = ()
    """What comes before a program's name."""

    @classmethod
    def emulator(cls, machine: str, files: str | Path) -> Runner:
        """An emulated machine that finds its libraries below a folder."""
        return cls((need(f"qemu-{machine}", "qemu-user"), "-L", str(files)))

    def preload(self, library: Path) -> Runner:
        """The same with a library loaded before each program."""
        setting = f"LD_PRELOAD={library}"
        return Runner((*self.words, "-E", setting) if self.words else (need("env", "coreutils"), setting))

    def launcher(self, program: Path, name: str = "run") -> Path:
        """A program of this machine that runs another."""
        if not self.words:
            return program
        script = program.with_name(f"{program.name}-{name}")
        script.write_text(f'#!/bin/sh\nexec {shlex.join([*self.words, str(program)])} "$@"\n')
        script.chmod(0o755)
        return script


def size(path: Path) -> str:
    """The size of a file as people read it."""
    return f"{path.stat().st_size / 1e6:.2f} MB"
