//! Phone numbers without a client.

use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::errors::{self, text};

/// Return a number in the service's form, however it is written. Limits count by this form.
///
/// Raises:
///     InvalidArgumentError: It is not an Israeli number; the message says why.
///
/// >>> from verifysms import normalize
/// >>> normalize("+972 (0)50-123-4567")
/// '0501234567'
#[pyfunction]
#[pyo3(signature = (to: "str") -> "str")]
pub(crate) fn normalize(py: Python<'_>, to: &Bound<'_, PyString>) -> PyResult<String> {
    match verifysms::normalize(text("to", to)?) {
        Ok(number) => Ok(number),
        Err(error) => Err(errors::to_exception(py, &error)?),
    }
}
