//! When a call ends: at its deadline, whatever it waits for and whatever interrupts it.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use verifysms::{Client, Code, Reached};

use crate::support::client_process::{ClientProcess, ClientSettings};
use crate::support::dns::{DnsFault, NameServer, skip};
use crate::support::script::{OK, Operation, Step, steps};
use crate::support::server::{BlackholePort, RawServer};
use crate::support::{CA, YES, builder, failed, failure};

use super::{SOON, interrupted, shortest};
use Step::{ReadRequest, Stall};

#[test]
fn a_resolver_that_drops_the_questions_of_one_family_costs_no_call() {
    let mut slow = Vec::new();
    for (fault, at) in [(DnsFault::OnlyA, "127.0.0.1"), (DnsFault::OnlyAaaa, "::1")] {
        let name_server = match NameServer::start(fault) {
            Ok(name_server) => name_server,
            Err(why) => return skip("a_resolver_that_drops_the_questions_of_one_family", &why),
        };
        let listener = std::net::TcpListener::bind((at, 0)).expect("loopback has a free port");
        // No connection is kept.
        let server = RawServer::listen(listener, None, steps([ReadRequest, Step::send(OK)]));
        let settings = ClientSettings::new(format!("http://service.invalid:{}/", server.port()));
        let play = |_| {
            let mut client = ClientProcess::start(&settings, Some(name_server.file()));
            let times = [(); 3].map(|()| {
                let report = client.call(Operation::Check);
                assert_eq!(report.end(), YES, "{fault:?}: {}", report.message);
                report.elapsed
            });
            client.finish();
            times
        };
        // RFC 8305, 3 and 8: the answer that came waits 50 ms for the other; then the name is known.
        let is_slow =
            |times: &[Duration; 3]| times[0] >= 3 * SOON || times[1].min(times[2]) >= SOON;
        // A busy machine delays a call now and then, a defect always does.
        let times: Vec<_> = (0..3).map(play).take_while(is_slow).collect();
        if times.len() == 3 {
            slow.push(format!("{fault:?}: {times:?}"));
        }
    }
    assert!(slow.is_empty(), "{slow:?}");
}

#[test]
fn signals_do_not_move_the_deadline() {
    let timeout = Duration::from_millis(300);
    let port = BlackholePort::new();
    let server = RawServer::start(steps([ReadRequest, Stall]));
    for (url, reached) in [(port.url(), Reached::No), (server.url(), Reached::Unknown)] {
        let client = builder(&url).timeout(timeout).build().expect("valid settings");
        let elapsed = shortest(|| {
            let (error, elapsed) = interrupted(
                || {
                    let begun = Instant::now();
                    (failed(&client), begun.elapsed())
                },
                |thread, over| {
                    while !over.load(Ordering::SeqCst) {
                        thread.interrupt();
                        std::thread::sleep(Duration::from_micros(500));
                    }
                },
            );
            assert_eq!(failure(&error), (Code::Timeout, reached));
            assert!(elapsed >= timeout, "{elapsed:?}");
            elapsed
        });
        assert!(elapsed < timeout + SOON, "{elapsed:?}");
    }
}

#[test]
fn a_call_ends_at_its_deadline_and_never_before() {
    let server = RawServer::start(steps([ReadRequest, Stall]));
    for timeout in [1, 2, 24, 26, 50, 130, 333].map(Duration::from_millis) {
        let client = builder(&server.url()).timeout(timeout).build().expect("valid settings");
        let mut times: Vec<_> = (0..5)
            .map(|_| {
                let begun = Instant::now();
                assert_eq!(failed(&client).code(), Code::Timeout);
                begun.elapsed()
            })
            .collect();
        times.sort();
        assert!(times[0] >= timeout, "{times:?} of {timeout:?}");
        // A busy machine may delay some of them.
        assert!(times[0] < timeout + SOON, "{times:?} of {timeout:?}");
    }
}

/// The lateness of one of so many calls that is small, or the least; none may end too early.
fn lateness(client: &Client, timeout: Duration) -> Duration {
    let mut least = Duration::MAX;
    for _ in 0..100 {
        let begun = Instant::now();
        assert_eq!(failed(client).code(), Code::Timeout);
        let late = begun.elapsed().checked_sub(timeout).expect("no call ends too early");
        least = least.min(late);
        // A busy machine delays a call now and then, a defect always does.
        if least <= Duration::from_millis(5) {
            break;
        }
    }
    least
}

#[test]
fn a_deadline_is_kept_to_five_milliseconds() {
    let port = BlackholePort::new();
    let handshake = RawServer::start(steps([Stall]));
    let answer = RawServer::start(steps([ReadRequest, Stall]));
    let long_body = format!("HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n{:10000}", "");
    let trickle = Step::Trickle(long_body, Duration::from_millis(3));
    let trickle = RawServer::start(steps([ReadRequest, trickle]));
    let secure = RawServer::start_tls(CA.good(), steps([ReadRequest, Stall]));
    let waits = [
        ("a connect", port.url()),
        ("a handshake", handshake.url().replace("http:", "https:")),
        ("an answer", answer.url()),
        ("an answer that trickles", trickle.url()),
        ("an answer over TLS", secure.url()),
    ];
    let mut late = Vec::new();
    for (wait, url) in &waits {
        for timeout in [1, 5, 10, 30, 100].map(Duration::from_millis) {
            let plain = builder(url).timeout(timeout);
            let asked = plain.clone().interrupt(|| false);
            for (how, builder) in [("", plain), (", with an interrupt function", asked)] {
                let least = lateness(&builder.build().expect("valid settings"), timeout);
                if least > Duration::from_millis(5) {
                    late.push(format!("{timeout:?} for {wait}{how}: {least:?} late"));
                }
            }
        }
    }
    assert!(late.is_empty(), "{}", late.join("\n"));
}
