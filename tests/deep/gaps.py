"""Lines and sides of branches in the core that no test runs, each with the reason that none has to.

coverage.py names them by their text: lines in a row by the first that says something, after the
line that it stands in. One that is not here fails the deep checks, and so does an entry that a test
has come to run.
"""

from __future__ import annotations

FIRST = "ureq's type of a connector; ours begin with Tcp, which gives a connection or an error"
SHOWN = "ureq's traits want it; what it shows of an agent has none of these in it"
FULL = "two seconds without memory and with a full reserve, which no process outlives"
KEYS = "all keys that the C library has for a process are in use when it makes its first call"
HANDLERS = "glibc keeps room for a process's first handlers, and asks for no memory"

GAPS: dict[str, str] = {
    "src/memory/reserve.rs: !piece.is_null() is never false": FULL,
    "src/memory/reserve.rs: fn scarce(layout: Layout) -> *mut u8 / null_mut()": FULL,
    "src/memory/reserve.rs: "
    "if unsafe { libc::pthread_key_create(&mut key, None) } != 0 / return None;": KEYS,
    "src/memory/reserve.rs: Some(key) is never false": KEYS,
    "src/memory/reserve.rs: "
    "unsafe { libc::pthread_key_create(&mut key, None) } != 0 is never true": KEYS,
    "src/transport/sys.rs: !cfg!(miri) is never false": "so in Miri alone, which knows no forks",
    "src/transport/sys.rs: failure != 0 is never true": HANDLERS,
    "src/transport/sys.rs: "
    "if failure != 0 / return Err(io::Error::from_raw_os_error(failure));": HANDLERS,
    "src/transport/sys.rs: masked == 0 is never false": (
        "the C library refuses an unknown way to set a mask, and ours is a constant"
    ),
    "src/transport/tls.rs: Some(chained) is never false": FIRST,
    "src/transport/tls.rs: chained.is_tls() is never true": (
        "ureq's contract; its tunnel through a proxy says that it is no TLS, whatever is below"
    ),
    "src/transport/tls.rs: impl fmt::Debug for Tls / "
    "fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result": SHOWN,
    "src/transport/tls.rs: impl<In: Transport> fmt::Debug for TlsTransport<In> / "
    "fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result": SHOWN,
    "src/transport/tls.rs: stream.buffers().input().is_empty() is never false": (
        "rustls takes all that was received; what it left would not have been asked for"
    ),
}

MADE = "two threads make a process's first call in the same instant"

RACES: dict[str, str] = {
    "src/capi/panic_boundary.rs: !SILENCED.swap(true, Ordering::Relaxed) is never false": MADE,
    "src/memory/reserve.rs: is_anothers is never true": MADE,
    "src/memory/reserve.rs: if is_anothers / unsafe { System.dealloc(region, REGION) };": MADE,
}
"""What some runs of the tests run and some do not: it may be either."""
