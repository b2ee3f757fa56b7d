"""Show the main job: the C program sends a code and checks it, against a sandbox.

    python3 tests/demo.py COMMAND PROGRAM

COMMAND is the built command `verifysms`, PROGRAM the built bindings/c/demo.c. This script plays the
person with the phone, and then somebody who guesses. The exit status is 0 only if the right code was
verified and no other, and the sixth guess of the second sign-up was refused.
"""

from __future__ import annotations

import os
import subprocess
import sys

from harness.sandbox import Sandbox, sandbox
from harness.tools import NUMBER

WRITTEN = "+972 (0)50-123-4567"


def wrong_code(code: str) -> str:
    """Another code than this one."""
    return "000000" if code != "000000" else "111111"


def guess(program: str, environment: dict[str, str], running: Sandbox) -> bool:
    """Guess in a second sign-up. Whether the sixth guess is refused, though it is right."""
    pipe = subprocess.PIPE
    with subprocess.Popen([program, WRITTEN], env=environment, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdout.readline()
        code = running.newest(NUMBER).code
        answers = []
        for typed in [wrong_code(code)] * 5 + [code]:
            print(typed, file=process.stdin, flush=True)
            answers.append(process.stdout.readline().removeprefix("Code: ").rstrip())
    print(f"  Code: {wrong_code(code)}   (in another sign-up, five guesses)")
    print(f"  Code: {code}   (the sixth guess, and the right code)\n    {answers[-1]}")
    wrong = [answer.startswith("Not verified") for answer in answers[:-1]]
    return all(wrong) and answers[-1].startswith("Refused") and process.returncode != 0


def main() -> int:
    """Run the program and type codes."""
    command, program = sys.argv[1:]
    with sandbox(command) as running:
        print(f"A sandbox plays the service at {running.url}")
        print(f"$ demo '{WRITTEN}'")
        environment = os.environ | {"VERIFYSMS_URL": running.url, "VERIFYSMS_API_KEY": "sandbox-key"}
        process = subprocess.Popen(
            [program, WRITTEN], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert process.stdin is not None and process.stdout is not None
        sent = process.stdout.readline()
        print(f"  {sent}", end="")
        if not sent.startswith("Sent"):
            return 1

        message = running.newest(NUMBER)
        print(f"  [the phone {message.to} shows, from {message.sender}: {message.text}]")
        wrong = wrong_code(message.code)
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
        is_refused = guess(program, environment, running)
    if process.returncode != 0 or rest or answers != [False, True] or not is_refused:
        print("The demonstration went wrong.")
        return 1
    print("One verified, the rest refused. No SMS was sent, no account was needed.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
