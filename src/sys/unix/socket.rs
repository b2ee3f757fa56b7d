//! Sockets: how they send and receive, and what the system knows of a TCP connection.

use std::ffi::{c_int, c_void};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::Duration;

use socket2::{Domain, Socket, TcpKeepalive, Type};

use super::{Descriptor, above_stdio};

/// A write to a closed connection must not raise SIGPIPE in the host. On systems without the flag,
/// socket2 sets the option SO_NOSIGPIPE instead.
#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
const NO_SIGNAL: c_int = libc::MSG_NOSIGNAL;
#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
const NO_SIGNAL: c_int = 0;

/// A socket for a stream of bytes that does not wait.
pub(crate) fn new_socket(domain: Domain) -> io::Result<Socket> {
    let socket = Socket::new(domain, Type::STREAM, None)?;
    let socket = Socket::from(above_stdio(OwnedFd::from(socket))?);
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// What a wait for the socket is given.
pub(crate) fn descriptor_of(socket: &Socket) -> Descriptor {
    socket.as_raw_fd()
}

/// Whether a connect(2) that does not wait goes on after this error.
pub(crate) fn is_in_progress(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::EINPROGRESS)
}

/// Has [`receive`] wait so long if it is asked to. Returns how long it will wait; zero is never.
pub(crate) fn wait_in_receive(socket: &Socket, longest: Duration) -> io::Result<Duration> {
    socket.set_nonblocking(false)?;
    if !longest.is_zero() {
        socket.set_read_timeout(Some(longest))?;
    }
    Ok(longest)
}

/// Sends some of `bytes` without waiting.
pub(crate) fn send(socket: &Socket, bytes: &[u8]) -> io::Result<usize> {
    socket.send_with_flags(bytes, NO_SIGNAL | libc::MSG_DONTWAIT)
}

/// Receives bytes. WouldBlock: none have come, within the time that [`wait_in_receive`] set if it `waits`.
pub(crate) fn receive(socket: &Socket, buffer: &mut [u8], waits: bool) -> io::Result<usize> {
    let flags = if waits { 0 } else { libc::MSG_DONTWAIT };
    // SAFETY: the pointer and the length are those of a live, exclusively borrowed slice.
    let count =
        unsafe { libc::recv(socket.as_raw_fd(), buffer.as_mut_ptr().cast(), buffer.len(), flags) };
    usize::try_from(count).map_err(|_| io::Error::last_os_error())
}

/// Has TCP probe the peer of an idle connection: after `idle`, then three times each `interval`.
pub(crate) fn keep_alive(socket: &Socket, idle: Duration, interval: Duration) -> io::Result<()> {
    let probes = TcpKeepalive::new().with_time(idle).with_interval(interval).with_retries(3);
    socket.set_tcp_keepalive(&probes)
}

/// Limits how long sent data may stay unacknowledged, if the system can. See tcp(7): TCP_USER_TIMEOUT.
pub(crate) fn set_user_timeout(socket: &Socket, timeout: Duration) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    return socket.set_tcp_user_timeout(Some(timeout));
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    {
        let _ = (socket, timeout);
        Ok(())
    }
}

/// How many sent bytes the peer of a TCP socket has not acknowledged, if the system says so.
pub(crate) fn unacknowledged(socket: &Socket) -> Option<usize> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        let mut count: c_int = 0;
        // SAFETY: the call writes one int, see tcp(7): SIOCOUTQ.
        let answer = unsafe { libc::ioctl(socket.as_raw_fd(), libc::TIOCOUTQ, &mut count) };
        (answer == 0).then(|| usize::try_from(count).ok()).flatten()
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    {
        let _ = socket;
        None
    }
}

/// Whether a keepalive probe of an idle TCP socket is unanswered.
pub(crate) fn is_unresponsive(socket: &Socket) -> bool {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    return tcp_info(socket).is_some_and(|info| info.tcpi_probes > 0);
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    {
        let _ = socket;
        false
    }
}

/// Whether a TCP socket is in the state CLOSED, if the system says so.
pub(crate) fn is_closed(socket: &Socket) -> bool {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        /// TCP_CLOSE of <netinet/tcp.h>, which `libc` lacks.
        const CLOSED: u8 = 7;
        tcp_info(socket).is_some_and(|info| info.tcpi_state == CLOSED)
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    {
        let _ = socket;
        false
    }
}

/// See tcp(7): TCP_INFO.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn tcp_info(socket: &Socket) -> Option<libc::tcp_info> {
    // SAFETY: all-zero bytes are a valid value of the plain structure.
    let mut info: libc::tcp_info = unsafe { std::mem::zeroed() };
    let mut size = size_of::<libc::tcp_info>() as libc::socklen_t;
    // SAFETY: the call writes at most `size` bytes to the structure.
    let answer = unsafe {
        let (socket, info) = (socket.as_raw_fd(), (&raw mut info).cast::<c_void>());
        libc::getsockopt(socket, libc::IPPROTO_TCP, libc::TCP_INFO, info, &mut size)
    };
    (answer == 0).then_some(info)
}
