//! The fuzz targets: functions that take any bytes and panic if the library breaks a promise.
//!
//! src/lib.rs includes this folder as the module `fuzz`, for tests and with `--cfg verifysms_fuzz` only,
//! so that the targets can call internal functions. The fuzzer runs them, and every `cargo test` replays
//! the inputs in tests/fuzz/corpus and tests/fuzz/found.
#![allow(missing_docs, reason = "no published build contains it")]

mod address;
mod answer;
#[cfg(feature = "capi")]
#[allow(unsafe_code, reason = "it calls the C functions")]
mod capi;
mod choices;
#[cfg(feature = "sandbox")]
mod form;
mod guard;
mod phone;
mod proxy;
#[cfg(test)]
mod replay;
mod reply;
mod responder;
mod texts;

pub use address::address;
pub use answer::answer;
#[cfg(feature = "capi")]
pub use capi::capi;
#[cfg(feature = "sandbox")]
pub use form::form;
pub use guard::guard;
pub use phone::phone;
pub use proxy::proxy;
pub use reply::reply;
pub use texts::texts;

use crate::error::{Code, Error, Reached};
use crate::rule::Rule;

use choices::Choices;
#[cfg(feature = "capi")]
use responder::Session;
use responder::{Responder, Response};

/// The API key in all targets.
const KEY: &str = "fuzz-key-4f2a";
/// The phone number that is checked in all targets.
const TO: &str = "0501234567";
/// The code that is checked in all targets.
const CODE: &str = "493021";

/// Checks the error of an invalid argument: it names the argument and the rule, and its text quotes nothing of
/// the value.
fn check_invalid(error: &Error, argument: &str) {
    assert_eq!((error.code(), error.reached()), (Code::InvalidArgument, Reached::No));
    assert_eq!(error.argument(), Some(argument));
    let text = error.to_string();
    let rule = text.strip_prefix(&format!("{argument}: ")).expect("the argument and its rule");
    let of_variable = rule.strip_prefix("the variable ").and_then(|rule| rule.split_once(' '));
    let rule = of_variable.map_or(rule, |(_, rule)| rule);
    assert_eq!(error.rule().map(Rule::text), Some(rule));
}
