//! What is told of a call in numbers, and what the record of an attempt says, against the sandbox.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::time::Duration;

use verifysms::sandbox::{Options, Sandbox, ScriptedFailure};
use verifysms::{
    Builder, CallEnd, Client, Code, Event, GuardFailure, Limit, LogLevel, Queue, Reached,
};

const TO: &str = "0501234567";

/// What was told, one after the other.
type Told<T> = Arc<Mutex<Vec<T>>>;

fn lock<T>(told: &Told<T>) -> MutexGuard<'_, Vec<T>> {
    told.lock().expect("the lock")
}

fn sandbox() -> Sandbox {
    Sandbox::start(Options::new()).expect("a sandbox")
}

/// A client whose events are kept.
fn counted(settings: Builder) -> (Client, Told<CallEnd>) {
    let told = Told::default();
    let ends = told.clone();
    let settings = settings.sender("Acme").event(move |&end| lock(&ends).push(end));
    (settings.build().expect("valid settings"), told)
}

/// The one event since the last question, without its time.
fn last(told: &Told<CallEnd>) -> (Event, Code, Reached, (u32, bool), Option<Limit>) {
    let ends = std::mem::take(&mut *lock(told));
    assert_eq!(ends.len(), 1, "{ends:?}");
    let end = ends[0];
    assert!(end.elapsed < Duration::from_secs(60), "{end:?}");
    (end.event, end.code, end.reached, (end.attempt, end.reused), end.limit)
}

#[test]
fn each_end_of_a_call_is_one_event() {
    let sandbox = sandbox();
    let settings = sandbox.client().guard(Some("memory:"));
    let (client, told) = counted(settings.limit(Limit::Cooldown, 0, 0).limit(Limit::Tries, 1, 600));
    client.connect().expect("a connection");
    assert_eq!(last(&told), (Event::Other, Code::Ok, Reached::No, (1, false), None));
    let sent = client.send(TO).expect("a message");
    assert_eq!(last(&told), (Event::Sent, Code::Ok, Reached::Yes, (1, true), None));
    client.delivery(sent.unique()).expect("a report");
    assert_eq!(last(&told), (Event::Other, Code::Ok, Reached::Yes, (1, false), None));
    let code = sandbox.code(TO).expect("a code");
    assert!(client.check(TO, &code).expect("an answer").is_verified());
    assert_eq!(last(&told), (Event::Verified, Code::Ok, Reached::Yes, (1, true), None));
    assert!(!client.check(TO, "wrong").expect("an answer").is_verified());
    // A number is checked once over a connection.
    assert_eq!(last(&told), (Event::Checked, Code::NotVerified, Reached::Yes, (1, false), None));
    client.check(TO, "wrong").expect_err("one try");
    let limit = Some(Limit::Tries);
    assert_eq!(last(&told), (Event::Limited, Code::Limited, Reached::No, (0, false), limit));
    client.forget(TO).expect("it has a guard");
    assert_eq!(last(&told), (Event::Other, Code::Ok, Reached::No, (0, false), None));
    client.send("12").expect_err("no number");
    assert_eq!(last(&told), (Event::Failed, Code::InvalidArgument, Reached::No, (0, false), None));
    sandbox.script(ScriptedFailure::Reason(6), 1).expect("a script");
    client.send(TO).expect_err("refused");
    assert_eq!(last(&told), (Event::Refused, Code::Rejected, Reached::Yes, (1, true), None));
    sandbox.script(ScriptedFailure::Http(503), 1).expect("a script");
    client.send(TO).expect_err("no answer of the service");
    let (event, code, reached, (attempt, _), limit) = last(&told);
    assert_eq!((event, code, reached), (Event::Unknown, Code::HttpStatus, Reached::Unknown));
    assert_eq!((attempt, limit), (1, None));
}

#[test]
fn a_call_that_sent_nothing_has_failed() {
    let (client, told) = counted(Client::builder("key").url("http://127.0.0.1:1/").proxy(""));
    client.send(TO).expect_err("nobody listens there");
    assert_eq!(last(&told), (Event::Failed, Code::Connect, Reached::No, (3, false), None));
    let settings = Client::builder("key").guard(Some("redis://127.0.0.1:1"));
    let (client, told) = counted(settings.guard_failure(GuardFailure::Refuse));
    client.send(TO).expect_err("the guard is down");
    assert_eq!(last(&told), (Event::Failed, Code::GuardDown, Reached::No, (0, false), None));
}

#[test]
fn an_event_follows_its_record_and_may_make_calls() {
    static CLIENT: OnceLock<Client> = OnceLock::new();
    let sandbox = sandbox();
    let told = Told::default();
    let (records, events) = (told.clone(), told.clone());
    let settings = sandbox.client().sender("Acme").log(move |level, _| {
        if level == LogLevel::Info {
            lock(&records).push("record".to_owned());
        }
    });
    let settings = settings.event(move |end| {
        lock(&events).push(end.event.to_string());
        if end.event == Event::Sent {
            CLIENT.get().expect("a client").connect().expect("a connection");
        }
    });
    let client = CLIENT.get_or_init(|| settings.build().expect("valid settings"));
    client.send(TO).expect("a message");
    assert_eq!(*lock(&told), ["record", "SENT", "record", "OTHER"]);
}

#[test]
fn the_events_of_a_queue_have_its_key_or_go_to_the_client() {
    let sandbox = sandbox();
    let (client, of_client) = counted(sandbox.client());
    let client = Arc::new(client);
    let of_queue = Told::default();
    let ends = of_queue.clone();
    let event = move |&key: &u8, end: &CallEnd| lock(&ends).push((key, end.event, end.attempt));
    let mut own = Queue::new(client.clone()).expect("a queue").event(event);
    let mut plain = Queue::new(client).expect("a queue");
    own.send(7, TO).expect("it is started");
    finish(&mut own);
    own.send(8, "12").expect("it is started");
    finish(&mut own);
    assert_eq!(*lock(&of_queue), [(7, Event::Sent, 1), (8, Event::Failed, 0)]);
    assert!(lock(&of_client).is_empty());
    plain.check(9, TO, "wrong").expect("it is started");
    finish(&mut plain);
    assert_eq!(
        last(&of_client),
        (Event::Checked, Code::NotVerified, Reached::Yes, (1, true), None)
    );
    assert_eq!(lock(&of_queue).len(), 2);
}

/// Takes all results.
fn finish(queue: &mut Queue<u8>) {
    while !queue.is_empty() {
        if queue.take().is_none() {
            std::thread::yield_now();
        }
    }
}

#[test]
fn the_record_of_an_attempt_tells_its_connection_and_its_times() {
    for tls in [false, true] {
        let sandbox = Sandbox::start(Options::new().tls(tls)).expect("a sandbox");
        let told = Told::default();
        let records = told.clone();
        let settings = sandbox.client().sender("Acme").log(move |level, text| {
            if level == LogLevel::Debug {
                lock(&records).push(without_times(text));
            }
        });
        let client = settings.build().expect("valid settings");
        client.send(TO).expect("a message");
        client.send(TO).expect("a message");
        client.delivery("1").expect("an answer");
        let peer = sandbox.address();
        let (version, step) = if tls { (", TLS 1.3", ", TLS N ms") } else { ("", "") };
        let steps = format!("DNS N ms, connect N ms{step}, first byte N ms");
        let new = format!("attempt 1: HTTP status 200, N ms; {peer}, new{version}; {steps}");
        let kept =
            format!("attempt 1: HTTP status 200, N ms; {peer}, kept{version}; first byte N ms");
        assert_eq!(*lock(&told), [new.clone(), kept, new]);
    }
}

#[test]
fn the_record_of_a_failed_attempt_tells_how_far_it_came() {
    let sandbox = Sandbox::start(Options::new().tls(true)).expect("a sandbox");
    let told = Told::default();
    let records = told.clone();
    // It does not trust the sandbox.
    let settings = Client::builder("key").sender("Acme").url(&sandbox.url());
    let settings = settings.log(move |_, text| lock(&records).push(without_times(text)));
    let error = settings.build().expect("valid settings").send(TO).expect_err("a stranger");
    assert_eq!(error.code(), Code::Tls);
    let end = format!("; {}, new; DNS N ms, connect N ms", sandbox.address());
    let told = lock(&told);
    assert!(
        told.iter().any(|text| text.starts_with("attempt 1: ") && text.ends_with(&end)),
        "{told:?}"
    );
}

#[test]
fn the_record_of_a_refused_call_says_why() {
    let sandbox = sandbox();
    let told = Told::default();
    let records = told.clone();
    let settings =
        sandbox.client().sender("Acme").guard(Some("memory:")).log(move |level, text| {
            if level == LogLevel::Info {
                lock(&records).push(without_times(text));
            }
        });
    let client = settings.build().expect("valid settings");
    sandbox.script(ScriptedFailure::Reason(6), 1).expect("a script");
    client.send(TO).expect_err("a wrong key");
    client.send(TO).expect("a message");
    client.send(TO).expect_err("too soon");
    let expected = [
        "send *******567: REJECTED (reason 6), reached YES, N ms",
        "send *******567: OK, reached YES, N ms",
        "send *******567: LIMITED (COOLDOWN), reached NO, N ms",
    ];
    assert_eq!(*lock(&told), expected);
}

/// A record with N in place of each time.
fn without_times(text: &str) -> String {
    let is_number = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    let words: Vec<&str> = text.split(' ').collect();
    let is_time = |at: usize| words.get(at + 1).is_some_and(|next| next.starts_with("ms"));
    let words = words.iter().enumerate();
    let words = words.map(|(at, &word)| if is_number(word) && is_time(at) { "N" } else { word });
    words.collect::<Vec<_>>().join(" ")
}
