//! The wall: a panic behind it becomes an answer, and nothing is printed.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

thread_local! {
    static BEHIND: Cell<bool> = const { Cell::new(false) };
}

/// Does `work`, or answers `otherwise` if it panics.
pub(super) fn wall<T>(otherwise: impl FnOnce() -> T, work: impl FnOnce() -> T) -> T {
    silence();
    let before = BEHIND.replace(true);
    let result = catch_unwind(AssertUnwindSafe(|| {
        #[cfg(test)]
        super::tests::explode();
        work()
    }));
    BEHIND.set(before);
    result.unwrap_or_else(|panic| {
        // What a panic carries may panic again when it is dropped.
        std::mem::forget(panic);
        otherwise()
    })
}

/// Keeps panics behind the wall from being printed; those of a Rust host go where they went.
fn silence() {
    // No lock: a child forked off while another thread is here would wait for that thread forever.
    static SILENCED: AtomicBool = AtomicBool::new(false);
    if !SILENCED.load(Ordering::Relaxed) && !SILENCED.swap(true, Ordering::Relaxed) {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !BEHIND.get() {
                before(panic);
            }
        }));
    }
}
