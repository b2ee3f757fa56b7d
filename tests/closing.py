"""A server over TLS that ends a connection under its client's hands."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
from contextlib import suppress


class ClosingServer(threading.Thread):
    """Answers a request over its first connection, and ends that with FIN, close_notify or RST.

    Before it does so it reads a second request or does not. Later connections are answered.
    """

    def __init__(self, address: str, tls: ssl.SSLContext, how: str, *, reads: bool) -> None:
        """Listen."""
        super().__init__()
        self._listener = socket.create_server((address, 0))
        self._tls = tls
        self._how = how
        self._connection: ssl.SSLSocket | None = None
        self.port: int = self._listener.getsockname()[1]
        self.reads = reads
        self._may_close, self._closed = threading.Event(), threading.Event()
        self.read = 0
        """How many requests were."""

    def __enter__(self) -> ClosingServer:
        """Serve."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self._may_close.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        if self._connection is not None:
            with suppress(OSError):
                self._connection.shutdown(socket.SHUT_RDWR)
        self.join()
        self._listener.close()

    def close(self) -> None:
        """End the first connection now, without another request."""
        self._may_close.set()
        self._closed.wait()

    def run(self) -> None:
        """One connection after the other."""
        with suppress(OSError):
            with self._accept() as connection:
                self._answer(connection)
                if self.reads:
                    self._receive(connection)
                else:
                    self._may_close.wait()
                self._end(connection)
            self._closed.set()
            while True:
                with self._accept() as connection:
                    self._answer(connection)

    def _accept(self) -> ssl.SSLSocket:
        connection, _ = self._listener.accept()
        self._connection = self._tls.wrap_socket(connection, server_side=True)
        return self._connection

    def _receive(self, connection: ssl.SSLSocket) -> None:
        received = b""
        while not received.endswith(b"--\r\n"):
            more = connection.recv(65536)
            if not more:
                raise ConnectionResetError
            received += more
        self.read += 1

    def _answer(self, connection: ssl.SSLSocket) -> None:
        self._receive(connection)
        body = json.dumps({"status": "OK", "unique": str(self.read), "reason": 1}).encode()
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    def _end(self, connection: ssl.SSLSocket) -> None:
        if self._how == "close_notify":
            connection.setblocking(False)
            # It does not wait for the client's.
            with suppress(ssl.SSLWantReadError):
                connection.unwrap()
        elif self._how == "RST":
            at_once = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
