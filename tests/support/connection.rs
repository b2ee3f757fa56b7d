//! The server's end of one connection: reads a request, or part of it, and answers byte by byte.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use socket2::SockRef;

use super::http;
use super::os::tcp_table;
use super::server::{PATIENCE, Shared};

/// A socket that several may hold, and that closes with the last of them.
#[derive(Clone)]
pub(super) struct SharedStream(pub(super) Arc<TcpStream>);

impl Read for SharedStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        (&*self.0).read(buffer)
    }
}

impl Write for SharedStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (&*self.0).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The server's end of one connection. Dropping it closes the connection.
///
/// What answers a bool answers false when the client is gone.
pub(crate) struct RawConnection {
    tcp: SharedStream,
    tls: Option<Box<StreamOwned<ServerConnection, SharedStream>>>,
    /// Which of the server's requests is being read.
    request: Option<usize>,
    /// What was read before its time.
    ahead: Vec<u8>,
    shared: Arc<Shared>,
}

impl RawConnection {
    pub(super) fn new(
        tcp: SharedStream,
        tls: Option<Arc<ServerConfig>>,
        shared: &Arc<Shared>,
    ) -> io::Result<RawConnection> {
        tcp.0.set_read_timeout(Some(PATIENCE))?;
        tcp.0.set_write_timeout(Some(PATIENCE))?;
        tcp.0.set_nodelay(true)?;
        let shared = shared.clone();
        let mut conn = RawConnection { tcp, tls: None, request: None, ahead: Vec::new(), shared };
        tls.map_or(Ok(()), |config| conn.start_tls(config))?;
        Ok(conn)
    }

    /// Does the handshake, and goes on in TLS.
    pub(crate) fn start_tls(&mut self, config: Arc<ServerConfig>) -> io::Result<()> {
        let connection = ServerConnection::new(config).map_err(io::Error::other)?;
        let mut stream = StreamOwned::new(connection, self.tcp.clone());
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock)?;
        }
        self.tls = Some(Box::new(stream));
        Ok(())
    }

    /// Takes the TLS state, for records that rustls does not write.
    pub(crate) fn take_tls(&mut self) -> ServerConnection {
        self.tls.take().expect("a connection over TLS").conn
    }

    /// Whether the handshake resumed an earlier session.
    pub(crate) fn is_resumed(&self) -> bool {
        let kind = self.tls.as_ref().and_then(|stream| stream.conn.handshake_kind());
        kind == Some(rustls::HandshakeKind::Resumed)
    }

    /// The number of this request among all that the server saw, counted from 1.
    pub(crate) fn number(&self) -> usize {
        self.request.map_or(0, |index| index + 1)
    }

    /// What was read of the request.
    pub(crate) fn request(&self) -> Vec<u8> {
        self.recorded(<[u8]>::to_vec)
    }

    /// Waits for a whole request and leaves it unread. None if the client went away before its end,
    /// of which a part may have come.
    pub(crate) fn peek_request(&mut self) -> Option<&[u8]> {
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
    pub(crate) fn has_partial_request(&self) -> bool {
        !self.ahead.is_empty()
    }

    /// Waits for the first bytes of a request and leaves them unread.
    pub(crate) fn await_request(&mut self) -> bool {
        self.next_request();
        // Of TLS only what was decrypted is known to belong to a request.
        if self.ahead.is_empty() && self.tls.is_some() {
            return self.read(1) > 0;
        }
        let has_come = !self.ahead.is_empty() || self.await_bytes();
        if has_come {
            self.record(&[]);
        }
        has_come
    }

    /// Waits for any bytes, which are not taken for a request, and leaves them unread.
    pub(crate) fn await_bytes(&self) -> bool {
        self.tcp.0.peek(&mut [0]).is_ok_and(|count| count > 0)
    }

    /// Reads a CONNECT up to its empty line. It is for a proxy and not taken for a request.
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

    fn read_head(&mut self) -> bool {
        self.next_request();
        while self.read(1) > 0 {
            if self.recorded(|request| request.ends_with(b"\r\n\r\n")) {
                return true;
            }
        }
        false
    }

    /// Reads a request to its end.
    pub(crate) fn read_request(&mut self) -> bool {
        self.read_head() && self.read_body(1)
    }

    /// Reads a request's head and half of its body.
    pub(crate) fn read_half(&mut self) -> bool {
        self.read_head() && self.read_body(2)
    }

    /// Reads until the client is gone; what comes is counted as a request.
    pub(crate) fn drain(&mut self) -> bool {
        while self.read(64 * 1024) > 0 {}
        false
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
            self.record(&bytes);
        }
        bytes.len()
    }

    /// What comes next, none at the end.
    fn receive(&mut self, most: usize) -> Vec<u8> {
        let mut buffer = vec![0; most];
        let read = match &mut self.tls {
            None => self.tcp.read(&mut buffer),
            Some(stream) => stream.read(&mut buffer),
        };
        buffer.truncate(read.unwrap_or(0));
        buffer
    }

    /// Adds bytes to the request that is being read, or begins one.
    fn record(&mut self, bytes: &[u8]) {
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

    /// Sends bytes.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> bool {
        let sent = match &mut self.tls {
            None => self.tcp.write_all(bytes),
            Some(stream) => stream.write_all(bytes).and_then(|()| stream.flush()),
        };
        self.shared.change(|state| state.sent += 1);
        sent.is_ok()
    }

    /// Sends bytes and close_notify in one segment, and leaves the connection open.
    pub(crate) fn send_with_close_notify(&mut self, bytes: &[u8]) -> bool {
        let stream = self.tls.as_mut().expect("only TLS has such an end");
        let mut sealed = Vec::new();
        stream.conn.writer().write_all(bytes).expect("there is room for it");
        stream.conn.send_close_notify();
        while stream.conn.wants_write() {
            stream.conn.write_tls(&mut sealed).expect("memory takes it");
        }
        let sent = self.send_raw(&sealed);
        self.shared.change(|state| state.sent += 1);
        sent
    }

    /// Sends bytes one at a time with a pause after each, until the client or the server goes.
    /// Without a pause each waits until the client's machine has the one before.
    pub(crate) fn trickle(&mut self, bytes: &[u8], pause: Duration) -> bool {
        let is_stopping = |shared: &Shared| shared.wait(pause, |state| state.stopping);
        bytes.iter().all(|byte| self.send(&[*byte]) && !is_stopping(&self.shared))
    }

    /// Sends `piece` again and again, `total` bytes in all.
    pub(crate) fn flood(&mut self, piece: &[u8], total: usize) -> bool {
        let block = piece.repeat((64 * 1024 / piece.len()).max(1));
        (0..total).step_by(block.len()).all(|_| self.send(&block))
    }

    /// Sends bytes below TLS.
    pub(crate) fn send_raw(&mut self, bytes: &[u8]) -> bool {
        self.tcp.write_all(bytes).is_ok()
    }

    /// Waits until the client is gone, and sends nothing.
    pub(crate) fn stall(&mut self) -> bool {
        let client = self.tcp.0.peer_addr().map_or(0, |address| address.port());
        let is_there = || tcp_table().iter().any(|row| row.local == client && row.established);
        while self.await_bytes() && is_there() {
            // Bytes are there that this script does not read; only the end is left to wait for.
            if self.shared.wait(Duration::from_millis(20), |state| state.stopping) {
                break;
            }
        }
        false
    }

    /// Ends the server's direction of the connection.
    pub(crate) fn shutdown_write(&mut self) -> bool {
        self.tcp.0.shutdown(Shutdown::Write).is_ok()
    }

    /// Ends the connection with a RST.
    pub(crate) fn reset(self) {
        let _ = SockRef::from(&*self.tcp.0).set_linger(Some(Duration::ZERO));
    }
}

impl Drop for RawConnection {
    fn drop(&mut self) {
        self.next_request();
    }
}
