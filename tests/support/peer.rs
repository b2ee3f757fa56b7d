//! The server's end of one connection: reads a request, or part of it, and answers byte by byte.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use socket2::SockRef;

use super::http;
use super::server::{PATIENCE, Shared, wire_states};

/// A connection that several may hold, and that closes with the last of them.
#[derive(Clone)]
pub(super) struct Wire(pub(super) Arc<TcpStream>);

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        (&*self.0).read(buffer)
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (&*self.0).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

enum Stream {
    Plain(Wire),
    Tls(Box<StreamOwned<ServerConnection, Wire>>),
}

/// The server's end of one connection. Dropping it closes the connection.
pub(crate) struct Peer {
    stream: Stream,
    wire: Wire,
    /// Which of the server's requests is being read.
    request: Option<usize>,
    /// What was read before its time.
    ahead: Vec<u8>,
    shared: Arc<Shared>,
}

impl Peer {
    pub(super) fn new(
        wire: Wire,
        tls: Option<Arc<ServerConfig>>,
        shared: &Arc<Shared>,
    ) -> io::Result<Peer> {
        wire.0.set_read_timeout(Some(PATIENCE))?;
        wire.0.set_write_timeout(Some(PATIENCE))?;
        wire.0.set_nodelay(true)?;
        let stream = Stream::Plain(wire.clone());
        let shared = shared.clone();
        let mut peer = Peer { stream, wire, request: None, ahead: Vec::new(), shared };
        tls.map_or(Ok(()), |config| peer.secure(config))?;
        Ok(peer)
    }

    /// Goes on in TLS.
    pub(crate) fn secure(&mut self, config: Arc<ServerConfig>) -> io::Result<()> {
        let connection = ServerConnection::new(config).map_err(io::Error::other)?;
        let mut stream = StreamOwned::new(connection, self.wire.clone());
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock)?;
        }
        self.stream = Stream::Tls(Box::new(stream));
        Ok(())
    }

    /// Whether the handshake took up an earlier session.
    pub(crate) fn is_resumed(&self) -> bool {
        matches!(&self.stream, Stream::Tls(stream)
            if stream.conn.handshake_kind() == Some(rustls::HandshakeKind::Resumed))
    }

    /// The number of this request among all that the server saw, counted from 1.
    pub(crate) fn number(&self) -> usize {
        self.request.map_or(0, |index| index + 1)
    }

    /// What was read of the request.
    pub(crate) fn request(&self) -> Vec<u8> {
        self.recorded(<[u8]>::to_vec)
    }

    /// Waits for a whole request, says what it is, and leaves it unread. None when the client went
    /// away before its end; then some of it may have come all the same.
    pub(crate) fn look_ahead(&mut self) -> Option<&[u8]> {
        while !http::is_whole(&self.ahead) {
            let more = self.receive(64 * 1024);
            if more.is_empty() {
                return None;
            }
            self.ahead.extend(more);
        }
        Some(&self.ahead)
    }

    /// Whether bytes came that belong to no whole request.
    pub(crate) fn has_rest(&self) -> bool {
        !self.ahead.is_empty()
    }

    /// Waits for the first bytes of a request and leaves them unread.
    pub(crate) fn await_request(&mut self) {
        self.next_request();
        if !self.ahead.is_empty() {
            return self.note(&[]);
        }
        match &self.stream {
            Stream::Plain(wire) => {
                if wire.0.peek(&mut [0]).is_ok_and(|count| count > 0) {
                    self.note(&[]);
                }
            }
            // Only what was decrypted is known to belong to a request.
            Stream::Tls(_) => drop(self.read(1)),
        }
    }

    /// Waits for any bytes, which are not taken for a request, and leaves them unread.
    pub(crate) fn await_bytes(&self) {
        let _ = self.wire.0.peek(&mut [0]);
    }

    /// Reads what a client asks of a proxy, which is not taken for a request, up to its empty line.
    /// False when the client went away.
    pub(crate) fn read_connect(&mut self) -> bool {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match self.receive(1) {
                more if more.is_empty() => return false,
                more => head.extend(more),
            }
        }
        true
    }

    /// Reads a request's head. False when the client went away.
    pub(crate) fn read_head(&mut self) -> bool {
        self.next_request();
        loop {
            if self.read(1) == 0 {
                return false;
            }
            if self.recorded(|request| request.ends_with(b"\r\n\r\n")) {
                return true;
            }
        }
    }

    /// Reads a request. False when the client went away before its end.
    pub(crate) fn read_request(&mut self) -> bool {
        self.read_head() && self.read_body(1)
    }

    /// Reads a request's head and half of its body.
    pub(crate) fn read_half(&mut self) {
        let _ = self.read_head() && self.read_body(2);
    }

    /// Reads until the client is gone; what comes is counted as a request.
    pub(crate) fn read_on(&mut self) {
        while self.read(64 * 1024) > 0 {}
    }

    /// Begins another request: what is read from here on does not belong to the last one.
    pub(crate) fn next_request(&mut self) {
        if let Some(index) = self.request.take() {
            self.shared.change(|state| {
                if state.forgets {
                    state.requests[index] = Vec::new();
                }
            });
        }
    }

    /// Reads the first of `parts` equal parts of the body whose head was read.
    fn read_body(&mut self, parts: usize) -> bool {
        let mut missing = self.recorded(|request| http::length(http::split(request).0)) / parts;
        while missing > 0 {
            match self.read(missing.min(64 * 1024)) {
                0 => return false,
                count => missing -= count,
            }
        }
        true
    }

    fn read(&mut self, most: usize) -> usize {
        let bytes = match self.ahead.len() {
            0 => self.receive(most),
            ahead => self.ahead.drain(..most.min(ahead)).collect(),
        };
        if !bytes.is_empty() {
            self.note(&bytes);
        }
        bytes.len()
    }

    /// What comes next, none at the end.
    fn receive(&mut self, most: usize) -> Vec<u8> {
        let mut buffer = vec![0; most];
        let read = match &mut self.stream {
            Stream::Plain(wire) => wire.read(&mut buffer),
            Stream::Tls(stream) => stream.read(&mut buffer),
        };
        buffer.truncate(read.unwrap_or(0));
        buffer
    }

    /// Adds bytes to the request that is being read, or begins one.
    fn note(&mut self, bytes: &[u8]) {
        self.request = Some(self.shared.change(|state| {
            let index = self.request.unwrap_or_else(|| {
                state.requests.push(Vec::new());
                state.requests.len() - 1
            });
            state.requests[index].extend_from_slice(bytes);
            index
        }));
    }

    fn recorded<T>(&self, look: impl FnOnce(&[u8]) -> T) -> T {
        let index = self.request.expect("a request was begun");
        look(&self.shared.lock().requests[index])
    }

    /// Sends bytes. False when the client is gone.
    pub(crate) fn say(&mut self, bytes: &[u8]) -> bool {
        let said = match &mut self.stream {
            Stream::Plain(wire) => wire.write_all(bytes),
            Stream::Tls(stream) => stream.write_all(bytes).and_then(|()| stream.flush()),
        };
        self.shared.change(|state| state.said += 1);
        said.is_ok()
    }

    /// Sends bytes and the end of TLS in one piece, and leaves the connection open. False when the
    /// client is gone.
    pub(crate) fn say_last(&mut self, bytes: &[u8]) -> bool {
        let Stream::Tls(stream) = &mut self.stream else {
            unreachable!("only TLS has such an end")
        };
        let mut sealed = Vec::new();
        stream.conn.writer().write_all(bytes).expect("there is room for it");
        stream.conn.send_close_notify();
        while stream.conn.wants_write() {
            stream.conn.write_tls(&mut sealed).expect("memory takes it");
        }
        let said = self.say_raw(&sealed);
        self.shared.change(|state| state.said += 1);
        said
    }

    /// Sends bytes one at a time with a pause after each, until the client or the server goes.
    /// Without a pause each waits until the client's machine has the one before.
    pub(crate) fn say_slowly(&mut self, bytes: &[u8], pause: Duration) {
        for byte in bytes {
            if !self.say(&[*byte]) || self.shared.wait(pause, |state| state.stopping) {
                return;
            }
        }
    }

    /// Sends `piece` over and over, `total` bytes in all or until the client is gone.
    pub(crate) fn say_much(&mut self, piece: &[u8], total: usize) {
        let block = piece.repeat((64 * 1024 / piece.len()).max(1));
        let mut said = 0;
        while said < total && self.say(&block) {
            said += block.len();
        }
    }

    /// Sends bytes below TLS, as they are.
    pub(crate) fn say_raw(&mut self, bytes: &[u8]) -> bool {
        self.wire.write_all(bytes).is_ok()
    }

    /// Waits for the client to go, and says nothing.
    pub(crate) fn stall(&mut self) {
        let client = self.wire.0.peer_addr().map_or(0, |address| address.port());
        let is_there = || wire_states().iter().any(|wire| wire.local == client && wire.established);
        while self.wire.0.peek(&mut [0]).is_ok_and(|count| count > 0) && is_there() {
            // Bytes are there that this script does not read; only the end is left to wait for.
            if self.shared.wait(Duration::from_millis(20), |state| state.stopping) {
                return;
            }
        }
    }

    /// Ends the server's direction of the connection.
    pub(crate) fn end_output(&mut self) {
        let _ = self.wire.0.shutdown(Shutdown::Write);
    }

    /// Ends the connection with a reset.
    pub(crate) fn reset(self) {
        let _ = SockRef::from(&*self.wire.0).set_linger(Some(Duration::ZERO));
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.next_request();
    }
}
