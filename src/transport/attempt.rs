//! The attempts of a call: how one fails, and whether another may follow.

use std::time::{Duration, Instant};

use super::call::{Abort, Call};
use super::trace::Trace;
use crate::callbacks::{Log, LogLevel};
use crate::error::{Code, Error, Reached};
use crate::memory;

/// The pauses before further attempts. One more attempt, after the first request that nobody read, follows at
/// once. So there are at most four.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(400)];

/// The attempts of a call so far.
pub(super) struct Attempts {
    pub(super) number: u32,
    started: Instant,
    pub(super) trace: Trace,
    pauses: std::array::IntoIter<Duration, 2>,
    /// Whether a connection ended before the request was read: the next attempt opens a new one.
    pub(super) must_be_new: bool,
}

impl Attempts {
    pub(super) fn new(call: &Call) -> Attempts {
        Attempts {
            number: 0,
            started: call.started,
            trace: Trace::new(call.started),
            pauses: PAUSES.into_iter(),
            must_be_new: false,
        }
    }

    pub(super) fn begin(&mut self, call: &Call, connect_timeout: Duration) {
        self.number += 1;
        self.started = call.begin_attempt(connect_timeout);
        self.trace = Trace::new(self.started);
    }

    /// How long to wait before the next attempt. None if there is to be none.
    pub(super) fn pause(&mut self, retry: Retry, call: &Call) -> Option<Duration> {
        match retry {
            Retry::Never => None,
            Retry::Immediately if !self.must_be_new => {
                self.must_be_new = true;
                Some(Duration::ZERO)
            }
            Retry::Immediately | Retry::AfterPause => {
                self.pauses.next().filter(|&pause| call.time_left() > pause)
            }
        }
    }

    /// Makes the log record of an attempt.
    pub(super) fn log<T>(&self, log: &Log, ended: &Result<Attempt<T>, AttemptError>) {
        let outcome = match ended {
            Ok(Attempt { http_status: Some(status), .. }) => format!("HTTP status {status}"),
            Ok(_) => "connected".into(),
            Err(failed) => failed.error.to_string(),
        };
        let (number, elapsed) = (self.number, self.started.elapsed().as_millis());
        log(LogLevel::Debug, &format!("attempt {number}: {outcome}, {elapsed} ms{}", self.trace));
    }
}

/// An attempt that received a response, or made a connection.
pub(super) struct Attempt<T> {
    pub(super) result: Result<T, Error>,
    pub(super) http_status: Option<u16>,
}

/// Why an attempt failed.
pub(super) struct AttemptError {
    pub(super) error: Error,
    pub(super) retry: Retry,
}

/// Why a step of connecting failed: DNS, TCP, a proxy or TLS.
pub(crate) struct ConnectError {
    pub(crate) why: String,
    /// Whether the next attempt may succeed.
    pub(super) is_transient: bool,
}

impl ConnectError {
    /// The next attempt may succeed.
    pub(super) fn transient(why: impl Into<String>) -> ConnectError {
        ConnectError { why: why.into(), is_transient: true }
    }

    /// The next attempt will fail as well.
    pub(super) fn permanent(why: impl Into<String>) -> ConnectError {
        ConnectError { why: why.into(), is_transient: false }
    }
}

/// Whether another attempt may follow.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Retry {
    Never,
    /// The reason may be gone a moment later.
    AfterPause,
    /// The connection, idle or new, ended before the request was read.
    Immediately,
}

impl AttemptError {
    /// An error after which there is no other attempt.
    pub(super) fn last(error: Error) -> AttemptError {
        AttemptError { error, retry: Retry::Never }
    }

    /// There is no connection: `what` and why not.
    pub(super) fn no_connection(
        call: &Call,
        code: Code,
        peer: &str,
        what: &str,
        ConnectError { why, is_transient }: ConnectError,
    ) -> AttemptError {
        let error = Error::new(code, Reached::No, format!("{what}: {why}"));
        let retry = if is_transient { Retry::AfterPause } else { Retry::Never };
        AttemptError { error, retry }.or_aborted(call, peer)
    }

    /// The call had to end while it waited for `peer`.
    pub(super) fn aborted(call: &Call, peer: &str) -> AttemptError {
        AttemptError::last(Error::new(Code::Timeout, Reached::No, "")).or_aborted(call, peer)
    }

    /// The same, unless the call had to end: then that is the reason.
    fn or_aborted(self, call: &Call, peer: &str) -> AttemptError {
        let Some(abort) = call.aborted() else { return self };
        let reached = if call.sent() > 0 { Reached::Unknown } else { Reached::No };
        let last = |code, message: String| AttemptError::last(Error::new(code, reached, message));
        match abort {
            Abort::Cancelled => last(Code::Cancelled, "the call was cancelled".into()),
            Abort::Forked => AttemptError::last(forked()),
            Abort::Deadline => {
                last(Code::Timeout, format!("the deadline passed; no answer from {peer}"))
            }
            Abort::ConnectTimeout => {
                let (code, what) = match self.error.code() {
                    Code::Tls => (Code::Tls, "TLS connection"),
                    _ => (Code::Connect, "connection"),
                };
                let message = format!("no {what} to {peer} within the connect timeout");
                let error = Error::new(code, Reached::No, message);
                AttemptError { error, retry: Retry::AfterPause }
            }
            Abort::OutOfMemory => last(Code::Internal, memory::OUT_OF_MEMORY.into()),
            Abort::TooMuchData if reached == Reached::No => {
                last(Code::Connect, format!("no connection to {peer}: it sends data without end"))
            }
            Abort::TooMuchData => {
                let why = "it is too large";
                last(Code::BadReply, format!("the answer from {peer} was not understood: {why}"))
            }
        }
    }
}

/// The error of a call that panicked.
pub(super) fn panicked(call: &Call) -> Error {
    let reached = if call.sent() > 0 { Reached::Unknown } else { Reached::No };
    Error::new(Code::Internal, reached, "a defect in the HTTP exchange")
}

/// The error in a child process, if a callback forked during the call.
pub(crate) fn forked() -> Error {
    let message = "this process was forked during the call, which goes on in the parent";
    Error::new(Code::Cancelled, Reached::Unknown, message)
}
