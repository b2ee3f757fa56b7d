"""AsyncClient: the same answers, awaited; a cancelled await ends its own call and no other."""

from __future__ import annotations

import asyncio
import copy
import inspect
import sys
import threading
import time
from unittest import mock

import pytest
from conftest import TO
from sandboxes import Silent

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


def test_many_calls_are_under_way_at_once(silent: Silent):
    async def main() -> None:
        async with AsyncClient("the key", sender="Acme", url=silent.url, timeout=30) as client:
            tasks = [asyncio.create_task(client.send(TO)) for _ in range(64)]
            for _ in tasks:
                await asyncio.to_thread(silent.wait_for_request)
            client.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(main())


def verifysms_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("verifysms")]


def test_a_cancelled_await_ends_its_call_and_the_loop_returns(silent: Silent):
    async def main() -> float:
        client = AsyncClient("the key", sender="Acme", url=silent.url, timeout=30)
        task = asyncio.create_task(client.send(TO))
        await asyncio.to_thread(silent.wait_for_request)
        begun = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await client.close()
        return begun

    begun = asyncio.run(main())
    returned = time.monotonic() - begun
    # The thread underneath ends with its call; nobody else would end it for 30 seconds.
    while verifysms_threads() and time.monotonic() - begun < 5:
        time.sleep(0.005)
    ended = time.monotonic() - begun
    print(f"cancelled: asyncio.run returned after {1000 * returned:.0f} ms, the call ended after {1000 * ended:.0f} ms")
    assert returned < 0.1
    assert ended < 0.1


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


def test_a_timeout_of_asyncio_ends_the_call(silent: Silent):
    async def main() -> None:
        async with AsyncClient("the key", sender="Acme", url=silent.url, timeout=30) as client:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(client.check(TO, "1"), 0.1)

    begun = time.monotonic()
    asyncio.run(main())
    assert time.monotonic() - begun < 0.5


def test_cancel_ends_all_calls(silent: Silent):
    async def main() -> None:
        async with AsyncClient("the key", sender="Acme", url=silent.url, timeout=30) as client:
            tasks = [asyncio.create_task(client.send(TO)) for _ in range(2)]
            for _ in tasks:
                await asyncio.to_thread(silent.wait_for_request)
            client.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            assert [type(error) for error in ended] == [verifysms.CancelledError] * 2

    asyncio.run(main())


def test_a_call_that_is_cancelled_before_it_begins_sends_nothing(sandbox: Sandbox):
    pending = sandbox.async_client()._send(TO, None, None)
    pending.cancel()
    with pytest.raises(verifysms.CancelledError) as caught:
        pending.run()
    assert caught.value.safe_to_retry
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
    assert client._threads is None
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


def test_a_task_of_a_call_is_printed_as_any_other(silent: Silent):
    async def main() -> None:
        async with AsyncClient("the key", sender="Acme", url=silent.url, timeout=30) as client:
            task = asyncio.create_task(client.check(TO, "918273"))
            told = [repr(task)]
            await asyncio.to_thread(silent.wait_for_request)
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
    assert list(inspect.signature(client.check).parameters) == ["to", "code"]
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
