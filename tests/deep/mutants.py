"""The code that decides about a person, changed in one place at a time: some test must notice.

.cargo/mutants.toml says which files and which tests. Markers in src say what they need not notice.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from deep.cargo_tools import need
from deep.markers import MUTANTS, markers
from deep.part import ROOT, Place

TITLE = "changes of the code that no test notices"
VERSION = "27.1.0"
"""Of cargo-mutants: another one makes other changes."""
DECISIONS = (
    "in (Client::exchange_check|read|check|Fields<'a>::status|integer|may_be_none|resembles|is_about)$"
    "|Check::is_verified"
)
"""The changes of a brief run, as a regular expression: those of what makes an answer a verified number."""


def changes(outcome: str, folder: Path) -> list[tuple[str, int, str]]:
    """The changes with this outcome: the path, the line, and what was changed."""
    lines = (folder / f"{outcome}.txt").read_text(encoding="utf-8").splitlines()
    parsed = (re.fullmatch(r"(\S+?):(\d+):\d+: (.*)", line) for line in lines)
    return [(one[1], int(one[2]), one[3]) for one in parsed if one]


def run(place: Place) -> str:
    """Change, test, and tell what was noticed."""
    program = need("cargo-mutants", VERSION)
    folder = place.work / "mutants.out"
    shutil.rmtree(folder, ignore_errors=True)
    part = ["--re", DECISIONS] if place.brief else []
    # A busy machine is no endless loop.
    patience = ["--minimum-test-timeout", "60"]
    options = ["--jobs", "1", *patience, "--copy-vcs", "false", "--colors", "never"]
    own = {
        "CARGO_INCREMENTAL": "1",
        "CARGO_PROFILE_DEV_DEBUG": "0",
        "CARGO_TARGET_DIR": str(place.work / "mutants"),
    }
    done = subprocess.run(
        [program, "mutants", "--output", place.work, *options, *part],
        cwd=ROOT,
        env=os.environ | own,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=6 * 3600,
        check=False,
    )
    told = "\n".join(done.stdout.splitlines()[-60:])
    assert done.returncode in (0, 2, 3), f"cargo-mutants: status {done.returncode}\n{told}"
    missed, endless = changes("missed", folder), changes("timeout", folder)
    caught = changes("caught", folder) + endless
    marked = markers(MUTANTS)
    unmarked = [
        f"{path}:{line}: {what}"
        for path, line, what in missed
        if not any(marker.path == path and marker.has(line) for marker in marked)
    ]
    assert not unmarked, "\n".join(["no test notices these changes", *unmarked])
    stale = [
        str(marker)
        for marker in marked
        if not any(marker.path == path and marker.has(line) for path, line, _ in missed)
    ]
    assert place.brief or not stale, "\n".join(["tests notice all changes of these", *stale])
    assert caught, "nothing was changed"
    of = " and decide who is verified" if place.brief else ""
    return (
        f"{len(missed) + len(caught)} changes that compile{of}: {len(caught)} noticed "
        f"({len(endless)} by a test that did not end), {len(missed)} not and marked "
        "with the reason"
    )
