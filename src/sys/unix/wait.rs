//! Waits for descriptors: poll(2), and what ends a wait from another thread.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::Duration;

use super::{Descriptor, above_stdio, owned};
use crate::sys::{Interest, MAX_POLLED, PollResult};

/// A time as the system calls want it, cut where it does not fit.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn timespec(time: Duration) -> libc::timespec {
    libc::timespec {
        tv_sec: time.as_secs().try_into().unwrap_or(i32::MAX.into()),
        tv_nsec: time.subsec_nanos() as _,
    }
}

/// Waits until one of `descriptors` is ready or has failed, at most for `timeout`.
pub(crate) fn poll(
    descriptors: &[(Descriptor, Interest)],
    timeout: Duration,
) -> io::Result<PollResult> {
    let mut polled = [libc::pollfd { fd: -1, events: 0, revents: 0 }; MAX_POLLED];
    for (polled, &(fd, interest)) in polled.iter_mut().zip(descriptors) {
        polled.fd = fd;
        polled.events = match interest {
            Interest::Readable => libc::POLLIN,
            Interest::Writable => libc::POLLOUT,
            Interest::HangUp => 0,
        };
    }
    let count = descriptors.len().min(MAX_POLLED) as libc::nfds_t;
    // SAFETY: the pointer and the count are those of a live, exclusively borrowed array.
    let ready = unsafe {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        {
            libc::ppoll(polled.as_mut_ptr(), count, &timespec(timeout), std::ptr::null())
        }
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        {
            let limit = timeout.as_micros().div_ceil(1000).try_into().unwrap_or(libc::c_int::MAX);
            libc::poll(polled.as_mut_ptr(), count, limit)
        }
    };
    match ready {
        -1 => match io::Error::last_os_error() {
            error if error.kind() == io::ErrorKind::Interrupted => Ok(PollResult::Timeout),
            error => Err(error),
        },
        0 => Ok(PollResult::Timeout),
        // uncovered: every wait has a descriptor.
        _ => Ok(PollResult::Ready { last: count > 0 && polled[count as usize - 1].revents != 0 }),
    }
}

/// A descriptor that another thread makes readable, to end a wait: an eventfd(2) or a pipe(2).
pub(crate) struct WakeFd {
    read: OwnedFd,
    write: Option<OwnedFd>,
}

impl WakeFd {
    pub(crate) fn new() -> io::Result<WakeFd> {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        {
            // SAFETY: the call takes no pointer; the descriptor is new and nobody else's.
            let read = unsafe { owned(libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK))? };
            Ok(WakeFd { read: above_stdio(read)?, write: None })
        }
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        {
            let mut ends = [-1; 2];
            // SAFETY: the array has room for the two descriptors, which are new and nobody else's.
            let (read, write) = unsafe {
                if libc::pipe(ends.as_mut_ptr()) != 0 {
                    return Err(io::Error::last_os_error());
                }
                (owned(ends[0])?, owned(ends[1])?)
            };
            let (read, write) = (above_stdio(read)?, above_stdio(write)?);
            for end in [&read, &write] {
                // SAFETY: the descriptor is open, and the flags are the calls' own.
                unsafe {
                    libc::fcntl(end.as_raw_fd(), libc::F_SETFD, libc::FD_CLOEXEC);
                    libc::fcntl(end.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK);
                }
            }
            Ok(WakeFd { read, write: Some(write) })
        }
    }

    /// Makes the descriptor readable.
    pub(crate) fn wake(&self) {
        let one = 1u64.to_ne_bytes();
        let write = self.write.as_ref().unwrap_or(&self.read);
        // SAFETY: the bytes are live, and the descriptor is open. If it is full, it is readable already.
        let _ = unsafe { libc::write(write.as_raw_fd(), one.as_ptr().cast(), one.len()) };
    }

    /// Makes the descriptor unreadable again.
    pub(crate) fn clear(&self) {
        let mut count = [0u8; 64];
        // SAFETY: the buffer is live, and the descriptor is open. There may be nothing to read.
        let _ = unsafe { libc::read(self.descriptor(), count.as_mut_ptr().cast(), count.len()) };
    }
    /// What a wait for it is given.
    pub(crate) fn descriptor(&self) -> Descriptor {
        self.read.as_raw_fd()
    }
}
