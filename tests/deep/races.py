"""ThreadSanitizer on the program of many threads: the C side, the library, what it is built on.

The standard library is watched too; without that, its locks would not be seen and races be reported
that are none.
"""

from __future__ import annotations

from deep.instrumented import STATUS, Watched, counted, host, library, misused, programs, python_tests
from deep.part import Place
from harness.caller import KEY
from harness.sandbox import sandbox
from harness.tools import VARIABLES
from harness.tools import run as checked

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
        own = {"VERIFYSMS_API_KEY": KEY, "VERIFYSMS_URL": running.url}
        env = {**dict.fromkeys(VARIABLES), **own, **OPTIONS}
        said = checked(folder / "threads", str(THREADS), str(calls), "500", env=env, timeout=1800)
    assert "0 failed" in said, said
    cancelled = counted(r"(\d+) cancelled", said)
    over_tls = "tests/hosts/test_hosts.py::test_threads_of_tls"
    python_tests(place, folder, over_tls, options=OPTIONS)
    return (
        f"{THREADS} threads, {THREADS * calls} calls on one client, {cancelled} of them cancelled, "
        "and the same over TLS: no race; a planted one is seen"
    )
