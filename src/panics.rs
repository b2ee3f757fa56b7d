//! Keeps the panics of a thread from being printed while it works for a C host.

use std::cell::Cell;

thread_local! {
    static SILENT: Cell<bool> = const { Cell::new(false) };
}

/// Whether the panics of this thread are not printed.
pub(crate) fn are_silent() -> bool {
    SILENT.get()
}

/// Sets whether the panics of this thread are not printed. Returns the setting before.
pub(crate) fn set_silent(silent: bool) -> bool {
    SILENT.replace(silent)
}
