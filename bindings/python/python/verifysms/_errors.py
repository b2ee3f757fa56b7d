"""The exceptions: one class for each code, one base class, and builtin bases where Python programmers expect them.

Every field has a default, so that an exception can be unpickled from its message and its fields.
"""

from __future__ import annotations

import builtins

from verifysms._codes import ErrorCode, Limit, Reached, Reason, Rule
from verifysms._phone import PhoneNumber


class VerifySmsError(Exception):
    """A call that ended without an answer to its question. The base class of all others.

    Nobody is verified by a call that raises. `str()` is one sentence for a log, without the key, a code or a full
    number.
    """

    code: ErrorCode = ErrorCode.INTERNAL
    """How the call ended."""
    reached: Reached
    """Whether the request got to the service."""
    http_status: int | None
    """The HTTP status of the answer, None without one."""
    to: PhoneNumber | None
    """The number of the call in the service's form, None if it is invalid or the call has none."""
    limit: Limit | None = None
    """The limit of the guard that makes the next such call wait. For `LimitedError`, the one that refused this call."""
    retry_after: int = 0
    """How many seconds the next such call has to wait, rounded up."""
    tries_left: int | None = None
    """How many wrong codes may still be tried, if the guard counts them."""

    def __init__(
        self,
        message: str = "",
        *,
        reached: Reached = Reached.UNKNOWN,
        http_status: int | None = None,
        to: PhoneNumber | None = None,
    ) -> None:
        super().__init__(message)
        self.reached = reached
        self.http_status = http_status
        self.to = to
        self._user_texts: dict[str, str] = {}

    def user_text(self, language: str) -> str:
        """Give one sentence for the person who signs up: "he" for Hebrew, English for any other language.

        It says what they can do. The reason is in `str()`, for the log.

        >>> import verifysms
        >>> try:
        ...     verifysms.normalize("050-12")
        ... except verifysms.VerifySmsError as error:
        ...     print(error.user_text("en"))
        The phone number has too few digits.
        """
        texts = self._user_texts
        return texts.get(language[:2].lower()) or texts.get("en", "")

    @property
    def safe_to_retry(self) -> bool:
        """Whether the same call may be made again at once, without a second SMS or a spent code.

        >>> ConnectError("no connection", reached=Reached.NO).safe_to_retry
        True
        >>> TimeoutError("no answer", reached=Reached.UNKNOWN).safe_to_retry
        False
        """
        return self.reached is Reached.NO and self.code not in (ErrorCode.LIMITED, ErrorCode.GUARD_DOWN)


class InvalidArgumentError(VerifySmsError, ValueError):
    """An argument was refused here, before anything was sent. The message names it and its rule."""

    code = ErrorCode.INVALID_ARGUMENT
    argument: str
    """The name of the argument."""
    rule: Rule | None
    """The rule that it broke, for a program that acts on it."""

    def __init__(
        self,
        message: str = "",
        *,
        argument: str = "",
        rule: Rule | None = None,
        reached: Reached = Reached.NO,
        http_status: int | None = None,
        to: PhoneNumber | None = None,
    ) -> None:
        super().__init__(message, reached=reached, http_status=http_status, to=to)
        self.argument = argument
        self.rule = rule


class RejectedError(VerifySmsError):
    """The service said FAIL: its `reason` names a wrong key, a sender that is not approved and the like."""

    code = ErrorCode.REJECTED
    reason: Reason
    """Why, in the service's numbers."""

    def __init__(
        self,
        message: str = "",
        *,
        reason: Reason = Reason.UNKNOWN_ERROR,
        reached: Reached = Reached.YES,
        http_status: int | None = None,
        to: PhoneNumber | None = None,
    ) -> None:
        super().__init__(message, reached=reached, http_status=http_status, to=to)
        self.reason = reason


class TransportError(VerifySmsError):
    """The network or a server kept the service's answer from us. See `safe_to_retry`."""


class ConnectError(TransportError, ConnectionError):
    """No connection: DNS, TCP or proxy. Nothing was sent."""

    code = ErrorCode.CONNECT


class TlsError(TransportError):
    """The TLS handshake or the certificate. Nothing was sent."""

    code = ErrorCode.TLS


class TimeoutError(TransportError, builtins.TimeoutError):
    """The deadline passed. `reached` says whether the request may have arrived."""

    code = ErrorCode.TIMEOUT


class ConnectionLostError(TransportError, ConnectionError):
    """The connection broke after the request began to leave: ask the person whether an SMS came."""

    code = ErrorCode.CONNECTION_LOST


class HttpStatusError(TransportError):
    """Something other than the service answered: a proxy's page, an overloaded server, a redirect."""

    code = ErrorCode.HTTP_STATUS


class BadReplyError(TransportError):
    """The answer was not understood, was too large, or was about another number."""

    code = ErrorCode.BAD_REPLY


class CancelledError(VerifySmsError):
    """`cancel()` ended the call. `reached` says whether the request may have arrived."""

    code = ErrorCode.CANCELLED


class LimitedError(VerifySmsError):
    """A limit of the guard is reached, and nothing was sent: `limit` says which, `retry_after` when to come back.

    >>> refusal = LimitedError("the limit COOLDOWN is reached; wait 30 s", limit=Limit.COOLDOWN, retry_after=30)
    >>> refusal.retry_after, refusal.safe_to_retry
    (30, False)
    """

    code = ErrorCode.LIMITED

    def __init__(
        self,
        message: str = "",
        *,
        limit: Limit | None = None,
        retry_after: int = 0,
        tries_left: int | None = None,
        reached: Reached = Reached.NO,
        http_status: int | None = None,
        to: PhoneNumber | None = None,
    ) -> None:
        super().__init__(message, reached=reached, http_status=http_status, to=to)
        self.limit = limit
        self.retry_after = retry_after
        self.tries_left = tries_left


class GuardDownError(VerifySmsError):
    """The store of the guard cannot be asked, and nothing was sent.

    A send and a check raise it if `on_guard_failure` is "refuse".
    """

    code = ErrorCode.GUARD_DOWN

    def __init__(
        self,
        message: str = "",
        *,
        reached: Reached = Reached.NO,
        http_status: int | None = None,
        to: PhoneNumber | None = None,
    ) -> None:
        super().__init__(message, reached=reached, http_status=http_status, to=to)


class InternalError(VerifySmsError):
    """A defect of this library: please report it. Or no memory, as the text then says."""

    code = ErrorCode.INTERNAL


_BY_CODE: dict[int, type[VerifySmsError]] = {
    kind.code: kind
    for kind in (
        ConnectError,
        TlsError,
        TimeoutError,
        ConnectionLostError,
        HttpStatusError,
        BadReplyError,
        CancelledError,
        LimitedError,
        GuardDownError,
        InternalError,
    )
}


def from_core(
    message: str,
    code: int,
    reached: int,
    http_status: int | None,
    argument: str | None,
    rule: int | None,
    reason: int | None,
    phone: tuple[str, str, int] | None,
    user_texts: dict[str, str],
    standing: tuple[int, int, int | None],
) -> VerifySmsError:
    """Make the exception for an error of the core. Its standing: the limit, retry_after and tries_left."""
    reach = Reached(reached)
    to = None if phone is None else PhoneNumber(*phone)
    error: VerifySmsError
    if argument is not None and rule is not None:
        error = InvalidArgumentError(
            message, argument=argument, rule=Rule(rule), reached=reach, http_status=http_status, to=to
        )
    elif reason is not None:
        error = RejectedError(message, reason=Reason(reason), reached=reach, http_status=http_status, to=to)
    else:
        error = _BY_CODE.get(code, InternalError)(message, reached=reach, http_status=http_status, to=to)
    limit, retry_after, tries_left = standing
    if limit or tries_left is not None:
        error.limit = Limit(limit) if limit else None
        error.retry_after = retry_after
        error.tries_left = tries_left
    error._user_texts = user_texts
    return error
