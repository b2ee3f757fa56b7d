//! Every scripted failure of the sandbox as the client sees it: what a call ends in, whether the
//! service did what it was asked, and that the next call succeeds.

use std::thread;
use std::time::{Duration, Instant};

use verifysms::sandbox::{Body, Failure, Options, Sandbox, State};
use verifysms::{Client, Code, Reached};

const TO: &str = "0501234567";

/// Time enough for an answer that comes, too little for one that does not.
const PATIENCE: Duration = Duration::from_secs(10);
const SOON: Duration = Duration::from_millis(500);

fn start() -> Sandbox {
    Sandbox::start(Options::new()).unwrap()
}

fn client(sandbox: &Sandbox, timeout: Duration) -> Client {
    let builder = Client::builder("sandbox-key").sender("Acme").url(&sandbox.url()).proxy("");
    let builder = match sandbox.ca_file() {
        Some(file) => builder.ca_file(file),
        None => builder,
    };
    builder.timeout(timeout).build().unwrap()
}

/// How a call ended.
#[derive(Debug, PartialEq, Eq)]
struct End {
    code: Code,
    reached: Reached,
    reason: i64,
    status: u16,
}

fn send(client: &Client, to: &str) -> End {
    end(client.send(to).map(|_| Code::Ok))
}

fn check(client: &Client, to: &str, code: &str) -> End {
    let answer = client.check(to, code);
    end(answer.map(|check| if check.is_verified() { Code::Ok } else { Code::NotVerified }))
}

fn end(answer: Result<Code, verifysms::Error>) -> End {
    match answer {
        Ok(code) => End { code, reached: Reached::Yes, reason: 0, status: 0 },
        Err(error) => End {
            code: error.code(),
            reached: error.reached(),
            reason: error.reason().map_or(0, |reason| reason.0),
            status: error.http_status(),
        },
    }
}

/// What a failure is to the client, in a Send and in a Check of the right code, and whether the service did its
/// work.
fn expected(failure: Failure, is_check: bool) -> (Code, Reached, bool) {
    use Reached::{Unknown, Yes};
    match failure {
        Failure::Reason(_) => (Code::Rejected, Yes, false),
        Failure::Status(_) if is_check => (Code::NotVerified, Yes, false),
        Failure::Status(_) => (Code::Ok, Yes, true),
        Failure::Expired if is_check => (Code::NotVerified, Yes, false),
        Failure::Expired => (Code::Ok, Yes, true),
        Failure::Http(_) | Failure::HttpEmpty(_) | Failure::Redirect(_) => {
            (Code::HttpStatus, Unknown, false)
        }
        Failure::HttpFail(_) => (Code::Rejected, Yes, false),
        Failure::HttpAnswer(_) => (Code::HttpStatus, Unknown, true),
        // The sample is about this very number, whatever its code.
        Failure::Body(Body::Sample) => (Code::Ok, Yes, false),
        Failure::Body(Body::OtherNumber) if !is_check => (Code::Ok, Yes, true),
        Failure::Body(_) => (Code::BadReply, Unknown, false),
        Failure::Delay(_) | Failure::Drip(_) => (Code::Timeout, Unknown, true),
        Failure::Length(1..) => (Code::Timeout, Unknown, true),
        Failure::Length(_) => (Code::BadReply, Unknown, true),
        Failure::Drop | Failure::Reset => (Code::ConnectionLost, Unknown, false),
        Failure::LoseAnswer | Failure::HalfAnswer => (Code::ConnectionLost, Unknown, true),
        Failure::NeverAnswer => (Code::Timeout, Unknown, false),
        Failure::NotHttp => (Code::BadReply, Unknown, false),
        other => panic!("{other:?} has no row here"),
    }
}

fn timeout(failure: Failure) -> Duration {
    let waits = expected(failure, true).0 == Code::Timeout;
    if waits { SOON } else { PATIENCE }
}

/// What goes wrong below HTTP, or in how it frames an answer.
const BROKEN: [Failure; 9] = [
    Failure::Drip(Duration::from_secs(1)),
    Failure::Length(10),
    Failure::Length(-10),
    Failure::Drop,
    Failure::Reset,
    Failure::LoseAnswer,
    Failure::HalfAnswer,
    Failure::NeverAnswer,
    Failure::NotHttp,
];

/// One failure of each kind, and the edges.
fn failures() -> Vec<Failure> {
    let bodies = [
        Body::Empty,
        Body::Html,
        Body::Malformed,
        Body::Truncated,
        Body::Sample,
        Body::OtherNumber,
        Body::Contradiction,
        Body::Large,
    ];
    let statuses = [400, 401, 403, 404, 413, 429, 500, 502, 503, 504, 599];
    let mut all = vec![
        Failure::Status(2),
        Failure::Status(0),
        Failure::Expired,
        Failure::Delay(Duration::from_secs(3)),
    ];
    all.extend(BROKEN);
    all.extend(bodies.map(Failure::Body));
    all.extend([2, 3, 5, 6, 7, 9, 10, 0, -1, 77].map(Failure::Reason));
    all.extend([301, 302, 303, 307, 308].map(Failure::Redirect));
    for kind in [Failure::Http, Failure::HttpEmpty, Failure::HttpFail, Failure::HttpAnswer] {
        all.extend(statuses.map(kind));
    }
    all
}

/// Does this for each failure, two at a time, since some are nothing but waiting.
fn for_each(failures: &[Failure], examine: impl Fn(Failure) + Sync) {
    thread::scope(|scope| {
        for half in failures.chunks(failures.len().div_ceil(2)) {
            scope.spawn(|| half.iter().for_each(|&failure| examine(failure)));
        }
    });
}

#[test]
fn every_failure_ends_a_send_as_documented() {
    for_each(&failures(), |failure| examine_send(&start(), failure));
}

#[test]
fn every_broken_connection_is_as_broken_through_tls() {
    for_each(&[&BROKEN[..], &[Failure::Body(Body::Large)]].concat(), |failure| {
        examine_send(&Sandbox::start(Options::new().tls(true)).unwrap(), failure);
    });
}

/// Has one Send fail among others.
fn examine_send(sandbox: &Sandbox, failure: Failure) {
    let client = client(sandbox, timeout(failure));
    assert_eq!(send(&client, TO).code, Code::Ok, "the connection is kept");
    sandbox.reset();
    sandbox.script(failure, 1).unwrap();
    let (code, reached, done) = expected(failure, false);
    let end = send(&client, TO);
    assert_eq!((end.code, end.reached), (code, reached), "{failure:?}");
    assert_eq!(sandbox.messages(None).len(), usize::from(done), "{failure:?}");
    match failure {
        Failure::Reason(reason) => assert_eq!(end.reason, reason),
        Failure::Http(status) | Failure::HttpEmpty(status) | Failure::Redirect(status) => {
            assert_eq!(end.status, status);
        }
        Failure::HttpFail(status) => assert_eq!((end.reason, end.status), (5, status)),
        Failure::Expired => assert_eq!(sandbox.messages(None)[0].state, State::Expired),
        _ => {}
    }
    // What concerns Checks alone still waits for one.
    sandbox.reset();
    assert_eq!(send(&client, TO).code, Code::Ok, "after {failure:?}");
}

#[test]
fn every_failure_ends_a_check_as_documented() {
    for_each(&failures(), |failure| {
        let sandbox = start();
        let client = client(&sandbox, timeout(failure));
        assert_eq!(send(&client, TO).code, Code::Ok);
        let right = sandbox.code(TO).unwrap();
        sandbox.script_for(TO, Failure::Reason(77), 1).unwrap();
        assert_eq!(check(&client, TO, &right).reason, 77);
        sandbox.script(failure, 1).unwrap();
        let (code, reached, done) = expected(failure, true);
        let end = check(&client, TO, &right);
        assert_eq!((end.code, end.reached), (code, reached), "{failure:?}");
        let state = match failure {
            Failure::Expired => State::Expired,
            _ if done => State::Verified,
            _ => State::Waiting,
        };
        assert_eq!(sandbox.messages(None)[0].state, state, "{failure:?}");
        let after = if state == State::Waiting { Code::Ok } else { Code::NotVerified };
        assert_eq!(check(&client, TO, &right).code, after, "after {failure:?}");
    });
}

#[test]
fn a_slow_answer_is_an_answer() {
    let sandbox = start();
    let client = client(&sandbox, PATIENCE);
    let slow = Duration::from_millis(200);
    for failure in [Failure::Delay(slow), Failure::Drip(slow / 100)] {
        sandbox.script(failure, 2).unwrap();
        let begun = Instant::now();
        assert_eq!(send(&client, TO).code, Code::Ok, "{failure:?}");
        assert!(begun.elapsed() >= slow, "{failure:?} took {:?}", begun.elapsed());
        assert_eq!(check(&client, TO, &sandbox.code(TO).unwrap()).code, Code::Ok, "{failure:?}");
    }
}

#[test]
fn a_dropped_request_is_not_read_and_no_other_request_is_dropped() {
    let sandbox = start();
    let client = client(&sandbox, PATIENCE);
    // On a fresh connection and on a kept one.
    for kept in [false, true] {
        sandbox.script(Failure::Drop, 2).unwrap();
        for _ in 0..2 {
            assert_eq!(send(&client, TO).code, Code::ConnectionLost, "kept: {kept}");
        }
        assert_eq!(send(&client, TO).code, Code::Ok, "kept: {kept}");
    }
    assert_eq!(sandbox.messages(None).len(), 2);
}

#[test]
fn a_failure_for_one_number_leaves_the_others_alone() {
    let sandbox = start();
    let client = client(&sandbox, PATIENCE);
    sandbox.script_for(TO, Failure::LoseAnswer, 1).unwrap();
    assert_eq!(send(&client, "0521234567").code, Code::Ok);
    assert_eq!(send(&client, TO).code, Code::ConnectionLost);
    assert_eq!(sandbox.messages(Some(TO)).len(), 1, "the message is out");
    assert_eq!(send(&client, TO).code, Code::Ok);
}

#[test]
fn some_numbers_always_behave_one_way() {
    let sandbox = start();
    let cases = [
        ("0570000002", Failure::Reason(2)),
        ("0570000003", Failure::Reason(3)),
        ("0570000006", Failure::Reason(6)),
        ("0570000102", Failure::Status(2)),
        ("0570000103", Failure::Expired),
        ("0570000110", Failure::Delay(Duration::from_secs(3))),
        ("0570000112", Failure::LoseAnswer),
        ("0570000114", Failure::NeverAnswer),
        ("0570000123", Failure::Body(Body::Malformed)),
        ("0570000126", Failure::Body(Body::OtherNumber)),
        ("0570000307", Failure::Redirect(307)),
        ("0570000503", Failure::Http(503)),
    ];
    for (to, failure) in cases {
        let client = client(&sandbox, timeout(failure));
        for _ in 0..2 {
            let (code, reached, done) = expected(failure, false);
            let sent = send(&client, to);
            assert_eq!((sent.code, sent.reached), (code, reached), "{to}");
            let text = sandbox.code(to);
            assert_eq!(text.is_some(), done, "{to}");
            let (code, reached, _) = expected(failure, true);
            let checked = check(&client, to, text.as_deref().unwrap_or("000000"));
            assert_eq!((checked.code, checked.reached), (code, reached), "{to}");
        }
    }
    // A script goes before what the number always does.
    sandbox.script(Failure::Reason(77), 1).unwrap();
    assert_eq!(send(&client(&sandbox, PATIENCE), "0570000503").reason, 77);
}
