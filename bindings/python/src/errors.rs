//! The core's errors as the exceptions of `verifysms._errors`.

use pyo3::exceptions::PyBaseException;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyString;
use verifysms::{Code, Error, Reached};

/// The exception for an error of the core.
pub(crate) fn to_exception(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let message = error.to_string();
    let http_status = Some(error.http_status()).filter(|&status| status != 0);
    let reason = error.reason().map(|reason| reason.0);
    build(py, &message, error.code(), error.reached(), http_status, error.argument(), reason)
}

/// The exception for an `argument` that broke `rule`, found before the core was called.
pub(crate) fn invalid_argument(py: Python<'_>, argument: &str, rule: &str) -> PyErr {
    let message = format!("{argument}: {rule}");
    let code = Code::InvalidArgument;
    build(py, &message, code, Reached::No, None, Some(argument), None).unwrap_or_else(|error| error)
}

/// The exception for a panic, caught before it could reach the host.
pub(crate) fn internal(py: Python<'_>) -> PyResult<PyErr> {
    build(py, "a defect of verifysms", Code::Internal, Reached::Unknown, None, None, None)
}

/// `raised` with `error` as its `__context__`, which says how far the request got; or `error` alone.
pub(crate) fn chain(py: Python<'_>, error: PyErr, raised: Option<PyErr>) -> PyResult<PyErr> {
    let Some(raised) = raised else { return Ok(error) };
    raised.value(py).cast::<PyBaseException>()?.setattr("__context__", error.value(py))?;
    Ok(raised)
}

fn build(
    py: Python<'_>,
    message: &str,
    code: Code,
    reached: Reached,
    http_status: Option<u16>,
    argument: Option<&str>,
    reason: Option<i64>,
) -> PyResult<PyErr> {
    static FROM_CORE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let from_core = FROM_CORE.import(py, "verifysms._errors", "from_core")?;
    let fields = (message, code.number(), reached.number(), http_status, argument, reason);
    Ok(PyErr::from_value(from_core.call1(fields)?))
}

/// The text of an argument. Python's own error for half a surrogate pair would quote the argument, which
/// may be a secret.
pub(crate) fn text<'a>(argument: &str, value: &'a Bound<'_, PyString>) -> PyResult<&'a str> {
    let rule = "has half of a surrogate pair, which is no text";
    value.to_str().map_err(|_| invalid_argument(value.py(), argument, rule))
}

/// The text of an argument that may be left out.
pub(crate) fn optional_text<'a>(
    argument: &str,
    value: Option<&'a Bound<'_, PyString>>,
) -> PyResult<Option<&'a str>> {
    value.map(|value| text(argument, value)).transpose()
}
