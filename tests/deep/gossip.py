"""A server that repeats what it was told, in answers of every kind; also as a proxy before itself.

It reads requests by itself and shares nothing with the library or the sandbox.
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Answer = Callable[[bytes], "bytes | None"]
"""From all that was sent, head and body, to the bytes of the answer; None: close at once."""


def http(body: bytes, head: bytes = b"HTTP/1.1 200 OK") -> bytes:
    """A whole answer."""
    return head + b"\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


def part(request: bytes, name: bytes) -> bytes:
    """A field of the form, empty if it is not there."""
    found = re.search(rb'name="' + name + rb'"\r\n\r\n(.*?)\r\n--', request, re.DOTALL)
    return found[1] if found else b""


def gossip(request: bytes) -> bytes:
    """All that was told, as a text in JSON."""
    names = (b"apiKey", b"to", b"code", b"from", b"message")
    return b" ".join(part(request, name) for name in names)


class Server:
    """Answers each request over each connection; see serving()."""

    def __init__(self, answer: Answer, tls: ssl.SSLContext | None, login: bytes | None) -> None:
        """Listen, and remember what to do."""
        self._answer = answer
        self._tls = tls
        self._login = login
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    def accept(self) -> None:
        """Serve until the listener is closed."""
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def close(self) -> None:
        """Listen no longer."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError, ValueError), connection:
            if self._login is not None:
                asked = _request(connection)
                if b"\r\nproxy-authorization: basic " + self._login.lower() not in asked.lower():
                    connection.sendall(http(asked, b"HTTP/1.1 407 " + asked.split(b"\r\n")[1]))
                    return
                connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with connection:
                while (request := _request(connection)) and (said := self._answer(request)):
                    connection.sendall(said)


def _request(connection: socket.socket) -> bytes:
    """Head and body of one request; nothing at the end of the connection."""
    read = bytearray()
    while (end := read.find(b"\r\n\r\n")) < 0 or len(read) < end + 4 + _length(read[:end]):
        if not (data := connection.recv(65536)):
            return b""
        read += data
    return bytes(read)


def _length(head: bytes | bytearray) -> int:
    found = re.search(rb"\r\ncontent-length: (\d+)", head.lower())
    return int(found[1]) if found else 0


@contextmanager
def serving(
    answer: Answer, *, tls: ssl.SSLContext | None = None, login: bytes | None = None
) -> Iterator[int]:
    """Serve on a port of 127.0.0.1; with a `login`, in base64, as a proxy that wants it."""
    server = Server(answer, tls, login)
    thread = threading.Thread(target=server.accept)
    thread.start()
    try:
        yield server.port
    finally:
        server.close()
        thread.join()
