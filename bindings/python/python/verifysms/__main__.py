"""The command line: `python -m verifysms` is the program `verifysms`."""

from __future__ import annotations

import signal
import sys

from verifysms._verifysms import command


def main() -> int:
    """Run the command with this process's arguments, and give its exit status."""
    # Python's own handler would wait for the interpreter, which does not come before the command ends.
    # A signal that was ignored at the start, as under nohup, has no handler and stays ignored.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    return command(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
