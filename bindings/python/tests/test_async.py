"""AsyncClient: the same answers, awaited; a cancelled await ends its own call and no other."""

from __future__ import annotations

import asyncio
import contextvars
import copy
import gc
import inspect
import logging
import os
import socket
import sys
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

import pytest
from conftest import TO
from sandboxes import SilentSandbox

import verifysms
from verifysms import AsyncClient
from verifysms.testing import Sandbox


def test_a_code_is_sent_and_checked(sandbox: Sandbox):
    async def main() -> None:
        async with sandbox.async_client() as client:
            sent = await client.send("050-123-4567", sender="Acme", message="Hi ##code##")
            assert (sent.to, sent.sender) == (TO, "Acme")
            assert not await client.check(TO, "no code")
            assert await client.check(TO, sandbox.code(TO))
        with pytest.raises(verifysms.InvalidArgumentError, match="closed"):
            await client.send(TO)

    asyncio.run(main())


def test_errors_are_those_of_the_client(sandbox: Sandbox):
    async def main() -> None:
        client = sandbox.async_client()
        with pytest.raises(verifysms.InvalidArgumentError):
            await client.send("12")
        sandbox.fail_next(reason=5)
        with pytest.raises(verifysms.RejectedError) as caught:
            await client.send(TO)
        assert caught.value.reason is verifysms.Reason.UNKNOWN_ERROR
        await client.close()

    asyncio.run(main())


def test_many_calls_are_under_way_at_once(silent_sandbox: SilentSandbox):
    async def main() -> None:
        async with AsyncClient("the key", sender="Acme", guard=None, url=silent_sandbox.url, timeout=30) as client:
            tasks = [asyncio.create_task(client.send(TO)) for _ in range(64)]
            for _ in tasks:
                await asyncio.to_thread(silent_sandbox.wait_for_request)
            client.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(main())


def test_a_cancelled_await_ends_its_call_and_the_loop_returns():
    with socket.create_server(("127.0.0.1", 0)) as listener:

        async def main() -> float:
            client = AsyncClient("the key", sender="Acme", url=url(listener), timeout=30)
            task = asyncio.create_task(client.send(TO))
            connection, _ = await asyncio.to_thread(listener.accept)
            assert await asyncio.to_thread(connection.recv, 4096)
            begun = time.monotonic()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            ended = await asyncio.to_thread(seconds_to_the_end, connection, begun)
            await client.close()
            print(f"cancelled: the call ended after {1000 * ended:.0f} ms")
            assert ended < 0.1
            return begun

        begun = asyncio.run(main())
        assert time.monotonic() - begun < 0.2


def url(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}/"


def seconds_to_the_end(connection: socket.socket, begun: float) -> float:
    """How long after `begun` the client ends a connection."""
    with connection:
        connection.settimeout(5)
        while connection.recv(4096):
            pass
        return time.monotonic() - begun


def test_a_call_whose_loop_is_closed_ends_with_its_task():
    """Nobody can make it go on any more."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = AsyncClient("the key", sender="Acme", url=url(listener), timeout=30)
        loop = asyncio.new_event_loop()
        task = loop.create_task(client.send(TO))
        loop.run_until_complete(asyncio.sleep(0.05))
        connection, _ = listener.accept()
        loop.close()
        closed, call = weakref.ref(loop), weakref.ref(task)
        task._log_destroy_pending = False
        del loop, task
        gc.collect()
        assert (closed(), call()) == (None, None)
        assert seconds_to_the_end(connection, time.monotonic()) < 0.1
    with Sandbox() as sandbox:
        assert asyncio.run(sandbox.async_client().send(TO)).to == TO


def test_a_loop_keeps_nothing_of_a_client_that_has_no_call_under_way(sandbox: Sandbox):
    async def main() -> None:
        client = sandbox.async_client()
        descriptors = set(os.listdir("/proc/self/fd"))
        await client.send(TO)
        with pytest.raises(verifysms.InvalidArgumentError):
            await client.check(TO, "\ud800")
        with pytest.raises(TypeError):
            await client.send(None)
        known = weakref.ref(client)
        del client
        await asyncio.sleep(0)
        assert known() is None
        # The server's end of the connection closes a moment later.
        until = time.monotonic() + 5
        while set(os.listdir("/proc/self/fd")) - descriptors:
            assert time.monotonic() < until, "a descriptor was left open"
            await asyncio.sleep(0.005)

    asyncio.run(main())


def test_calls_need_no_thread(python, silent_sandbox: SilentSandbox):
    done = python(
        """
        import asyncio, os, sys
        import verifysms

        async def main():
            client = verifysms.AsyncClient("the key", sender="Acme", guard=None, url=sys.argv[1], timeout=30)
            tasks = [asyncio.create_task(client.send("0501234567")) for _ in range(100)]
            await asyncio.sleep(0.3)
            print(len(os.listdir("/proc/self/task")))
            client.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            assert {error.reached.name for error in ended} == {"UNKNOWN"}, ended

        asyncio.run(main())
        """,
        silent_sandbox.url,
    )
    assert done.stdout == "1\n"


@pytest.mark.parametrize("awaits", [1, 3000])
def test_a_timeout_begins_with_the_await(awaits: int):
    """Also that of a call that waits for its turn to have a connection."""

    async def one(client: AsyncClient) -> float:
        begun = time.monotonic()
        with pytest.raises(verifysms.TimeoutError):
            await client.send(TO)
        return time.monotonic() - begun

    async def main(listener: socket.socket) -> list[float]:
        async with AsyncClient("the key", sender="Acme", guard=None, url=url(listener), timeout=2) as client:
            return await asyncio.gather(*(one(client) for _ in range(awaits)))

    with socket.create_server(("127.0.0.1", 0), backlog=2000) as listener:
        took = asyncio.run(main(listener))
    assert min(took) >= 2
    assert max(took) < 8


def test_a_cancelled_await_leaves_the_other_calls_alone(sandbox: Sandbox):
    # Their messages are out at once, their answers come later.
    sandbox.fail_next(3, failure={"delay": 1000})

    async def main() -> None:
        async with sandbox.async_client() as client:
            tasks = [asyncio.create_task(client.send(TO)) for _ in range(3)]
            while len(sandbox.messages()) < 3:
                await asyncio.sleep(0.005)
            tasks[1].cancel()
            with pytest.raises(asyncio.CancelledError):
                await tasks[1]
            assert not tasks[0].done()
            assert not tasks[2].done()
            sent = {(await tasks[number]).unique for number in (0, 2)}
            assert len(sent) == 2
            assert sent < {message.unique for message in sandbox.messages()}

    asyncio.run(main())


def test_a_timeout_of_asyncio_ends_the_call(silent_sandbox: SilentSandbox):
    async def main() -> None:
        async with AsyncClient("the key", sender="Acme", url=silent_sandbox.url, timeout=30) as client:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(client.check(TO, "1"), 0.1)

    begun = time.monotonic()
    asyncio.run(main())
    assert time.monotonic() - begun < 0.5


def test_cancel_ends_all_calls(silent_sandbox: SilentSandbox):
    async def main() -> None:
        async with AsyncClient("the key", sender="Acme", guard=None, url=silent_sandbox.url, timeout=30) as client:
            tasks = [asyncio.create_task(client.send(TO)) for _ in range(2)]
            for _ in tasks:
                await asyncio.to_thread(silent_sandbox.wait_for_request)
            client.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            assert [type(error) for error in ended] == [verifysms.CancelledError] * 2

    asyncio.run(main())


def test_a_call_that_is_cancelled_before_it_begins_sends_nothing(sandbox: Sandbox):
    async def main() -> None:
        async with sandbox.async_client() as client:
            for pause in (0, 1):  # Before its first step, and before the loop has seen that there is something to do.
                task = asyncio.create_task(client.send(TO))
                for _ in range(pause):
                    await asyncio.sleep(0)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
            await client.check(TO, "1")

    asyncio.run(main())
    assert sandbox.messages() == []


def test_a_call_that_is_cancelled_is_logged(silent_sandbox: SilentSandbox, caplog):
    caplog.set_level(logging.DEBUG, "verifysms")

    async def main() -> None:
        async with AsyncClient("the key", sender="Acme", url=silent_sandbox.url, timeout=30) as client:
            task = asyncio.create_task(client.send(TO))
            await asyncio.to_thread(silent_sandbox.wait_for_request)
            task.cancel()
            await asyncio.wait([task])

    asyncio.run(main())
    assert [record.levelname for record in caplog.records] == ["DEBUG", "INFO"]
    assert "CANCELLED, reached UNKNOWN" in caplog.records[1].getMessage()


@pytest.mark.parametrize("way", ["cancelled", "closed"])
def test_a_call_that_is_left_in_the_turn_of_its_answer_is_logged(way: str, sandbox: Sandbox, caplog):
    caplog.set_level(logging.DEBUG, "verifysms")

    async def main() -> None:
        async with sandbox.async_client() as client:
            call = client.send(TO)
            future = call.send(None)
            while not future.done():
                await asyncio.sleep(0)
            assert caplog.records == []
            if way == "closed":
                call.close()
            else:
                with pytest.raises(asyncio.CancelledError):
                    call.throw(asyncio.CancelledError())

    asyncio.run(main())
    assert [record.levelname for record in caplog.records] == ["DEBUG", "INFO"]
    assert "OK, reached YES" in caplog.records[1].getMessage()


def test_records_are_written_in_the_context_of_their_await(sandbox: Sandbox, caplog):
    caplog.set_level(logging.INFO, "verifysms")
    visitor = contextvars.ContextVar("visitor", default="nobody")
    seen: list[str] = []
    caplog.handler.addFilter(lambda _: seen.append(visitor.get()) or True)

    async def one(client: AsyncClient, number: int) -> None:
        visitor.set(f"visitor {number}")
        await client.send(TO)

    async def main() -> None:
        async with sandbox.async_client() as client:
            await asyncio.gather(*(one(client, number) for number in range(3)))

    asyncio.run(main())
    assert sorted(seen) == ["visitor 0", "visitor 1", "visitor 2"]
    assert {record.filename for record in caplog.records} == {"test_async.py"}, "they name the caller's line"
    assert {record.funcName for record in caplog.records} == {"one"}


def test_loops_in_threads_share_a_client(sandbox: Sandbox):
    client = sandbox.async_client()

    async def several() -> list[str]:
        return [(await call).to for call in [client.send(f"050{number:07}") for number in range(20)]]

    with ThreadPoolExecutor(8) as threads:
        ended = list(threads.map(lambda _: asyncio.run(several()), range(8)))
    assert ended == [[f"050{number:07}" for number in range(20)]] * 8
    asyncio.run(client.close())


def test_a_call_that_is_closed_ends(silent_sandbox: SilentSandbox, caplog):
    caplog.set_level(logging.INFO, "verifysms")

    async def main() -> None:
        async with AsyncClient("the key", sender="Acme", url=silent_sandbox.url, timeout=30) as client:
            call = client.send(TO)
            call.send(None)
            await asyncio.to_thread(silent_sandbox.wait_for_request)
            call.close()
            while not caplog.records:
                await asyncio.sleep(0.005)

    asyncio.run(main())
    assert "CANCELLED, reached UNKNOWN" in caplog.text


def test_who_has_no_loop_of_asyncio_is_told_what_to_do(sandbox: Sandbox, monkeypatch):
    async_client = sandbox.async_client()
    with pytest.raises(RuntimeError, match=r"trio\.to_thread\.run_sync"):
        async_client.send(TO).send(None)

    # As a loop of another library may be.
    monkeypatch.setattr(asyncio.SelectorEventLoop, "add_reader", asyncio.AbstractEventLoop.add_reader)
    loop = asyncio.SelectorEventLoop()
    with pytest.raises(RuntimeError, match=r"needs an event loop with add_reader.* in a thread"):
        loop.run_until_complete(async_client.send(TO))
    loop.close()
    assert sandbox.messages() == []


def test_one_client_serves_several_loops(sandbox: Sandbox):
    client = sandbox.async_client()
    for _ in range(2):
        assert asyncio.run(client.send(TO)).to == TO
    asyncio.run(client.close())


CALLS = {
    "connect": lambda client: client.connect(),
    "send": lambda client: client.send(TO),
    "check": lambda client: client.check(TO, "no code"),
    "close": lambda client: client.close(),
}


def refuses_to_be_asked(call: object) -> None:
    for ask in (
        bool,
        lambda it: not it,
        lambda it: it and "let in",
        lambda it: any([it]),
        lambda it: bool(copy.copy(it)),
    ):
        with pytest.raises(TypeError, match="await it"):
            ask(call)
    assert (call == True) is False  # noqa: E712
    assert not hasattr(call, "verified")
    assert not hasattr(type(call).__new__(type(call)), "verified")


@pytest.mark.parametrize("name", CALLS)
def test_a_call_that_is_not_awaited_is_neither_true_nor_false_and_does_nothing(name: str, sandbox: Sandbox):
    client = sandbox.async_client()
    sandbox.fail_next(1)
    with pytest.warns(RuntimeWarning, match=f"coroutine 'AsyncClient.{name}' was never awaited"):
        refuses_to_be_asked(CALLS[name](client))
    assert sandbox.waiting() == 1, "a request was made"
    assert not client._adapters
    assert "closed" not in repr(client)


async def in_task_group(call):
    async with asyncio.TaskGroup() as group:
        task = group.create_task(call)
    return task.result()


async def in_time(call):
    async with asyncio.timeout(10):
        return await call


async def in_thread(call):
    loop = asyncio.get_running_loop()
    return await asyncio.to_thread(lambda: asyncio.run_coroutine_threadsafe(call, loop).result(10))


async def eagerly(call):
    asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
    return await asyncio.create_task(call)


async def first_of(call):
    return await next(asyncio.as_completed([call]))


async def by_anyio(call):
    import anyio

    async with anyio.create_task_group() as group:
        task = asyncio.ensure_future(call)
        group.start_soon(asyncio.wait, [task])
    return task.result()


async def gathered(call):
    return (await asyncio.gather(call))[0]


WAYS = {
    "await": lambda call: in_await(call),
    "gather": gathered,
    "wait_for": lambda call: asyncio.wait_for(call, 10),
    "shield": lambda call: in_await(asyncio.shield(call)),
    "create_task": lambda call: in_await(asyncio.create_task(call)),
    "ensure_future": lambda call: in_await(asyncio.ensure_future(call)),
    "run_coroutine_threadsafe": in_thread,
    "as_completed": first_of,
    "anyio": by_anyio,
    **({"TaskGroup": in_task_group, "timeout": in_time} if sys.version_info >= (3, 11) else {}),
    **({"eager tasks": eagerly} if sys.version_info >= (3, 12) else {}),
}


async def in_await(awaitable):
    return await awaitable


@pytest.mark.parametrize("way", WAYS)
def test_a_call_is_awaited_in_every_way_that_asyncio_has(way: str, sandbox: Sandbox):
    async def main() -> None:
        async with sandbox.async_client() as client:
            await client.send(TO)
            for code, verified in (("no code", False), (sandbox.code(TO), True)):
                call = client.check(TO, code)
                assert asyncio.iscoroutine(call)
                assert inspect.isawaitable(call)
                assert (await WAYS[way](call)).verified is verified
                with pytest.raises(RuntimeError, match="already awaited"):
                    await call

    asyncio.run(main())


def test_a_task_of_a_call_is_printed_as_any_other(silent_sandbox: SilentSandbox):
    async def main() -> None:
        async with AsyncClient("the key", sender="Acme", url=silent_sandbox.url, timeout=30) as client:
            task = asyncio.create_task(client.check(TO, "918273"))
            told = [repr(task)]
            await asyncio.to_thread(silent_sandbox.wait_for_request)
            told += [repr(task), str(task.get_stack())]
            task.cancel()
            await asyncio.wait([task])
            for text in [*told, repr(task)]:
                assert "AsyncClient.check" in text or "code check>" in text
                assert "918273" not in text

    asyncio.run(main(), debug=True)


def test_asyncio_runs_a_call_by_itself(sandbox: Sandbox):
    asyncio.run(sandbox.async_client().send(TO))
    assert len(sandbox.messages(TO)) == 1


def test_frameworks_see_that_a_call_is_to_be_awaited(sandbox: Sandbox):
    from asgiref.sync import async_to_sync
    from starlette.background import BackgroundTask

    client = sandbox.async_client()
    assert asyncio.iscoroutinefunction(client.send)
    assert list(inspect.signature(client.check).parameters) == ["to", "code", "end_user"]
    asyncio.run(BackgroundTask(client.send, TO)())
    assert len(sandbox.messages(TO)) == 1, "it was called and not awaited"
    assert async_to_sync(client.check)(TO, sandbox.code(TO)).verified
    imitated = mock.create_autospec(AsyncClient, instance=True)
    assert isinstance(imitated.check, mock.AsyncMock)


def test_a_program_without_asyncio_does_not_wait_for_its_import(python):
    python("""
        import sys
        import verifysms, verifysms.testing
        assert "asyncio" not in sys.modules
        assert "AsyncClient" in dir(verifysms)
        assert not hasattr(verifysms, "AsynClient")
        from verifysms import *
        assert AsyncClient is verifysms.AsyncClient
    """)


def test_who_gathers_exceptions_too_asks_for_results(sandbox: Sandbox):
    """An exception is true, as any in Python: `logging` and `concurrent.futures` count on it."""
    sandbox.fail_next(reason=5)

    async def main() -> list[object]:
        async with sandbox.async_client() as client:
            return await asyncio.gather(client.check(TO, "1"), client.check(TO, "1"), return_exceptions=True)

    for result in asyncio.run(main()):
        assert not getattr(result, "verified", False)


def test_another_library_inside_of_asyncio_is_named(monkeypatch, sandbox: Sandbox):
    """As where trio runs as a guest of asyncio: there is a running loop, and the task is not of it."""

    class Sniffio:
        AsyncLibraryNotFoundError = LookupError

        @staticmethod
        def current_async_library() -> str:
            return "trio"

    monkeypatch.setitem(sys.modules, "sniffio", Sniffio)

    async def main() -> None:
        async with sandbox.async_client() as client:
            with pytest.raises(RuntimeError, match=r"this task is of trio; .*trio\.to_thread\.run_sync"):
                await client.send(TO)

    asyncio.run(main())
    monkeypatch.setattr(Sniffio, "current_async_library", staticmethod(lambda: "asyncio"))

    async def usual() -> None:
        async with sandbox.async_client() as client:
            await client.send(TO)

    asyncio.run(usual())
