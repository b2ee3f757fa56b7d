//! The reader of replies against another one.

use serde_json::Value;

use super::TO;
use crate::phone::Phone;
use crate::reply::oracle::Said;
use crate::reply::{self, Accepted, Checked, Failure, VERIFIED};

/// The number asked about without its 0.
const DIGITS: &str = "501234567";

/// Takes `body` for the answer to a Check and for that to a Send.
pub fn reply(body: &[u8]) {
    let asked = Phone::parse(TO).expect("a valid number");
    let said = Said::read(body);
    let checked = reply::check(body, &asked);
    let sent = reply::send(body);

    if let Ok(Checked { status, names_phone }) = checked {
        let said = said.as_ref().expect("the other reader finds no object");
        assert_eq!(said.text("status"), Some(status.to_string()));
        assert!(said.may_answer(DIGITS));
        assert_eq!(names_phone, said.names_phone());
        assert_eq!(status == VERIFIED, said.may_verify(DIGITS));
        assert!(sent.is_err(), "one answer for two questions");
    }
    if let Ok(Accepted { unique, timestamp, sender }) = &sent {
        let said = said.as_ref().expect("the other reader finds no object");
        assert_eq!(said.text("status").as_deref(), Some("OK"));
        assert!(said.gives_no_reason());
        assert_eq!(said.text("unique").as_ref(), Some(unique));
        assert!(!unique.is_empty());
        assert!(timestamp.is_none_or(|at| said.text("timestamp") == Some(at.to_string())));
        assert!(sender.as_ref().is_none_or(|sender| said.text("from").as_ref() == Some(sender)));
        for text in [Some(unique), sender.as_ref()].into_iter().flatten() {
            assert!(!text.chars().any(char::is_control), "{text:?}");
        }
    }
    for failure in [checked.as_ref().err(), sent.as_ref().err()].into_iter().flatten() {
        if let Failure::Rejected(reason) = failure {
            let said = said.as_ref().expect("the other reader finds no object");
            assert_eq!(said.text("status").as_deref(), Some("FAIL"));
            assert_ne!(reason.0, 1, "a failure without a failure");
            let is_said = said.text("reason") == Some(reason.0.to_string());
            assert!(is_said || reason.0 == 0, "reason {}", reason.0);
        }
    }
    if is_plainly_verified(body) {
        assert_eq!(checked.map(|checked| checked.status), Ok(VERIFIED));
    }
}

/// Whether this is JSON by the letter, says each thing once, and says that the code is right.
fn is_plainly_verified(body: &[u8]) -> bool {
    let Ok(Value::Object(fields)) = serde_json::from_slice(body) else { return false };
    let said = Said::read(body).expect("the other reader lets more pass than the letter");
    let is = |name, value: &str| said.text(name).as_deref() == Some(value);
    let named = fields.get("phone");
    let reason = fields.get("reason");
    // Such a name may be meant for a documented one.
    let is_plain = |name: &String| {
        let letters: String = name.chars().filter(char::is_ascii_alphabetic).collect();
        let letters = letters.to_ascii_lowercase();
        !["status", "reason", "unique", "phone"].contains(&&*letters) || *name == letters
    };
    !body.contains(&b'\\')
        && fields.keys().all(|name| is_plain(name) && !name.contains('\u{FFFD}'))
        && body.len() <= reply::LONGEST
        && said.says_all_once()
        && is("status", "1")
        && (named.is_none_or(Value::is_null)
            || is("phone", TO)
            || is("phone", DIGITS) && named.is_some_and(Value::is_u64))
        && (reason.is_none_or(Value::is_null) || is("reason", "1"))
        && ["unique", "timestamp", "from"].iter().all(|name| !fields.contains_key(*name))
}
