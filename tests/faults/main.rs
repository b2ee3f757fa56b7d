//! What a call ends in when the network or the service fails: the fault matrix, the sandbox's scripted
//! failures, and a soak in both.
//!
//! `cargo test --test faults matrix` runs one module.
#![cfg(any(target_os = "linux", windows))]

mod connecting;
mod framing;
mod matrix;
mod responses;
#[cfg(feature = "sandbox")]
mod sandbox;
mod scenario;
#[cfg(unix)]
mod soak;
#[path = "../support/mod.rs"]
mod support;
