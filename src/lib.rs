//! Prove that a person owns a phone number, through the web service 99 digital "Verify SMS"
//! (Israel): [send](Client::send) a code by SMS, [check](Client::check) what the person typed.

#[cfg(feature = "capi")]
pub mod capi;
#[cfg(feature = "cli")]
pub mod cli;
mod client;
mod config;
mod error;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod input_chars;
mod memory;
mod phone;
mod reply;
mod request;
#[cfg(feature = "sandbox")]
pub mod sandbox;
mod secret;
mod text;
mod transport;

pub use client::{Check, Client, Outcome, Queue, Sent};
pub use config::{Builder, LogLevel, Trust};
pub use error::{Code, Error, Reached, Reason};
pub use memory::WipingAllocator;
pub use phone::normalize;
pub use request::URL;
