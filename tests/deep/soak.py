"""Threads share clients for a long time, and every request is accounted for: tests/faults/soak."""

from __future__ import annotations

import os
import subprocess

from deep.part import ROOT, Place

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
    done = subprocess.run(
        [os.environ.get("CARGO", "cargo"), *test, "--", *harness],
        cwd=ROOT,
        env=os.environ | {"SOAK_SECONDS": str(seconds)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=seconds + SPARE,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    lines = done.stdout.splitlines()
    [seed] = [line for line in lines if line.startswith("seed ")]
    [said] = [line.removeprefix("soak: ") for line in lines if line.startswith("soak: ")]
    return f"{said} ({seconds} s, {seed})"
