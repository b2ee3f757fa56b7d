//! When a connection is made, made again, and used again: sessions, attempts, and that a request leaves
//! once.

use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use verifysms::{Code, Error, Reached};

use crate::support::connection::RawConnection;
use crate::support::http::ok;
use crate::support::script::{OK, Step, steps, succeed};
use crate::support::server::{BlackholePort, ClosedPort, PATIENCE, RawServer, listener};
use crate::support::{
    CA, CODE, LOST, OTHER, TO, VERIFIED, builder, ca, client, failed, failure, verified,
};

use super::{AttemptCount, SOON};
use Step::{AwaitRequest, ReadHalf, ReadRequest, Reset, SendWithCloseNotify, Stall};

#[test]
fn a_second_connection_takes_up_the_session_of_the_first() {
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let (tell, told) = mpsc::channel();
        let tell = Mutex::new(tell);
        let server = RawServer::start_tls(CA.only(version), move |mut conn| {
            if conn.read_request() {
                let _ = tell.lock().expect("the lock").send(conn.is_resumed());
                conn.send(&ok(VERIFIED));
            }
        });
        let client = client(&server.url());
        assert!(verified(&client) && verified(&client));
        let resumed = [(); 2].map(|()| told.recv_timeout(PATIENCE).expect("a request"));
        assert_eq!(resumed, [false, true], "{version:?}");
    }
}

#[test]
fn a_connect_timeout_is_tried_three_times() {
    let port = BlackholePort::new();
    let handshake = RawServer::start(steps([Stall]));
    for (url, code) in
        [(port.url(), Code::Connect), (handshake.url().replace("http:", "https:"), Code::Tls)]
    {
        let attempts = AttemptCount::default();
        let builder = builder(&url).connect_timeout(Duration::from_millis(120));
        let client = attempts.client(builder);
        let begun = Instant::now();
        let error = failed(&client);
        assert_eq!(failure(&error), (code, Reached::No));
        assert_eq!(attempts.count(), 3, "{code}");
        // Three attempts, and pauses of 100 and 400 ms.
        assert!(begun.elapsed() >= Duration::from_millis(860), "{:?}", begun.elapsed());
    }
}

#[test]
fn a_service_that_is_there_at_the_third_attempt_is_reached() {
    let port = BlackholePort::new();
    let attempts = AttemptCount::default();
    let builder = builder(&port.url()).connect_timeout(Duration::from_millis(300));
    let client = attempts.client(builder);
    std::thread::scope(|scope| {
        let call = scope.spawn(|| verified(&client));
        attempts.wait_for(2);
        let server = RawServer::listen(port.listen(), None, succeed);
        assert!(call.join().expect("a call does not panic"));
        assert_eq!((attempts.count(), server.requests().len()), (3, 1));
    });
}

#[test]
fn a_server_that_begins_to_listen_gets_one_request() {
    let port = ClosedPort::new();
    let attempts = AttemptCount::default();
    let client = attempts.client(builder(&port.url()));
    std::thread::scope(|scope| {
        let sent = scope.spawn(|| client.send(TO));
        attempts.wait_for(1);
        std::thread::sleep(Duration::from_millis(50));
        let server = RawServer::listen(port.listen(), None, succeed);
        assert!(sent.join().expect("a call does not panic").is_ok());
        assert_eq!((server.connections(), server.requests().len()), (1, 1));
    });
    assert_eq!(attempts.count(), 2);
}

#[test]
fn what_did_not_leave_is_tried_three_times_within_the_deadline() {
    let port = ClosedPort::new();
    for (timeout, tried) in [(5000, 3), (300, 2), (60, 1)] {
        let attempts = AttemptCount::default();
        let builder = builder(&port.url()).timeout(Duration::from_millis(timeout));
        let client = attempts.client(builder);
        let begun = Instant::now();
        let error = failed(&client);
        assert_eq!(failure(&error), (Code::Connect, Reached::No));
        assert!(error.safe_to_retry());
        assert_eq!(attempts.count(), tried, "within {timeout} ms");
        assert!(begun.elapsed() < Duration::from_millis(timeout) + SOON, "{:?}", begun.elapsed());
    }
}

#[test]
fn a_connection_whose_end_came_with_the_answer_is_not_tried_again() {
    let once = [ReadRequest, SendWithCloseNotify(OK.into())];
    let server = RawServer::start_tls(CA.good(), steps([once.clone(), once].concat()));
    let attempts = AttemptCount::default();
    let client = attempts.client(builder(&server.url()));
    for call in 1..=3 {
        assert!(verified(&client));
        assert_eq!((server.connections(), attempts.count()), (call, call));
    }
}

/// Ends the kept connection so long after the answer to the first of two calls, and makes the second
/// meanwhile. How it ended, and how many requests were read.
fn raced(
    tls: Option<Arc<rustls::ServerConfig>>,
    delay: Duration,
    end: fn(RawConnection),
) -> (Result<bool, Error>, usize) {
    let server = RawServer::listen(listener(), tls, move |mut conn| {
        let answer = |number| ok(&format!(r#"{{"status":1,"phone":"{number}"}}"#));
        if !conn.read_request() || !conn.send(&answer(if conn.number() == 1 { TO } else { OTHER }))
        {
            return;
        }
        if conn.number() == 1 {
            let begun = Instant::now();
            while begun.elapsed() < delay {
                std::hint::spin_loop();
            }
            end(conn);
        }
    });
    let client = client(&server.url());
    assert!(verified(&client));
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(1) {
        std::hint::spin_loop();
    }
    let second = client.check(OTHER, CODE).map(|check| check.is_verified());
    drop(client);
    server.settle();
    (second, server.requests().len())
}

#[test]
fn a_call_on_a_connection_that_closes_meanwhile_is_one_request() {
    let ends: [fn(RawConnection); 2] = [drop, RawConnection::reset];
    let mut done = 0;
    for round in 0..60 {
        for end in ends {
            let delay = Duration::from_micros(50) * round;
            let tls = (round % 3 == 0).then(|| CA.good());
            let (second, requests) = raced(tls, delay, end);
            match second {
                Ok(_) => {
                    done += 1;
                    assert_eq!(requests, 2, "closed after {delay:?}");
                }
                Err(error) => {
                    let end = failure(&error);
                    assert_eq!(end, (Code::ConnectionLost, Reached::Unknown), "{error}");
                    assert!(requests <= 2, "closed after {delay:?}: {requests}");
                }
            }
        }
    }
    assert!(done > 0);
}

#[test]
fn what_cannot_change_is_not_tried_again() {
    let server = RawServer::start_tls(ca::self_signed(), succeed);
    let attempts = AttemptCount::default();
    let client = attempts.client(builder(&server.url()));
    assert_eq!(failed(&client).code(), Code::Tls);
    assert_eq!((attempts.count(), server.connections(), server.requests().len()), (1, 1, 0));
}

#[test]
fn what_left_is_never_sent_again() {
    for script in [vec![AwaitRequest], vec![ReadHalf], vec![ReadRequest], vec![ReadRequest, Reset]]
    {
        let server = RawServer::start(steps(script));
        let attempts = AttemptCount::default();
        let client = attempts.client(builder(&server.url()));
        let error = client.send(TO).expect_err("the connection is lost");
        assert_eq!(failure(&error), LOST);
        assert!(!error.safe_to_retry());
        drop(client);
        assert_eq!((attempts.count(), server.settle(), server.requests().len()), (1, 1, 1));
    }
}
