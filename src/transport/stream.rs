//! A stream of bytes: TCP, or TLS over another stream.

use std::future::poll_fn;
use std::io::{self, Read, Write};
use std::task::{Poll, ready};
use std::time::Duration;

use rustls::{ClientConnection, ProtocolVersion};

use super::call::Call;
use super::socket::{KEEPALIVE_IDLE, Socket};

/// A stream of bytes in both directions.
pub(super) enum Stream {
    Plain(Socket),
    Tls(Box<Tls>),
}

impl Stream {
    pub(super) fn poll_send(&mut self, bytes: &[u8], call: &Call) -> Poll<io::Result<usize>> {
        match self {
            Stream::Plain(socket) => socket.poll_send(bytes, call),
            Stream::Tls(tls) => tls.poll_send(bytes, call),
        }
    }

    pub(super) fn poll_flush(&mut self, call: &Call) -> Poll<io::Result<()>> {
        match self {
            Stream::Plain(_) => Poll::Ready(Ok(())),
            Stream::Tls(tls) => tls.poll_flush(call),
        }
    }

    pub(super) fn poll_receive(
        &mut self,
        buffer: &mut [u8],
        call: &Call,
    ) -> Poll<io::Result<usize>> {
        match self {
            Stream::Plain(socket) => socket.poll_receive(buffer, call),
            Stream::Tls(tls) => tls.poll_receive(buffer, call),
        }
    }

    /// Receives without waiting: 0 at the end of the stream, WouldBlock if nothing has come.
    pub(super) fn receive_now(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Stream::Plain(socket) => socket.receive_now(buffer),
            Stream::Tls(tls) => tls.receive_now(buffer),
        }
    }

    /// Sends all of `bytes`.
    pub(super) async fn send(&mut self, bytes: &[u8], call: &Call) -> io::Result<()> {
        let mut left = bytes;
        poll_fn(|_| {
            while !left.is_empty() {
                let count = ready!(self.poll_send(left, call))?;
                left = &left[count..];
            }
            self.poll_flush(call)
        })
        .await
    }

    /// Waits for bytes and returns how many came: 0 at the end of the stream.
    pub(super) async fn receive(&mut self, buffer: &mut [u8], call: &Call) -> io::Result<usize> {
        poll_fn(|_| self.poll_receive(buffer, call)).await
    }

    /// Fills the buffer.
    pub(super) async fn receive_exact(&mut self, buffer: &mut [u8], call: &Call) -> io::Result<()> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.receive(&mut buffer[filled..], call).await? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                count => filled += count,
            }
        }
        Ok(())
    }

    /// Whether a connection that was idle for so long may be used again: it is open, nothing has come, and its
    /// peer answers probes.
    pub(super) fn is_usable(&mut self, idle: Duration) -> bool {
        // Before that no keepalive probe was sent.
        let was_probed = idle >= KEEPALIVE_IDLE;
        self.is_quiet() && !(was_probed && self.socket().is_unresponsive())
    }

    /// Whether the connection is open and nothing has come.
    fn is_quiet(&mut self) -> bool {
        self.receive_now(&mut [0]).is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }

    /// Wipes what a response left behind.
    pub(super) fn wipe(&mut self) {
        if let Stream::Tls(tls) = self {
            tls.wipe();
        }
    }

    /// The version of TLS, if it is TLS.
    pub(super) fn tls_version(&self) -> Option<&'static str> {
        match self {
            Stream::Plain(_) => None,
            Stream::Tls(tls) => match tls.connection.protocol_version()? {
                ProtocolVersion::TLSv1_2 => Some("TLS 1.2"),
                ProtocolVersion::TLSv1_3 => Some("TLS 1.3"),
                // uncovered: the configuration has these two.
                _ => None,
            },
        }
    }

    /// The socket below.
    pub(super) fn socket(&self) -> &Socket {
        match self {
            Stream::Plain(socket) => socket,
            Stream::Tls(tls) => tls.stream.socket(),
        }
    }
}

/// A TLS connection over a stream.
pub(super) struct Tls {
    connection: ClientConnection,
    stream: Stream,
    /// How many bytes were received since the last wipe.
    received: usize,
}

/// The underlying stream as rustls uses it: what would wait returns WouldBlock. Without a call it only
/// receives.
struct Underlying<'a>(&'a mut Stream, Option<&'a Call>);

impl Read for Underlying<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.1 {
            Some(call) => blocking(self.0.poll_receive(buffer, call)),
            None => self.0.receive_now(buffer),
        }
    }
}

impl Write for Underlying<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.1.map_or(Err(io::ErrorKind::WouldBlock.into()), |call| {
            blocking(self.0.poll_send(bytes, call))
        })
    }

    // uncovered: rustls only writes; the trait wants it.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Pending as WouldBlock.
fn blocking<T>(poll: Poll<io::Result<T>>) -> io::Result<T> {
    match poll {
        Poll::Ready(result) => result,
        Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
    }
}

/// WouldBlock as Pending.
fn polled<T>(result: io::Result<T>) -> Poll<io::Result<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
        result => Poll::Ready(result),
    }
}

/// A stream that gives rustls no byte, but wipes so many bytes of its buffer: rustls decrypts a response in
/// the buffer, and leaves it there until the next one comes.
struct Wiping(usize);

impl Read for Wiping {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let used = self.0.min(buffer.len());
        buffer[..used].fill(0);
        Err(io::ErrorKind::WouldBlock.into())
    }
}

impl Tls {
    pub(super) fn new(connection: ClientConnection, stream: Stream) -> Tls {
        Tls { connection, stream, received: 0 }
    }

    pub(super) fn poll_handshake(&mut self, call: &Call) -> Poll<io::Result<()>> {
        loop {
            ready!(self.poll_flush(call))?;
            if !self.connection.is_handshaking() {
                return Poll::Ready(Ok(()));
            }
            ready!(self.poll_records(call))?;
        }
    }

    /// Receives records and decrypts them.
    fn poll_records(&mut self, call: &Call) -> Poll<io::Result<()>> {
        let read = self.connection.read_tls(&mut Underlying(&mut self.stream, Some(call)));
        let count = ready!(polled(read))?;
        self.received += count;
        if let Err(error) = self.connection.process_new_packets() {
            // Sends the alert, if that needs no waiting.
            let _ = self.poll_flush(call);
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, error)));
        }
        match count == 0 && self.connection.is_handshaking() {
            true => Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into())),
            false => Poll::Ready(Ok(())),
        }
    }

    /// Encrypts some of `bytes`.
    pub(super) fn poll_send(&mut self, bytes: &[u8], call: &Call) -> Poll<io::Result<usize>> {
        // Earlier records are sent first, so that at most one record waits here.
        ready!(self.poll_flush(call))?;
        Poll::Ready(self.connection.writer().write(bytes))
    }

    /// Sends the encrypted records.
    pub(super) fn poll_flush(&mut self, call: &Call) -> Poll<io::Result<()>> {
        while self.connection.wants_write() {
            ready!(polled(
                self.connection.write_tls(&mut Underlying(&mut self.stream, Some(call)))
            ))?;
        }
        self.stream.poll_flush(call)
    }

    /// Receives bytes: 0 only after the peer's close_notify. An end without it is an error.
    pub(super) fn poll_receive(
        &mut self,
        buffer: &mut [u8],
        call: &Call,
    ) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.poll_flush(call))?;
            match self.connection.reader().read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => return Poll::Ready(result),
            }
            ready!(self.poll_records(call))?;
        }
    }

    /// Like [`poll_receive`](Tls::poll_receive), without waiting. An endless sequence of empty records is an
    /// error.
    pub(super) fn receive_now(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        /// Each read takes 4 KiB or more. Usual are two: session tickets, then nothing.
        const MAX_READS: usize = 16;
        for _ in 0..MAX_READS {
            match self.connection.reader().read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => return result,
            }
            self.received += self.connection.read_tls(&mut Underlying(&mut self.stream, None))?;
            self.connection
                .process_new_packets()
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        }
        Err(io::Error::new(io::ErrorKind::InvalidData, "it sends records without end"))
    }

    /// Wipes what a response left behind.
    pub(super) fn wipe(&mut self) {
        // WouldBlock is no error of the connection.
        let _ = self.connection.read_tls(&mut Wiping(std::mem::take(&mut self.received)));
        self.stream.wipe();
    }
}
