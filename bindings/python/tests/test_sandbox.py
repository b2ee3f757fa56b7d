"""The sandbox inside the process, and the fixture for pytest."""

from __future__ import annotations

import http.client
import ssl
import threading
import time
import urllib.request
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from conftest import TO

import verifysms
from verifysms import Client, Reason
from verifysms.testing import Sandbox


def test_it_starts_within_50_milliseconds():
    times = []
    for _ in range(5):
        begun = time.perf_counter()
        with Sandbox() as sandbox:
            sandbox.client().send(TO)
            times.append(time.perf_counter() - begun)
    print(f"started and answered a first call in {1000 * min(times):.1f} ms")
    assert min(times) < 0.05


def test_its_clock_moves_forward(sandbox: Sandbox, client: Client):
    client.send(TO)
    code = sandbox.code(TO)
    sandbox.advance(minutes=9, seconds=50)
    assert sandbox.messages()[0].state == "waiting"
    sandbox.advance(seconds=11)
    assert client.check(TO, code).status == 3
    assert sandbox.messages()[0].state == "expired"
    for wrong in ({"seconds": -1}, {"hours": 1e9}, {"minutes": float("nan")}):
        with pytest.raises(ValueError, match="clock"):
            sandbox.advance(**wrong)


def test_its_messages_are_the_newest_first(sandbox: Sandbox, client: Client):
    client.send(TO, message="First ##code##")
    client.send("031234567", sender="Other")
    client.send(TO)
    assert [message.to for message in sandbox.messages()] == [TO, "031234567", TO]
    newest, first = sandbox.messages(TO)
    assert first.text == f"First {first.code}"
    assert (first.state, newest.state) == ("replaced", "waiting")
    assert sandbox.messages("031234567")[0].sender == "Other"
    assert sandbox.code(TO) == newest.code
    assert newest == sandbox.messages(TO)[0]
    assert len({newest, sandbox.messages(TO)[0]}) == 1
    assert newest.time >= first.time > datetime(2020, 9, 13, tzinfo=timezone.utc)
    assert newest.expires == newest.time + timedelta(minutes=10)
    assert newest.wrong_tries == 0
    assert (newest.encoding, newest.length, newest.parts) == ("GSM-7", len(newest.text), 1)
    client.check(TO, "none")
    assert [message.wrong_tries for message in sandbox.messages(TO)] == [1, 0]
    newest = sandbox.messages(TO)[0]
    with pytest.raises(AttributeError):
        newest.code = "1"  # type: ignore[misc]
    assert newest.text in repr(newest)
    sandbox.reset()
    assert sandbox.messages() == []


def test_a_message_is_waited_for(sandbox: Sandbox, client: Client):
    first = client.send(TO)
    message = sandbox.wait_for_message(TO, timeout=0)
    assert message == sandbox.messages(TO)[0]
    later = threading.Timer(0.2, client.send, [TO])
    later.start()
    newer = sandbox.wait_for_message(TO, timeout=30, after=message)
    later.join()
    assert newer == sandbox.messages(TO)[0] != message
    assert int(newer.unique) > int(message.unique) == int(first.unique)


def test_a_wait_without_a_message_says_why(sandbox: Sandbox):
    with pytest.raises(TimeoutError, match="there was none"):
        sandbox.wait_for_message(TO, timeout=0)
    with pytest.raises(verifysms.RejectedError), Client("secret", url=sandbox.url, sender="Acme") as client:
        client.send(TO)
    with pytest.raises(TimeoutError, match="reason 6, wrong key") as raised:
        sandbox.wait_for_message(TO, timeout=0.1)
    assert "secret" not in str(raised.value)
    with pytest.raises(ValueError, match="timeout"):
        sandbox.wait_for_message(TO, timeout=-1)


def test_a_wait_ends_when_the_sandbox_is_closed():
    sandbox = Sandbox()
    later = threading.Timer(0.2, sandbox.close)
    later.start()
    with pytest.raises(ValueError, match="closed"):
        sandbox.wait_for_message(TO, timeout=30)
    later.join()


def test_its_page_is_served(sandbox: Sandbox):
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(sandbox.page) as answer:
        assert answer.headers.get_content_type() == "text/html"


def test_a_number_that_got_nothing_has_no_code(sandbox: Sandbox):
    with pytest.raises(LookupError, match=f"nothing was sent to {TO}"):
        sandbox.code("050-123-4567")


@pytest.mark.parametrize("to", ["050-123-4567", "+972 50 123 4567", verifysms.normalize(TO)])
def test_it_takes_a_number_however_it_is_written(to: str, sandbox: Sandbox, client: Client):
    sandbox.fail_next(to=to)
    with pytest.raises(verifysms.RejectedError):
        client.send(TO)
    client.send(TO)
    assert sandbox.messages(to) == sandbox.messages(TO) == [sandbox.wait_for_message(to, timeout=0)]
    assert sandbox.code(to) == sandbox.code(TO)


def test_it_refuses_what_is_no_number(sandbox: Sandbox):
    for ask in (sandbox.code, sandbox.messages, sandbox.wait_for_message, lambda to: sandbox.fail_next(to=to)):
        with pytest.raises(verifysms.InvalidArgumentError):
            ask("050-12")


def test_its_failures_are_scripted(sandbox: Sandbox, client: Client):
    sandbox.fail_next()
    sandbox.fail_next(2, http_status=503)
    sandbox.fail_next(reason=77)
    with pytest.raises(verifysms.RejectedError) as caught:
        client.send(TO)
    assert caught.value.reason is Reason.UNKNOWN_ERROR
    for _ in range(2):
        with pytest.raises(verifysms.HttpStatusError) as caught_status:
            client.send(TO)
        assert caught_status.value.http_status == 503
    with pytest.raises(verifysms.RejectedError) as caught:
        client.send(TO)
    assert caught.value.reason == 77
    assert client.send(TO).to == TO
    wrongs = (
        {"times": 0},
        {"reason": 1},
        {"http_status": 200},
        {"http_status": -1},
        {"reason": 2**70},
        {"reason": 5, "http_status": 503},
        {"reason": 5, "failure": "reset"},
        {"failure": "no such thing"},
        {"failure": {"delay": 0}},
        {"failure": "drop", "to": TO},
        {"to": "050-12"},
    )
    for wrong in wrongs:
        with pytest.raises(ValueError, match=r"\w"):
            sandbox.fail_next(**wrong)
    assert client.send(TO).to == TO


def test_an_answer_can_be_lost_to_one_number(sandbox: Sandbox, client: Client):
    sandbox.fail_next(failure="lose_answer", to=TO)
    sandbox.fail_next(failure={"body": "truncated"}, to=TO)
    assert client.send("0521234567").to == "0521234567"
    with pytest.raises(verifysms.ConnectionLostError) as lost:
        client.send(TO)
    assert not lost.value.safe_to_retry
    assert [message.to for message in sandbox.messages(TO)] == [TO]
    with pytest.raises(verifysms.BadReplyError):
        client.send(TO)
    assert client.send(TO).to == TO


def test_some_numbers_always_fail(client: Client):
    for _ in range(2):
        with pytest.raises(verifysms.RejectedError) as caught:
            client.send("0570000006")
        assert caught.value.reason is Reason.WRONG_API_KEY
    with pytest.raises(verifysms.HttpStatusError):
        client.send("0570000503")


def test_its_authority_is_trusted_by_its_own_clients_alone():
    with Sandbox(tls=True) as sandbox:
        assert sandbox.url.startswith("https://127.0.0.1:")
        sandbox.client().send(TO)
        assert sandbox.client().check(TO, sandbox.code(TO))
        with pytest.raises(verifysms.TlsError):
            sandbox.client(ca_file=None, trust="bundled").send(TO)
        authority = Path(sandbox.ca_file)
        assert authority.read_text().startswith("-----BEGIN CERTIFICATE-----")
    assert not authority.parent.exists()
    with Sandbox() as sandbox:
        assert sandbox.ca_file is None


def test_its_certificate_satisfies_python_at_its_strictest():
    with Sandbox(tls=True) as sandbox:
        context = ssl.create_default_context(cafile=sandbox.ca_file)
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        port = int(sandbox.url.split(":")[2].split("/")[0])
        for name in ("localhost", "127.0.0.1"):
            connection = http.client.HTTPSConnection(name, port, timeout=10, context=context)
            for origin, status in (("https", 200), ("http", 403)):
                headers = {"Host": f"localhost:{port}", "Origin": f"{origin}://localhost:{port}"}
                connection.request("GET", "/control/messages", headers=headers)
                answer = connection.getresponse()
                answer.read()
                assert answer.status == status
            connection.close()


def test_a_seed_makes_its_codes_repeatable():
    def codes(sandbox: Sandbox) -> list[str]:
        client = sandbox.client()
        for _ in range(3):
            client.send(TO)
        return [message.code for message in sandbox.messages()]

    with Sandbox(seed=7) as sandbox, Sandbox(seed=7) as other, Sandbox(seed=8) as another:
        first = codes(sandbox)
        assert codes(other) == first
        assert codes(another) != first
        sandbox.reset()
        assert codes(sandbox) == first
    with pytest.raises(OverflowError):
        Sandbox(seed=-1)


def test_its_key_and_its_senders_are_its_own():
    with Sandbox(api_key="my key", approved_senders=["0521112222"]) as sandbox:
        assert sandbox.client().send(TO, sender="0521112222").sender == "0521112222"
        with pytest.raises(verifysms.RejectedError) as caught:
            sandbox.client().send(TO, sender="0521112223")
        assert caught.value.reason is Reason.SENDER_NOT_APPROVED
        with pytest.raises(verifysms.RejectedError) as caught:
            Client("sandbox-key", sender="Acme", url=sandbox.url).send(TO)
        assert caught.value.reason is Reason.WRONG_API_KEY
        with pytest.raises(OSError, match="cannot listen"):
            Sandbox(port=int(sandbox.url.split(":")[2].split("/")[0]))
    for wrong in ({"api_key": ""}, {"approved_senders": ["Acme"]}):
        with pytest.raises(ValueError, match=r"API key|not a number"):
            Sandbox(**wrong)


def test_a_closed_sandbox_says_so():
    with Sandbox() as sandbox:
        client = sandbox.client()
        client.send(TO)
    sandbox.close()
    for ask in (sandbox.messages, sandbox.reset, sandbox.fail_next):
        with pytest.raises(ValueError, match="closed"):
            ask()
    with pytest.raises((verifysms.ConnectError, verifysms.ConnectionLostError)):
        client.send(TO)


FIXTURE_TEST = """
def test_sign_up(verifysms_sandbox):
    client = verifysms_sandbox.client()
    client.send("0501234567")
    assert client.check("0501234567", verifysms_sandbox.code("0501234567"))
"""


PYTEST = "import pytest, sys; sys.exit(pytest.main(['-q', '-p', 'no:cacheprovider']))"


def test_the_fixture_is_there_for_those_who_ask(tmp_path, python):
    (tmp_path / "test_mine.py").write_text(FIXTURE_TEST)
    python(PYTEST, cwd=tmp_path)


def test_a_nested_conftest_builds_on_the_fixture(tmp_path, python):
    nested = tmp_path / "sub" / "deeper"
    nested.mkdir(parents=True)
    (nested / "conftest.py").write_text(
        "import pytest\n\n\n@pytest.fixture\n"
        "def shop(verifysms_sandbox):\n    return verifysms_sandbox.client(sender='Shop')\n"
    )
    (nested / "test_mine.py").write_text("def test_it(shop): assert shop.send('0501234567').sender == 'Shop'\n")
    python(PYTEST, cwd=tmp_path)


def test_pytest_does_not_load_the_package_unasked(tmp_path, python):
    (tmp_path / "test_mine.py").write_text(
        "import sys\n\n\ndef test_it():\n"
        "    assert [name for name in sys.modules if name.startswith('verifysms')] == ['verifysms_pytest']\n"
    )
    python(PYTEST, cwd=tmp_path)
