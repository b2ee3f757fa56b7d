//! Test numbers: every request for one of them fails in the same way, without a script.
//!
//! They are 057-000-0000 and up. As far as the public numbering tables say, no operator has 057, so none of
//! them is anybody's phone. The last three digits are a reason, an HTTP status, or a number of the sandbox's
//! own. The documentation of [`crate::sandbox`], the command's help and the Python guide list them; tests
//! compare the lists.

use std::time::Duration;

use serde::Serialize;

use super::failure::{ScriptedFailure, WrongBody};
use super::presets::{HTTP_ERRORS, REASONS, REDIRECTS};

/// The first digits of every test number.
const PREFIX: &str = "0570000";

/// The last three digits, the failure and its label, but for reasons and HTTP statuses.
const OTHER_FAILURES: [(u16, ScriptedFailure, &str); 16] = [
    (102, ScriptedFailure::Status(2), "wrong code"),
    (103, ScriptedFailure::Expired, "expired code"),
    (110, ScriptedFailure::Delay(Duration::from_secs(3)), "slow: 3 seconds"),
    (111, ScriptedFailure::Drip(Duration::from_millis(20)), "a byte every 20 ms"),
    (112, ScriptedFailure::LoseAnswer, "done, and the answer is lost"),
    (113, ScriptedFailure::HalfAnswer, "done, and half of the answer is lost"),
    (114, ScriptedFailure::NeverAnswer, "never answered"),
    (115, ScriptedFailure::Reset, "connection reset"),
    (116, ScriptedFailure::Length(10), "done, and Content-Length is 10 too large"),
    (117, ScriptedFailure::NotHttp, "an answer that is not HTTP"),
    (121, ScriptedFailure::Body(WrongBody::Empty), "an empty answer"),
    (122, ScriptedFailure::Body(WrongBody::Html), "HTML in place of the answer"),
    (123, ScriptedFailure::Body(WrongBody::Malformed), "malformed JSON"),
    (124, ScriptedFailure::Body(WrongBody::Truncated), "truncated JSON"),
    (125, ScriptedFailure::Body(WrongBody::Sample), "the provider's printed sample"),
    (126, ScriptedFailure::Body(WrongBody::OtherNumber), "an answer about another number"),
];

/// A test number, the failure of its requests, and a label for people.
#[derive(Serialize)]
pub(crate) struct TestNumber {
    pub(crate) to: String,
    pub(crate) label: String,
    pub(crate) failure: ScriptedFailure,
}

/// All test numbers, in ascending order.
pub(crate) fn test_numbers() -> impl Iterator<Item = TestNumber> {
    let reasons = REASONS.into_iter().map(|(reason, text)| {
        let label = format!("reason {reason}, {text}");
        (reason as u16, ScriptedFailure::Reason(reason), label)
    });
    let others =
        OTHER_FAILURES.into_iter().map(|(last, failure, label)| (last, failure, label.to_owned()));
    let redirects = REDIRECTS.into_iter().map(|status| {
        (status, ScriptedFailure::Redirect(status), format!("a redirect, HTTP {status}"))
    });
    let errors = HTTP_ERRORS
        .into_iter()
        .map(|status| (status, ScriptedFailure::Http(status), format!("HTTP {status}")));
    reasons.chain(others).chain(redirects).chain(errors).map(|(last, failure, label)| TestNumber {
        to: format!("{PREFIX}{last:03}"),
        label,
        failure,
    })
}

/// The failure of a request for this number, if it is a test number and the failure applies.
pub(crate) fn test_number_failure(to: &str, is_check: bool) -> Option<ScriptedFailure> {
    if !to.starts_with(PREFIX) {
        return None;
    }
    let number = test_numbers().find(|number| number.to == to)?;
    number.failure.applies_to(is_check).then_some(number.failure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_digits_choose_the_failure() {
        let cases = [
            ("0570000006", Some(ScriptedFailure::Reason(6))),
            ("0570000503", Some(ScriptedFailure::Http(503))),
            ("0570000112", Some(ScriptedFailure::LoseAnswer)),
            ("0570000001", None),
            ("0570000505", None),
            ("05700000060", None),
            ("570000006", None),
            ("0501234567", None),
            ("", None),
        ];
        for (to, failure) in cases {
            assert_eq!(test_number_failure(to, true), failure, "{to}");
        }
    }

    #[test]
    fn a_send_to_a_number_whose_checks_fail_is_like_any_other() {
        assert_eq!(test_number_failure("0570000102", false), None);
        assert_eq!(test_number_failure("0570000102", true), Some(ScriptedFailure::Status(2)));
    }

    #[test]
    fn the_documentation_has_them_all() {
        let documentation = include_str!("../mod.rs");
        for TestNumber { to, label, failure } in test_numbers() {
            let is_listed = match failure {
                ScriptedFailure::Http(status) => {
                    documentation.contains(&format!("…{status}")) || status == 400
                }
                ScriptedFailure::Redirect(_) => documentation.contains(&format!("`{to}`")),
                _ => documentation.contains(&format!("//! | `{to}` | {label} |\n")),
            };
            assert!(is_listed, "{to} | {label}");
        }
    }

    #[test]
    fn every_number_is_there_once_and_has_a_valid_failure() {
        let numbers: Vec<_> = test_numbers().collect();
        assert!(numbers.windows(2).all(|pair| pair[0].to < pair[1].to), "in ascending order");
        for TestNumber { label, failure, .. } in numbers {
            assert!(failure.validate().is_ok() && failure != ScriptedFailure::Drop, "{label}");
        }
    }
}
