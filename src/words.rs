//! Words for the person who signs up: one sentence for each way that a call can end, in their language.
//!
//! A sentence says what the person can do, and nothing that helps somebody else: a wrong code and an expired one
//! are the same, and a fault of the account or the settings is only "try again later". It has no key and no
//! code, and of a number the last three digits.
//!
//! Each language is a file with a table: a new one is a new file, and a line in [`Language`].

mod en;
mod he;

use crate::delivery::{DeliveryState, NextStep};
use crate::error::{Code, Error, Reached};
use crate::limit::Limit;
use crate::rule::Rule;

/// The languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Hebrew,
}

impl Language {
    /// How many there are.
    #[cfg(feature = "capi")]
    pub(crate) const COUNT: usize = 2;

    /// The language with this code (BCP 47): `he`, `he-IL`, `iw`; English for any other.
    pub(crate) fn named(code: &str) -> Language {
        match code.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "he" | "iw" => Language::Hebrew,
            _ => Language::English,
        }
    }
}

/// What to tell the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Saying {
    /// It went well, and is nothing that the person waits for.
    #[cfg(feature = "capi")]
    Nothing,
    Sent,
    Verified,
    /// Wrong, expired or used: they sound the same.
    WrongCode,
    /// No code is accepted until there is a new one.
    NoTriesLeft,
    NumberMissing,
    NumberTooShort,
    NumberTooLong,
    NumberForeign,
    NumberMalformed,
    CodeMissing,
    CodeMalformed,
    /// Nothing was sent: the person may try again.
    TryAgain,
    /// A message may be on its way.
    MaybeSent,
    /// A code may be used up.
    MaybeChecked,
    /// Nobody can sign up until the operator of the site has done something.
    Unavailable,
    /// A new code not before so many seconds.
    Wait(u64),
    /// Another try not before so many seconds.
    TooManyTries(u64),
    /// A message was not delivered: the phone may be off.
    PhoneOff,
    /// This number receives no messages.
    AnotherNumber,
    OptedOut,
    OnItsWay,
    Delivered,
}

impl Saying {
    /// What to tell about a check, after which so many wrong codes may still be tried.
    pub(crate) fn checked(is_verified: bool, tries_left: Option<u32>) -> Saying {
        match (is_verified, tries_left) {
            (true, _) => Saying::Verified,
            (false, Some(0)) => Saying::NoTriesLeft,
            _ => Saying::WrongCode,
        }
    }

    /// What to tell about a message.
    pub(crate) fn delivered(state: DeliveryState, next: NextStep) -> Saying {
        match (state, next) {
            (DeliveryState::Delivered, _) => Saying::Delivered,
            (DeliveryState::Pending, _) => Saying::OnItsWay,
            (_, NextStep::RetryLater) => Saying::PhoneOff,
            (_, NextStep::AnotherNumber | NextStep::Abroad) => Saying::AnotherNumber,
            (_, NextStep::OptedOut) => Saying::OptedOut,
            _ => Saying::Unavailable,
        }
    }

    /// What to tell about an error.
    pub(crate) fn of(error: &Error) -> Saying {
        if let Some(rule) = error.rule() {
            return Saying::refused(rule, error.argument());
        }
        match (error.code(), error.reached()) {
            // What the person typed is valid: it is the account, or the settings.
            (Code::Rejected | Code::GuardDown, _) => Saying::Unavailable,
            (Code::Limited, _) => match error.step() {
                // A new code brings new tries.
                "check" if error.limit() == Some(Limit::Tries) => Saying::NoTriesLeft,
                "check" => Saying::TooManyTries(error.retry_after().as_secs()),
                _ => Saying::Wait(error.retry_after().as_secs()),
            },
            (_, Reached::Unknown) => match error.step() {
                "send" => Saying::MaybeSent,
                "check" => Saying::MaybeChecked,
                _ => Saying::TryAgain,
            },
            _ => Saying::TryAgain,
        }
    }

    fn refused(rule: Rule, argument: Option<&str>) -> Saying {
        match rule {
            Rule::PhoneEmpty => Saying::NumberMissing,
            Rule::PhoneTooShort => Saying::NumberTooShort,
            Rule::PhoneTooLong => Saying::NumberTooLong,
            Rule::PhoneForeign => Saying::NumberForeign,
            Rule::PhoneAreaCode
            | Rule::PhoneFirstDigit
            | Rule::PhonePlus
            | Rule::PhoneLetters
            | Rule::PhoneCharacter => Saying::NumberMalformed,
            Rule::CodeEmpty => Saying::CodeMissing,
            Rule::CodeControl | Rule::CodeTooLong => Saying::CodeMalformed,
            // Half of a character, or nothing at all, in what the person typed.
            Rule::NotUtf8 | Rule::Null if argument == Some("to") => Saying::NumberMalformed,
            Rule::NotUtf8 | Rule::Null if argument == Some("code") => Saying::CodeMalformed,
            _ => Saying::Unavailable,
        }
    }

    /// The sentence. `number` is a phone number in the service's form, or empty.
    pub(crate) fn text(self, language: Language, number: &str) -> String {
        let end = &number[number.len().saturating_sub(3)..];
        match language {
            Language::English => en::text(self, end),
            Language::Hebrew => he::text(self, end),
        }
    }
}

/// A time that is easy to read: seconds up to a minute, then minutes, then hours, rounded up.
#[derive(Clone, Copy)]
enum Wait {
    Seconds(u64),
    Minutes(u64),
    Hours(u64),
}

impl Wait {
    fn of(seconds: u64) -> Wait {
        match seconds {
            0..60 => Wait::Seconds(seconds.max(1)),
            60..3600 => Wait::Minutes(seconds.div_ceil(60)),
            _ => Wait::Hours(seconds.div_ceil(3600)),
        }
    }
}

impl Error {
    /// One sentence for the person who signs up, in the language with this code: `he` or `en`, which is also
    /// used for any other. It says what they can do; the reason of a fault is for the log.
    #[must_use]
    pub fn user_text(&self, language: &str) -> String {
        Saying::of(self).text(Language::named(language), "")
    }
}

impl Rule {
    /// One sentence for the person who typed an argument that breaks this rule, in the language with this code:
    /// `he` or `en`, which is also used for any other. What the person cannot correct is "try again later".
    #[must_use]
    pub fn user_text(self, language: &str) -> String {
        Saying::refused(self, None).text(Language::named(language), "")
    }
}

/// What [`Sent::user_text`](crate::Sent::user_text) says, for a program that keeps only the number in the
/// service's form.
#[must_use]
pub fn sent_text(to: &str, language: &str) -> String {
    let to = if to.bytes().all(|byte| byte.is_ascii_digit()) { to } else { "" };
    Saying::Sent.text(Language::named(language), to)
}

/// What [`Check::user_text`](crate::Check::user_text) says, for a program that keeps only the outcome and how many
/// wrong codes may still be tried.
#[must_use]
pub fn checked_text(is_verified: bool, tries_left: Option<u32>, language: &str) -> String {
    Saying::checked(is_verified, tries_left).text(Language::named(language), "")
}

/// What [`Delivery::user_text`](crate::Delivery::user_text) says, for a program that keeps only the state and the
/// next step.
#[must_use]
pub fn delivery_text(state: DeliveryState, next_step: NextStep, language: &str) -> String {
    Saying::delivered(state, next_step).text(Language::named(language), "")
}

/// The sentence that a new code can be asked for in so many seconds, for a page with a countdown, in the
/// language with this code: `he` or `en`, which is also used for any other.
///
/// ```
/// assert_eq!(verifysms::wait_text(25, "he"), "אפשר לבקש קוד חדש בעוד 25 שניות.");
/// assert_eq!(verifysms::wait_text(90, "en"), "You can ask for a new code in 2 minutes.");
/// ```
#[must_use]
pub fn wait_text(seconds: u64, language: &str) -> String {
    Saying::Wait(seconds).text(Language::named(language), "")
}

#[cfg(test)]
mod tests;
