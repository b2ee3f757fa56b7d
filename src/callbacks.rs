//! The functions of a user that this library calls.

use std::sync::Arc;

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

/// Returns whether the call that waits should end.
pub(crate) type Interrupt = Arc<dyn Fn() -> bool + Send + Sync>;
