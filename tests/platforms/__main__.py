"""Build for every platform, run there what this machine can run, and write down what was seen.

    python3 tests/platforms COMMAND [--brief] [WORD ...]

COMMAND is the built command `verifysms`. With a WORD, the platforms are checked whose name has it, all
of them; without, all or else those of CI. What is seen goes into the rows of tests/platforms.md, unless
it was a brief look. `make check-platforms` calls this.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "bindings/python/tools")]

from platforms import c_libraries, machines, wheels, windows  # noqa: E402
from platforms.place import Place  # noqa: E402
from platforms.table import look, written  # noqa: E402

PAGE = ROOT / "tests" / "platforms.md"


def main() -> int:
    """Check what the arguments name; the exit status says whether all holds."""
    parser = argparse.ArgumentParser(description="The library on the platforms that it is for.")
    parser.add_argument("command", type=Path)
    parser.add_argument("--brief", action="store_true", help="what fits into CI")
    parser.add_argument("word", nargs="*")
    given = parser.parse_intermixed_args()
    place = Place(given.command.resolve(), given.brief)
    every = [*machines.platforms(place), *c_libraries.platforms(place), *wheels.platforms(place)]
    every += windows.platforms(place)
    if given.word:
        chosen = [one for one in every if any(word in one.target for word in given.word)]
    else:
        chosen = [one for one in every if one.is_brief or not given.brief]
    rows = []
    for one in chosen:
        rows.append(look(one))
        if not given.brief:
            # At once, so that hours are not lost with a later one.
            before = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
            PAGE.write_text(written([one.target for one in every], rows, before), encoding="utf-8")
    print("", *(row.line for row in rows), sep="\n", flush=True)
    is_strict = bool(os.environ.get("CI"))
    return 0 if all(row.holds or (row.is_missing and not is_strict) for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
