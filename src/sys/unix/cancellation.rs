//! The cancelability of the thread: pthread_setcancelstate(3). Android has none.

pub(crate) use system::{disable, restore};

#[cfg(not(any(target_os = "android", miri)))]
mod system {
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
    pub(crate) struct Cancelability {
        state: c_int,
        kind: c_int,
    }

    #[inline]
    pub(crate) fn disable() -> Cancelability {
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
    pub(crate) fn restore(before: Cancelability) {
        let mut unused = 0;
        // SAFETY: the pointer is that of a live variable; the values come from the thread itself.
        unsafe {
            pthread_setcancelstate(before.state, &mut unused);
            pthread_setcanceltype(before.kind, &mut unused);
        }
    }
}

#[cfg(any(target_os = "android", miri))]
mod system {
    pub(crate) fn disable() {}
    pub(crate) fn restore((): ()) {}
}
