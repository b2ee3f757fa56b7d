"""How often the lines and the conditions of our sources were run, as llvm-cov tells it."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from deep.markers import Marker
from deep.part import ROOT

COVERAGE = "llvm-cov-22"
"""Of the LLVM that is in the compiler, or of a newer one."""


class Branch(NamedTuple):
    """Where a condition stands: from a line and a column to a line and a column, counted from 1."""

    line: int
    column: int
    last_line: int
    last_column: int


class Sides(NamedTuple):
    """How often a condition was true, and how often it was false."""

    true: int
    false: int


NEVER = Sides(0, 0)


def together(one: Sides, other: Sides) -> Sides:
    """The counts of both."""
    return Sides(one.true + other.true, one.false + other.false)


class File(NamedTuple):
    """The counts of a source."""

    lines: dict[int, int]
    branches: dict[Branch, Sides]

    @property
    def totals(self) -> Counter[str]:
        """How many lines and sides of branches there are, and how many of them were run."""
        sides = [side for both in self.branches.values() for side in both]
        return Counter(
            {
                "lines": len(self.lines),
                "lines run": sum(count > 0 for count in self.lines.values()),
                "branches": len(sides),
                "branches run": sum(count > 0 for count in sides),
            }
        )


def library(profile: Path, whole: Path, others: list[Path]) -> dict[str, File]:
    """The counts of the library's sources in all programs, by the path from the root.

    What belongs to the library says the program that has the whole of it, and no tests. llvm-cov
    could read all at once, but takes functions that have a name for C from the first alone.
    """
    found = measured(profile, whole)
    for other in others:
        for path, more in measured(profile, other).items():
            lines, branches = found.get(path, File({}, {}))
            for line in lines:
                lines[line] += more.lines.get(line, 0)
            for branch in branches:
                branches[branch] = together(branches[branch], more.branches.get(branch, NEVER))
    return found


def measured(profile: Path, program: Path) -> dict[str, File]:
    """The counts of our sources in a program, by the path from the root."""
    lines = _lines(_exported("lcov", profile, program))
    data = json.loads(_exported("text", profile, program))["data"][0]
    return {
        str(path.relative_to(ROOT)): File(lines[str(path)], _branches(file))
        for file in data["files"]
        if (path := Path(file["filename"])).is_relative_to(ROOT / "src")
    }


def _exported(form: str, profile: Path, program: Path) -> str:
    options = [f"--format={form}", "--skip-functions", f"--instr-profile={profile}"]
    done = subprocess.run(
        [COVERAGE, "export", *options, program], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _lines(lcov: str) -> dict[str, dict[int, int]]:
    found: dict[str, dict[int, int]] = {}
    path = ""
    for line in lcov.splitlines():
        kind, _, told = line.partition(":")
        if kind == "SF":
            path = told
            found[path] = {}
        elif kind == "DA":
            number, count = told.split(",")[:2]
            found[path][int(number)] = int(count)
    return found


def _branches(file: dict[str, Any]) -> dict[Branch, Sides]:
    found: dict[Branch, Sides] = {}
    # A generic function has its own for each type.
    for numbers in file["branches"]:
        at = Branch(*numbers[:4])
        found[at] = together(found.get(at, NEVER), Sides(*numbers[4:6]))
    return found


class Gap(NamedTuple):
    """What of a source no test runs: a line, or one side of a condition in it."""

    line: int
    what: str
    is_entered: bool
    """Whether the block that begins at the line is run."""


def gaps(file: File) -> Iterator[Gap]:
    """What of a source no test runs."""
    for line, count in sorted(file.lines.items()):
        if count == 0:
            yield Gap(line, "is not run", is_entered=False)
    for branch, sides in sorted(file.branches.items()):
        # Where neither side was run the line was not.
        if sides != NEVER and 0 in sides:
            never = "true" if sides.true == 0 else "false"
            what = f"has a condition in column {branch.column} that is never {never}"
            yield Gap(branch.line, what, is_entered=sides.true > 0)


def unmarked(path: str, file: File, marked: list[Marker]) -> Iterator[str]:
    """The gaps of a source that no marker is about. The markers of the others leave `marked`."""
    own = [marker for marker in marked if marker.path == path]
    source = (ROOT / path).read_text(encoding="utf-8").splitlines()
    found = list(gaps(file))
    closed = {gap.line for gap in found if not gap.is_entered}
    for gap in found:
        # A brace that ends a block is not run where the block always returns.
        is_end = source[gap.line - 1].strip() == "}"
        about = [
            one
            for one in own
            if gap.line == one.first
            or (one.first in closed and one.has(gap.line))
            or (is_end and gap.line == one.last)
        ]
        for marker in about:
            if marker in marked:
                marked.remove(marker)
        if not about:
            yield f"{path}:{gap.line} {gap.what}: {source[gap.line - 1].strip()}"
