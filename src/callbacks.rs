//! The functions of a user that this library calls.

use std::sync::Arc;

use crate::event::CallEnd;

/// How much a log record matters. The numbers are syslog's severities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[repr(i32)]
pub enum LogLevel {
    /// Something that an operator should know: what the guard cannot do, and what it does instead.
    Warning = 4,
    /// One record per call: its outcome.
    Info = 6,
    /// One record per attempt to reach the service.
    Debug = 7,
}

/// Receives log records.
pub(crate) type Log = Arc<dyn Fn(LogLevel, &str) + Send + Sync>;

/// Receives the end of each call.
pub(crate) type OnEvent = Arc<dyn Fn(&CallEnd) + Send + Sync>;

/// The functions that hear what happens.
#[derive(Clone, Default)]
pub(crate) struct Listeners {
    pub(crate) log: Option<Log>,
    pub(crate) event: Option<OnEvent>,
}

impl Listeners {
    /// Whether nobody listens.
    pub(crate) fn is_empty(&self) -> bool {
        self.log.is_none() && self.event.is_none()
    }

    /// These, and those of `others` where there is none.
    pub(crate) fn or(self, others: &Listeners) -> Listeners {
        Listeners {
            log: self.log.or_else(|| others.log.clone()),
            event: self.event.or_else(|| others.event.clone()),
        }
    }
}

/// Returns whether the call that waits should end.
pub(crate) type Interrupt = Arc<dyn Fn() -> bool + Send + Sync>;
