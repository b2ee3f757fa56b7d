//! Numbers that always behave one way, so that a test needs to steer nothing.
//!
//! They are 057-000-0000 and up: 057 is no operator's, as far as the public tables of numbers say, so none of
//! them is anybody's phone. Where there is a number to remember, the last digits are it: a reason, an HTTP status.
//! The command's help prints the table; the documentation of [`super`] and the Python guide have it, and tests
//! compare them.

use std::time::Duration;

use super::failure::{Body, Failure};

/// What every one of these numbers begins with.
const BLOCK: &str = "0570000";

/// The last three digits, the failure of every request for that number, and its name.
const ALWAYS: [(&str, Failure, &str); 37] = [
    ("002", Failure::Reason(2), "reason 2, the sender is too long or too short"),
    ("003", Failure::Reason(3), "reason 3, the sender is not approved"),
    ("005", Failure::Reason(5), "reason 5, unknown error"),
    ("006", Failure::Reason(6), "reason 6, wrong key"),
    ("007", Failure::Reason(7), "reason 7, no phone number"),
    ("009", Failure::Reason(9), "reason 9, no sender"),
    ("010", Failure::Reason(10), "reason 10, no ##code## in the message"),
    ("102", Failure::Status(2), "wrong code"),
    ("103", Failure::Expired, "expired code"),
    ("110", Failure::Delay(Duration::from_secs(3)), "slow: 3 seconds"),
    ("111", Failure::Drip(Duration::from_millis(20)), "a byte every 20 ms"),
    ("112", Failure::LoseAnswer, "done, and the answer is lost"),
    ("113", Failure::HalfAnswer, "done, and half of the answer is lost"),
    ("114", Failure::NeverAnswer, "never answered"),
    ("115", Failure::Reset, "connection reset"),
    ("116", Failure::Length(10), "done, and Content-Length is 10 too large"),
    ("117", Failure::NotHttp, "an answer that is not HTTP"),
    ("121", Failure::Body(Body::Empty), "an empty answer"),
    ("122", Failure::Body(Body::Html), "HTML in place of the answer"),
    ("123", Failure::Body(Body::Malformed), "malformed JSON"),
    ("124", Failure::Body(Body::Truncated), "truncated JSON"),
    ("125", Failure::Body(Body::Sample), "the provider's printed sample"),
    ("126", Failure::Body(Body::OtherNumber), "an answer about another number"),
    ("301", Failure::Redirect(301), "a redirect, HTTP 301"),
    ("302", Failure::Redirect(302), "a redirect, HTTP 302"),
    ("307", Failure::Redirect(307), "a redirect, HTTP 307"),
    ("308", Failure::Redirect(308), "a redirect, HTTP 308"),
    ("400", Failure::Http(400), "HTTP 400"),
    ("401", Failure::Http(401), "HTTP 401"),
    ("403", Failure::Http(403), "HTTP 403"),
    ("404", Failure::Http(404), "HTTP 404"),
    ("413", Failure::Http(413), "HTTP 413"),
    ("429", Failure::Http(429), "HTTP 429"),
    ("500", Failure::Http(500), "HTTP 500"),
    ("502", Failure::Http(502), "HTTP 502"),
    ("503", Failure::Http(503), "HTTP 503"),
    ("504", Failure::Http(504), "HTTP 504"),
];

/// How every request for this number fails, if it is such a number.
pub(super) fn always(to: &str, is_check: bool) -> Option<Failure> {
    let last = to.strip_prefix(BLOCK)?;
    let (_, failure, _) = ALWAYS.iter().find(|(digits, ..)| *digits == last)?;
    failure.concerns(is_check).then_some(*failure)
}

/// Every such number, its failure and its name.
pub(crate) fn table() -> impl Iterator<Item = (String, Failure, &'static str)> {
    ALWAYS.iter().map(|&(last, failure, label)| (format!("{BLOCK}{last}"), failure, label))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_digits_choose_the_failure() {
        let cases = [
            ("0570000006", Some(Failure::Reason(6))),
            ("0570000503", Some(Failure::Http(503))),
            ("0570000112", Some(Failure::LoseAnswer)),
            ("0570000001", None),
            ("0570000505", None),
            ("05700000060", None),
            ("570000006", None),
            ("0501234567", None),
            ("", None),
        ];
        for (to, failure) in cases {
            assert_eq!(always(to, true), failure, "{to}");
        }
    }

    #[test]
    fn a_send_to_a_number_whose_checks_fail_is_like_any_other() {
        assert_eq!(always("0570000102", false), None);
        assert_eq!(always("0570000102", true), Some(Failure::Status(2)));
    }

    #[test]
    fn the_documentation_has_them_all() {
        let documentation = include_str!("../mod.rs");
        for (to, failure, label) in table() {
            let is_listed = match failure {
                Failure::Http(status) => {
                    documentation.contains(&format!("…{status}")) || status == 400
                }
                Failure::Redirect(_) => documentation.contains(&format!("`{to}`")),
                _ => documentation.contains(&format!("//! | `{to}` | {label} |\n")),
            };
            assert!(is_listed, "{to} | {label}");
        }
    }

    #[test]
    fn every_number_is_there_once_and_makes_sense() {
        let numbers: Vec<_> = table().collect();
        for (index, (to, failure, label)) in numbers.iter().enumerate() {
            assert!(numbers[..index].iter().all(|(other, ..)| other < to), "{to}");
            assert!(failure.validate().is_ok() && *failure != Failure::Drop, "{label}");
        }
    }
}
