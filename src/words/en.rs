//! English.

use super::{Saying, Wait};

/// The sentence; `end` are the last digits of the number, or nothing.
pub(super) fn text(saying: Saying, end: &str) -> String {
    let sentence = match saying {
        #[cfg(feature = "capi")]
        Saying::Nothing => "",
        Saying::Sent if end.is_empty() => "We sent you a code by SMS.",
        Saying::Sent => {
            return format!("We sent a code by SMS to the number that ends with {end}.");
        }
        Saying::Verified => "Your phone number is verified.",
        Saying::WrongCode => "The code is wrong or has expired. Try again, or ask for a new code.",
        Saying::NoTriesLeft => "There were too many wrong codes. Ask for a new code.",
        Saying::NumberMissing => "Enter your phone number.",
        Saying::NumberTooShort => "The phone number has too few digits.",
        Saying::NumberTooLong => "The phone number has too many digits.",
        Saying::NumberForeign => "Enter an Israeli phone number.",
        Saying::NumberMalformed => "The phone number is not valid. Write it like 050-123-4567.",
        Saying::CodeMissing => "Enter the code that you got by SMS.",
        Saying::CodeMalformed => "The code is not valid. Enter it as it is in the message.",
        Saying::TryAgain => "That did not work. Please try again.",
        Saying::MaybeSent => {
            "A message with a code may be on its way. If it comes, enter the code."
        }
        Saying::MaybeChecked => {
            "We could not check the code. Try again; if it is not accepted, ask for a new one."
        }
        Saying::Unavailable => "The service is not available now. Please try again later.",
        Saying::Wait(seconds) => {
            return format!("You can ask for a new code in {}.", wait(seconds));
        }
        Saying::TooManyTries(seconds) => {
            return format!("There were too many tries. You can try again in {}.", wait(seconds));
        }
        Saying::PhoneOff => {
            "The message was not delivered. Check that your phone is on and has reception, and ask for a new code."
        }
        Saying::AnotherNumber => "This number receives no SMS. Enter another number.",
        Saying::OptedOut => {
            "This number was removed from the list of recipients. Enter another number."
        }
        Saying::OnItsWay => "The message is on its way. It should arrive within a minute.",
        Saying::Delivered => "The message was delivered to the phone.",
    };
    sentence.to_owned()
}

fn wait(seconds: u64) -> String {
    let (count, unit) = match Wait::of(seconds) {
        Wait::Seconds(count) => (count, "second"),
        Wait::Minutes(count) => (count, "minute"),
        Wait::Hours(count) => (count, "hour"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}
