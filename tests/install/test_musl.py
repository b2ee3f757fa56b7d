"""The static library for musl, in a program that needs nothing at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.sandbox import sandbox
from harness.tools import NUMBER, ROOT, UNOPTIMIZED, MissingToolError, need, run

TARGET = "x86_64-unknown-linux-musl"


def unwinder() -> Path:
    """What unwinds the stack with musl; the compiler's own on Debian is made for glibc."""
    folder = run(need("rustc", "rustc"), "--print", "target-libdir", "--target", TARGET).strip()
    library = Path(folder, "self-contained", "libunwind.a")
    if not library.exists():
        raise MissingToolError(f"Rust has no {TARGET} (rustup target add {TARGET})")
    return library


@pytest.mark.slow
def test_musl(command: Path, tmp_path: Path) -> None:
    """The static library links into a program with musl that verifies a number."""
    compiler, unwinding = need("musl-gcc", "musl-tools"), unwinder()
    library, program = tmp_path / "libverifysms.a", tmp_path / "verify"
    clean = [f"--unset={name}" for name in os.environ if name.startswith("MAKE")]
    own = (f"TARGET={TARGET}", f"CC={compiler}", f"out={tmp_path}", f"parts={tmp_path}/parts")
    run("env", *clean, "make", "-C", ROOT, *own, library, env=UNOPTIMIZED)
    source, include = ROOT / "bindings" / "c" / "verify.c", f"-I{ROOT / 'include'}"
    run(compiler, "-static", "-o", program, source, include, library, unwinding)
    assert "NEEDED" not in run("readelf", "-dW", program)
    with sandbox(command) as running:
        # The name is looked up by musl.
        env = {"VERIFYSMS_URL": running.at("localhost"), "VERIFYSMS_API_KEY": "sandbox-key"}
        run(program, "send", NUMBER, env=env)
        run(program, "check", NUMBER, running.newest(NUMBER).code, env=env)
