"""The client for asyncio. The calls run in threads of its own; no secret stays in a frame meanwhile."""

from __future__ import annotations

import os

from verifysms._verifysms import CheckResult, Connection, Pending, SendResult

TYPE_CHECKING = False
if TYPE_CHECKING:  # `typing` itself would double the time of the import
    from concurrent.futures import ThreadPoolExecutor
    from types import TracebackType
    from typing import Final

    from typing_extensions import Self

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

    async def send(self, to: str, *, sender: str | None = None, message: str | None = None) -> SendResult:
        """Have the service text a code to a phone number. See `Client.send`."""
        try:
            pending = self._send(to, sender, message)
        finally:
            # Tools that print the variables of a traceback's frames would print it.
            del to
        result = await self._answer(pending)
        assert isinstance(result, SendResult)
        return result

    async def check(self, to: str, code: str) -> CheckResult:
        """Ask whether the code that the person typed is the right one. See `Client.check`."""
        try:
            pending = self._check(to, code)
        finally:
            del to, code
        result = await self._answer(pending)
        assert isinstance(result, CheckResult)
        return result

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

    async def _answer(self, pending: Pending) -> SendResult | CheckResult:
        # Whoever awaits has imported it already; a program without it need not wait for it.
        import asyncio

        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor(), pending.run)
        except asyncio.CancelledError:
            pending.cancel()
            raise

    def _executor(self) -> ThreadPoolExecutor:
        """Give the threads of this process: those from before a fork are the parent's."""
        if self._threads is None or self._process != os.getpid():
            from concurrent.futures import ThreadPoolExecutor

            self._threads = ThreadPoolExecutor(CALLS_AT_ONCE, thread_name_prefix="verifysms")
            self._process = os.getpid()
        return self._threads
