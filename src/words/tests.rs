//! Every error and answer has a sentence in every language that says no more than it may.

use std::collections::HashSet;
use std::time::Duration;

use super::*;
use crate::error::Reason;
use crate::limit::Standing;

const ALL: [Saying; 22] = [
    Saying::Sent,
    Saying::Verified,
    Saying::WrongCode,
    Saying::NoTriesLeft,
    Saying::NumberMissing,
    Saying::NumberTooShort,
    Saying::NumberTooLong,
    Saying::NumberForeign,
    Saying::NumberMalformed,
    Saying::CodeMissing,
    Saying::CodeMalformed,
    Saying::TryAgain,
    Saying::MaybeSent,
    Saying::MaybeChecked,
    Saying::Unavailable,
    Saying::Wait(25),
    Saying::TooManyTries(600),
    Saying::PhoneOff,
    Saying::AnotherNumber,
    Saying::OptedOut,
    Saying::OnItsWay,
    Saying::Delivered,
];

#[test]
fn a_language_is_known_by_its_code() {
    for code in ["he", "HE", "he-IL", "he_IL", "iw"] {
        assert_eq!(Language::named(code), Language::Hebrew, "{code}");
    }
    for code in ["en", "en-US", "", "ru", "hebrew"] {
        assert_eq!(Language::named(code), Language::English, "{code}");
    }
}

#[test]
fn every_sentence_is_its_own_and_of_its_language() {
    let is_hebrew = |c: char| ('\u{5D0}'..='\u{5EA}').contains(&c);
    // SMS is no Hebrew word, and is written so in Hebrew.
    let latin = |text: &str| text.replace("SMS", "").chars().any(|c| c.is_ascii_alphabetic());
    for language in ["en", "he"] {
        let texts: HashSet<String> =
            ALL.iter().map(|one| one.text(Language::named(language), "0501234567")).collect();
        assert_eq!(texts.len(), ALL.len());
        for text in texts {
            assert!(text.ends_with('.') && !text.contains("1234"), "{text}");
            assert_eq!(text.chars().any(is_hebrew), language == "he", "{text}");
            assert_eq!(latin(&text), language == "en", "{text}");
        }
    }
}

#[test]
fn a_sentence_needs_no_direction_marks() {
    let is_mark = |c: char| matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}');
    for saying in ALL {
        let text = saying.text(Language::Hebrew, "0501234567");
        // The first letter gives a paragraph its direction (Unicode Standard Annex #9, rule P2).
        assert!(text.starts_with(|c| ('\u{5D0}'..='\u{5EA}').contains(&c)), "{text}");
        assert!(!text.contains(is_mark), "{text}");
    }
}

#[test]
fn a_number_shows_its_last_three_digits_at_most() {
    assert!(Saying::Sent.text(Language::English, "0501234567").ends_with("ends with 567."));
    assert!(Saying::Sent.text(Language::Hebrew, "0501234567").ends_with("ב-567."));
    assert_eq!(Saying::Sent.text(Language::English, ""), "We sent you a code by SMS.");
}

#[test]
fn a_time_is_told_as_people_tell_it() {
    for (seconds, english, hebrew) in [
        (0, "1 second", "שנייה"),
        (1, "1 second", "שנייה"),
        (2, "2 seconds", "שתי שניות"),
        (25, "25 seconds", "25 שניות"),
        (60, "1 minute", "דקה"),
        (61, "2 minutes", "שתי דקות"),
        (600, "10 minutes", "10 דקות"),
        (3600, "1 hour", "שעה"),
        (3601, "2 hours", "שעתיים"),
        (86_400, "24 hours", "24 שעות"),
    ] {
        assert_eq!(wait_text(seconds, "en"), format!("You can ask for a new code in {english}."));
        assert_eq!(wait_text(seconds, "he"), format!("אפשר לבקש קוד חדש בעוד {hebrew}."));
    }
}

#[test]
fn a_fault_of_the_account_says_nothing_of_the_account() {
    let rejected = Error::rejected(Reason::WRONG_API_KEY);
    assert_eq!(Saying::of(&rejected), Saying::Unavailable);
    for rule in [Rule::ApiKeyEmpty, Rule::SenderMissing, Rule::MessageWithoutCode, Rule::UrlPort] {
        assert_eq!(Saying::of(&Error::invalid("sender", rule)), Saying::Unavailable);
    }
}

#[test]
fn a_limit_tells_how_long_to_wait() {
    let standing = Standing { retry_after: Duration::from_secs(25), ..Standing::default() };
    let limited = |step| Error::limited(standing).during(step).user_text("he");
    assert_eq!(limited("send"), "אפשר לבקש קוד חדש בעוד 25 שניות.");
    assert_eq!(limited("check"), "היו יותר מדי ניסיונות. אפשר לנסות שוב בעוד 25 שניות.");
    let tries = Standing { limit: Some(Limit::Tries), ..standing };
    assert_eq!(Saying::of(&Error::limited(tries).during("check")), Saying::NoTriesLeft);
    let down = Error::new(Code::GuardDown, Reached::No, "the store cannot be asked");
    assert_eq!(Saying::of(&down), Saying::Unavailable);
}

#[test]
fn the_last_wrong_code_asks_for_a_new_one() {
    for (is_verified, tries_left, saying) in [
        (false, None, Saying::WrongCode),
        (false, Some(1), Saying::WrongCode),
        (false, Some(0), Saying::NoTriesLeft),
        (true, None, Saying::Verified),
    ] {
        assert_eq!(Saying::checked(is_verified, tries_left), saying);
    }
}

#[test]
fn what_the_person_typed_is_explained() {
    let of = |argument, rule| Saying::of(&Error::invalid(argument, rule));
    assert_eq!(of("to", Rule::PhoneTooShort), Saying::NumberTooShort);
    assert_eq!(of("to", Rule::PhoneLetters), Saying::NumberMalformed);
    assert_eq!(of("to", Rule::NotUtf8), Saying::NumberMalformed);
    assert_eq!(of("code", Rule::NotUtf8), Saying::CodeMalformed);
    assert_eq!(of("code", Rule::CodeEmpty), Saying::CodeMissing);
    assert_eq!(of("client", Rule::Null), Saying::Unavailable);
}

#[test]
fn a_doubt_depends_on_the_step() {
    let lost = |step| {
        let error = Error::new(Code::ConnectionLost, Reached::Unknown, "lost");
        Saying::of(&error.during(step))
    };
    assert_eq!(lost("send"), Saying::MaybeSent);
    assert_eq!(lost("check"), Saying::MaybeChecked);
    assert_eq!(lost("delivery"), Saying::TryAgain);
    let unsent = Error::new(Code::Connect, Reached::No, "no connection").during("send");
    assert_eq!(Saying::of(&unsent), Saying::TryAgain);
}

#[test]
fn a_message_that_did_not_arrive_says_what_to_do() {
    use {DeliveryState as State, NextStep as Next};
    for (state, next, saying) in [
        (State::Delivered, Next::None, Saying::Delivered),
        (State::Pending, Next::Wait, Saying::OnItsWay),
        (State::Failed, Next::RetryLater, Saying::PhoneOff),
        (State::Expired, Next::RetryLater, Saying::PhoneOff),
        (State::Blocked, Next::AnotherNumber, Saying::AnotherNumber),
        (State::Blocked, Next::OptedOut, Saying::OptedOut),
        (State::Failed, Next::Abroad, Saying::AnotherNumber),
        (State::Unknown, Next::ContactSupport, Saying::Unavailable),
    ] {
        assert_eq!(Saying::delivered(state, next), saying);
    }
}
