//! A connection's bytes, plain or through TLS, and a look at them before they are read.
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

/// The longest beginning that can be asked about.
const LOOK: usize = 64;

/// An accepted connection.
pub(super) enum Stream {
    Plain(TcpStream),
    Secure(Box<TlsStream<TcpStream>>),
}

impl Stream {
    /// The connection on this socket, once TLS is agreed on if it is wanted.
    pub(super) async fn new(
        socket: TcpStream,
        secure: Option<Arc<ServerConfig>>,
    ) -> io::Result<Stream> {
        // An answer that waits for the peer's delayed acknowledgement would be 40 ms late. A socket
        // that refuses the option still works.
        let _ = socket.set_nodelay(true);
        Ok(match secure {
            None => Stream::Plain(socket),
            Some(config) => {
                Stream::Secure(Box::new(TlsAcceptor::from(config).accept(socket).await?))
            }
        })
    }

    /// Whether the bytes that wait to be read begin so. They stay unread.
    pub(super) fn poll_begins_with(
        &mut self,
        context: &mut Context<'_>,
        beginning: &[u8],
    ) -> Poll<io::Result<bool>> {
        let begins = match self {
            Stream::Plain(socket) => {
                let mut space = [0; LOOK];
                let mut waiting = ReadBuf::new(&mut space);
                ready!(socket.poll_peek(context, &mut waiting))?;
                waiting.filled().starts_with(beginning)
            }
            Stream::Secure(stream) => {
                ready!(Pin::new(stream).poll_fill_buf(context))?.starts_with(beginning)
            }
        };
        Poll::Ready(Ok(begins))
    }

    /// Lets the connection end in a reset when it is dropped.
    pub(super) fn reset_on_close(&self) -> io::Result<()> {
        let socket = match self {
            Stream::Plain(socket) => socket,
            Stream::Secure(stream) => stream.get_ref().0,
        };
        SockRef::from(socket).set_linger(Some(Duration::ZERO))
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut *self {
            Stream::Plain(socket) => Pin::new(socket).poll_read(context, buffer),
            Stream::Secure(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut *self {
            Stream::Plain(socket) => Pin::new(socket).poll_write(context, bytes),
            Stream::Secure(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Stream::Plain(socket) => Pin::new(socket).poll_flush(context),
            Stream::Secure(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Stream::Plain(socket) => Pin::new(socket).poll_shutdown(context),
            Stream::Secure(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
