"""A message before it is sent: what it costs, and what is wrong with it."""

from __future__ import annotations

import asyncio

import pytest
from conftest import TO

from verifysms import Client, InvalidArgumentError, WarningKind, inspect_message
from verifysms.testing import Sandbox


def test_a_message_has_its_cost():
    found = inspect_message("a" * 150 + " ##code##")
    assert (found.encoding, found.length, found.parts, found.warnings) == ("GSM-7", 159, 1, [])
    found = inspect_message("א" * 64 + "\n##code##")
    assert (found.encoding, found.length, found.parts) == ("UCS-2", 73, 2)
    assert [found.parts_for(digits) for digits in (4, 5, 6)] == [1, 1, 2]
    assert "UCS-2" in repr(found)


def test_what_is_wrong_is_named_with_its_place():
    (warning,) = inspect_message("קוד: ##code##").warnings
    assert (warning.kind, warning.position) == (WarningKind.CODE_IN_RIGHT_TO_LEFT_LINE, 5)
    assert "a line of its own" in str(warning)
    assert warning.kind.name in repr(warning)


def test_the_sender_and_the_page_are_inspected_too():
    found = inspect_message("##code##", sender="אקמה", origin="https://example.co.il/")
    assert [warning.kind for warning in found.warnings] == [
        WarningKind.SENDER_CHARACTERS,
        WarningKind.WEBOTP_MISSING,
    ]
    assert {warning.position for warning in found.warnings} == {None}
    assert inspect_message("##code##\n@example.co.il ###code##", origin="example.co.il").warnings == []


LINES = "Acme: {}\nFA+9qCX9VSu\n@example.co.il #{}"


def test_a_message_gets_the_lines_that_fill_the_code_in(sandbox: Sandbox, client: Client):
    client.send(TO, message="Acme: ##code##", origin="https://example.co.il", app_hash="FA+9qCX9VSu")
    (sent,) = sandbox.messages(TO)
    assert sent.text == LINES.format(sent.code, sent.code)
    assert inspect_message(LINES.format("##code##", "##code##"), origin="example.co.il").warnings == []


def test_so_does_one_of_asyncio(sandbox: Sandbox):
    async def main() -> None:
        async with sandbox.async_client() as client:
            await client.send(TO, message="Acme: ##code##", origin="example.co.il", app_hash="FA+9qCX9VSu")

    asyncio.run(main())
    (sent,) = sandbox.messages(TO)
    assert sent.text == LINES.format(sent.code, sent.code)


def test_a_message_that_an_app_would_not_read_is_logged(client: Client, caplog: pytest.LogCaptureFixture):
    client.send(TO, message="א" * 60 + "\n##code##", app_hash="FA+9qCX9VSu")
    assert [record.levelname for record in caplog.records if "141 bytes" in record.message] == ["WARNING"]


def test_half_of_a_surrogate_pair_is_no_text():
    for arguments in ({"message": "\ud800"}, {"message": "", "sender": "\ud800"}, {"message": "", "origin": "\ud800"}):
        with pytest.raises(InvalidArgumentError):
            inspect_message(**arguments)
