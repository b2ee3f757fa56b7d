//! The boundary between the host and the library. Inside, a panic becomes a return value and is not
//! printed, and the thread cannot be cancelled.
//!
//! glibc cancels a thread by unwinding its stack, and Rust aborts when that happens. So a pthread_cancel(3)
//! takes effect only after the function has returned.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

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

/// The cancelability of the thread: pthread_setcancelstate(3). Android has none.
#[cfg(all(unix, not(target_os = "android"), not(miri)))]
mod cancellation {
    use std::ffi::c_int;

    /// PTHREAD_CANCEL_DISABLE and PTHREAD_CANCEL_DEFERRED, which the crate `libc` does not have.
    const DISABLE: c_int = if cfg!(target_vendor = "apple") { 0 } else { 1 };
    const DEFERRED: c_int = if cfg!(target_vendor = "apple") { 2 } else { 0 };

    unsafe extern "C-unwind" {
        fn pthread_setcancelstate(state: c_int, before: *mut c_int) -> c_int;
        fn pthread_setcanceltype(kind: c_int, before: *mut c_int) -> c_int;
        // Not that of the crate `libc`, which is no cancellation point for Rust: a thread may end in it.
        fn poll(none: *mut libc::pollfd, count: libc::nfds_t, timeout: c_int) -> c_int;
    }

    /// The host's setting.
    #[derive(Clone, Copy)]
    pub(super) struct Cancelability {
        state: c_int,
        kind: c_int,
    }

    #[inline]
    pub(super) fn disable() -> Cancelability {
        let (mut state, mut kind) = (DISABLE, DEFERRED);
        // SAFETY: the pointers are those of live variables.
        unsafe {
            pthread_setcancelstate(DISABLE, &mut state);
            pthread_setcanceltype(DEFERRED, &mut kind);
        }
        if kind != DEFERRED {
            // A cancellation may already be on its way, and glibc before 2.41 acts on it in any system call
            // that waits, although it is disabled. This call waits for it.
            // SAFETY: there are no descriptors.
            unsafe { poll(std::ptr::null_mut(), 0, 0) };
        }
        Cancelability { state, kind }
    }

    #[inline]
    pub(super) fn restore(before: Cancelability) {
        let mut unused = 0;
        // SAFETY: the pointer is that of a live variable; the values come from the thread itself.
        unsafe {
            pthread_setcancelstate(before.state, &mut unused);
            pthread_setcanceltype(before.kind, &mut unused);
        }
    }
}

#[cfg(not(all(unix, not(target_os = "android"), not(miri))))]
mod cancellation {
    pub(super) fn disable() {}
    pub(super) fn restore((): ()) {}
}
