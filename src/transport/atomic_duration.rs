//! A duration that threads share without a lock.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// In nanoseconds, up to 584 years.
#[derive(Default)]
pub(super) struct AtomicDuration(AtomicU64);

impl AtomicDuration {
    pub(super) fn new(duration: Duration) -> AtomicDuration {
        AtomicDuration(AtomicU64::new(nanoseconds(duration)))
    }

    pub(super) fn load(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::Relaxed))
    }

    pub(super) fn store(&self, duration: Duration) {
        self.0.store(nanoseconds(duration), Ordering::Relaxed);
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    duration.as_nanos().try_into().unwrap_or(u64::MAX)
}
