"""A server for tests that can play any fault: a script says what it does with a connection.

It reads requests by itself and shares nothing with the library or the sandbox.
"""

from __future__ import annotations

import re
import select
import socket
import ssl
import struct
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Literal

PATIENCE = 30
"""Seconds after which a server of one connection at a time gives up a client that says nothing."""


class Connection:
    """The server's end of a connection, in clear or over TLS, and what it has received."""

    def __init__(self, opened: socket.socket) -> None:
        self.socket = opened
        self.received = bytearray()
        """All that the client has sent, deciphered."""
        self.requests: list[bytes] = []
        """Head and body of each whole request."""
        self.answered = 0
        """How many of them were answered, if the script counts."""
        self.unread = 0
        """How many bytes came after the last whole request, as they were on the wire."""
        self._taken = 0
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls: ssl.SSLObject | None = None

    def start_tls(self, context: ssl.SSLContext) -> None:
        """Do a handshake."""
        tls = context.wrap_bio(self._in, self._out, server_side=True)
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self._flush()
                if not (data := self.socket.recv(65536)):
                    raise ConnectionResetError from None
                self._in.write(data)
            finally:
                self._flush()
        self._tls = tls
        self.unread = self._in.pending

    @property
    def is_buffered(self) -> bool:
        """Whether something was received that is not deciphered yet."""
        return self._in.pending > 0

    def read(self) -> bytes:
        """What comes next; nothing at the end of the connection."""
        data = self._receive() if self._tls is None else self._decipher(self._tls)
        self.received += data
        return data

    def request(self) -> bytes:
        """Head and body of the next request; nothing at the end of the connection."""
        while not (length := _length(self.received, self._taken)):
            if not self.read():
                return b""
        request = bytes(self.received[self._taken : self._taken + length])
        self._taken += length
        self.requests.append(request)
        self.unread = 0
        return request

    def send(self, data: bytes) -> None:
        """Send it all."""
        if self._tls is None:
            self.socket.sendall(data)
        else:
            self._tls.write(data)
            self._flush()

    def close(self, how: Literal["close_notify", "FIN", "RST"] = "close_notify") -> None:
        """End the connection: in TLS with its own end or without, or with a reset."""
        with suppress(OSError):
            if how == "close_notify" and self._tls is not None:
                # It does not wait for the client's.
                with suppress(ssl.SSLError):
                    self._tls.unwrap()
                self._flush()
            if how == "RST":
                at_once = struct.pack("ii", 1, 0)
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        self.socket.close()

    def _flush(self) -> None:
        self.socket.sendall(self._out.read())

    def _receive(self) -> bytes:
        data = self.socket.recv(65536)
        self.unread += len(data)
        if self._tls is not None:
            self._in.write(data)
        return data

    def _decipher(self, tls: ssl.SSLObject) -> bytes:
        read = bytearray()
        while True:
            try:
                data: bytes = tls.read(65536)
            except ssl.SSLWantReadError:
                if read or not self._receive():
                    return bytes(read)
            else:
                read += data
                if not data:
                    return bytes(read)


Script = Callable[[Connection], None]
"""What is done with a connection, which is closed when this returns."""
Answer = Callable[[bytes], "bytes | None"]
"""From a request, head and body, to the bytes of the answer; None: close at once."""


def _length(received: bytearray, begin: int) -> int:
    """The bytes of the request that begins there; 0 if it has not come whole."""
    end = received.find(b"\r\n\r\n", begin)
    if end < 0:
        return 0
    declared = re.search(rb"\r\ncontent-length: (\d+)", received[begin:end].lower())
    length = end + 4 - begin + (int(declared[1]) if declared else 0)
    return length if len(received) >= begin + length else 0


def http(body: bytes, head: bytes = b"HTTP/1.1 200 OK") -> bytes:
    """A whole answer."""
    return head + b"\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


def form_field(request: bytes, name: bytes) -> bytes:
    """A field of a request's form, empty if it is not there."""
    found = re.search(rb'name="' + name + rb'"\r\n\r\n(.*?)\r\n--', request, re.DOTALL)
    return found[1] if found else b""


def answering(answer: Answer) -> Script:
    """Answer every request."""

    def script(connection: Connection) -> None:
        while (request := connection.request()) and (data := answer(request)):
            connection.send(data)

    return script


def tunnel(login: str, tls: ssl.SSLContext, then: Script) -> Script:
    """Play a proxy that wants a login, in base64, and behind it a server over TLS."""

    def script(connection: Connection) -> None:
        asked = connection.request()
        if f"\r\nproxy-authorization: basic {login}".lower().encode() not in asked.lower():
            # It repeats what it was told.
            connection.send(http(asked, b"HTTP/1.1 407 " + asked.split(b"\r\n")[1]))
            return
        connection.send(b"HTTP/1.1 200 OK\r\n\r\n")
        connection.start_tls(tls)
        then(connection)

    return script


def relay(url: str, header: str = "") -> Script:
    """Pass all on to the server at an address and back, with a header more in its answers."""
    parts = urllib.parse.urlsplit(url)
    more = f" 200 OK\r\n{header}\r\n".encode()

    def script(connection: Connection) -> None:
        with socket.create_connection((parts.hostname or "", parts.port or 0)) as service:
            if connection.is_buffered:
                service.sendall(connection.read())
            readable = select.poll()
            for one in (connection.socket, service):
                readable.register(one, select.POLLIN)
            while True:
                for descriptor, _ in readable.poll():
                    is_answer = descriptor == service.fileno()
                    data = service.recv(65536) if is_answer else connection.read()
                    if not data:
                        return
                    if not is_answer:
                        service.sendall(data)
                    else:
                        connection.send(data.replace(b" 200 OK\r\n", more) if header else data)

    return script


class ScriptedServer:
    """A listening server; see serve()."""

    def __init__(self, script: Script, address: str, tls: ssl.SSLContext | None, *, in_turn: bool) -> None:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._listener = socket.create_server((address, 0), family=family, backlog=512)
        self._script = script
        self._tls = tls
        self._in_turn = in_turn
        self.port: int = self._listener.getsockname()[1]
        self.connections: list[Connection] = []
        """In the order in which they came."""

    def url(self, host: str = "127.0.0.1") -> str:
        """The service's address here."""
        return f"http{'s' if self._tls else ''}://{host}:{self.port}/sms/verifySMS"

    def accept(self) -> None:
        """Accept connections until the listener is closed."""
        with suppress(OSError):
            while True:
                opened, _ = self._listener.accept()
                connection = Connection(opened)
                self.connections.append(connection)
                if self._in_turn:
                    opened.settimeout(PATIENCE)
                    self._play(connection)
                else:
                    threading.Thread(target=self._play, args=(connection,), daemon=True).start()

    def close(self) -> None:
        """Listen no longer, and end all connections."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self.connections):
            with suppress(OSError):
                connection.socket.shutdown(socket.SHUT_RDWR)

    def _play(self, connection: Connection) -> None:
        with suppress(OSError, ValueError):
            if self._tls is not None:
                connection.start_tls(self._tls)
            self._script(connection)
        connection.close()


@contextmanager
def serve(
    script: Script, *, address: str = "127.0.0.1", tls: ssl.SSLContext | None = None, in_turn: bool = False
) -> Iterator[ScriptedServer]:
    """Start a server on a free port, with one connection after another if they come in turn."""
    server = ScriptedServer(script, address, tls, in_turn=in_turn)
    thread = threading.Thread(target=server.accept)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join()
