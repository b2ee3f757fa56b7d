"""One DEBUG record an attempt, one INFO record a call, none at the import."""

from __future__ import annotations

import asyncio
import logging
import re
import threading
from urllib.parse import urlsplit

import pytest
from conftest import TO

import verifysms
from verifysms import Client, ErrorCode, Event, Limit, Reached
from verifysms.testing import Sandbox


def test_a_call_has_a_record_and_an_attempt_has_one(client: Client, sandbox: Sandbox, caplog):
    caplog.set_level(logging.DEBUG, "verifysms")
    client.send(TO)
    client.check(TO, "no code")
    sandbox.fail_next(http_status=503)
    with pytest.raises(verifysms.HttpStatusError):
        client.check(TO, "no code")
    sandbox.fail_next(reason=6)
    with pytest.raises(verifysms.RejectedError):
        client.send(TO)
    records = [(record.levelname, re.sub(r"\d+ ms", "N ms", record.getMessage())) for record in caplog.records]
    peer = urlsplit(sandbox.url).netloc
    new, kept = f"{peer}, new; DNS N ms, connect N ms, first byte N ms", f"{peer}, kept; first byte N ms"
    assert records == [
        ("DEBUG", f"attempt 1: HTTP status 200, N ms; {new}"),
        ("INFO", "send *******567: OK, reached YES, N ms"),
        ("DEBUG", f"attempt 1: HTTP status 200, N ms; {kept}"),
        ("INFO", "check *******567: NOT_VERIFIED, reached YES, N ms"),
        ("DEBUG", f"attempt 1: HTTP status 503, N ms; {new}"),
        ("INFO", "check *******567: HTTP_STATUS, reached UNKNOWN, N ms"),
        ("DEBUG", f"attempt 1: HTTP status 200, N ms; {kept}"),
        ("INFO", "send *******567: REJECTED (reason 6), reached YES, N ms"),
    ]
    assert {record.name for record in caplog.records} == {"verifysms"}
    assert {record.threadName for record in caplog.records} == {threading.current_thread().name}
    assert {record.filename for record in caplog.records} == {"test_logging.py"}, "it names the caller's line"


FIELDS = ("event", "code", "reached", "attempt", "reused", "limit")
NO_END = dict.fromkeys((*FIELDS, "milliseconds"))


def ends(caplog) -> list[tuple[object, ...]]:
    """The numbers of each call since the last question."""
    records = [record for record in caplog.records if record.levelno == logging.INFO]
    caplog.clear()
    for record in records:
        assert type(record.milliseconds) is int
        assert 0 <= record.milliseconds < 60_000
    return [tuple(getattr(record, name) for name in FIELDS) for record in records]


def test_the_record_of_a_call_has_its_end_in_numbers(sandbox: Sandbox, caplog):
    caplog.set_level(logging.DEBUG, "verifysms")
    client = sandbox.client(guard="memory:", limits={Limit.TRIES: (1, 600)})
    client.connect()
    client.send(TO)
    client.check(TO, sandbox.code(TO))
    client.check(TO, "no code")
    with pytest.raises(verifysms.LimitedError):
        client.check(TO, "no code")
    with pytest.raises(verifysms.InvalidArgumentError):
        client.send("12")
    assert "check *******567: LIMITED (TRIES), reached NO" in caplog.text
    attempts = [vars(record) for record in caplog.records if record.levelno == logging.DEBUG]
    assert len(attempts) == 4
    assert all(attempt.items() >= NO_END.items() for attempt in attempts)
    assert ends(caplog) == [
        (Event.OTHER, ErrorCode.OK, Reached.NO, 1, False, None),
        (Event.SENT, ErrorCode.OK, Reached.YES, 1, True, None),
        (Event.VERIFIED, ErrorCode.OK, Reached.YES, 1, True, None),
        (Event.CHECKED, ErrorCode.NOT_VERIFIED, Reached.YES, 1, False, None),
        (Event.LIMITED, ErrorCode.LIMITED, Reached.NO, 0, False, Limit.TRIES),
        (Event.FAILED, ErrorCode.INVALID_ARGUMENT, Reached.NO, 0, False, None),
    ]


def test_the_calls_of_an_event_loop_have_it_too(sandbox: Sandbox, caplog):
    caplog.set_level(logging.INFO, "verifysms")

    async def call() -> None:
        async with sandbox.async_client() as client:
            await client.send(TO)
            await client.check(TO, "no code")

    asyncio.run(call())
    assert ends(caplog) == [
        (Event.SENT, ErrorCode.OK, Reached.YES, 1, False, None),
        (Event.CHECKED, ErrorCode.NOT_VERIFIED, Reached.YES, 1, True, None),
    ]


def test_a_warning_takes_no_end_of_a_call_that_is_not_logged(sandbox: Sandbox, caplog):
    caplog.set_level(logging.WARNING, "verifysms")
    Client(sandbox.api_key, sender="Acme", url=sandbox.url, guard=None).send(TO)
    (warning,) = caplog.records
    assert "no guard" in warning.getMessage()
    assert vars(warning).items() >= NO_END.items()


def test_every_attempt_is_recorded(caplog):
    caplog.set_level(logging.DEBUG, "verifysms")
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(verifysms.ConnectError):
        Client("the key", sender="Acme", url=f"http://127.0.0.1:{port}/").send(TO)
    assert [record.levelname for record in caplog.records] == ["DEBUG"] * 3 + ["INFO"]


def test_the_level_is_asked_at_every_call(client: Client, caplog):
    caplog.set_level(logging.WARNING, "verifysms")
    client.send(TO)
    assert caplog.records == []
    caplog.set_level(logging.INFO, "verifysms")
    client.send(TO)
    assert [record.levelname for record in caplog.records] == ["INFO"]


def test_a_logger_that_fails_costs_no_answer(client: Client, monkeypatch):
    logger = logging.getLogger("verifysms")
    monkeypatch.setattr(logger, "level", logging.DEBUG)
    logger.manager._clear_cache()
    unraisable: list[object] = []
    monkeypatch.setattr("sys.unraisablehook", lambda caught: unraisable.append(caught.exc_value))

    class Broken(logging.Filter):
        def filter(self, record: logging.LogRecord) -> bool:
            raise RuntimeError(f"the filter is broken for {record.levelname}")

    broken = Broken()
    logger.addFilter(broken)
    try:
        assert client.send(TO).to == TO
    finally:
        logger.removeFilter(broken)
        monkeypatch.undo()
        logger.manager._clear_cache()
    assert [str(error) for error in unraisable] == [f"the filter is broken for {level}" for level in ("DEBUG", "INFO")]


def test_the_import_logs_nothing_and_imports_no_logging(python):
    done = python(
        """
        import sys
        import verifysms
        print([name for name in ("logging", "asyncio", "typing", "datetime", "pytest") if name in sys.modules])
        import logging
        print(logging.getLogger("verifysms").handlers, logging.getLogger().handlers)
        """
    )
    assert done.stdout == "[]\n[] []\n"
    assert done.stderr == ""


def test_logging_that_is_imported_later_is_found(python, sandbox: Sandbox):
    done = python(
        """
        import sys
        import verifysms
        client = verifysms.Client("sandbox-key", sender="Acme", guard=None, url=sys.argv[1])
        client.send("0501234567")
        import logging
        logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
        client.send("0501234567")
        """,
        sandbox.url,
    )
    assert re.fullmatch(r"send \*{7}567: OK, reached YES, \d+ ms\n", done.stdout)
