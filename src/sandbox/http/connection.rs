//! Accepted connections: HTTP/1.1 on each, until it ends or a failure takes it over.
//!
//! Knows how to break a connection that HTTP would keep; knows nothing of why.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
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

use super::desk::Desk;
use super::fault::Fault;
use super::reply::PATH;
use super::stream::Stream;

/// Serves until the future is dropped. An answer with a [`Fault`] among its extensions is not given; the fault
/// is what happens instead.
pub(super) async fn serve(
    listener: TcpListener,
    secure: Option<Arc<ServerConfig>>,
    app: Router,
    desk: Arc<Desk>,
) {
    loop {
        match listener.accept().await {
            Ok((socket, peer)) => {
                let (secure, app, desk) = (secure.clone(), app.clone(), Arc::clone(&desk));
                tokio::spawn(async move {
                    // Whoever cannot agree on TLS has been told so.
                    if let Ok(stream) = Stream::new(socket, secure).await {
                        converse(stream, peer, app, desk).await;
                    }
                });
            }
            // A peer that left early says nothing of the next. Without free descriptors it is of no use to
            // ask again at once.
            Err(error) if is_peers(&error) => {}
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

fn is_peers(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset)
}

async fn converse(stream: Stream, peer: SocketAddr, app: Router, desk: Arc<Desk>) {
    let line = Arc::new(Line::default());
    let app = TowerToHyperService::new(app);
    let service = service_fn(|mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        let (answer, line) = (app.call(request), Arc::clone(&line));
        Box::pin(
            async move { answer.await.map(|response| line.pass(response)).unwrap_or_else(never) },
        ) as Answering
    });
    let gate = Gate { stream, line: Arc::clone(&line), desk };
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(gate), service);
    // It ends when the peer leaves, with an error when a fault is due or the peer breaks the rules.
    let _ = std::future::poll_fn(|context| connection.poll_without_shutdown(context)).await;
    let mut stream = connection.into_parts().io.into_inner().stream;
    let fault = line.fault().take().unwrap_or_else(|| Fault::close(Vec::new()));
    let _ = fault.happen(&mut stream).await;
}

type Answering = Pin<Box<dyn Future<Output = Result<Response, Broken>> + Send>>;

fn never(error: Infallible) -> Result<Response, Broken> {
    match error {}
}

/// Why HTTP ends on a connection.
#[derive(Debug)]
struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a failure was asked for")
    }
}

impl std::error::Error for Broken {}

/// What the two ends of HTTP on one connection tell each other: the one that reads, the one that answers.
#[derive(Default)]
struct Line {
    /// Whether a request is under way.
    busy: AtomicBool,
    fault: Mutex<Option<Fault>>,
}

impl Line {
    fn fault(&self) -> std::sync::MutexGuard<'_, Option<Fault>> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets an answer pass, unless a fault takes its place.
    fn pass(&self, mut response: Response) -> Result<Response, Broken> {
        self.busy.store(false, Ordering::Relaxed);
        match response.extensions_mut().remove::<Fault>() {
            Some(fault) => {
                *self.fault() = Some(fault);
                Err(Broken)
            }
            None => Ok(response),
        }
    }
}

/// The bytes of a connection, as HTTP reads them. A request that is to be dropped unread ends here.
struct Gate {
    stream: Stream,
    line: Arc<Line>,
    desk: Arc<Desk>,
}

impl Gate {
    /// Whether the request whose first bytes wait is to be dropped. Only the service's: one to the control API
    /// or for the page fails at no time.
    fn poll_drop(&mut self, context: &mut Context<'_>) -> Poll<io::Result<bool>> {
        if self.line.busy.load(Ordering::Relaxed) || !self.desk.drops_next() {
            return Poll::Ready(Ok(false));
        }
        let beginning = ["POST ", PATH].concat();
        let is_service = ready!(self.stream.poll_begins_with(context, beginning.as_bytes()))?;
        Poll::Ready(Ok(is_service && self.desk.drop_next()))
    }
}

impl AsyncRead for Gate {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if ready!(self.poll_drop(context))? {
            *self.line.fault() = Some(Fault::reset());
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        if buffer.filled().len() > before {
            self.line.busy.store(true, Ordering::Relaxed);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Gate {
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
