"""Hold the control API's description against the running sandbox.

    python3 tests/openapi.py COMMAND

COMMAND is the built command `verifysms`. Schemathesis makes requests out of the description,
sensible ones and others, and judges the answers; what it cannot know is checked here.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import urllib.error
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

from checks import MissingToolError, run, run_all
from sandboxed import Sandbox, sandbox

COMMAND = sys.argv[1]
ROOT = Path(__file__).resolve().parent.parent
STREAM = "/control/events"
"""Its answer has no end, which Schemathesis would wait for."""
WAIT = "/control/wait"
"""Its answer takes as long as Schemathesis happens to ask for; tests/sandbox.rs has its cases."""


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


def examine(running: Sandbox, *options: str) -> None:
    """Let Schemathesis judge with all of its checks."""
    program = shutil.which("schemathesis")
    if program is None:
        raise MissingToolError("no schemathesis (pip install schemathesis==4.32.5)")
    # Something to show: messages of every state, and failures that wait.
    for number in ("0501234567", "0501234567", "0570000103"):
        run(
            *(COMMAND, "send", number, "--sender", "Acme", "--url", running.url, "--proxy", ""),
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


def plain() -> None:
    """Every answer of the control API is as the description says."""
    with sandbox(COMMAND) as running:
        examine(running, "--max-examples", "100")


def secure() -> None:
    """And so it is through TLS."""
    with sandbox(COMMAND, "--tls") as running:
        examine(running, "--max-examples", "5", "--tls-verify", running.ca_file)


def complete() -> None:
    """The description and the documentation have the same paths."""
    documentation = (ROOT / "src/sandbox/mod.rs").read_text(encoding="utf-8")
    row = r"^//! \| `(GET|POST|DELETE) (/control/\S+)`"
    documented = re.findall(row, documentation, re.MULTILINE)
    with sandbox(COMMAND) as running:
        described = {(method, path) for path, method in operations(running)}
    assert described == set(documented), described ^ set(documented)


def streamed() -> None:
    """The live stream begins with a snapshot as described."""
    with sandbox(COMMAND) as running:
        news = running.control("openapi.json")["components"]["schemas"]["News"]
        with running.open(STREAM) as answer:
            assert answer.headers["Content-Type"] == "text/event-stream", answer.headers
            lines = [answer.readline().decode().rstrip() for _ in range(2)]
        assert lines[0] == "event: snapshot", lines
        snapshot = json.loads(lines[1].removeprefix("data: "))
        assert set(news["required"]) <= set(snapshot) <= set(news["properties"]), snapshot


def guarded() -> None:
    """Whatever another site asks for is refused, on every path."""
    with sandbox(COMMAND) as running:
        own = urllib.parse.urlsplit(running.url).netloc
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
        paths = [*operations(running), ("/control/none", "GET"), ("/", "GET")]
        for path, method in paths:
            for headers in others:
                status = refusal(running, path, headers=headers, method=method)
                assert status == 403, f"{method} {path} {headers}: {status}"


def refused() -> None:
    """What is no such request is refused in JSON too."""
    kind = {"Content-Type": "application/json"}
    with sandbox(COMMAND) as running:
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
            found = refusal(running, path, method=method)
            assert found == status, f"{method} {path}: {found}"
        for body, headers, status in (
            (b"{", kind, 400),
            (b"{}", {"Content-Type": "text/plain"}, 415),
            (b" " * 70_000, kind, 413),
            (b"{}", kind, 422),
        ):
            found = refusal(running, "/control/script", body, headers)
            assert found == status, f"{body[:9]!r} {headers}: {found}"


def exhausted() -> None:
    """What would be too much is refused as a conflict."""
    with sandbox(COMMAND) as running:
        running.control("advance", {"seconds": 3_153_600_000})
        for _ in range(1000):
            running.fail("reset")
        kind = {"Content-Type": "application/json"}
        for path, order in (("advance", {"seconds": 1}), ("script", {"failure": "reset"})):
            status = refusal(running, f"/control/{path}", json.dumps(order).encode(), kind)
            assert status == 409, f"{path}: {status}"


if __name__ == "__main__":
    sys.exit(run_all((complete, streamed, guarded, refused, exhausted, plain, secure)))
