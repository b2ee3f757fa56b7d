//! The process of the clients: its threads make calls, each with a number of its own, and tell how
//! they ended.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use verifysms::{Client, Code, Error, Outcome, Queue, Reached};

use crate::support::TO;
use crate::support::client_process::{ClientSettings, write_to_parent};
use crate::support::os::{self, descriptors, is_readable, threads};
use crate::support::server::PATIENCE;

/// How many threads share the clients, and how many calls the queue of each client has at once.
pub(crate) const THREADS: usize = 32;
pub(crate) const QUEUED: usize = 16;
/// How often all calls of a client are cancelled.
const CANCEL_EVERY: Duration = Duration::from_millis(1300);

/// What the process is told to do.
#[derive(Serialize, Deserialize)]
pub(crate) struct Plan {
    pub(crate) clients: Vec<ClientSettings>,
    pub(crate) seed: u64,
    pub(crate) warm_up: Duration,
    pub(crate) duration: Duration,
}

/// What the process tells the parent.
#[derive(Serialize, Deserialize)]
pub(crate) enum Message {
    Call(EndedCall),
    Resources(Resources),
}

/// How a call ended.
#[derive(Serialize, Deserialize)]
pub(crate) struct EndedCall {
    pub(crate) id: u32,
    pub(crate) is_check: bool,
    /// The number of a [`Code`].
    pub(crate) code: i32,
    /// The number of a [`Reached`].
    pub(crate) reached: i32,
    /// The id that the service gave to the message.
    pub(crate) unique: String,
    pub(crate) elapsed: Duration,
}

/// What the process uses.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Resources {
    pub(crate) descriptors: usize,
    pub(crate) threads: usize,
    /// In KiB.
    pub(crate) memory: usize,
}

impl Resources {
    fn now() -> Resources {
        // A name lookup's thread answers just before it ends.
        std::thread::sleep(Duration::from_millis(200));
        Resources { descriptors: descriptors(), threads: threads(), memory: os::memory() }
    }
}

impl fmt::Display for Resources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Resources { descriptors, threads, memory } = self;
        write!(f, "{descriptors} descriptors, {threads} threads, {memory} KiB")
    }
}

/// A sequence of numbers that looks random, the same for the same seed (Steele, Lea and Flood's
/// SplitMix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
}

/// The process's life.
pub(crate) fn serve() {
    let mut lines = io::stdin().lines().map_while(Result::ok);
    let Some(plan) = lines.next() else { return };
    let plan: Plan = serde_json::from_str(&plan).expect("a plan");
    write_to_parent(&Message::Resources(Resources::now()));
    let clients: Vec<_> = plan
        .clients
        .iter()
        .map(|settings| Arc::new(settings.builder().build().expect("the settings are valid")))
        .collect();
    let next = AtomicU32::new(0);
    for (seed, duration) in [(plan.seed, plan.warm_up), (!plan.seed, plan.duration)] {
        work(&clients, &next, seed, duration);
        write_to_parent(&Message::Resources(Resources::now()));
    }
    drop(clients);
    write_to_parent(&Message::Resources(Resources::now()));
}

/// Makes calls in all threads and queues until the time is over.
fn work(clients: &[Arc<Client>], next: &AtomicU32, seed: u64, duration: Duration) {
    let until = Instant::now() + duration;
    let stopping = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let working: Vec<_> = (0..THREADS as u64)
            .map(|thread| {
                scope.spawn(move || {
                    let mut random = Random(seed ^ thread << 32);
                    while Instant::now() < until {
                        let client = &clients[random.below(clients.len())];
                        let id = next.fetch_add(1, Ordering::Relaxed);
                        write_to_parent(&Message::Call(call(client, id, random.below(2) == 0)));
                    }
                })
            })
            .chain(clients.iter().enumerate().map(|(at, client)| {
                scope.spawn(move || drive(client, next, seed ^ !(at as u64), until))
            }))
            .collect();
        scope.spawn(|| {
            for client in clients.iter().cycle() {
                std::thread::sleep(CANCEL_EVERY);
                if stopping.load(Ordering::Relaxed) {
                    break;
                }
                client.cancel();
            }
        });
        for thread in working {
            thread.join().expect("a call does not panic");
        }
        stopping.store(true, Ordering::Relaxed);
    });
}

fn call(client: &Client, id: u32, is_check: bool) -> EndedCall {
    let begun = Instant::now();
    let result = match is_check {
        true => client.check(TO, &code(id)).map(Outcome::Checked),
        false => client.send_with(TO, None, Some(&message(id))).map(Outcome::Sent),
    };
    ended(id, is_check, begun, result)
}

/// Makes calls in a queue, as a program with an event loop does.
fn drive(client: &Arc<Client>, next: &AtomicU32, seed: u64, until: Instant) {
    let mut random = Random(seed);
    let mut queue = Queue::new(client.clone()).expect("a descriptor is left");
    loop {
        while queue.len() < QUEUED && Instant::now() < until {
            let id = next.fetch_add(1, Ordering::Relaxed);
            let is_check = random.below(2) == 0;
            let key = (id, is_check, Instant::now());
            let started = match is_check {
                true => queue.check(key, TO, &code(id)),
                false => queue.send_with(key, TO, None, Some(&message(id))),
            };
            started.expect("the queue is of this process");
        }
        if queue.is_empty() {
            break;
        }
        is_readable(&queue, PATIENCE);
        while let Some(((id, is_check, begun), result)) = queue.take() {
            write_to_parent(&Message::Call(ended(id, is_check, begun, result)));
        }
    }
}

fn code(id: u32) -> String {
    format!("{id:08}")
}

fn message(id: u32) -> String {
    format!("##code## {id:08}")
}

fn ended(id: u32, is_check: bool, begun: Instant, result: Result<Outcome, Error>) -> EndedCall {
    let elapsed = begun.elapsed();
    let (code, reached, unique) = match result {
        Ok(Outcome::Sent(sent)) => (Code::Ok, Reached::Yes, sent.unique().to_owned()),
        Ok(Outcome::Checked(check)) if check.is_verified() => {
            (Code::Ok, Reached::Yes, String::new())
        }
        Ok(_) => (Code::NotVerified, Reached::Yes, String::new()),
        Err(error) => (error.code(), error.reached(), String::new()),
    };
    EndedCall { id, is_check, code: code.number(), reached: reached.number(), unique, elapsed }
}
