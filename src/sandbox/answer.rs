//! What the service answers, and how it prints it.
//!
//! Knows the printed shapes of the documentation; knows nothing of why an answer was given.

use serde::Serialize;

use crate::error::Reason;

/// An answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Send: the message is on its way.
    Sent { unique: u64, timestamp: u64, from: String },
    /// Send or Check: refused.
    Failed(Reason),
    /// Check: what the service thinks of the code. `phone` is a number in the local form.
    Checked { status: i64, phone: String },
    /// No answer of the service's own: an HTTP error with an HTML page, as a gateway gives it.
    Http(u16),
}

impl Answer {
    /// The HTTP status, the content type and the body.
    pub(super) fn print(&self) -> (u16, &'static str, String) {
        match self {
            Answer::Sent { unique, timestamp, from } => {
                let unique = unique.to_string();
                let reason = Reason::NONE.0;
                json(&Success { status: "OK", unique, timestamp: *timestamp, from, reason })
            }
            Answer::Failed(reason) => json(&Failure { status: "FAIL", reason: reason.0 }),
            // The provider prints this with a comma too many.
            Answer::Checked { status, phone } => {
                (200, JSON, format!("{{\n\"status\": {status},\n\"phone\": \"{phone}\",\n}}"))
            }
            Answer::Http(status) => {
                let page = format!("<html><body><h1>{status}</h1></body></html>\n");
                (*status, "text/html; charset=utf-8", page)
            }
        }
    }
}

const JSON: &str = "application/json";

fn json(body: &impl Serialize) -> (u16, &'static str, String) {
    let body = serde_json::to_string(body).expect("numbers and texts always print as JSON");
    (200, JSON, body)
}

#[derive(Serialize)]
struct Success<'a> {
    status: &'static str,
    unique: String,
    timestamp: u64,
    from: &'a str,
    reason: i64,
}

#[derive(Serialize)]
struct Failure {
    status: &'static str,
    reason: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_send_is_printed_like_the_documented_sample() {
        let sent = Answer::Sent {
            unique: 63_433_453,
            timestamp: 1_600_115_719,
            from: "0501234567".to_owned(),
        };
        let sample = r#"{"status":"OK","unique":"63433453","timestamp":1600115719,"from":"0501234567","reason":1}"#;
        assert_eq!(sent.print(), (200, JSON, sample.to_owned()));
    }

    #[test]
    fn a_sender_with_quotes_stays_json() {
        let sent = Answer::Sent { unique: 1, timestamp: 2, from: "A\"\\é".to_owned() };
        let body: serde_json::Value = serde_json::from_str(&sent.print().2).unwrap();
        assert_eq!(body["from"], "A\"\\é");
    }

    #[test]
    fn a_failure_has_a_status_and_a_reason() {
        let body = r#"{"status":"FAIL","reason":6}"#.to_owned();
        assert_eq!(Answer::Failed(Reason::WRONG_API_KEY).print(), (200, JSON, body));
    }

    #[test]
    fn a_check_is_printed_like_the_documented_sample_trailing_comma_included() {
        let checked = Answer::Checked { status: 1, phone: "0501234567".to_owned() };
        let sample = "{\n\"status\": 1,\n\"phone\": \"0501234567\",\n}".to_owned();
        assert_eq!(checked.print(), (200, JSON, sample));
    }
}
