//! The Rust half of the Python package: `verifysms._verifysms`.
//!
//! Translates, and does nothing else: the core makes the calls, `verifysms._errors` has the exceptions.

mod arguments;
mod blocking;
mod client;
mod command;
mod delivery;
mod errors;
mod interpreter;
mod logging;
mod message;
mod number;
mod queue;
mod results;
mod sandbox;

use pyo3::prelude::pymodule;

/// The allocator of the Rust half. Python's objects stay on Python's heap.
#[global_allocator]
static HEAP: verifysms::WipingAllocator = verifysms::WipingAllocator;

// It declares that it needs the GIL: it has not been tested on an interpreter without one.
/// The part of verifysms that is written in Rust. Import from `verifysms` instead.
#[pymodule(gil_used = true)]
mod _verifysms {
    use pyo3::prelude::{PyResult, Python};

    #[pymodule_export]
    use super::client::{BaseClient, Client};
    #[pymodule_export]
    use super::command::command;
    #[pymodule_export]
    use super::delivery::DeliveryResult;
    #[pymodule_export]
    use super::message::{MessageWarning, PyInspection, inspect_message};
    #[pymodule_export]
    use super::number::{normalize, wait_text};
    #[pymodule_export]
    use super::queue::{CallQueue, CompletedCall};
    #[pymodule_export]
    use super::results::{CheckResult, SendResult};
    #[pymodule_export]
    use super::sandbox::{Message, SandboxServer};
    #[pymodule_export]
    const VERSION: &str = env!("CARGO_PKG_VERSION");
    /// The address of the service.
    #[pymodule_export]
    const URL: &str = verifysms::URL;

    #[pymodule_init]
    fn init(py: Python<'_>) -> PyResult<()> {
        super::interpreter::check(py)
    }
}
