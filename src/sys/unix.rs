//! Unix: Linux, Android, macOS, the BSDs.
#![allow(unsafe_code)]

#[cfg(feature = "capi")]
pub(crate) mod cancellation;
pub(crate) mod errors;
pub(crate) mod file;
mod lookup;
mod process;
mod roots;
mod selector;
#[cfg(feature = "cli")]
pub(crate) mod signals;
mod socket;
mod thread;
mod wait;

use std::ffi::c_int;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

pub(crate) use lookup::{has_memory, look_up};
pub(crate) use process::{Process, init};
pub(crate) use roots::system_roots;
pub(crate) use selector::{Registration, Selector};
pub(crate) use socket::{
    descriptor_of, is_closed, is_in_progress, is_unresponsive, keep_alive, new_socket, receive,
    send, set_user_timeout, unacknowledged, wait_in_receive,
};
pub(crate) use thread::spawn_without_signals;
pub(crate) use wait::{WakeFd, poll};

/// What an event loop waits for: a file descriptor here, on Windows a socket.
pub type Descriptor = std::os::fd::RawFd;

/// A descriptor, as the C functions give it.
#[cfg(feature = "capi")]
pub(crate) fn as_int(descriptor: Descriptor) -> c_int {
    descriptor
}

/// Gives a public type, which has the method `descriptor`, the system's own trait for it.
macro_rules! impl_descriptor {
    ($type:ident<$parameter:ident>) => {
        impl<$parameter> std::os::fd::AsRawFd for $type<$parameter> {
            fn as_raw_fd(&self) -> std::os::fd::RawFd {
                self.descriptor()
            }
        }
    };
}
pub(crate) use impl_descriptor;

/// How many descriptors the process may have open.
pub(crate) fn max_descriptors() -> usize {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the structure is live and exclusively borrowed.
    let answer = unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) };
    // uncovered: getrlimit(2) fails only for an unknown resource.
    if answer == 0 { usize::try_from(limit.rlim_cur).unwrap_or(usize::MAX) } else { 0 }
}

/// The descriptor that a system call returned, or its error.
///
/// # Safety
/// A number that is not negative is an open descriptor that nobody else owns.
unsafe fn owned(fd: c_int) -> io::Result<OwnedFd> {
    match fd {
        ..0 => Err(io::Error::last_os_error()),
        // SAFETY: the caller's promise.
        fd => Ok(unsafe { OwnedFd::from_raw_fd(fd) }),
    }
}

/// The same file under a descriptor above 2. A host that closed its standard output may still print, and
/// that must not go to the service.
fn above_stdio(file: OwnedFd) -> io::Result<OwnedFd> {
    if file.as_raw_fd() > 2 {
        return Ok(file);
    }
    // SAFETY: the descriptor is open; the new one is nobody else's.
    unsafe { owned(libc::fcntl(file.as_raw_fd(), libc::F_DUPFD_CLOEXEC, 3)) }
}

/// A value that a variable of the environment may have, and that is no text.
#[cfg(test)]
pub(crate) fn not_unicode() -> std::ffi::OsString {
    std::os::unix::ffi::OsStringExt::from_vec(b"\xff".into())
}

#[cfg(test)]
mod tests;
