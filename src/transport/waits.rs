//! What the exchange of a call waits for: descriptors, and a time.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::sys::{Descriptor, Interest};

#[derive(Default)]
pub(super) struct Waits(Mutex<WaitsState>);

#[derive(Default)]
struct WaitsState {
    descriptors: Vec<(Descriptor, Interest)>,
    until: Option<Instant>,
}

impl Waits {
    pub(super) fn add_descriptor(&self, descriptor: Descriptor, interest: Interest) {
        self.lock().descriptors.push((descriptor, interest));
    }

    /// Adds a time. Only the earliest counts.
    pub(super) fn add_time(&self, time: Instant) {
        let mut state = self.lock();
        state.until = Some(state.until.map_or(time, |until| until.min(time)));
    }

    /// Removes everything: passes the descriptors to `take`, and returns the time.
    pub(super) fn drain(&self, mut take: impl FnMut(Descriptor)) -> Option<Instant> {
        let mut state = self.lock();
        state.descriptors.drain(..).for_each(|(descriptor, _)| take(descriptor));
        state.until.take()
    }

    /// Removes and returns everything.
    pub(super) fn take(&self) -> (Vec<(Descriptor, Interest)>, Option<Instant>) {
        let mut state = self.lock();
        (std::mem::take(&mut state.descriptors), state.until.take())
    }

    /// Takes the vector of descriptors back, so that the next wait need not allocate one.
    pub(super) fn recycle(&self, mut descriptors: Vec<(Descriptor, Interest)>) {
        descriptors.clear();
        self.lock().descriptors = descriptors;
    }

    fn lock(&self) -> MutexGuard<'_, WaitsState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
