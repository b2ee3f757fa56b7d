//! Signals that do nothing but interrupt a thread's wait.

#![allow(unsafe_code, reason = "no safe call sends a signal to one thread")]

use std::sync::Once;

/// A thread that can be interrupted.
#[derive(Clone, Copy)]
pub(crate) struct Thread(libc::pthread_t);

impl Thread {
    /// The calling thread. From here on SIGUSR1 does not end the process.
    pub(crate) fn current() -> Thread {
        static HANDLER: Once = Once::new();
        extern "C" fn nothing(_: libc::c_int) {}
        HANDLER.call_once(|| {
            // SAFETY: an all-zero sigaction is valid, without SA_RESTART; the handler does nothing.
            let set = unsafe {
                let mut action: libc::sigaction = std::mem::zeroed();
                action.sa_sigaction = nothing as *const () as libc::sighandler_t;
                libc::sigaction(libc::SIGUSR1, &action, std::ptr::null_mut())
            };
            assert_eq!(set, 0, "a handler can be set");
        });
        // SAFETY: the call has no preconditions.
        Thread(unsafe { libc::pthread_self() })
    }

    /// Interrupts the thread, which must not have been joined yet.
    pub(crate) fn interrupt(self) {
        // SAFETY: the caller keeps the thread from being joined, so its id is valid.
        unsafe { libc::pthread_kill(self.0, libc::SIGUSR1) };
    }
}
