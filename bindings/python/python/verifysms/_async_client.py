"""The client for asyncio. The event loop drives its calls; no frame keeps a secret while they wait."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
import os
import socket
import sys
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar
from weakref import WeakValueDictionary, finalize

from verifysms._client import ConfiguredClient
from verifysms._verifysms import CallQueue, CheckResult, CompletedCall, DeliveryResult, SendResult

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

P = ParamSpec("P")
T = TypeVar("T")


class CallCoroutine(Coroutine[Any, Any, T]):
    """A coroutine that is neither true nor false: a check that is not awaited has verified nobody."""

    def __init__(self, coroutine: Coroutine[Any, Any, T]) -> None:
        self._coroutine = coroutine

    def __bool__(self) -> bool:
        # Since Python 3.12 the repr of a task tests whether the task still has its coroutine.
        if sys._getframe(1).f_globals.get("__name__") == "asyncio.base_tasks":
            return True
        raise TypeError("await it: a call of AsyncClient is neither true nor false, and begins with its await")

    def __await__(self) -> Generator[Any, None, T]:
        return self._coroutine.__await__()

    def send(self, value: Any) -> Any:
        """Resume; an event loop calls it."""
        return self._coroutine.send(value)

    def throw(self, *exception: Any) -> Any:
        """Resume with an exception; an event loop calls it."""
        return self._coroutine.throw(*exception)

    def close(self) -> None:
        """End the coroutine, unless it has ended."""
        self._coroutine.close()

    def __getattr__(self, name: str) -> Any:
        # Event loops and debuggers read the coroutine's name and state. A copy has no coroutine.
        return getattr(object.__getattribute__(self, "_coroutine"), name)

    def __repr__(self) -> str:
        return repr(self._coroutine)


def returns_call(function: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Have an `async def` return a `CallCoroutine`. Type checkers and frameworks still see an `async def`."""

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> Coroutine[Any, Any, T]:
        try:
            return CallCoroutine(function(*args, **kwargs))
        finally:
            # Tools that print the local variables of a traceback would print the number and the code.
            del args, kwargs

    if sys.version_info >= (3, 12):
        return inspect.markcoroutinefunction(call)
    vars(call)["_is_coroutine"] = vars(asyncio.coroutines)["_is_coroutine"]
    return call


MAX_DRAIN_SECONDS: Final = 0.005
"""How long results are delivered before the event loop runs something else."""


class LoopAdapter:
    """Connects the calls of one client to one event loop: the queue's descriptor to the loop, results to futures.

    The loop keeps the adapter alive while calls are in flight. A loop that is closed drops it, which cancels them:
    nothing could drive them any more.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, queue: CallQueue) -> None:
        self._loop = loop
        self.queue = queue
        # By ticket. None: its await was cancelled.
        self._futures: dict[int, asyncio.Future[CompletedCall] | None] = {}
        self._drain_scheduled = False

    async def result(self, ticket: int) -> SendResult | CheckResult | DeliveryResult | list[str] | None:
        """Wait until a call that was started has completed, and return its result."""
        if not self._futures:
            self._watch()
        future: asyncio.Future[CompletedCall] = self._loop.create_future()
        self._futures[ticket] = future
        try:
            completed = await future
        except (asyncio.CancelledError, GeneratorExit) as error:
            if ticket in self._futures:
                self._futures[ticket] = None
                self.queue.cancel(ticket)
                if isinstance(error, asyncio.CancelledError):
                    self._schedule_drain()
            elif future.done() and not future.cancelled():
                # It completed in the same turn of the event loop.
                future.result().write_log()
            raise
        return completed.result()

    def _watch(self) -> None:
        try:
            # In an empty context: the loop would keep the caller's alive.
            Context().run(self._loop.add_reader, self.queue.fileno(), self._drain)
        except NotImplementedError:
            raise RuntimeError(f"AsyncClient needs an event loop with add_reader(); {USE_THREADS}") from None

    def _unwatch(self) -> None:
        self._loop.remove_reader(self.queue.fileno())

    def _schedule_drain(self) -> None:
        if not self._drain_scheduled:
            self._drain_scheduled = True
            self._loop.call_soon(self._drain)

    def _drain(self) -> None:
        self._drain_scheduled = False
        until = monotonic() + MAX_DRAIN_SECONDS
        while (completed := self.queue.take()) is not None:
            future = self._futures.pop(completed.ticket, None)
            if future is None or future.done():
                completed.write_log()
            else:
                future.set_result(completed)
            if monotonic() >= until:
                # Only once take() has returned None does the descriptor tell of all that comes.
                self._schedule_drain()
                break
        if not self._futures:
            self._unwatch()


class ProactorAdapter(LoopAdapter):
    """The same for the loop that Windows has by default. It does not tell what is readable: it has to receive."""

    def __init__(self, loop: asyncio.AbstractEventLoop, queue: CallQueue) -> None:
        super().__init__(loop, queue)
        # The loop accepts a socket once, and knows it by this object. The queue closes it.
        self._socket = socket.socket(fileno=queue.fileno())
        finalize(self, self._socket.detach)
        self._receiver: asyncio.Task[None] | None = None

    def _watch(self) -> None:
        if self._receiver is None or self._receiver.done():
            # Not by the loop's factory of tasks, which may begin them at once.
            self._receiver = Context().run(asyncio.Task, self._receive(), loop=self._loop)

    def _unwatch(self) -> None:
        if self._receiver is not None:
            self._receiver.cancel()

    async def _receive(self) -> None:
        while self._futures:
            # asyncio.run() ends by cancelling all tasks, which may call once more before they end.
            with contextlib.suppress(asyncio.CancelledError):
                # What has come already is received at once, and nothing else would run.
                await asyncio.sleep(0)
                await self._loop.sock_recv(self._socket, 1)
            self._drain()


def adapter_class(loop: asyncio.AbstractEventLoop) -> type[LoopAdapter]:
    """Return the adapter for the loops of a system."""
    if sys.platform == "win32" and isinstance(loop, asyncio.ProactorEventLoop):
        return ProactorAdapter
    return LoopAdapter


USE_THREADS: Final = (
    "elsewhere call Client in a thread: await trio.to_thread.run_sync(client.send, number), or the same with anyio"
)


def other_library() -> str | None:
    """Return the async library of this task if it says so and is not asyncio."""
    sniffio = sys.modules.get("sniffio")
    if sniffio is None:
        return None
    try:
        library = str(sniffio.current_async_library())
    except sniffio.AsyncLibraryNotFoundError:
        return None
    return None if library == "asyncio" else library


class AsyncClient(ConfiguredClient):
    """Sends codes by SMS and checks them, for asyncio. Its arguments are those of `Client`.

    Cancelling the task that awaits a call cancels that call and no other. Any number of calls may be in flight. At
    most 1024 of them, or half of the file descriptors that the process may open, have a connection at a time; the
    others wait for one. A call's timeout begins with its await.

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

    _adapters: WeakValueDictionary[tuple[int, int], LoopAdapter] | None = None

    @returns_call
    async def connect(self) -> None:
        """Open a connection ahead of the next call. See `Client.connect`."""
        adapter = self._adapter()
        await adapter.result(adapter.queue.connect())

    @returns_call
    async def send(
        self,
        to: str,
        *,
        sender: str | None = None,
        message: str | None = None,
        end_user: str | None = None,
        origin: str | None = None,
        app_hash: str | None = None,
    ) -> SendResult:
        """Have the service text a code to a phone number. See `Client.send`."""
        adapter = self._adapter()
        try:
            ticket = adapter.queue.send(to, sender, message, end_user, origin, app_hash)
        finally:
            del to, sender, message, end_user, origin, app_hash  # a traceback would show them
        result = await adapter.result(ticket)
        assert isinstance(result, SendResult)
        return result

    @returns_call
    async def check(self, to: str, code: str, *, end_user: str | None = None) -> CheckResult:
        """Ask whether the code that the person typed is the right one. See `Client.check`."""
        adapter = self._adapter()
        try:
            ticket = adapter.queue.check(to, code, end_user)
        finally:
            del to, code, end_user
        result = await adapter.result(ticket)
        assert isinstance(result, CheckResult)
        return result

    @returns_call
    async def delivery(self, unique: str) -> DeliveryResult:
        """Ask what became of a message. See `Client.delivery`."""
        adapter = self._adapter()
        result = await adapter.result(adapter.queue.delivery(unique))
        assert isinstance(result, DeliveryResult)
        return result

    @returns_call
    async def forget(self, to: str) -> None:
        """Forget what the guard knows of a number. See `Client.forget`."""
        adapter = self._adapter()
        try:
            ticket = adapter.queue.forget(to)
        finally:
            del to
        await adapter.result(ticket)

    @returns_call
    async def guard_show(self, to: str) -> list[str]:
        """Say how far the limits of a number are used. See `Client.guard_show`."""
        adapter = self._adapter()
        try:
            ticket = adapter.queue.guard_show(to)
        finally:
            del to
        limits = await adapter.result(ticket)
        assert isinstance(limits, list)
        return limits

    @returns_call
    async def close(self) -> None:
        """Close the connections. Calls in flight run to their end; later calls raise InvalidArgumentError."""
        self._close()
        self._adapters = None

    async def __aenter__(self) -> Self:
        """Return the client itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exception: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        await self.close()

    def _adapter(self) -> LoopAdapter:
        """Return the adapter of this event loop in this process. One from before a fork is the parent's."""
        # A loop of trio's may run inside one of asyncio's.
        other = other_library()
        if other is not None:
            raise RuntimeError(f"AsyncClient is for asyncio, and this task is of {other}; {USE_THREADS}")
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            raise RuntimeError(f"AsyncClient needs a running event loop of asyncio; {USE_THREADS}") from None
        if self._adapters is None:
            self._adapters = WeakValueDictionary()
        # The adapter keeps its loop alive, so no other loop has the same id.
        key = id(loop), os.getpid()
        adapter = self._adapters.get(key)
        if adapter is None:
            adapter = self._adapters[key] = adapter_class(loop)(loop, self._queue())
        return adapter
