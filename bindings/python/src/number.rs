//! Phone numbers and words for the person, without a client.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyString;
use verifysms::Phone;

use crate::errors::{self, text};

/// Return the sentence that a new code can be asked for in so many seconds, for a page with a countdown.
///
/// >>> from verifysms import wait_text
/// >>> wait_text(25, "en")
/// 'You can ask for a new code in 25 seconds.'
#[pyfunction]
#[pyo3(signature = (seconds: "int", language: "str"))]
pub(crate) fn wait_text(seconds: u64, language: &str) -> String {
    verifysms::wait_text(seconds, language)
}

/// Return a phone number in the service's form, however it is written. Needs no client and no network.
///
/// The result is a `str`, such as '0501234567', that also has `e164` and `kind`. Count your limits by it.
///
/// Args:
///     to: An Israeli number as people write it: 050-123-4567, +972 50 123 4567.
///
/// Raises:
///     InvalidArgumentError: It is not an Israeli number; its `rule` says why.
///
/// >>> from verifysms import normalize
/// >>> number = normalize("+972 (0)50-123-4567")
/// >>> print(number, number.e164, number.kind.name)
/// 0501234567 +972501234567 MOBILE
#[pyfunction]
#[pyo3(signature = (to: "str") -> "PhoneNumber")]
pub(crate) fn normalize<'py>(to: &Bound<'py, PyString>) -> PyResult<Bound<'py, PyAny>> {
    static PHONE_NUMBER: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let py = to.py();
    match Phone::parse(text("to", to)?) {
        Ok(phone) => {
            let class = PHONE_NUMBER.import(py, "verifysms._phone", "PhoneNumber")?;
            class.call1((phone.as_str(), phone.e164(), phone.kind().number()))
        }
        Err(error) => Err(errors::to_exception(py, &error)?),
    }
}
