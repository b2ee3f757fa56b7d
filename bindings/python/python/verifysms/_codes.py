"""The numbers: how a call can end, whether the request reached the service, why an argument was refused.

The numbers are those of the C functions and of the command's exit status.
"""

from __future__ import annotations

from enum import IntEnum

TYPE_CHECKING = False
if TYPE_CHECKING:  # importing `typing` would double the import time of verifysms
    from typing_extensions import Self


class _KeptNumber(IntEnum):
    """Numbers of which a later version may know more: one without a name is kept, as a member UNKNOWN_<number>.

    That member is not cached: two of one number are equal, not identical.
    """

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, int):
            return None
        member = int.__new__(cls, value)
        member._name_ = f"UNKNOWN_{value}"
        member._value_ = int(value)
        return member

    def __reduce_ex__(self, _: object) -> tuple[type[Self], tuple[int]]:
        # Until 3.11.3 Python 3.11 pickles and copies the name, which the class has only of known members.
        return type(self), (int(self),)


class ErrorCode(_KeptNumber):
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


class Event(_KeptNumber):
    """What happened to a call: `record.event` of its log record. A number that this version does not know is kept.

    >>> Event(3)
    <Event.VERIFIED: 3>
    """

    OTHER = 0
    """The call is neither a send nor a check: a connect, a delivery, or the guard's."""
    SENT = 1
    """The service accepted a message."""
    CHECKED = 2
    """The service looked at a code, and the number is not verified."""
    VERIFIED = 3
    """The service looked at a code, and the number is verified."""
    REFUSED = 4
    """The service refused."""
    UNKNOWN = 5
    """Nobody can tell: the SMS may be out, the code may be used up."""
    LIMITED = 6
    """A limit of the guard refused. Nothing was sent."""
    FAILED = 7
    """Nothing was sent for another reason: an invalid argument, no connection, the deadline, a guard that is down."""


class Reason(_KeptNumber):
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


class Rule(_KeptNumber):
    """The rule that an argument broke. A number that this version does not know is kept.

    >>> Rule(2)
    <Rule.PHONE_TOO_SHORT: 2>
    """

    PHONE_EMPTY = 1
    PHONE_TOO_SHORT = 2
    PHONE_TOO_LONG = 3
    PHONE_FOREIGN = 4
    PHONE_AREA_CODE = 5
    PHONE_FIRST_DIGIT = 6
    PHONE_PLUS = 7
    PHONE_LETTERS = 8
    PHONE_CHARACTER = 9
    CODE_EMPTY = 10
    CODE_CONTROL = 11
    CODE_TOO_LONG = 12
    SENDER_MISSING = 13
    SENDER_EMPTY = 14
    SENDER_CONTROL = 15
    SENDER_FOREIGN = 16
    SENDER_TOO_LONG = 17
    MESSAGE_WITHOUT_CODE = 18
    API_KEY_MISSING = 19
    API_KEY_EMPTY = 20
    API_KEY_CONTROL = 21
    API_KEY_INVISIBLE = 22
    URL_MALFORMED = 23
    URL_WITHOUT_HOST = 24
    URL_WITH_USER = 25
    URL_PORT = 26
    URL_SCHEME = 27
    URL_UNENCRYPTED = 28
    TIMEOUT_TOO_SHORT = 29
    TIMEOUT_TOO_LONG = 30
    CA_FILE_EMPTY = 31
    CA_FILE_TOO_LONG = 32
    TRUST_UNKNOWN = 33
    PROXY_MALFORMED = 34
    PROXY_LOGIN = 35
    PROXY_WITHOUT_HOST = 36
    PROXY_PORT = 37
    PROXY_SCHEME = 38
    NULL = 39
    NOT_UTF8 = 40
    QUEUE_IN_USE = 41
    QUEUE_OF_PARENT = 42
    CLIENT_CLOSED = 43
    BUFFER_TOO_SMALL = 44
    UNIQUE_EMPTY = 45
    UNIQUE_INVALID = 46
    END_USER_TOO_LONG = 47
    END_USER_CONTROL = 48
    GUARD_MISSING = 49
    GUARD_STORE = 50
    GUARD_SECRET_TOO_SHORT = 51
    GUARD_NAMESPACE = 52
    GUARD_TIMEOUT = 53
    GUARD_FAILURE_UNKNOWN = 54
    LIMIT_INVALID = 55
    ORIGIN_INVALID = 56
    APP_HASH_INVALID = 57
    MESSAGE_HAS_ORIGIN = 58


class DeliveryState(IntEnum):
    """What became of a message. A number that this version does not know is UNKNOWN, never DELIVERED."""

    UNKNOWN = 0
    """The service reports a code that this library does not know."""
    PENDING = 1
    """There is no report: not yet, no more (the service keeps it for a week), or no message has this id."""
    DELIVERED = 2
    """The phone has the message."""
    FAILED = 3
    """The phone did not get it: it is off, out of reach, or its operator did not deliver."""
    BLOCKED = 4
    """The phone must not get it: a kosher number, a person who opted out, a message that is not allowed."""
    EXPIRED = 5
    """It was tried several times, until the time was over."""

    @classmethod
    def _missing_(cls, value: object) -> DeliveryState | None:
        return cls.UNKNOWN if isinstance(value, int) else None


class NextStep(IntEnum):
    """What to do next about a message. A number that this version does not know is CONTACT_SUPPORT."""

    NONE = 0
    """Nothing: the message is there."""
    WAIT = 1
    """Wait, and ask again."""
    RETRY_LATER = 2
    """Send again later: the phone may be off."""
    ANOTHER_NUMBER = 3
    """Ask for another number: this one receives no messages."""
    OPTED_OUT = 4
    """The person opted out of messages; only they can undo it, with their operator or the provider."""
    ABROAD = 5
    """The number is outside of Israel."""
    CONTACT_SUPPORT = 6
    """Ask the provider's support."""

    @classmethod
    def _missing_(cls, value: object) -> NextStep | None:
        return cls.CONTACT_SUPPORT if isinstance(value, int) else None


class PhoneKind(IntEnum):
    """The kind of a phone number, by its first digits. A number that this version does not know is UNKNOWN."""

    UNKNOWN = 0
    """In a range that no public table allocates."""
    MOBILE = 1
    """050 to 056, 058 and 059."""
    LANDLINE = 2
    """02, 03, 04, 08 and 09: few can receive messages."""
    VOIP = 3
    """072 to 074 and 076 to 079: few can receive messages."""
    KOSHER = 4
    """050-41, 052-71 and 052-76: a mobile phone that cannot receive messages."""

    @classmethod
    def _missing_(cls, value: object) -> PhoneKind | None:
        return cls.UNKNOWN if isinstance(value, int) else None


class WarningKind(_KeptNumber):
    """What a warning about a message is about. A number that this version does not know is kept."""

    WITHOUT_CODE = 1
    SEVERAL_PARTS = 2
    COSTLY_CHARACTER = 3
    CODE_IN_RIGHT_TO_LEFT_LINE = 4
    DIRECTION_MARK = 5
    WEBOTP_MISSING = 6
    WEBOTP_NOT_LAST = 7
    WEBOTP_FORM = 8
    WEBOTP_HOST = 9
    WEBOTP_ORIGIN = 10
    RETRIEVER_LENGTH = 11
    LINK = 12
    OTHER_NUMBER = 13
    SENDER_INVALID = 14
    SENDER_CHARACTERS = 15
    SENDER_NUMBER = 16


class Limit(_KeptNumber):
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
