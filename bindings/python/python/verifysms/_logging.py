"""What a log record has beside its text: the end of a call in numbers."""

from __future__ import annotations

from verifysms._codes import ErrorCode, Event, Limit, Reached

NO_END: dict[str, object] = dict.fromkeys(("event", "code", "reached", "milliseconds", "attempt", "reused", "limit"))
"""The fields of a record that is not of the end of a call: None, so that a formatter may name them."""


def call_end(
    event: int, code: int, reached: int, milliseconds: int, attempt: int, reused: bool, limit: int
) -> dict[str, object]:
    """Return the fields of the record of a call's end."""
    return {
        "event": Event(event),
        "code": ErrorCode(code),
        "reached": Reached(reached),
        "milliseconds": milliseconds,
        "attempt": attempt,
        "reused": reused,
        "limit": Limit(limit) if limit else None,
    }
