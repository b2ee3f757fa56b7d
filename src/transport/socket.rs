//! A socket: TCP, or of this machine. Its waits are those of the call.
//!
//! Knows nothing of HTTP, TLS or proxies.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use socket2::{Domain, SockAddr, Socket as Inner};

use super::call::Call;
use super::wake::{SocketHandle, Watched};
use crate::sys::{self, Descriptor, Interest, Process};

/// The Connection Attempt Delay: how long one address is tried before the next is tried in parallel
/// (RFC 8305, section 5). Less if there is less than four times this for all.
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);
/// How often TCP keepalive probes an idle connection (TCP_KEEPIDLE). Probes keep the entries of firewalls
/// and NATs alive, and find out that they were dropped. Usual entries live 60 s or longer.
pub(super) const KEEPALIVE_IDLE: Duration = Duration::from_secs(15);
/// How long after a lost probe the next one follows (TCP_KEEPINTVL).
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(3);
/// How long sent data may stay unacknowledged (TCP_USER_TIMEOUT). Packets are resent after 0.2, 0.6, 1.4,
/// 3 and 6.2 s (RFC 6298).
const USER_TIMEOUT: Duration = Duration::from_secs(10);
/// How much later than SO_RCVTIMEO recv(2) may return: two ticks of a slow kernel clock, 4 ms each.
const TICKS: Duration = Duration::from_millis(8);

/// A connected socket.
pub(super) struct Socket {
    watched: Watched,
    handle: SocketHandle,
    /// The longest wait in recv(2).
    max_wait: Duration,
    process: Process,
}

/// A socket that is connecting.
struct Connecting {
    watched: Watched,
    socket: Inner,
    address: SocketAddr,
}

impl Socket {
    /// Connects to the first of `addresses` that answers, and returns which one did. The next address is
    /// tried when one has failed, or [`ATTEMPT_DELAY`] after it. The longest wait in recv(2) is `max_wait`.
    pub(super) async fn connect(
        addresses: &[SocketAddr],
        max_wait: Duration,
        call: &Call,
    ) -> io::Result<(Socket, SocketAddr)> {
        let mut untried = addresses.iter();
        let mut connecting: Vec<Connecting> = Vec::new();
        let mut failure = io::Error::from(io::ErrorKind::AddrNotAvailable);
        let mut next_start = Instant::now();
        let delay = ATTEMPT_DELAY.min(call.due().saturating_duration_since(next_start) / 4);
        poll_fn(|_| {
            call.check()?;
            loop {
                for at in (0..connecting.len()).rev() {
                    match is_connected(&connecting[at].socket) {
                        Ok(true) => {
                            let connected = connecting.swap_remove(at);
                            let address = connected.address;
                            let socket = Socket::over_tcp(connected, max_wait, call)?;
                            return Poll::Ready(Ok((socket, address)));
                        }
                        Ok(false) => {}
                        Err(error) => {
                            failure = error;
                            connecting.swap_remove(at);
                            next_start = Instant::now();
                        }
                    }
                }
                if !connecting.is_empty() && Instant::now() < next_start {
                    break;
                }
                match untried.next().map(|address| (start_connect(address), *address)) {
                    Some((Ok(socket), address)) => {
                        connecting.push(Connecting {
                            watched: Watched::default(),
                            socket,
                            address,
                        });
                        next_start = Instant::now() + delay;
                    }
                    Some((Err(error), _)) => failure = error,
                    None if connecting.is_empty() => {
                        return Poll::Ready(Err(std::mem::replace(
                            &mut failure,
                            io::ErrorKind::AddrNotAvailable.into(),
                        )));
                    }
                    None => break,
                }
            }
            if untried.len() > 0 {
                call.wake_at(next_start);
            }
            for Connecting { watched, socket, .. } in &connecting {
                call.wake_when_ready(sys::descriptor_of(socket), Interest::Writable, watched);
            }
            Poll::Pending
        })
        .await
    }

    /// Connects to a socket of this machine, see unix(7). The longest wait in recv(2) is `max_wait`.
    pub(super) async fn connect_local(
        path: &Path,
        max_wait: Duration,
        call: &Call,
    ) -> io::Result<Socket> {
        /// The pause while the server's queue is full: no event says that it has room again.
        const FULL_PAUSE: Duration = Duration::from_millis(2);
        let address = SockAddr::unix(path)?;
        loop {
            call.check()?;
            let socket = sys::new_socket(Domain::UNIX)?;
            match socket.connect(&address) {
                Ok(()) => return Socket::new(socket, Watched::default(), max_wait, call),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    call.sleep_until(Instant::now() + FULL_PAUSE).await?;
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn over_tcp(connected: Connecting, max_wait: Duration, call: &Call) -> io::Result<Socket> {
        let Connecting { socket: inner, watched, .. } = connected;
        inner.set_tcp_nodelay(true)?;
        sys::keep_alive(&inner, KEEPALIVE_IDLE, KEEPALIVE_INTERVAL)?;
        sys::set_user_timeout(&inner, USER_TIMEOUT)?;
        Socket::new(inner, watched, max_wait, call)
    }

    fn new(inner: Inner, watched: Watched, max_wait: Duration, call: &Call) -> io::Result<Socket> {
        let max_wait = max_wait.min(call.longest_wait()).saturating_sub(2 * TICKS);
        let max_wait = sys::wait_in_receive(&inner, max_wait)?;
        let (handle, process) = (SocketHandle(Arc::new(inner)), Process::current());
        Ok(Socket { watched, handle, max_wait, process })
    }

    /// Sends some of `bytes`.
    pub(super) fn poll_send(&self, bytes: &[u8], call: &Call) -> Poll<io::Result<usize>> {
        loop {
            match sys::send(self.inner(), bytes) {
                Ok(count) => {
                    call.note_sent(count);
                    return Poll::Ready(Ok(count));
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                    call.check_after_wait()?;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    call.check()?;
                    self.wake_when_ready(Interest::Writable, call);
                    return Poll::Pending;
                }
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    /// Receives bytes and returns how many: 0 at the end of the stream.
    pub(super) fn poll_receive(&self, buffer: &mut [u8], call: &Call) -> Poll<io::Result<usize>> {
        let mut time_left = call.check()?;
        // The first wait is in recv(2) itself, if there is time for it.
        let mut blocks = call.blocks() && !self.max_wait.is_zero();
        loop {
            blocks &= self.max_wait + TICKS <= time_left;
            let received = match blocks {
                true => call.blocking(&self.handle, || sys::receive(self.inner(), buffer, true)),
                false => sys::receive(self.inner(), buffer, false),
            };
            match received {
                Ok(count) => return Poll::Ready(call.note_received(count).map(|()| count)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                    time_left = call.check_after_wait()?
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock && blocks => {
                    time_left = call.check_after_wait()?;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.wake_when_ready(Interest::Readable, call);
                    return Poll::Pending;
                }
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    /// Receives without waiting: 0 at the end of the stream, WouldBlock if nothing has come.
    pub(super) fn receive_now(&self, buffer: &mut [u8]) -> io::Result<usize> {
        sys::receive(self.inner(), buffer, false)
    }

    /// Whether the system can prove that the peer's machine has acknowledged none of the last `count`
    /// bytes that were sent.
    pub(super) fn has_acknowledged_none_of(&self, count: usize) -> bool {
        sys::unacknowledged(self.inner()).is_some_and(|unacknowledged| unacknowledged >= count)
    }

    /// Whether the system says that a RST ended a connection that had not ended on this side.
    pub(super) fn was_reset(&self) -> bool {
        sys::is_closed(self.inner())
    }

    /// Whether the peer of an idle connection has stopped answering.
    pub(super) fn is_unresponsive(&self) -> bool {
        sys::is_unresponsive(self.inner())
    }

    /// Wakes up the exchange when this socket is ready.
    pub(super) fn wake_when_ready(&self, interest: Interest, call: &Call) {
        call.wake_when_ready(self.descriptor(), interest, &self.watched);
    }

    fn descriptor(&self) -> Descriptor {
        sys::descriptor_of(self.inner())
    }

    fn inner(&self) -> &Inner {
        &self.handle.0
    }
}

/// Begins to connect, without waiting.
fn start_connect(address: &SocketAddr) -> io::Result<Inner> {
    let socket = sys::new_socket(Domain::for_address(*address))?;
    match socket.connect(&(*address).into()) {
        Err(error) if !sys::is_in_progress(&error) => Err(error),
        _ => Ok(socket),
    }
}

/// Whether a socket is connected. An error: it never will be.
fn is_connected(socket: &Inner) -> io::Result<bool> {
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
        // A forked child has a copy of the descriptor, which keeps the connection open; shutdown ends it
        // all the same. The child itself must not end its parent's connections.
        if self.process == Process::current() {
            self.handle.shut_down();
        }
    }
}
