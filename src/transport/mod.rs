//! One HTTPS exchange: sends a request and receives the response, or knows whether the request was sent.
//!
//! Takes and returns bytes; knows nothing of SMS. [`Transport::exchange`] is the exchange from top to
//! bottom, an async function that never blocks. A blocking call runs it with [`Transport::run`], a program
//! with an event loop in a [`Reactor`].

mod atomic_duration;
mod attempt;
mod call;
mod connection;
pub(crate) mod error_text;
mod http;
mod interrupt;
mod jobs;
mod link;
mod pool;
mod process;
mod reactor;
mod resolve;
mod response_reader;
mod route;
mod socket;
pub(crate) mod socks;
mod stream;
mod tls;
mod trace;
mod trust;
mod tunnel;
mod waits;
mod wake;

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use ureq::http::Uri;

use crate::callbacks::{Interrupt, Listeners};
use crate::error::{Code, Error, Reached};
use crate::proxy::{self, ProxySetting};
use crate::sys::{self, Process};

pub(crate) use attempt::forked;
use attempt::{Attempt, AttemptError, Attempts, Retry};
pub(crate) use call::{Call, ReactorSlot, Start};
use connection::Connection;
pub(crate) use connection::Post;
pub(crate) use link::{Link, Linker, Peer, Phase};
use pool::Pool;
pub(crate) use process::PerProcess;
pub(crate) use reactor::Reactor;
use resolve::Resolver;
use response_reader::ResponseError;
use route::Route;
use tls::TlsConnector;
use trace::{Step, Trace};
pub(crate) use trust::RootSource;
#[cfg(feature = "cli")]
pub(crate) use trust::shown;

/// The settings of a transport.
pub(crate) struct TransportConfig {
    pub(crate) url: Uri,
    pub(crate) proxy: ProxySetting,
    /// The total deadline of a call.
    pub(crate) timeout: Duration,
    /// The longest time of one attempt to connect.
    pub(crate) connect_timeout: Duration,
    pub(crate) roots: RootSource,
    pub(crate) listeners: Listeners,
    pub(crate) interrupt: Option<Interrupt>,
}

/// A complete HTTP response.
pub(crate) struct Response<'a> {
    pub(crate) http_status: u16,
    pub(crate) body: &'a [u8],
    /// The service, as error texts name it.
    pub(crate) service: &'a str,
}

/// What happens to a connection after a response.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Disposition {
    /// The response was unambiguous: another request may follow.
    Keep,
    Close,
}

/// Makes exchanges with one URL. `H` is what its user remembers about a connection.
pub(crate) struct Transport<H> {
    route: Route,
    roots: RootSource,
    timeout: Duration,
    connect_timeout: Duration,
    interrupt: Option<Interrupt>,
    listeners: Listeners,
    state: PerProcess<ProcessState<H>>,
}

/// What a child process after a fork does not share with its parent.
struct ProcessState<H> {
    pool: Pool<H>,
    resolver: Resolver,
    tls: TlsConnector,
}

impl<H> ProcessState<H> {
    fn new(roots: &RootSource) -> ProcessState<H> {
        ProcessState {
            pool: Pool::new(),
            resolver: Resolver::default(),
            tls: TlsConnector::new(roots.clone()),
        }
    }
}

impl<H: Default> Transport<H> {
    pub(crate) fn new(config: TransportConfig) -> Result<Transport<H>, Error> {
        sys::init();
        let proxy = proxy::choose(&config.proxy, &config.url, |name| std::env::var_os(name))?;
        Ok(Transport {
            route: Route::new(&config.url, proxy),
            timeout: config.timeout,
            connect_timeout: config.connect_timeout,
            interrupt: config.interrupt,
            listeners: config.listeners,
            state: PerProcess::new(ProcessState::new(&config.roots)),
            roots: config.roots,
        })
    }

    /// Begins a blocking call, with another deadline than the transport's own if it has one.
    pub(crate) fn begin(&self, start: Start, timeout: Option<Duration>) -> Arc<Call> {
        Arc::new(Call::new(
            timeout.unwrap_or(self.timeout),
            self.interrupt.clone(),
            self.listeners.clone(),
            start,
        ))
    }

    /// Begins a call in a slot of a reactor. The transport's own listeners stand in for those that `listeners`
    /// lacks. The caller must [end](Transport::end) it.
    pub(crate) fn begin_in_reactor(
        &self,
        start: Start,
        timeout: Option<Duration>,
        slot: ReactorSlot,
        listeners: Listeners,
    ) -> Arc<Call> {
        let listeners = listeners.or(&self.listeners);
        let call = Call::new(timeout.unwrap_or(self.timeout), None, listeners, start);
        let call = Arc::new(call.in_reactor(slot));
        self.state(call.process).pool.begin(&call);
        call
    }

    /// Ends a call.
    pub(crate) fn end(&self, call: &Call) {
        // If a callback forked, the call is registered in the pool of the parent only.
        if !call.may_fork() || call.check_process().is_ok() {
            self.state(call.process).pool.end(call);
        }
    }

    /// Cancels the running calls.
    pub(crate) fn cancel(&self) {
        self.state(Process::current()).pool.cancel();
    }

    /// Runs `work` to its end. Blocks while it waits.
    pub(crate) fn run<T>(
        &self,
        call: &Arc<Call>,
        mut work: Pin<&mut impl Future<Output = Result<T, Error>>>,
    ) -> Result<T, Error> {
        self.state(call.process).pool.begin(call);
        let mut context = Context::from_waker(Waker::noop());
        let result = loop {
            let step = || match work.as_mut().poll(&mut context) {
                Poll::Ready(result) => Some(result),
                Poll::Pending => {
                    // If the call has to end, the next poll finds out why.
                    let _ = call.wait();
                    None
                }
            };
            match catch_unwind(AssertUnwindSafe(step)) {
                Ok(None) => {}
                Ok(Some(result)) => break result,
                Err(panic) => {
                    // The payload of a panic may panic when it is dropped.
                    std::mem::forget(panic);
                    break Err(attempt::panicked(call));
                }
            }
        };
        self.end(call);
        result
    }

    /// Opens a connection ahead of the next request, unless there is an idle one that `may_use` accepts.
    pub(crate) async fn connect(
        &self,
        call: &Call,
        may_use: impl Fn(&H) -> bool,
    ) -> Result<(), Error> {
        let mut attempts = Attempts::new(call);
        loop {
            attempts.begin(call, self.connect_timeout);
            let opened = self.connection(call, &may_use, &mut attempts).await.map(|connection| {
                self.state(call.process).pool.put(connection);
                Attempt { result: Ok(()), http_status: None }
            });
            if let Some(result) = self.end_attempt(call, &mut attempts, opened).await {
                return result;
            }
        }
    }

    /// Sends a request, receives the response and passes it to `read`. An attempt is repeated while there is
    /// time, but only if no byte of the request was sent, or TCP proves that nobody read it.
    ///
    /// An idle connection is used again only if `may_use` accepts what `read` remembered about it.
    pub(crate) async fn exchange<T>(
        &self,
        call: &Call,
        post: Post<'_>,
        may_use: impl Fn(&H) -> bool,
        read: impl Fn(Response<'_>, &mut H) -> (Result<T, Error>, Disposition),
    ) -> Result<T, Error> {
        let mut attempts = Attempts::new(call);
        loop {
            attempts.begin(call, self.connect_timeout);
            let ended = match self.connection(call, &may_use, &mut attempts).await {
                Ok(connection) => {
                    self.request(call, &post, connection, &mut attempts.trace, &read).await
                }
                Err(error) => Err(error),
            };
            if let Some(result) = self.end_attempt(call, &mut attempts, ended).await {
                return result;
            }
        }
    }

    /// An idle connection, or a new one.
    async fn connection(
        &self,
        call: &Call,
        may_use: impl Fn(&H) -> bool,
        attempts: &mut Attempts,
    ) -> Result<Connection<H>, AttemptError> {
        if call.check().is_err() {
            return Err(AttemptError::aborted(call, &self.route.peer()));
        }
        let state = self.state(call.process);
        let trace = &mut attempts.trace;
        match (!attempts.must_be_new).then(|| state.pool.take(may_use)).flatten() {
            Some(idle) => {
                trace.is_reused = true;
                idle.describe(trace);
                Ok(idle)
            }
            None => Connection::open(&self.route, &state.resolver, &state.tls, trace, call).await,
        }
    }

    /// Sends a request over `connection`, passes the response to `read`, and keeps the connection if both
    /// the response and `read` allow it.
    async fn request<T>(
        &self,
        call: &Call,
        post: &Post<'_>,
        mut connection: Connection<H>,
        trace: &mut Trace,
        read: impl Fn(Response<'_>, &mut H) -> (Result<T, Error>, Disposition),
    ) -> Result<Attempt<T>, AttemptError> {
        call.begin_request();
        let exchange = connection.exchange(&self.route, post, call).await;
        if let Some(time) = connection.first_byte() {
            trace.done_at(Step::FirstByte, time);
        }
        let (head, length) = match exchange {
            Ok(response) => response,
            Err(error) => return Err(self.no_response(&mut connection, error, call).await),
        };
        let (body, history) = connection.body_and_history(length);
        let service = &*self.route.service;
        let (result, disposition) =
            read(Response { http_status: head.status, body, service }, history);
        if let (Disposition::Keep, Some(max_idle)) = (disposition, head.max_idle) {
            (connection.max_idle, connection.idle_since) = (max_idle, Instant::now());
            self.state(call.process).pool.put(connection);
        }
        Ok(Attempt { result, http_status: Some(head.status) })
    }

    /// Ends an attempt. Returns the result of the call, or None after a pause if there is to be another
    /// attempt.
    async fn end_attempt<T>(
        &self,
        call: &Call,
        attempts: &mut Attempts,
        ended: Result<Attempt<T>, AttemptError>,
    ) -> Option<Result<T, Error>> {
        call.note_attempt(attempts.number, attempts.trace.is_reused);
        if let Some(log) = &call.listeners().log {
            attempts.log(log, &ended);
            if call.check_process().is_err() {
                return Some(Err(forked()));
            }
        }
        let AttemptError { error, retry } = match ended {
            Ok(attempt) => return Some(attempt.result),
            Err(error) => error,
        };
        let Some(pause) = attempts.pause(retry, call) else { return Some(Err(error)) };
        call.begin_pause();
        match call.sleep_until(Instant::now() + pause).await {
            Ok(()) => None,
            Err(_) => Some(Err(AttemptError::aborted(call, &self.route.peer()).error)),
        }
    }

    /// The error of a request without a usable response: whether it may have reached the service.
    async fn no_response(
        &self,
        connection: &mut Connection<H>,
        failure: ResponseError,
        call: &Call,
    ) -> AttemptError {
        let peer = self.route.peer();
        if call.aborted().is_some() {
            return AttemptError::aborted(call, &peer);
        }
        let why = match &failure {
            ResponseError::Io(error) => error_text::of(error),
            ResponseError::End => "it closed the connection".into(),
            ResponseError::Malformed(why) => (*why).into(),
            ResponseError::TooLarge => "it is too large".into(),
        };
        if call.sent() == 0 || connection.is_proven_unread(&failure, call).await {
            call.forget_sent();
            let error = Error::new(
                Code::Connect,
                Reached::No,
                format!("{peer} ended the connection before it had the request: {why}"),
            );
            return AttemptError { error, retry: Retry::Immediately };
        }
        let (code, message) = match failure {
            ResponseError::Io(_) | ResponseError::End => (
                Code::ConnectionLost,
                format!(
                    "the connection to {peer} was lost after a part of the request was sent: {why}"
                ),
            ),
            ResponseError::Malformed(_) | ResponseError::TooLarge => {
                let service = &self.route.service;
                (Code::BadReply, format!("the answer from {service} was not understood: {why}"))
            }
        };
        let error = Error::new(code, Reached::Unknown, message);
        AttemptError::last(error.with_http_status(connection.http_status))
    }

    /// The state of the process in which the call began.
    fn state(&self, process: Process) -> &ProcessState<H> {
        self.state.get(process, || ProcessState::new(&self.roots))
    }
}

/// The result of a future that never waits.
#[cfg(any(test, verifysms_fuzz))]
pub(crate) fn now_or_never<T>(work: impl Future<Output = T>) -> T {
    match std::pin::pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("it waits"),
    }
}

/// Runs work that is no exchange and may take this long, with a call of its own.
#[cfg(test)]
pub(crate) fn run_alone<T>(timeout: Duration, work: impl AsyncFnOnce(&Call) -> T) -> T {
    let call = Call::new(Duration::from_secs(600), None, Listeners::default(), Start::now());
    call.begin_step(timeout);
    let mut work = std::pin::pin!(work(&call));
    loop {
        match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => return result,
            Poll::Pending => drop(call.wait()),
        }
    }
}
