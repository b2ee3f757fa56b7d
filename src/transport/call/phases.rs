//! The phases of a call, and what its user may do before and after the exchange.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::{Abort, Call};
use crate::callbacks::LogLevel;
use crate::error::Error;
use crate::transport::attempt::{self, AttemptError};

impl Call {
    /// Keeps this much of the time, but no more than a tenth of it, for what comes after the exchange.
    pub(crate) fn reserve(&self, time: Duration) {
        self.timeout.store(self.deadline - time.min(self.deadline / 10));
    }

    /// Begins what comes before the exchange. It may take `limit`.
    pub(crate) fn begin_step(&self, limit: Duration) {
        self.begin_attempt(limit);
    }

    /// Begins what comes after the exchange. It may take `limit`, or `CLOSING` after a cancellation.
    pub(crate) fn begin_closing(&self, limit: Duration) {
        /// A cancelled call ends within a tenth of a second.
        const CLOSING: Duration = Duration::from_millis(50);
        let is_cancelled = self.aborted() == Some(Abort::Cancelled);
        self.is_closing.store(true, Ordering::Relaxed);
        self.timeout.store(self.deadline);
        self.begin_attempt(if is_cancelled { limit.min(CLOSING) } else { limit });
    }

    /// Ends the call at its next check.
    pub(in crate::transport) fn expire(&self) {
        self.timeout.store(Duration::ZERO);
    }

    /// Notes the number of the attempt that has ended, and whether its connection was kept from an earlier call.
    pub(in crate::transport) fn note_attempt(&self, number: u32, is_reused: bool) {
        self.attempt.store(number, Ordering::Relaxed);
        self.is_reused.store(is_reused, Ordering::Relaxed);
    }

    /// The number of the last attempt, 0 if there was none, and whether its connection was kept from an earlier
    /// call.
    pub(crate) fn attempt(&self) -> (u32, bool) {
        (self.attempt.load(Ordering::Relaxed), self.is_reused.load(Ordering::Relaxed))
    }

    /// Begins an attempt to connect, which may take `timeout`. Returns the time.
    pub(in crate::transport) fn begin_attempt(&self, timeout: Duration) -> Instant {
        let elapsed = self.elapsed();
        self.abort.store(0, Ordering::Relaxed);
        self.in_request.store(false, Ordering::Relaxed);
        let end = self.timeout.load().min(elapsed + timeout);
        self.phase_end.store(end);
        self.started + elapsed
    }

    /// Begins a pause between attempts. It may last until the deadline.
    pub(in crate::transport) fn begin_pause(&self) {
        self.abort.store(0, Ordering::Relaxed);
        self.phase_end.store(self.timeout.load());
    }

    /// Begins the request: bytes that are sent from now on belong to it. It may last until the deadline.
    pub(in crate::transport) fn begin_request(&self) {
        self.in_request.store(true, Ordering::Relaxed);
        self.phase_end.store(self.timeout.load());
    }

    /// Makes a log record. An error if the log function forked and this is the child.
    pub(crate) fn say(&self, level: LogLevel, text: &str) -> Result<(), Error> {
        if let Some(log) = &self.listeners.log {
            log(level, text);
            self.check_process().map_err(|_| attempt::forked())?;
        }
        Ok(())
    }

    /// Whether a callback forked, and this is the child: the call goes on in the parent.
    pub(crate) fn is_in_child(&self) -> bool {
        self.may_fork() && self.check_process().is_err()
    }

    /// An error if the call itself had to end, and not only its phase, while it waited for `peer`.
    pub(crate) fn check_end(&self, peer: &str) -> Result<(), Error> {
        match self.aborted() {
            None | Some(Abort::ConnectTimeout | Abort::TooMuchData) => Ok(()),
            Some(_) => Err(AttemptError::aborted(self, peer).error),
        }
    }
}
