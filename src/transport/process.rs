//! A value for each process in which a client is used, after a fork.

use once_cell::race::OnceBox;

use crate::sys::Process;

/// Like a thread-local, but per process. A forked child gets a value of its own, and leaves that of the
/// parent alone: its connections are the parent's, and its locks may be held by a thread that the child
/// does not have.
pub(crate) struct PerProcess<T> {
    process: Process,
    /// None only while it is dropped.
    value: Option<T>,
    next: OnceBox<PerProcess<T>>,
}

impl<T> PerProcess<T> {
    pub(crate) fn new(value: T) -> PerProcess<T> {
        PerProcess::of(Process::current(), value)
    }

    fn of(process: Process, value: T) -> PerProcess<T> {
        PerProcess { process, value: Some(value), next: OnceBox::new() }
    }

    /// The value of the current process, `process`. Made with `make` at the first use.
    pub(crate) fn get(&self, process: Process, make: impl Fn() -> T) -> &T {
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
