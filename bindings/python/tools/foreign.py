"""Building for other machines and other C libraries than this one's.

Rust's standard library is built from its sources, which Debian has beside a compiler of their version; zig,
from PyPI, compiles C and links for every C library of every version.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import tempfile
from pathlib import Path

from environments import MissingError, cached_environment, run

ROOT = Path(__file__).resolve().parent.parent.parent.parent
WORK = ROOT / "target" / "foreign"
REQUIREMENTS = Path(__file__).with_name("foreign.txt")
NATIVE = "x86_64-unknown-linux-gnu"
"""What the installed Rust builds for by itself."""

SYSTEM = Path("/usr")
"""Where Debian's Rust is."""
SOURCES = SYSTEM / "lib/rustlib/src/rust/library/std/Cargo.toml"
MANIFEST = '[package]\nname = "nothing"\nversion = "0.0.0"\nedition = "2024"\n'


def tools() -> Path:
    """Return the folder of zig and of what comes with it."""
    return cached_environment(ROOT / "target" / "foreign-tools", REQUIREMENTS)


def rust(target: str) -> dict[str, str]:
    """Return the settings with which cargo builds for a target as if Rust had been installed for it."""
    path = [str(tools()), os.environ["PATH"]]
    if target != NATIVE:
        path.insert(0, str(toolchain(target)))
    flags = os.environ.get("RUSTFLAGS", "")
    if "musl" in target:
        # The linker has what Rust would take from a folder of its own.
        flags += " -C link-self-contained=no"
    return {"PATH": os.pathsep.join(path), "RUSTFLAGS": flags}


def toolchain(target: str) -> Path:
    """Return the folder of the programs of a Rust for a target; its standard library is built once."""
    folder = WORK / "rust" / target
    programs, libraries = folder / "bin", folder / "lib" / "rustlib"
    if programs.exists():
        return programs
    if not SOURCES.exists():
        raise MissingError("no sources of Rust (apt-get install cargo-web rustc-web rust-web-src)")
    # What an interrupted build has made is of use to the next.
    for part in ("lib", "made"):
        shutil.rmtree(folder / part, ignore_errors=True)
    library = libraries / target / "lib"
    library.mkdir(parents=True)
    for there in (SYSTEM / "lib" / "rustlib").iterdir():
        (libraries / there.name).symlink_to(there)
    for built in _standard_library(target, folder / "build"):
        shutil.copy2(built, library)
    shutil.rmtree(folder / "build")
    # Last, so that a toolchain with its programs is whole.
    made = folder / "made"
    made.mkdir()
    (made / "cargo").symlink_to(SYSTEM / "bin" / "cargo")
    options = ["--sysroot", str(folder)]
    for name in ("rustc", "rustdoc"):
        write_script(made / name, [str(SYSTEM / "bin" / name), *options])
    made.rename(programs)
    return programs


def _standard_library(target: str, out: Path) -> list[Path]:
    """Build the standard library, as a dependency of nothing."""
    with tempfile.TemporaryDirectory() as text:
        package = Path(text)
        (package / "Cargo.toml").write_text(MANIFEST)
        (package / "src").mkdir()
        (package / "src" / "lib.rs").touch()
        run(
            SYSTEM / "bin" / "cargo",
            "build",
            "--release",
            *("-Z", "build-std=std,panic_unwind,test"),
            *("--target", target),
            *("--target-dir", out),
            cwd=package,
            RUSTC=str(SYSTEM / "bin" / "rustc"),
            RUSTC_BOOTSTRAP="1",
            # Whoever links may optimize it with the rest.
            RUSTFLAGS="-C embed-bitcode=yes",
        )
    found = (out / target / "release" / "deps").glob("lib*.rlib")
    return [path for path in found if not path.name.startswith("libnothing-")]


def compiler(zig_target: str) -> Path:
    """Return zig's C compiler for a machine and a C library, such as x86_64-linux-gnu.2.17."""
    script = WORK / f"cc-{zig_target}"
    script.parent.mkdir(parents=True, exist_ok=True)
    # By itself zig watches for undefined behaviour, which takes a library at run time.
    options = ("-fno-sanitize=all", "-target", zig_target)
    zig = ("env", f"CARGO_ZIGBUILD_PYTHON_PATH={tools() / 'python'}", str(tools() / "cargo-zigbuild"), "zig")
    write_script(script, [*zig, "cc", "--", *options])
    return script


def mingw(target: str) -> dict[str, str]:
    """Return the settings with which MinGW compiles C and links for Windows."""
    machine = target.partition("-")[0]
    prefix = f"{machine}-w64-mingw32-"
    if shutil.which(f"{prefix}gcc") is None:
        package = f"gcc-mingw-w64-{machine.replace('_', '-')}-win32"
        raise MissingError(f"no {prefix}gcc (apt-get install {package})")
    # The crate cc does not know the names of these targets: by itself it takes this machine's compiler.
    name = target.replace("-", "_")
    return {f"CC_{name}": f"{prefix}gcc", f"AR_{name}": f"{prefix}ar", linker_variable(target): f"{prefix}gcc"}


def linker_variable(target: str) -> str:
    """Return the name of the setting of cargo that says what links for a target."""
    return f"CARGO_TARGET_{re.sub('[-.]', '_', target).upper()}_LINKER"


def write_script(path: Path, command: list[str]) -> None:
    """Write a program that runs a command with more arguments."""
    path.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n')
    path.chmod(0o755)
