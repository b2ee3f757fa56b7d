"""A peer of the bench with an event loop: awaits many calls at once.

    python awaits.py CLIENT --port PORT --awaits N --calls N

CLIENT is verifysms or aiohttp. So many coroutines make their calls one after the other. Prints a
line of JSON: calls a second, calls that failed, and the longest time that the loop came late to a
coroutine that wanted to go on.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from importlib import import_module

API_KEY, SENDER, PHONE = "0123456789abcdef0123456789abcdef", "Acme", "0501234567"
TICK = 0.005
AT_ONCE = 250
"""How many coroutines begin in a turn of the loop: asyncio itself stalls when thousands do."""

Call = Callable[[], Awaitable[None]]


@asynccontextmanager
async def verifysms_call(url: str) -> AsyncIterator[Call]:
    """Make a call of this package."""
    package = import_module("verifysms")
    # All calls are about one number: the guard counts them, and refuses none.
    limit = package.Limit
    limits = {limit.COOLDOWN: (0, 0), limit.SENDS_NUMBER: (65535, 1), limit.SENDS_NUMBER_DAY: (65535, 1)}
    async with package.AsyncClient(API_KEY, sender=SENDER, url=url, proxy="", limits=limits) as client:

        async def call() -> None:
            await client.send(PHONE)

        yield call


@asynccontextmanager
async def aiohttp_call(url: str) -> AsyncIterator[Call]:
    """Make the same call as somebody writes it with aiohttp, but for its limit of connections."""
    package = import_module("aiohttp")
    connector = package.TCPConnector(limit=0)
    async with package.ClientSession(connector=connector) as session:

        async def call() -> None:
            form = package.FormData()
            for name, value in (("apiKey", API_KEY), ("from", SENDER), ("to", PHONE)):
                form.add_field(name, value, content_type="text/plain")
            async with session.post(url, data=form) as answer:
                assert (await answer.json())["status"] == "OK"

        yield call


CLIENTS = {"verifysms": verifysms_call, "aiohttp": aiohttp_call}


async def longest_lag(ended: asyncio.Event) -> float:
    """How late the loop is at most, in seconds, until the end."""
    longest = 0.0
    while not ended.is_set():
        due = time.perf_counter() + TICK
        await asyncio.sleep(TICK)
        longest = max(longest, time.perf_counter() - due)
    return longest


async def begin(coroutines: Iterable[Coroutine[None, None, None]]) -> None:
    """Begin all, some in each turn of the loop, and wait for their ends."""
    tasks = []
    for coroutine in coroutines:
        tasks.append(asyncio.create_task(coroutine))
        if len(tasks) % AT_ONCE == 0:
            await asyncio.sleep(0)
    await asyncio.gather(*tasks)


async def measure(client: str, url: str, awaits: int, calls: int) -> dict[str, float]:
    """All coroutines once, for their connections, and then as often as asked."""
    failed = 0
    async with CLIENTS[client](url) as call:

        async def several(count: int) -> None:
            nonlocal failed
            for _ in range(count):
                try:
                    await call()
                except Exception:
                    failed += 1

        await begin(several(1) for _ in range(awaits))
        ended = asyncio.Event()
        lag = asyncio.create_task(longest_lag(ended))
        begun = time.perf_counter()
        await begin(several(calls) for _ in range(awaits))
        took = time.perf_counter() - begun
        ended.set()
        return {"calls_a_second": awaits * calls / took, "failed": failed, "lag_ms": 1000 * await lag}


def main() -> None:
    """Call and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("client", choices=CLIENTS)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--awaits", type=int, required=True)
    parser.add_argument("--calls", type=int, required=True)
    arguments = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    url = f"http://127.0.0.1:{arguments.port}/sms/verifySMS"
    figures = measure(arguments.client, url, arguments.awaits, arguments.calls)
    print(json.dumps(asyncio.run(figures)))


if __name__ == "__main__":
    main()
