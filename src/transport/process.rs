//! A value for each process that a client lives in.

use once_cell::race::OnceBox;

use super::sys::Process;

/// A value of the process that made it. A child that was forked off gets one of its own: what the
/// parent's holds (connections, locks that another thread may have held) is left untouched.
pub(super) struct PerProcess<T> {
    process: Process,
    /// Taken out only when it is dropped.
    value: Option<T>,
    next: OnceBox<PerProcess<T>>,
}

impl<T> PerProcess<T> {
    pub(super) fn new(value: T) -> PerProcess<T> {
        PerProcess::of(Process::current(), value)
    }

    fn of(process: Process, value: T) -> PerProcess<T> {
        PerProcess { process, value: Some(value), next: OnceBox::new() }
    }

    /// The value of a process, this one, made with `make` when it is asked for first.
    pub(super) fn get(&self, process: Process, make: impl Fn() -> T) -> &T {
        let mut own = self;
        loop {
            match &own.value {
                Some(value) if own.process == process => return value,
                _ => own = own.next.get_or_init(|| Box::new(PerProcess::of(process, make()))),
            }
        }
    }
}

impl<T> Drop for PerProcess<T> {
    fn drop(&mut self) {
        if self.process != Process::current() {
            std::mem::forget(self.value.take());
        }
    }
}
