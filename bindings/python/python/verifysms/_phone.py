"""A phone number in the service's form."""

from __future__ import annotations

from verifysms._codes import PhoneKind


class PhoneNumber(str):
    """A phone number in the service's form, as `verifysms.normalize` returns it.

    It is a `str`, and equal to one with the same digits. Its `repr` shows the last three digits.

    >>> from verifysms import normalize
    >>> number = normalize("050-123-4567")
    >>> number == "0501234567", number
    (True, PhoneNumber('*******567'))
    """

    __slots__ = ("e164", "kind")

    e164: str
    """The international form, such as +972501234567, as databases and other services want it."""
    kind: PhoneKind
    """What kind of number it is, by its first digits. Numbers are ported, so it is a hint."""

    def __new__(cls, to: str, e164: str, kind: int) -> PhoneNumber:
        self = super().__new__(cls, to)
        self.e164 = e164
        self.kind = PhoneKind(kind)
        return self

    def __reduce__(self) -> tuple[type[PhoneNumber], tuple[str, str, int]]:
        return type(self), (str(self), self.e164, int(self.kind))

    def __repr__(self) -> str:
        return f"PhoneNumber('{'*' * (len(self) - 3)}{self[-3:]}')"
