"""Results are values: frozen, comparable, hashable, matched, pickled, and discreet."""

from __future__ import annotations

import copy
import datetime
import json
import pickle
from unittest import mock

import pytest

from verifysms import CheckResult, DeliveryResult, DeliveryState, ErrorCode, NextStep, SendResult

TIME = datetime.datetime(2020, 9, 14, 20, 35, 19, tzinfo=datetime.timezone.utc)
SEND = SendResult("63433453", TIME, "Acme", "0501234567")
DELIVERY = DeliveryResult(102, "0501234567", "Acme", "נמסר", "Delivered", "15/03/21 20:18", "Cellcom")
RESULTS = [
    SEND,
    SendResult("63433453", None, "Acme", "0501234567"),
    SendResult("", datetime.datetime(1, 1, 1, tzinfo=datetime.timezone.utc), "אקמה", ""),
    SendResult("1", datetime.datetime(9999, 12, 31, 23, 59, 59, tzinfo=datetime.timezone.utc), "A'\"\\", "0"),
    CheckResult(1, "0501234567"),
    CheckResult(2, "0501234567"),
    CheckResult(-9_000_000_000, "0501234567"),
    SendResult("63433453", TIME, "Acme", "0501234567", 30),
    SendResult("63433453", TIME, "Acme", "0501234567", 30, 5),
    SendResult("63433453", TIME, "Acme", "0501234567", retry_after=2**64 - 1, tries_left=0),
    CheckResult(2, "0501234567", 0, 4),
    CheckResult(2, "0501234567", 540, 0),
    CheckResult(2, "0501234567", 540),
    DELIVERY,
    DeliveryResult(None, None),
    DeliveryResult(-(2**63), "0501234567", operator="A'\"\\"),
]


@pytest.mark.parametrize("result", RESULTS, ids=repr)
def test_a_result_survives_a_pickle_and_a_copy(result):
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(result, protocol))
        assert (again, hash(again), repr(again), type(again)) == (result, hash(result), repr(result), type(result))
    assert copy.copy(result) == copy.deepcopy(result) == result


@pytest.mark.parametrize("result", RESULTS, ids=repr)
def test_a_result_is_frozen(result):
    for name in (*result.__match_args__, "another"):
        with pytest.raises(AttributeError):
            setattr(result, name, 1)


def test_results_compare_by_their_fields():
    assert SendResult("63433453", TIME, "Acme", "0501234567") == SEND
    assert len({*RESULTS, *copy.deepcopy(RESULTS)}) == len(RESULTS)
    for one in range(len(RESULTS)):
        for other in range(len(RESULTS)):
            assert (RESULTS[one] == RESULTS[other]) is (one == other)
    assert SEND != ("63433453", TIME, "Acme", "0501234567")


def test_results_match():
    match SEND:
        case SendResult(unique, timestamp, sender, to):
            assert (unique, timestamp, sender, to) == ("63433453", TIME, "Acme", "0501234567")
    match SendResult("63433453", TIME, "Acme", "0501234567", 30, 5):
        case SendResult(_, _, _, _, retry_after, tries_left):
            assert (retry_after, tries_left) == (30, 5)
    match CheckResult(1, "0501234567"):
        case CheckResult(True, 1, to):
            assert to == "0501234567"
        case _:
            pytest.fail("a verified result does not match as one")
    match CheckResult(2, "0501234567"):
        case CheckResult(verified=False, status=status):
            assert status == 2
        case _:
            pytest.fail("a result that is not verified does not match as one")
    match CheckResult(2, "0501234567", 540, 0):
        case CheckResult(False, 2, _, retry_after, 0):
            assert retry_after == 540
        case _:
            pytest.fail("a result with a wait does not match as one")
    match DELIVERY:
        case DeliveryResult(DeliveryState.DELIVERED, NextStep.NONE, 102, to, sender, _, _, date, operator):
            assert (to, sender, date, operator) == ("0501234567", "Acme", "15/03/21 20:18", "Cellcom")
        case _:
            pytest.fail("a delivered message does not match as one")


@pytest.mark.parametrize("status", [-1, 0, 2, 3, 4, 10, 11, 2**63 - 1, -(2**63)])
def test_no_status_but_1_is_verified(status: int):
    result = CheckResult(status, "0501234567")
    assert not result
    assert result.verified is False
    assert CheckResult(1, "0501234567").verified is True


def test_a_result_is_not_verified_by_saying_so():
    with pytest.raises(TypeError):
        CheckResult(True, 2, "0501234567")  # type: ignore[call-arg]


def test_a_send_is_neither_true_nor_false():
    for sent in (SEND, copy.copy(SEND), pickle.loads(pickle.dumps(SEND))):
        with pytest.raises(TypeError, match="nobody is verified"):
            bool(sent)


@pytest.mark.parametrize("number", [True, False, 0, 1, 2, ErrorCode.OK, ErrorCode.NOT_VERIFIED])
@pytest.mark.parametrize("status", [1, 2])
def test_a_result_that_is_compared_with_what_it_never_equals_says_so(status: int, number: int):
    result = CheckResult(status, "0501234567")
    for compare in (
        lambda: result == number,
        lambda: result != number,
        lambda: number == result,
        lambda: result in [number],
    ):
        with pytest.raises(TypeError, match="use it as a condition"):
            compare()
    assert result != "True"
    assert result != None  # noqa: E711
    assert result == mock.ANY


def test_what_became_of_a_message_follows_from_its_code():
    assert DeliveryResult(4242, "0501234567").state is DeliveryState.UNKNOWN
    assert DeliveryResult(None, None).state is DeliveryState.PENDING
    assert DeliveryResult(4, "0501234567").next_step is NextStep.RETRY_LATER
    assert DeliveryResult(4, "031234567").next_step is NextStep.ANOTHER_NUMBER
    with pytest.raises(TypeError):
        DeliveryResult(DeliveryState.DELIVERED)  # type: ignore[call-arg]


def test_the_number_is_shortened_in_a_repr():
    assert repr(CheckResult(2, "0501234567")) == "CheckResult(verified=False, status=2, to='*******567')"
    assert repr(SEND) == (
        "SendResult(unique='63433453', timestamp=datetime.datetime(2020, 9, 14, 20, 35, 19, "
        "tzinfo=datetime.timezone.utc), sender='Acme', to='*******567')"
    )


def test_a_repr_has_what_the_guard_said():
    assert repr(CheckResult(2, "0501234567", 540, 0)) == (
        "CheckResult(verified=False, status=2, to='*******567', retry_after=540, tries_left=0)"
    )
    assert repr(SendResult("1", None, "Acme", "0501234567", 30, 5)) == (
        "SendResult(unique='1', timestamp=None, sender='Acme', to='*******567', retry_after=30, tries_left=5)"
    )


@pytest.mark.parametrize("field", ["retry_after", "tries_left"])
def test_a_count_is_0_or_more(field: str):
    for count, error in ((-1, OverflowError), (2**64, OverflowError), (1.5, TypeError), ("1", TypeError)):
        with pytest.raises(error):
            CheckResult(2, "0501234567", **{field: count})


@pytest.mark.parametrize(
    ("sender", "shown"),
    [
        ("0501234567", "'*******567'"),
        ("+972 50-123-4567", "'*************567'"),
        ("٠٥٠١٢٣٤٥٦٧", "'*******'"),
        ("7654321'\n", "'******1'"),
        ("*2700", "'*2700'"),
        ("Acme 123456", "'Acme 123456'"),
        ("A'\n", '"A\'\\n"'),
    ],
)
def test_a_sender_that_may_be_a_number_is_shortened_in_a_repr(sender: str, shown: str):
    result = SendResult("1", None, sender, "0501234567")
    assert repr(result) == f"SendResult(unique='1', timestamp=None, sender={shown}, to='*******567')"
    assert result.sender == sender


def test_a_result_becomes_json():
    sent = {"unique": "63433453", "timestamp": "2020-09-14T20:35:19+00:00", "sender": "Acme", "to": "0501234567"}
    guarded = {"retry_after": 0, "tries_left": None}
    assert json.loads(json.dumps(SEND.asdict())) == sent | guarded
    assert SendResult("1", None, "Acme", "0501234567").asdict()["timestamp"] is None
    checked = {"verified": True, "status": 1, "to": "0501234567"}
    assert json.loads(json.dumps(CheckResult(1, "0501234567").asdict())) == checked | guarded
    assert CheckResult(2, "0501234567").asdict()["verified"] is False
    words = {"hebrew": "נמסר", "english": "Delivered", "date": "15/03/21 20:18", "operator": "Cellcom"}
    state = {"state": "DELIVERED", "next_step": "NONE", "code": 102, "to": "0501234567", "sender": "Acme"}
    assert json.loads(json.dumps(DELIVERY.asdict())) == state | words
