//! The Rust half of the Python package: `verifysms._verifysms`.
//!
//! Only translates: what a call does is the core's business, what an exception is Python's.

mod call;
mod client;
mod command;
mod interpreter;
mod journal;
mod number;
mod queue;
mod refusal;
mod results;
mod sandbox;

use pyo3::prelude::pymodule;

/// The module's own heap; what is Python's stays Python's.
#[global_allocator]
static HEAP: verifysms::WipingAllocator = verifysms::WipingAllocator;

// Declared as needing the GIL: nobody has tested it on an interpreter without one.
/// The part of verifysms that is written in Rust. Import from `verifysms` instead.
#[pymodule(gil_used = true)]
mod _verifysms {
    use pyo3::prelude::{PyResult, Python};

    #[pymodule_export]
    use super::client::{Client, Connection};
    #[pymodule_export]
    use super::command::command;
    #[pymodule_export]
    use super::number::normalize;
    #[pymodule_export]
    use super::queue::{Ended, Queue};
    #[pymodule_export]
    use super::results::{CheckResult, SendResult};
    #[pymodule_export]
    use super::sandbox::{Message, Server};
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
