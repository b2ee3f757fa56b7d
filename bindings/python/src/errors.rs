//! The core's errors as the exceptions of `verifysms._errors`.

use pyo3::exceptions::PyBaseException;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyString;
use verifysms::{Code, Error, Limit, Reached};

/// The exception for an error of the core.
pub(crate) fn to_exception(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let message = error.to_string();
    let http_status = Some(error.http_status()).filter(|&status| status != 0);
    let reason = error.reason().map(|reason| reason.0);
    let limit = error.limit().map_or(0, Limit::number);
    let standing = (limit, error.retry_after().as_secs(), error.tries_left());
    let (code, reached) = (error.code(), error.reached());
    build(py, &message, code, reached, http_status, error.argument(), reason, standing)
}

/// A limit, the seconds to wait, the tries that are left.
type Standing = (i32, u64, Option<u32>);
const NO_STANDING: Standing = (0, 0, None);

/// The exception for an `argument` that broke `rule`, found before the core was called.
pub(crate) fn invalid_argument(py: Python<'_>, argument: &str, rule: &str) -> PyErr {
    let message = format!("{argument}: {rule}");
    let code = Code::InvalidArgument;
    build(py, &message, code, Reached::No, None, Some(argument), None, NO_STANDING)
        .unwrap_or_else(|error| error)
}

/// The exception for a panic, caught before it could reach the host.
pub(crate) fn internal(py: Python<'_>) -> PyResult<PyErr> {
    let message = "a defect of verifysms";
    build(py, message, Code::Internal, Reached::Unknown, None, None, None, NO_STANDING)
}

/// `raised` with `error` as its `__context__`, which says how far the request got; or `error` alone.
pub(crate) fn chain(py: Python<'_>, error: PyErr, raised: Option<PyErr>) -> PyResult<PyErr> {
    let Some(raised) = raised else { return Ok(error) };
    raised.value(py).cast::<PyBaseException>()?.setattr("__context__", error.value(py))?;
    Ok(raised)
}

// The arguments of the Python function.
#[allow(clippy::too_many_arguments)]
fn build(
    py: Python<'_>,
    message: &str,
    code: Code,
    reached: Reached,
    http_status: Option<u16>,
    argument: Option<&str>,
    reason: Option<i64>,
    standing: Standing,
) -> PyResult<PyErr> {
    static FROM_CORE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let from_core = FROM_CORE.import(py, "verifysms._errors", "from_core")?;
    let fields =
        (message, code.number(), reached.number(), http_status, argument, reason, standing);
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
