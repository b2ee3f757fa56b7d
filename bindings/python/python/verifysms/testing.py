"""A sandbox for tests: an imitation of the service on this machine. Nothing is texted and nothing costs money.

>>> from verifysms.testing import Sandbox
>>> with Sandbox() as sandbox:
...     client = sandbox.client()
...     _ = client.send("050-123-4567")
...     bool(client.check("050-123-4567", sandbox.code("0501234567")))
True

For pytest there is a fixture, `verifysms_sandbox`: a test that names it gets a sandbox of its own.
"""

from __future__ import annotations

from verifysms._client import Client
from verifysms._verifysms import Message, SandboxServer, normalize

TYPE_CHECKING = False
if TYPE_CHECKING:  # importing `typing` would double the import time of verifysms
    from collections.abc import Iterable, Mapping
    from os import PathLike
    from types import TracebackType
    from typing import Literal, TypeAlias, TypedDict

    from typing_extensions import Self, Unpack

    from verifysms._async_client import AsyncClient
    from verifysms._codes import Limit

    class _ClientSettings(TypedDict, total=False):
        """The settings of a client of the sandbox; `verifysms.Client` describes them."""

        sender: str | None
        message: str | None
        delivery_url: str | None
        timeout: float
        connect_timeout: float
        proxy: str | None
        ca_file: str | PathLike[str] | None
        trust: Literal["system", "bundled"]
        allow_http: bool
        guard: str | None
        limits: Mapping[Limit, tuple[int, int]] | None
        on_guard_failure: Literal["local", "refuse", "allow"]
        guard_secret: str | None
        guard_namespace: str | None
        guard_timeout: float
        _sandbox: SandboxServer

    _Failure: TypeAlias = str | dict[str, int] | dict[str, str]


__all__ = ["Message", "Sandbox"]


class Sandbox:
    """An imitation of the service, made from its documentation, on a port of 127.0.0.1 until it is closed.

    Codes have 6 digits, live 10 minutes on a clock that a test can move, and work once; every documented reason is
    given for the condition that earns it. A check's statuses 2 (wrong) and 3 (expired or used) are the sandbox's own.
    Requests for some test numbers always fail in the same way; the guide lists them.

    Args:
        api_key: The only key that is accepted. It guards nothing: any text will do.
        approved_senders: Numbers that may be used as a sender, as in 0501234567.
        port: The port to listen on; 0 lets the system choose a free one.
        tls: Whether to speak TLS, with a certificate made for this sandbox and signed by `ca_file`.
        seed: Makes the codes repeatable: the same in every sandbox with the same seed.

    >>> with Sandbox(tls=True, seed=7) as sandbox:
    ...     client = sandbox.client()
    ...     _ = client.send("050-123-4567")
    ...     sandbox.url.startswith("https://"), sandbox.code("0501234567")
    (True, '306020')
    """

    def __init__(
        self,
        *,
        api_key: str = "sandbox-key",
        approved_senders: Iterable[str] = (),
        port: int = 0,
        tls: bool = False,
        seed: int | None = None,
    ) -> None:
        self.api_key: str = api_key
        self._server = SandboxServer(api_key, list(approved_senders), port, tls, seed)
        self.url: str = self._server.url()
        """The service's URL, for a client."""
        self.page: str = self._server.page()
        """The address of the page that shows the messages as they arrive, for a browser on this machine."""
        self.ca_file: str | None = self._server.ca_file()
        """With tls, the PEM file of the authority that a client has to trust. It is gone when the sandbox is closed."""

    def client(self, **settings: Unpack[_ClientSettings]) -> Client:
        """Make a client for this sandbox. Its sender is "Sandbox" unless you name another.

        It limits nothing unless you name a guard, such as `guard="memory:"`, which then keeps the sandbox's clock:
        `advance` ends a cooldown.
        """
        return Client(self.api_key, url=self.url, **self._with_defaults(settings))

    def async_client(self, **settings: Unpack[_ClientSettings]) -> AsyncClient:
        """Make the same for asyncio."""
        from verifysms import AsyncClient

        return AsyncClient(self.api_key, url=self.url, **self._with_defaults(settings))

    def _with_defaults(self, settings: _ClientSettings) -> _ClientSettings:
        settings.setdefault("sender", "Sandbox")
        settings.setdefault("ca_file", self.ca_file)
        settings.setdefault("guard", None)
        settings["_sandbox"] = self._server
        return settings

    def code(self, to: str) -> str:
        """Give the code last texted to a number, however it is written, and whatever has become of it.

        Raises:
            LookupError: Nothing was sent to that number.
            InvalidArgumentError: It is not an Israeli number.
        """
        number = normalize(to)
        code = self._server.code(number)
        if code is None:
            raise LookupError(f"nothing was sent to {number}")
        return code

    def messages(self, to: str | None = None) -> list[Message]:
        """Give the messages to one number, however it is written, or to all, newest first.

        Raises:
            InvalidArgumentError: It is not an Israeli number.
        """
        return self._server.messages(to if to is None else normalize(to))

    def wait_for_message(self, to: str, timeout: float = 10, *, after: Message | None = None) -> Message:
        """Wait for a message to a number and give the newest one; one that is there already will do.

        Args:
            to: The number, however it is written.
            timeout: How many seconds to wait.
            after: Wait for a message that is newer than this one.

        Raises:
            TimeoutError: There is none in time; it says what became of the last request.
            InvalidArgumentError: It is not an Israeli number.

        >>> with Sandbox() as sandbox:
        ...     _ = sandbox.client().send("050-123-4567")
        ...     first = sandbox.wait_for_message("0501234567")
        ...     sandbox.wait_for_message("0501234567", 0.1, after=first)
        Traceback (most recent call last):
        TimeoutError: no message to 0501234567 within 0.1 seconds; the last request: send *******567: sent
        """
        number = normalize(to)
        message = self._server.wait_for_message(number, timeout, after)
        if message is None:
            last = self._server.last_request() or "there was none"
            raise TimeoutError(f"no message to {number} within {timeout} seconds; the last request: {last}")
        return message

    def set_delivery(self, message: Message, code: int | None) -> None:
        """Set what the service reports of a message, in the provider's codes: 15 is a kosher number.

        With None there is no report: the message stays pending.

        Raises:
            LookupError: There is no such message.

        >>> with Sandbox() as sandbox:
        ...     client = sandbox.client()
        ...     sent = client.send("050-123-4567")
        ...     sandbox.advance(seconds=1)
        ...     sandbox.set_delivery(sandbox.messages()[0], 15)
        ...     client.delivery(sent.unique).next_step.name
        'ANOTHER_NUMBER'
        """
        if not self._server.set_delivery(message.unique, code):
            raise LookupError("there is no such message")

    def advance(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0) -> None:
        """Move the sandbox's clock forward. After 10 minutes a code has expired.

        >>> with Sandbox() as sandbox:
        ...     client = sandbox.client()
        ...     _ = client.send("050-123-4567")
        ...     sandbox.advance(minutes=11)
        ...     client.check("050-123-4567", sandbox.code("0501234567"))
        CheckResult(verified=False, status=3, to='*******567')
        """
        self._server.advance(seconds + 60 * minutes + 3600 * hours)

    def fail_next(
        self,
        times: int = 1,
        *,
        reason: int | None = None,
        http_status: int | None = None,
        failure: _Failure | None = None,
        to: str | None = None,
    ) -> None:
        """Let the next requests fail, or those for one number; reason 5 if nothing is named.

        Args:
            times: How many requests.
            reason: The service refuses, with this reason.
            http_status: An HTTP error, with a page of HTML.
            failure: Any other failure, as the control API writes it: "lose_answer", {"delay": 3000}; the guide has all.
            to: Fail only requests for this number, however it is written.

        Raises:
            ValueError: The failure makes no sense, or more than one is named.
            InvalidArgumentError: `to` is not an Israeli number.

        >>> with Sandbox() as sandbox:
        ...     sandbox.fail_next(failure="lose_answer")
        ...     try:
        ...         sandbox.client().send("050-123-4567")
        ...     except ConnectionError:
        ...         print("it may be out:", [message.to for message in sandbox.messages()])
        it may be out: ['0501234567']
        """
        named: list[_Failure] = []
        if reason is not None:
            named.append({"reason": reason})
        if http_status is not None:
            named.append({"http": http_status})
        if failure is not None:
            named.append(failure)
        if len(named) > 1:
            raise ValueError("name one of a reason, an HTTP status and a failure")
        import json  # here, since most sandboxes fail at nothing

        number = to if to is None else normalize(to)
        self._server.fail(json.dumps(named[0] if named else {"reason": 5}), times, number)

    def waiting(self) -> int:
        """Give how many requests are still to fail.

        >>> with Sandbox() as sandbox:
        ...     sandbox.fail_next(2, failure="never_answer")
        ...     sandbox.waiting()
        2
        """
        return self._server.waiting()

    def reset(self) -> None:
        """Forget messages, codes, requests and failures, and set the clock to the present."""
        self._server.reset()

    def close(self) -> None:
        """Stop listening, close the connections."""
        self._server.close()

    def __enter__(self) -> Self:
        """Return the sandbox itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exception: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def __repr__(self) -> str:
        """Name the address."""
        return f"<verifysms.testing.Sandbox {self.url}>"
