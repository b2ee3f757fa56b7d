//! A connection's bytes, and a look at them before they are read.
//!
//! Knows nothing of HTTP.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// An accepted connection.
pub(super) struct Stream(TcpStream);

impl Stream {
    pub(super) fn new(socket: TcpStream) -> Stream {
        // An answer that waits for the peer's delayed acknowledgement would be 40 ms late. A socket
        // that refuses the option still works.
        let _ = socket.set_nodelay(true);
        Stream(socket)
    }

    /// Whether the bytes that wait to be read begin so. They stay unread.
    pub(super) fn poll_begins_with(
        &mut self,
        context: &mut Context<'_>,
        beginning: &[u8],
    ) -> Poll<io::Result<bool>> {
        let mut space = [0; 64];
        let mut waiting = ReadBuf::new(&mut space[..beginning.len()]);
        ready!(self.0.poll_peek(context, &mut waiting))?;
        Poll::Ready(Ok(waiting.filled() == beginning))
    }

    /// Lets the connection end in a reset when it is dropped.
    pub(super) fn reset_on_close(&self) -> io::Result<()> {
        SockRef::from(&self.0).set_linger(Some(Duration::ZERO))
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
