"""Every reply that the core is tested with, through Python: the cases are one file for all languages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import TO
from servers import RecordingServer

from verifysms import Client, ErrorCode, RejectedError, VerifySmsError

CASES = json.loads((Path(__file__).resolve().parents[3] / "tests" / "cases" / "replies.json").read_text())


def body(case: dict[str, object]) -> bytes:
    """The body as text, as hexadecimal digits, or as texts each repeated a number of times."""
    if "body_hex" in case:
        return bytes.fromhex(case["body_hex"])
    if "body_pieces" in case:
        return "".join(text * times for text, times in case["body_pieces"]).encode()
    return case["body"].encode()


def answer(case: dict[str, object]) -> bytes:
    content = body(case)
    head = [f"HTTP/1.1 {case['http_status']} Whatever", f"Content-Length: {len(content)}", *case.get("headers", [])]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + content


def ended(client: Client, call: str) -> dict[str, object]:
    """How a call ends, in the words of the case file."""
    try:
        result = client.send(TO) if call == "send" else client.check(TO, "493021")
    except RejectedError as error:
        return {"code": error.code.name, "reached": error.reached.name, "reason": error.reason}
    except VerifySmsError as error:
        return {"code": error.code.name, "reached": error.reached.name}
    if call == "send":
        return {"code": "OK", "reached": "YES", "unique": result.unique}
    code = ErrorCode.OK if result else ErrorCode.NOT_VERIFIED
    return {"code": code.name, "reached": "YES", "status": result.status}


@pytest.fixture(scope="module")
def exchange():
    """Answers with one case after another, each over a connection of its own: many name one message."""
    current: list[bytes] = []
    with RecordingServer(lambda _: current[-1]) as server:

        def ask(case: dict[str, object]) -> dict[str, object]:
            current.append(answer(case))
            with Client("the key", sender="Acme", url=server.url) as client:
                return ended(client, case["call"])

        yield ask


@pytest.mark.parametrize("case", CASES, ids=[f"{case['call']}: {case['name']}" for case in CASES])
def test_a_reply_means_what_the_case_file_says(case, exchange):
    assert exchange(case) == case["expect"]


def test_there_are_enough_cases():
    assert len(CASES) >= 100
