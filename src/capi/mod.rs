//! The C ABI: opaque handles, strings, and a boundary that stops panics. No logic of its own.
//!
//! Every function turns pointers into references or an error, lets the client do the work, and turns the
//! outcome into a handle. include/verifysms.h is generated from these files.
//!
//! # Safety
//! The caller of any of these functions promises: a pointer to a handle is NULL, or came from this library
//! and was not freed; a string is NULL or ends with a NUL byte.
#![allow(unsafe_code, non_camel_case_types)]
#![allow(clippy::missing_safety_doc, reason = "the module documents it once for all functions")]

mod callbacks;
mod client;
mod codes;
mod config;
mod delivery;
mod environment;
mod event;
mod guard;
mod handle;
mod message;
mod outcome;
mod panic_boundary;
mod phone;
mod queue;
mod request;
mod result;
mod standing;
#[cfg(test)]
mod tests;
mod text;
mod words;

// A cargo profile may set panic=abort for all packages.
#[cfg(panic = "abort")]
compile_error!("panic=abort would let a panic end the host: build the C functions without it");

pub use callbacks::*;
pub use client::*;
pub use codes::*;
pub use config::*;
pub use delivery::*;
pub use environment::*;
pub use event::*;
pub use guard::*;
pub use message::*;
pub use phone::*;
pub use queue::*;
pub use request::*;
pub use result::*;
pub use standing::*;
pub use text::*;
pub use words::*;

/// The allocator of the C library. A Rust program may declare only one, so that the Makefile sets this cfg
/// for the C library alone.
#[cfg(verifysms_heap)]
#[global_allocator]
static ALLOCATOR: crate::WipingAllocator = crate::WipingAllocator;
