"""How a call can end, and whether the request reached the service. Knows nothing of exceptions.

The numbers are those of the C functions and of the command's exit status.
"""

from __future__ import annotations

from enum import IntEnum

TYPE_CHECKING = False
if TYPE_CHECKING:  # importing `typing` would double the import time of verifysms
    from typing import TypeVar

    _IntEnumT = TypeVar("_IntEnumT", bound=IntEnum)


class ErrorCode(IntEnum):
    """How a call ended. A number that this version does not know is kept.

    >>> ErrorCode(6)
    <ErrorCode.TIMEOUT: 6>
    >>> ErrorCode(99)
    <ErrorCode.UNKNOWN_99: 99>
    """

    OK = 0
    INVALID_ARGUMENT = 1
    NOT_VERIFIED = 2
    REJECTED = 3
    CONNECT = 4
    TLS = 5
    TIMEOUT = 6
    CONNECTION_LOST = 7
    HTTP_STATUS = 8
    BAD_REPLY = 9
    CANCELLED = 10
    INTERNAL = 11
    LIMITED = 12
    GUARD_DOWN = 13

    @classmethod
    def _missing_(cls, value: object) -> ErrorCode | None:
        return _unknown_member(cls, value)


class Reached(IntEnum):
    """Did the request get to the service?

    A number that this version does not know is UNKNOWN, so that nothing is repeated because of it.

    >>> Reached(7)
    <Reached.UNKNOWN: 2>
    """

    NO = 0
    """Nobody has read a byte of the request: repeating it is safe."""
    YES = 1
    """The service answered; the answer decides."""
    UNKNOWN = 2
    """Bytes left and no usable answer came back: the SMS may be out, the code may be used up.

    A web page goes on as after a success, and asks for the code; it sends another only when the person asks for it.
    After a check it asks for the code again.
    """

    @classmethod
    def _missing_(cls, value: object) -> Reached | None:
        return cls.UNKNOWN if isinstance(value, int) else None


class Reason(IntEnum):
    """Why the service rejected a request: the numbers that the provider documents. Any other number is kept.

    >>> Reason(6)
    <Reason.WRONG_API_KEY: 6>
    >>> Reason(77)
    <Reason.UNKNOWN_77: 77>
    """

    NONE = 1
    SENDER_LENGTH = 2
    SENDER_NOT_APPROVED = 3
    UNKNOWN_ERROR = 5
    WRONG_API_KEY = 6
    TO_EMPTY = 7
    SENDER_EMPTY = 9
    MESSAGE_WITHOUT_CODE = 10

    @classmethod
    def _missing_(cls, value: object) -> Reason | None:
        return _unknown_member(cls, value)


class Limit(IntEnum):
    """What the guard limits. The comments have what it allows by default. Any other number is kept.

    >>> Limit(2)
    <Limit.SENDS_NUMBER: 2>
    """

    COOLDOWN = 1
    """The pause between two sends to a number: 30, 40, 60, 90 and then 120 s, by the sends of the last 10 minutes."""
    SENDS_NUMBER = 2
    """Sends to a number: 5 in 10 minutes."""
    SENDS_NUMBER_DAY = 3
    """Sends to a number that were not verified: 10 in 24 hours."""
    SENDS_USER = 4
    """Sends of an end user that were not verified: 10 an hour."""
    SENDS_RANGE = 5
    """Sends to numbers that differ in their last four digits alone, not verified. Off; 20 an hour is good for the
    public."""
    SENDS_APP = 6
    """All sends of the program. Off."""
    TRIES = 7
    """Wrong codes since the last send: 5 in 10 minutes for the end user who asked, 5 for all others together."""
    FAILURES_NUMBER = 8
    """Wrong codes for a number: 20 in 24 hours for the end user who asked, 20 for all others together."""
    FAILURES_USER = 9
    """Wrong codes of an end user, for any number: 30 an hour."""

    @classmethod
    def _missing_(cls, value: object) -> Limit | None:
        return _unknown_member(cls, value)


def _unknown_member(kind: type[_IntEnumT], value: object) -> _IntEnumT | None:
    """Make a member for a number without a name. It is not cached: two of one number are equal, not identical."""
    if not isinstance(value, int):
        return None
    member = int.__new__(kind, value)
    member._name_ = f"UNKNOWN_{value}"
    member._value_ = int(value)
    return member
