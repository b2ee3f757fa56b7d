//! A gateway that answers a request twice: the copy is never the answer to another question, whenever
//! it comes. What is kept of a connection, and what is asked over it again.

mod support;

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use verifysms::{Client, Code, Reached};

use support::http::{answer, fields, ok};
use support::server::{Peer, Server, listener};
use support::tls::Authority;
use support::{CODE, KEY, REFUSED, TO};

static AUTHORITY: LazyLock<Authority> = LazyLock::new(|| Authority::new("leftovers-ca.pem"));

const ANOTHER: &str = "0529876543";
/// Nothing about it is answered twice.
const EARLIER: &str = "0531111111";
/// The service refuses it, and names no phone.
const REJECTED: &str = "0570000006";
/// The service's answer about it is none.
const UNCLEAR: &str = "0570000123";
/// How often a story is told, so that a race has its chance.
const TIMES: usize = 30;

/// The way to the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Plain,
    Tls,
    /// TLS through the tunnel of an HTTP proxy.
    Proxy,
}

const WAYS: [Way; 3] = [Way::Plain, Way::Tls, Way::Proxy];

/// When the copy of an answer comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Copy {
    Never,
    AtOnce,
    Later,
    /// Before the answer to the next request, when that was read.
    WithTheNext,
}

const COPIES: [Copy; 3] = [Copy::AtOnce, Copy::Later, Copy::WithTheNext];

/// Whether a Check's answer names the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phone {
    Named,
    Unnamed,
}

/// What happened on the connection before.
#[derive(Clone, Copy, Debug)]
enum Before {
    Nothing,
    Sent,
    NotVerified,
    Rejected,
    Unclear,
}

/// The service's answer to a request. Every message has its own id.
fn service(request: &[u8], phone: Phone) -> Vec<u8> {
    static MESSAGES: AtomicUsize = AtomicUsize::new(1000);
    let fields = fields(request);
    let field = |name: &str| {
        let found = fields.iter().find(|(field, _)| field == name);
        found.map(|(_, value)| String::from_utf8(value.clone()).expect("UTF-8"))
    };
    let to = field("to").expect("every request has a number");
    match (&*to, field("code"), phone) {
        (REJECTED, _, _) => ok(REFUSED),
        (UNCLEAR, _, _) => ok("{}"),
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
fn gateway(mut peer: Peer, copy: Copy, phone: Phone) {
    let mut left = Vec::new();
    while peer.read_request() {
        let answer = service(&peer.request(), phone);
        let to = fields(&peer.request()).into_iter().find(|(name, _)| name == "to");
        let is_good = to.is_some_and(|(_, to)| [TO.as_bytes(), ANOTHER.as_bytes()].contains(&&*to));
        let said = peer.say(&[std::mem::take(&mut left), answer.clone()].concat());
        match copy {
            _ if !said => return,
            Copy::AtOnce if is_good => drop(peer.say(&answer)),
            Copy::Later if is_good => {
                std::thread::sleep(Duration::from_millis(2));
                peer.say(&answer);
            }
            Copy::WithTheNext if is_good => left = answer,
            _ => {}
        }
    }
}

fn start(way: Way, copy: Copy, phone: Phone) -> (Server, Client) {
    let tls = (way == Way::Tls).then(|| AUTHORITY.good());
    let server = Server::listen(listener(), tls, move |mut peer| {
        if way == Way::Proxy {
            let tunnel = b"HTTP/1.1 200 Connection established\r\n\r\n";
            let secured = peer.read_connect() && peer.say(tunnel);
            if !secured || peer.secure(AUTHORITY.good()).is_err() {
                return;
            }
        }
        gateway(peer, copy, phone);
    });
    let builder = Client::builder(KEY).sender("Acme").ca_file(AUTHORITY.file());
    let builder = match way {
        Way::Plain | Way::Tls => builder.url(&server.url()).proxy(""),
        Way::Proxy => builder
            .url("https://127.0.0.1/sms/verifySMS")
            .proxy(&format!("http://127.0.0.1:{}", server.port())),
    };
    (server, builder.build().expect("valid settings"))
}

type End = (Code, Reached);

const BAD: End = (Code::BadReply, Reached::Unknown);
const VERIFIED: End = (Code::Ok, Reached::Yes);
const NOT_VERIFIED: End = (Code::NotVerified, Reached::Yes);

fn check(client: &Client, to: &str, code: &str) -> End {
    match client.check(to, code) {
        Ok(check) if check.is_verified() => VERIFIED,
        Ok(_) => NOT_VERIFIED,
        Err(error) => (error.code(), error.reached()),
    }
}

/// The message's id, or how the call ended.
fn send(client: &Client, to: &str) -> Result<String, End> {
    let sent = client.send(to).map(|sent| sent.unique().to_owned());
    sent.map_err(|error| (error.code(), error.reached()))
}

fn go_before(client: &Client, before: Before) {
    match before {
        Before::Nothing => {}
        Before::Sent => drop(send(client, EARLIER).expect("the message is accepted")),
        Before::NotVerified => assert_eq!(check(client, EARLIER, "1111"), NOT_VERIFIED),
        Before::Rejected => assert_eq!(send(client, REJECTED), Err((Code::Rejected, Reached::Yes))),
        Before::Unclear => assert_eq!(send(client, UNCLEAR), Err(BAD)),
    }
}

/// Tells a story so often on every way, for every time of the copy, and returns what went wrong.
fn tell(
    phones: &[Phone],
    befores: &[Before],
    story: impl Fn(&Server, &Client, Copy) -> Result<(), String>,
) {
    let mut wrong = Vec::new();
    for way in WAYS {
        for copy in COPIES {
            for &phone in phones {
                // Only the first answer of a connection may leave out the number.
                let befores: Vec<_> = befores
                    .iter()
                    .filter(|before| {
                        phone == Phone::Named || matches!(before, Before::Nothing | Before::Unclear)
                    })
                    .collect();
                for time in 0..TIMES {
                    let before = *befores[time % befores.len()];
                    let (server, client) = start(way, copy, phone);
                    go_before(&client, before);
                    if let Err(what) = story(&server, &client, copy) {
                        wrong
                            .push(format!("{way:?}, copy {copy:?}, {phone:?}, {before:?}: {what}"));
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

const ALL_BEFORE: [Before; 5] =
    [Before::Nothing, Before::Unclear, Before::Rejected, Before::Sent, Before::NotVerified];

/// Whether this is the end of a Check of the right code. Bytes right behind an answer are a doubt, if
/// they were seen.
fn is_first(end: End, copy: Copy) -> bool {
    end == VERIFIED || (copy != Copy::WithTheNext && end == BAD)
}

/// Whether this is the end of a Check of a wrong code on a connection of its own.
fn is_no(end: End, copy: Copy) -> bool {
    end == NOT_VERIFIED || (copy != Copy::WithTheNext && end == BAD)
}

fn holds(fine: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if fine { Ok(()) } else { Err(what()) }
}

#[test]
fn a_leftover_yes_does_not_verify_a_wrong_code() {
    tell(&[Phone::Named, Phone::Unnamed], &ALL_BEFORE, |server, client, copy| {
        let first = check(client, TO, CODE);
        holds(is_first(first, copy), || format!("the right code is {first:?}"))?;
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
    tell(&[Phone::Named, Phone::Unnamed], &ALL_BEFORE, |_, client, copy| {
        let first = check(client, TO, CODE);
        holds(is_first(first, copy), || format!("the right code is {first:?}"))?;
        let second = check(client, ANOTHER, "000000");
        holds([NOT_VERIFIED, BAD].contains(&second), || format!("a wrong code is {second:?}"))
    });
}

#[test]
fn a_leftover_yes_is_not_taken_for_a_sent_message() {
    tell(&[Phone::Named, Phone::Unnamed], &ALL_BEFORE, |_, client, copy| {
        let first = check(client, TO, CODE);
        holds(is_first(first, copy), || format!("the right code is {first:?}"))?;
        let second = send(client, TO);
        holds(second.is_ok() || second == Err(BAD), || format!("the message is {second:?}"))
    });
}

#[test]
fn a_leftover_of_an_accepted_send_accepts_no_other() {
    for to in [TO, ANOTHER] {
        tell(&[Phone::Named], &ALL_BEFORE, |_, client, copy| {
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
                Copy::WithTheNext => second == Err(BAD),
                _ => second.is_ok() || second == Err(BAD),
            };
            holds(fine, || format!("the second message is {second:?}"))?;
            // Whatever was left is not met again.
            let third = send(client, to);
            holds(third.is_ok() || copy != Copy::WithTheNext, || {
                format!("the third message is {third:?}")
            })
        });
    }
}

#[test]
fn a_leftover_of_the_send_before_a_check_accepts_no_other() {
    for (first, copy) in [(r#""7""#, r#""7""#), (r#""7""#, "7"), ("7", r#""7""#)] {
        let server = Server::start(move |mut peer| {
            let sent = |id| ok(&format!(r#"{{"status":"OK","unique":{id},"reason":1}}"#));
            let answers = [sent(first), service_says_no(), sent(copy)];
            for answer in answers {
                if !peer.read_request() || !peer.say(&answer) {
                    return;
                }
            }
        });
        let client = Client::builder(KEY).sender("Acme").url(&server.url()).proxy("");
        let client = client.build().expect("valid settings");
        assert_eq!(send(&client, TO).as_deref(), Ok("7"));
        assert_eq!(check(&client, TO, "000000"), NOT_VERIFIED);
        assert_eq!(send(&client, TO), Err(BAD), "{first} and {copy}");
        assert_eq!(server.connections(), 1);
    }
}

#[test]
fn a_leftover_of_any_send_before_accepts_no_other() {
    let server = Server::start(|mut peer| {
        let sent = |id| ok(&format!(r#"{{"status":"OK","unique":"{id}","reason":1}}"#));
        for answer in [sent(7), sent(8), sent(7)] {
            if !peer.read_request() || !peer.say(&answer) {
                return;
            }
        }
    });
    let client = Client::builder(KEY).sender("Acme").url(&server.url()).proxy("");
    let client = client.build().expect("valid settings");
    assert_eq!(send(&client, TO).as_deref(), Ok("7"));
    assert_eq!(send(&client, TO).as_deref(), Ok("8"));
    assert_eq!(send(&client, TO), Err(BAD));
    assert_eq!(server.connections(), 1);
}

#[test]
fn connecting_ahead_does_not_make_a_kept_connection_younger() {
    let server = Server::start(|mut peer| {
        while peer.read_request() {
            let said = service(&peer.request(), Phone::Named);
            let said = String::from_utf8(said).expect("UTF-8");
            peer.say(said.replacen("\r\n", "\r\nKeep-Alive: timeout=2\r\n", 1).as_bytes());
        }
    });
    let client = Client::builder(KEY).sender("Acme").url(&server.url()).proxy("");
    let client = client.build().expect("valid settings");
    send(&client, TO).expect("the message is accepted");
    for _ in 0..2 {
        std::thread::sleep(Duration::from_millis(600));
        client.connect().expect("the server listens");
    }
    send(&client, TO).expect("the message is accepted");
    assert_eq!(server.connections(), 2);
}

fn service_says_no() -> Vec<u8> {
    ok(&format!(r#"{{"status":0,"phone":"{TO}"}}"#))
}

#[test]
fn a_leftover_of_an_accepted_send_answers_no_check() {
    tell(&[Phone::Named], &ALL_BEFORE, |_, client, copy| {
        let sent = send(client, TO);
        let end = sent.err().unwrap_or(VERIFIED);
        holds(is_first(end, copy), || format!("the message is {end:?}"))?;
        let wrong = check(client, TO, "000000");
        let fine = match copy {
            Copy::WithTheNext => wrong == BAD,
            _ => [NOT_VERIFIED, BAD].contains(&wrong),
        };
        holds(fine, || format!("a wrong code is {wrong:?}"))
    });
}

#[test]
fn an_answer_that_names_no_phone_counts_only_as_the_first_of_its_connection() {
    for way in WAYS {
        for (code, then) in [(CODE, VERIFIED), ("000000", NOT_VERIFIED)] {
            let (server, client) = start(way, Copy::Never, Phone::Unnamed);
            send(&client, TO).expect("the message is accepted");
            assert_eq!(check(&client, TO, code), BAD, "{way:?}, on the second place");
            assert_eq!((server.connections(), server.requests().len()), (1, 2), "{way:?}");
            assert_eq!(check(&client, TO, code), then, "{way:?}, on the first place");
            assert_eq!((server.connections(), server.requests().len()), (2, 3), "{way:?}");
        }
    }
}

#[test]
fn an_answer_that_names_no_phone_ends_its_connection() {
    for way in WAYS {
        for (code, end) in [(CODE, VERIFIED), ("000000", NOT_VERIFIED)] {
            let (server, client) = start(way, Copy::Never, Phone::Unnamed);
            for calls in 1..=3 {
                assert_eq!(check(&client, TO, code), end, "{way:?}");
                assert_eq!(
                    (server.connections(), server.requests().len()),
                    (calls, calls),
                    "{way:?}"
                );
            }
        }
    }
}

#[test]
fn a_number_is_checked_once_over_a_connection() {
    for way in WAYS {
        for code in [CODE, "000000"] {
            let (server, client) = start(way, Copy::Never, Phone::Named);
            for calls in 1..=3 {
                check(&client, TO, code);
                assert_eq!(server.connections(), calls, "{way:?}");
                assert_eq!(server.requests().len(), calls, "{way:?}");
            }
        }
    }
}

/// The copy of a no is taken for the answer to the right code, whose own yes is a leftover then: it
/// would be met by the next guess.
#[test]
fn a_leftover_no_brings_no_yes_to_a_guess() {
    tell(&[Phone::Named, Phone::Unnamed], &ALL_BEFORE, |_, client, _| {
        check(client, TO, "000000");
        check(client, TO, CODE);
        let guess = check(client, TO, "111111");
        holds(guess != VERIFIED, || format!("a guess is {guess:?}"))
    });
}

#[test]
fn all_else_shares_a_connection() {
    for way in WAYS {
        let (server, client) = start(way, Copy::Never, Phone::Named);
        let ids = [(); 3].map(|()| send(&client, TO).expect("the message is accepted"));
        assert!(ids[0] != ids[1] && ids[1] != ids[2], "{ids:?}");
        assert_eq!(check(&client, TO, "000000"), NOT_VERIFIED);
        assert_eq!(check(&client, ANOTHER, CODE), VERIFIED);
        assert_eq!(check(&client, EARLIER, "111111"), NOT_VERIFIED);
        send(&client, TO).expect("the message is accepted");
        assert_eq!((server.connections(), server.requests().len()), (1, 7), "{way:?}");
    }
}

#[test]
fn the_same_message_id_over_another_connection_is_an_answer() {
    let server = Server::start(|mut peer| {
        let _ = peer.read_request() && peer.say(&ok(support::SENT));
    });
    let client = Client::builder(KEY).sender("Acme").url(&server.url()).proxy("");
    let client = client.build().expect("valid settings");
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
        answer(201, &[], br#"{"status":1,"phone":"0501234567"}"#),
        answer(403, &[], b"<html>"),
        answer(503, &["Retry-After: 1"], b""),
        answer(302, &["Location: /"], b""),
    ];
    for doubt in doubts {
        let said = doubt.clone();
        let server = Server::start(move |mut peer| {
            while peer.read_request() {
                let number = peer.number();
                peer.say(&if number == 1 {
                    said.clone()
                } else {
                    service(&peer.request(), Phone::Named)
                });
            }
        });
        let client = Client::builder(KEY).sender("Acme").url(&server.url()).proxy("");
        let client = client.build().expect("valid settings");
        let first = check(&client, TO, CODE);
        assert_eq!(first.1, Reached::Unknown, "{}", String::from_utf8_lossy(&doubt));
        assert_eq!(check(&client, TO, "000000"), NOT_VERIFIED);
        assert_eq!(server.connections(), 2, "{}", String::from_utf8_lossy(&doubt));
    }
}

#[test]
fn an_answer_that_comes_after_the_deadline_answers_no_later_call() {
    for way in [Way::Plain, Way::Tls] {
        let tls = (way == Way::Tls).then(|| AUTHORITY.good());
        let server = Server::listen(listener(), tls, |mut peer| {
            while peer.read_request() {
                let number = peer.number();
                let answer = service(&peer.request(), Phone::Named);
                if number == 1 {
                    std::thread::sleep(Duration::from_millis(300));
                }
                if !peer.say(&answer) {
                    return;
                }
            }
        });
        let client = Client::builder(KEY).sender("Acme").ca_file(AUTHORITY.file());
        let client = client.url(&server.url()).proxy("").timeout(Duration::from_millis(250));
        let client = client.build().expect("valid settings");
        assert_eq!(check(&client, TO, CODE), (Code::Timeout, Reached::Unknown));
        for _ in 0..3 {
            assert_eq!(check(&client, TO, "000000"), NOT_VERIFIED, "{way:?}");
        }
        assert_eq!(server.connections(), 4, "{way:?}");
    }
}
