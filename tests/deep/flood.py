"""The sandbox under as many messages as it can get, with the page open: tests/flood.rs."""

from __future__ import annotations

import re

from deep.part import ROOT, Place
from harness import tools

TITLE = "The sandbox in a flood"


def run(place: Place) -> str:
    """Flood the built command."""
    printed = tools.run(
        *("cargo", "test", "--quiet", "--features", "capi,cli", "--test", "flood", "--"),
        *("--ignored", "--nocapture", "--test-threads=1"),
        cwd=ROOT,
        env={
            "VERIFYSMS_COMMAND": str(place.command.resolve()),
            "VERIFYSMS_MESSAGES": "100000" if place.brief else "1000000",
        },
    )
    told = re.findall(r"\d+ messages of .*", printed)
    assert len(told) == 2, printed
    return "; ".join(told)
