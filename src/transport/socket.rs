//! A TCP connection whose every wait keeps the call's deadline and hears its cancellation.
//!
//! Knows nothing of HTTP, TLS or proxies.

use std::io::{self, Read};
use std::mem::MaybeUninit;
use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket as Inner, Type};

use super::call::{Call, SOCKET_WAIT};
use super::sys;

/// The head start of one address before the next is tried beside it (RFC 8305, section 5).
const HEAD_START: Duration = Duration::from_millis(250);

/// A write to a connection that the peer has closed must not raise SIGPIPE in the host. Where the
/// flag does not exist, socket2 sets the option SO_NOSIGPIPE instead.
#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
const NO_SIGNAL: libc::c_int = libc::MSG_NOSIGNAL;
#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
const NO_SIGNAL: libc::c_int = 0;

/// A connected TCP socket. It blocks, for a slice of the call's time at once.
pub(super) struct Socket {
    inner: Inner,
    generation: usize,
}

impl Socket {
    /// Connects to the first of `addresses` that answers. They are tried in turn; the next one
    /// joins when one has failed or had its head start.
    pub(super) fn connect(addresses: &[SocketAddr], call: &Call) -> io::Result<Socket> {
        let mut waiting = addresses.iter();
        let mut trying: Vec<Inner> = Vec::new();
        let mut failure = io::Error::from(io::ErrorKind::AddrNotAvailable);
        let mut next_start = Instant::now();
        let mut slice = call.slice()?;
        loop {
            let now = Instant::now();
            if trying.is_empty() || now >= next_start {
                match waiting.next().map(begin) {
                    Some(Ok(socket)) => trying.push(socket),
                    Some(Err(error)) => {
                        failure = error;
                        continue;
                    }
                    None if trying.is_empty() => return Err(failure),
                    None => {}
                }
                next_start = now + HEAD_START;
            }
            if waiting.len() > 0 {
                slice = slice.min(next_start.saturating_duration_since(now));
            }
            let sockets: Vec<_> = trying.iter().map(AsRawFd::as_raw_fd).collect();
            match sys::poll_writable(&sockets, slice) {
                Ok(ready) => {
                    for at in (0..trying.len()).rev().filter(|&at| ready[at]) {
                        let socket = trying.swap_remove(at);
                        match socket.take_error()? {
                            None => return Socket::connected(socket),
                            Some(error) => failure = error,
                        }
                        next_start = Instant::now();
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
            slice = call.waited()?;
        }
    }

    fn connected(inner: Inner) -> io::Result<Socket> {
        inner.set_nonblocking(false)?;
        inner.set_tcp_nodelay(true)?;
        inner.set_read_timeout(Some(SOCKET_WAIT))?;
        inner.set_write_timeout(Some(SOCKET_WAIT))?;
        Ok(Socket { inner, generation: sys::generation() })
    }

    /// Sends all of `bytes`.
    pub(super) fn send(&self, mut bytes: &[u8], call: &Call) -> io::Result<()> {
        while !bytes.is_empty() {
            call.slice()?;
            match self.inner.send_with_flags(bytes, NO_SIGNAL) {
                Ok(count) => {
                    call.accepted(count);
                    bytes = &bytes[count..];
                }
                Err(error) if is_pause(&error) => drop(call.waited()?),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Waits for bytes and says how many came; none at the end of the stream.
    pub(super) fn receive(&self, buffer: &mut [u8], call: &Call) -> io::Result<usize> {
        call.slice()?;
        loop {
            match (&self.inner).read(buffer) {
                Err(error) if is_pause(&error) => drop(call.waited()?),
                // ureq takes these two for the end of an answer that has no length.
                Err(error) if is_reset(&error) => return Err(io::ErrorKind::BrokenPipe.into()),
                Ok(count) => return call.received(count).map(|()| count),
                Err(error) => return Err(error),
            }
        }
    }

    /// Whether the connection is open and nothing has come that nobody asked for.
    pub(super) fn is_quiet(&self) -> bool {
        let flags = libc::MSG_PEEK | libc::MSG_DONTWAIT;
        match self.inner.recv_with_flags(&mut [MaybeUninit::uninit()], flags) {
            Err(error) => error.kind() == io::ErrorKind::WouldBlock,
            Ok(_) => false,
        }
    }
}

/// Begins to connect, without waiting.
fn begin(address: &SocketAddr) -> io::Result<Inner> {
    let socket = Inner::new(Domain::for_address(*address), Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    match socket.connect(&(*address).into()) {
        Err(error) if error.raw_os_error() != Some(libc::EINPROGRESS) => Err(error),
        _ => Ok(socket),
    }
}

/// Whether a wait ended for a signal or with its slice of time, not for a fault.
fn is_pause(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

/// Whether the peer, or what stands before it, broke the connection off.
fn is_reset(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted)
}

impl Drop for Socket {
    fn drop(&mut self) {
        // A child that was forked off keeps the descriptor open; the peer shall hear the end all
        // the same. The child itself has no say in its parent's connections.
        if self.generation == sys::generation() {
            let _ = self.inner.shutdown(std::net::Shutdown::Both);
        }
    }
}
