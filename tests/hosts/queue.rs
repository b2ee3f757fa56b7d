//! Calls in an event loop: they are started, a descriptor becomes readable, results are taken.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use verifysms::{Builder, Client, Code, Error, LogLevel, Outcome, Queue, Reached};

use crate::support::http::{field, ok};
use crate::support::os::is_readable;
use crate::support::script::{Step, steps, succeed};
use crate::support::server::{BlackholePort, ClosedPort, PATIENCE, RawServer};
use crate::support::{CA, CODE, CallEnd, TO, builder, failure};

use super::SOON;
use Step::{ReadRequest, Stall};

type Ended = (usize, Result<Outcome, Error>);

fn queue(builder: Builder) -> (Arc<Client>, Queue<usize>) {
    let client = Arc::new(builder.build().expect("valid settings"));
    (client.clone(), Queue::new(client).expect("a queue"))
}

/// Waits for the next result.
fn next(queue: &mut Queue<usize>) -> Ended {
    let begun = Instant::now();
    loop {
        if let Some(ended) = queue.take() {
            return ended;
        }
        assert!(begun.elapsed() < PATIENCE, "no result comes");
        is_readable(queue, PATIENCE);
    }
}

fn all(queue: &mut Queue<usize>) -> Vec<Ended> {
    let mut all = Vec::new();
    while !queue.is_empty() {
        all.push(next(queue));
    }
    all
}

fn is_verified(ended: &Ended) -> bool {
    matches!(&ended.1, Ok(Outcome::Checked(check)) if check.is_verified())
}

fn code(ended: &Ended) -> CallEnd {
    failure(ended.1.as_ref().expect_err("the call cannot succeed"))
}

/// A server that takes requests and answers none.
fn stalling() -> RawServer {
    RawServer::start(steps([ReadRequest, Stall]))
}

/// Makes the calls go on until the server has seen so many requests.
fn run_until_requested(queue: &mut Queue<usize>, server: &RawServer, count: usize) {
    while server.requests().len() < count {
        assert!(queue.take().is_none());
        is_readable(queue, Duration::from_millis(1));
    }
}

#[test]
fn each_of_a_thousand_calls_ends_once_under_its_key() {
    const COUNT: usize = 1000;
    let server = RawServer::start(succeed);
    let (_client, mut queue) = queue(builder(&server.url()));
    for key in 0..COUNT {
        queue.check(key, TO, CODE).expect("it is started");
    }
    assert_eq!(queue.len(), COUNT);
    let mut ended = all(&mut queue);
    assert!(ended.iter().all(is_verified));
    ended.sort_by_key(|(key, _)| *key);
    assert!(ended.iter().map(|(key, _)| *key).eq(0..COUNT));
    assert_eq!(server.requests().len(), COUNT);
    assert!(queue.take().is_none());
}

#[test]
fn calls_over_tls_share_the_connections_that_they_opened() {
    let server = RawServer::start_tls(CA.good(), succeed);
    let (_client, mut queue) = queue(builder(&server.url()));
    for round in 0..3 {
        for key in 0..8 {
            let to = format!("05012300{round}{key}");
            queue.check(key, &to, CODE).expect("it is started");
        }
        // The answer names another number, so that none of them is verified.
        assert_eq!(all(&mut queue).len(), 8);
    }
    for key in 0..8 {
        queue.connect(key).expect("it is started");
    }
    assert!(all(&mut queue).iter().all(|(_, result)| result == &Ok(Outcome::Connected)));
    let before = server.connections();
    for key in 0..8 {
        queue.check(key, TO, CODE).expect("it is started");
    }
    assert!(all(&mut queue).iter().all(is_verified));
    assert!(server.connections() - before <= 7, "one connection at least stood");
}

#[test]
fn a_queue_may_go_to_another_thread() {
    let server = RawServer::start(succeed);
    let (_client, mut queue) = queue(builder(&server.url()));
    queue.check(1, TO, CODE).expect("it is started");
    // A fast server may have answered by the end of the first turn.
    let ended = queue
        .take()
        .unwrap_or_else(|| std::thread::spawn(move || next(&mut queue)).join().expect("it ends"));
    assert!(is_verified(&ended));
}

#[test]
fn a_name_is_looked_up_without_waiting_for_it() {
    let server = RawServer::start(succeed);
    let url = format!("http://localhost:{}/", server.port());
    let (_client, mut queue) = queue(builder(&url));
    for key in 0..3 {
        queue.check(key, TO, CODE).expect("it is started");
    }
    let begun = Instant::now();
    assert!(queue.take().is_none());
    assert!(begun.elapsed() < SOON);
    assert!(all(&mut queue).iter().all(is_verified));
}

#[test]
fn the_answer_to_a_check_before_verifies_nobody() {
    // Each request but the first of a connection gets the answer to the one before.
    let server = RawServer::start(|mut conn| {
        let mut before = None;
        while conn.read_request() {
            let is_right = field(&conn.request(), "code").as_deref() == Some(CODE);
            let answer = ok(&format!(r#"{{"status":{},"phone":"{TO}"}}"#, i32::from(is_right)));
            if !conn.send(&before.replace(answer.clone()).unwrap_or(answer)) {
                return;
            }
        }
    });
    let (_client, mut queue) = queue(builder(&server.url()));
    for round in 0..20 {
        // One after the other, then together.
        let together = round % 2 == 1;
        queue.check(0, TO, CODE).expect("it is started");
        let first = (!together).then(|| next(&mut queue));
        queue.check(1, TO, "000000").expect("it is started");
        for ended in first.into_iter().chain(all(&mut queue)) {
            assert_eq!(is_verified(&ended), ended.0 == 0, "{ended:?}");
        }
    }
}

#[test]
fn the_descriptor_is_readable_while_there_is_a_result() {
    let server = RawServer::start(succeed);
    let (_client, mut queue) = queue(builder(&server.url()));
    assert!(!is_readable(&queue, Duration::ZERO));
    for key in 0..5 {
        queue.check(key, TO, CODE).expect("it is started");
    }
    let mut taken = 0;
    while taken < 5 {
        assert!(is_readable(&queue, PATIENCE), "after {taken}");
        // One at a time, and no word of none.
        taken += usize::from(queue.take().is_some());
    }
    while queue.take().is_some() || is_readable(&queue, Duration::from_millis(50)) {}
    assert!(queue.is_empty());
}

#[test]
fn a_refused_argument_is_a_result() {
    let (_client, mut queue) = queue(builder("http://127.0.0.1:9/"));
    queue.send(1, "12").expect("it is started");
    queue.check(2, TO, "").expect("it is started");
    let ended = all(&mut queue);
    assert!(ended.iter().all(|ended| code(ended) == (Code::InvalidArgument, Reached::No)));
    assert_eq!(ended[0].1.as_ref().unwrap_err().argument(), Some("to"));
    assert_eq!(ended[1].1.as_ref().unwrap_err().argument(), Some("code"));
}

#[test]
fn the_deadline_begins_with_the_start_also_of_calls_that_wait_for_their_turn() {
    let server = BlackholePort::new();
    let timeout = Duration::from_millis(300);
    let (_client, mut queue) = queue(builder(&server.url()).timeout(timeout));
    let begun = Instant::now();
    for key in 0..3000 {
        queue.check(key, TO, CODE).expect("it is started");
    }
    for ended in all(&mut queue) {
        assert_eq!(code(&ended), (Code::Timeout, Reached::No));
    }
    assert!(begun.elapsed() >= timeout);
    assert!(begun.elapsed() < timeout + 20 * SOON, "{:?}", begun.elapsed());
}

#[test]
fn calls_that_wait_wake_nobody() {
    let server = stalling();
    let (_client, mut queue) = queue(builder(&server.url()));
    for key in 0..50 {
        queue.check(key, TO, CODE).expect("it is started");
    }
    run_until_requested(&mut queue, &server, 50);
    while is_readable(&queue, Duration::from_millis(20)) {
        assert!(queue.take().is_none());
    }
    assert!(!is_readable(&queue, Duration::from_secs(1)));
    assert_eq!(queue.len(), 50);
}

#[test]
fn a_cancelled_call_ends_alone_and_soon() {
    let server = stalling();
    let (client, mut queue) = queue(builder(&server.url()));
    let tickets: Vec<_> =
        (0..4).map(|key| queue.check(key, TO, CODE).expect("it is started")).collect();
    run_until_requested(&mut queue, &server, 4);
    queue.cancel(tickets[2]);
    queue.cancel(tickets[2]);
    let begun = Instant::now();
    let ended = next(&mut queue);
    assert!(begun.elapsed() < SOON);
    assert_eq!((ended.0, code(&ended)), (2, (Code::Cancelled, Reached::Unknown)));
    // A ticket of the past is nobody's.
    let again = queue.check(2, TO, CODE).expect("it is started");
    queue.cancel(tickets[2]);
    assert_ne!(again, tickets[2]);
    assert_eq!(queue.len(), 4);
    assert_eq!(queue.cancel_those(|&key| key == 0), 1);
    assert_eq!(next(&mut queue).0, 0);
    // From another thread, all of them.
    std::thread::spawn(move || client.cancel()).join().expect("it ends");
    assert!(is_readable(&queue, PATIENCE));
    for ended in all(&mut queue) {
        assert_eq!(code(&ended).0, Code::Cancelled);
    }
}

#[test]
fn a_queue_that_is_dropped_ends_its_calls_and_says_so_in_the_log() {
    let server = RawServer::start(steps([ReadRequest, ReadRequest]));
    let records = Arc::new(Mutex::new(Vec::new()));
    let log = records.clone();
    let client = Arc::new(builder(&server.url()).build().expect("valid settings"));
    let queue = Queue::new(client).expect("a queue");
    let mut queue = queue.log(move |key: &usize, level, text| {
        if level == LogLevel::Info {
            log.lock().expect("the lock").push(format!("{key} {text}"));
        }
    });
    queue.check(7, TO, CODE).expect("it is started");
    queue.send(8, "12").expect("it is started");
    assert_eq!(next(&mut queue).0, 8);
    run_until_requested(&mut queue, &server, 1);
    drop(queue);
    server.wait_for_closed(1);
    let records = records.lock().expect("the lock");
    assert!(records[0].starts_with("8 send: INVALID_ARGUMENT, reached NO"), "{records:?}");
    assert!(
        records[1].starts_with("7 check *******567: CANCELLED, reached UNKNOWN"),
        "{records:?}"
    );
}

#[test]
fn a_panic_ends_its_call_alone() {
    let server = RawServer::start(succeed);
    let (_client, queue) = queue(builder(&server.url()));
    let mut queue = queue.log(|&key, _, _| {
        if key == 1 {
            // Without the message that a panic prints.
            std::panic::resume_unwind(Box::new("a defect of the host"));
        }
    });
    for key in 0..3 {
        queue.check(key, TO, CODE).expect("it is started");
    }
    for ended in all(&mut queue) {
        match ended.0 {
            1 => assert_eq!(code(&ended), (Code::Internal, Reached::Unknown)),
            _ => assert!(is_verified(&ended)),
        }
    }
}

#[test]
fn nobody_there_is_found_out_by_each_call_after_three_attempts() {
    let closed = ClosedPort::new();
    let (_client, mut queue) = queue(builder(&closed.url()));
    for key in 0..50 {
        queue.send(key, TO).expect("it is started");
    }
    let begun = Instant::now();
    let ended = all(&mut queue);
    assert!(ended.iter().all(|ended| code(ended) == (Code::Connect, Reached::No)));
    assert!(begun.elapsed() >= Duration::from_millis(500));
    assert!(begun.elapsed() < Duration::from_secs(2));
}
