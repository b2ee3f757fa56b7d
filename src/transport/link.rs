//! A connection to another server than the service, such as a store of the guard.
//!
//! Knows nothing of what is spoken. Nothing is retried here.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::task::ready;
use std::time::{Duration, Instant};

use super::attempt::ConnectError;
use super::call::{Abort, Call};
use super::connection;
use super::error_text;
use super::resolve::Resolver;
use super::socket::Socket;
use super::stream::Stream;
use super::tls::TlsConnector;
use super::trace::Trace;
use super::trust::RootSource;

/// How long a connection may be idle. Then names are looked up anew as well.
const MAX_IDLE: Duration = Duration::from_secs(60);

/// Where a server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    /// A name or an address without brackets.
    Tcp { host: String, port: u16, is_tls: bool },
    /// A socket of this machine, see unix(7).
    Unix(PathBuf),
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Peer::Tcp { host, port, .. } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Peer::Tcp { host, port, .. } => write!(f, "{host}:{port}"),
            Peer::Unix(path) => write!(f, "{}", path.display()),
        }
    }
}

/// Opens links. A process does not share it with its children.
pub(crate) struct Linker {
    resolver: Resolver,
    tls: TlsConnector,
}

impl Linker {
    pub(crate) fn new(roots: &RootSource) -> Linker {
        Linker { resolver: Resolver::default(), tls: TlsConnector::new(roots.clone()) }
    }

    /// Connects within the current phase of the call. The error says why not.
    pub(crate) async fn open(&self, peer: &Peer, call: &Call) -> Result<Link, String> {
        self.connect(peer, call)
            .await
            .map(|stream| Link { stream, has_sent: false, idle_since: Instant::now() })
            .map_err(|error| timed(call).unwrap_or(error.why))
    }

    async fn connect(&self, peer: &Peer, call: &Call) -> Result<Stream, ConnectError> {
        // The request of a link is short: the first wait may last as long as the phase.
        let max_wait = call.due().saturating_duration_since(Instant::now());
        match peer {
            Peer::Unix(path) => {
                let socket = Socket::connect_local(path, max_wait, call).await;
                socket
                    .map(Stream::Plain)
                    .map_err(|error| ConnectError::transient(error_text::of(&error)))
            }
            Peer::Tcp { host, port, is_tls } => {
                // The log has nothing of it.
                let mut trace = Trace::new(call.started);
                let socket =
                    connection::tcp((host, *port), max_wait, &self.resolver, &mut trace, call)
                        .await?;
                match is_tls {
                    true => self.tls.connect(host, Stream::Plain(socket), call).await,
                    false => Ok(Stream::Plain(socket)),
                }
            }
        }
    }
}

/// An open connection.
pub(crate) struct Link {
    stream: Stream,
    has_sent: bool,
    idle_since: Instant,
}

impl Link {
    /// Sends all of `bytes`. The error says why not.
    pub(crate) async fn send(&mut self, bytes: &[u8], call: &Call) -> Result<(), String> {
        let mut left = bytes;
        self.has_sent = false;
        let (stream, has_sent) = (&mut self.stream, &mut self.has_sent);
        std::future::poll_fn(|_| {
            while !left.is_empty() {
                let count = ready!(stream.poll_send(left, call))?;
                *has_sent |= count > 0;
                left = &left[count..];
            }
            stream.poll_flush(call)
        })
        .await
        .map_err(|error: io::Error| why(call, &error))
    }

    /// Whether a byte of what was sent last may have left.
    pub(crate) fn has_sent(&self) -> bool {
        self.has_sent
    }

    /// Waits for bytes and returns how many came, at least one. The error says why none.
    pub(crate) async fn receive(
        &mut self,
        buffer: &mut [u8],
        call: &Call,
    ) -> Result<usize, String> {
        let received = self.stream.receive(buffer, call).await;
        let received = received.and_then(|count| match count {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            count => Ok(count),
        });
        received.map_err(|error| why(call, &error))
    }

    /// Notes that it is idle from now on.
    pub(crate) fn rest(&mut self) {
        self.idle_since = Instant::now();
        self.stream.wipe();
    }

    /// Whether it was idle for too long.
    pub(crate) fn is_expired(&self) -> bool {
        self.idle_since.elapsed() >= MAX_IDLE
    }

    /// Whether an idle link may be used again.
    pub(crate) fn is_usable(&mut self) -> bool {
        self.stream.is_usable(self.idle_since.elapsed())
    }
}

fn why(call: &Call, error: &io::Error) -> String {
    timed(call).unwrap_or_else(|| error_text::of(error))
}

/// The reason if the time of the call, or of its current phase, is over.
fn timed(call: &Call) -> Option<String> {
    match call.aborted()? {
        Abort::ConnectTimeout | Abort::Deadline => Some("no answer in time".into()),
        Abort::TooMuchData => Some("it sends data without end".into()),
        // The call has to end, and says why.
        Abort::Cancelled | Abort::Forked | Abort::OutOfMemory => Some("the call has to end".into()),
    }
}

/// The time of a phase of a call, to be shared among several servers.
pub(crate) struct Phase {
    end: Instant,
}

impl Phase {
    /// The current phase.
    pub(crate) fn of(call: &Call) -> Phase {
        Phase { end: call.due() }
    }

    /// Begins a part: what is left of the phase, divided by the number of parts to come.
    pub(crate) fn begin_part(&self, call: &Call, parts: usize) {
        let left = self.end.saturating_duration_since(Instant::now());
        call.begin_attempt(left / u32::try_from(parts).unwrap_or(u32::MAX).max(1));
    }
}
