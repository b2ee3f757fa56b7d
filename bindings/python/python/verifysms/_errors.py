"""The exceptions: one class for each code, one base class, and builtin bases where Python programmers expect them.

Every field has a default, so that an exception can be unpickled from its message and its fields.
"""

from __future__ import annotations

import builtins

from verifysms._codes import ErrorCode, Reached, Reason, Rule
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
        """Whether the same call may be made again without a second SMS or a spent code.

        >>> ConnectError("no connection", reached=Reached.NO).safe_to_retry
        True
        >>> TimeoutError("no answer", reached=Reached.UNKNOWN).safe_to_retry
        False
        """
        return self.reached is Reached.NO


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
) -> VerifySmsError:
    """Make the exception for an error of the core."""
    error = _from_core(message, code, reached, http_status, argument, rule, reason, phone)
    error._user_texts = user_texts
    return error


def _from_core(
    message: str,
    code: int,
    reached: int,
    http_status: int | None,
    argument: str | None,
    rule: int | None,
    reason: int | None,
    phone: tuple[str, str, int] | None,
) -> VerifySmsError:
    reach = Reached(reached)
    to = None if phone is None else PhoneNumber(*phone)
    if argument is not None and rule is not None:
        return InvalidArgumentError(
            message, argument=argument, rule=Rule(rule), reached=reach, http_status=http_status, to=to
        )
    if reason is not None:
        return RejectedError(message, reason=Reason(reason), reached=reach, http_status=http_status, to=to)
    kind = _BY_CODE.get(code, InternalError)
    return kind(message, reached=reach, http_status=http_status, to=to)
