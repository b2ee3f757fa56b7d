//! The failures that can be scripted, as the control API writes them.
//!
//! Knows which values are valid; knows neither who asks for a failure nor how it looks on the wire.

use std::io;
use std::ops::RangeInclusive;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::sandbox::invalid_input::invalid_input;

const HTTP_ERRORS: RangeInclusive<u16> = 400..=599;

const HTTP_REDIRECTS: [u16; 5] = [301, 302, 303, 307, 308];

/// The status or reason that means success.
const SUCCESS: i64 = 1;

const MAX_DELAY: Duration = Duration::from_secs(60 * 60);

/// The largest difference between a Content-Length and the body.
const MAX_LENGTH_ERROR: i64 = 1_000_000;

/// A way in which a request can be made to fail.
///
/// Most failures replace the service: the request has no other effect, no message is sent, no code is used.
/// Those marked with **done** spoil only the answer: the service does first what it was asked, so the message
/// is out, or the code is used, and the client does not learn it.
///
/// The control API writes a failure as its name, or as an object of its name and its value:
/// `"lose_answer"`, `{"reason": 5}`, `{"body": "truncated"}`, `{"delay": 3000}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ScriptedFailure {
    /// The service answers FAIL with this reason; 5 is its unknown error. Any number but 1.
    Reason(i64),
    /// A Check is answered with this status, whatever its code: 2 is the sandbox's "wrong". Any number but 1.
    /// Does not apply to a Send.
    Status(i64),
    /// The code expires: for a Check, before it is compared; for a Send, as soon as it is sent. **Done**
    /// otherwise.
    Expired,
    /// An HTTP error with a page of HTML, as a gateway sends it: 400 to 599.
    Http(u16),
    /// An HTTP error without a body.
    HttpEmpty(u16),
    /// An HTTP error whose body is the service's FAIL, with reason 5.
    HttpFail(u16),
    /// **Done**, and the service's answer comes with this HTTP error.
    HttpAnswer(u16),
    /// A redirect (301, 302, 303, 307 or 308) to the sandbox's own URL, which serves a client that follows it
    /// and so passes on the key.
    Redirect(u16),
    /// HTTP 200 with a wrong body.
    Body(WrongBody),
    /// **Done**, and the answer comes this much later: up to an hour. In milliseconds in the control API.
    Delay(#[serde(with = "milliseconds")] Duration),
    /// **Done**, and the answer comes byte by byte, with this time before each. In milliseconds in the
    /// control API.
    Drip(#[serde(with = "milliseconds")] Duration),
    /// **Done**, and the answer's Content-Length is this much too large or, if negative, too small. If it is
    /// too large, the rest never comes and the connection stays open.
    Length(i64),
    /// The connection is reset before the request is read. Not for one number, which stands in the request.
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

/// What replaces the service's answer in an HTTP 200.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WrongBody {
    /// Nothing.
    Empty,
    /// A page of HTML.
    Html,
    /// Text that only looks like JSON.
    Malformed,
    /// The first half of a success.
    Truncated,
    /// The provider's printed sample to the letter: a success, and a Check's is about 0501234567.
    Sample,
    /// A verified Check of another number. Does not apply to a Send.
    OtherNumber,
    /// A success and a FAIL in one.
    Contradiction,
    /// A hundred megabytes.
    Large,
}

impl ScriptedFailure {
    /// Rejects values that are out of range or mean success.
    pub(crate) fn validate(&self) -> io::Result<()> {
        let error = match *self {
            Self::Reason(SUCCESS) => "reason 1 is no failure: name another number",
            Self::Status(SUCCESS) => "status 1 is no failure: name another number",
            Self::Http(status)
            | Self::HttpEmpty(status)
            | Self::HttpFail(status)
            | Self::HttpAnswer(status)
                if !HTTP_ERRORS.contains(&status) =>
            {
                "an HTTP failure has a status of 400 to 599"
            }
            Self::Redirect(status) if !HTTP_REDIRECTS.contains(&status) => {
                "a redirect is 301, 302, 303, 307 or 308"
            }
            Self::Delay(time) | Self::Drip(time) if time.is_zero() || time > MAX_DELAY => {
                "a delay is at least a millisecond and at most an hour, 3600000"
            }
            Self::Length(0) => "a length of 0 is no failure: say by how much it is wrong",
            Self::Length(wrong) if wrong.unsigned_abs() > MAX_LENGTH_ERROR as u64 => {
                "a length is wrong by a million at most"
            }
            _ => return Ok(()),
        };
        Err(invalid_input(error))
    }

    /// Whether it applies to a Check, or else to a Send.
    pub(crate) fn applies_to(&self, is_check: bool) -> bool {
        is_check || !matches!(self, Self::Status(_) | Self::Body(WrongBody::OtherNumber))
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
    fn each_is_written_as_its_name_or_with_its_value() {
        let cases = [
            (ScriptedFailure::Reason(5), json!({"reason": 5})),
            (ScriptedFailure::Status(-2), json!({"status": -2})),
            (ScriptedFailure::Expired, json!("expired")),
            (ScriptedFailure::Http(503), json!({"http": 503})),
            (ScriptedFailure::HttpEmpty(503), json!({"http_empty": 503})),
            (ScriptedFailure::HttpFail(503), json!({"http_fail": 503})),
            (ScriptedFailure::HttpAnswer(503), json!({"http_answer": 503})),
            (ScriptedFailure::Redirect(307), json!({"redirect": 307})),
            (ScriptedFailure::Body(WrongBody::OtherNumber), json!({"body": "other_number"})),
            (ScriptedFailure::Delay(Duration::from_secs(3)), json!({"delay": 3000})),
            (ScriptedFailure::Drip(Duration::from_millis(20)), json!({"drip": 20})),
            (ScriptedFailure::Length(-3), json!({"length": -3})),
            (ScriptedFailure::Drop, json!("drop")),
            (ScriptedFailure::Reset, json!("reset")),
            (ScriptedFailure::LoseAnswer, json!("lose_answer")),
            (ScriptedFailure::HalfAnswer, json!("half_answer")),
            (ScriptedFailure::NeverAnswer, json!("never_answer")),
            (ScriptedFailure::NotHttp, json!("not_http")),
        ];
        for (failure, written) in cases {
            assert_eq!(serde_json::to_value(failure).unwrap(), written);
            assert_eq!(serde_json::from_value::<ScriptedFailure>(written).unwrap(), failure);
            assert!(failure.validate().is_ok(), "{failure:?}");
        }
    }

    #[test]
    fn values_that_are_no_failure_are_rejected() {
        let cases = [
            ScriptedFailure::Reason(1),
            ScriptedFailure::Status(1),
            ScriptedFailure::Http(200),
            ScriptedFailure::Http(399),
            ScriptedFailure::Http(600),
            ScriptedFailure::HttpEmpty(204),
            ScriptedFailure::HttpFail(200),
            ScriptedFailure::HttpAnswer(200),
            ScriptedFailure::Redirect(300),
            ScriptedFailure::Redirect(304),
            ScriptedFailure::Delay(Duration::ZERO),
            ScriptedFailure::Delay(MAX_DELAY + Duration::from_millis(1)),
            ScriptedFailure::Drip(Duration::ZERO),
            ScriptedFailure::Length(0),
            ScriptedFailure::Length(i64::MIN),
            ScriptedFailure::Length(MAX_LENGTH_ERROR + 1),
        ];
        for failure in cases {
            let error = failure.validate().expect_err("rejected");
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{failure:?}");
        }
    }
}
