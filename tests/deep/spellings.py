"""Ways to write the numbers of Israel, and of what is none, drawn from a seed.

Knows what people write, and nothing of what either reader makes of it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from random import Random

LANDLINES = ("02", "03", "04", "08", "09")
OTHERS = tuple(f"0{first}{second}" for first in "57" for second in range(10))
"""Mobile and VoIP; every second digit, whoever it is allocated to."""

ABROAD = ("+972", "00972", "972", "\uff0b972")
"""The country code as it is written."""
ODD = ("+00972", "++972", "(+972)", "+(972)", "000972", "012972", "013-972-", "014 972 ", "0105972")
"""The same beside what people write, by mistake or to choose an operator."""

SPACES = (" ", "  ", "\u00a0", "\u2009", "\u3000", "\t", "\n")
DASHES = ("-", "--", " - ", "\u05be", "\u2010", "\u2011", "\u2013", "\u2014", "\u2212", "\uff0d")
MARKS = ("\u200e", "\u200f", "\u061c", "\u2066", "\u2069", "\u200b", "\u2060", "\u00ad", "\ufeff")
OTHER_SIGNS = (".", "/", "(", ")", "\uff0e", "\uff0f", "\uff08", "\uff09")
SEPARATORS = SPACES + DASHES + MARKS + OTHER_SIGNS

ZEROS = (0x0660, 0x06F0, 0x0966, 0x09E6, 0x0E50, 0x0F20, 0x17E0, 0xFF10, 0x104A0, 0x1D7CE, 0x1E950)
"""The zeros of scripts that all Unicode tables of these years have."""

AROUND = (
    *((mark, "") for mark in MARKS),
    *(("", mark) for mark in MARKS),
    ("\u200e", "\u200e"),
    ("\u202a", "\u202c"),
    ("\u202b", "\u202c"),
    ("\u2066", "\u2069"),
    (" ", "\r\n"),
    ("(", ")"),
    ("", "."),
)
"""What comes along when a number is pasted."""
MORE = (
    ("tel:", ""),
    ("Tel. ", ""),
    ("\u05d8\u05dc' ", ""),
    ("", " \u05d1\u05d1\u05d9\u05ea"),
    ("", " ext. 5"),
    ("", "x5"),
    ("", "#5"),
    ("", ",,5"),
    ("", ";ext=5"),
    ("", ";"),
    ("[", "]"),
    ('"', '"'),
    ("*", ""),
    ("~", ""),
    ("", "/0521234567"),
    ("", ",0521234567"),
    ("", "\u066b5"),
    ("$", ""),
)
"""What makes it more than a number."""

KEYPAD = ("0+", "1", "2ABC", "3DEF", "4GHI", "5JKL", "6MNO", "7PQRS", "8TUV", "9WXYZ")

FOREIGN = ("1212", "44207", "970592", "962791", "2010", "9665", "9715", "9725", "97", "380", "7495")
SERVICES = ("1700", "1800", "1900", "1599", "1212", "153", "151", "*", "100", "101", "1", "", "0")


def digits(random: Random, count: int) -> str:
    """That many digits."""
    return "".join(random.choices("0123456789", k=count))


def numbers(random: Random) -> Iterator[str]:
    """Numbers in their local form, one of every ten thousand that there are."""
    for prefix in LANDLINES + OTHERS:
        for block in itertools.product("0123456789", repeat=3):
            yield prefix + "".join(block) + digits(random, 4)


def spaced(random: Random, text: str) -> str:
    """With separators at the usual places, or anywhere."""
    if random.random() < 0.3:
        return text
    if random.random() < 0.6:
        between = random.choice(SEPARATORS)
        area = random.choice((1, 2))
        middle = area + random.choice((2, 3))
        return between.join((text[:area], text[area:middle], text[middle:]))
    some = random.choices(SEPARATORS, k=2)
    return "".join(one + (random.choice(some) if random.random() < 0.3 else "") for one in text)


def damaged(random: Random, number: str) -> str:
    """One digit more or fewer, another area, or letters of a telephone's keys."""
    at = random.randrange(1, len(number))
    kind = random.randrange(4)
    if kind == 0:
        return number[:at] + number[at + 1 :]
    if kind == 1:
        return number[:at] + digits(random, 1) + number[at:]
    if kind == 2:
        return f"0{random.choice('0146')}{number[2:]}"
    return number[:at] + "".join(random.choice(KEYPAD[int(digit)]) for digit in number[at:])


def begun(random: Random, number: str) -> tuple[str, str]:
    """A way to begin a number, and the rest of it."""
    kind = random.random()
    if kind < 0.3:
        return "", number
    if kind < 0.35:
        return "", number[1:]
    code = random.choice(ABROAD) if kind < 0.92 else random.choice(ODD)
    return code + random.choice(("", "", " ", "-", "0", "(0)", " (0)", " 0")), number[1:]


def translated(random: Random, text: str) -> str:
    """With the digits of another script."""
    zero = random.choice(ZEROS)
    return "".join(chr(zero + int(one)) if one in "0123456789" else one for one in text)


def spelling(random: Random, number: str) -> str:
    """A way to write a number that was given in its local form."""
    if random.random() < 0.1:
        number = damaged(random, number)
    beginning, rest = begun(random, number)
    text = beginning + spaced(random, rest)
    if random.random() < 0.1:
        text = translated(random, text)
    if random.random() < 0.3:
        before, after = random.choice(AROUND if random.random() < 0.7 else MORE)
        text = before + text + after
    return text


def no_number(random: Random) -> str:
    """Another country's number, a service's, a short one, or nothing."""
    if random.random() < 0.5:
        beginning = random.choice(("+", "00", "", "(+)", "+ ")) + random.choice(FOREIGN)
    else:
        beginning = random.choice(("", "", "+972", "972", "0")) + random.choice(SERVICES)
    return spaced(random, beginning + digits(random, random.randrange(10)))
