"""Show the main job: the C program sends a code and checks it, against a sandbox.

    python3 tests/demo.py COMMAND PROGRAM

COMMAND is the built command `verifysms`, PROGRAM the built bindings/c/demo.c. This script plays the
person with the phone. The exit status is 0 only if the right code was verified and no other.
"""

from __future__ import annotations

import os
import subprocess
import sys

from harness.sandbox import sandbox
from harness.tools import NUMBER

WRITTEN = "+972 (0)50-123-4567"


def main() -> int:
    """Run the program and type codes."""
    command, program = sys.argv[1:]
    with sandbox(command) as running:
        print(f"A sandbox plays the service at {running.url}")
        print(f"$ demo '{WRITTEN}'")
        process = subprocess.Popen(
            [program, WRITTEN],
            env=os.environ | {"VERIFYSMS_URL": running.url, "VERIFYSMS_API_KEY": "sandbox-key"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdin is not None and process.stdout is not None
        sent = process.stdout.readline()
        print(f"  {sent}", end="")
        if not sent.startswith("Sent"):
            return 1

        message = running.newest(NUMBER)
        print(f"  [the phone {message.to} shows, from {message.sender}: {message.text}]")
        wrong = "000000" if message.code != "000000" else "111111"
        answers = []
        for typed, why in ((wrong, "a wrong code"), (message.code, "the right one")):
            print(typed, file=process.stdin, flush=True)
            answer = process.stdout.readline().removeprefix("Code: ").rstrip()
            print(f"  Code: {typed}   ({why})\n    {answer}")
            answers.append(answer.startswith("Verified"))
        # It asks no more: its input is still open.
        rest = process.stdout.read()
        process.stdin.close()
        process.wait()
    if process.returncode != 0 or rest or answers != [False, True]:
        print("The demonstration went wrong.")
        return 1
    print("One refused, one verified. No SMS was sent, no account was needed.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
