//! The failures worth trying, each with a name for a person's menu.
//!
//! Knows nothing of what they do: the page that shows them knows no failure by itself.

use std::time::Duration;

use serde::Serialize;

use super::failure::{Body, Failure};
use super::numbers;

/// A failure with its name.
#[derive(Serialize)]
pub(super) struct Named {
    group: &'static str,
    label: String,
    failure: Failure,
}

/// A number that always behaves one way.
#[derive(Serialize)]
pub(super) struct Always {
    to: String,
    label: String,
    failure: Failure,
}

/// The documented reasons.
const REASONS: [(i64, &str); 7] = [
    (2, "the sender is too long or too short"),
    (3, "the sender is not approved"),
    (5, "unknown error"),
    (6, "wrong key"),
    (7, "no phone number"),
    (9, "no sender"),
    (10, "no ##code## in the message"),
];

const ERRORS: [u16; 10] = [400, 401, 403, 404, 413, 429, 500, 502, 503, 504];

const REDIRECTS: [u16; 4] = [301, 302, 307, 308];

/// The failures, those that belong together in a row.
pub(super) fn failures() -> Vec<Named> {
    let mut all = Vec::new();
    let mut add = |group, label: String, failure| all.push(Named { group, label, failure });
    for (reason, why) in REASONS {
        add("The service refuses", format!("Reason {reason}: {why}"), Failure::Reason(reason));
    }
    let codes = "The code";
    add(codes, "A Check says: wrong code".into(), Failure::Status(2));
    add(codes, "A Check says: expired or used".into(), Failure::Status(3));
    add(codes, "The code has expired".into(), Failure::Expired);

    let slow = "Slow";
    for seconds in [3, 35] {
        let time = Duration::from_secs(seconds);
        add(slow, format!("Done, answered {seconds} seconds later"), Failure::Delay(time));
    }
    let time = Duration::from_millis(20);
    add(slow, "Done, answered a byte every 20 ms".into(), Failure::Drip(time));
    let time = Duration::from_secs(1);
    add(slow, "Done, answered a byte a second".into(), Failure::Drip(time));
    add(slow, "Never answered".into(), Failure::NeverAnswer);

    let lost = "The connection breaks";
    add(lost, "Dropped before the request is read".into(), Failure::Drop);
    add(lost, "Reset after the request".into(), Failure::Reset);
    add(lost, "Done, and the answer is lost".into(), Failure::LoseAnswer);
    add(lost, "Done, and half of the answer is lost".into(), Failure::HalfAnswer);

    let odd = "HTTP 200, but no answer";
    for (label, body) in [
        ("An empty body", Body::Empty),
        ("HTML", Body::Html),
        ("Malformed JSON", Body::Malformed),
        ("Truncated JSON", Body::Truncated),
        ("The provider's printed sample", Body::Sample),
        ("A Check of another number", Body::OtherNumber),
        ("A success and a FAIL in one", Body::Contradiction),
        ("A hundred megabytes", Body::Large),
    ] {
        add(odd, label.into(), Failure::Body(body));
    }

    let broken = "Broken HTTP";
    add(broken, "Done, and Content-Length is 10 too large".into(), Failure::Length(10));
    add(broken, "Done, and Content-Length is 10 too small".into(), Failure::Length(-10));
    add(broken, "Not HTTP at all".into(), Failure::NotHttp);

    for status in REDIRECTS {
        add("Redirects", format!("HTTP {status} to the same place"), Failure::Redirect(status));
    }
    for (group, failure) in [
        ("HTTP errors with HTML", Failure::Http as fn(u16) -> Failure),
        ("HTTP errors without a body", Failure::HttpEmpty),
        ("HTTP errors with the service's FAIL", Failure::HttpFail),
        ("HTTP errors with the service's answer (done)", Failure::HttpAnswer),
    ] {
        for status in ERRORS {
            add(group, format!("HTTP {status}"), failure(status));
        }
    }
    all
}

/// The numbers that always behave one way.
pub(super) fn always() -> Vec<Always> {
    numbers::table()
        .map(|(to, failure, label)| Always { to, label: format!("always {label}"), failure })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_is_named_once_and_makes_sense() {
        let all = failures();
        for (index, named) in all.iter().enumerate() {
            let Named { group, label, failure } = named;
            assert!(failure.validate().is_ok(), "{label}");
            for other in &all[..index] {
                assert_ne!(other.failure, *failure, "{label}");
                assert_ne!((other.group, &other.label), (*group, label));
            }
        }
    }

    #[test]
    fn every_kind_of_failure_is_there() {
        let kind = |failure: &Failure| match serde_json::to_value(failure).unwrap() {
            serde_json::Value::String(name) => name,
            value => value.as_object().unwrap().keys().next().unwrap().clone(),
        };
        let kinds: std::collections::BTreeSet<_> =
            failures().iter().map(|named| kind(&named.failure)).collect();
        let expected = [
            "body",
            "delay",
            "drip",
            "drop",
            "expired",
            "half_answer",
            "http",
            "http_answer",
            "http_empty",
            "http_fail",
            "length",
            "lose_answer",
            "never_answer",
            "not_http",
            "reason",
            "redirect",
            "reset",
            "status",
        ];
        assert_eq!(kinds.iter().map(String::as_str).collect::<Vec<_>>(), expected);
    }
}
