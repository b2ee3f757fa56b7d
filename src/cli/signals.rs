//! The signals that end the command: SIGINT (Ctrl-C) and SIGTERM.
#![allow(unsafe_code)]

use std::ffi::c_int;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::low_level;

use super::report::Report;
use crate::Code;

/// How often to check for a signal while reading.
const POLL_INTERVAL: Duration = Duration::from_millis(25);

/// The signals, without those that are ignored at the start, as under nohup or in a shell's background.
pub(super) fn exit_signals() -> impl Iterator<Item = c_int> {
    [SIGINT, SIGTERM].into_iter().filter(|&signal| !is_ignored(signal))
}

#[cfg(unix)]
fn is_ignored(signal: c_int) -> bool {
    let mut action = std::mem::MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: without a new action sigaction only writes the present one, which is read only if it succeeds.
    unsafe {
        libc::sigaction(signal, std::ptr::null(), action.as_mut_ptr()) == 0
            && action.assume_init().sa_sigaction == libc::SIG_IGN
    }
}

#[cfg(not(unix))]
fn is_ignored(_signal: c_int) -> bool {
    false
}

/// Whether a signal has arrived.
#[derive(Clone, Default)]
pub(super) struct SignalFlag(Arc<AtomicBool>);

impl SignalFlag {
    /// Handles the first signal from now on. A second one ends the process.
    pub(super) fn watch() -> Result<SignalFlag, Report> {
        SignalFlag::register().map_err(|error| Report::rejected(Code::Internal, error))
    }

    fn register() -> io::Result<SignalFlag> {
        let flag = SignalFlag::default();
        for signal in exit_signals() {
            let is_set = flag.0.clone();
            // SAFETY: the handler swaps an atomic and calls a function that is async-signal-safe.
            unsafe {
                low_level::register(signal, move || {
                    if is_set.swap(true, Ordering::Relaxed) {
                        let _ = low_level::emulate_default_handler(signal);
                    }
                })?;
            }
        }
        Ok(flag)
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
