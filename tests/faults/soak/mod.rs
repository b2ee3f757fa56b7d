//! A soak: many threads share clients for a long time, while the service plays the fault matrix at
//! random. Every call has a number of its own, so that what the service saw of it and what it
//! answered can be held against each other.
//!
//! `tests/deep/soak.py` runs it. `SOAK_SECONDS` says for how long, `SOAK_SEED` repeats a seed, as far
//! as threads can be made to repeat anything.

mod clients;
mod ledger;
mod service;

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::support::CA;
use crate::support::client_process::{ClientProcess, ClientSettings};
use clients::{Message, Plan, Resources, THREADS};
use ledger::Ledger;
use service::Service;

/// The deadline of a call, and what one attempt to connect may take of it.
const TIMEOUT: Duration = Duration::from_secs(1);
const CONNECT_TIMEOUT: Duration = Duration::from_millis(400);
/// How much memory the process of the clients may have gained since it had warmed up, in KiB: what a
/// heap of many threads is uneven by.
const GROWTH: usize = 4 * 1024;

fn number(variable: &str, otherwise: impl FnOnce() -> u64) -> u64 {
    std::env::var(variable).map_or_else(|_| otherwise(), |text| text.parse().expect("a number"))
}

#[test]
#[ignore = "takes as long as it is told to"]
fn every_request_is_accounted_for() {
    let seconds = number("SOAK_SECONDS", || 20);
    let seed = number("SOAK_SEED", || {
        SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970").as_nanos() as u64
    });
    println!("seed {seed}");
    let ledger = Arc::new(Ledger::default());
    let service = Service::start(seed, &ledger);
    let settings = |url: String| ClientSettings {
        timeout: TIMEOUT,
        connect_timeout: CONNECT_TIMEOUT,
        ca_file: Some(CA.file()),
        ..ClientSettings::new(url)
    };
    let plan = Plan {
        clients: service.urls().map(settings).into(),
        seed,
        warm_up: Duration::from_secs(seconds / 8 + 2),
        duration: Duration::from_secs(seconds),
    };

    let mut process = ClientProcess::run("soak::soak_clients", &plan, None);
    let mut held = Vec::new();
    while held.len() < 4 {
        match process.read() {
            Message::Call(ended) => ledger.ended(&ended),
            Message::Resources(now) => held.push(now),
        }
    }
    process.wait();
    service.settle();

    let summary = ledger.reconcile(&service.rows(), TIMEOUT);
    let [before, warm, end, after] = held[..] else { panic!("four measurements") };
    println!("soak: {summary}; {warm} when warm, {end} at the end");
    check_growth(before, warm, end, after);
}

fn check_growth(before: Resources, warm: Resources, end: Resources, after: Resources) {
    // Idle connections are kept, at most one for each thread and client.
    let most = before.descriptors + THREADS * 2;
    assert!(end.descriptors <= most, "{before}, then {end}");
    assert_eq!(end.threads, before.threads, "threads are left between calls");
    assert!(end.memory < warm.memory + GROWTH, "{warm}, then {end}");
    assert_eq!(after.descriptors, before.descriptors, "descriptors are left");
    assert_eq!(after.threads, before.threads, "threads are left");
}

#[test]
#[ignore = "the process that the soak makes its calls in"]
fn soak_clients() {
    clients::serve();
}
