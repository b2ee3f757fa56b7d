//! The texts of a request: how each is normalized, and that no error text repeats it.

use super::{Choices, check_invalid};
use crate::phone::Phone;
use crate::{input_chars, text};

/// Uses `data` as a key, a sender, a message and a code.
pub fn texts(data: &[u8]) {
    let given = &*String::from_utf8_lossy(data);

    match text::api_key(given) {
        Ok(key) => {
            assert_eq!(format!("{key:?}"), "(hidden)");
            let key = key.reveal();
            assert!(!key.is_empty() && given.contains(key));
            let unseen =
                |c: char| c.is_control() || c.is_whitespace() || input_chars::is_invisible(c);
            assert!(!key.chars().any(|c| c != ' ' && unseen(c)), "{key:?}");
            assert!(given.replacen(key, "", 1).chars().all(unseen), "{given:?}");
            assert_eq!(text::api_key(key).expect("a key").reveal(), key);
        }
        Err(error) => check_invalid(&error, "api_key"),
    }
    match text::sender(given) {
        Ok(sender) => {
            assert!(!sender.is_empty() && input_chars::trim(&sender) == sender);
            assert!(!sender.chars().any(char::is_control), "{sender:?}");
            assert!(sender.chars().count() <= 11, "{sender:?}");
            assert!(!sender.starts_with("+"), "{sender:?}");
            match Phone::parse(given) {
                Ok(phone) => assert_eq!(sender, phone.as_str()),
                Err(_) => assert_eq!(sender, input_chars::trim(given)),
            }
            assert_eq!(text::sender(&sender).as_ref(), Ok(&sender));
        }
        Err(error) => check_invalid(&error, "sender"),
    }
    match text::message(given) {
        Ok(message) => assert!(message == given && given.contains("##code##")),
        Err(error) => check_invalid(&error, "message"),
    }
    code(given);
    classes(given);
    // Two parts of a code with a separator between them.
    let mut choices = Choices::new(data);
    let parts = [choices.text(), choices.text()];
    code(&parts.join(choices.one_of(&[" ", "-", "\u{a0}", "\u{2013}", "\u{200f}", "\u{2009}"])));
}

fn code(given: &str) {
    match text::code(given) {
        Ok(code) => {
            let code_text = code.reveal();
            assert!((1..=16).contains(&code_text.chars().count()), "{code_text:?}");
            assert!(code_text.trim() == code_text, "{code_text:?}");
            let must_not_remain = |c: char| {
                c.is_control()
                    || input_chars::is_invisible(c)
                    || (c.is_numeric() && is_foreign_digit(c))
            };
            assert!(!code_text.chars().any(must_not_remain), "{code_text:?}");
            let digits: String =
                given.chars().filter_map(input_chars::digit).map(char::from).collect();
            let is_ignored = |c: char| {
                c.is_whitespace() || input_chars::is_dash(c) || input_chars::is_invisible(c)
            };
            match given.chars().all(|c| input_chars::digit(c).is_some() || is_ignored(c)) {
                true => assert_eq!(code_text, digits, "{given:?}"),
                false => assert!(code_text.contains(|c: char| !c.is_ascii_digit()), "{given:?}"),
            }
            assert_eq!(text::code(code_text).expect("a code").reveal(), code_text);
            assert_eq!(format!("{code:?}"), "(hidden)");
        }
        Err(error) => check_invalid(&error, "code"),
    }
}

fn is_foreign_digit(c: char) -> bool {
    !c.is_ascii() && input_chars::digit(c).is_some()
}

/// No character belongs to two classes.
fn classes(given: &str) {
    for c in given.chars() {
        let kinds = [
            input_chars::digit(c).is_some(),
            input_chars::is_dash(c),
            input_chars::is_invisible(c),
            c.is_alphabetic(),
            c.is_whitespace(),
        ];
        assert!(kinds.iter().filter(|&&is| is).count() <= 1, "{c:?}");
        assert!(input_chars::digit(c).is_none_or(|digit| digit.is_ascii_digit()));
    }
}
