//! A TCP connection. Its waits are the call's.
//!
//! Knows nothing of HTTP, TLS or proxies.

use std::future::poll_fn;
use std::io;
use std::net::{Shutdown, SocketAddr};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket as Inner, TcpKeepalive, Type};

use super::call::{Call, Watched};
use super::sys::{self, Interest, Process};

/// The head start of one address before the next is tried beside it (RFC 8305, section 5).
const HEAD_START: Duration = Duration::from_millis(250);
/// While a connection is idle it is probed this often: it keeps the state of firewalls and NATs, and
/// finds out that they lost it. The shortest time-out that is common among them is 60 s or more.
pub(super) const KEEPALIVE: Duration = Duration::from_secs(15);
/// How long after a lost probe the next follows.
const KEEPALIVE_AGAIN: Duration = Duration::from_secs(3);
/// A peer whose machine acknowledges nothing for this long is gone. Resent packets are out after 0.2,
/// 0.6, 1.4, 3 and 6.2 s (RFC 6298).
#[cfg(any(target_os = "linux", target_os = "android"))]
const UNACKNOWLEDGED_LONGEST: Duration = Duration::from_secs(10);
/// How much later than it was told recv(2) may give up: two ticks of its clock, of 4 ms where the kernel
/// is slow.
const TICKS: Duration = Duration::from_millis(8);

/// A write to a connection that the peer has closed must not raise SIGPIPE in the host. Where the
/// flag does not exist, socket2 sets the option SO_NOSIGPIPE instead.
#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
const NO_SIGNAL: libc::c_int = libc::MSG_NOSIGNAL;
#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
const NO_SIGNAL: libc::c_int = 0;

/// A connected TCP socket.
pub(super) struct Socket {
    handle: Handle,
    /// The longest wait inside recv(2).
    longest: Duration,
    process: Process,
    watched: Watched,
}

/// What another thread needs to end a wait.
#[derive(Clone)]
pub(super) struct Handle(Arc<Inner>);

impl Handle {
    /// Ends both directions, and whatever waits for them.
    pub(super) fn shut_down(&self) {
        let _ = self.0.shutdown(Shutdown::Both);
    }
}

impl Socket {
    /// Connects to the first of `addresses` that answers, and says which one did. They are tried in
    /// turn; the next one joins when one has failed or had its head start.
    pub(super) async fn connect(
        addresses: &[SocketAddr],
        call: &Call,
    ) -> io::Result<(Socket, SocketAddr)> {
        let mut waiting = addresses.iter();
        let mut trying: Vec<(Inner, SocketAddr)> = Vec::new();
        let mut failure = io::Error::from(io::ErrorKind::AddrNotAvailable);
        let mut next_start = Instant::now();
        poll_fn(|_| {
            call.check()?;
            loop {
                for at in (0..trying.len()).rev() {
                    let (socket, address) = &trying[at];
                    match progress(socket) {
                        Ok(true) => {
                            let address = *address;
                            let (socket, _) = trying.swap_remove(at);
                            return Poll::Ready(Ok((Socket::new(socket, call)?, address)));
                        }
                        Ok(false) => {}
                        Err(error) => {
                            failure = error;
                            trying.swap_remove(at);
                            next_start = Instant::now();
                        }
                    }
                }
                if !trying.is_empty() && Instant::now() < next_start {
                    break;
                }
                match waiting.next().map(|address| (begin(address), *address)) {
                    Some((Ok(socket), address)) => {
                        trying.push((socket, address));
                        next_start = Instant::now() + HEAD_START;
                    }
                    Some((Err(error), _)) => failure = error,
                    None if trying.is_empty() => {
                        return Poll::Ready(Err(std::mem::replace(
                            &mut failure,
                            io::ErrorKind::AddrNotAvailable.into(),
                        )));
                    }
                    None => break,
                }
            }
            if waiting.len() > 0 {
                call.want_at(next_start);
            }
            for (socket, _) in &trying {
                call.want(socket.as_raw_fd(), Interest::Writable, &Watched::default());
            }
            Poll::Pending
        })
        .await
    }

    fn new(inner: Inner, call: &Call) -> io::Result<Socket> {
        inner.set_nonblocking(false)?;
        inner.set_tcp_nodelay(true)?;
        let keepalive =
            TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE_AGAIN).with_retries(3);
        inner.set_tcp_keepalive(&keepalive)?;
        #[cfg(any(target_os = "linux", target_os = "android"))]
        inner.set_tcp_user_timeout(Some(UNACKNOWLEDGED_LONGEST))?;
        let longest = call.longest_wait().saturating_sub(2 * TICKS);
        if !longest.is_zero() {
            inner.set_read_timeout(Some(longest))?;
        }
        let (handle, process) = (Handle(Arc::new(inner)), Process::current());
        Ok(Socket { handle, longest, process, watched: Watched::default() })
    }

    /// Sends some of `bytes`.
    pub(super) fn poll_send(&self, bytes: &[u8], call: &Call) -> Poll<io::Result<usize>> {
        loop {
            match self.inner().send_with_flags(bytes, NO_SIGNAL | libc::MSG_DONTWAIT) {
                Ok(count) => {
                    call.note_sent(count);
                    return Poll::Ready(Ok(count));
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => drop(call.waited()?),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    call.check()?;
                    self.want(Interest::Writable, call);
                    return Poll::Pending;
                }
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    /// Receives bytes and says how many; none at the end of the stream.
    pub(super) fn poll_receive(&self, buffer: &mut [u8], call: &Call) -> Poll<io::Result<usize>> {
        let mut left = call.check()?;
        // Nothing has come yet: the first wait is inside the system call, if there is time for it.
        let mut blocks = call.blocks() && !self.longest.is_zero();
        loop {
            blocks &= self.longest + TICKS <= left;
            let received = match blocks {
                true => call.blocking(&self.handle, || sys::receive(self, buffer, 0)),
                false => sys::receive(self, buffer, libc::MSG_DONTWAIT),
            };
            match received {
                Ok(count) => return Poll::Ready(call.note_received(count).map(|()| count)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => left = call.waited()?,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock && blocks => {
                    left = call.waited()?;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.want(Interest::Readable, call);
                    return Poll::Pending;
                }
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    /// What has come already: none at the end of the stream, an error if there is nothing.
    pub(super) fn receive_now(&self, buffer: &mut [u8]) -> io::Result<usize> {
        sys::receive(self, buffer, libc::MSG_DONTWAIT)
    }

    /// Whether none of the last `count` bytes sent got to the peer's machine, as far as the system
    /// can prove it.
    pub(super) fn has_acknowledged_none_of(&self, count: usize) -> bool {
        sys::unacknowledged(self).is_some_and(|unacknowledged| unacknowledged >= count)
    }

    /// Whether the peer of an idle connection has stopped answering.
    pub(super) fn is_unresponsive(&self) -> bool {
        sys::is_unresponsive(self)
    }

    /// Has the exchange go on when this socket is ready.
    pub(super) fn want(&self, interest: Interest, call: &Call) {
        call.want(self.as_raw_fd(), interest, &self.watched);
    }

    fn inner(&self) -> &Inner {
        &self.handle.0
    }
}

impl AsRawFd for Socket {
    fn as_raw_fd(&self) -> RawFd {
        self.inner().as_raw_fd()
    }
}

/// Begins to connect, without waiting.
fn begin(address: &SocketAddr) -> io::Result<Inner> {
    let socket = Inner::new(Domain::for_address(*address), Type::STREAM, None)?;
    let socket = Inner::from(sys::above_stdio(OwnedFd::from(socket))?);
    socket.set_nonblocking(true)?;
    match socket.connect(&(*address).into()) {
        Err(error) if error.raw_os_error() != Some(libc::EINPROGRESS) => Err(error),
        _ => Ok(socket),
    }
}

/// Whether a socket is connected by now, or why it never will be.
fn progress(socket: &Inner) -> io::Result<bool> {
    match socket.take_error()? {
        Some(error) => Err(error),
        None => match socket.peer_addr() {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(false),
            Err(error) => Err(error),
        },
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // A child that was forked off keeps the descriptor open; the peer shall hear the end all
        // the same. The child itself has no say in its parent's connections.
        if self.process == Process::current() {
            self.handle.shut_down();
        }
    }
}
