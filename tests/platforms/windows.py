"""Windows, as `make check-windows` sees it with wine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from harness.tools import ROOT, need, run
from platforms.place import HOURS, Place, size, without_make
from platforms.table import Platform, Seen
from platforms.wine32 import wine32

MACHINES = {"x64": "x86_64-win7-windows-gnu", "x86": "i686-win7-windows-gnu"}


def platforms(place: Place) -> Iterator[Platform]:
    """The rows of the table."""
    for machine, target in MACHINES.items():
        yield Platform(target, partial(check_windows, place, machine, target))


def check_windows(place: Place, machine: str, target: str, seen: Seen) -> None:
    """Build the DLLs, the command and the zip, and run with wine all that can be run there."""
    need("wine", "wine wine64")
    if machine == "x86":
        wine32()
    words = f"{machine} --brief" if place.brief else machine
    windows = f"WINDOWS={words}"
    printed = run("make", "-C", ROOT, "check-windows", windows, env=without_make(), timeout=HOURS)
    seen.built += ["library", "command"]
    seen.ran = "wine"
    abi = re.findall(r"^ +(\d+) passed, 0 failed", printed, re.MULTILINE)
    assert abi, f"no test of the ABI:\n{printed}"
    seen.passed.append(f"ABI {abi[0]}")
    for word, pattern in (
        ("programs", r"^[a-z0-9 ]+: (passed) in"),
        ("Rust tests", r"test result: ok. (\d+) passed"),
    ):
        found = re.findall(pattern, printed, re.MULTILINE)
        assert found, f"no {word}:\n{printed}"
        seen.passed.append(f"{sum(1 if one == 'passed' else int(one) for one in found)} {word}")
    if not place.brief:
        seen.size += [
            f"{name} {size(ROOT / 'target' / target / 'release' / file)}"
            for name, file in (("library", "verifysms-1.dll"), ("command", "verifysms.exe"))
        ]
        run("make", "-C", ROOT, "package-windows", windows, env=without_make(), timeout=HOURS)
