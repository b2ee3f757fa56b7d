//! The texts of a request: what each comes to, and that a refusal does not repeat it.

use super::Choices;
use crate::error::Error;
use crate::phone::Phone;
use crate::{input_chars, text};

/// Takes `data` for a key, a sender, a message and a code.
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
        Err(error) => check_refusal(&error, "api_key"),
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
        Err(error) => check_refusal(&error, "sender"),
    }
    match text::message(given) {
        Ok(message) => assert!(message == given && given.contains("##code##")),
        Err(error) => check_refusal(&error, "message"),
    }
    code(given);
    classes(given);
    // The same as parts of one text, as people paste them.
    let mut choices = Choices::new(data);
    let parts = [choices.text(), choices.text()];
    code(&parts.join(choices.one_of(&[" ", "-", "\u{a0}", "\u{2013}", "\u{200f}", "\u{2009}"])));
}

fn code(given: &str) {
    match text::code(given) {
        Ok(code) => {
            let typed = code.reveal();
            assert!((1..=16).contains(&typed.chars().count()), "{typed:?}");
            assert!(typed.trim() == typed, "{typed:?}");
            let unclean = |c: char| {
                c.is_control()
                    || input_chars::is_invisible(c)
                    || (c.is_numeric() && is_foreign_digit(c))
            };
            assert!(!typed.chars().any(unclean), "{typed:?}");
            let digits: String =
                given.chars().filter_map(input_chars::digit).map(char::from).collect();
            let means_nothing = |c: char| {
                c.is_whitespace() || input_chars::is_dash(c) || input_chars::is_invisible(c)
            };
            match given.chars().all(|c| input_chars::digit(c).is_some() || means_nothing(c)) {
                true => assert_eq!(typed, digits, "{given:?}"),
                false => assert!(typed.contains(|c: char| !c.is_ascii_digit()), "{given:?}"),
            }
            assert_eq!(text::code(typed).expect("a code").reveal(), typed);
            assert_eq!(format!("{code:?}"), "(hidden)");
        }
        Err(error) => check_refusal(&error, "code"),
    }
}

fn is_foreign_digit(c: char) -> bool {
    !c.is_ascii() && input_chars::digit(c).is_some()
}

/// A character is one thing at most.
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

fn check_refusal(error: &Error, argument: &str) {
    super::check_refusal(error, argument, include_str!("../text.rs"));
}
