//! The byte stream of an accepted connection: plain TCP or TLS.
//!
//! Knows nothing of HTTP.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use rustls::ServerConfig;
use socket2::SockRef;
use tokio::io::{AsyncBufRead, AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// The longest prefix to peek at.
const MAX_PEEK: usize = 64;

/// An accepted connection.
pub(crate) type ServerStream = Box<dyn PeekableStream>;

/// Accepts a connection on a socket; with a TLS configuration, performs the handshake.
pub(crate) async fn accept(
    socket: TcpStream,
    tls: Option<Arc<ServerConfig>>,
) -> io::Result<ServerStream> {
    // Otherwise Nagle's algorithm delays an answer by up to 40 ms. A socket without the option still works.
    let _ = socket.set_nodelay(true);
    Ok(match tls {
        None => Box::new(socket),
        Some(config) => Box::new(TlsAcceptor::from(config).accept(socket).await?),
    })
}

/// A byte stream whose first bytes can be seen before they are read.
pub(crate) trait PeekableStream: AsyncRead + AsyncWrite + Send + Unpin {
    /// Whether the unread bytes start with a prefix. They stay unread.
    fn poll_starts_with(
        &mut self,
        context: &mut Context<'_>,
        prefix: &[u8],
    ) -> Poll<io::Result<bool>>;

    fn socket(&self) -> &TcpStream;

    /// Makes the drop of the stream a reset (RST).
    fn reset_on_close(&self) -> io::Result<()> {
        SockRef::from(self.socket()).set_linger(Some(Duration::ZERO))
    }
}

impl PeekableStream for TcpStream {
    fn poll_starts_with(
        &mut self,
        context: &mut Context<'_>,
        prefix: &[u8],
    ) -> Poll<io::Result<bool>> {
        let mut space = [0; MAX_PEEK];
        let mut unread = ReadBuf::new(&mut space);
        ready!(self.poll_peek(context, &mut unread))?;
        Poll::Ready(Ok(unread.filled().starts_with(prefix)))
    }

    fn socket(&self) -> &TcpStream {
        self
    }
}

impl PeekableStream for TlsStream<TcpStream> {
    fn poll_starts_with(
        &mut self,
        context: &mut Context<'_>,
        prefix: &[u8],
    ) -> Poll<io::Result<bool>> {
        let unread = ready!(Pin::new(self).poll_fill_buf(context))?;
        Poll::Ready(Ok(unread.starts_with(prefix)))
    }

    fn socket(&self) -> &TcpStream {
        self.get_ref().0
    }
}
