"""Build the static library for musl, link a program that needs nothing at all, and verify a number.

    python3 tests/musl.py COMMAND

COMMAND is the built command `verifysms`. Where Rust has no musl target this says so and skips.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from checks import QUICK, MissingToolError, need, run, run_all
from sandboxed import sandbox

ROOT = Path(__file__).resolve().parent.parent
TARGET = "x86_64-unknown-linux-musl"
NUMBER = "0501234567"


def unwinder() -> Path:
    """What unwinds the stack with musl; the compiler's own on Debian is made for glibc."""
    folder = run(need("rustc", "rustc"), "--print", "target-libdir", "--target", TARGET).strip()
    library = Path(folder, "self-contained", "libunwind.a")
    if not library.exists():
        raise MissingToolError(f"Rust has no {TARGET} (rustup target add {TARGET})")
    return library


def links_with_musl() -> None:
    """The static library links into a program with musl that verifies a number."""
    compiler = need("musl-gcc", "musl-tools")
    unwinding = unwinder()
    with tempfile.TemporaryDirectory() as name, sandbox(*sys.argv[1:]) as running:
        library, program = Path(name, "libverifysms.a"), Path(name, "verify")
        clean = [f"--unset={name}" for name in os.environ if name.startswith("MAKE")]
        own = (f"TARGET={TARGET}", f"CC={compiler}", f"out={name}", f"parts={name}/parts")
        run("env", *clean, "make", "-C", ROOT, *own, library, env=QUICK)
        source = ROOT / "bindings" / "c" / "verify.c"
        include = f"-I{ROOT / 'include'}"
        run(compiler, "-static", "-o", program, source, include, library, unwinding)
        assert "NEEDED" not in run("readelf", "-dW", program)
        # The name is looked up by musl.
        url = running.url.replace("127.0.0.1", "localhost")
        environment = {"VERIFYSMS_URL": url, "VERIFYSMS_API_KEY": "sandbox-key"}
        run(program, "send", NUMBER, env=environment)
        run(program, "check", NUMBER, running.newest(NUMBER).code, env=environment)


if __name__ == "__main__":
    sys.exit(run_all([links_with_musl]))
