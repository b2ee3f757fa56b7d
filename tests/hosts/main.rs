//! What the library does for the program that it lives in: calls end when they are cancelled and at
//! their deadline, a request leaves once, an event loop makes progress, and no secret is told.
//!
//! `cargo test --test hosts deadlines` runs one module.
#![cfg(target_os = "linux")]

#[cfg(feature = "capi")]
mod allocator;
mod cancel;
mod connections;
mod deadlines;
mod queue;
#[cfg(feature = "cli")]
mod secrets;
#[path = "../support/mod.rs"]
mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use verifysms::{Builder, Client, LogLevel};

use support::os::Thread;
use support::server::PATIENCE;

/// How soon a call ends after it was cancelled, and how late after its deadline.
const SOON: Duration = Duration::from_millis(100);

/// The shortest of three times: a busy machine delays a call now and then, a defect always does.
fn shortest(mut call: impl FnMut() -> Duration) -> Duration {
    (0..3).map(|_| call()).min().unwrap_or_default()
}

/// Counts the attempts of a client's calls, each of which has a record in the log.
#[derive(Clone, Default)]
struct AttemptCount(Arc<AtomicUsize>);

impl AttemptCount {
    fn client(&self, builder: Builder) -> Client {
        let count = self.0.clone();
        let log = move |level, _: &str| {
            count.fetch_add(usize::from(level == LogLevel::Debug), Ordering::SeqCst);
        };
        builder.log(log).build().expect("valid settings")
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    /// Waits until so many attempts have ended.
    fn wait_for(&self, count: usize) {
        let begun = Instant::now();
        while self.count() < count {
            assert!(begun.elapsed() < PATIENCE, "no attempt ends");
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Makes a call in a thread that `interrupt` may interrupt until the call is over.
fn interrupted<T: Send>(
    call: impl FnOnce() -> T + Send,
    interrupt: impl FnOnce(Thread, &AtomicBool),
) -> T {
    let (tell, told) = mpsc::channel();
    let over = AtomicBool::new(false);
    let over = &over;
    std::thread::scope(|scope| {
        let call = scope.spawn(move || {
            tell.send(Thread::current()).expect("the test listens");
            let result = call();
            over.store(true, Ordering::SeqCst);
            result
        });
        // The thread is joined below, so that it can be interrupted until then.
        interrupt(told.recv().expect("the thread begins"), over);
        call.join().expect("a call does not panic")
    })
}
