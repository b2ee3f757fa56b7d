//! The command line of the program `verifysms`.

use std::ffi::OsString;

use pyo3::prelude::*;

/// Run the command line with these arguments, and return its exit status.
#[pyfunction]
#[pyo3(signature = (arguments: "collections.abc.Sequence[str]") -> "int")]
pub(crate) fn command(py: Python<'_>, arguments: Vec<OsString>) -> u8 {
    let name = OsString::from("verifysms");
    py.detach(|| verifysms::cli::run(std::iter::once(name).chain(arguments)))
}
