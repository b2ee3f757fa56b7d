//! What a fuzzer runs: functions from any bytes to nothing, which panic where a promise of the library is
//! broken.
//!
//! Built for tests and with `--cfg fuzzing` only. The fuzzer is in tests/fuzz; what it found, and what
//! covers the code with few inputs, is in tests/fuzz/corpus and run by every `cargo test`.
#![allow(missing_docs, reason = "no build that is given away has it")]

mod answer;
mod choices;
#[cfg(feature = "sandbox")]
mod form;
mod phone;
mod proxy;
#[cfg(test)]
mod replay;
mod reply;
mod responder;
mod texts;

pub use answer::answer;
#[cfg(feature = "sandbox")]
pub use form::form;
pub use phone::phone;
pub use proxy::proxy;
pub use reply::reply;
pub use texts::texts;

#[cfg(feature = "capi")]
pub use crate::capi::fuzz::capi;
pub use crate::transport::fuzz::address;

use crate::error::{Code, Error, Reached};

pub(crate) use choices::Choices;
pub(crate) use responder::Responder;
#[cfg(feature = "capi")]
pub(crate) use responder::{Answer, Turn};

/// The account's key in all targets.
pub(crate) const KEY: &str = "fuzz-key-4f2a";
/// The number that is asked about in all targets.
pub(crate) const TO: &str = "0501234567";
/// The code that is checked in all targets.
pub(crate) const CODE: &str = "493021";

/// A refusal names its argument and quotes nothing of it: its rule is written in `source`.
pub(crate) fn check_refusal(error: &Error, argument: &str, source: &str) {
    assert_eq!((error.code(), error.reached()), (Code::InvalidArgument, Reached::No));
    assert_eq!(error.argument(), Some(argument));
    let text = error.to_string();
    let rule = text.strip_prefix(&format!("{argument}: ")).expect("the argument and its rule");
    let of_variable = rule.strip_prefix("the variable ").and_then(|rule| rule.split_once(' '));
    let rule = of_variable.map_or(rule, |(_, rule)| rule);
    assert!(source.contains(&format!("\"{rule}\"")), "{text}");
}
