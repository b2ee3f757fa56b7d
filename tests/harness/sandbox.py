"""A sandbox of its own for a test, and the codes that it texted."""

from __future__ import annotations

import json
import os
import re
import ssl
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from pathlib import Path
from typing import Any, NamedTuple


class Message(NamedTuple):
    """What the sandbox texted to somebody."""

    to: str
    sender: str
    text: str
    code: str
    unique: str


class Sandbox:
    """A running sandbox, at the address where the client finds the service."""

    def __init__(self, url: str, ca_file: str = "") -> None:
        self.url = url
        self.ca_file = ca_file
        context = ssl.create_default_context(cafile=ca_file) if ca_file else None
        # The environment's proxy is not for this machine itself.
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )

    def at(self, host: str) -> str:
        """The same address by another name of this machine."""
        parts = urllib.parse.urlsplit(self.url)
        return parts._replace(netloc=f"{host}:{parts.port}").geturl()

    @contextmanager
    def slowly(self, milliseconds: int) -> Iterator[None]:
        """Answer every request so much later; what was asked is done at once."""
        self.fail({"delay": milliseconds}, 1_000_000)
        try:
            yield
        finally:
            self.control("reset", {})

    def open(
        self,
        path: str,
        data: bytes | None = None,
        headers: dict[str, str] | None = None,
        method: str | None = None,
    ) -> HTTPResponse:
        """Ask for a path of the sandbox."""
        address = urllib.parse.urljoin(self.url, path)
        request = urllib.request.Request(address, data, headers or {}, method=method)
        answer = self._opener.open(request, timeout=10)
        assert isinstance(answer, HTTPResponse)
        return answer

    def control(self, path: str, order: object = None) -> dict[str, Any]:
        """What the control API answers, to a question or else to an order."""
        body = None if order is None else json.dumps(order).encode()
        headers = {"Content-Type": "application/json"}
        with self.open(f"/control/{path}", body, headers) as answer:
            answered: dict[str, Any] = json.load(answer)
        return answered

    def fail(self, failure: object, count: int = 1) -> None:
        """Let the next requests fail."""
        self.control("script", {"failure": failure, "count": count})

    def wait_until_failed(self) -> None:
        """Return when all requests that were to fail have come."""
        until = time.monotonic() + 30
        while self.control("script")["waiting"]:
            assert time.monotonic() < until, "no request came"
            time.sleep(0.01)

    def newest(self, to: str) -> Message:
        """The message last texted to a number in its local form."""
        return self.messages(to)[0]

    def messages(self, to: str) -> list[Message]:
        """The messages texted to a number in its local form, the newest first."""
        found = self.control(f"messages?to={to}")["messages"]
        return [Message(one["to"], one["sender"], one["text"], one["code"], one["unique"]) for one in found]


@contextmanager
def sandbox(command: str | Path, *arguments: str) -> Iterator[Sandbox]:
    """Start a sandbox on a free port and end it afterwards."""
    process = subprocess.Popen(
        [command, "sandbox", "--port", "0", *arguments], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        listening = process.stdout.readline()
        address = re.search(r"https?://\S+", listening)
        if address is None:
            raise SystemExit(f"the sandbox did not start: {listening}")
        authority = re.search(r"CA file: (\S+)\)", listening)
        yield Sandbox(address.group(), authority[1] if authority else "")
    finally:
        process.terminate()
        process.communicate()


def converse(
    process: subprocess.Popen[str], running: Sandbox, before: Callable[[], object] | None = None
) -> Iterator[str]:
    """The lines that a program prints; `code for NUMBER?` is answered with the code texted last.

    What is to be done before that answer is called each time.
    """
    assert process.stdin is not None and process.stdout is not None
    for line in process.stdout:
        asked = re.fullmatch(r"code for (\d+)\?\n", line)
        if asked is None:
            yield line
        else:
            if before:
                before()
            print(running.newest(asked[1]).code, file=process.stdin, flush=True)


def run_against(running: Sandbox, *program: str | Path, env: dict[str, str] | None = None) -> str:
    """What a program prints that finds the sandbox in VERIFYSMS_URL, and is told the codes."""
    with subprocess.Popen(
        program,
        env=os.environ | {"VERIFYSMS_URL": running.url} | (env or {}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        printed = "".join(converse(process, running))
    assert process.returncode == 0, f"{program[0]}: status {process.returncode}\n{printed}"
    return printed
