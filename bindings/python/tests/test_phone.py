"""A phone number without a client: a text that knows its other form and its kind."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

from verifysms import Client, InvalidArgumentError, PhoneKind, PhoneNumber, normalize
from verifysms.testing import Sandbox


def test_every_spelling_is_the_same_number():
    spellings = ["0501234567", "050-123-4567", "+972 (0)50 123 4567", "\u0660\u0665\u0660-1234567"]
    assert {normalize(spelling) for spelling in spellings} == {"0501234567"}
    number = normalize(spellings[0])
    assert isinstance(number, PhoneNumber)
    assert (number.e164, number.kind) == ("+972501234567", PhoneKind.MOBILE)
    assert normalize(number) == number == normalize(number.e164)


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("03-1234567", PhoneKind.LANDLINE),
        ("077-1234567", PhoneKind.VOIP),
        ("050-412-3456", PhoneKind.KOSHER),
        ("057-123-4567", PhoneKind.UNKNOWN),
    ],
)
def test_the_first_digits_say_the_kind(written: str, kind: PhoneKind):
    assert normalize(written).kind is kind


def test_it_is_a_text_wherever_one_is_wanted(client: Client, sandbox: Sandbox):
    number = normalize("+972 50-123-4567")
    assert client.send(number).to == number
    assert client.check(number, sandbox.code(number))
    assert {number: 1}["0501234567"] == 1
    assert json.dumps({"number": number}) == '{"number": "0501234567"}'
    assert type(str(number)) is str
    assert f"{number}" == "0501234567"


def test_its_repr_hides_it():
    number = normalize("0501234567")
    assert repr(number) == "PhoneNumber('*******567')"
    assert "1234" not in repr([number])


def test_it_copies_and_pickles_with_its_fields():
    number = normalize("0501234567")
    again = [pickle.loads(pickle.dumps(number, protocol)) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)]
    for same in [*again, copy.copy(number), copy.deepcopy(number)]:
        assert type(same) is PhoneNumber
        assert (same, same.e164, same.kind) == (number, number.e164, number.kind)


def test_what_is_no_number_is_refused():
    with pytest.raises(InvalidArgumentError, match=r"^to: is too short; ") as caught:
        normalize("050-98765")
    assert caught.value.argument == "to"
    assert "98765" not in str(caught.value)
