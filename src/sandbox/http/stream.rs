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
pub(crate) enum ServerStream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl ServerStream {
    /// Prepares an accepted socket; with a TLS configuration, performs the handshake.
    pub(crate) async fn new(
        socket: TcpStream,
        tls: Option<Arc<ServerConfig>>,
    ) -> io::Result<ServerStream> {
        // Otherwise Nagle's algorithm delays an answer by up to 40 ms. A socket without the option still
        // works.
        let _ = socket.set_nodelay(true);
        Ok(match tls {
            None => ServerStream::Plain(socket),
            Some(config) => {
                ServerStream::Tls(Box::new(TlsAcceptor::from(config).accept(socket).await?))
            }
        })
    }

    /// Whether the unread bytes start with a prefix. They stay unread.
    pub(crate) fn poll_starts_with(
        &mut self,
        context: &mut Context<'_>,
        prefix: &[u8],
    ) -> Poll<io::Result<bool>> {
        let starts = match self {
            ServerStream::Plain(socket) => {
                let mut space = [0; MAX_PEEK];
                let mut unread = ReadBuf::new(&mut space);
                ready!(socket.poll_peek(context, &mut unread))?;
                unread.filled().starts_with(prefix)
            }
            ServerStream::Tls(stream) => {
                ready!(Pin::new(stream).poll_fill_buf(context))?.starts_with(prefix)
            }
        };
        Poll::Ready(Ok(starts))
    }

    /// Makes the drop of the stream a reset (RST).
    pub(crate) fn reset_on_close(&self) -> io::Result<()> {
        let socket = match self {
            ServerStream::Plain(socket) => socket,
            ServerStream::Tls(stream) => stream.get_ref().0,
        };
        SockRef::from(socket).set_linger(Some(Duration::ZERO))
    }
}

impl AsyncRead for ServerStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut *self {
            ServerStream::Plain(socket) => Pin::new(socket).poll_read(context, buffer),
            ServerStream::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for ServerStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut *self {
            ServerStream::Plain(socket) => Pin::new(socket).poll_write(context, bytes),
            ServerStream::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            ServerStream::Plain(socket) => Pin::new(socket).poll_flush(context),
            ServerStream::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            ServerStream::Plain(socket) => Pin::new(socket).poll_shutdown(context),
            ServerStream::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
