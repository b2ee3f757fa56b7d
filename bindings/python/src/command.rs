//! The command line, as the program `verifysms` has it.

use std::ffi::OsString;

use pyo3::prelude::*;

/// Run the command line with its arguments and give the exit status.
#[pyfunction]
#[pyo3(signature = (arguments: "collections.abc.Sequence[str]") -> "int")]
pub(crate) fn command(py: Python<'_>, arguments: Vec<OsString>) -> u8 {
    let name = OsString::from("verifysms");
    py.detach(|| verifysms::cli::run(std::iter::once(name).chain(arguments)))
}
