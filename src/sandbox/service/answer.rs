//! What the service answers, and the JSON that it prints.
//!
//! Knows the documented shapes; knows nothing of why an answer was given, or of HTTP.

use serde::Serialize;

use super::delivery::DeliveryReport;
use crate::error::Reason;

/// The answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ServiceAnswer {
    /// Send: the message is on its way.
    Sent { unique: u64, timestamp: u64, from: String },
    /// Send or Check: rejected.
    Failed(Reason),
    /// Check: the status of the code. `phone` is a number in the local form.
    Checked { status: i64, phone: String },
    /// Delivery Status: what became of a message, if there is a report.
    Reported(Option<DeliveryReport>),
}

impl ServiceAnswer {
    /// The success that the documentation shows for a Check, or else for a Send.
    pub(crate) fn sample(is_check: bool) -> ServiceAnswer {
        let number = "0501234567".to_owned();
        if is_check {
            ServiceAnswer::Checked { status: 1, phone: number }
        } else {
            ServiceAnswer::Sent { unique: 63_433_453, timestamp: 1_600_115_719, from: number }
        }
    }

    /// The body of the answer, as the service prints it.
    pub(crate) fn to_json(&self) -> String {
        match self {
            ServiceAnswer::Sent { unique, timestamp, from } => json(&SentBody {
                status: "OK",
                unique: unique.to_string(),
                timestamp: *timestamp,
                from,
                reason: Reason::NONE.0,
            }),
            ServiceAnswer::Reported(report) => json(&report.as_slice()),
            ServiceAnswer::Failed(reason) => json(&FailedBody { status: "FAIL", reason: reason.0 }),
            // The provider prints a trailing comma.
            ServiceAnswer::Checked { status, phone } => {
                format!("{{\n\"status\": {status},\n\"phone\": \"{phone}\",\n}}")
            }
        }
    }
}

fn json(body: &impl Serialize) -> String {
    serde_json::to_string(body).expect("numbers and strings always serialize")
}

#[derive(Serialize)]
struct SentBody<'a> {
    status: &'static str,
    unique: String,
    timestamp: u64,
    from: &'a str,
    reason: i64,
}

#[derive(Serialize)]
struct FailedBody {
    status: &'static str,
    reason: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_send_is_printed_like_the_documented_sample() {
        let sample = r#"{"status":"OK","unique":"63433453","timestamp":1600115719,"from":"0501234567","reason":1}"#;
        assert_eq!(ServiceAnswer::sample(false).to_json(), sample);
    }

    #[test]
    fn a_sender_with_quotes_stays_json() {
        let sent = ServiceAnswer::Sent { unique: 1, timestamp: 2, from: "A\"\\é".to_owned() };
        let body: serde_json::Value = serde_json::from_str(&sent.to_json()).unwrap();
        assert_eq!(body["from"], "A\"\\é");
    }

    #[test]
    fn a_failure_has_a_status_and_a_reason() {
        let failed = ServiceAnswer::Failed(Reason::WRONG_API_KEY);
        assert_eq!(failed.to_json(), r#"{"status":"FAIL","reason":6}"#);
    }

    #[test]
    fn a_check_is_printed_like_the_documented_sample_trailing_comma_included() {
        let sample = ServiceAnswer::sample(true).to_json();
        assert_eq!(sample, "{\n\"status\": 1,\n\"phone\": \"0501234567\",\n}");
    }
}
