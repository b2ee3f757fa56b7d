"""The programs for cargo that the deep checks need, of the versions that they were written for."""

from __future__ import annotations

import shutil
import subprocess

from harness.tools import MissingToolError


def need(name: str, version: str) -> str:
    """The program, if this version of it can be found."""
    program = shutil.which(name)
    if program is not None:
        # As cargo calls it, by its own name once more.
        asked = [program, name.removeprefix("cargo-"), "--version"]
        done = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False)
        if version in done.stdout:
            return program
    raise MissingToolError(f"no {name} {version} (cargo install --locked {name}@{version})")
