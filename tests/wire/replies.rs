//! What comes back over a real socket: every reply of `cases/replies.json`.

use std::sync::{Arc, Mutex};

use serde::Deserialize;
use verifysms::Error;

use crate::support::http::response;
use crate::support::script::Operation;
use crate::support::server::RawServer;
use crate::support::{CODE, CallEnd, TO, YES, check_end, client, failure};

/// A case of the shared file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReplyCase {
    name: String,
    call: Operation,
    http_status: u16,
    #[serde(default)]
    headers: Vec<String>,
    /// The body as text, as hexadecimal digits, or as texts each repeated a number of times.
    body: Option<String>,
    body_hex: Option<String>,
    body_pieces: Option<Vec<(String, usize)>>,
    expect: ExpectedReply,
}

/// How the call ends, in the names of the codes. What is not given is not there.
#[derive(Deserialize, Debug, Default, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
struct ExpectedReply {
    code: String,
    reached: String,
    reason: Option<i64>,
    status: Option<i64>,
    unique: Option<String>,
}

impl ReplyCase {
    fn all() -> Vec<ReplyCase> {
        serde_json::from_str(include_str!("../cases/replies.json"))
            .expect("the file is well-formed")
    }

    fn body(&self) -> Vec<u8> {
        match (&self.body, &self.body_hex, &self.body_pieces) {
            (Some(text), None, None) => text.clone().into(),
            (None, Some(digits), None) => (0..digits.len())
                .step_by(2)
                .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).expect("digits"))
                .collect(),
            (None, None, Some(pieces)) => {
                pieces.iter().map(|(text, times)| text.repeat(*times)).collect::<String>().into()
            }
            _ => panic!("{}: one body, no more and no less", self.name),
        }
    }

    fn response(&self) -> Vec<u8> {
        let headers: Vec<_> = self.headers.iter().map(String::as_str).collect();
        response(self.http_status, &headers, &self.body())
    }
}

fn expected((code, reached): CallEnd) -> ExpectedReply {
    let (code, reached) = (code.name().into(), reached.name().into());
    ExpectedReply { code, reached, ..ExpectedReply::default() }
}

fn refused(error: &Error) -> (ExpectedReply, u16) {
    let reason = error.reason().map(|reason| reason.0);
    (ExpectedReply { reason, ..expected(failure(error)) }, error.http_status())
}

#[test]
fn every_reply_means_what_the_case_file_says() {
    let reply = Arc::new(Mutex::new(Vec::new()));
    let current = reply.clone();
    let server = RawServer::start(move |mut conn| {
        while conn.read_request() && conn.send(&current.lock().expect("the lock")) {}
    });
    let mut wrong = Vec::new();
    for case in ReplyCase::all() {
        // Of two answers with one message id the second is none.
        let client = client(&server.url());
        *reply.lock().expect("the lock") = case.response();
        let (found, http_status) = match case.call {
            Operation::Send => match client.send(TO) {
                Ok(sent) => {
                    let unique = Some(sent.unique().to_owned());
                    (ExpectedReply { unique, ..expected(YES) }, sent.http_status())
                }
                Err(error) => refused(&error),
            },
            Operation::Check => match client.check(TO, CODE) {
                Ok(check) => {
                    let (status, http_status) = (Some(check.status()), check.http_status());
                    (ExpectedReply { status, ..expected(check_end(Ok(check))) }, http_status)
                }
                Err(error) => refused(&error),
            },
        };
        if found != case.expect || http_status != case.http_status {
            wrong.push(format!("{:?}, {}: {http_status} {found:?}", case.call, case.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_case_file_has_enough_replies_that_verify_nobody() {
    let refused = |case: &&ReplyCase| {
        case.call == Operation::Check && ["BAD_REPLY", "HTTP_STATUS"].contains(&&*case.expect.code)
    };
    assert!(ReplyCase::all().iter().filter(refused).count() >= 40);
}
