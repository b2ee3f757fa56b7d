"""Build the package and test it as users get it: installed in a new environment, without the source on the path.

    python bindings/python/tools/check.py [--command PROGRAM] [pytest arguments]

PROGRAM is the built command `verifysms`, to compare with. When pip cannot reach its registry, the tests are skipped
with a message; with CI in the environment they fail.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from build import PACKAGE, ROOT, STUBS, WHEELS, build, stubs, without_local_paths
from environments import download, exit_status, new_environment, pip, run

ENVIRONMENTS = ROOT / "target" / "python-environments"
TESTS = PACKAGE / "tests"
ALONE = PACKAGE / "tools" / "alone.py"
DISTRIBUTION = Path("/usr/bin/python3")
"""The interpreter that comes with the system, whose last digit is often years behind."""
VALUES = [TESTS / f"test_{name}.py" for name in ("any_input", "errors", "phone", "results")]
"""The tests of what depends on the interpreter most: enums, pickles, copies."""


def check(elsewhere: Path, command: Path | None, for_pytest: list[str]) -> None:
    """Install and test. `elsewhere` is an empty folder to run in."""
    wheel, sdist = build()
    alone = new_environment(ENVIRONMENTS / "wheel")
    pip(alone, "--no-index", wheel)
    run(alone, "-I", ALONE, cwd=elsewhere)

    python = new_environment(ENVIRONMENTS / "tests")
    download(python, TESTS / "requirements.txt")
    pip(python, "--no-index", wheel)
    settings = {"VERIFYSMS_TEST_WHEELS": str(WHEELS)}
    if command is not None:
        settings["VERIFYSMS_TEST_COMMAND"] = str(command.resolve())
    run(python, "-m", "pytest", TESTS, "-p", "no:cacheprovider", *for_pytest, cwd=elsewhere, **settings)
    lint(python.parent, elsewhere)
    if is_other(DISTRIBUTION):
        other = new_environment(ENVIRONMENTS / "distribution", DISTRIBUTION)
        download(other, TESTS / "requirements.txt")
        pip(other, "--no-index", wheel)
        run(other, "-m", "pytest", *VALUES, "-p", "no:cacheprovider", cwd=elsewhere)

    print("$ compare the committed stubs with the source", flush=True)
    if STUBS.read_text() != stubs():
        sys.exit(f"{STUBS.name} differs from the source; `make python-stubs` generates it")

    from_source = new_environment(ENVIRONMENTS / "sdist")
    # With the same folder and settings the dependencies are not built again.
    pip(from_source, "--no-binary", "verifysms", sdist, CARGO_TARGET_DIR=str(ROOT / "target"), **without_local_paths())
    run(from_source, "-I", ALONE, cwd=elsewhere)


def is_other(interpreter: Path) -> bool:
    """Whether it is there, of another version than this one, and one that the package is for."""
    if not interpreter.exists():
        return False
    print_version = (interpreter, "-c", "import sys; print(*sys.version_info[:3])")
    printed = subprocess.run(print_version, check=True, stdout=subprocess.PIPE, text=True).stdout
    version = tuple(map(int, printed.split()))
    return version >= (3, 10) and version != sys.version_info[:3]


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
    sys.exit(exit_status(main, "tests of the Python package"))
