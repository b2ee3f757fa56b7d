"""The README's C and Rust programs, as they stand there, verify a number.

The second C program is the tutorial's, whose promises are played through as well.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.namespaces import scratch
from harness.sandbox import Sandbox, sandbox
from harness.tools import NUMBER, ROOT, MissingToolError, run


@pytest.fixture(scope="module")
def readers_sandbox(command: Path) -> Iterator[Sandbox]:
    """The sandbox that the README has its reader start."""
    with sandbox(command) as started:
        yield started


@pytest.fixture(scope="module")
def environment(readers_sandbox: Sandbox) -> dict[str, str]:
    """What its programs are told."""
    settings = {"VERIFYSMS_URL": readers_sandbox.url, "VERIFYSMS_API_KEY": "sandbox-key"}
    return os.environ | settings


def block(language: str, index: int = 0) -> str:
    """One of the blocks of code in a language."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.findall(rf"^```{language}\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    assert len(found) > index, f"the README has only {len(found)} programs in {language}"
    return str(found[index])


def build_c(folder: Path, libraries: Path, index: int, changed: tuple[str, str] = ("", "")) -> Path:
    """Compile a C program the way that the README says, with another text in place of one."""
    source, program = folder / "program.c", folder / "program"
    assert changed[0] in block("c", index)
    source.write_text(block("c", index).replace(*changed, 1), encoding="utf-8")
    compiler = [*os.environ.get("CC", "cc").split(), "-Wall", "-Wextra", "-Werror"]
    library = (f"-L{libraries}", "-lverifysms", f"-Wl,-rpath,{libraries}")
    run(*compiler, source, f"-I{ROOT / 'include'}", *library, "-o", program)
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
    run(os.environ.get("CARGO", "cargo"), "build", "--quiet", "--target-dir", target, cwd=folder)
    return target / "debug" / "program"


def test_the_c_program(
    tmp_path: Path, library: Path, readers_sandbox: Sandbox, environment: dict[str, str]
) -> None:
    """It sends with one run and checks with others."""
    program, running = build_c(tmp_path, library.parent, 0), readers_sandbox

    def status(*arguments: str) -> int:
        return subprocess.run([program, *arguments], env=environment, check=False).returncode

    assert status("send", NUMBER) == 0, "it sends"
    sent = running.messages(NUMBER)
    assert status("check", NUMBER) == status(NUMBER, sent[0].code) == 1, "neither is a check"
    assert running.messages(NUMBER) == sent, "nor a send"
    assert status("check", NUMBER, sent[0].code) == 0, "the right code is verified"
    assert status("check", NUMBER, sent[0].code) == 2, "the same one again is not"


@pytest.mark.parametrize("case", json.loads((ROOT / "tests/cases/tutorial.json").read_text()))
def test_the_tutorial(
    tmp_path: Path, library: Path, readers_sandbox: Sandbox, environment: dict[str, str], case: dict[str, Any]
) -> None:
    """Its program ends as it says, whatever is typed and whatever fails."""
    program, running = build_c(tmp_path, library.parent, 1), readers_sandbox
    if case["failure"] is not None:
        running.fail(case["failure"])
    process = subprocess.Popen(
        [program],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdin is not None and process.stdout is not None
    print(NUMBER, file=process.stdin, flush=True)
    printed = ""
    for question, word in enumerate(case["typed"], 1):
        while printed.count("code you got?") < question:
            printed += process.stdout.read(1)
        code = running.newest(NUMBER).code
        if word == "expired":
            running.control("advance", {"seconds": 600})
        print({"wrong": "none", "enter": ""}.get(word, code), file=process.stdin, flush=True)
    rest, _ = process.communicate(timeout=30)
    assert process.returncode == case["status"], f"{case}: status {process.returncode}\n{printed + rest}"
    assert case["said"] in printed + rest, f"{case}: {printed + rest}"


def test_the_guarded_program(
    tmp_path: Path, library: Path, readers_sandbox: Sandbox, environment: dict[str, str]
) -> None:
    """A second run finds what the first one has counted, and says how long to wait."""
    program = build_c(tmp_path, library.parent, 2, ("file:/run/acme/guard", f"file:{tmp_path}/guard"))
    arguments = [str(program), NUMBER, "203.0.113.7"]
    for status, said in ((0, "may be sent in 30 seconds"), (12, "Please wait for")):
        process = subprocess.run(
            arguments, env=environment, stdout=subprocess.PIPE, text=True, timeout=30, check=False
        )
        assert process.returncode == status and said in process.stdout, process.stdout
    assert len(readers_sandbox.messages(NUMBER)) > 0


def test_the_rust_program(tmp_path: Path, readers_sandbox: Sandbox, environment: dict[str, str]) -> None:
    """It sends, then reads the code."""
    program = build_rust(tmp_path)
    process = subprocess.Popen(
        [program], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "Which code came?\n", "it sends"
    output, _ = process.communicate(readers_sandbox.newest(NUMBER).code + "\n", timeout=30)
    assert output == "verified\n", output


def test_the_installation(tmp_path: Path, readers_sandbox: Sandbox, environment: dict[str, str]) -> None:
    """The lines under "Install" are enough for programs that run at once, as they stand there."""
    if os.geteuid() != 0:
        raise MissingToolError("`make install` takes root")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (section,) = re.findall(r"^## Install\n(.*?)^## ", readme, re.MULTILINE | re.DOTALL)
    _, lines = re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    assert lines.count("\ncc ") == 2, lines
    # Each program is run as soon as it is built; where there is no sudo this user is its root.
    script = re.sub(r"^(cc .*)$", rf"\1\n./program send {NUMBER}", lines, flags=re.MULTILINE)
    shim = tmp_path / "bin"
    shim.mkdir()
    (shim / "sudo").write_text('#!/bin/sh\nexec "$@"\n')
    (shim / "sudo").chmod(0o755)
    ours = ("MAKE", "MFLAGS", "LD_LIBRARY", "PKG_CONFIG", "DESTDIR", "PREFIX")
    env: dict[str, str | None] = {**environment, "PATH": f"{shim}:{os.environ['PATH']}"}
    env |= {name: None for name in os.environ if name.startswith(ours)}
    (tmp_path / "scratch").mkdir()
    inside = scratch(tmp_path / "scratch", "/usr/local", "/etc", "/var/cache", str(ROOT))
    before = len(readers_sandbox.messages(NUMBER))
    begin = f'cd "{ROOT}"\ncat > program.c'
    run(*inside, "sh", "-ec", f"{begin}\n{script}", stdin=block("c"), env=env, timeout=900)
    assert len(readers_sandbox.messages(NUMBER)) == before + 2
    assert not (ROOT / "program.c").exists()


@pytest.mark.parametrize("folder", ["c", "cpp"])
def test_the_pages_of_c(
    tmp_path: Path, library: Path, readers_sandbox: Sandbox, environment: dict[str, str], folder: str
) -> None:
    """They name every program; their lines for the source tree build one, which the last line runs."""
    source = tmp_path / "bindings" / folder
    shutil.copytree(ROOT / "bindings" / folder, source)
    shutil.copytree(ROOT / "include", tmp_path / "include")
    (tmp_path / "target").mkdir()
    (tmp_path / "target/release").symlink_to(library.parent)
    page = (source / "README.md").read_text(encoding="utf-8")
    for path in source.glob(f"*.{folder}"):
        assert f"| [{path.name}]({path.name}) |" in page, f"the page does not name {path.name}"
    building, running = (
        script
        for script in re.findall(r"^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
        if "pkg-config" not in script
    )
    run("sh", "-ec", building, cwd=source)
    running = running.replace("http://127.0.0.1:8025/sms/verifySMS", readers_sandbox.url)
    # Nobody types a code for the demonstration.
    done = subprocess.run(
        ["sh", "-c", running], cwd=source, env=environment, input="", text=True, check=False
    )
    assert done.returncode == (1 if folder == "c" else 0)
    assert readers_sandbox.newest(NUMBER).sender == "Acme"


def test_the_ci_job(tmp_path: Path, command: Path) -> None:
    """It starts the sandbox, uses it and stops it, and ends if the sandbox does not start."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (job,) = re.findall(r"^```sh\n(set -e\n.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    assert "make check" in job, job
    job = job.replace("make check", f"verifysms send {NUMBER} --sender Acme --proxy ''")
    environment = os.environ | {"PATH": f"{command.resolve().parent}:{os.environ['PATH']}"}

    def status(job: str) -> int:
        run = subprocess.run(["sh", "-c", job], cwd=tmp_path, env=environment, timeout=60, check=False)
        return run.returncode

    assert status(job) == 0
    assert "1 send *******567: sent" in (tmp_path / "sandbox.log").read_text(encoding="utf-8")
    assert status(job.replace("--port 0", "--port 0 --ca-file ca.pem")) != 0, "it did not start"
