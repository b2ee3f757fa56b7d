//! Sockets: they never wait. The system does not say what a peer has acknowledged.

use std::io::{self, Read};
use std::os::windows::io::AsRawSocket;
use std::time::Duration;

use socket2::{Domain, Socket, TcpKeepalive, Type};
use windows_sys::Win32::Networking::WinSock::{
    IPPROTO_TCP, SOCKET, TCP_MAXRT, WSAEWOULDBLOCK, setsockopt,
};

use super::Descriptor;

/// A socket for a stream of bytes that does not wait.
pub(crate) fn new_socket(domain: Domain) -> io::Result<Socket> {
    let socket = Socket::new(domain, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// What a wait for the socket is given.
pub(crate) fn descriptor_of(socket: &Socket) -> Descriptor {
    socket.as_raw_socket()
}

/// Whether a connect that does not wait goes on after this error.
pub(crate) fn is_in_progress(error: &io::Error) -> bool {
    error.raw_os_error() == Some(WSAEWOULDBLOCK)
}

/// How long [`receive`] will wait: never, because no other thread could end that wait.
pub(crate) fn wait_in_receive(_: &Socket, _: Duration) -> io::Result<Duration> {
    Ok(Duration::ZERO)
}

/// Sends some of `bytes` without waiting.
pub(crate) fn send(socket: &Socket, bytes: &[u8]) -> io::Result<usize> {
    socket.send(bytes)
}

/// Receives bytes. WouldBlock: none have come.
pub(crate) fn receive(mut socket: &Socket, buffer: &mut [u8], _: bool) -> io::Result<usize> {
    socket.read(buffer)
}

/// Has TCP probe the peer of an idle connection: after `idle`, then each `interval`. How often cannot be set
/// before Windows 10 1703; it is ten times.
pub(crate) fn keep_alive(socket: &Socket, idle: Duration, interval: Duration) -> io::Result<()> {
    socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(idle).with_interval(interval))
}

/// Limits how long sent data may stay unacknowledged, in whole seconds.
pub(crate) fn set_user_timeout(socket: &Socket, timeout: Duration) -> io::Result<()> {
    let seconds = timeout.as_secs() as u32;
    let socket = socket.as_raw_socket() as SOCKET;
    // SAFETY: the pointer and the size are those of a live number. Where the option is unknown, the deadline of
    // the call is the limit.
    unsafe {
        let size = size_of::<u32>() as i32;
        setsockopt(socket, IPPROTO_TCP, TCP_MAXRT as i32, (&raw const seconds).cast(), size);
    }
    Ok(())
}

/// How many sent bytes the peer of a TCP socket has not acknowledged, if the system says so.
pub(crate) fn unacknowledged(_: &Socket) -> Option<usize> {
    None
}

/// Whether a keepalive probe of an idle TCP socket is unanswered.
pub(crate) fn is_unresponsive(_: &Socket) -> bool {
    false
}

/// Whether a TCP socket is in the state CLOSED, if the system says so.
pub(crate) fn is_closed(_: &Socket) -> bool {
    false
}
