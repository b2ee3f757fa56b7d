"""Miri, which runs a program step by step and sees every use of memory that is undefined.

It knows no sockets and no forks: it runs the tests of the C functions, of what reads texts from
outside, and of the heap. It comes only with the compilers of Rust's own makers.
"""

from __future__ import annotations

import subprocess

from deep.instrumented import counted
from deep.part import ROOT, Place, UnobtainableError
from harness import tools

TITLE = "Miri on the C functions, the readers of texts and the heap"
TESTS = (
    "capi::tests::",
    "error::",
    "memory::",
    "phone::",
    "reply::",
    "request::",
    "text::",
    "transport::socks::",
    "input_chars::",
)
WAYS = (["cargo", "miri"], ["cargo", "+nightly", "miri"])


def run(_place: Place) -> str:
    """Run the tests."""
    command = [*_miri(), "test", "--quiet", "--lib", "--features", "capi,reserve", "--", *TESTS]
    env = {"CARGO_TARGET_DIR": str(ROOT / "target" / "deep" / "miri")}
    said = tools.run(*command, cwd=ROOT, env=env, timeout=3600)
    return f"{counted(r'(?m)^running ([0-9]+) tests', said)} tests: nothing undefined"


def _miri() -> list[str]:
    for way in WAYS:
        try:
            tried = subprocess.run([*way, "--version"], capture_output=True, check=False)
        except OSError:
            continue
        if tried.returncode == 0:
            return way
    raise UnobtainableError("no Miri, which no Debian has (rustup +nightly component add miri)")
