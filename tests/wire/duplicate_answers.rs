//! A gateway that answers a request twice: the copy never counts as the answer to another request,
//! whenever it comes. Which connections are kept, and what is asked over them again.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use verifysms::{Client, Code, Reached};

use crate::support::connection::RawConnection;
use crate::support::http::{field, ok, response};
use crate::support::script::{Step, steps};
use crate::support::server::{RawServer, listener};
use crate::support::{
    BAD_REPLY, CA, CODE, CallEnd, NO, NOT_VERIFIED, OTHER, REFUSED, SENT, TO, YES, builder, check,
    client, failure,
};

/// A number whose answers are not sent twice.
const EARLIER: &str = "0531111111";
/// A number that the service refuses, in an answer that names no phone.
const REJECTED: &str = "0570000006";
/// A number that the service answers with something malformed.
const MALFORMED: &str = "0570000123";
/// How often a case is played, so that a race has its chance.
const TIMES: usize = 30;

/// The route to the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Route {
    Plain,
    Tls,
    /// TLS through the tunnel of an HTTP proxy.
    Proxy,
}

const ROUTES: [Route; 3] = [Route::Plain, Route::Tls, Route::Proxy];

/// When the copy of an answer comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CopyTiming {
    Never,
    AtOnce,
    Later,
    /// Before the answer to the next request, when that was read.
    WithTheNext,
}

const COPIES: [CopyTiming; 3] = [CopyTiming::AtOnce, CopyTiming::Later, CopyTiming::WithTheNext];

/// Whether a Check's answer names the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phone {
    Named,
    Unnamed,
}

/// What the connection was used for before.
#[derive(Clone, Copy, Debug)]
enum Before {
    Nothing,
    Sent,
    NotVerified,
    Rejected,
    Malformed,
}

/// The first two leave no answer on the connection that counts.
const BEFORE: [Before; 5] =
    [Before::Nothing, Before::Malformed, Before::Rejected, Before::Sent, Before::NotVerified];

/// The service's answer to a request. Every message has its own id.
fn service(request: &[u8], phone: Phone) -> Vec<u8> {
    static MESSAGES: AtomicUsize = AtomicUsize::new(1000);
    let to = field(request, "to").expect("every request has a number");
    match (&*to, field(request, "code"), phone) {
        (REJECTED, _, _) => ok(REFUSED),
        (MALFORMED, _, _) => ok("{}"),
        (_, None, _) => {
            let unique = MESSAGES.fetch_add(1, Ordering::Relaxed);
            ok(&format!(r#"{{"status":"OK","unique":"{unique}","reason":1}}"#))
        }
        (_, Some(code), Phone::Named) => {
            ok(&format!(r#"{{"status":{},"phone":"{to}"}}"#, i32::from(code == CODE)))
        }
        (_, Some(code), Phone::Unnamed) => {
            ok(&format!(r#"{{"status":{}}}"#, i32::from(code == CODE)))
        }
    }
}

/// Passes requests on to the service, and its answers to the client, those that are good twice.
fn gateway(mut conn: RawConnection, copy: CopyTiming, phone: Phone) {
    let mut held_back = Vec::new();
    while conn.read_request() {
        let answer = service(&conn.request(), phone);
        let is_good = field(&conn.request(), "to").is_some_and(|to| [TO, OTHER].contains(&&*to));
        let sent = conn.send(&[std::mem::take(&mut held_back), answer.clone()].concat());
        match copy {
            _ if !sent => return,
            CopyTiming::AtOnce if is_good => _ = conn.send(&answer),
            CopyTiming::Later if is_good => {
                std::thread::sleep(Duration::from_millis(2));
                conn.send(&answer);
            }
            CopyTiming::WithTheNext if is_good => held_back = answer,
            _ => {}
        }
    }
}

fn start(route: Route, copy: CopyTiming, phone: Phone) -> (RawServer, Client) {
    let tls = (route == Route::Tls).then(|| CA.good());
    let server = RawServer::listen(listener(), tls, move |mut conn| {
        if route == Route::Proxy {
            let tunnel = b"HTTP/1.1 200 Connection established\r\n\r\n";
            let secured = conn.read_connect() && conn.send(tunnel);
            if !secured || conn.start_tls(CA.good()).is_err() {
                return;
            }
        }
        gateway(conn, copy, phone);
    });
    let proxy = format!("http://127.0.0.1:{}", server.port());
    let builder = match route {
        Route::Plain | Route::Tls => builder(&server.url()),
        Route::Proxy => builder("https://127.0.0.1/sms/verifySMS").proxy(&proxy),
    };
    (server, builder.build().expect("valid settings"))
}

/// The message's id, or how the call ended.
fn send(client: &Client, to: &str) -> Result<String, CallEnd> {
    let sent = client.send(to).map(|sent| sent.unique().to_owned());
    sent.map_err(|error| failure(&error))
}

fn use_before(client: &Client, before: Before) {
    match before {
        Before::Nothing => {}
        Before::Sent => drop(send(client, EARLIER).expect("the message is accepted")),
        Before::NotVerified => assert_eq!(check(client, EARLIER, "1111"), NO),
        Before::Rejected => assert_eq!(send(client, REJECTED), Err((Code::Rejected, Reached::Yes))),
        Before::Malformed => assert_eq!(send(client, MALFORMED), Err(BAD_REPLY)),
    }
}

/// Plays a case on every route, for every time of the copy, and asserts that nothing goes wrong.
fn play(phones: &[Phone], case: impl Fn(&RawServer, &Client, CopyTiming) -> Result<(), String>) {
    let mut wrong = Vec::new();
    for route in ROUTES {
        for copy in COPIES {
            for &phone in phones {
                let befores = match phone {
                    Phone::Named => &BEFORE[..],
                    // Only the first answer of a connection may leave out the number.
                    Phone::Unnamed => &BEFORE[..2],
                };
                for time in 0..TIMES {
                    let before = befores[time % befores.len()];
                    let (server, client) = start(route, copy, phone);
                    use_before(&client, before);
                    if let Err(what) = case(&server, &client, copy) {
                        wrong.push(format!(
                            "{route:?}, copy {copy:?}, {phone:?}, {before:?}: {what}"
                        ));
                    }
                }
            }
        }
    }
    let times = wrong.len();
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{times} times:\n{}", wrong.join("\n"));
}

/// Whether this is the end of a Check of the right code. Bytes right behind an answer make it a
/// bad reply, if they were seen.
fn is_first(end: CallEnd, copy: CopyTiming) -> bool {
    end == YES || (copy != CopyTiming::WithTheNext && end == BAD_REPLY)
}

/// Whether this is the end of a Check of a wrong code on a connection of its own.
fn is_no(end: CallEnd, copy: CopyTiming) -> bool {
    end == NO || (copy != CopyTiming::WithTheNext && end == BAD_REPLY)
}

/// Checks the right code as the first call of a connection.
fn check_first(client: &Client, copy: CopyTiming) -> Result<(), String> {
    let end = check(client, TO, CODE);
    holds(is_first(end, copy), || format!("the right code is {end:?}"))
}

fn holds(fine: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if fine { Ok(()) } else { Err(what()) }
}

#[test]
fn a_leftover_yes_does_not_verify_a_wrong_code() {
    play(&[Phone::Named, Phone::Unnamed], |server, client, copy| {
        check_first(client, copy)?;
        let connections = server.connections();
        // In another spelling it is the same number.
        for to in [TO, "+972 50-123-4567"] {
            let second = check(client, to, "000000");
            holds(is_no(second, copy), || format!("a wrong code is {second:?}"))?;
        }
        holds(server.connections() > connections, || "over the same connection".into())
    });
}

#[test]
fn a_leftover_yes_does_not_verify_another_number() {
    play(&[Phone::Named, Phone::Unnamed], |_, client, copy| {
        check_first(client, copy)?;
        let second = check(client, OTHER, "000000");
        holds([NO, BAD_REPLY].contains(&second), || format!("a wrong code is {second:?}"))
    });
}

#[test]
fn a_leftover_yes_is_not_taken_for_a_sent_message() {
    play(&[Phone::Named, Phone::Unnamed], |_, client, copy| {
        check_first(client, copy)?;
        let second = send(client, TO);
        holds(second.is_ok() || second == Err(BAD_REPLY), || format!("the message is {second:?}"))
    });
}

#[test]
fn a_leftover_of_an_accepted_send_accepts_no_other() {
    for to in [TO, OTHER] {
        play(&[Phone::Named], |_, client, copy| {
            let first = send(client, TO);
            let id = match first {
                Ok(id) => id,
                Err(end) => {
                    return holds(is_first(end, copy), || format!("the first message is {end:?}"));
                }
            };
            let second = send(client, to);
            holds(second.as_ref() != Ok(&id), || format!("the second message is {second:?}"))?;
            let fine = match copy {
                CopyTiming::WithTheNext => second == Err(BAD_REPLY),
                _ => second.is_ok() || second == Err(BAD_REPLY),
            };
            holds(fine, || format!("the second message is {second:?}"))?;
            // The copy is not met again.
            let third = send(client, to);
            holds(third.is_ok() || copy != CopyTiming::WithTheNext, || {
                format!("the third message is {third:?}")
            })
        });
    }
}

#[test]
fn a_leftover_of_the_send_before_a_check_accepts_no_other() {
    for (first, copy) in [(r#""7""#, r#""7""#), (r#""7""#, "7"), ("7", r#""7""#)] {
        let server = answering_in_turn(&[&sent_as(first), NOT_VERIFIED, &sent_as(copy)]);
        let client = client(&server.url());
        assert_eq!(send(&client, TO).as_deref(), Ok("7"));
        assert_eq!(check(&client, TO, "000000"), NO);
        assert_eq!(send(&client, TO), Err(BAD_REPLY), "{first} and {copy}");
        assert_eq!(server.connections(), 1);
    }
}

#[test]
fn a_leftover_of_any_send_before_accepts_no_other() {
    let [seven, eight] = [r#""7""#, r#""8""#].map(sent_as);
    let server = answering_in_turn(&[&seven, &eight, &seven]);
    let client = client(&server.url());
    assert_eq!(send(&client, TO).as_deref(), Ok("7"));
    assert_eq!(send(&client, TO).as_deref(), Ok("8"));
    assert_eq!(send(&client, TO), Err(BAD_REPLY));
    assert_eq!(server.connections(), 1);
}

#[test]
fn connecting_ahead_does_not_make_a_kept_connection_younger() {
    let server = RawServer::start(|mut conn| {
        while conn.read_request() {
            let answer = service(&conn.request(), Phone::Named);
            let answer = String::from_utf8(answer).expect("UTF-8");
            conn.send(answer.replacen("\r\n", "\r\nKeep-Alive: timeout=2\r\n", 1).as_bytes());
        }
    });
    let client = client(&server.url());
    send(&client, TO).expect("the message is accepted");
    for _ in 0..2 {
        std::thread::sleep(Duration::from_millis(600));
        client.connect().expect("the server listens");
    }
    send(&client, TO).expect("the message is accepted");
    assert_eq!(server.connections(), 2);
}

/// An accepted Send with this message id.
fn sent_as(id: &str) -> String {
    format!(r#"{{"status":"OK","unique":{id},"reason":1}}"#)
}

/// A server that gives these answers on every connection, one after the other.
fn answering_in_turn(answers: &[&str]) -> RawServer {
    let answer = |json: &&str| {
        let response = String::from_utf8(ok(json)).expect("JSON is UTF-8");
        [Step::ReadRequest, Step::send(response)]
    };
    RawServer::start(steps(answers.iter().flat_map(answer).collect::<Vec<_>>()))
}

#[test]
fn a_leftover_of_an_accepted_send_answers_no_check() {
    play(&[Phone::Named], |_, client, copy| {
        let sent = send(client, TO);
        let end = sent.err().unwrap_or(YES);
        holds(is_first(end, copy), || format!("the message is {end:?}"))?;
        let wrong = check(client, TO, "000000");
        let fine = match copy {
            CopyTiming::WithTheNext => wrong == BAD_REPLY,
            _ => [NO, BAD_REPLY].contains(&wrong),
        };
        holds(fine, || format!("a wrong code is {wrong:?}"))
    });
}

#[test]
fn an_answer_that_names_no_phone_counts_only_as_the_first_of_its_connection() {
    for route in ROUTES {
        for (code, then) in [(CODE, YES), ("000000", NO)] {
            let (server, client) = start(route, CopyTiming::Never, Phone::Unnamed);
            send(&client, TO).expect("the message is accepted");
            assert_eq!(check(&client, TO, code), BAD_REPLY, "{route:?}, on the second place");
            assert_eq!((server.connections(), server.requests().len()), (1, 2), "{route:?}");
            assert_eq!(check(&client, TO, code), then, "{route:?}, on the first place");
            assert_eq!((server.connections(), server.requests().len()), (2, 3), "{route:?}");
        }
    }
}

#[test]
fn an_answer_that_names_no_phone_ends_its_connection() {
    for route in ROUTES {
        for (code, end) in [(CODE, YES), ("000000", NO)] {
            let (server, client) = start(route, CopyTiming::Never, Phone::Unnamed);
            for calls in 1..=3 {
                assert_eq!(check(&client, TO, code), end, "{route:?}");
                assert_eq!(
                    (server.connections(), server.requests().len()),
                    (calls, calls),
                    "{route:?}"
                );
            }
        }
    }
}

#[test]
fn a_number_is_checked_once_over_a_connection() {
    for route in ROUTES {
        for code in [CODE, "000000"] {
            let (server, client) = start(route, CopyTiming::Never, Phone::Named);
            for calls in 1..=3 {
                check(&client, TO, code);
                assert_eq!(server.connections(), calls, "{route:?}");
                assert_eq!(server.requests().len(), calls, "{route:?}");
            }
        }
    }
}

/// The copy of a no is taken for the answer to the right code, whose own yes is a leftover then: it
/// would be met by the next guess.
#[test]
fn a_leftover_no_brings_no_yes_to_a_guess() {
    play(&[Phone::Named, Phone::Unnamed], |_, client, _| {
        check(client, TO, "000000");
        check(client, TO, CODE);
        let guess = check(client, TO, "111111");
        holds(guess != YES, || format!("a guess is {guess:?}"))
    });
}

#[test]
fn all_else_shares_a_connection() {
    for route in ROUTES {
        let (server, client) = start(route, CopyTiming::Never, Phone::Named);
        let ids = [(); 3].map(|()| send(&client, TO).expect("the message is accepted"));
        assert!(ids[0] != ids[1] && ids[1] != ids[2], "{ids:?}");
        assert_eq!(check(&client, TO, "000000"), NO);
        assert_eq!(check(&client, OTHER, CODE), YES);
        assert_eq!(check(&client, EARLIER, "111111"), NO);
        send(&client, TO).expect("the message is accepted");
        assert_eq!((server.connections(), server.requests().len()), (1, 7), "{route:?}");
    }
}

#[test]
fn the_same_message_id_over_another_connection_is_an_answer() {
    let server = answering_in_turn(&[SENT]);
    let client = client(&server.url());
    for calls in 1..=3 {
        server.wait_for_closed(calls - 1);
        assert_eq!(send(&client, TO).as_deref(), Ok("63433453"));
        assert_eq!(server.connections(), calls);
    }
}

#[test]
fn a_doubt_ends_its_connection() {
    let doubts = [
        ok("<html>"),
        ok("{}"),
        ok(r#"{"status":1,"phone":"0529876543"}"#),
        ok(r#"{"status":1,"phone":""}"#),
        response(201, &[], br#"{"status":1,"phone":"0501234567"}"#),
        response(403, &[], b"<html>"),
        response(503, &["Retry-After: 1"], b""),
        response(302, &["Location: /"], b""),
    ];
    for doubt in doubts {
        let first = doubt.clone();
        let server = RawServer::start(move |mut conn| {
            while conn.read_request() {
                let is_first = conn.number() == 1;
                let other = service(&conn.request(), Phone::Named);
                conn.send(if is_first { &first } else { &other });
            }
        });
        let client = client(&server.url());
        let first = check(&client, TO, CODE);
        assert_eq!(first.1, Reached::Unknown, "{}", String::from_utf8_lossy(&doubt));
        assert_eq!(check(&client, TO, "000000"), NO);
        assert_eq!(server.connections(), 2, "{}", String::from_utf8_lossy(&doubt));
    }
}

#[test]
fn an_answer_that_comes_after_the_deadline_answers_no_later_call() {
    for route in [Route::Plain, Route::Tls] {
        let tls = (route == Route::Tls).then(|| CA.good());
        let server = RawServer::listen(listener(), tls, |mut conn| {
            while conn.read_request() {
                let answer = service(&conn.request(), Phone::Named);
                if conn.number() == 1 {
                    std::thread::sleep(Duration::from_millis(300));
                }
                if !conn.send(&answer) {
                    return;
                }
            }
        });
        let builder = builder(&server.url()).timeout(Duration::from_millis(250));
        let client = builder.build().expect("valid settings");
        assert_eq!(check(&client, TO, CODE), (Code::Timeout, Reached::Unknown));
        for _ in 0..3 {
            assert_eq!(check(&client, TO, "000000"), NO, "{route:?}");
        }
        assert_eq!(server.connections(), 4, "{route:?}");
    }
}
