//! The signals that end a command: SIGINT (Ctrl-C) and SIGTERM.

use std::ffi::c_int;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level;

/// Without those that are ignored at the start, as under nohup or in a shell's background.
fn exit_signals() -> impl Iterator<Item = c_int> {
    [SIGINT, SIGTERM].into_iter().filter(|&signal| !is_ignored(signal))
}

fn is_ignored(signal: c_int) -> bool {
    let mut action = std::mem::MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: without a new action sigaction only writes the present one, which is read only if it succeeds.
    unsafe {
        libc::sigaction(signal, std::ptr::null(), action.as_mut_ptr()) == 0
            && action.assume_init().sa_sigaction == libc::SIG_IGN
    }
}

/// Has the first signal set the flag. The second one ends the process.
pub(crate) fn set_at_first(flag: &Arc<AtomicBool>) -> io::Result<()> {
    for signal in exit_signals() {
        let is_set = flag.clone();
        // SAFETY: the handler swaps an atomic and calls a function that is async-signal-safe.
        unsafe {
            low_level::register(signal, move || {
                if is_set.swap(true, Ordering::Relaxed) {
                    let _ = low_level::emulate_default_handler(signal);
                }
            })?;
        }
    }
    Ok(())
}

/// Catches the signals from now on.
pub(crate) struct Caught(Signals);

impl Caught {
    pub(crate) fn new() -> io::Result<Caught> {
        Signals::new(exit_signals()).map(Caught)
    }

    /// Waits for a signal, calls `finish`, and ends the process as the signal does by default.
    pub(crate) fn wait(mut self, finish: impl FnOnce()) {
        let signal = self.0.forever().next();
        finish();
        // Does not return, unless it fails.
        let _ = signal.map(low_level::emulate_default_handler);
    }
}
