"""Where the library and libphonenumber read a spelling differently on purpose, and why.

A spelling is told by what is in it, not by how it was made. A difference that none of these
explains is a defect, and so is an entry that explains none any more. What the library takes and
libphonenumber does not, both must read alike once what stands in it is written the usual way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """A kind of spelling that one of the two takes for an Israeli number and the other does not."""

    name: str
    pattern: str
    """What is in such a spelling; its decimal digits of whatever script are ASCII ones here."""
    why: str
    usual: str = ""
    """What stands for it in a spelling that both take."""

    def explains(self, spelling: str) -> bool:
        """Whether this spelling is of that kind."""
        return re.search(self.pattern, spelling) is not None


_MARKS = "\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
_NOTHING = r"[^\d+\uff0b]"
"""Whatever may stand between the digits."""


def _digits(text: str) -> str:
    """A pattern of these digits with whatever between them."""
    return f"{_NOTHING}*".join(text)


REFUSED = (
    Difference(
        "letters",
        r"[^\W\d_]",
        "a letter is a word about the number, an extension or an O for a 0: to read 050-ABC-4567 "
        "by a telephone's keys, or to drop what stands around a number, may text somebody else",
    ),
    Difference(
        "signs of extensions and lists",
        r"[;#,*~\[\]\"'$\u066b]",
        "an SMS goes to no extension, and two numbers are not one",
    ),
    Difference(
        "no 0 and no country code",
        rf"^{_NOTHING}*[2-9]",
        "the service's local form begins with 0; nine digits without it may as well be ten with "
        "one forgotten",
    ),
    Difference(
        "an operator's prefix for calls abroad",
        rf"^{_NOTHING}*{_digits('01')}",
        "012, 013, 014 and the like choose who carries a call from Israel to another country; "
        "nobody there writes down an Israeli number so",
    ),
    Difference(
        "a plus sign that is not alone or not first",
        r"[\d+\uff0b].*[+\uff0b]",
        "the sign means the country code after it; a second one is a number that was mistyped",
    ),
    Difference(
        "a plus sign before 00",
        rf"^{_NOTHING}*[+\uff0b]{_NOTHING}*0",
        "no country code begins with 0: + and 00 are two ways to say one thing, and both are none",
    ),
)
"""What libphonenumber takes and the library refuses: it is stricter."""

TAKEN = (
    Difference(
        "marks that cannot be seen",
        f"[{_MARKS}]",
        "text pasted from Hebrew brings direction marks, and nobody can see or delete them",
    ),
    Difference("a Hebrew maqaf", "\u05be", "it is the hyphen of the keyboard's Hebrew layout", usual="-"),
    Difference(
        "spaces other than the usual",
        r"[^\S \u00a0\u3000]",
        "a tab, a line break or a thin space separates as any other does",
        usual=" ",
    ),
)
"""What the library takes and libphonenumber does not: it is looser."""


def usual(spelling: str) -> str:
    """The spelling without what libphonenumber does not know."""
    for difference in TAKEN:
        spelling = re.sub(difference.pattern, difference.usual, spelling)
    return spelling
