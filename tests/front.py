"""A front of the service: passes connections on to a sandbox and remembers what went over each.

Knows nothing of what the bytes mean. TLS, or an end that comes too early, are its business.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager


class Front:
    """A listening front."""

    def __init__(self, url: str, last_words: bytes, header: str) -> None:
        """Before the sandbox at `url`; see front()."""
        parts = urllib.parse.urlsplit(url)
        assert parts.hostname is not None and parts.port is not None
        self._upstream = (parts.hostname, parts.port)
        self._path = parts.path
        self._last_words = last_words
        self._header = header.encode()
        self.port = 0
        self.connections: list[bytearray] = []
        """What each client has sent, in the order in which they came."""

    def url(self, host: str, scheme: str = "http") -> str:
        """The service's address behind this front."""
        return f"{scheme}://{host}:{self.port}{self._path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, to its end."""
        sent = bytearray()
        self.connections.append(sent)
        if self._last_words:
            sent += await reader.read(65536)
            # Corked, the words and the end of the stream arrive together.
            opened = writer.get_extra_info("socket")
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
            writer.write(self._last_words)
            writer.close()
            return
        try:
            from_service, to_service = await asyncio.open_connection(*self._upstream)
            await asyncio.gather(
                _pass(reader, to_service, sent),
                _pass(from_service, writer, None, self._header),
            )
        except OSError:
            pass
        finally:
            writer.close()


async def _pass(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    record: bytearray | None,
    header: bytes = b"",
) -> None:
    try:
        while data := await reader.read(65536):
            if header:
                data = data.replace(b" 200 OK\r\n", b" 200 OK\r\n%b\r\n" % header)
            if record is not None:
                record += data
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


@contextmanager
def front(
    url: str,
    *,
    address: str = "127.0.0.1",
    tls: ssl.SSLContext | None = None,
    last_words: bytes = b"",
    header: str = "",
) -> Iterator[Front]:
    """Start a front of the sandbox at `url`.

    One with `last_words` answers the first bytes so and closes; a `header` is added to answers.
    """
    opened = Front(url, last_words, header)
    loop = asyncio.new_event_loop()
    # A handshake that fails is what some tests want; asyncio would print it.
    loop.set_exception_handler(lambda _loop, _context: None)
    server = loop.run_until_complete(
        asyncio.start_server(opened.serve, address, 0, ssl=tls, backlog=512)
    )
    opened.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield opened
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        loop.run_until_complete(_end_all())
        loop.close()


async def _end_all() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
