//! The boundary between the host and the library. Inside, a panic becomes a return value and is not
//! printed, and the thread cannot be cancelled.
//!
//! glibc cancels a thread by unwinding its stack, and Rust aborts when that happens. So a pthread_cancel(3)
//! takes effect only after the function has returned.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::sys::cancellation;
use crate::{memory, panics};

/// Calls `work`, or `otherwise` if it panics, with cancellation disabled.
///
/// A thread whose cancelability type is asynchronous may end in this function, before cancellation is
/// disabled or after it is restored. So `T` has nothing to drop, and the C functions are
/// `extern "C-unwind"`.
#[inline]
pub(super) fn enter<T: Copy>(otherwise: impl FnOnce() -> T, work: impl FnOnce() -> T) -> T {
    let before = cancellation::disable();
    let answer = catch(otherwise, work);
    cancellation::restore(before);
    answer
}

/// Calls `work`, or `otherwise` if it panics. Not inlined, so that [`enter`] has no landing pads: a thread
/// could not end in it otherwise.
#[inline(never)]
pub(super) fn catch<T>(otherwise: impl FnOnce() -> T, work: impl FnOnce() -> T) -> T {
    install_panic_hook();
    let before = panics::set_silent(true);
    let result = catch_unwind(AssertUnwindSafe(|| {
        #[cfg(test)]
        super::tests::panic_if_injected();
        work()
    }));
    panics::set_silent(before);
    result.unwrap_or_else(|panic| {
        // The payload of a panic may panic when it is dropped.
        std::mem::forget(panic);
        otherwise()
    })
}

/// Keeps panics inside the boundary from being printed. Other panics of a Rust host are printed as before.
fn install_panic_hook() {
    // No lock: a child that is forked while another thread holds it would wait for ever.
    static IS_INSTALLED: AtomicBool = AtomicBool::new(false);
    // The hook is allocated: without the reserve, a failure would abort the process.
    if !IS_INSTALLED.load(Ordering::Relaxed)
        && memory::init_reserve()
        // seldom covered: two threads make the first call of the process at the same instant.
        && !IS_INSTALLED.swap(true, Ordering::Relaxed)
    {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !panics::are_silent() {
                before(panic);
            }
        }));
    }
}
