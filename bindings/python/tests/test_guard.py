"""The guard: how often a message is sent and a code is guessed, the same for Client and AsyncClient."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import pickle
import shutil
import socket
import subprocess
import threading
import time
from collections import UserDict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from conftest import TO
from test_errors import closed_port

import verifysms
from verifysms import AsyncClient, Client, ErrorCode, InvalidArgumentError, Limit, LimitedError, Reached
from verifysms.testing import Sandbox

OTHER = "0521112222"


class Awaited:
    """An AsyncClient that is called like a Client."""

    def __init__(self, client: AsyncClient) -> None:
        self.client = client

    def __getattr__(self, name: str) -> Callable[..., object]:
        def call(*args: object, **kwargs: object) -> object:
            async def main() -> object:
                return await getattr(self.client, name)(*args, **kwargs)

            return asyncio.run(main())

        return call


@pytest.fixture(params=["Client", "AsyncClient"])
def guarded(request: pytest.FixtureRequest, sandbox: Sandbox) -> Callable[..., Client | Awaited]:
    """Makes a client of the sandbox with a guard, which keeps the sandbox's clock."""

    def make(**settings: object) -> Client | Awaited:
        settings = {"guard": "memory:", "timeout": 10} | settings
        if request.param == "Client":
            return sandbox.client(**settings)
        return Awaited(sandbox.async_client(**settings))

    return make


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "guard"


def refused(call: Callable[[], object]) -> LimitedError:
    with pytest.raises(LimitedError) as caught:
        call()
    return caught.value


# Limits


def test_the_next_send_waits_and_the_result_says_how_long(guarded, sandbox: Sandbox):
    client = guarded()
    sent = client.send(TO)
    assert (sent.retry_after, sent.tries_left) == (30, 5)
    error = refused(lambda: client.send("+972 50-123-4567"))
    assert (error.code, error.limit, error.retry_after) == (ErrorCode.LIMITED, Limit.COOLDOWN, 30)
    assert (error.reached, error.safe_to_retry, error.http_status) == (Reached.NO, False, None)
    assert client.send(OTHER).to == OTHER, "another number need not wait"
    sandbox.advance(seconds=29)
    assert refused(lambda: client.send(TO)).retry_after == 1
    sandbox.advance(seconds=1)
    assert client.send(TO).retry_after == 40
    assert len(sandbox.messages(TO)) == 2


def test_the_sixth_guess_is_not_looked_at(guarded, sandbox: Sandbox):
    client = guarded()
    client.send(TO)
    guesses = [client.check(TO, "no code") for _ in range(5)]
    assert [guess.tries_left for guess in guesses] == [4, 3, 2, 1, 0]
    assert [guess.retry_after > 0 for guess in guesses] == [False] * 4 + [True]
    error = refused(lambda: client.check(TO, sandbox.code(TO)))
    assert (error.limit, error.tries_left) == (Limit.TRIES, 0)
    assert 500 < error.retry_after <= 640
    assert sandbox.messages(TO)[0].wrong_tries == 5
    sandbox.advance(seconds=30)
    client.send(TO)
    verified = client.check(TO, sandbox.code(TO))
    assert (bool(verified), verified.retry_after, verified.tries_left) == (True, 0, None), "a new code has new tries"


def test_waiting_retry_after_helps(guarded, sandbox: Sandbox):
    client = guarded(limits={Limit.COOLDOWN: (0, 0), Limit.SENDS_NUMBER: (2, 60)})
    client.send(TO)
    sandbox.advance(seconds=7)
    assert client.send(TO).retry_after > 0
    error = refused(lambda: client.send(TO))
    assert error.limit is Limit.SENDS_NUMBER
    assert 50 <= error.retry_after <= 60
    sandbox.advance(seconds=error.retry_after)
    assert client.send(TO).to == TO


def test_a_stranger_uses_up_no_try_of_the_person_who_asked(guarded, sandbox: Sandbox):
    client = guarded()
    client.send(TO, end_user="203.0.113.7")
    for _ in range(5):
        assert not client.check(TO, "no code", end_user="198.51.100.1")
    for stranger in ("198.51.100.1", "198.51.100.2", None):
        assert refused(lambda who=stranger: client.check(TO, "1", end_user=who)).limit is Limit.TRIES
    assert client.check(TO, "no code", end_user="203.0.113.7").tries_left == 4
    assert client.check(TO, sandbox.code(TO), end_user="203.0.113.7")


@pytest.mark.parametrize(
    ("one", "same", "another"),
    [
        ("203.0.113.7", "::ffff:203.0.113.7", "203.0.113.8"),
        ("2001:db8:1:2::3", "2001:DB8:1:2:ffff::9", "2001:db8:1:3::3"),
        ("an id", " an id ", "another id"),
    ],
)
def test_an_end_user_is_limited_for_all_numbers(guarded, one: str, same: str, another: str):
    client = guarded(limits={Limit.SENDS_USER: (2, 3600)})
    client.send("0500000001", end_user=one)
    client.send("0500000002", end_user=same)
    assert refused(lambda: client.send("0500000003", end_user=one)).limit is Limit.SENDS_USER
    client.send("0500000003", end_user=another)
    client.send("0500000004")


def test_a_loopback_address_counts_as_none_and_is_said_once(guarded, caplog):
    client = guarded(limits={Limit.SENDS_USER: (1, 3600)})
    for number, hidden in enumerate(("127.0.0.1", "::1", "0.0.0.0", "")):
        client.send(f"050000000{number}", end_user=hidden)
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 1, warnings
    assert "loopback" in warnings[0]


def test_limits_are_set_and_turned_off(guarded, sandbox: Sandbox):
    client = guarded(limits=UserDict({Limit.COOLDOWN: (1, 5), 2: (0, 0), Limit.TRIES: (1, 600)}))
    assert client.send(TO).retry_after == 5
    for _ in range(7):
        sandbox.advance(seconds=5)
        sent = client.send(TO)
    assert (sent.retry_after, sent.tries_left) == (5, 1)
    client.check(TO, "no code")
    assert refused(lambda: client.check(TO, "no code")).limit is Limit.TRIES
    assert "SENDS_NUMBER 8" not in "\n".join(client.guard_show(TO))


@pytest.mark.parametrize(
    "limits",
    [
        [],
        [(2, (5, 600))],
        "TRIES",
        {"TRIES": (5, 600)},
        {Limit.TRIES: 5},
        {Limit.TRIES: (5,)},
        {Limit.TRIES: (5, 600, 1)},
        {Limit.TRIES: (5.0, 600)},
        {Limit.TRIES: ("5", 600)},
        {Limit.TRIES: (5, None)},
        {Limit.TRIES: None},
    ],
)
@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_limits_of_a_wrong_shape_are_a_type_error(kind, limits: object):
    with pytest.raises(TypeError, match="argument 'limits': "):
        kind("the key", limits=limits)


@pytest.mark.parametrize(
    "limits",
    [
        {0: (5, 600)},
        {99: (5, 600)},
        {2**70: (5, 600)},
        {Limit(99): (5, 600)},
        {Limit.TRIES: (-1, 600)},
        {Limit.TRIES: (-(2**70), 600)},
        {Limit.TRIES: (65_536, 600)},
        {Limit.TRIES: (2**70, 600)},
        {Limit.COOLDOWN: (2, 30)},
        {Limit.TRIES: (5, 0)},
        {Limit.TRIES: (5, -600)},
        {Limit.TRIES: (5, 31 * 86400 + 1)},
        {Limit.TRIES: (5, 2**70)},
    ],
)
@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_limits_that_cannot_be_are_refused_by_name(kind, limits: dict[int, tuple[int, int]]):
    with pytest.raises(InvalidArgumentError) as caught:
        kind("the key", limits=limits)
    assert caught.value.argument == "limits"
    assert str(caught.value).startswith("limits: ")


# How a call ends, and what was counted


def test_a_send_that_reached_nobody_is_not_counted(guarded, sandbox: Sandbox):
    client = guarded()
    for reason in (2, 3, 6, 7, 9, 10):
        sandbox.fail_next(reason=reason)
        with pytest.raises(verifysms.RejectedError) as caught:
            client.send(TO)
        assert (caught.value.limit, caught.value.retry_after) == (None, 0)
    assert client.send(TO).retry_after == 30


def test_a_send_of_unknown_fate_is_counted_and_its_code_may_be_typed(guarded, sandbox: Sandbox):
    client = guarded()
    sandbox.fail_next(failure="lose_answer")
    with pytest.raises(verifysms.ConnectionLostError) as caught:
        client.send(TO, end_user="203.0.113.7")
    error = pickle.loads(pickle.dumps(caught.value))
    assert (error.limit, error.retry_after, error.tries_left) == (Limit.COOLDOWN, 30, 5)
    assert refused(lambda: client.send(TO)).limit is Limit.COOLDOWN
    assert client.check(TO, sandbox.code(TO), end_user="203.0.113.7")


def test_who_is_verified_may_send_again_at_once(guarded, sandbox: Sandbox):
    client = guarded()
    client.send(TO)
    for _ in range(4):
        client.check(TO, "no code")
    assert client.check(TO, sandbox.code(TO))
    sent = client.send(TO)
    assert (sent.retry_after, sent.tries_left) == (30, 5)


# The operator


def test_a_number_is_shown_and_forgotten(guarded, sandbox: Sandbox):
    client = guarded()
    client.send(TO)
    for _ in range(5):
        client.check(TO, "no code")
    shown = client.guard_show("+972 50-123-4567")
    assert all(isinstance(limit, str) for limit in shown)
    assert "SENDS_NUMBER 1 of 5 in 600 s" in shown
    assert [limit for limit in shown if limit.startswith("TRIES 5 of 5 in 600 s, wait ")]
    assert client.guard_show(TO) == shown, "looking changes nothing"
    assert client.forget("+972 50-123-4567") is None
    assert "SENDS_NUMBER 0 of 5 in 600 s" in client.guard_show(TO)
    assert client.check(TO, sandbox.code(TO))
    assert client.send(TO).to == TO


@pytest.mark.parametrize("operation", ["forget", "guard_show"])
def test_an_operation_is_refused_without_a_number_and_without_a_guard(guarded, operation: str):
    for argument, client, number in (
        ("to", guarded(), "12"),
        ("to", guarded(), "\ud800"),
        ("guard", guarded(guard=None), TO),
    ):
        with pytest.raises(InvalidArgumentError) as caught:
            getattr(client, operation)(number)
        assert (caught.value.argument, caught.value.reached) == (argument, Reached.NO)
    with pytest.raises(TypeError):
        getattr(guarded(), operation)(None)


# The store


def test_clients_share_a_file_and_no_memory(guarded, store: Path):
    alone, other = guarded(), guarded()
    alone.send(TO)
    other.send(TO)
    one, same = guarded(guard=f"file:{store}"), guarded(guard=f"file://{store}")
    one.send(TO)
    assert refused(lambda: same.send(TO)).limit is Limit.COOLDOWN
    assert store.stat().st_mode & 0o777 == 0o600


def test_keys_namespaces_and_secrets_count_apart(guarded, store: Path):
    where = {"guard": f"file:{store}"}
    guarded(**where).send(TO)
    guarded(**where, guard_namespace="another").send(TO)
    guarded(**where, guard_secret="a secret of 16 bytes or more").send(TO)
    refused(lambda: guarded(**where, guard_secret="a secret of 16 bytes or more").send(TO))
    refused(lambda: guarded(**where).send(TO))


def test_a_file_has_no_number_and_no_end_user_in_clear(guarded, store: Path):
    client = guarded(guard=f"file:{store}")
    client.send(TO, end_user="203.0.113.77")
    client.check(TO, "918273", end_user="203.0.113.77")
    stored = store.read_bytes()
    for secret in (TO, TO[1:], "972501234567", "203.0.113.77", "918273"):
        assert secret.encode() not in stored
    assert int(TO).to_bytes(8, "little") not in stored


def test_a_store_that_is_down_is_replaced_by_this_process(guarded, tmp_path: Path, caplog):
    client = guarded(guard=f"file:{tmp_path / 'none' / 'guard'}")
    client.send(TO)
    assert refused(lambda: client.send(TO)).limit is Limit.COOLDOWN
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 1, warnings
    assert "this process counts alone" in warnings[0]
    with pytest.raises(verifysms.GuardDownError):
        client.guard_show(TO)


def test_a_store_that_is_down_refuses(guarded, sandbox: Sandbox, tmp_path: Path):
    client = guarded(guard=f"file:{tmp_path / 'none' / 'guard'}", on_guard_failure="refuse")
    for call in (lambda: client.send(TO), lambda: client.check(TO, "1"), lambda: client.forget(TO)):
        with pytest.raises(verifysms.GuardDownError) as caught:
            call()
        error = pickle.loads(pickle.dumps(caught.value))
        assert (error.code, error.reached, error.safe_to_retry) == (ErrorCode.GUARD_DOWN, Reached.NO, False)
    assert sandbox.messages() == []


def test_a_store_that_is_down_limits_nothing_if_so_wished(guarded, sandbox: Sandbox, tmp_path: Path):
    client = guarded(guard=f"file:{tmp_path / 'none' / 'guard'}", on_guard_failure="allow")
    assert [client.send(TO).tries_left for _ in range(3)] == [None] * 3
    assert len(sandbox.messages(TO)) == 3


@pytest.fixture
def held(store: Path) -> Iterator[Path]:
    """A file that somebody else holds locked."""
    with Sandbox() as sandbox:
        sandbox.client(guard=f"file:{store}").send(OTHER)
    with store.open("rb") as open_file:
        fcntl.flock(open_file, fcntl.LOCK_EX)
        yield store


def test_a_locked_file_is_waited_for_only_so_long(guarded, sandbox: Sandbox, held: Path):
    client = guarded(guard=f"file:{held}", guard_timeout=0.1, on_guard_failure="refuse")
    begun = time.monotonic()
    with pytest.raises(verifysms.GuardDownError, match="locked"):
        client.send(TO)
    assert 0.1 <= time.monotonic() - begun < 1
    assert sandbox.messages() == []


def test_a_cancelled_await_ends_the_wait_for_a_locked_file(sandbox: Sandbox, held: Path):
    async def main() -> None:
        async with sandbox.async_client(guard=f"file:{held}", guard_timeout=10) as client:
            waiting = [asyncio.create_task(client.send(TO)), asyncio.create_task(client.guard_show(TO))]
            await asyncio.sleep(0.1)
            for task in waiting:
                begun = time.monotonic()
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                assert time.monotonic() - begun < 0.1
            await client.connect()

    asyncio.run(main())


def test_an_event_loop_runs_while_a_call_waits_for_a_locked_file(sandbox: Sandbox, held: Path):
    async def main() -> None:
        client = sandbox.async_client(guard=f"file:{held}", guard_timeout=0.5, on_guard_failure="refuse")
        task, turns = asyncio.create_task(client.send(TO)), 0
        while not task.done():
            await asyncio.sleep(0.001)
            turns += 1
        with pytest.raises(verifysms.GuardDownError):
            await task
        assert turns > 20

    asyncio.run(main())


def test_cancel_ends_the_wait_for_a_locked_file(sandbox: Sandbox, held: Path):
    client = sandbox.client(guard=f"file:{held}", guard_timeout=10)
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(client.send, TO)
        begun = time.monotonic()
        while not waiting.done():
            assert time.monotonic() - begun < 5
            client.cancel()
            time.sleep(0.01)
        with pytest.raises(verifysms.CancelledError) as caught:
            waiting.result()
    assert caught.value.reached is Reached.NO
    assert sandbox.messages() == []


def test_ctrl_c_ends_the_wait_for_a_locked_file(python, sandbox: Sandbox, held: Path):
    done = python(
        """
        import os, signal, sys, threading, time
        import verifysms
        client = verifysms.Client("sandbox-key", sender="Acme", url=sys.argv[1], guard=sys.argv[2], guard_timeout=10)
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        begun = time.monotonic()
        try:
            client.send("0501234567")
        except KeyboardInterrupt as interrupt:
            print(time.monotonic() - begun < 2, interrupt.__context__.code.name, interrupt.__context__.reached.name)
        """,
        sandbox.url,
        f"file:{held}",
    )
    assert done.stdout == "True CANCELLED NO\n"


PASSWORD = "planted-password-13579"


class Redis:
    """A Redis on this machine."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("redis-server") or shutil.which("valkey-server")
        if program is None:
            pytest.skip("there is no redis-server")
        self.port = closed_port()
        self.url = f"redis://default:{PASSWORD}@127.0.0.1:{self.port}"
        settings = {"port": self.port, "bind": "127.0.0.1", "save": "", "requirepass": PASSWORD, "dir": folder}
        command = [program, *(str(word) for name, value in settings.items() for word in (f"--{name}", value))]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        until = time.monotonic() + 20
        while "PONG" not in self.ask(f"AUTH {PASSWORD}", "PING"):
            assert time.monotonic() < until, "it does not answer"
            time.sleep(0.01)

    def ask(self, *commands: str) -> str:
        """What it answers to commands; nothing if it cannot be asked."""
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 5) as connection:
            connection.sendall("".join(f"{command}\r\n" for command in (*commands, "QUIT")).encode())
            return b"".join(iter(lambda: connection.recv(65536), b"")).decode(errors="replace")
        return ""

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    running = Redis(tmp_path)
    yield running
    running.stop()


def test_clients_share_a_redis_which_has_nothing_in_clear(guarded, redis: Redis):
    settings = {"guard": redis.url, "on_guard_failure": "refuse", "guard_timeout": 10}
    one, same = guarded(**settings), guarded(**settings)
    assert one.send(TO, end_user="203.0.113.7").retry_after == 30
    assert refused(lambda: same.send(TO)).limit is Limit.COOLDOWN
    assert same.check(TO, "918273", end_user="203.0.113.7").tries_left == 4
    assert "SENDS_NUMBER 1 of 5 in 600 s" in same.guard_show(TO)
    stored = redis.ask(f"AUTH {PASSWORD}", "KEYS *")
    assert "verifysms" in stored
    for secret in (TO[1:], "203.0.113.7", "918273"):
        assert secret not in stored
    assert same.forget(TO) is None
    assert one.send(TO).retry_after == 30


def test_a_redis_that_goes_is_replaced_by_this_process(guarded, redis: Redis, caplog):
    client = guarded(guard=redis.url)
    client.send(TO)
    redis.stop()
    client.send(TO)
    assert refused(lambda: client.send(TO)).limit is Limit.COOLDOWN
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 1, warnings
    assert "this process counts alone" in warnings[0]
    assert PASSWORD not in warnings[0]


# Threads and processes


def passed(call: Callable[[], object], threads: int) -> int:
    """How many of so many calls at the same time are not refused."""
    start = threading.Barrier(threads)

    def one(_: int) -> bool:
        start.wait()
        try:
            call()
        except LimitedError:
            return False
        return True

    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(one, range(threads)))


@pytest.mark.parametrize("where", ["memory:", "file:"])
def test_threads_get_exactly_as_many_as_are_allowed(where: str, sandbox: Sandbox, store: Path):
    settings = {
        "guard": f"{where}{store if where == 'file:' else ''}",
        "guard_timeout": 10,
        "on_guard_failure": "refuse",
    }
    limits = {Limit.COOLDOWN: (0, 0), Limit.SENDS_NUMBER: (7, 600)}
    client = sandbox.client(**settings, limits=limits)
    assert passed(lambda: client.send(TO), 32) == 7
    assert passed(lambda: client.check(TO, "no code"), 32) == 5
    assert len(sandbox.messages(TO)) == 7
    assert sandbox.messages(TO)[0].wrong_tries == 5


def test_tasks_get_exactly_as_many_as_are_allowed(sandbox: Sandbox, store: Path):
    async def main() -> list[object]:
        async with sandbox.async_client(guard=f"file:{store}", guard_timeout=10) as client:
            calls = [client.check(TO, "no code") for _ in range(64)]
            return await asyncio.gather(*calls, return_exceptions=True)

    outcomes = asyncio.run(main())
    assert sum(isinstance(outcome, verifysms.CheckResult) for outcome in outcomes) == 5
    assert sum(isinstance(outcome, LimitedError) for outcome in outcomes) == 59


def test_a_child_starts_from_its_own_copy_of_the_memory(python, sandbox: Sandbox):
    done = python(
        """
        import os, sys, threading
        import verifysms
        client = verifysms.Client("sandbox-key", sender="Acme", url=sys.argv[1], timeout=10)
        client.send("0501234567")
        stop = threading.Event()
        def load():
            number = 0
            while not stop.is_set():
                number += 1
                client.check(f"052{number:07}", "no code")
        threads = [threading.Thread(target=load) for _ in range(4)]
        for thread in threads: thread.start()
        statuses = []
        for _ in range(20):
            child = os.fork()
            if child == 0:
                status = 1
                try:
                    try:
                        client.send("0501234567")
                    except verifysms.LimitedError:
                        client.send("0501234568")
                        status = 0
                finally:
                    os._exit(status)
            statuses.append(os.waitpid(child, 0)[1])
        client.send("0501234568")
        stop.set()
        for thread in threads: thread.join()
        print(set(statuses))
        """,
        sandbox.url,
    )
    assert done.stdout == "{0}\n", "each child knew what was sent before, and nothing of its siblings"


def test_processes_share_a_file(python, sandbox: Sandbox, store: Path):
    done = python(
        """
        import multiprocessing, sys
        import verifysms

        def tries(url, guard):
            passed = 0
            client = verifysms.Client("sandbox-key", url=url, guard=guard, guard_timeout=10, on_guard_failure="refuse")
            for _ in range(20):
                try:
                    client.check("0501234567", "no code")
                    passed += 1
                except verifysms.LimitedError:
                    pass
            return passed

        with multiprocessing.get_context("fork").Pool(4) as pool:
            print(sum(pool.starmap(tries, [sys.argv[1:]] * 8)))
        """,
        sandbox.url,
        f"file:{store}",
    )
    assert done.stdout == "5\n"


# What is said


def test_no_guard_is_said_once_and_the_sandbox_is_silent(sandbox: Sandbox, caplog):
    caplog.set_level(logging.WARNING, "verifysms")
    with sandbox.client() as client:
        client.send(TO)
    assert caplog.records == []
    client = Client(sandbox.api_key, sender="Acme", url=sandbox.url, guard=None)
    for _ in range(3):
        client.send(TO)
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", "no guard: sends and tries are not limited")
    ]
    assert {record.filename for record in caplog.records} == {"test_guard.py"}


def test_a_program_that_never_configured_logging_prints_nothing(python, sandbox: Sandbox, tmp_path: Path):
    done = python(
        """
        import asyncio, logging, sys
        import verifysms
        settings = {"sender": "Acme", "url": sys.argv[1]}
        verifysms.Client("sandbox-key", **settings, guard=None).send("0501234567")
        verifysms.Client("sandbox-key", **settings, guard=sys.argv[2]).send("0501234567")
        asyncio.run(verifysms.AsyncClient("sandbox-key", **settings, guard=sys.argv[2]).send("0501234567"))
        logging.warning("a warning of the program's own")
        """,
        sandbox.url,
        f"file:{tmp_path / 'none' / 'guard'}",
    )
    assert (done.stdout, done.stderr) == ("", "WARNING:root:a warning of the program's own\n")


def test_a_program_that_configured_logging_sees_the_warnings(python, sandbox: Sandbox):
    done = python(
        """
        import logging, sys
        import verifysms
        logging.basicConfig()
        verifysms.Client("sandbox-key", sender="Acme", url=sys.argv[1], guard=None).send("0501234567")
        """,
        sandbox.url,
    )
    assert done.stderr == "WARNING:verifysms:no guard: sends and tries are not limited\n"


def test_a_guard_keeps_the_real_clock_of_a_client_that_is_not_the_sandboxs(sandbox: Sandbox):
    client = Client(sandbox.api_key, sender="Acme", url=sandbox.url)
    client.send(TO)
    sandbox.advance(minutes=9)
    assert refused(lambda: client.send(TO)).retry_after > 20


def test_reset_sets_the_guards_clock_to_the_present(sandbox: Sandbox):
    client = sandbox.client(guard="memory:")
    sandbox.advance(hours=1)
    client.send(TO)
    sandbox.reset()
    assert refused(lambda: client.send(TO)).retry_after <= 30


@pytest.mark.parametrize("name", ["guard", "guard_secret", "guard_namespace"])
def test_a_guard_that_cannot_be_is_refused_by_name_and_not_quoted(name: str):
    for value in ("gopher://user:planted-93571@host", "planted-93571\ud800"):
        with pytest.raises(InvalidArgumentError) as caught:
            Client("the key", **{name: value if name != "guard_secret" else value[-9:]})
        assert caught.value.argument == name
        assert "93571" not in str(caught.value)


def test_descriptors_are_not_kept(sandbox: Sandbox, store: Path):
    client = sandbox.client(guard=f"file:{store}")
    client.send(TO)
    targets = [
        os.readlink(f"/proc/self/fd/{descriptor}")
        for descriptor in os.listdir("/proc/self/fd")
        if os.path.exists(f"/proc/self/fd/{descriptor}")
    ]
    assert str(store) not in targets
