"""Planted secrets are searched for in everything that a program may print, log or report."""

from __future__ import annotations

import asyncio
import io
import logging
import traceback
from pathlib import Path

import pytest
from servers import SENT, RecordingServer, http

import verifysms
from verifysms import AsyncClient, Client, VerifySmsError
from verifysms.testing import Sandbox

KEY = "planted-key-93571"
CODE = "918273"
TO = "0523456789"
SECRETS = (KEY, CODE, TO, TO[1:])
PACKAGE = str(Path(verifysms.__file__).parent)


def report(error: BaseException) -> str:
    """All that a tool of the curious kind reports: the frames of the package with their variables, the fields."""
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    frames = [frame for frame in told.stack if frame.filename.startswith(PACKAGE)]
    variables = [f"{name} = {value}" for frame in frames for name, value in (frame.locals or {}).items()]
    plain = "".join(traceback.format_exception_only(type(error), error))
    chained = [report(other) for other in (error.__cause__, error.__context__) if other is not None]
    return "\n".join([plain, repr(error), str(error), repr(vars(error)), repr(error.args), *variables, *chained])


@pytest.fixture
def log():
    """Everything that is logged, by anybody, at every level."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s %(args)s"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(1)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


ANSWERS = {
    "html": http(b"<html>", 500),
    "echo": http(f"{KEY} {CODE} {TO}".encode()),
    "fail": http(b'{"status":"FAIL","reason":6}'),
    "fail that echoes": http(f'{{"status":"FAIL","reason":77,"apiKey":"{KEY}","code":"{CODE}"}}'.encode()),
    "another number": http(b'{"status":1,"phone":"0501111111"}'),
    "no http": f"{KEY} {CODE} {TO}\r\n\r\n".encode(),
    "header that echoes": f"HTTP/1.1 200 {KEY}\r\n{CODE}: {TO}\r\nContent-Length: x{KEY}\r\n\r\n".encode(),
    "closed": None,
    "not verified": http(f'{{"status":2,"phone":"{TO}"}}'.encode()),
    "sent by a number": http(SENT.replace(b"Acme", TO.encode())),
    "sent by a number abroad": http(SENT.replace(b"Acme", b"+972-" + TO[1:].encode())),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_no_secret_is_in_a_repr_a_record_or_a_traceback(answer: str, log: io.StringIO):
    told: list[str] = []

    async def awaited(url: str) -> None:
        async with AsyncClient(KEY, sender="Acme", url=url) as client:
            told.append(repr(client))
            for call in (lambda: client.send(TO), lambda: client.check(TO, CODE)):
                try:
                    told.append(repr(await call()))
                except VerifySmsError as error:
                    told.append(report(error))

    with RecordingServer(lambda _: ANSWERS[answer]) as server:
        client = Client(KEY, sender="Acme", url=server.url)
        told.append(repr(client))
        for call in (lambda: client.send(TO), lambda: client.check(TO, CODE)):
            try:
                told.append(repr(call()))
            except VerifySmsError as error:
                told.append(report(error))
        asyncio.run(awaited(server.url))
        assert len(server.requests) == 4
    assert len(told) == 6
    records = log.getvalue()
    assert records.count("INFO verifysms") == 4
    for secret in SECRETS:
        assert secret not in "\n".join(told)
        assert secret not in records


def test_no_secret_is_in_a_refusal(log: io.StringIO):
    calls = [
        lambda: Client(KEY + "\n" + KEY, sender="Acme"),
        lambda: Client(KEY + "\ud800", sender="Acme"),
        lambda: Client(KEY, sender=KEY),
        lambda: Client(KEY, message=KEY),
        lambda: Client(KEY, url=f"http://{KEY}@127.0.0.1/"),
        lambda: Client(KEY, proxy=f"gopher://user:{KEY}@127.0.0.1/"),
        lambda: AsyncClient(KEY + "\n" + KEY, sender="Acme"),
        lambda: Client(KEY, sender="Acme").check(TO, CODE * 3),
        lambda: Client(KEY, sender="Acme").check(TO, CODE + "\x00"),
        lambda: Client(KEY, sender="Acme").check(TO, CODE + "\udc00"),
        lambda: Client(KEY, sender="Acme").check(TO + "9", CODE),
        lambda: Client(KEY, sender="Acme").check(TO + "x", CODE),
        lambda: Client(KEY, sender="Acme").send(TO, message=CODE),
        lambda: asyncio.run(AsyncClient(KEY, sender="Acme").check(TO + "9", CODE)),
        lambda: asyncio.run(AsyncClient(KEY, sender="Acme").check(TO, CODE + "\ud800")),
    ]
    for call in calls:
        with pytest.raises(ValueError) as caught:  # noqa: PT011
            call()
        assert isinstance(caught.value, VerifySmsError)
        for secret in SECRETS:
            assert secret not in report(caught.value)
            assert secret not in log.getvalue()


END_USER = "203.0.113.77"
GUARD_SECRET = "planted-guard-secret-24680"
GUARDED = (*SECRETS, END_USER, GUARD_SECRET)


@pytest.mark.parametrize("where", ["memory:", "file:{}/guard", "file:{}/none/guard"])
@pytest.mark.parametrize("failure", ["local", "refuse"])
def test_no_secret_of_the_guard_is_in_a_repr_a_record_or_a_traceback(where: str, failure, tmp_path, log: io.StringIO):
    settings = {"guard": where.format(tmp_path), "guard_secret": GUARD_SECRET, "on_guard_failure": failure}
    told: list[str] = []

    def calls(client) -> list[object]:
        return [
            lambda: client.send(TO, end_user=END_USER),
            lambda: client.send(TO, end_user=END_USER),
            *[lambda: client.check(TO, CODE, end_user=END_USER)] * 6,
            lambda: client.guard_show(TO),
            lambda: client.send(TO, end_user=END_USER + "\n"),
            lambda: client.send(TO, end_user=END_USER * 30),
            lambda: client.check(TO, CODE, end_user=END_USER + "\ud800"),
            lambda: client.forget(TO),
        ]

    async def awaited(sandbox: Sandbox) -> None:
        async with sandbox.async_client(**settings) as client:
            for call in calls(client):
                try:
                    told.append(repr(await call()))
                except VerifySmsError as error:
                    told.append(report(error))

    with Sandbox(api_key=KEY) as sandbox:
        client = sandbox.client(**settings)
        told.append(repr(client))
        for call in calls(client):
            try:
                told.append(repr(call()))
            except VerifySmsError as error:
                told.append(report(error))
        asyncio.run(awaited(sandbox))
    assert len(told) == 27
    assert any("LimitedError" in one or "GuardDownError" in one for one in told)
    for secret in GUARDED:
        assert secret not in "\n".join(told)
        assert secret not in log.getvalue()


def test_a_wrong_type_is_not_quoted():
    client = Client(KEY, sender="Acme")
    for call in (lambda: client.check(TO, int(CODE)), lambda: client.check(int(TO), CODE), lambda: Client([KEY])):
        with pytest.raises(TypeError) as caught:
            call()
        for secret in SECRETS:
            assert secret not in report(caught.value)


def test_the_sandbox_knows_no_secret_worth_hiding_but_the_client_hides_its_key():
    with Sandbox(api_key=KEY) as sandbox, sandbox.client() as client:
        assert KEY not in repr(sandbox)
        assert KEY not in repr(client)
        assert client.send(TO).to == TO
