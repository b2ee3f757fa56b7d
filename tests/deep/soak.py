"""Threads share clients for a long time, and every request is accounted for: tests/faults/soak."""

from __future__ import annotations

import os

from deep.part import ROOT, Place
from harness import tools

TITLE = "Soak in the fault matrix"

BRIEF, LONG = 120, 1800
"""How long it lasts, in seconds."""

SPARE = 900
"""How much longer it may take, with its building."""


def run(place: Place) -> str:
    """Run the soak and pass on what it says."""
    seconds = BRIEF if place.brief else LONG
    test = ["test", "--features", "capi,cli", "--test", "faults"]
    harness = ["--ignored", "--exact", "soak::every_request_is_accounted_for", "--nocapture"]
    command = [os.environ.get("CARGO", "cargo"), *test, "--", *harness]
    env = {"SOAK_SECONDS": str(seconds)}
    lines = tools.run(*command, cwd=ROOT, env=env, timeout=seconds + SPARE).splitlines()
    [seed] = [line for line in lines if line.startswith("seed ")]
    [said] = [line.removeprefix("soak: ") for line in lines if line.startswith("soak: ")]
    return f"{said} ({seconds} s, {seed})"
