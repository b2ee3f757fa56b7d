//! A connection in clear or in TLS, which may stand on another.

use std::future::poll_fn;
use std::io;
use std::task::{Poll, ready};

use super::call::Call;
use super::socket::Socket;
use super::tls::Tls;

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

    /// What has come already: none at the end of the stream, an error if there is nothing.
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

    /// Waits for bytes and says how many came; none at the end of the stream.
    pub(super) async fn receive(&mut self, buffer: &mut [u8], call: &Call) -> io::Result<usize> {
        poll_fn(|_| self.poll_receive(buffer, call)).await
    }

    /// Receives as many bytes as there is room for.
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

    /// Whether the connection is open and nothing has come that nobody asked for.
    pub(super) fn is_quiet(&mut self) -> bool {
        self.receive_now(&mut [0]).is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }

    /// Wipes what an answer left behind.
    pub(super) fn wipe(&mut self) {
        if let Stream::Tls(tls) = self {
            tls.wipe();
        }
    }

    /// The socket below.
    pub(super) fn socket(&self) -> &Socket {
        match self {
            Stream::Plain(socket) => socket,
            Stream::Tls(tls) => tls.stream().socket(),
        }
    }
}
