"""A message before it is sent: what it costs, and what is wrong with it."""

from __future__ import annotations

import pytest

from verifysms import InvalidArgumentError, WarningKind, inspect_message


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


def test_half_of_a_surrogate_pair_is_no_text():
    for arguments in ({"message": "\ud800"}, {"message": "", "sender": "\ud800"}, {"message": "", "origin": "\ud800"}):
        with pytest.raises(InvalidArgumentError):
            inspect_message(**arguments)
