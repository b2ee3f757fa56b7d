"""AsyncClient: the same answers, awaited; a cancelled await ends its own call and no other."""

from __future__ import annotations

import asyncio
import threading
import time

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
