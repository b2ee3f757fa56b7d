//! Preset failures: those worth trying, with labels for the page's menu.
//!
//! Knows nothing of what they do. The page knows only the failures that this list has.

use std::time::Duration;

use serde::Serialize;

use super::failure::{ScriptedFailure, WrongBody};

/// A failure and its place in the menu.
#[derive(Serialize)]
pub(crate) struct PresetFailure {
    group: &'static str,
    label: String,
    failure: ScriptedFailure,
}

/// The documented reasons.
pub(crate) const REASONS: [(i64, &str); 7] = [
    (2, "the sender is too long or too short"),
    (3, "the sender is not approved"),
    (5, "unknown error"),
    (6, "wrong key"),
    (7, "no phone number"),
    (9, "no sender"),
    (10, "no ##code## in the message"),
];

pub(crate) const HTTP_ERRORS: [u16; 10] = [400, 401, 403, 404, 413, 429, 500, 502, 503, 504];

pub(crate) const REDIRECTS: [u16; 4] = [301, 302, 307, 308];

/// The group, the label and the failure, but for reasons and HTTP statuses.
const OTHER_FAILURES: [(&str, &str, ScriptedFailure); 23] = [
    ("The code", "A Check says: wrong code", ScriptedFailure::Status(2)),
    ("The code", "A Check says: expired or used", ScriptedFailure::Status(3)),
    ("The code", "The code has expired", ScriptedFailure::Expired),
    ("Slow", "Done, answered 3 seconds later", ScriptedFailure::Delay(Duration::from_secs(3))),
    ("Slow", "Done, answered 35 seconds later", ScriptedFailure::Delay(Duration::from_secs(35))),
    ("Slow", "Done, answered a byte every 20 ms", ScriptedFailure::Drip(Duration::from_millis(20))),
    ("Slow", "Done, answered a byte a second", ScriptedFailure::Drip(Duration::from_secs(1))),
    ("Slow", "Never answered", ScriptedFailure::NeverAnswer),
    ("The connection breaks", "Dropped before the request is read", ScriptedFailure::Drop),
    ("The connection breaks", "Reset after the request", ScriptedFailure::Reset),
    ("The connection breaks", "Done, and the answer is lost", ScriptedFailure::LoseAnswer),
    ("The connection breaks", "Done, and half of the answer is lost", ScriptedFailure::HalfAnswer),
    (WRONG_BODY, "An empty body", ScriptedFailure::Body(WrongBody::Empty)),
    (WRONG_BODY, "HTML", ScriptedFailure::Body(WrongBody::Html)),
    (WRONG_BODY, "Malformed JSON", ScriptedFailure::Body(WrongBody::Malformed)),
    (WRONG_BODY, "Truncated JSON", ScriptedFailure::Body(WrongBody::Truncated)),
    (WRONG_BODY, "The provider's printed sample", ScriptedFailure::Body(WrongBody::Sample)),
    (WRONG_BODY, "A Check of another number", ScriptedFailure::Body(WrongBody::OtherNumber)),
    (WRONG_BODY, "A success and a FAIL in one", ScriptedFailure::Body(WrongBody::Contradiction)),
    (WRONG_BODY, "A hundred megabytes", ScriptedFailure::Body(WrongBody::Large)),
    ("Broken HTTP", "Done, and Content-Length is 10 too large", ScriptedFailure::Length(10)),
    ("Broken HTTP", "Done, and Content-Length is 10 too small", ScriptedFailure::Length(-10)),
    ("Broken HTTP", "Not HTTP at all", ScriptedFailure::NotHttp),
];

const WRONG_BODY: &str = "HTTP 200, but no answer";

/// All preset failures, sorted by group.
pub(crate) fn preset_failures() -> Vec<PresetFailure> {
    let mut presets = Vec::new();
    let mut add =
        |group, label: String, failure| presets.push(PresetFailure { group, label, failure });
    for (reason, text) in REASONS {
        let label = format!("Reason {reason}: {text}");
        add("The service refuses", label, ScriptedFailure::Reason(reason));
    }
    for (group, label, failure) in OTHER_FAILURES {
        add(group, label.to_owned(), failure);
    }
    for status in REDIRECTS {
        let label = format!("HTTP {status} to the same place");
        add("Redirects", label, ScriptedFailure::Redirect(status));
    }
    for (group, failure) in [
        ("HTTP errors with HTML", ScriptedFailure::Http as fn(u16) -> ScriptedFailure),
        ("HTTP errors without a body", ScriptedFailure::HttpEmpty),
        ("HTTP errors with the service's FAIL", ScriptedFailure::HttpFail),
        ("HTTP errors with the service's answer (done)", ScriptedFailure::HttpAnswer),
    ] {
        for status in HTTP_ERRORS {
            add(group, format!("HTTP {status}"), failure(status));
        }
    }
    presets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_there_once_and_is_valid() {
        let all = preset_failures();
        for (index, preset) in all.iter().enumerate() {
            let PresetFailure { group, label, failure } = preset;
            assert!(failure.validate().is_ok(), "{label}");
            for other in &all[..index] {
                assert_ne!(other.failure, *failure, "{label}");
                assert_ne!((other.group, &other.label), (*group, label));
            }
        }
    }

    #[test]
    fn every_kind_of_failure_is_there() {
        let kind = |failure: &ScriptedFailure| match serde_json::to_value(failure).unwrap() {
            serde_json::Value::String(name) => name,
            value => value.as_object().unwrap().keys().next().unwrap().clone(),
        };
        let kinds: std::collections::BTreeSet<_> =
            preset_failures().iter().map(|preset| kind(&preset.failure)).collect();
        let expected = "body delay drip drop expired half_answer http http_answer http_empty http_fail \
                        length lose_answer never_answer not_http reason redirect reset status";
        assert_eq!(kinds.into_iter().collect::<Vec<_>>().join(" "), expected);
    }
}
