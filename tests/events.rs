//! What the log record of an attempt says, against the sandbox.

use std::sync::{Arc, Mutex, MutexGuard};

use verifysms::sandbox::{Options, Sandbox};
use verifysms::{Client, Code, LogLevel};

const TO: &str = "0501234567";

/// What was told, one after the other.
type Told<T> = Arc<Mutex<Vec<T>>>;

fn lock<T>(told: &Told<T>) -> MutexGuard<'_, Vec<T>> {
    told.lock().expect("the lock")
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

/// A record with N in place of each time.
fn without_times(text: &str) -> String {
    let is_number = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    let words: Vec<&str> = text.split(' ').collect();
    let is_time = |at: usize| words.get(at + 1).is_some_and(|next| next.starts_with("ms"));
    let words = words.iter().enumerate();
    let words = words.map(|(at, &word)| if is_number(word) && is_time(at) { "N" } else { word });
    words.collect::<Vec<_>>().join(" ")
}
