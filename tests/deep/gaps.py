"""Lines and sides of branches in the core that no test runs, each with the reason that none has to.

coverage.py names them by their text: lines in a row by the first that says something, after the
line that it stands in. One that is not here fails the deep checks, and so does an entry that a test
has come to run.
"""

from __future__ import annotations

FULL = "two seconds without memory and with a full reserve, which no process outlives"

GAPS: dict[str, str] = {
    "src/memory/reserve.rs: !piece.is_null() is never false": FULL,
    "src/transport/sys.rs: !cfg!(miri) is never false": "so in Miri alone, which knows no forks",
    "src/transport/sys.rs: masked == 0 is never false": (
        "the C library refuses an unknown way to set a mask, and ours is a constant"
    ),
}

MADE = "two threads make a process's first call in the same instant"

RACES: dict[str, str] = {
    "src/capi/panic_boundary.rs: !SILENCED.swap(true, Ordering::Relaxed) is never false": MADE,
    "src/memory/reserve.rs: is_anothers is never true": MADE,
    "src/memory/reserve.rs: if is_anothers / unsafe { System.dealloc(region, REGION) };": MADE,
}
"""What some runs of the tests run and some do not: it may be either."""
