//! Accepted connections: HTTP/1.1 on each, until the peer leaves or a [`RawResponse`] ends it.
//!
//! Knows how to break a connection that HTTP would keep; knows nothing of why.

use std::convert::Infallible;
use std::future::Future;
use std::io::{
    self, ErrorKind::ConnectionAborted, ErrorKind::ConnectionReset, ErrorKind::InvalidData,
};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpListener;

use super::raw_response::RawResponse;
use super::stream::{ServerStream, accept};
use crate::sandbox::service::SERVICE_PATH;
use crate::sandbox::state::SharedState;

/// Why the log has a connection that brought no request.
const FAILED_HANDSHAKE: &str = "the TLS handshake failed: does the client trust the sandbox's authority, and is its URL https://?";
const NOT_HTTP: &str = "not HTTP/1.1; the sandbox speaks TLS only with --tls";

/// Accepts connections until the future is dropped. A response with a [`RawResponse`] among its extensions is
/// not sent; the raw response replaces it.
pub(crate) async fn accept_connections(
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    router: Router,
    state: Arc<SharedState>,
) {
    loop {
        match listener.accept().await {
            Ok((socket, peer)) => {
                let (tls, router, state) = (tls.clone(), router.clone(), Arc::clone(&state));
                tokio::spawn(async move {
                    match accept(socket, tls).await {
                        Ok(stream) => serve_connection(stream, peer, router, state).await,
                        // rustls reports a failed handshake to the peer.
                        Err(error) if error.kind() == InvalidData => {
                            state.log_malformed(FAILED_HANDSHAKE)
                        }
                        Err(_) => {}
                    }
                });
            }
            // This peer has left already. The next accept can succeed at once.
            Err(error) if matches!(error.kind(), ConnectionAborted | ConnectionReset) => {}
            // Without free descriptors it cannot.
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

async fn serve_connection(
    stream: ServerStream,
    peer: SocketAddr,
    router: Router,
    state: Arc<SharedState>,
) {
    let exchange = Arc::new(ExchangeState::default());
    let router = TowerToHyperService::new(router);
    let service = service_fn(|mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        let (response, exchange) = (router.call(request), Arc::clone(&exchange));
        Box::pin(async move { exchange.finish(response.await) }) as ResponseFuture
    });
    let log = Arc::clone(&state);
    let stream = InterceptedStream { stream, exchange: Arc::clone(&exchange), state };
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // Ends when the peer leaves; with an error, when a raw response is due or the peer violates HTTP.
    let end = std::future::poll_fn(|context| connection.poll_without_shutdown(context)).await;
    if end.is_err_and(|error| error.is_parse()) {
        log.log_malformed(NOT_HTTP);
    }
    let mut stream = connection.into_parts().io.into_inner().stream;
    let raw = exchange.raw_response().take();
    let raw = raw.unwrap_or_else(|| RawResponse::close(Vec::new()));
    let _ = raw.write_to(&mut stream).await;
}

type ResponseFuture = Pin<Box<dyn Future<Output = io::Result<Response>> + Send>>;

/// What the stream and the service of one connection share.
#[derive(Default)]
struct ExchangeState {
    /// Whether a request has begun and has no response yet.
    in_flight: AtomicBool,
    raw_response: Mutex<Option<RawResponse>>,
}

impl ExchangeState {
    fn raw_response(&self) -> MutexGuard<'_, Option<RawResponse>> {
        self.raw_response.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Passes a response on to hyper, unless a raw response replaces it: an error makes hyper end.
    fn finish(&self, response: Result<Response, Infallible>) -> io::Result<Response> {
        let Ok(mut response) = response;
        self.in_flight.store(false, Ordering::Relaxed);
        match response.extensions_mut().remove::<RawResponse>() {
            Some(raw) => {
                *self.raw_response() = Some(raw);
                Err(io::Error::other("a raw response replaces the response"))
            }
            None => Ok(response),
        }
    }
}

/// The stream that hyper reads. A request that is to be dropped unread ends here.
struct InterceptedStream {
    stream: ServerStream,
    exchange: Arc<ExchangeState>,
    state: Arc<SharedState>,
}

impl InterceptedStream {
    /// Whether to drop the request whose first bytes have arrived. Only requests to the service are dropped,
    /// none to the control API or the page.
    fn poll_drop(&mut self, context: &mut Context<'_>) -> Poll<io::Result<bool>> {
        if self.exchange.in_flight.load(Ordering::Relaxed) || !self.state.drops_next() {
            return Poll::Ready(Ok(false));
        }
        let prefix = ["POST ", SERVICE_PATH].concat();
        let is_service = ready!(self.stream.poll_starts_with(context, prefix.as_bytes()))?;
        Poll::Ready(Ok(is_service && self.state.take_drop()))
    }
}

impl AsyncRead for InterceptedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if ready!(self.poll_drop(context))? {
            *self.exchange.raw_response() = Some(RawResponse::reset());
            return Poll::Ready(Err(ConnectionReset.into()));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        if buffer.filled().len() > before {
            self.exchange.in_flight.store(true, Ordering::Relaxed);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for InterceptedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
