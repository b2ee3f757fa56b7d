"""Run the program that calls every function of the header, against a sandbox.

    python3 tests/run_abi.py COMMAND PROGRAM

COMMAND is the built command `verifysms`, PROGRAM the built tests/abi/abi.c. Nothing but Python is needed.
"""

from __future__ import annotations

import sys

from harness.sandbox import run_against, sandbox


def main() -> int:
    """Run it; a failure ends this."""
    command, program = sys.argv[1:]
    with sandbox(command) as running:
        print(run_against(running, program), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
