"""A server that answers any bytes, over real sockets, and remembers what it was asked over which connection.

For what the sandbox cannot say or does not tell.
"""

from __future__ import annotations

import email
import email.policy
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

SENT = b'{"status":"OK","unique":"63433453","timestamp":1600115719,"from":"Acme","reason":1}'


def verified(to: str) -> bytes:
    """The answer to a right code, as the provider prints it."""
    return b'{\n"status": 1,\n"phone": "' + to.encode() + b'",\n}'


def http(body: bytes, status: int = 200) -> bytes:
    """A whole answer."""
    return b"HTTP/1.1 %d Any\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
        status,
        len(body),
        body,
    )


@dataclass(frozen=True)
class Request:
    """What a client asked: the form's fields, read by Python's own parser."""

    fields: dict[str, str]
    connection: int


def read_request(stream: socket.SocketIO, connection: int) -> Request | None:
    """Read one request with its body; None at the end of the connection."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = stream.readline()
        if not line:
            return None
        head += line
    headers = email.message_from_bytes(head.partition(b"\r\n")[2], policy=email.policy.HTTP)
    body = stream.read(int(headers["Content-Length"])) or b""
    form = email.message_from_bytes(
        b"Content-Type: " + headers["Content-Type"].encode() + b"\r\n\r\n" + body, policy=email.policy.HTTP
    )
    fields = {
        part.get_param("name", header="Content-Disposition"): part.get_payload(decode=True).decode()
        for part in form.iter_parts()
    }
    return Request(fields, connection)


class RecordingServer:
    """Answers each request with what `answer` gives for it; None closes the connection instead."""

    def __init__(self, answer: Callable[[Request], bytes | None]) -> None:
        self.answer = answer
        self.requests: list[Request] = []
        self._connections: list[socket.socket] = []
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._ends = False
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/sms/verifySMS"

    def __enter__(self) -> RecordingServer:
        self._accepting.start()
        return self

    def __exit__(self, *_: object) -> None:
        # A thread that comes late would accept for the next server, whose socket has the number of this one's.
        self._ends = True
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port)).close()
        self._accepting.join()
        for open_socket in (self._listener, *self._connections):
            with suppress(OSError):
                open_socket.shutdown(socket.SHUT_RDWR)
            open_socket.close()

    @property
    def connections(self) -> int:
        """How many there were."""
        return len(self._connections)

    def wait_for_connection(self) -> None:
        """Return when there was one."""
        until = time.monotonic() + 10
        while not self._connections:
            assert time.monotonic() < until, "no connection came"
            time.sleep(0.001)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                if self._ends:
                    connection.close()
                    return
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._connections.append(connection)
                number = len(self._connections)
                threading.Thread(target=self._serve, args=(connection, number), daemon=True).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        with suppress(OSError, ValueError), connection, connection.makefile("rb") as stream:
            while (request := read_request(stream, number)) is not None:
                self.requests.append(request)
                answer = self.answer(request)
                if answer is None:
                    return
                connection.sendall(answer)
