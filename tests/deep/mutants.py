"""The code that decides about a person, changed in one place at a time: some test must notice.

.cargo/mutants.toml says which files and which tests; survivors.py lists what none has to notice.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections import Counter
from pathlib import Path

from deep.cargo_tools import need
from deep.part import ROOT, Place
from deep.survivors import SURVIVORS

TITLE = "changes of the code that no test notices"
VERSION = "27.1.0"
"""Of cargo-mutants: another one makes other changes."""
SHARES = 20
"""A brief run does one of so many shares, another one every day."""


def names(outcome: str, folder: Path) -> Counter[str]:
    """The changes with this outcome, without the places in the files."""
    lines = (folder / f"{outcome}.txt").read_text(encoding="utf-8").splitlines()
    return Counter(re.sub(r"^(\S+?):\d+:\d+:", r"\1:", line) for line in lines)


def run(place: Place) -> str:
    """Change, test, and tell what was noticed."""
    program = need("cargo-mutants", VERSION)
    folder = place.work / "mutants.out"
    shutil.rmtree(folder, ignore_errors=True)
    share = int(time.time() // 86_400) % SHARES
    part = ["--shard", f"{share}/{SHARES}", "--sharding", "round-robin"] if place.brief else []
    # A busy machine is no endless loop.
    patience = ["--minimum-test-timeout", "60"]
    options = ["--jobs", "1", *patience, "--copy-vcs", "false", "--colors", "never"]
    own = {"CARGO_PROFILE_DEV_DEBUG": "0", "CARGO_TARGET_DIR": str(place.work / "mutants")}
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
    missed = names("missed", folder)
    endless = names("timeout", folder)
    caught = names("caught", folder) + endless
    unlisted = [name for name in missed if name not in SURVIVORS]
    assert not unlisted, "\n".join(["no test notices these changes", *unlisted])
    stale = [] if place.brief else [name for name in SURVIVORS if name not in missed]
    assert not stale, "\n".join(["a test notices these listed changes", *stale])
    assert caught, "nothing was changed"
    of = f" (share {share + 1} of {SHARES})" if place.brief else ""
    return (
        f"{missed.total() + caught.total()} changes that compile{of}: {caught.total()} noticed "
        f"({endless.total()} by a test that did not end), {missed.total()} not and listed with the "
        "reason"
    )
