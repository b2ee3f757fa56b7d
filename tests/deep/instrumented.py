"""The C functions, and programs that use them, with every access to memory watched.

The standard library is watched too, which takes its sources and a compiler of just their version:
Debian has both, beside the Rust that builds all else. The C side is for the Clang of the same LLVM.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from deep.part import Place
from harness.sandbox import run_against, sandbox
from harness.tools import ROOT, MissingToolError, need, run

MACHINE = "x86_64-unknown-linux-gnu"
CARGO = Path("/usr/bin/cargo")
RUSTC = Path("/usr/bin/rustc")
STANDARD = Path("/usr/lib/rustlib/src/rust/library/std/Cargo.toml")
PACKAGES = "apt-get install cargo-web rustc-web rust-web-src clang-22 libclang-rt-22-dev llvm-22"
WARNINGS = ("-pedantic-errors", "-Wall", "-Wextra", "-Werror")
STATUS = 66
"""What a program ends with when something was seen."""
HOST = ("-std=c11", "-D_GNU_SOURCE", "-pthread")
"""How the C programs that need POSIX are compiled."""
INCLUDE = [f"-I{ROOT / folder}" for folder in ("include", "tests/hosts")]


class Program(NamedTuple):
    """A program of ours, and how it is compiled."""

    name: str
    source: str
    flags: tuple[str, ...] = HOST
    compiler: str = "clang-22"


def host(*names: str) -> list[Program]:
    """Programs that the library lives in."""
    folders = {name: "hosts" if (ROOT / f"tests/hosts/{name}.c").exists() else "deep" for name in names}
    return [Program(name, f"tests/{folder}/{name}.c") for name, folder in folders.items()]


class Watched(NamedTuple):
    """What is watched for, by the names that the two compilers have for it."""

    rust: str
    c: str


def library(place: Place, watched: Watched) -> Path:
    """Build the C functions; the folder that they and the programs lie in."""
    if not (CARGO.exists() and RUSTC.exists() and STANDARD.exists()):
        raise MissingToolError(f"no sources of Rust's standard library ({PACKAGES})")
    need("clang-22", "clang-22 libclang-rt-22-dev llvm-22")
    folder = place.work / watched.rust
    folder.mkdir(exist_ok=True)
    target = place.work / "instrumented"
    # What is built for this machine itself, the header's generator, serves all that is watched.
    environment = {
        "RUSTC": str(RUSTC),
        "RUSTC_BOOTSTRAP": "1",
        "RUSTFLAGS": f"-Zsanitizer={watched.rust}",
        "CARGO_INCREMENTAL": "0",
        "CARGO_PROFILE_DEV_OPT_LEVEL": "1",
        "CARGO_PROFILE_DEV_DEBUG": "line-tables-only",
        "CARGO_PROFILE_DEV_BUILD_OVERRIDE_DEBUG": "false",
    }
    arguments = ["rustc", "--quiet", "--lib", "--crate-type", "staticlib"]
    arguments += ["--features", "capi,reserve", "-Zbuild-std", "--target", MACHINE]
    arguments += ["--target-dir", str(target), "--", "--cfg", "verifysms_heap"]
    run(CARGO, *arguments, cwd=ROOT, env=environment, timeout=3600)
    shutil.copy(target / MACHINE / "debug" / "libverifysms.a", folder)
    return folder


def programs(folder: Path, watched: Watched, wanted: Iterable[Program]) -> None:
    """Build programs that use the library of a folder, into that folder."""
    sanitized = ("-g", "-fno-omit-frame-pointer", f"-fsanitize={watched.c}", "-fno-sanitize-recover=all")
    for program in wanted:
        files = ("-o", folder / program.name, ROOT / program.source)
        # The flags may say what the source is, but not what the library is.
        library = ("-x", "none", folder / "libverifysms.a", "-lpthread", "-ldl", "-lm")
        run(program.compiler, *program.flags, *WARNINGS, *sanitized, *INCLUDE, *files, *library)


def counted(pattern: str, said: str) -> int:
    """The number in what a program said."""
    found = re.search(pattern, said)
    assert found is not None, said
    return int(found[1])


def against_sandbox(place: Place, *program: str | Path, options: dict[str, str]) -> int:
    """Run a program that checks the library against a sandbox; how many checks it were."""
    with sandbox(place.command) as running:
        return counted(r"(\d+) passed, 0 failed", run_against(running, *program, env=options))


def python_tests(
    place: Place,
    parts: Path,
    *selected: str,
    options: dict[str, str],
    marks: str = "not slow and not isolated",
) -> int:
    """Run tests of tests/ with the programs of a folder; how many there were."""
    built = (f"--command={place.command}", f"--parts={parts}")
    command = ("python3", "tests/run.py", *built, "-m", marks, *selected)
    said = run(*command, cwd=ROOT, env=options, timeout=3600)
    assert " skipped" not in said, said
    return counted(r"(\d+) passed", said)


def misused(folder: Path, how: str, report: str, options: dict[str, str]) -> None:
    """Have memory misused on purpose: the watcher must end the program, with a report of it."""
    said = run(folder / "misuse", how, env=options, status=STATUS)
    assert report in said, f"what is {how} is not reported as {report}\n{said}"
