"""Real Redis servers on loopback, and a client that shares nothing with the library's."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TypeAlias

from harness.proxies import free_ports
from harness.tools import need

Answer: TypeAlias = "str | int | list[Answer] | None"
Settings = dict[str, str | int | Path]
PATIENCE = 20


class RefusalError(Exception):
    """What the server says instead of doing a command."""


class Redis:
    """A running server in a folder of its own."""

    def __init__(self, folder: Path, settings: Settings, kind: str = "server") -> None:
        self.folder = folder
        self.path = folder / "socket"
        # A cluster speaks on another port, 10,000 higher, which must be one, and free.
        self.port = next(port for port in sorted(free_ports(20)) if is_free(port + 10_000))
        """The port, unless the settings have another."""
        self._program = need(f"redis-{kind}", f"redis-{kind}")
        usual: Settings = {
            "dir": folder,
            "bind": "127.0.0.1",
            "port": self.port,
            "unixsocket": self.path,
            "save": '""',
            "repl-diskless-sync-delay": 0,
        }
        if kind == "sentinel":
            del usual["save"], usual["repl-diskless-sync-delay"]
        lines = [f"{name} {value}\n" for name, value in (usual | settings).items()]
        (folder / "redis.conf").write_text("".join(lines))
        self.start()

    def start(self) -> None:
        """Start it, with the data that are in its folder."""
        with (self.folder / "log").open("ab") as log:
            command = [self._program, str(self.folder / "redis.conf")]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)

        def answers() -> bool:
            try:
                self("PING")
            except RefusalError as refusal:
                return "LOADING" not in str(refusal)
            except OSError:
                assert self.process.poll() is None, (self.folder / "log").read_text()
                return False
            return True

        wait_until(answers)

    def __call__(self, *command: str | int | Path) -> Answer:
        """Do a command."""
        parts = [str(word).encode() for word in command]
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PATIENCE)
            connection.connect(str(self.path))
            heads = (b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)
            connection.sendall(b"*%d\r\n%s" % (len(parts), b"".join(heads)))
            with connection.makefile("rb") as stream:
                return _read(stream)

    def replicates(self, state: str) -> bool:
        """Whether this is its state of replication. A failover breaks connections."""
        try:
            return state in str(self("INFO", "replication"))
        except OSError:
            return False

    @property
    def url(self) -> str:
        """Where the library finds it."""
        return f"redis://127.0.0.1:{self.port}"

    def counted(self) -> int:
        """How many sends to a number it has counted; at most one number is in it."""
        keys = self("KEYS", "{verifysms}:n:*")
        assert isinstance(keys, list) and len(keys) <= 1, keys
        script = "return cmsgpack.unpack(redis.call('GET', KEYS[1]))[1]"
        window = self("EVAL", script, 1, str(keys[0])) if keys else []
        assert isinstance(window, list)
        return sum(count for count in window[3:] if isinstance(count, int))

    def kill(self) -> None:
        """End it at once, even if it is stopped."""
        self.process.kill()
        self.process.wait()

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Let it do nothing for a while."""
        os.kill(self.process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.process.pid, signal.SIGCONT)


def is_free(port: int) -> bool:
    """Whether a server can listen on a port."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except (OSError, OverflowError):
        return False
    return True


def wait_until(condition: Callable[[], bool]) -> None:
    """Return when it is true."""
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.005)


def _read(stream: BinaryIO) -> Answer:
    line = stream.readline().decode().rstrip("\r\n")
    kind, rest = line[:1], line[1:]
    if kind == "-":
        raise RefusalError(rest)
    if kind == ":":
        return int(rest)
    if kind in "$*" and int(rest) < 0:
        return None
    if kind == "$":
        return stream.read(int(rest) + 2)[:-2].decode(errors="replace")
    if kind == "*":
        return [_read(stream) for _ in range(int(rest))]
    assert kind == "+", line
    return rest
