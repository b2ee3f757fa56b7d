//! A connection to the service: how it comes about, and one request with its answer.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::task::Poll;
use std::time::{Duration, Instant};

use ureq::ProxyProtocol;
use ureq::http::Uri;
use zeroize::Zeroizing;

use super::call::{Abort, Call};
use super::http::{Chunks, Framing, HEAD_LONGEST, Head, Piece};
use super::resolve::{self, Resolver};
use super::socket::{KEEPALIVE, Socket};
use super::socks::{self, Target};
use super::stream::Stream;
use super::sys::Interest;
use super::tls::TlsSettings;
use super::{Failure, Message, NAME, tunnel, words};
use crate::error::Code;
use crate::memory;
use crate::proxy::Chosen;
use crate::url;

/// Room for a usual answer, and for a usual request.
const ROOM: usize = 4 * 1024;
/// The most room that is kept with a connection for the next request or answer.
const ROOM_KEPT: usize = 16 * 1024;
/// How long the end of TCP may follow that of TLS.
const END_LONGEST: Duration = Duration::from_millis(250);

/// Where requests go.
pub(super) struct Route {
    url: Uri,
    proxy: Option<Chosen>,
    host: String,
    port: u16,
    /// The service, as errors name it.
    pub(super) service: String,
    /// The head of every request, up to the value of Content-Type.
    head: String,
}

impl Route {
    pub(super) fn new(url: Uri, proxy: Option<Chosen>) -> Route {
        let host = url.host().unwrap_or_default().to_owned();
        let port = url.port_u16().unwrap_or(if is_https(&url) { 443 } else { 80 });
        let service = format!("{host}:{port}");
        let path = url.path_and_query().map_or("/", |path| path.as_str());
        let slash = if path.starts_with('/') { "" } else { "/" };
        let authority = url.authority().map_or("", |authority| authority.as_str());
        // Firewalls in front of services refuse requests that have no Accept.
        let head = format!(
            "POST {slash}{path} HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: {NAME}\r\n\
             Accept: */*\r\nContent-Type: "
        );
        Route { url, proxy, host, port, service, head }
    }

    /// The next hop, as errors name it.
    pub(super) fn peer(&self) -> String {
        match &self.proxy {
            None => self.service.clone(),
            Some(Chosen { proxy, variable }) => {
                let source = variable.map(|name| format!(" ({name})")).unwrap_or_default();
                format!("the proxy {}:{}{source}", proxy.host(), proxy.port())
            }
        }
    }
}

fn is_https(url: &Uri) -> bool {
    url.scheme_str() == Some("https")
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Flaw {
    Io(io::Error),
    /// The connection ended, properly, before the answer did.
    End,
    Malformed(&'static str),
    TooLarge,
}

impl From<&'static str> for Flaw {
    fn from(why: &'static str) -> Flaw {
        Flaw::Malformed(why)
    }
}

/// An open connection, and what its user wants to remember of it.
pub(super) struct Connection<H> {
    stream: Stream,
    input: Input,
    output: memory::Wiped,
    pub(super) history: H,
    /// The status of the answer that is being read, 0 before its head has come.
    pub(super) http_status: u16,
    /// How long it may be idle.
    pub(super) idle: Duration,
    pub(super) since: Instant,
}

impl<H: Default> Connection<H> {
    /// Opens a connection to the service.
    pub(super) async fn open(
        route: &Route,
        resolver: &Resolver,
        tls: &TlsSettings,
        call: &Call,
    ) -> Result<Connection<H>, Failure> {
        let failure = |code, what: String| {
            move |(why, may_pass): (String, bool)| {
                Failure::unopened(call, code, &route.peer(), format!("{what}: {why}"), may_pass)
            }
        };
        let peer = route.peer();
        let first = match &route.proxy {
            None => (&*route.host, route.port),
            Some(Chosen { proxy, .. }) => (proxy.host(), proxy.port()),
        };
        let socket = tcp(first, resolver, call)
            .await
            .map_err(failure(Code::Connect, format!("no connection to {peer}")))?;
        let mut stream = Stream::Plain(socket);
        if let Some(Chosen { proxy, .. }) = &route.proxy {
            if proxy.protocol() == ProxyProtocol::Https {
                stream = tls
                    .connect(proxy.host(), stream, call)
                    .await
                    .map_err(failure(Code::Tls, format!("no TLS connection to {peer}")))?;
            }
            let login = proxy.username().map(|user| (user, proxy.password().unwrap_or_default()));
            let made = match proxy.protocol() {
                ProxyProtocol::Socks5 | ProxyProtocol::Socks5h => {
                    through_socks(&mut stream, route, proxy, resolver, login, call).await
                }
                _ => tunnel::connect(&mut stream, &route.service, login, call).await,
            };
            let what = format!("{peer} made no connection to {}", route.service);
            made.map_err(failure(Code::Connect, what))?;
        }
        if is_https(&route.url) {
            let what = format!("no TLS connection to {}", route.service);
            stream =
                tls.connect(&route.host, stream, call).await.map_err(failure(Code::Tls, what))?;
        }
        let mut connection = Connection {
            stream,
            input: Input::default(),
            output: memory::Wiped::default(),
            history: H::default(),
            http_status: 0,
            idle: super::http::IDLE_LONGEST,
            since: Instant::now(),
        };
        // What comes before the request would be taken for its answer.
        match connection.stream.receive_now(&mut [0]) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(connection),
            Ok(count) => {
                let why = if count == 0 {
                    "it closed the connection"
                } else {
                    "it sent data before the request"
                };
                let what = format!("no connection to {peer}");
                Err(failure(Code::Connect, what)((why.to_owned(), count == 0)))
            }
            Err(error) => {
                let code = if is_https(&route.url) { Code::Tls } else { Code::Connect };
                let what = format!("no connection to {peer}");
                Err(failure(code, what)((words::of(&error), error.get_ref().is_none())))
            }
        }
    }
}

impl<H> Connection<H> {
    /// Sends a request and reads the answer: its head, and where in the input its body is.
    pub(super) async fn exchange(
        &mut self,
        route: &Route,
        message: &Message<'_>,
        call: &Call,
    ) -> Result<(Head, usize), Flaw> {
        if !self.write(route, message) {
            return Err(Flaw::Io(call.end(Abort::NoMemory)));
        }
        let sent = self.stream.send(&self.output.0, call).await;
        memory::wipe(&mut self.output.0);
        sent.map_err(Flaw::Io)?;
        let head = self.input.read_head(&mut self.stream, call).await?;
        self.http_status = head.status;
        let is_success = head.status == 200;
        if let Some(flaw) = head.flaw {
            // What becomes of the body of an HTTP error does not change that it is one.
            return if is_success { Err(flaw.into()) } else { Ok((head, 0)) };
        }
        match self.input.read_body(head.framing, message.limit, &mut self.stream, call).await {
            Ok(length) if self.input.filled > length => match is_success {
                true => Err(Flaw::Malformed("more data follows it")),
                false => Ok((Head { idle: None, ..head }, 0)),
            },
            Ok(length) => Ok((head, length)),
            Err(_) if !is_success && call.aborted().is_none() => {
                Ok((Head { idle: None, ..head }, 0))
            }
            Err(flaw) => Err(flaw),
        }
    }

    /// The first bytes of what was received, the body of the answer, and the history.
    pub(super) fn body_and_history(&mut self, length: usize) -> (&[u8], &mut H) {
        (&self.input.bytes[..length], &mut self.history)
    }

    /// Puts the request together, to leave in one piece. False if there is no memory for it.
    fn write(&mut self, route: &Route, message: &Message<'_>) -> bool {
        let length = message.body.len().to_string();
        let pieces = [
            route.head.as_bytes(),
            message.content_type.as_bytes(),
            b"\r\nContent-Length: ",
            length.as_bytes(),
            b"\r\n\r\n",
            message.body,
        ];
        let size = pieces.iter().map(|piece| piece.len()).sum::<usize>();
        if self.output.0.capacity() < size {
            // Grown in place it would leave a copy behind.
            let Ok(output) = memory::room(size.max(ROOM)) else { return false };
            self.output = memory::Wiped(output);
        }
        self.output.0.clear();
        for piece in pieces {
            self.output.0.extend_from_slice(piece);
        }
        true
    }

    /// Whether it is proven that nobody has or will read the request: the connection ended before
    /// any byte of an answer, and the peer's machine has acknowledged no byte of it.
    ///
    /// Each segment acknowledges all that came before it in order (RFC 9293, section 3.4), so the one
    /// with FIN was sent by a machine that had none of the request. What arrives there later meets a
    /// closed socket and is answered with RST. Only a program that closed its output alone, with
    /// shutdown(2), could still read; it has no way left to answer, so that no HTTP server does so but
    /// to throw away what comes (RFC 9112, section 9.6). A RST proves nothing: the program may have
    /// read the request before the acknowledgement was sent.
    pub(super) async fn is_proven_unread(&mut self, flaw: &Flaw, call: &Call) -> bool {
        let is_end = match flaw {
            Flaw::End => true,
            Flaw::Io(error) => error.kind() == io::ErrorKind::UnexpectedEof,
            _ => false,
        };
        let is_silent = self.input.filled == 0 && !self.input.has_received;
        is_end
            && is_silent
            && self.has_ended(call).await
            && self.stream.socket().has_acknowledged_none_of(call.sent())
    }

    /// Whether the end of TCP has come, or comes soon after that of TLS.
    async fn has_ended(&self, call: &Call) -> bool {
        let until = Instant::now() + END_LONGEST;
        let socket = self.stream.socket();
        poll_fn(|_| match socket.receive_now(&mut [0]) {
            Ok(count) => Poll::Ready(count == 0),
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => Poll::Ready(false),
            Err(_) if Instant::now() >= until || call.check().is_err() => Poll::Ready(false),
            Err(_) => {
                socket.want(Interest::Readable, call);
                call.want_at(until);
                Poll::Pending
            }
        })
        .await
    }

    /// Whether it was idle for too long.
    pub(super) fn is_expired(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.since) >= self.idle
    }

    /// Whether an idle connection may take another request.
    pub(super) fn is_usable(&mut self) -> bool {
        // Only then can a probe have been lost.
        let is_old = self.since.elapsed() >= KEEPALIVE;
        self.stream.is_quiet() && !(is_old && self.stream.socket().is_unresponsive())
    }

    /// Wipes what the last request and answer left behind.
    pub(super) fn wipe(&mut self) {
        self.http_status = 0;
        self.input.wipe();
        self.stream.wipe();
        if self.output.0.capacity() > ROOM_KEPT {
            self.output = memory::Wiped::default();
        }
    }
}

/// What was received.
#[derive(Default)]
pub(super) struct Input {
    bytes: Zeroizing<Vec<u8>>,
    filled: usize,
    /// How far answers have come since the last wiping.
    used: usize,
    /// Whether anything of an answer has come, also what was passed over.
    has_received: bool,
}

impl Input {
    pub(super) fn is_empty(&self) -> bool {
        self.filled == 0
    }

    /// Reads a head; what follows it is at the beginning of the input then.
    pub(super) async fn read_head(
        &mut self,
        stream: &mut Stream,
        call: &Call,
    ) -> Result<Head, Flaw> {
        loop {
            // A head that comes in small pieces is not read from its beginning for each of them.
            let input = &self.bytes[..self.filled];
            let is_long = (ROOM..HEAD_LONGEST).contains(&self.filled);
            let head = match is_long && !has_blank_line(input) {
                true => None,
                false => Head::parse(input)?,
            };
            match head {
                None => self.more(stream, call).await?,
                Some((length, head)) => {
                    self.consume(length);
                    if !head.is_interim() {
                        return Ok(head);
                    }
                }
            }
        }
    }

    /// Reads a body and says how long it is; it is at the beginning of the input then.
    async fn read_body(
        &mut self,
        framing: Framing,
        limit: usize,
        stream: &mut Stream,
        call: &Call,
    ) -> Result<usize, Flaw> {
        match framing {
            Framing::None => Ok(0),
            Framing::Length(length) if length > limit => Err(Flaw::TooLarge),
            Framing::Length(length) => {
                while self.filled < length {
                    self.more(stream, call).await?;
                }
                Ok(length)
            }
            Framing::UntilClose => loop {
                if self.filled > limit {
                    return Err(Flaw::TooLarge);
                }
                match self.more(stream, call).await {
                    Err(Flaw::End) => return Ok(self.filled),
                    result => result?,
                }
            },
            Framing::Chunked => self.read_chunks(limit, stream, call).await,
        }
    }

    async fn read_chunks(
        &mut self,
        limit: usize,
        stream: &mut Stream,
        call: &Call,
    ) -> Result<usize, Flaw> {
        let mut chunks = Chunks::default();
        // The body grows at the beginning, over what was read of its chunks.
        let (mut body, mut read) = (0, 0);
        loop {
            match chunks.next(&self.bytes[read..self.filled])? {
                Piece::Skip(count) => read += count,
                Piece::Data(count) if body + count > limit => return Err(Flaw::TooLarge),
                Piece::Data(count) => {
                    self.bytes.copy_within(read..read + count, body);
                    (body, read) = (body + count, read + count);
                }
                piece @ (Piece::More | Piece::End) => {
                    self.bytes.copy_within(read..self.filled, body);
                    self.filled -= read - body;
                    read = body;
                    if piece == Piece::End {
                        return Ok(body);
                    }
                    self.more(stream, call).await?;
                }
            }
        }
    }

    /// Receives more.
    async fn more(&mut self, stream: &mut Stream, call: &Call) -> Result<(), Flaw> {
        if self.filled == self.bytes.len() {
            let mut larger = Zeroizing::new(vec![0; (self.bytes.len() * 2).max(ROOM)]);
            larger[..self.filled].copy_from_slice(&self.bytes[..self.filled]);
            // The smaller one is wiped.
            self.bytes = larger;
        }
        match stream.receive(&mut self.bytes[self.filled..], call).await.map_err(Flaw::Io)? {
            0 => Err(Flaw::End),
            count => {
                self.filled += count;
                self.used = self.used.max(self.filled);
                self.has_received = true;
                Ok(())
            }
        }
    }

    fn consume(&mut self, count: usize) {
        self.bytes.copy_within(count..self.filled, 0);
        self.filled -= count;
    }

    fn wipe(&mut self) {
        memory::wipe(&mut self.bytes[..self.used]);
        (self.filled, self.used, self.has_received) = (0, 0, false);
        if self.bytes.len() > ROOM_KEPT {
            self.bytes = Zeroizing::default();
        }
    }
}

fn has_blank_line(input: &[u8]) -> bool {
    input.windows(2).any(|end| end == b"\n\n") || input.windows(3).any(|end| end == b"\n\r\n")
}

/// Connects to a host. The error says why not, and whether the next attempt may do better.
async fn tcp(
    (host, port): (&str, u16),
    resolver: &Resolver,
    call: &Call,
) -> Result<Socket, (String, bool)> {
    let addresses = resolver
        .resolve(host, call)
        .await
        .map_err(|why| (format!("looking up {}: {why}", url::bare(host)), true))?;
    let addresses: Vec<_> = addresses.into_iter().map(|ip| SocketAddr::new(ip, port)).collect();
    match Socket::connect(&addresses, call).await {
        Ok((socket, address)) => {
            resolver.prefer(host, address);
            Ok(socket)
        }
        Err(error) => {
            // A call that had to end says nothing of the addresses.
            if call.aborted().is_none() {
                resolver.forget(host);
            }
            Err((words::of(&error), true))
        }
    }
}

/// The stream to a SOCKS5 proxy, and the call that speaks over it.
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
) -> Result<(), (String, bool)> {
    let target = match resolve::literal(&route.host) {
        Some(address) => Target::Address(SocketAddr::new(address, route.port)),
        None if proxy.resolve_target() => {
            let addresses = resolver.resolve(&route.host, call).await;
            let addresses =
                addresses.map_err(|why| (format!("looking up {}: {why}", route.host), true))?;
            Target::Address(SocketAddr::new(addresses[0], route.port))
        }
        None => Target::Name(&route.host, route.port),
    };
    socks::connect(&mut SocksWire(stream, call), &target, login).await
}
