"""Comments in src that say why the tests need not run some code, or need not notice a change of it.

A marker is a comment before the code that it is about, with a reason that ends with a full stop:

    // uncovered: REASON.         no test runs it, or only one side of the condition
    // seldom covered: REASON.    some runs of the tests do, and some do not
    // mutants: REASON.           no unit test notices a change of it

It is about the next line of code, and about the block that begins there if no test enters that. So
it lives as long as the code does, whatever that is renamed to.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from deep.part import ROOT

UNCOVERED, SELDOM, MUTANTS = KINDS = ("uncovered", "seldom covered", "mutants")
MARKER = re.compile(rf"\s*// ({'|'.join(KINDS)}): \w")


class Marker(NamedTuple):
    """A marker, with the lines of the code that it is about, counted from 1."""

    path: str
    line: int
    kind: str
    first: int
    last: int

    def __str__(self) -> str:
        """Its place."""
        return f"{self.path}:{self.line}: {self.kind}"

    def has(self, line: int) -> bool:
        """Whether it is about a line."""
        return self.first <= line <= self.last


def read(path: str, source: str) -> list[Marker]:
    """The markers in a source."""
    lines = source.splitlines()
    found = []
    for number, text in enumerate(lines, 1):
        if marker := MARKER.match(text):
            first = number + 1
            while lines[first - 1].lstrip().startswith(("//", "#[")):
                first += 1
            last = first
            while last < len(lines) and _is_inside(lines[last], lines[first - 1]):
                last += 1
            if last > first and lines[last : last + 1] == [" " * _indent(lines[first - 1]) + "}"]:
                last += 1
            found.append(Marker(path, number, marker[1], first, last))
    return found


def _is_inside(line: str, head: str) -> bool:
    """Whether a line belongs to the block that another line begins."""
    return not line.strip() or _indent(line) > _indent(head)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def markers(*kinds: str) -> list[Marker]:
    """The markers of some kinds in src."""
    return [
        marker
        for path in sorted((ROOT / "src").rglob("*.rs"))
        for marker in read(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"))
        if marker.kind in kinds
    ]
