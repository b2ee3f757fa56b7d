"""The client for asyncio. The calls run in threads of its own; no secret stays in a frame meanwhile."""

from __future__ import annotations

import asyncio
import functools
import inspect
import os
import sys
from collections.abc import Callable, Coroutine, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

from verifysms._verifysms import CheckResult, Connection, Pending, SendResult

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


CALLS_AT_ONCE: Final = 128
"""As many as the core keeps connections. A thread is started only when all others are busy."""


class AsyncClient(Connection):
    """Sends codes by SMS and checks them, for asyncio. Takes what `Client` takes.

    Cancelling the task that awaits a call ends that call, and no other. Up to 128 calls are under way at a time; more
    wait for their turn, and a call's timeout begins with its turn.

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

    _threads: ThreadPoolExecutor | None = None
    _process = 0

    @awaited
    async def connect(self) -> None:
        """Open a connection ahead, when the page opens on which a person types their number. See `Client.connect`."""
        await self._answer(self._connect())

    @awaited
    async def send(self, to: str, *, sender: str | None = None, message: str | None = None) -> SendResult:
        """Have the service text a code to a phone number. See `Client.send`."""
        try:
            pending = self._send(to, sender, message)
        finally:
            del to  # as above
        result = await self._answer(pending)
        assert isinstance(result, SendResult)
        return result

    @awaited
    async def check(self, to: str, code: str) -> CheckResult:
        """Ask whether the code that the person typed is the right one. See `Client.check`."""
        try:
            pending = self._check(to, code)
        finally:
            del to, code
        result = await self._answer(pending)
        assert isinstance(result, CheckResult)
        return result

    @awaited
    async def close(self) -> None:
        """Close the connections. Calls under way go on to their end; later ones are refused."""
        self._close()
        threads, self._threads = self._threads, None
        if threads is not None and self._process == os.getpid():
            threads.shutdown(wait=False)

    async def __aenter__(self) -> Self:
        """Return the client itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exception: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        await self.close()

    async def _answer(self, pending: Pending) -> SendResult | CheckResult | None:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor(), pending.run)
        except asyncio.CancelledError:
            pending.cancel()
            raise

    def _executor(self) -> ThreadPoolExecutor:
        """Give the threads of this process: those from before a fork are the parent's."""
        if self._threads is None or self._process != os.getpid():
            self._threads = ThreadPoolExecutor(CALLS_AT_ONCE, thread_name_prefix="verifysms")
            self._process = os.getpid()
        return self._threads
