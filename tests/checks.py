"""Checks that read as sentences: a function each, told by the first line of its docstring.

A check fails by an exception. One whose tool is not there is skipped with the way to get the tool,
and fails where all of them should be there, that is with CI in the environment.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path

QUICK = {
    "CARGO_PROFILE_RELEASE_LTO": "off",
    "CARGO_PROFILE_RELEASE_OPT_LEVEL": "0",
    "CARGO_PROFILE_RELEASE_CODEGEN_UNITS": "16",
}
"""With this in its environment cargo is done soon, where only the building itself is tested."""


class MissingToolError(Exception):
    """A check needs a program that is not installed."""


def need(program: str, package: str) -> str:
    """The program's name, if it can be found; the package is Debian's."""
    if shutil.which(program) is None:
        raise MissingToolError(f"no {program} (apt-get install {package})")
    return program


def run(
    *command: str | Path,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
    typed: str = "",
    status: int = 0,
) -> str:
    """What a command prints, which must end with a status; it is told with all that it printed."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env=None if env is None else os.environ | env,
        input=typed,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    line = " ".join(map(str, command))
    assert done.returncode == status, f"$ {line}\n{done.stdout}status {done.returncode}"
    return done.stdout


def sentence(check: Callable[[], None]) -> str:
    """What a check says."""
    return (check.__doc__ or check.__name__).splitlines()[0].rstrip(".")


def run_all(checks: Iterable[Callable[[], None]]) -> int:
    """Run all, print each with its outcome; the exit status says whether all hold."""
    passed = failed = skipped = 0
    for check in checks:
        begun = time.monotonic()
        try:
            check()
        except MissingToolError as missing:
            skipped += 1
            print(f"skipped: {sentence(check)}: {missing}", flush=True)
        except (AssertionError, OSError, subprocess.SubprocessError) as failure:
            failed += 1
            print(f"FAIL {sentence(check)}\n{failure}", flush=True)
        else:
            passed += 1
            print(f"ok   {sentence(check)} ({time.monotonic() - begun:.1f} s)", flush=True)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or (skipped and os.environ.get("CI")) else 0
