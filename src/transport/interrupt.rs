//! The interrupt function of a call, and when it is called.

use std::cell::Cell;
use std::time::Duration;

use super::atomic_duration::AtomicDuration;
use crate::callbacks::Interrupt;

/// How often the function is called during a wait. The promise is a tenth of a second; a quarter of that
/// is a margin for a busy machine.
pub(super) const INTERVAL: Duration = Duration::from_millis(25);

thread_local! {
    /// Whether this thread is in an interrupt function. Calls that the function makes do not call it.
    static IN_INTERRUPT: Cell<bool> = const { Cell::new(false) };
}

/// Calls the interrupt function, if there is one.
pub(super) struct Interrupter {
    function: Option<Interrupt>,
    /// When the function was last called. Counted from the start of the call.
    last_called: AtomicDuration,
}

impl Interrupter {
    pub(super) fn new(function: Option<Interrupt>) -> Interrupter {
        let function = function.filter(|_| !IN_INTERRUPT.get());
        Interrupter { function, last_called: AtomicDuration::default() }
    }

    /// Whether there is a function.
    pub(super) fn is_set(&self) -> bool {
        self.function.is_some()
    }

    /// Whether the function has to be called. `now` is the time since the start of the call.
    pub(super) fn is_due(&self, now: Duration) -> bool {
        self.is_set() && now >= self.last_called.load() + INTERVAL
    }

    /// Calls the function. Returns whether the call should end; None without a function.
    pub(super) fn call(&self) -> Option<bool> {
        /// Resets the flag after the function, even after a panic.
        struct InInterrupt;
        impl Drop for InInterrupt {
            fn drop(&mut self) {
                IN_INTERRUPT.set(false);
            }
        }
        let function = self.function.as_ref()?;
        IN_INTERRUPT.set(true);
        let _in_interrupt = InInterrupt;
        Some(function())
    }

    /// Notes the time after a call of the function.
    pub(super) fn set_called(&self, now: Duration) {
        self.last_called.store(now);
    }
}
