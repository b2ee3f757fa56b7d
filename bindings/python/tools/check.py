"""Build the package and test it as users get it: installed, in fresh environments, without the source on the path.

    python bindings/python/tools/check.py [--command PROGRAM] [pytest arguments]

PROGRAM is the built command `verifysms`, to compare with. When pip cannot reach its registry the rest is skipped with
a word about it, but fails when the environment variable CI is `true`.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from build import PACKAGE, ROOT, STUBS, WHEELS, build, nowhere, stubs
from environments import download, fresh, outcome, pip, run

ENVIRONMENTS = ROOT / "target" / "python-environments"
TESTS = PACKAGE / "tests"
ALONE = PACKAGE / "tools" / "alone.py"


def check(elsewhere: Path, command: Path | None, for_pytest: list[str]) -> None:
    """Install and test. `elsewhere` is a folder without anything of ours in it."""
    wheel, sdist = build()
    alone = fresh(ENVIRONMENTS / "wheel")
    pip(alone, "--no-index", wheel)
    run(alone, "-I", ALONE, cwd=elsewhere)

    python = fresh(ENVIRONMENTS / "tests")
    download(python, TESTS / "requirements.txt")
    pip(python, "--no-index", wheel)
    settings = {"VERIFYSMS_TEST_WHEELS": str(WHEELS)}
    if command is not None:
        settings["VERIFYSMS_TEST_COMMAND"] = str(command.resolve())
    run(python, "-m", "pytest", TESTS, "-p", "no:cacheprovider", *for_pytest, cwd=elsewhere, **settings)
    lint(python.parent, elsewhere)

    print("$ the stubs that are checked in are those that the source makes", flush=True)
    if STUBS.read_text() != stubs():
        sys.exit(f"{STUBS.name} is not what the source says; `make python-stubs` makes it anew")

    from_source = fresh(ENVIRONMENTS / "sdist")
    # The same folder and the same settings spare the dependencies' second build.
    pip(from_source, "--no-binary", "verifysms", sdist, CARGO_TARGET_DIR=str(ROOT / "target"), **nowhere())
    run(from_source, "-I", ALONE, cwd=elsewhere)


def lint(tools: Path, elsewhere: Path) -> None:
    """Check the types as users see them, and the style."""
    mypy = (tools / "mypy", "--config-file", PACKAGE / "pyproject.toml", "--no-incremental")
    run(*mypy, "--package", "verifysms", cwd=elsewhere)
    run(*mypy, TESTS / "typing_cases.py", cwd=elsewhere)
    run(*mypy, PACKAGE / "tools", PACKAGE / "bench", cwd=elsewhere)
    run(tools / "python", "-m", "mypy.stubtest", "verifysms", cwd=elsewhere)
    on_path = {"PATH": f"{tools}:{os.environ['PATH']}", "VIRTUAL_ENV": str(tools.parent)}
    run(tools / "pyright", TESTS / "typing_cases.py", cwd=elsewhere, **on_path)
    run(tools / "pyright", "--verifytypes", "verifysms", "--ignoreexternal", cwd=elsewhere, **on_path)
    run(tools / "ruff", "check", "--no-cache", PACKAGE, cwd=elsewhere)
    run(tools / "ruff", "format", "--no-cache", "--check", PACKAGE, cwd=elsewhere)


def main() -> None:
    """Test with what the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--command", type=Path)
    arguments, for_pytest = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as elsewhere:
        check(Path(elsewhere), arguments.command, for_pytest)


if __name__ == "__main__":
    sys.exit(outcome(main, "tests of the Python package"))
