//! Prove that a person owns a phone number, through the web service 99 digital "Verify SMS"
//! (Israel): [send](Client::send) a code by SMS, [check](Client::check) what the person typed.
//!
//! ```
//! use verifysms::{Client, Error, Reached};
//!
//! fn send_code(client: &Client, number: &str) {
//!     match client.send(number) {
//!         Ok(sent) => println!("a code is on its way to {}", sent.to()),
//!         Err(error) if error.safe_to_retry() => println!("nothing was sent, try again: {error}"),
//!         Err(error) if error.reached() == Reached::Unknown => {
//!             println!("ask the person whether a message came: {error}");
//!         }
//!         Err(error) => println!("the service refused: {error}"),
//!     }
//! }
//!
//! fn is_theirs(client: &Client, number: &str, typed: &str) -> Result<bool, Error> {
//!     Ok(client.check(number, typed)?.is_verified()) // a wrong code is no error
//! }
//!
//! # fn main() -> Result<(), Error> {
//! let client = Client::builder("the account's key").sender("Acme").build()?;
//! # let client = Client::builder("k").sender("Acme").url("http://127.0.0.1:9/").build()?;
//! send_code(&client, "050-123-4567");
//! # assert!(is_theirs(&client, "050-123-4567", "123456").is_err());
//! # Ok(())
//! # }
//! ```
//!
//! # How a call can end
//! An answer is a [`Sent`] or a [`Check`]; anything else is an [`Error`] with a [`Code`]. [`Reached`] says
//! whether the request got to the service, and so whether the call may be repeated:
//!
//! ```text
//!                      the call
//!                         |
//!            was it refused before any I/O? --- yes --> INVALID_ARGUMENT
//!                         | no                                           reached NO:
//!              is there a connection? --------- no ---> CONNECT, TLS     nobody read a byte;
//!                         | yes                         TIMEOUT          it may be repeated
//!         did a byte of the request leave? ---- no ---> CANCELLED
//!                         | yes
//!            is there a usable answer? -------- no ---> TIMEOUT, CANCELLED, CONNECTION_LOST,
//!                         | yes                         HTTP_STATUS, BAD_REPLY
//!                         |                             reached UNKNOWN: the SMS may be out
//!                         v
//!                    reached YES:  Sent | Check, verified or not | REJECTED
//! ```
//!
//! Only [`Check::is_verified`] lets anybody in. The library repeats a request only while `reached` is `NO`.
//!
//! # Many calls at once
//! A [`Client`] is shared between threads, and each call blocks its own. A program with an event loop uses
//! a [`Queue`]: it starts calls, waits for one descriptor among its own, and takes the results.
//!
//! # Features
//! None is on by default, and the library then needs neither an executor nor OpenSSL.
//!
//! | feature | adds |
//! |---|---|
//! | `sandbox` | `verifysms::sandbox`: an imitation of the service, for tests and demonstrations |
//! | `cli` | `verifysms::cli`: the command `verifysms`; turns on `sandbox` |
//! | `capi` | the C functions; the Makefile turns it on, a Rust program has no use for it |
//! | `reserve` | memory for when the system has none, for libraries that are guests in a process |

mod builder;
mod callbacks;
#[cfg(feature = "capi")]
pub mod capi;
#[cfg(feature = "cli")]
pub mod cli;
mod client;
mod config;
mod delivery;
mod digits;
mod error;
mod event;
mod guard;
mod input_chars;
mod limit;
mod memory;
mod message;
mod panics;
mod phone;
mod proxy;
mod reply;
mod request;
mod rule;
#[cfg(feature = "sandbox")]
pub mod sandbox;
mod secret;
mod sys;
mod text;
mod transport;
mod url;
mod words;

pub use builder::Builder;
pub use callbacks::LogLevel;
pub use client::{Check, Client, Delivery, GuardStatus, Outcome, Queue, Request, Sent};
pub use config::Trust;
pub use delivery::{DeliveryState, NextStep};
pub use error::{Code, Error, Reached, Reason};
pub use event::{CallEnd, Event};
pub use guard::GuardFailure;
pub use limit::Limit;
pub use memory::WipingAllocator;
pub use message::{Encoding, Inspection, Warning, WarningKind};
pub use phone::{Phone, PhoneKind};
pub use request::URL;
pub use rule::Rule;
pub use sys::Descriptor;
pub use words::{checked_text, delivery_text, sent_text, wait_text};

/// The fuzz targets. They live in tests/, and are a module of the crate because they call its internals.
#[cfg(any(test, verifysms_fuzz))]
#[doc(hidden)]
#[path = "../tests/properties/mod.rs"]
pub mod fuzz;
