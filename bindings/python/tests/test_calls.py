"""Send and check: what goes out, what comes back, what is refused before anything leaves."""

from __future__ import annotations

import datetime
import threading

import pytest
from conftest import TO
from servers import SENT, RecordingServer, http

from verifysms import CheckResult, Client, InvalidArgumentError, Reached, SendResult
from verifysms.testing import Sandbox


def test_a_code_is_sent_and_checked(client: Client, sandbox: Sandbox):
    sent = client.send("+972 (0)50-123-4567")
    assert isinstance(sent, SendResult)
    assert (sent.to, sent.sender) == (TO, "Sandbox")
    assert sent.unique == sandbox.messages()[0].unique
    age = datetime.datetime.now(datetime.timezone.utc) - sent.timestamp
    assert abs(age) < datetime.timedelta(minutes=1)
    code = sandbox.code(TO)
    wrong = client.check(TO, "0" + code)
    assert (wrong.verified, bool(wrong), wrong.status) == (False, False, 2)
    right = client.check("050-123-4567", f" {code} ")
    assert isinstance(right, CheckResult)
    assert (right.verified, bool(right), right.status, right.to) == (True, True, 1, TO)
    assert not client.check(TO, code), "a code works once"


def test_only_what_was_asked_for_is_sent(recording_server: RecordingServer):
    client = Client("the key", sender="Acme", guard=None, url=recording_server.url)
    client.send(TO)
    client.send(TO, sender="Other", message="Hi ##code##")
    client.check(TO, "123456")
    assert [request.fields for request in recording_server.requests] == [
        {"apiKey": "the key", "from": "Acme", "to": TO},
        {"apiKey": "the key", "from": "Other", "to": TO, "message": "Hi ##code##"},
        {"apiKey": "the key", "to": TO, "code": "123456"},
    ]
    assert {request.connection for request in recording_server.requests} == {1}, "the connection is kept"


def test_the_clients_message_is_sent(sandbox: Sandbox):
    sandbox.client(message="קוד: ##code##").send(TO)
    assert sandbox.messages()[0].text == f"קוד: {sandbox.code(TO)}"


@pytest.mark.parametrize(
    ("argument", "settings"),
    [
        ("api_key", {"api_key": ""}),
        ("sender", {"sender": "twelve chars"}),
        ("message", {"message": "no placeholder"}),
        ("url", {"url": "ftp://example.com"}),
        ("url", {"url": "http://example.com/"}),
        ("timeout", {"timeout": 0.0}),
        ("timeout", {"timeout": -1}),
        ("timeout", {"timeout": float("nan")}),
        ("timeout", {"timeout": float("inf")}),
        ("connect_timeout", {"connect_timeout": 1e300}),
        ("proxy", {"proxy": "gopher://example.com"}),
        ("ca_file", {"ca_file": ""}),
        ("trust", {"trust": "nobody"}),
        ("guard", {"guard": ""}),
        ("guard", {"guard": "file:"}),
        ("guard", {"guard": "file:guard"}),
        ("guard", {"guard": "gopher://127.0.0.1"}),
        ("guard", {"guard": "\ud800"}),
        ("on_guard_failure", {"on_guard_failure": "hope"}),
        ("guard_secret", {"guard_secret": "too short"}),
        ("guard_namespace", {"guard_namespace": ""}),
        ("guard_namespace", {"guard_namespace": "two words"}),
        ("guard_timeout", {"guard_timeout": 0}),
        ("guard_timeout", {"guard_timeout": 11}),
        ("guard_timeout", {"guard_timeout": float("nan")}),
        ("api_key", {"api_key": "\ud800"}),
        ("sender", {"sender": "\udfff"}),
    ],
)
def test_a_setting_is_refused_by_name(argument: str, settings: dict[str, object]):
    with pytest.raises(InvalidArgumentError) as caught:
        Client(**{"api_key": "the key", "sender": "Acme"} | settings)
    assert caught.value.argument == argument
    assert str(caught.value).startswith(f"{argument}: ")
    assert caught.value.reached is Reached.NO


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("to", lambda client: client.send("")),
        ("to", lambda client: client.send("12345")),
        ("to", lambda client: client.check("+1 212 555 0100", "1")),
        ("to", lambda client: client.check("\ud800", "1")),
        ("code", lambda client: client.check(TO, "")),
        ("code", lambda client: client.check(TO, "x" * 17)),
        ("code", lambda client: client.check(TO, "\udcff")),
        ("sender", lambda client: client.send(TO, sender="")),
        ("end_user", lambda client: client.send(TO, end_user="a\nb")),
        ("end_user", lambda client: client.send(TO, end_user="x" * 257)),
        ("end_user", lambda client: client.check(TO, "1", end_user="\udcff")),
        ("message", lambda client: client.send(TO, message="none")),
        ("message", lambda client: client.send(TO, message="##code##\n@a.example ###code##", origin="a.example")),
        ("origin", lambda client: client.send(TO, origin="a.example:8443")),
        ("origin", lambda client: client.send(TO, origin="\ud800")),
        ("app_hash", lambda client: client.send(TO, app_hash="FA+9qCX9VS")),
    ],
)
def test_an_argument_is_refused_before_anything_leaves(argument: str, call, sandbox: Sandbox, client: Client):
    sandbox.fail_next()
    with pytest.raises(InvalidArgumentError) as caught:
        call(client)
    assert caught.value.argument == argument
    assert caught.value.safe_to_retry
    assert sandbox.waiting() == 1, "a request came"


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.send(501234567),
        lambda client: client.check(TO, 123456),
        lambda client: client.check(TO, b"123456"),
        lambda client: client.send(TO, "Acme"),
        lambda client: client.send(TO, end_user=("203.0.113.7", 123456)),
        lambda client: client.check(TO, "123456", "203.0.113.7"),
        lambda client: client.forget(501234567),
        lambda client: client.check(TO),
    ],
)
def test_what_is_no_text_is_a_type_error(call, client: Client):
    with pytest.raises(TypeError) as caught:
        call(client)
    assert "123456" not in str(caught.value)


def test_a_timestamp_that_no_calendar_has_does_not_lose_the_answer():
    for timestamp in (b"9223372036854775807", b"-9223372036854775808"):
        with RecordingServer(lambda _, number=timestamp: http(SENT.replace(b"1600115719", number))) as server:
            sent = Client("the key", sender="Acme", url=server.url).send(TO)
        assert (sent.unique, sent.timestamp) == ("63433453", None)


def test_a_closed_client_says_so(sandbox: Sandbox):
    with sandbox.client() as client:
        assert repr(client) == "<verifysms.Client>"
    for call in (client.connect, lambda: client.send(TO), lambda: client.check(TO, "1"), client.cancel):
        with pytest.raises(InvalidArgumentError, match="client: is closed"):
            call()
    client.close()
    assert repr(client) == "<verifysms.Client, closed>"


def test_closing_closes_the_connections():
    ended = threading.Event()

    class Watching(RecordingServer):
        def _serve(self, *arguments: object) -> None:
            super()._serve(*arguments)
            ended.set()

    with Watching(lambda _: http(SENT)) as server:
        client = Client("the key", sender="Acme", url=server.url)
        client.send(TO)
        assert not ended.wait(0.1)
        client.close()
        assert ended.wait(5), "the server's end never saw the close"


def test_a_subclass_is_a_client(sandbox: Sandbox):
    class Mine(Client):
        pass

    client = Mine(sandbox.api_key, sender="Acme", url=sandbox.url)
    with client as same:
        assert same is client
        assert client.send(TO).to == TO
