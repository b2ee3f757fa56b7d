//! Prove that a person owns a phone number, through the web service 99 digital "Verify SMS" (Israel).

mod error;
mod request;
#[cfg(feature = "sandbox")]
pub mod sandbox;

pub use error::{Code, Error, Reached, Reason};
pub use request::URL;
