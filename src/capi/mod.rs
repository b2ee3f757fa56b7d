//! The C ABI: opaque handles, strings, a boundary that no panic passes. No logic of its own.
//!
//! Every function here turns pointers into references or a named refusal, lets the client do the
//! work, and turns the outcome into a handle. The header is generated from these files.
//!
//! # Safety
//! What a caller promises, here once for all functions: a pointer to a handle is NULL or came from
//! this library and was not freed; a string is NULL or ends with a NUL byte.
#![allow(unsafe_code, non_camel_case_types)]
#![allow(clippy::missing_safety_doc, reason = "the module says it once for all functions")]

mod client;
mod codes;
mod config;
mod handle;
mod panic_boundary;
mod queue;
mod result;
#[cfg(test)]
mod tests;
mod text;

// A setting of cargo's can say so for every package that it builds.
#[cfg(panic = "abort")]
compile_error!("panic=abort would let a panic end the host: build the C functions without it");

pub use client::*;
pub use codes::*;
pub use config::*;
pub use queue::*;
pub use result::*;
pub use text::*;

/// The heap of the C library alone, of whose programs nothing but it is Rust: a Rust program has one of
/// its own, and there can be but one. Whoever builds the C library says so.
#[cfg(verifysms_heap)]
#[global_allocator]
static HEAP: crate::WipingAllocator = crate::WipingAllocator;
