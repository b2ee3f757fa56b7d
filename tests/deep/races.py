"""ThreadSanitizer on the program of many threads: the C side, the library, what it is built on.

The standard library is watched too; without that, its locks would not be seen and races be reported
that are none.
"""

from __future__ import annotations

import os
import subprocess

from calling import KEY, SETTINGS
from sandboxed import sandbox

from deep.instrumented import STATUS, Watched, counted, host, library, lives, misused, programs
from deep.part import Place

TITLE = "ThreadSanitizer"
WATCHED = Watched("thread", "thread")
OPTIONS = {"TSAN_OPTIONS": f"halt_on_error=1:exitcode={STATUS}"}


THREADS = 100


def run(place: Place) -> str:
    """Run the programs, each of which must be silent."""
    folder = library(place, WATCHED)
    programs(folder, WATCHED, host("misuse", "threads"))
    misused(folder, "raced", "data race", OPTIONS)
    calls = 100 if place.brief else 1000
    with sandbox(str(place.command), "--api-key", KEY) as running:
        inherited = dict.fromkeys(SETTINGS, "")
        inherited |= {"VERIFYSMS_API_KEY": KEY, "VERIFYSMS_URL": running.url}
        done = subprocess.run(
            [folder / "threads", str(THREADS), str(calls), "500"],
            env=os.environ | inherited | OPTIONS,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=1800,
            check=False,
        )
    said = done.stdout
    assert done.returncode == 0 and "0 failed" in said, said
    cancelled = counted(r"(\d+) cancelled", said)
    lives(place, folder, "Light.test_threads_of_tls", options=OPTIONS)
    return (
        f"{THREADS} threads, {THREADS * calls} calls on one client, {cancelled} of them cancelled, "
        "and the same over TLS: no race; a planted one is seen"
    )
