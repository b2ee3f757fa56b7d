"""Build the README's C and Rust programs as they stand there, and verify a number with each.

The second C program is the tutorial's, whose promises are played through as well.

    python3 tests/readme.py COMMAND LIBRARIES

COMMAND is the built command `verifysms`, LIBRARIES the folder of the built libverifysms.so.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from sandboxed import Sandbox, sandbox

ROOT = Path(__file__).resolve().parent.parent
NUMBER = "0501234567"


def block(language: str, index: int = 0) -> str:
    """One of the blocks of code in a language."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.findall(rf"^```{language}\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    assert len(found) > index, f"the README has only {len(found)} programs in {language}"
    return str(found[index])


def build_c(folder: Path, libraries: str, index: int) -> Path:
    """Compile a C program the way that the README says."""
    source, program = folder / f"program{index}.c", folder / f"program{index}"
    source.write_text(block("c", index), encoding="utf-8")
    subprocess.run(
        [
            *os.environ.get("CC", "cc").split(),
            "-Wall",
            "-Wextra",
            "-Werror",
            source,
            f"-I{ROOT / 'include'}",
            f"-L{libraries}",
            "-lverifysms",
            f"-Wl,-rpath,{Path(libraries).resolve()}",
            "-o",
            program,
        ],
        check=True,
    )
    return program


def build_rust(folder: Path) -> Path:
    """Compile the Rust program as a package that depends on this one."""
    (folder / "src").mkdir()
    (folder / "src/main.rs").write_text(block("rust"), encoding="utf-8")
    (folder / "Cargo.toml").write_text(
        '[package]\nname = "program"\nedition = "2024"\n[workspace]\n'
        f'[dependencies]\nverifysms = {{ path = "{ROOT}" }}\n',
        encoding="utf-8",
    )
    # The versions that were tested, not newer ones.
    (folder / "Cargo.lock").write_bytes((ROOT / "Cargo.lock").read_bytes())
    target = ROOT / "target" / "readme"
    subprocess.run(
        [os.environ.get("CARGO", "cargo"), "build", "--quiet", "--target-dir", target],
        cwd=folder,
        check=True,
    )
    return target / "debug" / "program"


def verify_c(program: Path, running: Sandbox, environment: dict[str, str]) -> None:
    """The C program sends with one run and checks with others."""

    def run(*arguments: str) -> int:
        return subprocess.run([program, *arguments], env=environment, check=False).returncode

    assert run("send", NUMBER) == 0, "it sends"
    sent = running.messages(NUMBER)
    assert run("check", NUMBER) == run(NUMBER, sent[0].code) == 1, "neither is a check"
    assert running.messages(NUMBER) == sent, "nor a send"
    assert run("check", NUMBER, sent[0].code) == 0, "the right code is verified"
    assert run("check", NUMBER, sent[0].code) == 2, "the same one again is not"


def verify_tutorial(program: Path, running: Sandbox, environment: dict[str, str]) -> None:
    """The tutorial's program ends as the tutorial says, whatever is typed and whatever fails."""
    for failure, typed, status, said in (
        (None, ["right"], 0, "Welcome!"),
        (None, ["wrong", "right"], 0, "Welcome!"),
        (None, ["wrong", "wrong", "wrong"], 1, "Start again."),
        (None, ["expired", "wrong", "wrong"], 1, "Start again."),
        ("lose_answer", ["right"], 0, "Welcome!"),
        ({"reason": 6}, [], 1, "wrong API key"),
    ):
        if failure is not None:
            running.fail(failure)
        process = subprocess.Popen(
            [program], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert process.stdin is not None and process.stdout is not None
        print(NUMBER, file=process.stdin, flush=True)
        printed = ""
        for word in typed:
            while "code you got?" not in printed:
                printed += process.stdout.read(1)
            code = running.newest(NUMBER).code
            if word == "expired":
                running.control("advance", {"seconds": 600})
            print("none" if word == "wrong" else code, file=process.stdin, flush=True)
            printed = ""
        rest, _ = process.communicate(timeout=30)
        assert process.returncode == status, f"{typed}: status {process.returncode}\n{rest}"
        assert said in rest, f"{typed}: {rest}"


def verify_rust(program: Path, running: Sandbox, environment: dict[str, str]) -> None:
    """The Rust program sends, then reads the code."""
    process = subprocess.Popen(
        [program], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "Which code came?\n", "it sends"
    output, _ = process.communicate(running.newest(NUMBER).code + "\n", timeout=30)
    assert output == "verified\n", output


def verify_ci(folder: Path, command: str) -> None:
    """A CI job starts the sandbox, uses it and stops it, and ends if it does not start."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (job,) = re.findall(
        r"^```sh\n(set -e\n.*?sandbox\.log.*?)^```$", readme, re.MULTILINE | re.DOTALL
    )
    assert "make check" in job, job
    job = job.replace("make check", f"verifysms send {NUMBER} --sender Acme --proxy ''")
    commands = f"{Path(command).resolve().parent}:{os.environ['PATH']}"

    def status(job: str) -> int:
        environment = os.environ | {"PATH": commands}
        run = subprocess.run(
            ["sh", "-c", job], cwd=folder, env=environment, timeout=60, check=False
        )
        return run.returncode

    assert status(job) == 0
    assert "1 send *******567: sent" in (folder / "sandbox.log").read_text(encoding="utf-8")
    assert status(job.replace("--port 0", "--port 0 --ca-file ca.pem")) != 0, "it did not start"


def main() -> int:
    """Build and verify."""
    command, libraries = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder, sandbox(command) as running:
        environment = os.environ | {
            "VERIFYSMS_URL": running.url,
            "VERIFYSMS_API_KEY": "sandbox-key",
        }
        verify_c(build_c(Path(folder), libraries, 0), running, environment)
        verify_tutorial(build_c(Path(folder), libraries, 1), running, environment)
        verify_rust(build_rust(Path(folder)), running, environment)
        verify_ci(Path(folder), command)
    print("4 passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
