//! The process of the clients: its threads make calls, each with a number of its own, and tell how
//! they ended.

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use verifysms::{Client, Code, Error, Reached};

use crate::support::TO;
use crate::support::client_process::{
    ClientSettings, descriptors, status, threads, write_to_parent,
};

/// How many threads share the clients.
pub(crate) const THREADS: usize = 32;
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
        Resources { descriptors: descriptors(), threads: threads(), memory: status("VmRSS:") }
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
        .map(|settings| settings.builder().build().expect("the settings are valid"))
        .collect();
    let next = AtomicU32::new(0);
    for (seed, duration) in [(plan.seed, plan.warm_up), (!plan.seed, plan.duration)] {
        work(&clients, &next, seed, duration);
        write_to_parent(&Message::Resources(Resources::now()));
    }
    drop(clients);
    write_to_parent(&Message::Resources(Resources::now()));
}

/// Makes calls in all threads until the time is over.
fn work(clients: &[Client], next: &AtomicU32, seed: u64, duration: Duration) {
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
    let ended: Result<(Code, String), Error> = if is_check {
        client.check(TO, &format!("{id:08}")).map(|check| {
            let code = if check.is_verified() { Code::Ok } else { Code::NotVerified };
            (code, String::new())
        })
    } else {
        let message = format!("##code## {id:08}");
        client.send_with(TO, None, Some(&message)).map(|sent| (Code::Ok, sent.unique().to_owned()))
    };
    let elapsed = begun.elapsed();
    let (code, reached, unique) = match ended {
        Ok((code, unique)) => (code, Reached::Yes, unique),
        Err(error) => (error.code(), error.reached(), String::new()),
    };
    EndedCall { id, is_check, code: code.number(), reached: reached.number(), unique, elapsed }
}
