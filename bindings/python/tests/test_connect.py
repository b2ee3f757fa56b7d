"""A connection that is opened ahead: the next call is made on it, and an error is one of any call's."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import threading
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from conftest import TO
from servers import RecordingServer
from test_errors import closed_port

import verifysms
from verifysms import AsyncClient, Client, Reached
from verifysms.testing import Sandbox


def blocking(work: str, **settings: object) -> Callable[[], list[object]]:
    client = Client("the key", sender="Acme", **settings)
    return lambda: [getattr(client, step)(*([TO] if step == "send" else [])) for step in work.split()]


def awaited(work: str, **settings: object) -> Callable[[], list[object]]:
    async def main() -> list[object]:
        async with AsyncClient("the key", sender="Acme", **settings) as client:
            return [await getattr(client, step)(*([TO] if step == "send" else [])) for step in work.split()]

    return lambda: asyncio.run(main())


both = pytest.mark.parametrize("way", [blocking, awaited])


@both
def test_a_later_send_is_made_on_the_connection(way, recording_server: RecordingServer):
    answered = way("connect connect send send", url=recording_server.url, guard=None)()
    assert answered[:2] == [None, None]
    assert [sent.to for sent in answered[2:]] == [TO, TO]
    assert [request.connection for request in recording_server.requests] == [1, 1]
    assert recording_server.connections == 1


@both
def test_nothing_is_asked_of_the_service(way, recording_server: RecordingServer):
    way("connect", url=recording_server.url)()
    recording_server.wait_for_connection()
    assert recording_server.requests == []


@both
def test_tls_is_done(way):
    with Sandbox(tls=True) as sandbox:
        assert way("connect", url=sandbox.url, ca_file=sandbox.ca_file)() == [None]
        with pytest.raises(verifysms.TlsError) as caught:
            way("connect", url=sandbox.url, trust="bundled")()
    assert caught.value.reached is Reached.NO


@both
def test_no_connection_is_a_connect_error(way):
    with pytest.raises(verifysms.ConnectError) as caught:
        way("connect", url=f"http://127.0.0.1:{closed_port()}/")()
    assert caught.value.safe_to_retry


@both
def test_the_deadline_holds(way):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        connect = way("connect", url=f"https://127.0.0.1:{listener.getsockname()[1]}/", timeout=0.2)
        begun = time.monotonic()
        with pytest.raises(verifysms.TimeoutError) as caught:
            connect()
        assert 0.2 <= time.monotonic() - begun < 1
    assert caught.value.safe_to_retry


@both
def test_it_is_logged_as_any_call(way, recording_server: RecordingServer, caplog):
    caplog.set_level(logging.DEBUG, "verifysms")
    way("connect", url=recording_server.url)()
    records = [(record.levelname, re.sub(r"\d+ ms", "N ms", record.getMessage())) for record in caplog.records]
    peer = urlsplit(recording_server.url).netloc
    assert records == [
        ("DEBUG", f"attempt 1: connected, N ms; {peer}, new; DNS N ms, connect N ms"),
        ("INFO", "connect: OK, reached NO, N ms"),
    ]


def test_cancel_ends_it():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = Client("the key", sender="Acme", url=f"https://127.0.0.1:{listener.getsockname()[1]}/")
        raised: list[BaseException] = []

        def connect() -> None:
            try:
                client.connect()
            except verifysms.CancelledError as error:
                raised.append(error)

        waiting = threading.Thread(target=connect)
        waiting.start()
        with listener.accept()[0]:
            begun = time.monotonic()
            client.cancel()
            waiting.join()
            assert time.monotonic() - begun < 0.1
    assert [error.reached for error in raised] == [Reached.NO]


def test_a_cancelled_await_ends_it():
    async def main(listener: socket.socket) -> None:
        client = AsyncClient("the key", sender="Acme", url=f"https://127.0.0.1:{listener.getsockname()[1]}/")
        task = asyncio.create_task(client.connect())
        connection, _ = await asyncio.to_thread(listener.accept)
        with connection:
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            connection.settimeout(1)
            while await asyncio.to_thread(connection.recv, 4096):
                pass

    with socket.create_server(("127.0.0.1", 0)) as listener:
        asyncio.run(main(listener))
