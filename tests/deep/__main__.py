"""The checks that a security reviewer asks for, and one table of what they found.

    python3 tests/deep COMMAND PARTS [--brief] [PART ...]

COMMAND is the built command `verifysms`, PARTS the folder of the built C programs. Without
the name of a PART all of them run. `make check-deep` calls this.
"""

from __future__ import annotations

import argparse
import importlib
import multiprocessing
import os
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from deep.part import ROOT, Place, UnobtainableError
from harness.tools import MissingToolError

PARTS: list[str] = [
    "fuzz",
    "addresses",
    "races",
    "miri",
    "memcheck",
    "syscalls",
    "memory",
    "soak",
    "flood",
    "differential",
    "secret_leaks",
    "mutants",
    "coverage",
    "supply",
    "reproducible",
]
"""The modules beside this one that are parts, in the order of their rows."""
AT_ONCE = 2
"""So many parts run at once: most of what they do keeps one core busy, or waits."""
TIMED = ("soak", "flood")
"""The parts that hold something to the clock: before the others, each with the machine to itself."""


class Row(NamedTuple):
    """What became of a part."""

    title: str
    outcome: str
    found: str
    seconds: float


def played(name: str, place: Place) -> Row:
    """Run a part, in a process of its own: it may change the environment."""
    part = importlib.import_module(f"deep.{name}")
    title: str = part.TITLE
    print(f"== {title}", flush=True)
    begun = time.monotonic()
    try:
        outcome, found = "ok", part.run(place)
    except MissingToolError as missing:
        outcome, found = "skipped", str(missing)
    except UnobtainableError as unobtainable:
        outcome, found = "not here", str(unobtainable)
    except (AssertionError, LookupError, OSError, ValueError, subprocess.SubprocessError) as failure:
        print(failure, flush=True)
        outcome, found = "FAILED", (str(failure).splitlines() or [type(failure).__name__])[0]
    row = Row(title, outcome, found, time.monotonic() - begun)
    print(f"== {title}: {outcome} after {row.seconds:.0f} s", flush=True)
    return row


def table(rows: list[Row]) -> str:
    """The rows as a table of Markdown."""
    lines = ["| check | outcome | what was done and found | seconds |", "|---|---|---|---|"]
    lines += [f"| {row.title} | {row.outcome} | {row.found} | {row.seconds:.0f} |" for row in rows]
    return "\n".join(lines)


def main() -> int:
    """Run the parts and print the table; the exit status says whether all hold."""
    parser = argparse.ArgumentParser(description="The checks that a security reviewer asks for.")
    parser.add_argument("command", type=Path)
    parser.add_argument("parts", type=Path)
    parser.add_argument("--brief", action="store_true", help="minutes, not an hour")
    parser.add_argument("part", nargs="*", choices=[[], *PARTS])
    given = parser.parse_intermixed_args()
    work = ROOT / "target" / "deep"
    work.mkdir(parents=True, exist_ok=True)
    place = Place(given.command.resolve(), given.parts.resolve(), work, given.brief)
    chosen = given.part or PARTS
    play = partial(played, place=place)
    with ProcessPoolExecutor(AT_ONCE, multiprocessing.get_context("fork")) as pool:
        ended = {name: pool.submit(play, name).result() for name in chosen if name in TIMED}
        others = [name for name in chosen if name not in ended]
        ended |= dict(zip(others, pool.map(play, others), strict=True))
    rows = [ended[name] for name in chosen]
    print(f"\n{table(rows)}", flush=True)
    outcomes = {row.outcome for row in rows}
    return 1 if "FAILED" in outcomes or ("skipped" in outcomes and os.environ.get("CI")) else 0


if __name__ == "__main__":
    sys.exit(main())
