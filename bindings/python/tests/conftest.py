"""What the tests share. They run against the installed package; its source is not on the path."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sandboxes import SilentSandbox
from servers import SENT, RecordingServer, Request, http, verified

from verifysms import Client
from verifysms.testing import Sandbox

TO = "0501234567"
HERE = Path(__file__).resolve().parent

# No test reaches beyond this machine, and no proxy of its user comes between.
PROXIES = {"http_proxy", "https_proxy", "all_proxy", "no_proxy"}
SETTINGS = {"VERIFYSMS_API_KEY", "VERIFYSMS_GUARD", "VERIFYSMS_GUARD_SECRET", "VERIFYSMS_SENDER", "VERIFYSMS_URL"}
for name in list(os.environ):
    if name.lower() in PROXIES or name in SETTINGS:
        del os.environ[name]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Client]:
    with sandbox.client() as made:
        yield made


@pytest.fixture
def silent_sandbox() -> Iterator[SilentSandbox]:
    with Sandbox() as running:
        yield SilentSandbox(running)


@pytest.fixture
def recording_server() -> Iterator[RecordingServer]:
    """A server that accepts every send and verifies every check."""

    ids = itertools.count(63433453)

    def answer(request: Request) -> bytes:
        if "code" in request.fields:
            return http(verified(request.fields["to"]))
        return http(SENT.replace(b"63433453", b"%d" % next(ids)))

    with RecordingServer(answer) as server:
        yield server


@pytest.fixture
def python() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a program in an interpreter of its own, with the test helpers on its path."""

    def run(program: str, *arguments: str, status: int = 0, **options: object) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(HERE)}
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(program), *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            env=environment,
            **options,
        )
        assert done.returncode == status, f"status {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    return run
