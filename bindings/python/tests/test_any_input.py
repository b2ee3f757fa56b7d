"""Whatever is passed in, a call ends in an answer or in an exception of ours, and nobody is verified by chance."""

from __future__ import annotations

import pickle
import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from servers import RecordingServer, http, verified

from verifysms import CheckResult, Client, Reason, RejectedError, SendResult, VerifySmsError
from verifysms.testing import Sandbox

TO = "0501234567"
LOCAL = re.compile("0(5|7)[0-9]{8}|0[23489][0-9]{7}")
# Half surrogates included: a Python string can hold them.
texts = some.text(some.characters(codec=None, categories=None), max_size=30)
digits = some.text("0123456789", min_size=1, max_size=12)
many = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))


def exception_or_none(call) -> VerifySmsError | None:
    """What a call raises; anything but our exceptions goes through and fails the test."""
    try:
        call()
    except VerifySmsError as caught:
        error = caught
    else:
        return None
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))
    return error


@many
@given(
    to=texts | digits,
    code=texts | digits,
    sender=some.none() | texts,
    message=some.none() | texts,
    end_user=some.none() | texts | some.ip_addresses().map(str),
    origin=some.none() | texts | some.from_regex(r"[a-z0-9.-]{1,20}", fullmatch=True),
    app_hash=some.none() | texts | some.from_regex("[A-Za-z0-9+/]{11}", fullmatch=True),
)
def test_any_text_as_an_argument(to, code, sender, message, end_user, origin, app_hash):
    with Sandbox() as sandbox, sandbox.client(guard="memory:") as client:
        for call in (
            lambda: client.send(
                to, sender=sender, message=message, end_user=end_user, origin=origin, app_hash=app_hash
            ),
            lambda: client.check(to, code, end_user=end_user),
        ):
            error = exception_or_none(call)
            if error is None:
                continue
            for secret in (to, code):
                assert len(secret) < 6 or secret not in str(error)
        for text in sandbox.messages():
            assert LOCAL.fullmatch(text.to)


@many
@given(
    api_key=texts,
    sender=some.none() | texts,
    message=some.none() | texts,
    url=some.none() | texts,
    timeout=some.floats(),
    connect_timeout=some.floats(),
    proxy=some.none() | texts,
    ca_file=some.none() | some.text(some.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    trust=some.sampled_from(["system", "bundled"]) | some.text(some.characters(exclude_categories=["Cs"])),
    allow_http=some.booleans(),
    guard=some.none() | texts | texts.map("file:".__add__) | texts.map("redis://".__add__),
    limits=some.none() | some.dictionaries(some.integers(), some.tuples(some.integers(), some.integers())),
    on_guard_failure=some.sampled_from(["local", "refuse", "allow"]) | texts,
    guard_secret=some.none() | texts,
    guard_namespace=some.none() | texts,
    guard_timeout=some.floats(),
)
def test_any_setting(api_key, **others):
    error = exception_or_none(lambda: Client(api_key, **others))
    if error is not None:
        assert error.argument in {"api_key", *others}
        assert len(api_key) < 6 or api_key not in str(error)


bodies = (
    some.binary(max_size=200)
    | some.from_regex(rb'\{"status": ?"?[0-9A-Z]{1,4}"?, ?"phone": ?"050[0-9]{7}",? ?\}')
    | some.integers().map(lambda number: b'{"status": %d, "phone": "0501234567"}' % number)
)


def test_any_body_as_an_answer():
    body = b""

    with RecordingServer(lambda _: http(body)) as server:
        client = Client("the key", sender="Acme", guard=None, url=server.url)

        @many
        @given(any_body=bodies)
        def ask(any_body):
            nonlocal body
            body = any_body
            try:
                result = client.check(TO, "123456")
            except VerifySmsError:
                return
            if result:
                assert re.search(rb'"status"\s*:\s*"?1"?\s*[,}]', body), body

        ask()
        body = verified(TO)
        assert client.check(TO, "123456")


@many
@given(number=some.integers(min_value=-(2**63), max_value=2**63 - 1).filter(lambda number: number != 1))
def test_any_reason_is_kept(number):
    error = RejectedError("no", reason=Reason(number))
    assert pickle.loads(pickle.dumps(error)).reason == number


@many
@given(
    unique=some.text(some.characters(exclude_categories=["Cs"])),
    timestamp=some.none() | some.datetimes(timezones=some.timezones()).map(lambda time: time.replace(microsecond=0)),
    sender=some.text(some.characters(exclude_categories=["Cs"])),
    to=digits,
    status=some.integers(min_value=-(2**63), max_value=2**63 - 1),
    retry_after=some.integers(min_value=0, max_value=2**64 - 1),
    tries_left=some.none() | some.integers(min_value=0, max_value=2**32 - 1),
)
def test_any_result_is_a_value(unique, timestamp, sender, to, status, retry_after, tries_left):
    for result in (
        SendResult(unique, timestamp, sender, to),
        SendResult(unique, timestamp, sender, to, retry_after, tries_left),
        CheckResult(status, to),
        CheckResult(status, to, retry_after, tries_left),
    ):
        again = pickle.loads(pickle.dumps(result))
        assert (again, hash(again), repr(again)) == (result, hash(result), repr(result))
        assert len(to) < 4 or f"to='{to}'" not in repr(result)
    kept = SendResult(unique, timestamp, sender, to).timestamp
    # Compared as moments: a time that a change to summer time skips equals nothing in another zone.
    assert (kept and kept.timestamp()) == (timestamp and timestamp.timestamp())
    assert bool(CheckResult(status, to)) is (status == 1)
