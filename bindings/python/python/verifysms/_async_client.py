"""The client for asyncio. The event loop makes its calls go on; no secret stays in a frame meanwhile."""

from __future__ import annotations

import asyncio
import functools
import inspect
import os
import sys
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar
from weakref import WeakValueDictionary

from verifysms._verifysms import CheckResult, Connection, Ended, Queue, SendResult

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


class Call(Coroutine[Any, Any, Answer]):
    """A coroutine that is neither true nor false, since who forgets to await a check has verified nobody."""

    def __init__(self, coroutine: Coroutine[Any, Any, Answer]) -> None:
        self._coroutine = coroutine

    def __bool__(self) -> bool:
        # Since Python 3.12 a task that is printed asks so whether it still has its coroutine.
        if sys._getframe(1).f_globals.get("__name__") == "asyncio.base_tasks":
            return True
        raise TypeError("await it: a call of AsyncClient is neither true nor false, and begins with its await")

    def __await__(self) -> Generator[Any, None, Answer]:
        return self._coroutine.__await__()

    def send(self, value: Any) -> Any:
        """Go on; an event loop does it."""
        return self._coroutine.send(value)

    def throw(self, *exception: Any) -> Any:
        """Go on with an exception; an event loop does it."""
        return self._coroutine.throw(*exception)

    def close(self) -> None:
        """End it, if it has not ended."""
        self._coroutine.close()

    def __getattr__(self, name: str) -> Any:
        # Its name and state, which debuggers and event loops look at. A copy without a coroutine has none.
        return getattr(object.__getattribute__(self, "_coroutine"), name)

    def __repr__(self) -> str:
        return repr(self._coroutine)


def awaited(
    function: Callable[Arguments, Coroutine[Any, Any, Answer]],
) -> Callable[Arguments, Coroutine[Any, Any, Answer]]:
    """Have an `async def` return a `Call`. Type checkers and frameworks see an `async def` all the same."""

    @functools.wraps(function)
    def call(*arguments: Arguments.args, **named: Arguments.kwargs) -> Coroutine[Any, Any, Answer]:
        try:
            return Call(function(*arguments, **named))
        finally:
            # Tools that print the variables of a traceback's frames would print the number and the code.
            del arguments, named

    if sys.version_info >= (3, 12):
        return inspect.markcoroutinefunction(call)
    vars(call)["_is_coroutine"] = vars(asyncio.coroutines)["_is_coroutine"]
    return call


TURN: Final = 0.005
"""How many seconds results are handed out before the event loop has its turn."""


class Calls:
    """The calls of a client that are under way in one event loop, which keeps this until they have ended.

    It goes with a loop that is closed, and ends the calls that nobody can make go on any more.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, queue: Queue) -> None:
        self._loop = loop
        self.queue = queue
        # None: nobody waits for it any more.
        self._futures: dict[int, asyncio.Future[Ended] | None] = {}
        self._drains_soon = False

    async def answer(self, ticket: int) -> SendResult | CheckResult | None:
        """Wait until a call that was started has ended, and give its answer."""
        if not self._futures:
            self._watch()
        future: asyncio.Future[Ended] = self._loop.create_future()
        self._futures[ticket] = future
        try:
            ended = await future
        except (asyncio.CancelledError, GeneratorExit) as error:
            if ticket in self._futures:
                self._futures[ticket] = None
                self.queue.cancel(ticket)
                if isinstance(error, asyncio.CancelledError) and not self._drains_soon:
                    self._drains_soon = True
                    self._loop.call_soon(self._drain)
            elif future.done() and not future.cancelled():
                # It ended in the same turn of the event loop.
                future.result().log()
            raise
        return ended.answer()

    def _watch(self) -> None:
        try:
            # In no context of the caller's, which would live as long as this.
            Context().run(self._loop.add_reader, self.queue.fileno(), self._drain)
        except NotImplementedError:
            raise RuntimeError(f"AsyncClient needs an event loop with add_reader(); {ELSEWHERE}") from None

    def _drain(self) -> None:
        self._drains_soon = False
        until = monotonic() + TURN
        while (ended := self.queue.take()) is not None:
            future = self._futures.pop(ended.ticket, None)
            if future is None or future.done():
                ended.log()
            else:
                future.set_result(ended)
            if monotonic() >= until:
                break
        if not self._futures:
            self._loop.remove_reader(self.queue.fileno())


ELSEWHERE: Final = "elsewhere make the calls of Client in a thread: await trio.to_thread.run_sync(client.send, number)"


class AsyncClient(Connection):
    """Sends codes by SMS and checks them, for asyncio. Takes what `Client` takes.

    Cancelling the task that awaits a call ends that call, and no other. Any number of calls may be under way: up to
    1024, or half of the file descriptors that the process may have, have a connection at a time, and the others wait
    for one. A call's timeout begins with its await.

    >>> import asyncio
    >>> from verifysms import AsyncClient
    >>> from verifysms.testing import Sandbox
    >>> async def main(sandbox):
    ...     async with AsyncClient(sandbox.api_key, sender="Acme", url=sandbox.url) as client:
    ...         await client.send("050-123-4567")
    ...         return await client.check("050-123-4567", sandbox.code("0501234567"))
    >>> with Sandbox() as sandbox:
    ...     asyncio.run(main(sandbox))
    CheckResult(verified=True, status=1, to='*******567')
    """

    _calls: WeakValueDictionary[tuple[int, int], Calls] | None = None

    @awaited
    async def connect(self) -> None:
        """Open a connection ahead, when the page opens on which a person types their number. See `Client.connect`."""
        calls = self._under_way()
        await calls.answer(calls.queue.connect())

    @awaited
    async def send(self, to: str, *, sender: str | None = None, message: str | None = None) -> SendResult:
        """Have the service text a code to a phone number. See `Client.send`."""
        calls = self._under_way()
        try:
            ticket = calls.queue.send(to, sender, message)
        finally:
            del to  # as above
        result = await calls.answer(ticket)
        assert isinstance(result, SendResult)
        return result

    @awaited
    async def check(self, to: str, code: str) -> CheckResult:
        """Ask whether the code that the person typed is the right one. See `Client.check`."""
        calls = self._under_way()
        try:
            ticket = calls.queue.check(to, code)
        finally:
            del to, code
        result = await calls.answer(ticket)
        assert isinstance(result, CheckResult)
        return result

    @awaited
    async def close(self) -> None:
        """Close the connections. Calls under way go on to their end; later ones are refused."""
        self._close()
        self._calls = None

    async def __aenter__(self) -> Self:
        """Return the client itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exception: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        await self.close()

    def _under_way(self) -> Calls:
        """Give the calls of this event loop and this process: those from before a fork are the parent's."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            raise RuntimeError(f"AsyncClient needs a running event loop of asyncio; {ELSEWHERE}") from None
        if self._calls is None:
            self._calls = WeakValueDictionary()
        # No other loop has the number of one whose calls are there.
        place = id(loop), os.getpid()
        calls = self._calls.get(place)
        if calls is None:
            calls = self._calls[place] = Calls(loop, self._queue())
        return calls
