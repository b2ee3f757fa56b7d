//! Waits for sockets: select, which unlike WSAPoll before Windows 10 2004 tells of a connection that failed.

use std::io;
use std::net::{Ipv4Addr, UdpSocket};
use std::os::windows::io::AsRawSocket;
use std::time::Duration;

use windows_sys::Win32::Networking::WinSock::{FD_SET, SOCKET, SOCKET_ERROR, TIMEVAL, select};

use super::Descriptor;
use crate::sys::{Interest, MAX_POLLED, PollResult};

/// A set has room for all. It is a list here, so that the number of a socket is no limit.
const _: () = assert!(MAX_POLLED <= 64);

fn add(set: &mut FD_SET, descriptor: Descriptor) {
    set.fd_array[set.fd_count as usize] = descriptor as SOCKET;
    set.fd_count += 1;
}

/// Waits until one of `descriptors` is ready or has failed, at most for `timeout`.
pub(crate) fn poll(
    descriptors: &[(Descriptor, Interest)],
    timeout: Duration,
) -> io::Result<PollResult> {
    const NONE: FD_SET = FD_SET { fd_count: 0, fd_array: [0; 64] };
    let (mut read, mut write, mut failed) = (NONE, NONE, NONE);
    for &(descriptor, interest) in descriptors.iter().take(MAX_POLLED) {
        match interest {
            Interest::Readable | Interest::HangUp => add(&mut read, descriptor),
            Interest::Writable => {
                add(&mut write, descriptor);
                add(&mut failed, descriptor);
            }
        }
    }
    if descriptors.is_empty() {
        // select refuses to wait for nothing.
        std::thread::sleep(timeout);
        return Ok(PollResult::Timeout);
    }
    let micros = timeout.as_nanos().div_ceil(1000);
    let limit = TIMEVAL {
        tv_sec: (micros / 1_000_000).try_into().unwrap_or(i32::MAX),
        tv_usec: (micros % 1_000_000) as i32,
    };
    // SAFETY: the sets and the time are live, and the sets exclusively borrowed.
    match unsafe { select(0, &mut read, &mut write, &mut failed, &limit) } {
        SOCKET_ERROR => Err(io::Error::last_os_error()),
        0 => Ok(PollResult::Timeout),
        _ => {
            let ready = |set: &FD_SET, descriptor| {
                set.fd_array[..set.fd_count as usize].contains(&descriptor)
            };
            let last = descriptors.last().is_some_and(|&(descriptor, _)| {
                [read, write, failed].iter().any(|set| ready(set, descriptor as SOCKET))
            });
            Ok(PollResult::Ready { last })
        }
    }
}

/// A socket that another thread makes readable, to end a wait: one that is connected to itself.
pub(crate) struct WakeFd(UdpSocket);

impl WakeFd {
    pub(crate) fn new() -> io::Result<WakeFd> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        // From now on it receives from no other.
        socket.connect(socket.local_addr()?)?;
        socket.set_nonblocking(true)?;
        Ok(WakeFd(socket))
    }

    /// Makes the socket readable.
    pub(crate) fn wake(&self) {
        // If it is full, it is readable already.
        let _ = self.0.send(&[1]);
    }

    /// Makes the socket unreadable again.
    pub(crate) fn clear(&self) {
        while self.0.recv(&mut [0]).is_ok() {}
    }

    /// What a wait for it is given.
    pub(crate) fn descriptor(&self) -> Descriptor {
        self.0.as_raw_socket()
    }
}
