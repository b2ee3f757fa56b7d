//! Whether the panics of a thread are printed: not in a C host, nor in a thread that works for one.

use std::cell::Cell;

thread_local! {
    static SILENT: Cell<bool> = const { Cell::new(false) };
}

/// Whether the panics of this thread are kept from being printed.
pub(crate) fn are_silent() -> bool {
    SILENT.get()
}

/// Prints the panics of this thread, or not; what it was before.
pub(crate) fn set_silent(silent: bool) -> bool {
    SILENT.replace(silent)
}
