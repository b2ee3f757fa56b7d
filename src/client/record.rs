//! The log record of a call.

use super::results::Success;
use crate::callbacks::{Log, LogLevel};
use crate::error::{Code, Error, Reached};
use crate::phone::Phone;
use crate::sys::Process;
use crate::transport::{self, Start};

/// Begins with a call; its end logs the outcome.
pub(super) struct CallRecord {
    step: &'static str,
    pub(super) start: Start,
}

impl CallRecord {
    pub(super) fn new(step: &'static str) -> CallRecord {
        CallRecord { step, start: Start::now() }
    }

    /// Logs the outcome, and returns it.
    pub(super) fn end<T: Success>(
        self,
        log: Option<&Log>,
        to: Option<&Phone>,
        result: Result<T, Error>,
    ) -> Result<T, Error> {
        let result = result.map_err(|error| error.during(self.step));
        let Some(log) = log else { return result };
        let (code, reached) = match &result {
            // uncovered: each callback is followed by a look whether it forked, which ends the call.
            Ok(_) if self.start.process != Process::current() => {
                (Code::Cancelled, Reached::Unknown)
            }
            Ok(success) => (success.code(), success.reached()),
            Err(error) => (error.code(), error.reached()),
        };
        let number = to.map(|to| format!(" {to}")).unwrap_or_default();
        let (step, elapsed) = (self.step, self.start.time.elapsed().as_millis());
        log(LogLevel::Info, &format!("{step}{number}: {code}, reached {reached}, {elapsed} ms"));
        // The log function may have forked. The result belongs to the parent, not to the child.
        if self.start.process == Process::current() { result } else { Err(transport::forked()) }
    }
}
