"""A server that bears witness: it answers like the service and remembers every byte that it got.

Knows nothing of the client. One connection after another, so that all that came before a question
has been seen when the question is answered.
"""

from __future__ import annotations

import itertools
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

PATIENCE = 30.0
"""Seconds after which a client that says nothing is given up."""

SENT = b'{"status":"OK","unique":"%d","timestamp":1600115719,"from":"Acme","reason":1}'
MESSAGES = itertools.count(63433453)
"""The number of each message that is sent."""
LENGTH = re.compile(rb"\r\nContent-Length: (\d+)\r\n", re.IGNORECASE)
TAG = re.compile(rb'name="(from|code)"\r\n\r\n(\w+)\r\n')


@dataclass
class Connection:
    """What went over a connection, once it stood."""

    requests: list[str] = field(default_factory=list)
    """The sender, or the code, of each whole request."""
    answered: int = 0
    """How many of them were answered."""
    rest: int = 0
    """How many bytes came after the last whole request, as they were on the wire."""


class Gone(Exception):  # noqa: N818
    """The client has gone."""


class Line:
    """The server's end of a connection, with TLS or without."""

    def __init__(self, opened: socket.socket, tls: ssl.SSLContext | None) -> None:
        """Do the handshake, if there is one to do."""
        self._socket = opened
        self._socket.settimeout(PATIENCE)
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls: ssl.SSLObject | None = None
        self.since = 0
        """The bytes on the wire that belong to no request yet."""
        if tls is None:
            return
        self._tls = tls.wrap_bio(self._in, self._out, server_side=True)
        while True:
            try:
                self._tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self._flush()
                self._receive()
        self._flush()
        self.since = self._in.pending

    def _flush(self) -> None:
        self._socket.sendall(self._out.read())

    def _receive(self) -> bytes:
        data = self._socket.recv(65536)
        if not data:
            raise Gone
        self.since += len(data)
        self._in.write(data)
        return data

    def read(self) -> bytes:
        """What comes next."""
        if self._tls is None:
            return self._receive()
        while True:
            try:
                data: bytes = self._tls.read(65536)
            except ssl.SSLWantReadError:
                self._receive()
            else:
                if not data:
                    raise Gone
                return data

    def write(self, data: bytes) -> None:
        """Send an answer."""
        if self._tls is None:
            self._socket.sendall(data)
        else:
            self._tls.write(data)
            self._flush()


class Witness:
    """The server."""

    def __init__(self, listening: socket.socket, tls: ssl.SSLContext | None) -> None:
        """On a socket that listens."""
        self._listening = listening
        self._tls = tls
        self._seen: list[Connection] = []
        self.address: tuple[str, int] = listening.getsockname()

    def url(self, host: str) -> str:
        """The service's address here."""
        return f"http{'s' if self._tls else ''}://{host}:{self.address[1]}/sms/verifySMS"

    def seen(self) -> list[Connection]:
        """What all clients did that are gone, and were not told of before."""
        with socket.create_connection(self.address, PATIENCE) as question:
            question.shutdown(socket.SHUT_WR)
            # It is closed after all connections that were made before it.
            while question.recv(100):
                pass
        seen, self._seen = self._seen, []
        return [connection for connection in seen if connection.requests or connection.rest]

    def serve(self) -> None:
        """One connection after another."""
        while True:
            try:
                opened, _ = self._listening.accept()
            except OSError:
                return
            connection = Connection()
            with opened:
                try:
                    line = Line(opened, self._tls)
                    self._attend(line, connection)
                except (Gone, OSError):
                    pass
            self._seen.append(connection)

    @staticmethod
    def _attend(line: Line, connection: Connection) -> None:
        data = b""
        try:
            while True:
                data += line.read()
                tag = _tag(data)
                if tag is None:
                    continue
                name = tag[2].decode()
                connection.requests.append(name)
                data, line.since = b"", 0
                line.write(_answer(name, is_check=tag[1] == b"code"))
                connection.answered += 1
        finally:
            connection.rest = line.since


def _tag(data: bytes) -> re.Match[bytes] | None:
    """The field that tells which request this is, once it is whole."""
    head, blank, body = data.partition(b"\r\n\r\n")
    length = LENGTH.search(head + blank)
    if length is None or len(body) < int(length[1]):
        return None
    return TAG.search(body)


def _answer(name: str, *, is_check: bool) -> bytes:
    """The code F is wrong, any other right."""
    status = 0 if name == "F" else 1
    body = b'{"status":%d,"phone":"0501234567"}' % status if is_check else SENT % next(MESSAGES)
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


@contextmanager
def witness(tls: ssl.SSLContext | None = None) -> Iterator[Witness]:
    """Start a witness on a free port."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        started = Witness(listening, tls)
        thread = threading.Thread(target=started.serve, daemon=True)
        thread.start()
        yield started
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(PATIENCE)
