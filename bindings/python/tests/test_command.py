"""`python -m verifysms` and the installed `verifysms` are the command line of the library."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import TO

import verifysms
from verifysms.testing import Sandbox

MODULE = [sys.executable, "-m", "verifysms"]
SCRIPT = [str(Path(sys.executable).parent / "verifysms")]


def run(command: list[str], *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*command, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], **environment},
    )


@pytest.mark.parametrize("command", [MODULE, SCRIPT])
def test_it_sends_and_checks(command: list[str], sandbox: Sandbox):
    environment = {"VERIFYSMS_URL": sandbox.url, "VERIFYSMS_API_KEY": sandbox.api_key}
    sent = run(command, "send", "050-123-4567", "--sender", "Acme", **environment)
    assert (sent.returncode, sent.stderr) == (0, "")
    assert TO in sent.stdout
    wrong = run(command, "check", TO, "no code", "--json", **environment)
    assert wrong.returncode == 2
    assert json.loads(wrong.stdout)["name"] == "NOT_VERIFIED"
    right = run(command, "check", TO, sandbox.code(TO), **environment)
    assert (right.returncode, right.stdout) == (0, "verified\n")


def test_it_counts_where_a_client_does(sandbox: Sandbox, tmp_path: Path):
    store = f"file:{tmp_path / 'guard'}"
    environment = {"VERIFYSMS_URL": sandbox.url, "VERIFYSMS_API_KEY": sandbox.api_key, "VERIFYSMS_GUARD": store}
    client = verifysms.Client(sandbox.api_key, sender="Acme", url=sandbox.url, guard=store)
    client.send(TO, end_user="203.0.113.7")
    refused = run(MODULE, "send", TO, "--sender", "Acme", "--json", **environment)
    assert refused.returncode == verifysms.ErrorCode.LIMITED
    assert json.loads(refused.stdout)["limit"] == "COOLDOWN"
    for _ in range(5):
        assert run(MODULE, "check", TO, "no code", "--end-user", "198.51.100.1", **environment).returncode == 2
    assert run(MODULE, "check", TO, "1", "--end-user", "198.51.100.1", **environment).returncode == 12
    assert client.check(TO, "no code", end_user="203.0.113.7").tries_left == 4
    shown = run(MODULE, "guard", "show", TO, **environment)
    assert (shown.returncode, shown.stdout.splitlines()) == (0, client.guard_show(TO))
    assert run(MODULE, "guard", "forget", TO, **environment).stdout == "forgotten\n"
    assert client.send(TO).to == TO
    down = run(MODULE, "guard", "show", TO, **environment | {"VERIFYSMS_GUARD": f"file:{tmp_path}/none/guard"})
    assert down.returncode == verifysms.ErrorCode.GUARD_DOWN


@pytest.mark.parametrize("command", [MODULE, SCRIPT])
def test_its_statuses_and_its_help_are_those_of_the_program(command: list[str]):
    assert run(command, "--version").stdout == f"verifysms {verifysms.__version__}\n"
    told = run(command, "--help")
    assert told.returncode == 0
    assert "Usage: verifysms <COMMAND>" in told.stdout
    refused = run(command, "send", TO)
    assert refused.returncode == 1
    assert re.fullmatch("verifysms: api_key: .*\n", refused.stderr)
    assert run(command).returncode == 1
    assert run(command, "send", TO, "--no-such").returncode == 1


def test_it_is_the_same_as_the_program():
    program = os.environ.get("VERIFYSMS_TEST_COMMAND")
    if program is None:
        pytest.skip("VERIFYSMS_TEST_COMMAND does not name the built program")
    for arguments in (
        ["--help"],
        ["send", "--help"],
        ["check", "--help"],
        ["guard", "--help"],
        ["sandbox", "--help"],
        ["--version"],
        ["x"],
    ):
        ours, its = run(MODULE, *arguments), run([program], *arguments)
        assert (ours.returncode, ours.stdout, ours.stderr) == (its.returncode, its.stdout, its.stderr)


@pytest.mark.parametrize("options", [[], ["--tls"]])
def test_its_sandbox_ends_with_ctrl_c(options: list[str]):
    command = [*MODULE, "sandbox", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        listening = process.stdout.readline()
        assert "://127.0.0.1:" in listening
        authority = re.search(r"CA file: (\S+)\)", listening)
        assert (authority is not None) is ("--tls" in options)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == -signal.SIGINT
        assert authority is None or not Path(authority[1]).parent.exists()


def test_an_argument_that_is_no_text_is_no_crash():
    told = subprocess.run([*MODULE, b"\xff\xfe"], capture_output=True, timeout=60)
    assert told.returncode == 1
    assert told.stderr.startswith(b"verifysms: ")


def test_ctrl_c_ends_a_call_with_status_10():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        environment = {"PATH": os.environ["PATH"], "VERIFYSMS_URL": url, "VERIFYSMS_API_KEY": "k"}
        command = [*MODULE, "check", TO, "123456", "--json"]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            connection, _ = listener.accept()
            with connection:
                assert connection.recv(1)
                process.send_signal(signal.SIGINT)
                told, _ = process.communicate(timeout=30)
        assert process.returncode == 10
        assert json.loads(told)["name"] == "CANCELLED"


def test_what_was_ignored_at_the_start_stays_ignored():
    ignoring = ["sh", "-c", 'trap \'\' INT; exec "$0" "$@"', *MODULE, "sandbox", "--port", "0"]
    with subprocess.Popen(ignoring, stdout=subprocess.PIPE, text=True) as process:
        assert "://127.0.0.1:" in process.stdout.readline()
        status = Path(f"/proc/{process.pid}/status").read_text()
        ignored = int(re.search(r"SigIgn:\s*(\w+)", status)[1], 16)
        process.terminate()
    assert ignored & 1 << signal.SIGINT - 1
