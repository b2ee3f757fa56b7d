//! What the client gets when a request fails: an HTTP response, a delayed one, or a broken connection.
//!
//! Knows how each failure looks on the wire; knows no rule of the service.

use super::failure::{ScriptedFailure, WrongBody};
use crate::error::Reason;
use crate::sandbox::http::raw_response::RawResponse;
use crate::sandbox::http::response::{HttpResponse, ServerResponse};
use crate::sandbox::service::SERVICE_PATH;
use crate::sandbox::service::answer::ServiceAnswer;

/// Numbers for an answer about another number than the one asked about.
const OTHER_NUMBERS: [&str; 2] = ["0570000999", "0570000998"];

const LARGE_BODY: usize = 100_000_000;

/// The response to a failing request for the number `to`. `serve` lets the service do what it was asked.
pub(crate) fn failed_response(
    failure: ScriptedFailure,
    is_check: bool,
    to: &str,
    serve: impl FnOnce() -> ServiceAnswer,
) -> ServerResponse {
    use ServerResponse::{Delayed, Http, Raw};
    let answer = HttpResponse::answer;
    let done = || answer(&serve());
    match failure {
        ScriptedFailure::Reason(reason) => Http(answer(&ServiceAnswer::Failed(Reason(reason)))),
        ScriptedFailure::Status(status) => {
            Http(answer(&ServiceAnswer::Checked { status, phone: to.to_owned() }))
        }
        // Whoever calls this lets the code expire.
        ScriptedFailure::Expired => Http(done()),
        ScriptedFailure::Http(status) => Http(HttpResponse::html(status)),
        ScriptedFailure::HttpEmpty(status) => Http(HttpResponse::empty(status)),
        ScriptedFailure::HttpFail(status) => {
            Http(answer(&ServiceAnswer::Failed(Reason::UNKNOWN_ERROR)).with_status(status))
        }
        ScriptedFailure::HttpAnswer(status) => Http(done().with_status(status)),
        ScriptedFailure::Redirect(status) => Http(HttpResponse::redirect(status, SERVICE_PATH)),
        ScriptedFailure::Body(body) => wrong_body(body, is_check, to),
        ScriptedFailure::Delay(time) => Delayed(done(), time),
        ScriptedFailure::Drip(time) => {
            Raw(RawResponse { byte_interval: Some(time), ..RawResponse::close(done().to_bytes(0)) })
        }
        ScriptedFailure::Length(wrong) => {
            let bytes = done().to_bytes(wrong);
            Raw(if wrong > 0 { RawResponse::hold(bytes) } else { RawResponse::close(bytes) })
        }
        // A drop that is scripted while the request is being read is a reset.
        ScriptedFailure::Drop | ScriptedFailure::Reset => Raw(RawResponse::reset()),
        ScriptedFailure::LoseAnswer => {
            drop(done());
            Raw(RawResponse::close(Vec::new()))
        }
        ScriptedFailure::HalfAnswer => {
            let response = done();
            let mut bytes = response.to_bytes(0);
            bytes.truncate(bytes.len() - response.body.len().div_ceil(2));
            Raw(RawResponse::close(bytes))
        }
        ScriptedFailure::NeverAnswer => Raw(RawResponse::hold(Vec::new())),
        ScriptedFailure::NotHttp => Raw(RawResponse::close(b"220 this is not HTTP\r\n".to_vec())),
    }
}

/// HTTP 200 with a wrong body.
fn wrong_body(body: WrongBody, is_check: bool, to: &str) -> ServerResponse {
    let sample = ServiceAnswer::sample(is_check).to_json();
    ServerResponse::Http(match body {
        WrongBody::Empty => HttpResponse::empty(200),
        WrongBody::Html => HttpResponse::html(200),
        WrongBody::Malformed => HttpResponse::json(r#"{"status" "OK"; reason = 1}"#),
        WrongBody::Truncated => HttpResponse::json(&sample[..sample.len() / 2]),
        WrongBody::Sample => HttpResponse::json(sample),
        WrongBody::OtherNumber => {
            let phone = OTHER_NUMBERS[usize::from(to == OTHER_NUMBERS[0])].to_owned();
            HttpResponse::answer(&ServiceAnswer::Checked { status: 1, phone })
        }
        WrongBody::Contradiction => HttpResponse::json(if is_check {
            format!(r#"{{"status":1,"reason":5,"phone":"{to}"}}"#)
        } else {
            sample.replace(r#""reason":1"#, r#""reason":5"#)
        }),
        WrongBody::Large => {
            let head = HttpResponse::json("").to_bytes(LARGE_BODY as i64);
            return ServerResponse::Raw(RawResponse {
                padding: LARGE_BODY,
                ..RawResponse::close(head)
            });
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const TO: &str = "0521234567";

    fn checked() -> ServiceAnswer {
        ServiceAnswer::Checked { status: 1, phone: TO.to_owned() }
    }

    fn body(body: WrongBody, is_check: bool, to: &str) -> String {
        match wrong_body(body, is_check, to) {
            ServerResponse::Http(response) => response.body,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn only_a_failure_marked_done_calls_the_service() {
        let second = Duration::from_secs(1);
        let cases = [
            (ScriptedFailure::Expired, true),
            (ScriptedFailure::HttpAnswer(503), true),
            (ScriptedFailure::Delay(second), true),
            (ScriptedFailure::Drip(second), true),
            (ScriptedFailure::Length(1), true),
            (ScriptedFailure::LoseAnswer, true),
            (ScriptedFailure::HalfAnswer, true),
            (ScriptedFailure::Reason(5), false),
            (ScriptedFailure::Status(2), false),
            (ScriptedFailure::Http(503), false),
            (ScriptedFailure::HttpEmpty(503), false),
            (ScriptedFailure::HttpFail(503), false),
            (ScriptedFailure::Redirect(301), false),
            (ScriptedFailure::Body(WrongBody::Empty), false),
            (ScriptedFailure::Drop, false),
            (ScriptedFailure::Reset, false),
            (ScriptedFailure::NeverAnswer, false),
            (ScriptedFailure::NotHttp, false),
        ];
        for (failure, expected) in cases {
            let mut done = false;
            failed_response(failure, true, TO, || {
                done = true;
                checked()
            });
            assert_eq!(done, expected, "{failure:?}");
        }
    }

    #[test]
    fn half_an_answer_is_its_head_and_half_of_its_body() {
        let whole = HttpResponse::answer(&checked()).to_bytes(0);
        let half = whole.strip_suffix(b"ne\": \"0521234567\",\n}").expect("the printed answer");
        assert_eq!(
            failed_response(ScriptedFailure::HalfAnswer, true, TO, checked),
            ServerResponse::Raw(RawResponse::close(half.to_vec()))
        );
    }

    #[test]
    fn an_answer_about_another_number_never_names_the_number_asked_about() {
        for to in [TO, OTHER_NUMBERS[0], OTHER_NUMBERS[1]] {
            let body = body(WrongBody::OtherNumber, true, to);
            assert!(!body.contains(to), "{body}");
            assert!(body.contains("\"status\": 1,"), "{body}");
        }
    }

    #[test]
    fn a_truncated_or_malformed_answer_is_no_json() {
        for (kind, is_check) in [
            (WrongBody::Malformed, false),
            (WrongBody::Malformed, true),
            (WrongBody::Truncated, false),
            (WrongBody::Truncated, true),
        ] {
            let text = body(kind, is_check, TO).replace(",\n}", "\n}");
            assert!(serde_json::from_str::<serde_json::Value>(&text).is_err(), "{text}");
        }
    }
}
