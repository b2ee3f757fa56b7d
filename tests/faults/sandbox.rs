//! Every scripted failure of the sandbox as the client sees it: what a call ends in, whether the
//! service did what it was asked, and that the next call succeeds.

use std::thread;
use std::time::{Duration, Instant};

use verifysms::sandbox::{MessageState, Options, Sandbox, ScriptedFailure, WrongBody};
use verifysms::{Client, Code, Reached};

use crate::support::TO;

/// Time enough for an answer that comes, too little for one that does not.
const PATIENCE: Duration = Duration::from_secs(10);
const SOON: Duration = Duration::from_millis(500);

fn start() -> Sandbox {
    Sandbox::start(Options::new()).unwrap()
}

fn client(sandbox: &Sandbox, timeout: Duration) -> Client {
    let builder = sandbox.client().sender("Acme").proxy("");
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

/// What a failure is to the client, in a Send and in a Check of the right code, and whether the service
/// did its work.
fn expected(failure: ScriptedFailure, is_check: bool) -> (Code, Reached, bool) {
    use Reached::{Unknown, Yes};
    match failure {
        ScriptedFailure::Reason(_) => (Code::Rejected, Yes, false),
        ScriptedFailure::Status(_) if is_check => (Code::NotVerified, Yes, false),
        ScriptedFailure::Status(_) => (Code::Ok, Yes, true),
        ScriptedFailure::Expired if is_check => (Code::NotVerified, Yes, false),
        ScriptedFailure::Expired => (Code::Ok, Yes, true),
        ScriptedFailure::Http(_) | ScriptedFailure::HttpEmpty(_) | ScriptedFailure::Redirect(_) => {
            (Code::HttpStatus, Unknown, false)
        }
        ScriptedFailure::HttpFail(_) => (Code::Rejected, Yes, false),
        ScriptedFailure::HttpAnswer(_) => (Code::HttpStatus, Unknown, true),
        // The sample is about this very number, whatever its code.
        ScriptedFailure::Body(WrongBody::Sample) => (Code::Ok, Yes, false),
        ScriptedFailure::Body(WrongBody::OtherNumber) if !is_check => (Code::Ok, Yes, true),
        ScriptedFailure::Body(_) => (Code::BadReply, Unknown, false),
        ScriptedFailure::Delay(_) | ScriptedFailure::Drip(_) => (Code::Timeout, Unknown, true),
        ScriptedFailure::Length(1..) => (Code::Timeout, Unknown, true),
        ScriptedFailure::Length(_) => (Code::BadReply, Unknown, true),
        ScriptedFailure::Drop | ScriptedFailure::Reset => (Code::ConnectionLost, Unknown, false),
        ScriptedFailure::LoseAnswer | ScriptedFailure::HalfAnswer => {
            (Code::ConnectionLost, Unknown, true)
        }
        ScriptedFailure::NeverAnswer => (Code::Timeout, Unknown, false),
        ScriptedFailure::NotHttp => (Code::BadReply, Unknown, false),
        other => panic!("{other:?} has no row here"),
    }
}

fn timeout(failure: ScriptedFailure) -> Duration {
    let waits = expected(failure, true).0 == Code::Timeout;
    if waits { SOON } else { PATIENCE }
}

/// What goes wrong below HTTP, or in how it frames an answer.
const BROKEN: [ScriptedFailure; 9] = [
    ScriptedFailure::Drip(Duration::from_secs(1)),
    ScriptedFailure::Length(10),
    ScriptedFailure::Length(-10),
    ScriptedFailure::Drop,
    ScriptedFailure::Reset,
    ScriptedFailure::LoseAnswer,
    ScriptedFailure::HalfAnswer,
    ScriptedFailure::NeverAnswer,
    ScriptedFailure::NotHttp,
];

/// One failure of each kind, and the edges.
fn failures() -> Vec<ScriptedFailure> {
    let bodies = [
        WrongBody::Empty,
        WrongBody::Html,
        WrongBody::Malformed,
        WrongBody::Truncated,
        WrongBody::Sample,
        WrongBody::OtherNumber,
        WrongBody::Contradiction,
        WrongBody::Large,
    ];
    let statuses = [400, 401, 403, 404, 413, 429, 500, 502, 503, 504, 599];
    let mut all = vec![
        ScriptedFailure::Status(2),
        ScriptedFailure::Status(0),
        ScriptedFailure::Expired,
        ScriptedFailure::Delay(Duration::from_secs(3)),
    ];
    all.extend(BROKEN);
    all.extend(bodies.map(ScriptedFailure::Body));
    all.extend([2, 3, 5, 6, 7, 9, 10, 0, -1, 77].map(ScriptedFailure::Reason));
    all.extend([301, 302, 303, 307, 308].map(ScriptedFailure::Redirect));
    for kind in [
        ScriptedFailure::Http,
        ScriptedFailure::HttpEmpty,
        ScriptedFailure::HttpFail,
        ScriptedFailure::HttpAnswer,
    ] {
        all.extend(statuses.map(kind));
    }
    all
}

/// Does this for each failure, two at a time, since some are nothing but waiting.
fn for_each(failures: &[ScriptedFailure], examine: impl Fn(ScriptedFailure) + Sync) {
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
    for_each(&[&BROKEN[..], &[ScriptedFailure::Body(WrongBody::Large)]].concat(), |failure| {
        examine_send(&Sandbox::start(Options::new().tls(true)).unwrap(), failure);
    });
}

/// Has one Send fail among others.
fn examine_send(sandbox: &Sandbox, failure: ScriptedFailure) {
    let client = client(sandbox, timeout(failure));
    assert_eq!(send(&client, TO).code, Code::Ok, "the connection is kept");
    sandbox.reset();
    sandbox.script(failure, 1).unwrap();
    let (code, reached, done) = expected(failure, false);
    let end = send(&client, TO);
    assert_eq!((end.code, end.reached), (code, reached), "{failure:?}");
    assert_eq!(sandbox.messages(None).len(), usize::from(done), "{failure:?}");
    match failure {
        ScriptedFailure::Reason(reason) => assert_eq!(end.reason, reason),
        ScriptedFailure::Http(status)
        | ScriptedFailure::HttpEmpty(status)
        | ScriptedFailure::Redirect(status) => {
            assert_eq!(end.status, status);
        }
        ScriptedFailure::HttpFail(status) => assert_eq!((end.reason, end.status), (5, status)),
        ScriptedFailure::Expired => {
            assert_eq!(sandbox.messages(None)[0].state, MessageState::Expired)
        }
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
        sandbox.script_for(TO, ScriptedFailure::Reason(77), 1).unwrap();
        assert_eq!(check(&client, TO, &right).reason, 77);
        sandbox.script(failure, 1).unwrap();
        let (code, reached, done) = expected(failure, true);
        let end = check(&client, TO, &right);
        assert_eq!((end.code, end.reached), (code, reached), "{failure:?}");
        let state = match failure {
            ScriptedFailure::Expired => MessageState::Expired,
            _ if done => MessageState::Verified,
            _ => MessageState::Waiting,
        };
        assert_eq!(sandbox.messages(None)[0].state, state, "{failure:?}");
        let after = if state == MessageState::Waiting { Code::Ok } else { Code::NotVerified };
        assert_eq!(check(&client, TO, &right).code, after, "after {failure:?}");
    });
}

#[test]
fn a_slow_answer_is_an_answer() {
    let sandbox = start();
    let client = client(&sandbox, PATIENCE);
    let slow = Duration::from_millis(200);
    for failure in [ScriptedFailure::Delay(slow), ScriptedFailure::Drip(slow / 100)] {
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
        sandbox.script(ScriptedFailure::Drop, 2).unwrap();
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
    sandbox.script_for(TO, ScriptedFailure::LoseAnswer, 1).unwrap();
    assert_eq!(send(&client, "0521234567").code, Code::Ok);
    assert_eq!(send(&client, TO).code, Code::ConnectionLost);
    assert_eq!(sandbox.messages(Some(TO)).len(), 1, "the message is out");
    assert_eq!(send(&client, TO).code, Code::Ok);
}

#[test]
fn some_numbers_always_behave_one_way() {
    let sandbox = start();
    let cases = [
        ("0570000002", ScriptedFailure::Reason(2)),
        ("0570000003", ScriptedFailure::Reason(3)),
        ("0570000006", ScriptedFailure::Reason(6)),
        ("0570000102", ScriptedFailure::Status(2)),
        ("0570000103", ScriptedFailure::Expired),
        ("0570000110", ScriptedFailure::Delay(Duration::from_secs(3))),
        ("0570000112", ScriptedFailure::LoseAnswer),
        ("0570000114", ScriptedFailure::NeverAnswer),
        ("0570000123", ScriptedFailure::Body(WrongBody::Malformed)),
        ("0570000126", ScriptedFailure::Body(WrongBody::OtherNumber)),
        ("0570000307", ScriptedFailure::Redirect(307)),
        ("0570000503", ScriptedFailure::Http(503)),
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
    sandbox.script(ScriptedFailure::Reason(77), 1).unwrap();
    assert_eq!(send(&client(&sandbox, PATIENCE), "0570000503").reason, 77);
}
