//! What the standard library has no safe call for: poll(2) on a descriptor, a signal to one thread.
#![allow(unsafe_code, reason = "these are calls of the C library")]

use std::os::fd::AsRawFd;
use std::sync::Once;
use std::time::Duration;

/// Whether it is readable, now or within `timeout`.
pub(crate) fn is_readable(file: &impl AsRawFd, timeout: Duration) -> bool {
    let mut polled = [libc::pollfd { fd: file.as_raw_fd(), events: libc::POLLIN, revents: 0 }];
    let timeout = i32::try_from(timeout.as_millis()).expect("a short timeout");
    // SAFETY: the array is live and exclusively borrowed.
    unsafe { libc::poll(polled.as_mut_ptr(), 1, timeout) == 1 }
}

/// A thread whose system calls a signal can interrupt.
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

    /// Sends the thread a signal. It must not have been joined yet.
    pub(crate) fn interrupt(self) {
        // SAFETY: the caller keeps the thread from being joined, so its id is valid.
        unsafe { libc::pthread_kill(self.0, libc::SIGUSR1) };
    }
}
