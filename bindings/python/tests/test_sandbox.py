"""The sandbox inside the process, and the fixture for pytest."""

from __future__ import annotations

import time
import urllib.request

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
    assert newest.time >= first.time > 1_600_000_000
    assert newest.expires == newest.time + 600
    assert newest.wrong_tries == 0
    client.check(TO, "none")
    assert [message.wrong_tries for message in sandbox.messages(TO)] == [1, 0]
    newest = sandbox.messages(TO)[0]
    with pytest.raises(AttributeError):
        newest.code = "1"  # type: ignore[misc]
    assert newest.text in repr(newest)
    sandbox.reset()
    assert sandbox.messages() == []


def test_its_page_is_served(sandbox: Sandbox):
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(sandbox.page) as answer:
        assert answer.headers.get_content_type() == "text/html"


def test_a_number_that_got_nothing_has_no_code(sandbox: Sandbox):
    with pytest.raises(LookupError, match="local form"):
        sandbox.code("050-123-4567")


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
    wrongs = ({"times": 0}, {"reason": 1}, {"http_status": 200}, {"reason": 5, "http_status": 503})
    for wrong in wrongs:
        with pytest.raises(ValueError, match=r"\w"):
            sandbox.fail_next(**wrong)


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


def test_the_fixture_is_there_for_those_who_ask(tmp_path, python):
    (tmp_path / "test_mine.py").write_text(FIXTURE_TEST)
    run = "import pytest, sys; sys.exit(pytest.main(['-q', '-p', 'no:cacheprovider', *sys.argv[1:]]))"
    python(run, "-p", "verifysms.pytest_plugin", cwd=tmp_path)
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["verifysms.pytest_plugin"]\n')
    python(run, cwd=tmp_path)


def test_pytest_does_not_load_the_package_unasked(tmp_path, python):
    (tmp_path / "test_mine.py").write_text(
        "import sys\ndef test_it(): assert not [name for name in sys.modules if name.startswith('verifysms')]\n"
    )
    python("import pytest, sys; sys.exit(pytest.main(['-q', '-p', 'no:cacheprovider']))", cwd=tmp_path)
