"""Run pytest, with what requirements.txt names, in an environment of its own in target/.

    python3 tests/run.py [argument of pytest ...]

Where pip cannot reach its registry this says so, and fails with CI in the environment.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "bindings/python/tools"))

from environments import cached_environment, exit_status  # noqa: E402


def main() -> None:
    """Make the environment if it is not there, and become pytest."""
    programs = cached_environment(
        ROOT / "target/tests-environment", Path(__file__).with_name("requirements.txt")
    )
    python = str(programs / "python")
    os.execv(python, [python, "-m", "pytest", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(exit_status(main, "tests that Python drives"))
