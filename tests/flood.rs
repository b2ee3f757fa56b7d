//! The sandbox's throughput and memory: requests per second, and the peak after a million messages.
//!
//! Takes a minute; tests/deep/flood.py runs it, or
//! `cargo test --release --features cli --test flood -- --ignored --nocapture`.
#![cfg(target_os = "linux")]

#[path = "support/http_client.rs"]
mod http_client;

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Instant;

use http_client::{API_KEY, HttpConnection};

/// The number of concurrent clients. Each sends the next request when the last one is answered.
const CLIENTS: usize = 8;

/// What the README promises.
const MIN_PER_SECOND: f64 = 5000.0;
const MAX_MEGABYTES: f64 = 100.0;

fn environment(name: &str, default: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| default.to_owned())
}

struct SandboxProcess(Child);

impl SandboxProcess {
    /// Starts the built command, and returns its sandbox's address too.
    fn start() -> (SandboxProcess, String) {
        let command = environment("VERIFYSMS_COMMAND", env!("CARGO_BIN_EXE_verifysms"));
        let mut command = Command::new(command);
        command.args(["sandbox", "--port", "0"]).stdout(Stdio::piped());
        let mut process = SandboxProcess(command.spawn().unwrap());
        let mut line = String::new();
        BufReader::new(process.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next());
        (process, address.unwrap().to_owned())
    }

    fn peak_megabytes(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
    }
}

impl Drop for SandboxProcess {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Sends a message with this text to each of these numbers.
fn send(address: &str, numbers: std::ops::Range<usize>, text: &str) {
    let mut connection = HttpConnection::open(address);
    for number in numbers {
        let to = format!("05{number:08}");
        let response =
            connection.multipart(&[API_KEY, ("from", "Acme"), ("to", &to), ("message", text)]);
        assert!(response.body.starts_with("{\"status\":\"OK\""), "{}", response.body);
    }
}

/// Sends this many messages to as many numbers while a page is open. Returns the messages per second and the peak
/// memory in megabytes.
fn flood(messages: usize, text: &str) -> (f64, f64) {
    let (process, address) = SandboxProcess::start();
    let mut page = HttpConnection::open(&address);
    page.write_request("GET", "/control/events", &[], b"");
    let page = thread::spawn(move || {
        let mut received = 0;
        let mut buffer = [0; 1 << 16];
        while let Ok(length @ 1..) = page.stream.read(&mut buffer) {
            received += length;
        }
        received
    });

    let start = Instant::now();
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            let share = messages * client / CLIENTS..messages * (client + 1) / CLIENTS;
            scope.spawn(|| send(&address, share, text));
        }
    });
    let per_second = messages as f64 / start.elapsed().as_secs_f64();
    let megabytes = process.peak_megabytes();
    drop(process);
    let received = page.join().unwrap();
    assert!(received > 0, "the page received nothing");
    println!(
        "{messages} messages of {} bytes: {per_second:.0} per second, at most {megabytes:.0} MB, \
         {} MB of events",
        text.len(),
        received >> 20
    );
    (per_second, megabytes)
}

#[test]
#[ignore = "takes a minute"]
fn a_million_messages_are_fast_and_fit_into_memory() {
    let messages = environment("VERIFYSMS_MESSAGES", "1000000").parse().unwrap();
    let (per_second, megabytes) = flood(messages, "Your code is ##code##");
    assert!(per_second >= MIN_PER_SECOND, "{per_second:.0} requests per second");
    assert!(megabytes < MAX_MEGABYTES, "{megabytes:.0} MB");
}

#[test]
#[ignore = "takes seconds, and the memory is measured"]
fn the_longest_messages_fit_into_memory() {
    let (_, megabytes) = flood(10_000, &format!("##code##{}", "x".repeat(60_000)));
    assert!(megabytes < MAX_MEGABYTES, "{megabytes:.0} MB");
}
