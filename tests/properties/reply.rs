//! The parser of replies against a second, independent one.

use serde_json::Value;

use super::TO;
use crate::phone::Phone;
use crate::reply::oracle::LenientReply;
use crate::reply::{self, Accepted, Checked, ReplyError, VERIFIED};

/// The number in the request, without its 0.
const DIGITS: &str = "501234567";

/// Uses `body` as the reply to a Check and to a Send.
pub fn reply(body: &[u8]) {
    let asked = Phone::parse(TO).expect("a valid number");
    let lenient = LenientReply::parse(body);
    let checked = reply::check(body, &asked);
    let sent = reply::send(body);

    if let Ok(Checked { status, names_phone }) = checked {
        let lenient = lenient.as_ref().expect("the second parser finds no object");
        assert_eq!(lenient.text("status"), Some(status.to_string()));
        assert!(lenient.may_answer(DIGITS));
        assert_eq!(names_phone, lenient.names_phone());
        assert_eq!(status == VERIFIED, lenient.may_verify(DIGITS));
        assert!(sent.is_err(), "one reply to both a Check and a Send");
    }
    if let Ok(Accepted { unique, timestamp, sender }) = &sent {
        let lenient = lenient.as_ref().expect("the second parser finds no object");
        assert_eq!(lenient.text("status").as_deref(), Some("OK"));
        assert!(lenient.has_no_failure());
        assert_eq!(lenient.text("unique").as_ref(), Some(unique));
        assert!(!unique.is_empty());
        assert!(timestamp.is_none_or(|at| lenient.text("timestamp") == Some(at.to_string())));
        assert!(sender.as_ref().is_none_or(|sender| lenient.text("from").as_ref() == Some(sender)));
        for text in [Some(unique), sender.as_ref()].into_iter().flatten() {
            assert!(!text.chars().any(char::is_control), "{text:?}");
        }
    }
    for failure in [checked.as_ref().err(), sent.as_ref().err()].into_iter().flatten() {
        if let ReplyError::Rejected(reason) = failure {
            let lenient = lenient.as_ref().expect("the second parser finds no object");
            assert_eq!(lenient.text("status").as_deref(), Some("FAIL"));
            assert_ne!(reason.0, 1, "a failure with the reason for no failure");
            let is_in_reply = lenient.text("reason") == Some(reason.0.to_string());
            assert!(is_in_reply || reason.0 == 0, "reason {}", reason.0);
        }
    }
    if is_plainly_verified(body) {
        assert_eq!(checked.map(|checked| checked.status), Ok(VERIFIED));
    }
}

/// Whether this is strict JSON that has each field once and says that the code is right.
fn is_plainly_verified(body: &[u8]) -> bool {
    let Ok(Value::Object(fields)) = serde_json::from_slice(body) else { return false };
    let lenient = LenientReply::parse(body).expect("the second parser accepts all strict JSON");
    let is = |name, value: &str| lenient.text(name).as_deref() == Some(value);
    let named = fields.get("phone");
    let reason = fields.get("reason");
    // Any other name with these letters may be meant as a documented one.
    let is_plain = |name: &String| {
        let letters: String = name.chars().filter(char::is_ascii_alphabetic).collect();
        let letters = letters.to_ascii_lowercase();
        !["status", "reason", "unique", "phone"].contains(&&*letters) || *name == letters
    };
    !body.contains(&b'\\')
        && fields.keys().all(|name| is_plain(name) && !name.contains('\u{FFFD}'))
        && body.len() <= reply::MAX_LEN
        && lenient.has_no_duplicates()
        && is("status", "1")
        && (named.is_none_or(Value::is_null)
            || is("phone", TO)
            || is("phone", DIGITS) && named.is_some_and(Value::is_u64))
        && (reason.is_none_or(Value::is_null) || is("reason", "1"))
        && ["unique", "timestamp", "from"].iter().all(|name| !fields.contains_key(*name))
}
