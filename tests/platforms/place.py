"""What the checks of the platforms have in common: a build for one of them, and how its programs run."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import NamedTuple

import foreign

from harness.tools import ROOT, UNOPTIMIZED, MissingToolError, need, run

HOURS = 7200
"""No build takes longer, in seconds."""
STRICT = ("-pedantic-errors", "-Wall", "-Wextra", "-Werror")
C89 = ("-std=c89", *STRICT, "-O2")
INSTALLED = "parts/libverifysms.so.1"
HOST = ("-std=c11", "-D_GNU_SOURCE", "-pthread", "-O2")
INCLUDE = tuple(f"-I{ROOT / folder}" for folder in ("include", "tests/hosts"))

UNOPTIMIZED_PACKAGES = 'profile.release.package."*".opt-level=0'
"""What the manifest says of the other packages no variable overrules."""
LITTLE_ENDIAN = 1
BINFMT = "/proc/sys/fs/binfmt_misc"
MOUNT = f"mount -t binfmt_misc none {BINFMT}"


def without_make() -> dict[str, str | None]:
    """The settings of the make that called this, taken away: they are not for what is built here."""
    return {name: None for name in os.environ if name.startswith("MAKE") or name == "MFLAGS"}


class Place(NamedTuple):
    """What there is to work with."""

    command: Path
    """The built command `verifysms` of this machine."""
    brief: bool
    """Whether it has to be done in minutes: nothing is optimized, and no sizes are told."""

    def environment(self, target: str) -> dict[str, str | None]:
        """What cargo and make need to build for a target."""
        return {**without_make(), **foreign.rust(target), **(UNOPTIMIZED if self.brief else {})}


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
        built = self._folder(place) / self.target
        self._run_make(place, *(built / product for product in products))
        return built

    def pack(self, place: Place) -> None:
        """Pack what was built, so that what is released is what was checked; nothing after a brief look."""
        if not place.brief:
            self._run_make(place, "binaries", f"packed={ROOT / 'target/packages'}")

    def unit_tests(self, place: Place, runner: Runner, arguments: tuple[str, ...]) -> str:
        """What the unit tests of the crate print; they start programs of their machine."""
        words = runner.throughout(self._folder(place) / self.target / INSTALLED)
        # Built as soon as without any optimization, they take less time.
        return self._run_make(
            place,
            "test-unit",
            f"UNIT={' '.join(arguments)}",
            below=words,
            CARGO_PROFILE_RELEASE_OPT_LEVEL="1",
        )

    def _folder(self, place: Place) -> Path:
        """Where it builds."""
        return foreign.WORK / ("brief" if place.brief else "whole")

    def _run_make(
        self, place: Place, *goals: str | Path, below: tuple[str, ...] = (), **variables: str
    ) -> str:
        """Run make below another command, if one is given; what it prints."""
        folder = self._folder(place)
        # What the library, the command, and other targets need as well is built once.
        (folder / "cargo").mkdir(parents=True, exist_ok=True)
        parts = folder / self.target / "parts"
        parts.mkdir(parents=True, exist_ok=True)
        for part in ("library", "command"):
            if not (parts / part).is_symlink():
                (parts / part).symlink_to(folder / "cargo")
        programs = {name: self.binutils + name.lower() for name in ("LD", "AR", "OBJCOPY", "STRIP")}
        settings = {
            **programs,
            "BUILDDIR": str(folder),
            "CC": self.compiler,
            "LDFLAGS": self.link,
            "TARGET": self.target,
        }
        if place.brief:
            settings["CARGO"] = f"cargo --config '{UNOPTIMIZED_PACKAGES}'"
        told = [f"{name}={value}" for name, value in settings.items()]
        environment = {**self.environment(place), **variables}
        return run(*below, "make", "-C", ROOT, *told, *goals, env=environment, timeout=HOURS)

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
        """An emulated machine that finds its libraries below a folder.

        A child of qemu can wait for ever for a lock of GLib's own allocator; malloc's outlive a fork.
        """
        qemu = need(f"qemu-{machine}", "qemu-user")
        return cls((need("env", "coreutils"), "G_SLICE=always-malloc", qemu, "-L", str(files)))

    def preload(self, library: Path) -> Runner:
        """The same with a library loaded before each program."""
        setting = f"LD_PRELOAD={library}"
        return Runner((*self.words, "-E", setting) if self.words else (need("env", "coreutils"), setting))

    def launcher(self, program: Path, name: str = "run") -> Path:
        """A program of this machine that runs another."""
        if not self.words:
            return program
        script = program.with_name(f"{program.name}-{name}")
        foreign.write_script(script, [*self.words, str(program)])
        return script

    def throughout(self, example: Path) -> tuple[str, ...]:
        """What comes before a command of this machine below which programs like this one start as its own.

        The kernel is told how in a namespace; outside, nothing changes.
        """
        if not self.words:
            return ()
        begin, mask = bytearray(example.read_bytes()[:20]), bytearray(b"\xff" * 20)
        # Whatever its ABI is called, and whether it may lie at any address.
        mask[7], mask[16 if begin[5] == LITTLE_ENDIAN else 17] = 0, 0xFE
        starter = example.with_name("start")
        foreign.write_script(starter, list(self.words))
        known = ":".join(["", "there", "M", "", _escaped(begin), _escaped(mask), str(starter), "F"])
        namespace = (need("unshare", "util-linux"), "--user", "--map-root-user", "--mount", "sh", "-c")
        if subprocess.run([*namespace, MOUNT], capture_output=True, check=False).returncode != 0:
            raise MissingToolError("no binfmt_misc in a namespace (Linux 6.7, and users who may make one)")
        # The tests are a user's, who has no rights of others.
        user = 'exec unshare --user --map-user=1 --map-group=1 "$@"'
        register = f'{MOUNT} && printf %s "$0" > {BINFMT}/register && {user}'
        return (*namespace, register, known)


def _escaped(code: bytes | bytearray) -> str:
    """Bytes as binfmt_misc reads them."""
    return "".join(f"\\x{byte:02x}" for byte in code)


def size(path: Path) -> str:
    """The size of a file as people read it."""
    return f"{path.stat().st_size / 1e6:.2f} MB"
