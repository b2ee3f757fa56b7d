//! Waiting for a descriptor.

#![allow(unsafe_code, reason = "the standard library waits for no descriptor")]

use std::os::fd::AsRawFd;
use std::time::Duration;

/// Whether it is readable, now or within `longest`.
pub(crate) fn is_readable(file: &impl AsRawFd, longest: Duration) -> bool {
    let mut polled = [libc::pollfd { fd: file.as_raw_fd(), events: libc::POLLIN, revents: 0 }];
    let longest = i32::try_from(longest.as_millis()).expect("it is short");
    // SAFETY: the array is live and exclusively borrowed.
    unsafe { libc::poll(polled.as_mut_ptr(), 1, longest) == 1 }
}
