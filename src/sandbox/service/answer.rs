//! What the service answers, and how it prints it.
//!
//! Knows the printed shapes of the documentation; knows nothing of why an answer was given.

use serde::Serialize;

use super::page::Page;
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
}

impl Answer {
    /// The answer as the service prints it.
    pub(super) fn print(&self) -> Page {
        match self {
            Answer::Sent { unique, timestamp, from } => {
                let unique = unique.to_string();
                let reason = Reason::NONE.0;
                json(&Success { status: "OK", unique, timestamp: *timestamp, from, reason })
            }
            Answer::Failed(reason) => json(&Failure { status: "FAIL", reason: reason.0 }),
            // The provider prints this with a comma too many.
            Answer::Checked { status, phone } => {
                Page::json(format!("{{\n\"status\": {status},\n\"phone\": \"{phone}\",\n}}"))
            }
        }
    }
}

fn json(body: &impl Serialize) -> Page {
    Page::json(serde_json::to_string(body).expect("numbers and texts always print as JSON"))
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
        assert_eq!(sent.print(), Page::json(sample));
    }

    #[test]
    fn a_sender_with_quotes_stays_json() {
        let sent = Answer::Sent { unique: 1, timestamp: 2, from: "A\"\\é".to_owned() };
        let body: serde_json::Value = serde_json::from_str(&sent.print().body).unwrap();
        assert_eq!(body["from"], "A\"\\é");
    }

    #[test]
    fn a_failure_has_a_status_and_a_reason() {
        let body = r#"{"status":"FAIL","reason":6}"#;
        assert_eq!(Answer::Failed(Reason::WRONG_API_KEY).print(), Page::json(body));
    }

    #[test]
    fn a_check_is_printed_like_the_documented_sample_trailing_comma_included() {
        let checked = Answer::Checked { status: 1, phone: "0501234567".to_owned() };
        let sample = "{\n\"status\": 1,\n\"phone\": \"0501234567\",\n}";
        assert_eq!(checked.print(), Page::json(sample));
    }
}
