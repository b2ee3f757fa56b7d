"""Exceptions and enums: what Python programmers expect of them, and that they pickle."""

from __future__ import annotations

import builtins
import copy
import pickle
import re
from pathlib import Path

import pytest
from sandboxes import SilentSandbox

import verifysms
from verifysms import (
    Client,
    DeliveryState,
    ErrorCode,
    Event,
    Limit,
    NextStep,
    PhoneKind,
    Reached,
    Reason,
    Rule,
    VerifySmsError,
    WarningKind,
    normalize,
)
from verifysms.testing import Sandbox

TO = "0501234567"

# Class, code, bases beside VerifySmsError.
CLASSES = [
    (verifysms.InvalidArgumentError, 1, ValueError),
    (verifysms.RejectedError, 3, None),
    (verifysms.ConnectError, 4, ConnectionError),
    (verifysms.TlsError, 5, None),
    (verifysms.TimeoutError, 6, builtins.TimeoutError),
    (verifysms.ConnectionLostError, 7, ConnectionError),
    (verifysms.HttpStatusError, 8, None),
    (verifysms.BadReplyError, 9, None),
    (verifysms.CancelledError, 10, None),
    (verifysms.InternalError, 11, None),
    (verifysms.LimitedError, 12, None),
    (verifysms.GuardDownError, 13, None),
]
# Nothing left, and yet the same call would end in the same way.
NOT_AT_ONCE = (verifysms.LimitedError, verifysms.GuardDownError)
ALL = [kind for kind, _, _ in CLASSES] + [verifysms.TransportError, VerifySmsError]


@pytest.mark.parametrize(("kind", "code", "builtin"), CLASSES)
def test_a_class_has_its_code_and_its_bases(kind, code, builtin):
    error = kind("a sentence")
    assert error.code is ErrorCode(code)
    assert isinstance(error, VerifySmsError)
    assert isinstance(error, verifysms.TransportError) is (4 <= code <= 9)
    if builtin is not None:
        assert isinstance(error, builtin)
    assert str(error) == "a sentence"
    assert error.args == ("a sentence",)


@pytest.mark.parametrize("kind", ALL)
def test_an_error_without_a_guard_has_no_limit(kind):
    assert (kind().limit, kind().retry_after, kind().tries_left) == (None, 0, None)


def test_a_limit_and_a_store_that_is_down_are_no_reason_to_try_again_at_once():
    limited = verifysms.LimitedError("a sentence", limit=Limit.TRIES, retry_after=540, tries_left=0)
    assert (limited.limit, limited.retry_after, limited.tries_left) == (Limit.TRIES, 540, 0)
    for error in (limited, verifysms.GuardDownError("a sentence")):
        assert (error.reached, error.safe_to_retry) == (Reached.NO, False)


def test_every_code_that_is_an_error_has_a_class():
    codes = {code for _, code, _ in CLASSES}
    assert codes == set(ErrorCode) - {ErrorCode.OK, ErrorCode.NOT_VERIFIED}


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("reached", list(Reached))
def test_an_exception_pickles_with_its_fields(kind, reached):
    error = kind("a sentence", reached=reached, http_status=503, to=normalize(TO))
    if kind is verifysms.RejectedError:
        error = kind("a sentence", reason=Reason(77), reached=reached, http_status=503, to=normalize(TO))
    if kind is verifysms.InvalidArgumentError:
        error = kind("a sentence", argument="to", rule=Rule(99), reached=reached)
    if kind is verifysms.LimitedError:
        error = kind("a sentence", limit=Limit(77), retry_after=30, tries_left=0, reached=reached)
    if hasattr(error, "add_note"):
        error.add_note("a note")
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(error, protocol))
        assert type(again) is kind
        assert (again.args, vars(again), str(again)) == (error.args, vars(error), str(error))
        assert again.safe_to_retry is (reached is Reached.NO and kind not in NOT_AT_ONCE)
    assert vars(copy.copy(error)) == vars(error)


def raised(call) -> VerifySmsError:
    with pytest.raises(VerifySmsError) as caught:
        call()
    again = pickle.loads(pickle.dumps(caught.value))
    assert (type(again), str(again), vars(again)) == (type(caught.value), str(caught.value), vars(caught.value))
    return caught.value


def test_an_error_names_the_number_in_the_form_of_the_service(sandbox: Sandbox):
    client = Client("another key", sender="Acme", url=sandbox.url)
    for call in (
        lambda: client.send("+972 (0)50-123-4567"),
        lambda: client.check("050-123-4567", "123456"),
        lambda: client.check("050-123-4567", ""),
    ):
        error = raised(call)
        assert error.to == TO
        assert error.to.kind is PhoneKind.MOBILE
        assert TO[3:] not in f"{error} {error!r} {vars(error)}"
    assert raised(lambda: client.send("12")).to is None
    assert raised(lambda: Client("")).to is None


def test_a_refusal_names_its_rule():
    client = Client("the key")
    for call, rule in (
        (lambda: client.send("050-12"), Rule.PHONE_TOO_SHORT),
        (lambda: client.send("+1 212 555 1234"), Rule.PHONE_FOREIGN),
        (lambda: client.check(TO, ""), Rule.CODE_EMPTY),
        (lambda: client.send(TO), Rule.SENDER_MISSING),
        (lambda: client.send("\ud800"), Rule.NOT_UTF8),
        (lambda: Client(""), Rule.API_KEY_EMPTY),
        (lambda: Client("k", trust="nobody"), Rule.TRUST_UNKNOWN),  # type: ignore[arg-type]
    ):
        error = raised(call)
        assert isinstance(error, verifysms.InvalidArgumentError)
        assert error.rule is rule
    client.close()
    assert raised(lambda: client.send(TO)).rule is Rule.CLIENT_CLOSED


def test_the_numbers_are_those_of_the_header():
    header = (Path(__file__).resolve().parents[3] / "include" / "verifysms.h").read_text()
    for kind, prefix in (
        (Rule, "RULE"),
        (PhoneKind, "PHONE"),
        (WarningKind, "WARNING"),
        (DeliveryState, "DELIVERY"),
        (NextStep, "NEXT"),
    ):
        defined = dict(re.findall(rf"^#define VERIFYSMS_{prefix}_(\w+) (\d+)$", header, re.MULTILINE))
        defined.pop("SIZE", None)
        defined.pop("CODE_NONE", None)
        assert {member.name: str(member.value) for member in kind} == defined


def closed_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def test_a_refusal_of_the_service_has_its_reason(sandbox: Sandbox):
    error = raised(lambda: Client("another key", sender="Acme", url=sandbox.url).send(TO))
    assert type(error) is verifysms.RejectedError
    assert (error.reason, error.reached, error.http_status) == (Reason.WRONG_API_KEY, Reached.YES, 200)
    assert not error.safe_to_retry


def test_an_unknown_reason_is_kept(sandbox: Sandbox, client: Client):
    sandbox.fail_next(reason=77)
    error = raised(lambda: client.send(TO))
    assert isinstance(error, verifysms.RejectedError)
    assert (error.reason, int(error.reason), error.reason.name) == (Reason(77), 77, "UNKNOWN_77")


def test_no_connection_is_a_connection_error():
    url = f"http://127.0.0.1:{closed_port()}/"
    error = raised(lambda: Client("the key", sender="Acme", url=url).send(TO))
    assert (type(error), error.reached) == (verifysms.ConnectError, Reached.NO)
    assert isinstance(error, ConnectionError)
    assert error.safe_to_retry


def test_no_tls_is_a_tls_error(sandbox: Sandbox):
    url = sandbox.url.replace("http:", "https:")
    error = raised(lambda: Client("the key", sender="Acme", url=url, trust="bundled", connect_timeout=0.2).send(TO))
    assert (type(error), error.reached) == (verifysms.TlsError, Reached.NO)


def test_a_missing_authority_file_is_a_tls_error(tmp_path):
    with Sandbox(tls=True) as sandbox:
        client = sandbox.client(ca_file=tmp_path / "none.pem")
        assert isinstance(raised(lambda: client.send(TO)), verifysms.TlsError)


def test_no_answer_is_a_timeout_that_is_not_to_be_repeated(silent_sandbox: SilentSandbox):
    error = raised(lambda: Client("the key", sender="Acme", url=silent_sandbox.url, timeout=0.2).send(TO))
    assert (type(error), error.reached) == (verifysms.TimeoutError, Reached.UNKNOWN)
    assert isinstance(error, builtins.TimeoutError)
    assert not error.safe_to_retry


def test_a_lost_connection_is_a_connection_error(sandbox: Sandbox, client: Client):
    sandbox.fail_next(2, failure="lose_answer")
    error = raised(lambda: client.send(TO))
    assert (len(sandbox.messages()), sandbox.waiting()) == (1, 1), "it was sent twice"
    assert (type(error), error.reached) == (verifysms.ConnectionLostError, Reached.UNKNOWN)


def test_another_http_status_is_kept(sandbox: Sandbox, client: Client):
    sandbox.fail_next(http_status=503)
    error = raised(lambda: client.send(TO))
    assert (type(error), error.reached, error.http_status) == (verifysms.HttpStatusError, Reached.UNKNOWN, 503)


def test_an_answer_that_is_not_understood_is_a_bad_reply(sandbox: Sandbox, client: Client):
    sandbox.fail_next(failure={"body": "malformed"})
    error = raised(lambda: client.check(TO, "1"))
    assert (type(error), error.reached, error.http_status) == (verifysms.BadReplyError, Reached.UNKNOWN, 200)


@pytest.mark.parametrize("kind", [ErrorCode, Event, Reason, Rule, Limit, WarningKind])
def test_a_number_without_a_name_is_kept(kind):
    for number in (99, -1, 2**70):
        unknown = kind(number)
        assert (unknown, int(unknown), unknown.name) == (number, number, f"UNKNOWN_{number}")
        assert unknown == kind(number)
        assert hash(unknown) == hash(kind(number))
        for same in (pickle.loads(pickle.dumps(unknown)), copy.copy(unknown), copy.deepcopy(unknown)):
            assert (same, type(same), same.name) == (unknown, kind, unknown.name)
        assert unknown not in list(kind)
        assert str(number) in repr(unknown)
    with pytest.raises(ValueError, match="is not a valid"):
        kind("OK")


def test_an_unknown_reached_permits_nothing():
    assert Reached(7) is Reached.UNKNOWN
    with pytest.raises(ValueError, match="is not a valid"):
        Reached("NO")


def test_the_codes_are_those_of_the_table():
    names = (
        "OK INVALID_ARGUMENT NOT_VERIFIED REJECTED CONNECT TLS TIMEOUT CONNECTION_LOST HTTP_STATUS BAD_REPLY "
        "CANCELLED INTERNAL LIMITED GUARD_DOWN"
    )
    assert [code.name for code in ErrorCode] == names.split()
    assert [int(code) for code in ErrorCode] == list(range(14))
    assert [(reached.name, int(reached)) for reached in Reached] == [("NO", 0), ("YES", 1), ("UNKNOWN", 2)]
    assert [int(reason) for reason in Reason] == [1, 2, 3, 5, 6, 7, 9, 10]
    limits = (
        "COOLDOWN SENDS_NUMBER SENDS_NUMBER_DAY SENDS_USER SENDS_RANGE SENDS_APP TRIES FAILURES_NUMBER FAILURES_USER"
    )
    assert [limit.name for limit in Limit] == limits.split()
    assert [int(limit) for limit in Limit] == list(range(1, 10))
