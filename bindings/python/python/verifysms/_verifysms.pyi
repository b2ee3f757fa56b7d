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

from verifysms._codes import DeliveryState, Limit, NextStep, WarningKind
from verifysms._phone import PhoneNumber

__all__ = [
    "URL",
    "VERSION",
    "BaseClient",
    "BlockingClient",
    "CallQueue",
    "CheckResult",
    "CompletedCall",
    "DeliveryResult",
    "Inspection",
    "Message",
    "MessageWarning",
    "SandboxServer",
    "SendResult",
    "command",
    "inspect_message",
    "normalize",
    "wait_text",
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
        delivery_url: str | None = None,
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
    def delivery(self, /, unique: str) -> DeliveryResult:
        """
        Ask what became of a message.
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
        self,
        /,
        to: str,
        *,
        sender: str | None = None,
        message: str | None = None,
        end_user: str | None = None,
        origin: str | None = None,
        app_hash: str | None = None,
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
    def delivery(self, /, unique: str) -> int:
        """
        Start to ask what became of a message, and return the call's ticket.
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
    def send(
        self,
        /,
        to: str,
        sender: str | None,
        message: str | None,
        end_user: str | None,
        origin: str | None,
        app_hash: str | None,
    ) -> int:
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
    def user_text(self, /, language: str) -> str:
        """
        Give one sentence for the person who signs up: he for Hebrew, English for any other language. A wrong
        code and an expired one are the same.
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
    def result(self, /) -> SendResult | CheckResult | DeliveryResult | list[str] | None:
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
class DeliveryResult:
    """
    What the service reports of a message.

    Fields:
        state: What became of it, a DeliveryState. An unknown code is UNKNOWN, never DELIVERED.
        next_step: What to do next, a NextStep.
        code: The provider's own number; None if there is no report. 0 is one of those for a delivered message.
        to: The number in the service's form, None if the report names none.
        sender: The sender that was used.
        hebrew: The provider's words in Hebrew.
        english: The provider's words in English.
        date: The date as it came, such as 15/03/21 20:18; its time zone is not documented.
        operator: The operator of the phone.

    >>> from verifysms.testing import Sandbox
    >>> with Sandbox() as sandbox:
    ...     client = sandbox.client()
    ...     sent = client.send("050-123-4567")
    ...     sandbox.advance(seconds=1)
    ...     client.delivery(sent.unique)
    DeliveryResult(state=DELIVERED, next_step=NONE, code=102, to='*******567')
    """

    __match_args__ = ("state", "next_step", "code", "to", "sender", "hebrew", "english", "date", "operator")
    def __bool__(self, /) -> bool: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __hash__(self, /) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(
        cls,
        /,
        code: int | None,
        to: str | None,
        sender: str = ...,
        hebrew: str = ...,
        english: str = ...,
        date: str = ...,
        operator: str = ...,
    ) -> typing_extensions.Self: ...
    def __reduce__(self, /) -> tuple[type[DeliveryResult], tuple[int | None, str | None, str, str, str, str, str]]: ...
    def __repr__(self, /) -> str: ...
    def asdict(self, /) -> dict[str, int | str | None]:
        """
        Return the fields for JSON: the names of the state and of the next step, and the whole number.
        """
    @property
    def code(self, /) -> int | None:
        """
        The provider's own number; None if there is no report. 0 is one of those for a delivered message.
        """
    @property
    def date(self, /) -> str:
        """
        The date as it came, such as 15/03/21 20:18; its time zone is not documented.
        """
    @property
    def english(self, /) -> str:
        """
        The provider's words in English.
        """
    @property
    def hebrew(self, /) -> str:
        """
        The provider's words in Hebrew.
        """
    @property
    def next_step(self, /) -> NextStep:
        """
        What to do next.
        """
    @property
    def operator(self, /) -> str:
        """
        The operator of the phone.
        """
    @property
    def sender(self, /) -> str:
        """
        The sender that was used.
        """
    @property
    def state(self, /) -> DeliveryState:
        """
        What became of it. An unknown code is UNKNOWN, never DELIVERED.
        """
    @property
    def to(self, /) -> str | None:
        """
        The number in the service's form, None if the report names none.
        """
    def user_text(self, /, language: str) -> str:
        """
        Give one sentence for the person who waits: he for Hebrew, English for any other language.
        """

@final
class Inspection:
    """
    What a message costs, and what is wrong with it.

    Fields:
        encoding: GSM-7 or "UCS-2".
        length: In units of the encoding, septets or UTF-16 code units, with a code of 8 digits.
        parts: How many parts are sent, and billed, with a code of 8 digits.
        warnings: What is wrong, a list of MessageWarning.
    """
    def __repr__(self, /) -> str: ...
    @property
    def encoding(self, /) -> str:
        """
        "GSM-7", or "UCS-2" if a character is not in the GSM alphabet.
        """
    @property
    def length(self, /) -> int:
        """
        The length in units of the encoding, septets or UTF-16 code units, with a code of 8 digits.
        """
    @property
    def parts(self, /) -> int:
        """
        How many parts are sent, and billed, with a code of 8 digits.
        """
    def parts_for(self, /, digits: SupportsIndex) -> int:
        """
        How many parts are sent with a code of so many digits. The service does not say how long its codes are.
        """
    @property
    def warnings(self, /) -> list[MessageWarning]:
        """
        What is wrong.
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
    def delivery(self, /) -> int | None:
        """
        The code of its report, once there is one: 102 for a delivered message.
        """
    @property
    def encoding(self, /) -> str:
        """
        How the text travels, "GSM-7" or "UCS-2".
        """
    @property
    def expires(self, /) -> datetime:
        """
        When its code expires, 10 minutes later.
        """
    @property
    def length(self, /) -> int:
        """
        The length of the text in units of the encoding: septets or UTF-16 code units.
        """
    @property
    def parts(self, /) -> int:
        """
        How many parts are billed.
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
class MessageWarning:
    """
    What is wrong with a message, and where. `str` is one English sentence.

    Fields:
        kind: What it is about, a WarningKind.
        position: Which character of the text it is about, counted from 0; None if it is about the whole text.
    """
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    @property
    def kind(self, /) -> WarningKind:
        """
        What it is about.
        """
    @property
    def position(self, /) -> int | None:
        """
        Which character of the text it is about, counted from 0; None if it is about the whole text.
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
    def set_delivery(self, /, unique: str, code: int | None) -> bool:
        """
        Whether there is such a message.
        """
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
    def user_text(self, /, language: str) -> str:
        """
        Give one sentence for the person who signs up: he for Hebrew, English for any other language.
        """

def command(arguments: collections.abc.Sequence[str]) -> int:
    """
    Run the command line with these arguments, and return its exit status.
    """

def inspect_message(message: str, *, sender: str | None = None, origin: str | None = None) -> Inspection:
    """
    Inspect a message before it is sent: what it costs, and what phones and browsers make of it.

    It needs no client and no network.

    Args:
        message: The template, with `##code##` where the code will stand.
        sender: The sender, to be inspected too.
        origin: The host of the page on which a browser is to fill the code in, such as "example.co.il".

    >>> from verifysms import inspect_message
    >>> found = inspect_message("Your code: ##code##", sender="Acme")
    >>> found.encoding, found.length, found.parts, found.warnings
    ('GSM-7', 19, 1, [])
    >>> [warning.kind.name for warning in inspect_message("קוד: ##code##").warnings]
    ['CODE_IN_RIGHT_TO_LEFT_LINE']
    """

def normalize(to: str) -> PhoneNumber:
    """
    Return a phone number in the service's form, however it is written. Needs no client and no network.

    The result is a `str`, such as '0501234567', that also has `e164` and `kind`. Count your limits by it.

    Args:
        to: An Israeli number as people write it: 050-123-4567, +972 50 123 4567.

    Raises:
        InvalidArgumentError: It is not an Israeli number; its `rule` says why.

    >>> from verifysms import normalize
    >>> number = normalize("+972 (0)50-123-4567")
    >>> print(number, number.e164, number.kind.name)
    0501234567 +972501234567 MOBILE
    """

def wait_text(seconds: int, language: str) -> str:
    """
    Return the sentence that a new code can be asked for in so many seconds, for a page with a countdown.

    >>> from verifysms import wait_text
    >>> wait_text(25, "en")
    'You can ask for a new code in 25 seconds.'
    """
