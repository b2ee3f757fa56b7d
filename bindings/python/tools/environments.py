"""Virtual environments for building and testing. Knows nothing of the package."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path


class MissingError(Exception):
    """Something that this machine lacks: pip, or access to the registry."""


def run(*command: str | Path, cwd: Path, **environment: str) -> None:
    """Run a program that must succeed. It does not inherit the settings of this Python."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    print("$", *command, flush=True)
    subprocess.run([str(part) for part in command], cwd=cwd, env={**inherited, **environment}, check=True)


def new_environment(folder: Path, interpreter: str | Path = sys.executable) -> Path:
    """Make an empty environment, and return its interpreter."""
    shutil.rmtree(folder, ignore_errors=True)
    run(interpreter, "-m", "venv", "--without-pip", folder, cwd=Path.cwd())
    return folder / "bin" / "python"


def pip(python: Path, *what: str | Path, **environment: str) -> None:
    """Install into an environment, with the pip of this Python."""
    command = (sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check", "install", "--quiet")
    run(*command, *what, cwd=python.parent, **environment)


def download(python: Path, requirements: Path) -> None:
    """Install packages from the registry."""
    try:
        pip(python, "--requirement", requirements)
    except subprocess.CalledProcessError as error:
        raise MissingError(f"pip could not install what {requirements} names") from error


def cached_environment(folder: Path, requirements: Path) -> Path:
    """Return the `bin` of an environment that is made anew only when its requirements have changed."""
    wanted, installed = requirements.read_text(), folder / requirements.name
    if not installed.exists() or installed.read_text() != wanted:
        download(new_environment(folder), requirements)
        installed.write_text(wanted)
    return folder / "bin"


def exit_status(work: Callable[[], None], what: str) -> int:
    """Run the tests, and return the exit status of the program."""
    try:
        work()
    except MissingError as missing:
        print(f"SKIPPED: {what}: {missing}", file=sys.stderr)
        return 1 if os.environ.get("CI") else 0
    except subprocess.CalledProcessError as failed:
        print(f"FAILED: {what}: {failed}", file=sys.stderr)
        return 1
    return 0
