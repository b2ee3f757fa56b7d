//! What ends a command: Ctrl-C, Ctrl-Break, and the end of its window, of the session or of the system.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use windows_sys::Win32::Foundation::STATUS_CONTROL_C_EXIT;
use windows_sys::Win32::System::Console::{CTRL_BREAK_EVENT, CTRL_C_EVENT, SetConsoleCtrlHandler};
use windows_sys::core::BOOL;

/// Is called at each event. Returns whether the process goes on.
type OnEvent = Box<dyn Fn() -> bool + Send>;

static ON_EVENT: Mutex<Option<OnEvent>> = Mutex::new(None);

/// Runs in a thread of its own. The system ends the process if it returns 0.
unsafe extern "system" fn happened(event: u32) -> BOOL {
    let goes_on = {
        let on_event = ON_EVENT.lock().unwrap_or_else(PoisonError::into_inner);
        on_event.as_ref().is_some_and(|on_event| on_event())
    };
    if goes_on && event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT {
        // The system ends the process when this function returns, or soon after. The command has time to end.
        std::thread::sleep(Duration::from_secs(5));
    }
    goes_on.into()
}

/// Replaces what is called at each event.
fn set(on_event: OnEvent) -> io::Result<()> {
    *ON_EVENT.lock().unwrap_or_else(PoisonError::into_inner) = Some(on_event);
    // SAFETY: the function has the form that it must have. It is added anew each time, and the last is asked
    // first.
    match unsafe { SetConsoleCtrlHandler(Some(happened), 1) } {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// Has the first event set the flag. The second one ends the process.
pub(crate) fn set_at_first(flag: &Arc<AtomicBool>) -> io::Result<()> {
    let is_set = flag.clone();
    set(Box::new(move || !is_set.swap(true, Ordering::Relaxed)))
}

/// Catches the events from now on.
pub(crate) struct Caught(Receiver<()>);

impl Caught {
    pub(crate) fn new() -> io::Result<Caught> {
        let (sender, receiver) = mpsc::channel();
        set(Box::new(move || sender.send(()).is_ok()))?;
        Ok(Caught(receiver))
    }

    /// Waits for an event, calls `finish`, and ends the process as the event does by default.
    pub(crate) fn wait(self, finish: impl FnOnce()) {
        let _ = self.0.recv();
        finish();
        std::process::exit(STATUS_CONTROL_C_EXIT);
    }
}
