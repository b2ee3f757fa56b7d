//! The signals that people end the command with: SIGINT (Ctrl-C) and SIGTERM.
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

/// How long to wait before looking again whether a signal came.
const WAIT: Duration = Duration::from_millis(25);

/// The signals, without those that whoever started the command had it ignore, as nohup does and a
/// shell that starts it in the background.
pub(super) fn heeded() -> impl Iterator<Item = c_int> {
    [SIGINT, SIGTERM].into_iter().filter(|&signal| !is_ignored(signal))
}

#[cfg(unix)]
fn is_ignored(signal: c_int) -> bool {
    let mut action = std::mem::MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: without a new action it changes nothing and writes the present one, which is read only
    // after it said that it did.
    unsafe {
        libc::sigaction(signal, std::ptr::null(), action.as_mut_ptr()) == 0
            && action.assume_init().sa_sigaction == libc::SIG_IGN
    }
}

#[cfg(not(unix))]
fn is_ignored(_signal: c_int) -> bool {
    false
}

/// Whether a signal has asked this run to end.
#[derive(Clone, Default)]
pub(super) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Notes the first signal from here on. A second one ends the process, as without a handler.
    pub(super) fn watch() -> io::Result<Interrupt> {
        let interrupt = Interrupt::default();
        for signal in heeded() {
            let has_come = interrupt.0.clone();
            // SAFETY: in the handler it swaps an atomic, and does what is made for handlers.
            unsafe {
                low_level::register(signal, move || {
                    if has_come.swap(true, Ordering::Relaxed) {
                        let _ = low_level::emulate_default_handler(signal);
                    }
                })?;
            }
        }
        Ok(interrupt)
    }

    pub(super) fn has_come(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Reads what may not be there yet: the system goes on with a read after a signal. It ends
    /// without an answer when a signal comes.
    pub(super) fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let (sender, receiver) = mpsc::channel();
        thread::Builder::new().spawn(move || sender.send(read()))?;
        loop {
            if self.has_come() {
                return Err(io::ErrorKind::Interrupted.into());
            }
            match receiver.recv_timeout(WAIT) {
                Ok(answer) => return answer,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(io::Error::other("the reading thread ended"));
                }
            }
        }
    }
}
