//! The signals that end the command: Ctrl-C, and what else the system ends a program with.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use super::report::Report;
use crate::Code;
use crate::sys::signals;

/// How often to check for a signal while reading.
const POLL_INTERVAL: Duration = Duration::from_millis(25);

/// Whether a signal has arrived.
#[derive(Clone, Default)]
pub(super) struct SignalFlag(Arc<AtomicBool>);

impl SignalFlag {
    /// Handles the first signal from now on. A second one ends the process.
    pub(super) fn watch() -> Result<SignalFlag, Report> {
        let flag = SignalFlag::default();
        signals::set_at_first(&flag.0)
            .map_err(|error| Report::rejected(Code::Internal, error))
            .map(|()| flag)
    }

    pub(super) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Ends the run if a signal has arrived.
    pub(super) fn check(&self) -> Result<(), Report> {
        if self.is_set() { Err(Report::interrupted()) } else { Ok(()) }
    }

    /// How the run ends after a read failed: as `rejected`, unless a signal ended the read.
    pub(super) fn or_interrupted(&self, rejected: Report) -> Report {
        self.check().err().unwrap_or(rejected)
    }

    /// Runs a read that may block, and returns `Interrupted` when a signal arrives: the read itself restarts.
    pub(super) fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let (sender, receiver) = mpsc::channel();
        thread::Builder::new().spawn(move || sender.send(read()))?;
        loop {
            if self.is_set() {
                return Err(io::ErrorKind::Interrupted.into());
            }
            match receiver.recv_timeout(POLL_INTERVAL) {
                Ok(result) => return result,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(io::Error::other("the reading thread ended"));
                }
            }
        }
    }
}
