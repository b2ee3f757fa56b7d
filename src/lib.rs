//! Prove that a person owns a phone number, through the web service 99 digital "Verify SMS"
//! (Israel): [send](Client::send) a code by SMS, [check](Client::check) what the person typed.

mod builder;
mod callbacks;
#[cfg(feature = "capi")]
pub mod capi;
#[cfg(feature = "cli")]
pub mod cli;
mod client;
mod config;
mod digits;
mod error;
mod input_chars;
mod memory;
mod panics;
mod phone;
mod proxy;
mod reply;
mod request;
#[cfg(feature = "sandbox")]
pub mod sandbox;
mod secret;
mod text;
mod transport;
mod url;

pub use builder::Builder;
pub use callbacks::LogLevel;
pub use client::{Check, Client, Outcome, Queue, Sent};
pub use config::Trust;
pub use error::{Code, Error, Reached, Reason};
pub use memory::WipingAllocator;
pub use phone::normalize;
pub use request::URL;

/// The fuzz targets. They live in tests/, and are a module of the crate because they call its internals.
#[cfg(any(test, verifysms_fuzz))]
#[doc(hidden)]
#[path = "../tests/properties/mod.rs"]
pub mod fuzz;
