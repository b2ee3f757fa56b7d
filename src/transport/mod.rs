//! One HTTPS exchange: a request goes out, an answer comes back, or it is known how far the request
//! got.
//!
//! Takes bytes and a content type, and gives bytes back; knows nothing of SMS. [`Transport::exchange`]
//! tells it from top to bottom. It never blocks by itself: [`Transport::run`] makes it go on until its
//! end.

mod call;
mod connection;
mod http;
mod jobs;
mod pool;
mod process;
mod reactor;
mod resolve;
mod socket;
pub(crate) mod socks;
mod stream;
mod sys;
mod tls;
mod trust;
mod tunnel;
mod words;

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use crate::config::{Config, Interrupt, Log, LogLevel};
use crate::error::{Code, Error, Reached};
use crate::{memory, proxy};

use call::Abort;
pub(crate) use call::{Call, Start};
use connection::{Connection, Flaw, Route};
use pool::Pool;
use process::PerProcess;
pub(crate) use reactor::{Place, Reactor};
use resolve::Resolver;
pub(crate) use sys::Process;
use tls::TlsSettings;
use trust::Trust;

/// What the service and a proxy see as the program that asks.
const NAME: &str = concat!("verifysms/", env!("CARGO_PKG_VERSION"));
/// The pauses before the second and the third attempt to connect.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(400)];

/// A request.
#[derive(Clone, Copy)]
pub(crate) struct Message<'a> {
    pub(crate) content_type: &'a str,
    pub(crate) body: &'a [u8],
    /// The longest body of an answer, in bytes.
    pub(crate) limit: usize,
}

/// An HTTP answer, whole.
pub(crate) struct Answer<'a> {
    pub(crate) http_status: u16,
    pub(crate) body: &'a [u8],
}

/// What becomes of the connection that an answer came over.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The answer left no doubt: another request may follow.
    Keep,
    Close,
}

/// The way to one address. `H` is what its user remembers of a connection.
pub(crate) struct Transport<H> {
    route: Route,
    trust: Trust,
    timeout: Duration,
    connect_timeout: Duration,
    interrupt: Option<Interrupt>,
    log: Option<Log>,
    own: PerProcess<Own<H>>,
}

/// What each process has of its own.
struct Own<H> {
    pool: Pool<H>,
    resolver: Resolver,
    tls: TlsSettings,
}

impl<H> Own<H> {
    fn new(trust: &Trust) -> Own<H> {
        Own {
            pool: Pool::new(),
            resolver: Resolver::default(),
            tls: TlsSettings::new(trust.clone()),
        }
    }
}

impl<H: Default> Transport<H> {
    pub(crate) fn new(config: &Config) -> Result<Transport<H>, Error> {
        sys::watch_forks();
        let proxy = proxy::choose(&config.proxy, &config.url, |name| std::env::var_os(name))?;
        let trust = Trust::new(config);
        Ok(Transport {
            route: Route::new(config.url.clone(), proxy),
            timeout: config.timeout,
            connect_timeout: config.connect_timeout,
            interrupt: config.interrupt.clone(),
            log: config.log.clone(),
            own: PerProcess::new(Own::new(&trust)),
            trust,
        })
    }

    /// Begins a call that a thread drives.
    pub(crate) fn begin(&self, start: Start) -> Arc<Call> {
        Arc::new(Call::new(self.timeout, self.interrupt.clone(), self.log.clone(), start))
    }

    /// Begins a call that a reactor drives, in that place of its. Its log records go to `log`, or where
    /// the client's do. It is to be [ended](Transport::end).
    pub(crate) fn begin_driven(&self, start: Start, place: Place, log: Option<Log>) -> Arc<Call> {
        let log = log.or_else(|| self.log.clone());
        let call = Call::new(self.timeout, None, log, start);
        let call = Arc::new(call.driven(place));
        self.own(call.process).pool.begin(&call);
        call
    }

    /// Ends a call.
    pub(crate) fn end(&self, call: &Call) {
        // In a child that a function of the caller's forked off, the pool is its parent's.
        if !call.may_fork() || call.check_process().is_ok() {
            self.own(call.process).pool.end(call);
        }
    }

    /// Ends the calls that are under way.
    pub(crate) fn cancel(&self) {
        self.own(Process::current()).pool.cancel();
    }

    /// Makes `work` go on until it ends, in this thread.
    pub(crate) fn run<T>(
        &self,
        call: &Arc<Call>,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        self.own(call.process).pool.begin(call);
        let mut work = pin!(work);
        let mut context = Context::from_waker(Waker::noop());
        let result = loop {
            let step = || match work.as_mut().poll(&mut context) {
                Poll::Ready(result) => Some(result),
                Poll::Pending => {
                    // Why it has to end, the work will see by itself.
                    let _ = call.wait();
                    None
                }
            };
            match catch_unwind(AssertUnwindSafe(step)) {
                Ok(None) => {}
                Ok(Some(result)) => break result,
                Err(panic) => {
                    // What a panic carries may panic again when it is dropped.
                    std::mem::forget(panic);
                    break Err(Failure::defect(call));
                }
            }
        };
        self.end(call);
        result
    }

    /// Opens a connection ahead of the next request, unless there is one that it may use.
    pub(crate) async fn connect(
        &self,
        call: &Call,
        may_use: impl Fn(&H) -> bool,
    ) -> Result<(), Error> {
        let mut attempts = Attempts::new(call);
        loop {
            attempts.begin(call, self.connect_timeout);
            let opened = self.opened(call, &may_use, false).await.map(|connection| {
                self.own(call.process).pool.put(connection);
                Attempt { result: Ok(()), http_status: None }
            });
            if let Some(result) = self.end_attempt(call, &mut attempts, opened).await {
                return result;
            }
        }
    }

    /// Sends `message`, waits for the answer and has it read. Attempts that end before a byte of
    /// the request left are repeated while there is time; any other never is.
    ///
    /// A connection is used again only if `may_use` allows it, by what `read` remembered of it.
    pub(crate) async fn exchange<T>(
        &self,
        call: &Call,
        message: Message<'_>,
        may_use: impl Fn(&H) -> bool,
        read: impl Fn(Answer<'_>, &mut H) -> (Result<T, Error>, Fate),
    ) -> Result<T, Error> {
        let mut attempts = Attempts::new(call);
        loop {
            attempts.begin(call, self.connect_timeout);
            let answered = match self.opened(call, &may_use, attempts.must_be_new).await {
                Ok(connection) => self.ask(call, &message, connection, &read).await,
                Err(failure) => Err(failure),
            };
            if let Some(result) = self.end_attempt(call, &mut attempts, answered).await {
                return result;
            }
        }
    }

    /// A connection that was kept, or a new one.
    async fn opened(
        &self,
        call: &Call,
        may_use: impl Fn(&H) -> bool,
        must_be_new: bool,
    ) -> Result<Connection<H>, Failure> {
        if call.check().is_err() {
            return Err(Failure::aborted(call, &self.route.peer()));
        }
        let own = self.own(call.process);
        match (!must_be_new).then(|| own.pool.take(may_use)).flatten() {
            Some(kept) => Ok(kept),
            None => Connection::open(&self.route, &own.resolver, &own.tls, call).await,
        }
    }

    /// Sends the request over `connection`, has the answer read, and keeps the connection if nothing
    /// speaks against it.
    async fn ask<T>(
        &self,
        call: &Call,
        message: &Message<'_>,
        mut connection: Connection<H>,
        read: impl Fn(Answer<'_>, &mut H) -> (Result<T, Error>, Fate),
    ) -> Result<Attempt<T>, Failure> {
        call.begin_request();
        let (head, length) = match connection.exchange(&self.route, message, call).await {
            Ok(answered) => answered,
            Err(flaw) => return Err(self.unanswered(&mut connection, flaw, call).await),
        };
        let (body, history) = connection.body_and_history(length);
        let (result, fate) = read(Answer { http_status: head.status, body }, history);
        if let (Fate::Keep, Some(idle)) = (fate, head.idle) {
            (connection.idle, connection.since) = (idle, Instant::now());
            self.own(call.process).pool.put(connection);
        }
        Ok(Attempt { result, http_status: Some(head.status) })
    }

    /// What the call ends as, or None when there is to be another attempt: nothing has left, there is
    /// hope, and time.
    async fn end_attempt<T>(
        &self,
        call: &Call,
        attempts: &mut Attempts,
        ended: Result<Attempt<T>, Failure>,
    ) -> Option<Result<T, Error>> {
        if let Some(log) = call.log() {
            log_attempt(log, attempts, &ended);
            if call.check_process().is_err() {
                return Some(Err(forked()));
            }
        }
        let failure = match ended {
            Ok(attempt) => return Some(attempt.result),
            Err(failure) => failure,
        };
        let Some(pause) = attempts.pause(failure.again, call) else {
            return Some(Err(failure.error));
        };
        call.begin_pause();
        match call.sleep_until(Instant::now() + pause).await {
            Ok(()) => None,
            Err(_) => Some(Err(Failure::aborted(call, &self.route.peer()).error)),
        }
    }

    /// What it means that a request has no answer.
    async fn unanswered(&self, connection: &mut Connection<H>, flaw: Flaw, call: &Call) -> Failure {
        let peer = self.route.peer();
        if call.aborted().is_some() {
            return Failure::aborted(call, &peer);
        }
        let why = match &flaw {
            Flaw::Io(error) => words::of(error),
            Flaw::End => "it closed the connection".into(),
            Flaw::Malformed(why) => (*why).into(),
            Flaw::TooLarge => "it is too large".into(),
        };
        if call.sent() == 0 || connection.is_proven_unread(&flaw, call).await {
            call.forget_sent();
            let error = Error::new(
                Code::Connect,
                Reached::No,
                format!("{peer} ended the connection before it had the request: {why}"),
            );
            return Failure { error, again: Again::AtOnce };
        }
        let (code, message) = match flaw {
            Flaw::Io(_) | Flaw::End => (
                Code::ConnectionLost,
                format!(
                    "the connection to {peer} was lost after the request began to leave: {why}"
                ),
            ),
            Flaw::Malformed(_) | Flaw::TooLarge => {
                (Code::BadReply, format!("the answer was not understood: {why}"))
            }
        };
        let error = Error::new(code, Reached::Unknown, message);
        Failure::last(error.with_http_status(connection.http_status))
    }

    /// What the process has in which the call began.
    fn own(&self, process: Process) -> &Own<H> {
        self.own.get(process, || Own::new(&self.trust))
    }
}

fn log_attempt<T>(log: &Log, attempts: &Attempts, ended: &Result<Attempt<T>, Failure>) {
    let outcome = match ended {
        Ok(Attempt { http_status: Some(status), .. }) => format!("HTTP status {status}"),
        Ok(_) => "connected".into(),
        Err(failure) => failure.error.to_string(),
    };
    let (number, elapsed) = (attempts.number, attempts.begun.elapsed().as_millis());
    log(LogLevel::Debug, &format!("attempt {number}: {outcome}, {elapsed} ms"));
}

/// The attempts of a call so far.
struct Attempts {
    number: usize,
    begun: Instant,
    pauses: std::array::IntoIter<Duration, 2>,
    /// Whether one met a kept connection that was about to end.
    must_be_new: bool,
}

impl Attempts {
    fn new(call: &Call) -> Attempts {
        Attempts { number: 0, begun: call.begun, pauses: PAUSES.into_iter(), must_be_new: false }
    }

    fn begin(&mut self, call: &Call, connect_timeout: Duration) {
        self.number += 1;
        self.begun = call.begin_attempt(connect_timeout);
    }

    /// How long to wait before the next attempt; None if there is to be none.
    fn pause(&mut self, again: Again, call: &Call) -> Option<Duration> {
        match again {
            Again::Never => None,
            Again::AtOnce if !self.must_be_new => {
                self.must_be_new = true;
                Some(Duration::ZERO)
            }
            Again::AtOnce | Again::Later => {
                self.pauses.next().filter(|&pause| call.time_left() > pause)
            }
        }
    }
}

/// An attempt that came to its end.
struct Attempt<T> {
    result: Result<T, Error>,
    http_status: Option<u16>,
}

/// An attempt without an answer.
struct Failure {
    error: Error,
    again: Again,
}

/// Whether the same attempt may be made again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Again {
    Never,
    /// It might succeed a moment later.
    Later,
    /// It met a connection that was about to end.
    AtOnce,
}

impl Failure {
    fn last(error: Error) -> Failure {
        Failure { error, again: Again::Never }
    }

    /// There is no connection.
    fn unopened(call: &Call, code: Code, peer: &str, message: String, may_pass: bool) -> Failure {
        if call.aborted().is_some() {
            return Failure { error: Error::new(code, Reached::No, message), again: Again::Never }
                .or_aborted(call, peer);
        }
        let again = if may_pass { Again::Later } else { Again::Never };
        Failure { error: Error::new(code, Reached::No, message), again }
    }

    /// The call had to end while it was about `peer`.
    fn aborted(call: &Call, peer: &str) -> Failure {
        Failure::last(Error::new(Code::Timeout, Reached::No, "")).or_aborted(call, peer)
    }

    /// The same, unless the call had to end.
    fn or_aborted(self, call: &Call, peer: &str) -> Failure {
        let Some(abort) = call.aborted() else { return self };
        let reached = if call.sent() > 0 { Reached::Unknown } else { Reached::No };
        let failure =
            |code, reached, message: String| Failure::last(Error::new(code, reached, message));
        match abort {
            Abort::Cancelled => failure(Code::Cancelled, reached, "the call was cancelled".into()),
            Abort::Forked => Failure::last(forked()),
            Abort::Deadline => failure(
                Code::Timeout,
                reached,
                format!("the deadline passed; no answer from {peer}"),
            ),
            Abort::ConnectTimeout => {
                let what =
                    if self.error.code() == Code::Tls { "TLS connection" } else { "connection" };
                let code = if self.error.code() == Code::Tls { Code::Tls } else { Code::Connect };
                let message = format!("no {what} to {peer} within the connect timeout");
                Failure { again: Again::Later, ..failure(code, Reached::No, message) }
            }
            Abort::NoMemory => failure(Code::Internal, reached, memory::NONE.into()),
            Abort::TooMuch if reached == Reached::No => failure(
                Code::Connect,
                reached,
                format!("no connection to {peer}: it sends data without end"),
            ),
            Abort::TooMuch => failure(
                Code::BadReply,
                reached,
                "the answer was not understood: it is too large".into(),
            ),
        }
    }

    /// After a panic.
    fn defect(call: &Call) -> Error {
        let reached = if call.sent() > 0 { Reached::Unknown } else { Reached::No };
        Error::new(Code::Internal, reached, "a defect in the HTTP exchange")
    }
}

/// What a call ends as in a child that a function of the caller's forked off in it.
pub(crate) fn forked() -> Error {
    let message = "this process was forked in the call, which goes on in its parent";
    Error::new(Code::Cancelled, Reached::Unknown, message)
}

/// What a future that never waits answers.
#[cfg(any(test, verifysms_fuzz))]
pub(crate) fn now_or_never<T>(work: impl Future<Output = T>) -> T {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("it waits"),
    }
}
