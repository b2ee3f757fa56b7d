//! What is told of a call at its end: a log record, and an event.

use std::sync::Arc;
use std::time::Duration;

use super::results::Success;
use crate::callbacks::{Listeners, LogLevel};
use crate::error::{Code, Error, Reached};
use crate::event::{CallEnd, Event};
use crate::phone::Phone;
use crate::sys::Process;
use crate::transport::{self, Call, Start, Transport};

/// Begins with a call; its end tells the outcome.
pub(super) struct CallRecord {
    step: &'static str,
    pub(super) start: Start,
    /// What knows of the attempts. None if the arguments are refused.
    pub(super) call: Option<Arc<Call>>,
}

impl CallRecord {
    pub(super) fn new(step: &'static str) -> CallRecord {
        CallRecord { step, start: Start::now(), call: None }
    }

    /// Begins the blocking call whose end is to be told.
    pub(super) fn begin<H: Default>(
        &mut self,
        transport: &Transport<H>,
        timeout: Option<Duration>,
    ) -> Arc<Call> {
        self.call.insert(transport.begin(self.start, timeout)).clone()
    }

    /// Tells the outcome to those who listen, and returns it.
    pub(super) fn end<T: Success>(
        self,
        listeners: &Listeners,
        to: Option<&Phone>,
        result: Result<T, Error>,
    ) -> Result<T, Error> {
        let result = result.map_err(|error| error.during(self.step));
        if listeners.is_empty() {
            return result;
        }
        let end = self.call_end(&result);
        if let Some(log) = &listeners.log {
            let number = to.map(|to| format!(" {to}")).unwrap_or_default();
            let CallEnd { code, reached, elapsed, limit, .. } = end;
            let reason = result.as_ref().err().and_then(Error::reason);
            let why = match (reason, limit) {
                (Some(reason), _) => format!(" (reason {})", reason.0),
                (_, Some(limit)) => format!(" ({limit})"),
                _ => String::new(),
            };
            let (step, elapsed) = (self.step, elapsed.as_millis());
            log(
                LogLevel::Info,
                &format!("{step}{number}: {code}{why}, reached {reached}, {elapsed} ms"),
            );
        }
        // A listener may have forked. The result and the event belong to the parent, not to the child.
        if self.is_in_child() {
            return Err(transport::forked());
        }
        if let Some(event) = &listeners.event {
            event(&end);
        }
        if self.is_in_child() { Err(transport::forked()) } else { result }
    }

    fn call_end<T: Success>(&self, result: &Result<T, Error>) -> CallEnd {
        let (code, reached) = match result {
            // uncovered: each callback is followed by a look whether it forked, which ends the call.
            Ok(_) if self.is_in_child() => (Code::Cancelled, Reached::Unknown),
            Ok(success) => (success.code(), success.reached()),
            Err(error) => (error.code(), error.reached()),
        };
        let (attempt, reused) = self.call.as_ref().map_or((0, false), |call| call.attempt());
        CallEnd {
            event: Event::of(self.step, code, reached),
            code,
            reached,
            elapsed: self.start.time.elapsed(),
            attempt,
            reused,
            limit: result.as_ref().err().filter(|_| code == Code::Limited).and_then(Error::limit),
        }
    }

    fn is_in_child(&self) -> bool {
        self.start.process != Process::current()
    }
}
