"""Prove that a person owns a phone number: send a code by SMS, check what they typed.

The service is 99 digital "Verify SMS" (Israel).

>>> from verifysms.testing import Sandbox
>>> with Sandbox() as sandbox:
...     client = sandbox.client()
...     _ = client.send("050-123-4567")
...     bool(client.check("050-123-4567", sandbox.code("0501234567")))
True
"""

from verifysms._client import Client
from verifysms._codes import (
    DeliveryState,
    ErrorCode,
    Event,
    Limit,
    NextStep,
    PhoneKind,
    Reached,
    Reason,
    Rule,
    WarningKind,
)
from verifysms._errors import (
    BadReplyError,
    CancelledError,
    ConnectError,
    ConnectionLostError,
    GuardDownError,
    HttpStatusError,
    InternalError,
    InvalidArgumentError,
    LimitedError,
    RejectedError,
    TimeoutError,
    TlsError,
    TransportError,
    VerifySmsError,
)
from verifysms._phone import PhoneNumber
from verifysms._verifysms import (
    URL,
    CheckResult,
    DeliveryResult,
    Inspection,
    MessageWarning,
    SendResult,
    inspect_message,
    normalize,
    wait_text,
)
from verifysms._verifysms import VERSION as __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from verifysms._async_client import AsyncClient
else:

    def __getattr__(name: str) -> object:
        # Programs without asyncio need not wait for it.
        if name == "AsyncClient":
            from verifysms._async_client import AsyncClient

            return globals().setdefault(name, AsyncClient)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})


__all__ = [
    "URL",
    "AsyncClient",
    "BadReplyError",
    "CancelledError",
    "CheckResult",
    "Client",
    "ConnectError",
    "ConnectionLostError",
    "DeliveryResult",
    "DeliveryState",
    "ErrorCode",
    "Event",
    "GuardDownError",
    "HttpStatusError",
    "Inspection",
    "InternalError",
    "InvalidArgumentError",
    "Limit",
    "LimitedError",
    "MessageWarning",
    "NextStep",
    "PhoneKind",
    "PhoneNumber",
    "Reached",
    "Reason",
    "RejectedError",
    "Rule",
    "SendResult",
    "TimeoutError",
    "TlsError",
    "TransportError",
    "VerifySmsError",
    "WarningKind",
    "__version__",
    "inspect_message",
    "normalize",
    "wait_text",
]
