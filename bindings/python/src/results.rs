//! The service's answers: frozen values that compare, hash, match and pickle.
//!
//! `repr` shows the last three digits of a number, as the core's log records do.

use std::hash::{DefaultHasher, Hash, Hasher};

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDateTime, PyDict, PyInt, PyTuple, PyType, PyTzInfo};
use verifysms::{Check, Sent};

/// The times that a `datetime` can have, in Unix seconds.
const DATETIMES: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

/// A message that the service accepted.
///
/// Fields:
///     unique: The message's id, with which the provider's Delivery Status can be asked.
///     timestamp: When the service accepted it, in UTC; None if it did not say so.
///     sender: The sender that was used.
///     to: The number in the service's form, such as 0501234567.
///     retry_after: How many seconds the next send to the number has to wait, for the countdown on a page.
///     tries_left: How many wrong codes the end user may try; None without a guard.
///
/// >>> from verifysms.testing import Sandbox
/// >>> with Sandbox() as sandbox:
/// ...     result = sandbox.client(sender="Acme").send("+972 50-123-4567")
/// >>> result.to, result.sender
/// ('0501234567', 'Acme')
#[pyclass(frozen, eq, hash, module = "verifysms")]
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct SendResult {
    unique: String,
    timestamp: Option<i64>,
    sender: String,
    to: String,
    retry_after: u64,
    tries_left: Option<u32>,
}

impl SendResult {
    /// In the order in which they match and pickle.
    const FIELDS: [&str; 6] = ["unique", "timestamp", "sender", "to", "retry_after", "tries_left"];

    pub(crate) fn new(sent: &Sent) -> SendResult {
        SendResult {
            unique: sent.unique().to_owned(),
            // The SMS is out, so a time that no calendar has is dropped, and is no error.
            timestamp: sent.timestamp().filter(|seconds| DATETIMES.contains(seconds)),
            sender: sent.sender().to_owned(),
            to: sent.to().to_owned(),
            retry_after: sent.retry_after().as_secs(),
            tries_left: sent.tries_left(),
        }
    }
}

#[pymethods]
impl SendResult {
    #[new]
    #[pyo3(signature = (
        unique: "str",
        timestamp: "datetime | None",
        sender: "str",
        to: "str",
        retry_after: "int" = 0,
        tries_left: "int | None" = None,
    ) -> "typing_extensions.Self")]
    fn construct(
        unique: String,
        timestamp: Option<Bound<'_, PyDateTime>>,
        sender: String,
        to: String,
        retry_after: u64,
        tries_left: Option<u32>,
    ) -> PyResult<SendResult> {
        let seconds =
            |time: Bound<'_, PyDateTime>| time.call_method0("timestamp")?.extract::<f64>();
        let timestamp = timestamp.map(seconds).transpose()?.map(|seconds| seconds.floor() as i64);
        Ok(SendResult { unique, timestamp, sender, to, retry_after, tries_left })
    }

    #[classattr]
    #[pyo3(name = "__match_args__")]
    fn match_args(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        PyTuple::new(py, SendResult::FIELDS)
    }

    /// The message's id, with which the provider's Delivery Status can be asked.
    #[getter]
    fn unique(&self) -> &str {
        &self.unique
    }

    /// When the service accepted it, in UTC; None if it did not say so.
    #[getter]
    fn timestamp<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDateTime>>> {
        self.timestamp.map(|seconds| datetime(py, seconds)).transpose()
    }

    /// The sender that was used.
    #[getter]
    fn sender(&self) -> &str {
        &self.sender
    }

    /// The number in the service's form, such as 0501234567.
    #[getter]
    fn to(&self) -> &str {
        &self.to
    }

    /// How many seconds the next send to the number has to wait, for the countdown on a page.
    #[getter]
    fn retry_after(&self) -> u64 {
        self.retry_after
    }

    /// How many wrong codes the end user may try; None without a guard.
    #[getter]
    fn tries_left(&self) -> Option<u32> {
        self.tries_left
    }

    /// Give one sentence for the person who signs up: "he" for Hebrew, English for any other language.
    #[pyo3(signature = (language: "str"))]
    fn user_text(&self, language: &str) -> String {
        verifysms::sent_text(&self.to, language)
    }

    /// Return the fields for JSON: the time in ISO 8601, and the whole number.
    #[pyo3(signature = () -> "dict[str, int | str | None]")]
    fn asdict<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyDict>> {
        let (py, this) = (slf.py(), slf.get());
        let time = this.timestamp(py)?.map(|time| time.call_method0("isoformat")).transpose()?;
        let fields = PyDict::new(py);
        fields.set_item("unique", &this.unique)?;
        fields.set_item("timestamp", time)?;
        fields.set_item("sender", &this.sender)?;
        fields.set_item("to", &this.to)?;
        fields.set_item("retry_after", this.retry_after)?;
        fields.set_item("tries_left", this.tries_left)?;
        Ok(fields)
    }

    fn __bool__(&self) -> PyResult<bool> {
        Err(PyTypeError::new_err(
            "a SendResult is neither true nor false: the code was sent, and nobody is verified yet",
        ))
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        let this = slf.get();
        let unique = slf.getattr("unique")?.repr()?;
        let timestamp = slf.getattr("timestamp")?.repr()?;
        let sender = match may_be_number(&this.sender) {
            true => format!("'{}'", masked(&this.sender)),
            false => slf.getattr("sender")?.repr()?.to_string(),
        };
        let to = masked(&this.to);
        let standing = standing(this.retry_after, this.tries_left);
        Ok(format!(
            "SendResult(unique={unique}, timestamp={timestamp}, sender={sender}, to='{to}'{standing})"
        ))
    }

    #[pyo3(signature = () -> "tuple[type[SendResult], tuple[str, datetime | None, str, str, int, int | None]]")]
    fn __reduce__<'py>(
        slf: &Bound<'py, Self>,
    ) -> PyResult<(Bound<'py, PyType>, Bound<'py, PyTuple>)> {
        let fields = SendResult::FIELDS.map(|name| slf.getattr(name));
        let fields = fields.into_iter().collect::<PyResult<Vec<_>>>()?;
        Ok((slf.get_type(), PyTuple::new(slf.py(), fields)?))
    }
}

/// The service's answer about a code. True only when the number is verified.
///
/// Fields:
///     verified: Whether the code was the right one for this number: status 1, nothing else.
///     status: The raw status. The provider's material names 1 alone; give no meaning to the others.
///     to: The number in the service's form, such as 0501234567.
///     retry_after: How many seconds the next check of the number has to wait; 0 while tries are left.
///     tries_left: How many wrong codes the end user may still try; None if the number is verified, and
///         without a guard.
///
/// >>> from verifysms.testing import Sandbox
/// >>> with Sandbox() as sandbox:
/// ...     client = sandbox.client()
/// ...     _ = client.send("050-123-4567")
/// ...     bool(client.check("050-123-4567", "no code")), bool(client.check("050-123-4567", sandbox.code("0501234567")))
/// (False, True)
#[pyclass(frozen, module = "verifysms")]
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct CheckResult {
    status: i64,
    to: String,
    retry_after: u64,
    tries_left: Option<u32>,
}

/// The one status that means verified.
const VERIFIED: i64 = 1;

impl CheckResult {
    pub(crate) fn new(check: &Check) -> CheckResult {
        CheckResult {
            status: check.status(),
            to: check.to().to_owned(),
            retry_after: check.retry_after().as_secs(),
            tries_left: check.tries_left(),
        }
    }
}

#[pymethods]
impl CheckResult {
    #[new]
    #[pyo3(signature = (
        status: "int",
        to: "str",
        retry_after: "int" = 0,
        tries_left: "int | None" = None,
    ) -> "typing_extensions.Self")]
    fn construct(
        status: i64,
        to: String,
        retry_after: u64,
        tries_left: Option<u32>,
    ) -> CheckResult {
        CheckResult { status, to, retry_after, tries_left }
    }

    #[classattr]
    #[pyo3(name = "__match_args__")]
    fn match_args(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        PyTuple::new(py, ["verified", "status", "to", "retry_after", "tries_left"])
    }

    /// Whether the code was the right one for this number: status 1, nothing else.
    #[getter]
    fn verified(&self) -> bool {
        self.status == VERIFIED
    }

    /// The raw status. The provider's material names 1 alone; give no meaning to the others.
    #[getter]
    fn status(&self) -> i64 {
        self.status
    }

    /// The number in the service's form, such as 0501234567.
    #[getter]
    fn to(&self) -> &str {
        &self.to
    }

    /// How many seconds the next check of the number has to wait; 0 while tries are left.
    #[getter]
    fn retry_after(&self) -> u64 {
        self.retry_after
    }

    /// How many wrong codes the end user may still try; None if the number is verified, and without a guard.
    #[getter]
    fn tries_left(&self) -> Option<u32> {
        self.tries_left
    }

    /// Give one sentence for the person who signs up: "he" for Hebrew, English for any other language. A wrong
    /// code and an expired one are the same.
    #[pyo3(signature = (language: "str"))]
    fn user_text(&self, language: &str) -> String {
        verifysms::checked_text(self.verified(), self.tries_left, language)
    }

    /// Return the fields for JSON, with the whole number.
    #[pyo3(signature = () -> "dict[str, bool | int | str | None]")]
    fn asdict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let fields = PyDict::new(py);
        fields.set_item("verified", self.verified())?;
        fields.set_item("status", self.status)?;
        fields.set_item("to", &self.to)?;
        fields.set_item("retry_after", self.retry_after)?;
        fields.set_item("tries_left", self.tries_left)?;
        Ok(fields)
    }

    fn __bool__(&self) -> bool {
        self.verified()
    }

    // Otherwise `check(…) == False` and `== ErrorCode.NOT_VERIFIED` would be false for every result.
    fn __eq__<'py>(&self, value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = value.py();
        if value.is_instance_of::<PyInt>() {
            return Err(PyTypeError::new_err(
                "a CheckResult equals no number and neither True nor False: use it as a condition, or its verified",
            ));
        }
        match value.cast::<CheckResult>() {
            Ok(other) => Ok((self == other.get()).into_pyobject(py)?.to_owned().into_any()),
            Err(_) => Ok(py.NotImplemented().into_bound(py)),
        }
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        hasher.finish()
    }

    fn __repr__(&self) -> String {
        let verified = if self.verified() { "True" } else { "False" };
        let (status, to) = (self.status, masked(&self.to));
        let standing = standing(self.retry_after, self.tries_left);
        format!("CheckResult(verified={verified}, status={status}, to='{to}'{standing})")
    }

    #[pyo3(signature = () -> "tuple[type[CheckResult], tuple[int, str, int, int | None]]")]
    fn __reduce__<'py>(
        slf: &Bound<'py, Self>,
    ) -> (Bound<'py, PyType>, (i64, String, u64, Option<u32>)) {
        let CheckResult { status, to, retry_after, tries_left } = slf.get();
        (slf.get_type(), (*status, to.clone(), *retry_after, *tries_left))
    }
}

/// What the guard said, in a repr; nothing without a guard.
fn standing(retry_after: u64, tries_left: Option<u32>) -> String {
    match tries_left {
        None if retry_after == 0 => String::new(),
        None => format!(", retry_after={retry_after}"),
        Some(left) => format!(", retry_after={retry_after}, tries_left={left}"),
    }
}

/// A time in UTC.
pub(crate) fn datetime(py: Python<'_>, seconds: i64) -> PyResult<Bound<'_, PyDateTime>> {
    let utc = PyTzInfo::utc(py)?;
    // Adding to the epoch works for all years. `fromtimestamp` fails before 1970 on some systems.
    let epoch = PyDateTime::new(py, 1970, 1, 1, 0, 0, 0, 0, Some(&utc))?;
    let arguments = PyDict::new(py);
    arguments.set_item("seconds", seconds)?;
    let delta = PyModule::import(py, "datetime")?.getattr("timedelta")?;
    Ok(epoch.add(delta.call((), Some(&arguments))?)?.cast_into()?)
}

/// Whether a sender may be a phone number, however it is written. Names and short numbers have fewer digits.
fn may_be_number(sender: &str) -> bool {
    sender.chars().filter(|c| c.is_numeric()).count() >= 7
}

/// A number with all but its last three characters hidden.
pub(crate) fn masked(to: &str) -> String {
    let hidden = to.chars().count().saturating_sub(3);
    let shown: String = to.chars().skip(hidden).filter(|c| c.is_ascii_alphanumeric()).collect();
    "*".repeat(hidden) + &shown
}
