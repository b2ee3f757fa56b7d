"""Virtual environments for building and testing, and programs run in them. Knows nothing of the package."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path


class MissingError(Exception):
    """Something of this machine is not there: pip, or the way to the registry."""


def run(*command: str | Path, cwd: Path, **environment: str) -> None:
    """Run a program that must succeed. No setting of the Python that runs this one is passed on."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    print("$", *command, flush=True)
    subprocess.run([str(part) for part in command], cwd=cwd, env={**inherited, **environment}, check=True)


def fresh(folder: Path) -> Path:
    """Make an empty environment, and give its interpreter."""
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=False)
    return folder / "bin" / "python"


def pip(python: Path, *what: str | Path, **environment: str) -> None:
    """Install with this Python's pip into an environment."""
    command = (sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check", "install", "--quiet")
    run(*command, *what, cwd=python.parent, **environment)


def download(python: Path, requirements: Path) -> None:
    """Install what only the registry has."""
    try:
        pip(python, "--requirement", requirements)
    except subprocess.CalledProcessError as error:
        raise MissingError(f"pip could not install what {requirements} names") from error


def kept(folder: Path, requirements: Path) -> Path:
    """Give the folder of programs of an environment that is made only when its requirements have changed."""
    wanted, noted = requirements.read_text(), folder / requirements.name
    if not noted.exists() or noted.read_text() != wanted:
        download(fresh(folder), requirements)
        noted.write_text(wanted)
    return folder / "bin"


def outcome(work: Callable[[], None], what: str) -> int:
    """Run the main part of a program of tests, and give the program's exit status."""
    try:
        work()
    except MissingError as missing:
        print(f"SKIPPED: {what}: {missing}", file=sys.stderr)
        return 1 if os.environ.get("CI") == "true" else 0
    except subprocess.CalledProcessError as failed:
        print(f"FAILED: {what}: {failed}", file=sys.stderr)
        return 1
    return 0
