"""Changes of the code that no test beside it notices, each with the reason that none has to.

A change is named as cargo-mutants names it, without the line and the column. One that is not here
fails the deep checks, and so does an entry that a test has come to notice.
"""

from __future__ import annotations

CONDITIONAL = "compiled for the C functions alone; tests/abi/abi.c asks for the refusals"
WIPING = "memory that was freed cannot be looked at from Rust; the search in a core dump does"

SURVIVORS: dict[str, str] = {
    "src/config.rs: replace Config::refusal -> Option<&Error> with None": CONDITIONAL,
    "src/config.rs: replace Config::refusal -> Option<&Error> with "
    "Some(Box::leak(Box::new(Default::default())))": CONDITIONAL,
    "src/phone.rs: replace <impl Drop for Digits>::drop with ()": WIPING,
    "src/reply.rs: replace match guard !plain.contains('\\\\') with false in text": (
        "the same text by way of the parser of JSON, which the guard spares"
    ),
}
