//! Shared by the tests over real sockets: a server that plays any fault, certificates, a name server,
//! and a process that holds nothing but a client.
#![allow(dead_code, reason = "every test binary uses a part")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use verifysms::{Builder, Check, Client, Code, Error, Reached};

pub(crate) mod ca;
pub(crate) mod client_process;
pub(crate) mod connection;
pub(crate) mod dns;
pub(crate) mod http;
pub(crate) mod os;
pub(crate) mod script;
pub(crate) mod server;

/// The API key in all tests.
pub(crate) const KEY: &str = "key-4f2a";
/// The phone number in most tests.
pub(crate) const TO: &str = "0501234567";
/// Another phone number.
pub(crate) const OTHER: &str = "0529876543";
/// The code that is checked in most tests.
pub(crate) const CODE: &str = "493021";
/// The service's documented answer to an accepted Send.
pub(crate) const SENT: &str =
    r#"{"status":"OK","unique":"63433453","timestamp":1600115719,"from":"0501234567","reason":1}"#;
/// The answer to an earlier Send, about another message.
pub(crate) const SENT_BEFORE: &str = r#"{"status":"OK","unique":"63433452","reason":1}"#;
/// The service's documented answer to a Check with the right code.
pub(crate) const VERIFIED: &str = "{\n\"status\": 1,\n\"phone\": \"0501234567\",\n}\n";
/// A Check's answer that the code is wrong.
pub(crate) const NOT_VERIFIED: &str = r#"{"status":0,"phone":"0501234567"}"#;
/// The service's answer in Send's failure shape.
pub(crate) const REFUSED: &str = r#"{"status":"FAIL","reason":6}"#;

/// The certificate authority that clients trust. Its file has the name of the test binary.
pub(crate) static CA: LazyLock<ca::TestCa> =
    LazyLock::new(|| ca::TestCa::new(concat!(env!("CARGO_CRATE_NAME"), "-ca.pem")));

/// Settings for the service at this address. Without a guard: most tests send to one number all the time.
pub(crate) fn builder(url: &str) -> Builder {
    unguarded(Client::builder(KEY).sender("Acme").url(url).proxy("").ca_file(CA.file()))
}

/// The settings without a guard, which the log does not mention.
pub(crate) fn unguarded(builder: Builder) -> Builder {
    builder.guard(None).sandbox_clock(Arc::default())
}

/// A client of the service at this address.
pub(crate) fn client(url: &str) -> Client {
    builder(url).build().expect("valid settings")
}

/// How a call ended.
pub(crate) type CallEnd = (Code, Reached);

pub(crate) const YES: CallEnd = (Code::Ok, Reached::Yes);
pub(crate) const NO: CallEnd = (Code::NotVerified, Reached::Yes);
pub(crate) const BAD_REPLY: CallEnd = (Code::BadReply, Reached::Unknown);
pub(crate) const LOST: CallEnd = (Code::ConnectionLost, Reached::Unknown);

pub(crate) fn failure(error: &Error) -> CallEnd {
    (error.code(), error.reached())
}

/// How a Check ended.
pub(crate) fn check_end(result: Result<Check, Error>) -> CallEnd {
    match result {
        Ok(check) if check.is_verified() => YES,
        Ok(_) => NO,
        Err(error) => failure(&error),
    }
}

/// Checks a code, and answers how that ended.
pub(crate) fn check(client: &Client, to: &str, code: &str) -> CallEnd {
    check_end(client.check(to, code))
}

/// Whether the code of the tests is verified.
pub(crate) fn verified(client: &Client) -> bool {
    check(client, TO, CODE) == YES
}

/// The error of a Check that cannot succeed.
pub(crate) fn failed(client: &Client) -> Error {
    client.check(TO, CODE).expect_err("the call cannot succeed")
}

/// Plays all cases in so many threads, and returns what is wrong with them.
pub(crate) fn play_all<T: Sync>(
    threads: usize,
    cases: &[T],
    play: impl Fn(&T) -> Vec<String> + Sync,
) -> Vec<String> {
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = play(case);
                    wrong.lock().expect("no thread panics with the lock").extend(found);
                }
            });
        }
    });
    let mut wrong = wrong.into_inner().expect("no thread panics with the lock");
    wrong.sort();
    wrong
}
