//! The boundary between a host and the library: behind it a panic becomes an answer and is not printed,
//! and the thread is not cancelled.
//!
//! To cancel a thread, glibc unwinds its stack, which Rust answers with an abort. So `pthread_cancel`
//! waits until the host has its thread back.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::{memory, panics};

/// Does `work` for a host, or answers `otherwise` if it panics.
///
/// A thread whose cancelability type is asynchronous may end in here, when cancellation is not disabled
/// yet or is as it was: `T` has nothing to drop, and the C functions are `extern "C-unwind"`.
#[inline]
pub(super) fn enter<T: Copy>(otherwise: impl FnOnce() -> T, work: impl FnOnce() -> T) -> T {
    let before = cancellation::disable();
    let answer = catch(otherwise, work);
    cancellation::restore(before);
    answer
}

/// The same for what a function does once it has entered. Out of line: [`enter`] has to be without
/// landing pads, or a thread could not end in it.
#[inline(never)]
pub(super) fn catch<T>(otherwise: impl FnOnce() -> T, work: impl FnOnce() -> T) -> T {
    silence_panics();
    let before = panics::set_silent(true);
    let result = catch_unwind(AssertUnwindSafe(|| {
        #[cfg(test)]
        super::tests::explode();
        work()
    }));
    panics::set_silent(before);
    result.unwrap_or_else(|panic| {
        // What a panic carries may panic again when it is dropped.
        std::mem::forget(panic);
        otherwise()
    })
}

/// Keeps panics in here from being printed; those of a Rust host go where they went.
fn silence_panics() {
    // No lock: a child forked off while another thread is here would wait for that thread forever.
    static SILENCED: AtomicBool = AtomicBool::new(false);
    // Without a reserve there may be no memory for this, and that would end the process.
    if !SILENCED.load(Ordering::Relaxed)
        && memory::set_aside()
        && !SILENCED.swap(true, Ordering::Relaxed)
    {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !panics::are_silent() {
                before(panic);
            }
        }));
    }
}

/// The cancelability of the thread: pthread_setcancelstate(3). Android has no such thing.
#[cfg(all(unix, not(target_os = "android"), not(miri)))]
mod cancellation {
    use std::ffi::c_int;

    /// PTHREAD_CANCEL_DISABLE and PTHREAD_CANCEL_DEFERRED, which `libc` does not know.
    const DISABLE: c_int = if cfg!(target_vendor = "apple") { 0 } else { 1 };
    const DEFERRED: c_int = if cfg!(target_vendor = "apple") { 2 } else { 0 };

    unsafe extern "C-unwind" {
        fn pthread_setcancelstate(state: c_int, before: *mut c_int) -> c_int;
        fn pthread_setcanceltype(kind: c_int, before: *mut c_int) -> c_int;
        // Not libc's: a thread may end in it.
        fn poll(none: *mut libc::pollfd, count: libc::nfds_t, timeout: c_int) -> c_int;
    }

    /// What the host has chosen.
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
            // A cancellation may be on its way already, which glibc before 2.41 would obey in any system
            // call that waits, even so. This one waits for it.
            // SAFETY: there are no descriptors.
            unsafe { poll(std::ptr::null_mut(), 0, 0) };
        }
        Cancelability { state, kind }
    }

    #[inline]
    pub(super) fn restore(before: Cancelability) {
        let mut unused = 0;
        // SAFETY: the pointer is that of a live variable; the thread was like this before.
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
