//! The ways in which the sandbox can be told to fail, as scripts name them.
//!
//! Knows what makes sense; knows neither who asks for a failure nor how it looks on the wire.

use std::io;
use std::ops::RangeInclusive;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The HTTP statuses of an error.
const ERRORS: RangeInclusive<u16> = 400..=599;

/// The HTTP statuses that send a client elsewhere.
const REDIRECTS: [u16; 5] = [301, 302, 303, 307, 308];

/// What the service refuses to be told, as a Check's status or as a reason: it is no failure.
const SUCCESS: i64 = 1;

/// The longest delay: an hour.
const PATIENCE: Duration = Duration::from_secs(60 * 60);

/// How wrong a Content-Length can be.
const FARTHEST: i64 = 1_000_000;

/// A way in which the sandbox can be told to fail.
///
/// Most take the place of the service, and the request has no other effect: no message is sent, no code
/// is used up. Those marked with **done** let the service do first what it was asked, and only then spoil
/// the answer: the message is out, the code is spent, and the client has to live with not knowing.
///
/// The control API writes a failure as its name, or as an object of its name and its number:
/// `"lose_answer"`, `{"reason": 5}`, `{"body": "truncated"}`, `{"delay": 3000}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Failure {
    /// The service says FAIL with this reason; 5 is its unknown error. Any number but 1.
    Reason(i64),
    /// A Check is answered with this status, whatever its code: 2 is the sandbox's "wrong". Any number but
    /// 1. Sends are not concerned.
    Status(i64),
    /// The code has expired: the one that a Check is about, or the one that a Send sends. **Done** otherwise.
    Expired,
    /// An HTTP error with a page of HTML, as a gateway gives it: 400 to 599.
    Http(u16),
    /// An HTTP error without a body.
    HttpEmpty(u16),
    /// An HTTP error whose body is the service's FAIL, with reason 5.
    HttpFail(u16),
    /// **Done**, and the service's answer comes with this HTTP error.
    HttpAnswer(u16),
    /// A redirect (301, 302, 303, 307 or 308) to the sandbox's own URL: a client that follows it, and so hands on
    /// the key, is served there.
    Redirect(u16),
    /// HTTP 200 with something other than the answer.
    Body(Body),
    /// **Done**, and the answer comes so much later: up to an hour. The control API counts milliseconds.
    Delay(#[serde(with = "milliseconds")] Duration),
    /// **Done**, and the answer comes byte by byte, one in each such time. The control API counts milliseconds.
    Drip(#[serde(with = "milliseconds")] Duration),
    /// **Done**, and the answer's Content-Length is larger or smaller by this. If larger, the rest never
    /// comes and the connection stays open.
    Length(i64),
    /// The connection is reset before the request is read. Not for one number: that would have to be read.
    Drop,
    /// The connection is reset when the request has been read.
    Reset,
    /// **Done**, and the connection is closed without an answer.
    LoseAnswer,
    /// **Done**, and the connection is closed after half of the answer.
    HalfAnswer,
    /// The request is read and never answered; the connection stays open.
    NeverAnswer,
    /// Bytes that are not HTTP.
    NotHttp,
}

/// What can stand in place of the service's answer, with HTTP 200.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Body {
    /// Nothing.
    Empty,
    /// A page of HTML.
    Html,
    /// Text that only looks like JSON.
    Malformed,
    /// A success that breaks off in the middle.
    Truncated,
    /// The provider's printed sample to the letter: a success, and a Check's is about 0501234567.
    Sample,
    /// A verified Check of another number. Sends are not concerned.
    OtherNumber,
    /// A success and a FAIL in one.
    Contradiction,
    /// A hundred megabytes.
    Large,
}

impl Failure {
    /// Refuses what is no failure, and says why.
    pub(super) fn validate(&self) -> io::Result<()> {
        let refusal = match *self {
            Failure::Reason(SUCCESS) => "reason 1 is no failure: name another number",
            Failure::Status(SUCCESS) => "status 1 is no failure: name another number",
            Failure::Http(status)
            | Failure::HttpEmpty(status)
            | Failure::HttpFail(status)
            | Failure::HttpAnswer(status)
                if !ERRORS.contains(&status) =>
            {
                "an HTTP failure has a status of 400 to 599"
            }
            Failure::Redirect(status) if !REDIRECTS.contains(&status) => {
                "a redirect is 301, 302, 303, 307 or 308"
            }
            Failure::Delay(time) | Failure::Drip(time) if time.is_zero() || time > PATIENCE => {
                "a delay is at least a millisecond and at most an hour, 3600000"
            }
            Failure::Length(0) => "a length of 0 is no failure: say by how much it is wrong",
            Failure::Length(wrong) if wrong.unsigned_abs() > FARTHEST as u64 => {
                "a length is wrong by a million at most"
            }
            _ => return Ok(()),
        };
        Err(io::Error::new(io::ErrorKind::InvalidInput, refusal))
    }

    /// Whether it can happen to a Check (or else to a Send).
    pub(super) fn concerns(&self, is_check: bool) -> bool {
        is_check || !matches!(self, Failure::Status(_) | Failure::Body(Body::OtherNumber))
    }
}

mod milliseconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_millis)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_is_written_as_its_name_or_with_its_number() {
        let cases = [
            (Failure::Reason(5), json!({"reason": 5})),
            (Failure::Status(-2), json!({"status": -2})),
            (Failure::Expired, json!("expired")),
            (Failure::Http(503), json!({"http": 503})),
            (Failure::HttpEmpty(503), json!({"http_empty": 503})),
            (Failure::HttpFail(503), json!({"http_fail": 503})),
            (Failure::HttpAnswer(503), json!({"http_answer": 503})),
            (Failure::Redirect(307), json!({"redirect": 307})),
            (Failure::Body(Body::OtherNumber), json!({"body": "other_number"})),
            (Failure::Delay(Duration::from_secs(3)), json!({"delay": 3000})),
            (Failure::Drip(Duration::from_millis(20)), json!({"drip": 20})),
            (Failure::Length(-3), json!({"length": -3})),
            (Failure::Drop, json!("drop")),
            (Failure::Reset, json!("reset")),
            (Failure::LoseAnswer, json!("lose_answer")),
            (Failure::HalfAnswer, json!("half_answer")),
            (Failure::NeverAnswer, json!("never_answer")),
            (Failure::NotHttp, json!("not_http")),
        ];
        for (failure, written) in cases {
            assert_eq!(serde_json::to_value(failure).unwrap(), written);
            assert_eq!(serde_json::from_value::<Failure>(written).unwrap(), failure);
            assert!(failure.validate().is_ok(), "{failure:?}");
        }
    }

    #[test]
    fn what_is_no_failure_is_refused() {
        let cases = [
            Failure::Reason(1),
            Failure::Status(1),
            Failure::Http(200),
            Failure::Http(399),
            Failure::Http(600),
            Failure::HttpEmpty(204),
            Failure::HttpFail(200),
            Failure::HttpAnswer(200),
            Failure::Redirect(300),
            Failure::Redirect(304),
            Failure::Delay(Duration::ZERO),
            Failure::Delay(PATIENCE + Duration::from_millis(1)),
            Failure::Drip(Duration::ZERO),
            Failure::Length(0),
            Failure::Length(i64::MIN),
            Failure::Length(FARTHEST + 1),
        ];
        for failure in cases {
            let error = failure.validate().expect_err("refused");
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{failure:?}");
        }
    }
}
