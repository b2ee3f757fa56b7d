//! How much the sandbox takes: requests a second, and memory after a million messages.
//!
//! Takes a minute; tests/deep/flood.py runs it, or
//! `cargo test --release --features cli --test flood -- --ignored --nocapture`.
#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The connections that ask at the same time, each for the next when it is answered.
const CLIENTS: usize = 8;

/// What is promised.
const PER_SECOND: f64 = 5000.0;
const MEGABYTES: f64 = 100.0;

/// A variable of the environment, or what is meant without it.
fn setting(name: &str, otherwise: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| otherwise.to_owned())
}

struct Running(Child);

impl Running {
    /// The command as it is built, and the address of its sandbox.
    fn start() -> (Running, String) {
        let command = setting("VERIFYSMS_COMMAND", env!("CARGO_BIN_EXE_verifysms"));
        let mut command = Command::new(command);
        command.args(["sandbox", "--port", "0"]).stdout(Stdio::piped());
        let mut running = Running(command.spawn().unwrap());
        let mut line = String::new();
        BufReader::new(running.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next());
        (running, address.unwrap().to_owned())
    }

    /// The most memory that it has ever had, in megabytes.
    fn peak(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn connect(address: &str) -> BufReader<TcpStream> {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    BufReader::new(stream)
}

/// Sends messages with this text to these numbers, one after the other.
fn send(address: &str, numbers: std::ops::Range<usize>, text: &str) {
    let mut stream = connect(address);
    let (mut line, mut body) = (String::new(), Vec::new());
    for number in numbers {
        let mut form = String::new();
        let to = format!("05{number:08}");
        let fields =
            [("apiKey", "sandbox-key"), ("from", "Acme"), ("to", to.as_str()), ("message", text)];
        for (name, value) in fields {
            form.push_str(&format!(
                "--b0undary\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            ));
        }
        form.push_str("--b0undary--\r\n");
        let request = format!(
            "POST /sms/verifySMS HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\
             Content-Type: multipart/form-data; boundary=b0undary\r\n\r\n{form}",
            form.len()
        );
        stream.get_mut().write_all(request.as_bytes()).unwrap();
        let mut length = 0;
        loop {
            line.clear();
            stream.read_line(&mut line).unwrap();
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.trim_end().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
        }
        body.resize(length, 0);
        stream.read_exact(&mut body).unwrap();
        assert!(body.starts_with(b"{\"status\":\"OK\""), "{}", String::from_utf8_lossy(&body));
    }
}

/// Sends so many messages with this text to as many numbers, while somebody has the page open; gives how many came
/// in a second, and the most memory in megabytes.
fn flood(messages: usize, text: &str) -> (f64, f64) {
    let (running, address) = Running::start();
    let mut page = connect(&address);
    let ask = b"GET /control/events HTTP/1.1\r\nHost: localhost\r\n\r\n";
    page.get_mut().write_all(ask).unwrap();
    let watching = thread::spawn(move || {
        let mut told = 0;
        let mut buffer = [0; 1 << 16];
        while let Ok(length @ 1..) = page.read(&mut buffer) {
            told += length;
        }
        told
    });

    let begun = Instant::now();
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            let share = messages * client / CLIENTS..messages * (client + 1) / CLIENTS;
            scope.spawn(|| send(&address, share, text));
        }
    });
    let per_second = messages as f64 / begun.elapsed().as_secs_f64();
    let megabytes = running.peak();
    drop(running);
    let told = watching.join().unwrap();
    assert!(told > 0, "the page was told something");
    println!(
        "{messages} messages of {} bytes: {per_second:.0} in a second, {megabytes:.0} MB at most, \
         {} MB told to the page",
        text.len(),
        told >> 20
    );
    (per_second, megabytes)
}

#[test]
#[ignore = "takes a minute"]
fn a_million_messages_come_fast_and_fit_into_memory() {
    let messages = setting("VERIFYSMS_MESSAGES", "1000000").parse().unwrap();
    let (per_second, megabytes) = flood(messages, "Your code is ##code##");
    assert!(per_second >= PER_SECOND, "{per_second:.0} requests in a second");
    assert!(megabytes < MEGABYTES, "{megabytes:.0} MB");
}

#[test]
#[ignore = "takes seconds, and the memory is measured"]
fn the_longest_messages_fit_into_memory() {
    let (_, megabytes) = flood(10_000, &format!("##code##{}", "x".repeat(60_000)));
    assert!(megabytes < MEGABYTES, "{megabytes:.0} MB");
}
