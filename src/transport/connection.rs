//! A connection to the service: how it is opened, and one request with its response.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::task::Poll;
use std::time::{Duration, Instant};

use ureq::ProxyProtocol;

use super::attempt::{AttemptError, ConnectError};
use super::call::{Abort, Call};
use super::http::{self, Head};
use super::resolve::{self, Resolver};
use super::response_reader::{ResponseError, ResponseReader};
use super::route::Route;
use super::socket::Socket;
use super::socks::{self, Target};
use super::stream::Stream;
use super::tls::TlsConnector;
use super::trace::{Step, Trace};
use super::{error_text, tunnel};
use crate::error::Code;
use crate::memory;
use crate::proxy::ChosenProxy;
use crate::sys::Interest;
use crate::url;

/// The size of the buffer for a usual request.
const BUFFER: usize = 4 * 1024;
/// The largest buffer that is kept for the next request.
const MAX_KEPT_BUFFER: usize = 16 * 1024;
/// The longest wait for the RST that answers a request: a round trip after it was sent.
const MAX_RST_DELAY: Duration = Duration::from_secs(1);

/// An HTTP request.
#[derive(Clone, Copy)]
pub(crate) struct Post<'a> {
    pub(crate) content_type: &'a str,
    pub(crate) body: &'a [u8],
    /// The longest body of the response, in bytes.
    pub(crate) max_response: usize,
}

/// An open connection, and what its user remembers about it.
pub(super) struct Connection<H> {
    stream: Stream,
    /// The other end of the TCP connection.
    peer: Option<SocketAddr>,
    reader: ResponseReader,
    output: memory::Wiped,
    pub(super) history: H,
    /// The status of the current response. 0 until its head was received.
    pub(super) http_status: u16,
    /// How long it may be idle.
    pub(super) max_idle: Duration,
    pub(super) idle_since: Instant,
}

impl<H: Default> Connection<H> {
    /// Opens a connection to the service.
    pub(super) async fn open(
        route: &Route,
        resolver: &Resolver,
        tls: &TlsConnector,
        trace: &mut Trace,
        call: &Call,
    ) -> Result<Connection<H>, AttemptError> {
        let peer = route.peer();
        let failed = |code, what: String| {
            let peer = &peer;
            move |error| AttemptError::no_connection(call, code, peer, &what, error)
        };
        let to_peer = format!("no connection to {peer}");
        let first = match &route.proxy {
            None => (&*route.host, route.port),
            Some(ChosenProxy { proxy, .. }) => (proxy.host(), proxy.port()),
        };
        let socket = tcp(first, call.longest_wait(), resolver, trace, call)
            .await
            .map_err(failed(Code::Connect, to_peer.clone()))?;
        let mut stream = Stream::Plain(socket);
        if let Some(ChosenProxy { proxy, .. }) = &route.proxy {
            if proxy.protocol() == ProxyProtocol::Https {
                stream = tls
                    .connect(proxy.host(), stream, call)
                    .await
                    .map_err(failed(Code::Tls, format!("no TLS connection to {peer}")))?;
            }
            let login = proxy.username().map(|user| (user, proxy.password().unwrap_or_default()));
            let connected = match proxy.protocol() {
                ProxyProtocol::Socks5 | ProxyProtocol::Socks5h => {
                    through_socks(&mut stream, route, proxy, resolver, login, call).await
                }
                _ => tunnel::connect(&mut stream, &route.service, login, call).await,
            };
            let what = format!("{peer} made no connection to {}", route.service);
            connected.map_err(failed(Code::Connect, what))?;
            trace.done(Step::Proxy);
        }
        if route.is_https {
            let what = format!("no TLS connection to {}", route.service);
            stream =
                tls.connect(&route.host, stream, call).await.map_err(failed(Code::Tls, what))?;
            trace.done(Step::Tls);
        }
        let mut connection = Connection {
            stream,
            peer: trace.peer,
            reader: ResponseReader::default(),
            output: memory::Wiped::default(),
            history: H::default(),
            http_status: 0,
            max_idle: http::MAX_IDLE,
            idle_since: Instant::now(),
        };
        connection.describe(trace);
        // Data that comes before the request would look like its response.
        let (code, error) = match connection.stream.receive_now(&mut [0]) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(connection),
            Ok(0) => (Code::Connect, ConnectError::transient("it closed the connection")),
            Ok(_) => (Code::Connect, ConnectError::permanent("it sent data before the request")),
            Err(error) => {
                let code = if route.is_https { Code::Tls } else { Code::Connect };
                let (why, is_transient) = (error_text::of(&error), error.get_ref().is_none());
                (code, ConnectError { why, is_transient })
            }
        };
        Err(failed(code, to_peer)(error))
    }
}

impl<H> Connection<H> {
    /// Sends a request and reads the response. Returns its head and the length of its body.
    pub(super) async fn exchange(
        &mut self,
        route: &Route,
        post: &Post<'_>,
        call: &Call,
    ) -> Result<(Head, usize), ResponseError> {
        // uncovered: the reserve has room for a request; tests/deep/memory.py leaves it none.
        if !self.write(route, post) {
            return Err(ResponseError::Io(call.abort(Abort::OutOfMemory)));
        }
        let sent = self.stream.send(&self.output.0, call).await;
        memory::wipe(&mut self.output.0);
        sent.map_err(ResponseError::Io)?;
        let head = self.reader.read_head(&mut self.stream, call).await?;
        self.http_status = head.status;
        let is_success = head.status == 200;
        if let Some(defect) = head.defect {
            // The status alone makes an HTTP error: a defect in its body changes nothing.
            return if is_success { Err(defect.into()) } else { Ok((head, 0)) };
        }
        let max_body = post.max_response;
        match self.reader.read_body(head.framing, max_body, &mut self.stream, call).await {
            Ok(length) if self.reader.filled > length => match is_success {
                true => Err(ResponseError::Malformed("more data follows it")),
                false => Ok((Head { max_idle: None, ..head }, 0)),
            },
            Ok(length) => Ok((head, length)),
            Err(_) if !is_success && call.aborted().is_none() => {
                Ok((Head { max_idle: None, ..head }, 0))
            }
            Err(error) => Err(error),
        }
    }

    /// When the first byte of the response came.
    pub(super) fn first_byte(&self) -> Option<Instant> {
        self.reader.first_byte
    }

    /// Says where the connection leads.
    pub(super) fn describe(&self, trace: &mut Trace) {
        (trace.peer, trace.tls) = (self.peer, self.stream.tls_version());
    }

    /// The body of the response, which has this length, and the history.
    pub(super) fn body_and_history(&mut self, length: usize) -> (&[u8], &mut H) {
        (&self.reader.bytes[..length], &mut self.history)
    }

    /// Writes the request to the output buffer. False if there is no memory for it.
    fn write(&mut self, route: &Route, post: &Post<'_>) -> bool {
        let length = post.body.len().to_string();
        let pieces = [
            route.head.as_bytes(),
            post.content_type.as_bytes(),
            b"\r\nContent-Length: ",
            length.as_bytes(),
            b"\r\n\r\n",
            post.body,
        ];
        let size = pieces.iter().map(|piece| piece.len()).sum::<usize>();
        if self.output.0.capacity() < size {
            // A vector that grows would leave a copy behind.
            // uncovered: as above.
            let Ok(output) = memory::vec_with_capacity(size.max(BUFFER)) else { return false };
            self.output = memory::Wiped(output);
        }
        self.output.0.clear();
        for piece in pieces {
            self.output.0.extend_from_slice(piece);
        }
        true
    }

    /// Whether it is proven that nobody has read or will read the request. Three things prove it together:
    ///
    /// 1. The connection ended in order before any byte of a response. Over TLS this means close_notify,
    ///    which is authenticated; anybody on the path can forge a FIN.
    /// 2. The peer's machine answered with RST: it had closed the socket, and no program can read from it
    ///    any more (RFC 9293, section 3.10.7.1). A server that closed its sending side alone may still read
    ///    the request and act on it, as Jetty does. Its machine acknowledges the bytes and sends no RST.
    /// 3. No byte of the request was acknowledged. A segment acknowledges all bytes received in order
    ///    before it (RFC 9293, section 3.4), so none had come when the FIN was sent.
    ///
    /// RST alone proves nothing: the program may have read the request before its machine acknowledged it.
    pub(super) async fn is_proven_unread(&mut self, failure: &ResponseError, call: &Call) -> bool {
        matches!(failure, ResponseError::End)
            && self.reader.filled == 0
            && self.reader.first_byte.is_none()
            && self.was_reset_before_ack(call).await
    }

    /// Whether a RST comes within [`MAX_RST_DELAY`], and none of the request was acknowledged until then.
    async fn was_reset_before_ack(&self, call: &Call) -> bool {
        let until = Instant::now() + MAX_RST_DELAY;
        let socket = self.stream.socket();
        poll_fn(|_| {
            if !socket.has_acknowledged_none_of(call.sent()) {
                return Poll::Ready(false);
            }
            if socket.was_reset() {
                // Nothing can be acknowledged after the RST, but perhaps between the two questions.
                return Poll::Ready(socket.has_acknowledged_none_of(call.sent()));
            }
            // seldom covered: a call whose deadline passes in this one round trip.
            if Instant::now() >= until || call.check().is_err() {
                return Poll::Ready(false);
            }
            socket.wake_when_ready(Interest::HangUp, call);
            call.wake_at(until);
            Poll::Pending
        })
        .await
    }

    /// Whether it was idle for too long.
    pub(super) fn is_expired(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.idle_since) >= self.max_idle
    }

    /// Whether an idle connection may take another request.
    pub(super) fn is_usable(&mut self, now: Instant) -> bool {
        self.stream.is_usable(now.saturating_duration_since(self.idle_since))
    }

    /// Wipes what the last request and response left behind.
    pub(super) fn wipe(&mut self) {
        self.http_status = 0;
        self.reader.wipe();
        self.stream.wipe();
        if self.output.0.capacity() > MAX_KEPT_BUFFER {
            self.output = memory::Wiped::default();
        }
    }
}

/// Connects to a host. The longest wait in recv(2) is `max_wait`.
pub(super) async fn tcp(
    (host, port): (&str, u16),
    max_wait: Duration,
    resolver: &Resolver,
    trace: &mut Trace,
    call: &Call,
) -> Result<Socket, ConnectError> {
    let addresses = resolver.resolve(host, call).await.map_err(|why| lookup_error(host, &why))?;
    trace.done(Step::Dns);
    let addresses: Vec<_> = addresses.into_iter().map(|ip| SocketAddr::new(ip, port)).collect();
    match Socket::connect(&addresses, max_wait, call).await {
        Ok((socket, address)) => {
            trace.done(Step::Connect);
            trace.peer = Some(address);
            resolver.prefer(host, address);
            Ok(socket)
        }
        Err(error) => {
            // If the call had to end, the addresses may still be good.
            if call.aborted().is_none() {
                resolver.forget(host);
            }
            Err(ConnectError::transient(error_text::of(&error)))
        }
    }
}

fn lookup_error(host: &str, why: &str) -> ConnectError {
    ConnectError::transient(format!("looking up {}: {why}", url::strip_brackets(host)))
}

/// The stream to a SOCKS5 proxy, and the call that uses it.
struct SocksWire<'a>(&'a mut Stream, &'a Call);

impl socks::Wire for SocksWire<'_> {
    async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.send(bytes, self.1).await
    }

    async fn receive_exact(&mut self, buffer: &mut [u8]) -> io::Result<()> {
        self.0.receive_exact(buffer, self.1).await
    }
}

async fn through_socks(
    stream: &mut Stream,
    route: &Route,
    proxy: &ureq::Proxy,
    resolver: &Resolver,
    login: Option<(&str, &str)>,
    call: &Call,
) -> Result<(), ConnectError> {
    let target = match resolve::literal(&route.host) {
        Some(address) => Target::Address(SocketAddr::new(address, route.port)),
        None if proxy.resolve_target() => {
            let addresses = resolver.resolve(&route.host, call).await;
            let addresses = addresses.map_err(|why| lookup_error(&route.host, &why))?;
            Target::Address(SocketAddr::new(addresses[0], route.port))
        }
        None => Target::Name(&route.host, route.port),
    };
    socks::connect(&mut SocksWire(stream, call), &target, login).await
}
