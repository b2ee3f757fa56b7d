//! What a call ends in when the network or the service fails: the fault matrix, the sandbox's scripted
//! failures, and a soak in both.
//!
//! `cargo test --test faults matrix` runs one module.
#![cfg(target_os = "linux")]

mod connecting;
mod framing;
mod matrix;
mod responses;
#[cfg(feature = "sandbox")]
mod sandbox;
mod scenario;
mod soak;
#[path = "../support/mod.rs"]
mod support;
