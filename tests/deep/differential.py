"""The phone normaliser against Google's libphonenumber, over spellings of every Israeli prefix.

Both read each spelling. What libphonenumber takes for an Israeli number of the shape that the
provider gives, the library must bring to the same local form, and nothing else; differences.py
lists where they differ on purpose. SEED in the environment repeats a run.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import re
import secrets
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

from deep.differences import REFUSED, TAKEN, usual
from deep.part import Place
from deep.spellings import LANDLINES, OTHERS, no_number, numbers, spelling
from harness.tools import MissingToolError

TITLE = "phone numbers as libphonenumber reads them"
VERSION = "9.0.43"
"""Of the Python port, phonenumbers: the allocation and the leniency change with it."""
SHAPE = re.compile(r"0[23489]\d{7}|0[57]\d{8}")
"""Landlines, and mobile and VoIP numbers, in their local form, as the provider wants them."""


KINDS = ("unknown", "mobile", "landline", "voip", "kosher")
"""The library's kinds, by their numbers."""


class Ours:
    """The library's reader."""

    def __init__(self, path: Path) -> None:
        self._library = library = ctypes.CDLL(str(path))
        text = ctypes.c_char_p
        for form in (library.verifysms_phone_normalize, library.verifysms_phone_e164):
            form.restype, form.argtypes = ctypes.c_int, (text, text, ctypes.c_int)
        library.verifysms_phone_kind.argtypes = (text,)

    def read(self, written: str) -> str:
        """The local form, "" of what is refused."""
        return self._form(self._library.verifysms_phone_normalize, written)

    def e164(self, written: str) -> str:
        """The international form."""
        return self._form(self._library.verifysms_phone_e164, written)

    def kind(self, written: str) -> str:
        """The kind of number; a kosher phone is a mobile one."""
        kind = KINDS[self._library.verifysms_phone_kind(written.encode())]
        return "mobile" if kind == "kosher" else kind

    @staticmethod
    def _form(function: Callable[..., int], written: str) -> str:
        buffer = ctypes.create_string_buffer(16)
        function(written.encode(), buffer, len(buffer))
        return buffer.value.decode()


class Google:
    """libphonenumber, as it is asked in Israel."""

    def __init__(self) -> None:
        try:
            self._port: Any = importlib.import_module("phonenumbers")
        except ImportError:
            self._port = None
        if getattr(self._port, "__version__", "") != VERSION:
            raise MissingToolError(f"no phonenumbers {VERSION} (pip install phonenumbers=={VERSION})")

    def read(self, written: str) -> str:
        """The local form, with its extension if it has one; "" of what is no Israeli number."""
        try:
            number = self._port.parse(written, "IL")
        except self._port.NumberParseException:
            return ""
        local = f"0{self._port.national_significant_number(number)}"
        if number.country_code != 972 or not SHAPE.fullmatch(local):
            return ""
        return local + (f" extension {number.extension}" if number.extension else "")

    def e164(self, local: str) -> str:
        """The international form."""
        number = self._port.parse(local, "IL")
        form: str = self._port.format_number(number, self._port.PhoneNumberFormat.E164)
        return form

    def kind(self, local: str) -> str | None:
        """The kind of number; None of one that no operator has."""
        types = self._port.PhoneNumberType
        known = {types.MOBILE: "mobile", types.FIXED_LINE: "landline", types.VOIP: "voip"}
        return known.get(self._port.number_type(self._port.parse(local, "IL")))


def spellings(random: Random, each: int) -> Iterator[str]:
    """Every block of numbers in its plain form and in others; for each of these what is none."""
    for number in numbers(random):
        yield number
        for _ in range(each):
            yield spelling(random, number)
        yield no_number(random)


def explained(written: str, ours: str, google: Google) -> str | None:
    """The name of the listed difference that this is; None of one that is not listed."""
    if ours and google.read(usual(written)) != ours:
        return None
    plain = "".join(str(unicodedata.decimal(one, one)) for one in written)
    listed = TAKEN if ours else REFUSED
    return next((one.name for one in listed if one.explains(plain)), None)


def run(place: Place) -> str:
    """Compare, and tell what was found."""
    seed = int(os.environ.get("SEED", "1" if place.brief else str(secrets.randbelow(1 << 32))))
    print(f"SEED={seed}", flush=True)
    google, ours = Google(), Ours(place.command.parent / "libverifysms.so")
    same: Counter[str] = Counter()
    listed: Counter[str] = Counter()
    refused, unlisted = 0, []
    for written in spellings(Random(seed), 7 if place.brief else 80):
        mine, its = ours.read(written), google.read(written)
        if mine != its:
            name = explained(written, mine, google)
            if name is None:
                unlisted.append(f"{written!r}: ours {mine!r}, libphonenumber {its!r}")
            else:
                listed[name] += 1
        elif mine:
            assert ours.e164(written) == google.e164(mine), mine
            kinds = {ours.kind(written), google.kind(mine)} - {"unknown", None}
            assert len(kinds) < 2, f"{mine}: {kinds}"
            same[mine[:2] if mine[:2] in LANDLINES else mine[:3]] += 1
        else:
            refused += 1
    for name, times in listed.most_common():
        print(f"{times:8,} {name}")
    assert not unlisted, "\n".join([f"{len(unlisted)} differences are not listed", *unlisted[:20]])
    stale = {one.name for one in REFUSED + TAKEN} - set(listed)
    assert not stale, f"nothing differs any more by {', '.join(sorted(stale))}"
    thin = [prefix for prefix in LANDLINES + OTHERS if same[prefix] < 1000]
    assert not thin, f"too few spellings agree on {', '.join(thin)}"
    total = same.total() + refused + listed.total()
    return (
        f"{total:,} spellings (seed {seed}): {same.total():,} the same number, {refused:,} refused "
        f"by both, {listed.total():,} differ in {len(listed)} listed ways, 0 otherwise"
    )
