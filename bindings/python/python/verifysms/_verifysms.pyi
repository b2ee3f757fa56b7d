"""
The part of verifysms that is written in Rust. Import from `verifysms` instead.
"""

import collections.abc
import os
import typing
from datetime import datetime
from typing import Any, Final, SupportsIndex, final

import typing_extensions
from typing_extensions import disjoint_base

from verifysms._codes import Limit

__all__ = [
    "URL",
    "VERSION",
    "BaseClient",
    "BlockingClient",
    "CallQueue",
    "CheckResult",
    "CompletedCall",
    "Message",
    "SandboxServer",
    "SendResult",
    "command",
    "normalize",
]

URL: Final[str]
"""
The address of the service.
"""

VERSION: Final[str]

@disjoint_base
class BaseClient:
    """
    What Client and AsyncClient have in common: the settings and the connections.
    """
    def __init__(
        self,
        /,
        api_key: str,
        *,
        sender: str | None = None,
        message: str | None = None,
        url: str | None = None,
        timeout: float = 30.0,
        connect_timeout: float = 10.0,
        proxy: str | None = None,
        ca_file: str | os.PathLike[str] | None = None,
        trust: typing.Literal["system", "bundled"] = "system",
        allow_http: bool = False,
        guard: str | None = "memory:",
        limits: collections.abc.Mapping[Limit, tuple[int, int]] | None = None,
        on_guard_failure: typing.Literal["local", "refuse", "allow"] = "local",
        guard_secret: str | None = None,
        guard_namespace: str | None = None,
        guard_timeout: float = 0.25,
        _sandbox: SandboxServer | None = None,
    ) -> None: ...
    def __new__(cls, /, *_arguments: object, **_settings: object) -> typing_extensions.Self:
        """
        A client that is closed until `__init__` opens it. A subclass may take other arguments.
        """
    def __repr__(self, /) -> str: ...
    def _close(self, /) -> None:
        """
        Close the connections. Calls in flight run to their end.
        """
    def _queue(self, /) -> CallQueue:
        """
        Make a queue for the calls of one event loop.
        """
    def cancel(self, /) -> None:
        """
        Cancel the calls that other threads are making, within a tenth of a second. They raise CancelledError.

        Later calls are not affected.
        """

class BlockingClient(BaseClient):
    """
    The calls of verifysms.Client.
    """
    def __enter__(self, /) -> typing_extensions.Self: ...
    def __exit__(self, /, *_exception: object) -> None: ...
    def __new__(cls, /, *arguments: object, **settings: object) -> typing_extensions.Self: ...
    def check(self, /, to: str, code: str, *, end_user: str | None = None) -> CheckResult:
        """
        Ask whether a code is right.
        """
    def close(self, /) -> None:
        """
        Close the connections. Calls in flight run to their end; later calls raise InvalidArgumentError.
        """
    def connect(self, /) -> None:
        """
        Open a connection ahead.
        """
    def forget(self, /, to: str) -> None:
        """
        Forget a number.
        """
    def guard_show(self, /, to: str) -> list[str]:
        """
        Say how far the limits of a number are used.
        """
    def send(
        self, /, to: str, *, sender: str | None = None, message: str | None = None, end_user: str | None = None
    ) -> SendResult:
        """
        Have a code texted.
        """

@final
class CallQueue:
    """
    Calls of one client that are in flight in one event loop. Its descriptor is readable when take() has
    something to do.
    """
    def cancel(self, /, ticket: SupportsIndex) -> None:
        """
        Cancel the call with this ticket, unless it has completed. take() returns it like any other.
        """
    def check(self, /, to: str, code: str, end_user: str | None) -> int:
        """
        Start a Check, and return its ticket.
        """
    def connect(self, /) -> int:
        """
        Start to open a connection, and return the call's ticket.
        """
    def fileno(self, /) -> int: ...
    def forget(self, /, to: str) -> int:
        """
        Start to forget a number, and return the call's ticket.
        """
    def guard_show(self, /, to: str) -> int:
        """
        Start to ask for the limits of a number, and return the call's ticket.
        """
    def send(self, /, to: str, sender: str | None, message: str | None, end_user: str | None) -> int:
        """
        Start a Send, and return its ticket.
        """
    def take(self, /) -> CompletedCall | None:
        """
        Drive the calls, and return one that has completed; None until the descriptor is readable again.
        """

@final
class CheckResult:
    """
    The service's answer about a code. True only when the number is verified.

    Fields:
        verified: Whether the code was the right one for this number: status 1, nothing else.
        status: The raw status. The provider's material names 1 alone; give no meaning to the others.
        to: The number in the service's form, such as 0501234567.
        retry_after: How many seconds the next check of the number has to wait; 0 while tries are left.
        tries_left: How many wrong codes the end user may still try; None if the number is verified, and
            without a guard.

    >>> from verifysms.testing import Sandbox
    >>> with Sandbox() as sandbox:
    ...     client = sandbox.client()
    ...     _ = client.send("050-123-4567")
    ...     bool(client.check("050-123-4567", "no code")), bool(client.check("050-123-4567", sandbox.code("0501234567")))
    (False, True)
    """

    __match_args__ = ("verified", "status", "to", "retry_after", "tries_left")
    def __bool__(self, /) -> bool: ...
    def __eq__(self, value: object, /) -> Any: ...
    def __hash__(self, /) -> int: ...
    def __new__(
        cls, /, status: int, to: str, retry_after: int = 0, tries_left: int | None = None
    ) -> typing_extensions.Self: ...
    def __reduce__(self, /) -> tuple[type[CheckResult], tuple[int, str, int, int | None]]: ...
    def __repr__(self, /) -> str: ...
    def asdict(self, /) -> dict[str, bool | int | str | None]:
        """
        Return the fields for JSON, with the whole number.
        """
    @property
    def retry_after(self, /) -> int:
        """
        How many seconds the next check of the number has to wait; 0 while tries are left.
        """
    @property
    def status(self, /) -> int:
        """
        The raw status. The provider's material names 1 alone; give no meaning to the others.
        """
    @property
    def to(self, /) -> str:
        """
        The number in the service's form, such as 0501234567.
        """
    @property
    def tries_left(self, /) -> int | None:
        """
        How many wrong codes the end user may still try; None if the number is verified, and without a guard.
        """
    @property
    def verified(self, /) -> bool:
        """
        Whether the code was the right one for this number: status 1, nothing else.
        """

@final
class CompletedCall:
    """
    A call that has completed. Its repr shows nothing of it.
    """
    def result(self, /) -> SendResult | CheckResult | list[str] | None:
        """
        Write the log records, and return the result or raise the exception that the call ended with.
        """
    @property
    def ticket(self, /) -> int: ...
    def write_log(self, /) -> None:
        """
        Write the log records, once.
        """

@final
class Message:
    """
    A message that the sandbox would have texted.
    """
    def __eq__(self, value: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __repr__(self, /) -> str: ...
    @property
    def code(self, /) -> str:
        """
        The code alone.
        """
    @property
    def expires(self, /) -> datetime:
        """
        When its code expires, 10 minutes later.
        """
    @property
    def sender(self, /) -> str:
        """
        The sender ID.
        """
    @property
    def state(self, /) -> str:
        """
        What has become of its code, one of "waiting", "verified", "expired" and "replaced".
        """
    @property
    def text(self, /) -> str:
        """
        The text as a phone would show it, with the code.
        """
    @property
    def time(self, /) -> datetime:
        """
        When it was sent, in UTC by the sandbox's clock.
        """
    @property
    def to(self, /) -> str:
        """
        The phone number, in the local form.
        """
    @property
    def unique(self, /) -> str:
        """
        The id that the send was answered.
        """
    @property
    def wrong_tries(self, /) -> int:
        """
        How many wrong codes were tried while it was the number's newest message.
        """

@final
class SandboxServer:
    """
    A running sandbox: see verifysms.testing.Sandbox.
    """
    def __new__(
        cls, /, api_key: str, approved_senders: collections.abc.Sequence[str], port: int, tls: bool, seed: int | None
    ) -> typing_extensions.Self: ...
    def advance(self, /, seconds: float) -> None: ...
    def ca_file(self, /) -> str | None: ...
    def close(self, /) -> None: ...
    def code(self, /, to: str) -> str | None: ...
    def fail(self, /, failure: str, times: int, to: str | None) -> None:
        """
        The failure is JSON, as the control API has it.
        """
    def last_request(self, /) -> str | None:
        """
        The last request in one line.
        """
    def messages(self, /, to: str | None) -> list[Message]: ...
    def page(self, /) -> str: ...
    def reset(self, /) -> None: ...
    def url(self, /) -> str: ...
    def wait_for_message(self, /, to: str, timeout: float, after: Message | None) -> Message | None:
        """
        The newest message to the number, if it is newer than `after`; None after the timeout.
        """
    def waiting(self, /) -> int: ...

@final
class SendResult:
    """
    A message that the service accepted.

    Fields:
        unique: The message's id, with which the provider's Delivery Status can be asked.
        timestamp: When the service accepted it, in UTC; None if it did not say so.
        sender: The sender that was used.
        to: The number in the service's form, such as 0501234567.
        retry_after: How many seconds the next send to the number has to wait, for the countdown on a page.
        tries_left: How many wrong codes the end user may try; None without a guard.

    >>> from verifysms.testing import Sandbox
    >>> with Sandbox() as sandbox:
    ...     result = sandbox.client(sender="Acme").send("+972 50-123-4567")
    >>> result.to, result.sender
    ('0501234567', 'Acme')
    """

    __match_args__ = ("unique", "timestamp", "sender", "to", "retry_after", "tries_left")
    def __bool__(self, /) -> bool: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(
        cls,
        /,
        unique: str,
        timestamp: datetime | None,
        sender: str,
        to: str,
        retry_after: int = 0,
        tries_left: int | None = None,
    ) -> typing_extensions.Self: ...
    def __reduce__(self, /) -> tuple[type[SendResult], tuple[str, datetime | None, str, str, int, int | None]]: ...
    def __repr__(self, /) -> str: ...
    def asdict(self, /) -> dict[str, int | str | None]:
        """
        Return the fields for JSON: the time in ISO 8601, and the whole number.
        """
    @property
    def retry_after(self, /) -> int:
        """
        How many seconds the next send to the number has to wait, for the countdown on a page.
        """
    @property
    def sender(self, /) -> str:
        """
        The sender that was used.
        """
    @property
    def timestamp(self, /) -> datetime | None:
        """
        When the service accepted it, in UTC; None if it did not say so.
        """
    @property
    def to(self, /) -> str:
        """
        The number in the service's form, such as 0501234567.
        """
    @property
    def tries_left(self, /) -> int | None:
        """
        How many wrong codes the end user may try; None without a guard.
        """
    @property
    def unique(self, /) -> str:
        """
        The message's id, with which the provider's Delivery Status can be asked.
        """

def command(arguments: collections.abc.Sequence[str]) -> int:
    """
    Run the command line with these arguments, and return its exit status.
    """

def normalize(to: str) -> str:
    """
    Return a number in the service's form, however it is written. Limits count by this form.

    Raises:
        InvalidArgumentError: It is not an Israeli number; the message says why.

    >>> from verifysms import normalize
    >>> normalize("+972 (0)50-123-4567")
    '0501234567'
    """
