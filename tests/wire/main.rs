//! What goes over the wire and what comes back: requests, replies, how answers are read, that no answer
//! counts twice, and which proxy is used.
//!
//! `cargo test --test wire replies` runs one module.

mod duplicate_answers;
mod parsing;
#[cfg(target_os = "linux")]
mod proxy_variables;
mod replies;
mod requests;
#[path = "../support/mod.rs"]
mod support;
