//! The core's errors as the exceptions of `verifysms._errors`.

use pyo3::exceptions::PyBaseException;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString};
use verifysms::{Code, Error, Limit, Phone, Reached, Rule};

/// The exception for an error of the core.
pub(crate) fn to_exception(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let limit = error.limit().map_or(0, Limit::number);
    let fields = Fields {
        http_status: Some(error.http_status()).filter(|&status| status != 0),
        invalid: error.argument().zip(error.rule()),
        reason: error.reason().map(|reason| reason.0),
        to: error.to().and_then(|to| Phone::parse(to).ok()),
        user_texts: LANGUAGES.map(|language| (language, error.user_text(language))).into(),
        standing: (limit, error.retry_after().as_secs(), error.tries_left()),
    };
    build(py, &error.to_string(), error.code(), error.reached(), &fields)
}

/// A limit, the seconds to wait, the tries that are left.
type Standing = (i32, u64, Option<u32>);

/// The exception for an `argument` that broke `rule`, found before the core was called.
pub(crate) fn invalid_argument(py: Python<'_>, argument: &str, rule: Rule) -> PyErr {
    invalid_as(py, argument, rule, rule.text())
}

/// The same, with another text than the rule's own.
pub(crate) fn invalid_as(py: Python<'_>, argument: &str, rule: Rule, text: &str) -> PyErr {
    let message = format!("{argument}: {text}");
    let user_texts = LANGUAGES.map(|language| (language, rule.user_text(language))).into();
    let fields = Fields { invalid: Some((argument, rule)), user_texts, ..Fields::default() };
    build(py, &message, Code::InvalidArgument, Reached::No, &fields).unwrap_or_else(|error| error)
}

/// The exception for a panic, caught before it could reach the host.
pub(crate) fn internal(py: Python<'_>) -> PyResult<PyErr> {
    let texts = LANGUAGES.map(|language| (language, Rule::Null.user_text(language)));
    let fields = Fields { user_texts: texts.into(), ..Fields::default() };
    build(py, "a defect of verifysms", Code::Internal, Reached::Unknown, &fields)
}

/// `raised` with `error` as its `__context__`, which says how far the request got; or `error` alone.
pub(crate) fn chain(py: Python<'_>, error: PyErr, raised: Option<PyErr>) -> PyResult<PyErr> {
    let Some(raised) = raised else { return Ok(error) };
    raised.value(py).cast::<PyBaseException>()?.setattr("__context__", error.value(py))?;
    Ok(raised)
}

/// The languages in which an exception has a sentence for the person.
const LANGUAGES: [&str; 2] = ["en", "he"];

/// What only some exceptions have.
#[derive(Default)]
struct Fields<'a> {
    http_status: Option<u16>,
    /// The invalid argument, and the rule that it broke.
    invalid: Option<(&'a str, Rule)>,
    reason: Option<i64>,
    to: Option<Phone>,
    /// The sentence for the person in each language.
    user_texts: Vec<(&'static str, String)>,
    standing: Standing,
}

fn build(
    py: Python<'_>,
    message: &str,
    code: Code,
    reached: Reached,
    fields: &Fields<'_>,
) -> PyResult<PyErr> {
    static FROM_CORE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let from_core = FROM_CORE.import(py, "verifysms._errors", "from_core")?;
    let Fields { http_status, invalid, reason, standing, .. } = *fields;
    let user_texts = PyDict::new(py);
    for (language, sentence) in &fields.user_texts {
        user_texts.set_item(language, sentence)?;
    }
    let to = fields.to.as_ref().map(|to| (to.as_str(), to.e164(), to.kind().number()));
    let (argument, rule) = invalid.map(|(argument, rule)| (argument, rule.number())).unzip();
    let (code, reached) = (code.number(), reached.number());
    let fields =
        (message, code, reached, http_status, argument, rule, reason, to, user_texts, standing);
    Ok(PyErr::from_value(from_core.call1(fields)?))
}

/// The text of an argument. Python's own error for half a surrogate pair would quote the argument, which
/// may be a secret.
pub(crate) fn text<'a>(argument: &str, value: &'a Bound<'_, PyString>) -> PyResult<&'a str> {
    let text = "has half of a surrogate pair, which is no text";
    value.to_str().map_err(|_| invalid_as(value.py(), argument, Rule::NotUtf8, text))
}

/// The text of an argument that may be left out.
pub(crate) fn optional_text<'a>(
    argument: &str,
    value: Option<&'a Bound<'_, PyString>>,
) -> PyResult<Option<&'a str>> {
    value.map(|value| text(argument, value)).transpose()
}
