"""The control API's description is true of the running sandbox.

Schemathesis makes requests out of the description,
sensible ones and others, and judges the answers; what it cannot know is checked here.
"""

from __future__ import annotations

import json
import re
import shutil
import urllib.error
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.sandbox import Sandbox, sandbox
from harness.tools import ROOT, MissingToolError, run

STREAM = "/control/events"
"""Its answer has no end, which Schemathesis would wait for."""
WAIT = "/control/wait"
"""Its answer takes as long as Schemathesis happens to ask for; tests/sandbox.rs has its cases."""


@pytest.fixture
def fresh(command: Path) -> Iterator[Sandbox]:
    """A sandbox that nobody has used."""
    with sandbox(command) as running:
        yield running


def operations(running: Sandbox) -> Iterator[tuple[str, str]]:
    """Every path of the description with a method."""
    for path, methods in running.control("openapi.json")["paths"].items():
        yield from ((path, method.upper()) for method in methods)


def refusal(
    running: Sandbox,
    path: str,
    data: bytes | None = None,
    headers: dict[str, str] | None = None,
    method: str | None = None,
) -> int:
    """The status of a request that is refused, and says so in a sentence."""
    try:
        with running.open(path, data, headers, method) as answer:
            raise AssertionError(f"{path}: {answer.status}")
    except urllib.error.HTTPError as refused:
        assert refused.headers["Content-Type"] == "application/json", f"{path}: {refused.headers}"
        body = json.load(refused)
        assert list(body) == ["error"] and body["error"], body
        return refused.code


def examine(command: Path, running: Sandbox, *options: str) -> None:
    """Let Schemathesis judge with all of its checks."""
    program = shutil.which("schemathesis")
    if program is None:
        raise MissingToolError("no schemathesis (pip install schemathesis==4.32.5)")
    # Something to show: messages of every state, and failures that wait.
    for number in ("0501234567", "0501234567", "0570000103"):
        run(
            *(command, "send", number, "--sender", "Acme", "--url", running.url, "--proxy", ""),
            *(("--ca-file", running.ca_file) if running.ca_file else ()),
            env={"VERIFYSMS_API_KEY": "sandbox-key"},
        )
    running.fail("drop")
    running.fail({"delay": 3000}, 2)
    run(
        *(program, "run", running.url.replace("/sms/verifySMS", "/control/openapi.json")),
        *("--checks", "all", "--exclude-path", STREAM, "--exclude-path", WAIT, "--seed", "1"),
        *("--request-timeout", "10", "--no-color", *options),
        cwd=ROOT / "target",
        env={"NO_PROXY": "*"},
    )


@pytest.mark.parametrize(("examples", "options"), [("100", []), ("5", ["--tls"])])
def test_every_answer_is_as_described(command: Path, examples: str, options: list[str]) -> None:
    """Whatever the control API is asked, and so it is over TLS."""
    with sandbox(command, *options) as running:
        trust = ("--tls-verify", running.ca_file) if running.ca_file else ()
        examine(command, running, "--max-examples", examples, *trust)


def test_the_description_is_complete(fresh: Sandbox) -> None:
    """The description and the documentation have the same paths."""
    documentation = (ROOT / "src/sandbox/mod.rs").read_text(encoding="utf-8")
    row = r"^//! \| `(GET|POST|DELETE) (/control/\S+)`"
    documented = re.findall(row, documentation, re.MULTILINE)
    described = {(method, path) for path, method in operations(fresh)}
    assert described == set(documented), described ^ set(documented)


def test_the_stream_begins_with_a_snapshot(fresh: Sandbox) -> None:
    """The live stream begins with a snapshot as described."""
    news = fresh.control("openapi.json")["components"]["schemas"]["News"]
    with fresh.open(STREAM) as answer:
        assert answer.headers["Content-Type"] == "text/event-stream", answer.headers
        lines = [answer.readline().decode().rstrip() for _ in range(2)]
    assert lines[0] == "event: snapshot", lines
    snapshot = json.loads(lines[1].removeprefix("data: "))
    assert set(news["required"]) <= set(snapshot) <= set(news["properties"]), snapshot


def test_another_site_is_refused(fresh: Sandbox) -> None:
    """Whatever another site asks for is refused, on every path."""
    own = urllib.parse.urlsplit(fresh.url).netloc
    others = (
        # A name of the attacker's that has come to mean this machine.
        {"Host": "rebound.example"},
        {"Host": f"rebound.example:{own.partition(':')[2]}"},
        {"Host": own, "Origin": "http://evil.example"},
        {"Host": own, "Origin": "null"},
        {"Host": own, "Origin": f"https://{own}"},
        {"Host": own, "Sec-Fetch-Site": "cross-site"},
        {"Host": own, "Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"},
    )
    paths = [*operations(fresh), ("/control/none", "GET"), ("/", "GET")]
    for path, method in paths:
        for headers in others:
            status = refusal(fresh, path, headers=headers, method=method)
            assert status == 403, f"{method} {path} {headers}: {status}"


def test_what_is_no_request_is_refused(fresh: Sandbox) -> None:
    """What is no such request is refused in JSON too."""
    kind = {"Content-Type": "application/json"}
    for path, method, status in (
        ("/control/none", "GET", 404),
        ("/control/reset", "GET", 405),
        ("/control/messages", "DELETE", 405),
        ("/control/messages/1", "GET", 405),
        ("/control/messages/1", "DELETE", 404),
        ("/control/wait", "GET", 400),
        ("/control/wait?to=0501234567&timeout=0", "GET", 404),
        ("/control/messages?form=1", "GET", 400),
        ("/control/messages?to=050-123-4567", "GET", 422),
    ):
        found = refusal(fresh, path, method=method)
        assert found == status, f"{method} {path}: {found}"
    for body, headers, status in (
        (b"{", kind, 400),
        (b"{}", {"Content-Type": "text/plain"}, 415),
        (b" " * 70_000, kind, 413),
        (b"{}", kind, 422),
    ):
        found = refusal(fresh, "/control/script", body, headers)
        assert found == status, f"{body[:9]!r} {headers}: {found}"


def test_too_much_is_refused(fresh: Sandbox) -> None:
    """What would be too much is refused as a conflict."""
    fresh.control("advance", {"seconds": 3_153_600_000})
    for _ in range(1000):
        fresh.fail("reset")
    kind = {"Content-Type": "application/json"}
    for path, order in (("advance", {"seconds": 1}), ("script", {"failure": "reset"})):
        status = refusal(fresh, f"/control/{path}", json.dumps(order).encode(), kind)
        assert status == 409, f"{path}: {status}"
