"""Programs that the tests run, and what becomes of a test whose program is not installed.

It is skipped with the way to get the program, and fails with CI in the environment, where all of
them should be there: conftest.py does so for pytest, tests/deep for its table.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NUMBER = "0501234567"
UNOPTIMIZED = {
    "CARGO_PROFILE_RELEASE_LTO": "off",
    "CARGO_PROFILE_RELEASE_OPT_LEVEL": "0",
    "CARGO_PROFILE_RELEASE_CODEGEN_UNITS": "16",
}
"""With this in its environment cargo is done soon, where only the building itself is tested."""

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
VARIABLES = {*PROXIES, *map(str.lower, PROXIES), "SSL_CERT_FILE", "SSL_CERT_DIR"}
"""All that the library reads, as the header lists them. The tester's own are not what is tested."""


class MissingToolError(Exception):
    """A test needs what this machine does not have."""


def need(program: str, package: str) -> str:
    """The path of a program; the package is Debian's."""
    path = shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    if path is None:
        raise MissingToolError(f"no {program} (apt-get install {package})")
    return path


def without_variables(**settings: str) -> dict[str, str]:
    """The environment without the variables that the library reads, and with these settings."""
    return {name: value for name, value in os.environ.items() if name not in VARIABLES} | settings


def run(
    *command: str | Path,
    cwd: Path | None = None,
    env: Mapping[str, str | None] | None = None,
    stdin: str = "",
    status: int = 0,
    timeout: float = 300,
) -> str:
    """What a command prints, on both streams, which must end with a status.

    `env` is added to the environment; what is None there is taken away.
    """
    environment: dict[str, str | None] = {**os.environ, **(env or {})}
    done = subprocess.run(
        command,
        cwd=cwd,
        env={name: value for name, value in environment.items() if value is not None},
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
        check=False,
    )
    line = " ".join(map(str, command))
    assert done.returncode == status, f"$ {line}\n{done.stdout}status {done.returncode}"
    return done.stdout
