"""The table of the platforms: a row for each, with what was seen there."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import NamedTuple

from environments import MissingError

from harness.tools import ROOT, MissingToolError

COLUMNS = ("target", "built", "run with", "passed", "size", "stack, heap", "date")
NOT_RUN = "**not run**"
HEAD = """\
# Platforms

`make check-platforms` writes this page: it builds for each platform, and runs there what the building
machine can. **not run** is what was built, and checked as a file alone; a row of dashes has not been tried.
The stack is what the deepest call took of its thread's, of the 64 KiB that the header promises; the heap is
what a client with an open connection keeps.
"""
FOOT = """\
The platforms of 32 bits have a time of 64 bits with glibc 2.34 or later; with an older one the clock itself
has 32 bits, and ends in 2038. There is no wheel for the free-threaded CPython: PyO3 supports that of 3.14
and later, and no such interpreter could be had to run the tests on.
"""
FAILURES = (AssertionError, LookupError, OSError, ValueError, SystemExit, subprocess.SubprocessError)


@dataclass
class Seen:
    """What is seen of a platform; its check fills it in as it goes on."""

    built: list[str] = field(default_factory=list)
    ran: str = NOT_RUN
    passed: list[str] = field(default_factory=list)
    size: list[str] = field(default_factory=list)
    memory: list[str] = field(default_factory=list)


Check = Callable[[Seen], None]
"""Builds and runs; it fails by an exception."""


class Platform(NamedTuple):
    """A row of the table."""

    target: str
    check: Check
    is_brief: bool = False
    """Whether CI checks it."""


class Row(NamedTuple):
    """What became of a platform."""

    line: str
    holds: bool
    is_missing: bool


def look(platform: Platform) -> Row:
    """Check a platform."""
    print(f"== {platform.target}", flush=True)
    seen, trouble, is_missing = Seen(), "", False
    try:
        platform.check(seen)
    except (MissingError, MissingToolError) as missing:
        trouble, is_missing = f"skipped: {_gist(missing)}", True
    except FAILURES as failure:
        print(failure, flush=True)
        trouble = f"**FAILED**: {_gist(failure)}"
    passed = [*seen.passed, *([trouble] if trouble else [])]
    cells = (seen.built, [seen.ran], passed, seen.size, seen.memory)
    date = f"{datetime.now(timezone.utc):%Y-%m-%d}"
    line = " | ".join((platform.target, *(", ".join(cell) or "-" for cell in cells), date))
    print(line, flush=True)
    return Row(f"| {line} |", not trouble, is_missing)


def written(targets: list[str], rows: list[Row], before: str) -> str:
    """The page: what was seen now, and of the other targets what it said before."""
    lines = {line.split(" | ")[0]: line for line in before.splitlines()}
    lines |= {row.line.split(" | ")[0]: row.line for row in rows}
    unseen = " | ".join(["-"] * (len(COLUMNS) - 1))
    head = (f"| {' | '.join(COLUMNS)} |", "|---" * len(COLUMNS) + "|")
    table = (*head, *(lines.get(f"| {target}", f"| {target} | {unseen} |") for target in targets))
    return f"{HEAD}\n{chr(10).join(table)}\n\n{FOOT}"


def _gist(error: BaseException) -> str:
    """A line that tells most: of a program that failed the last that it printed."""
    lines = [line for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    is_program = len(lines) > 1 and lines[-1].startswith("status ")
    return (lines[-2] if is_program else lines[0]).replace(f"{ROOT}/", "").replace("|", "/")[:160]
