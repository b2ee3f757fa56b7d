//! What became of a message: a frozen value that compares, hashes, matches and pickles.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple, PyType};
use verifysms::{Delivery, DeliveryState, NextStep, delivery_text};

use crate::results::masked;

/// What the service reports of a message.
///
/// Fields:
///     state: What became of it, a DeliveryState. An unknown code is UNKNOWN, never DELIVERED.
///     next_step: What to do next, a NextStep.
///     code: The provider's own number; None if there is no report. 0 is one of those for a delivered message.
///     to: The number in the service's form, None if the report names none.
///     sender: The sender that was used.
///     hebrew: The provider's words in Hebrew.
///     english: The provider's words in English.
///     date: The date as it came, such as 15/03/21 20:18; its time zone is not documented.
///     operator: The operator of the phone.
///
/// >>> from verifysms.testing import Sandbox
/// >>> with Sandbox() as sandbox:
/// ...     client = sandbox.client()
/// ...     sent = client.send("050-123-4567")
/// ...     sandbox.advance(seconds=1)
/// ...     client.delivery(sent.unique)
/// DeliveryResult(state=DELIVERED, next_step=NONE, code=102, to='*******567')
#[pyclass(frozen, eq, hash, module = "verifysms")]
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct DeliveryResult {
    code: Option<i64>,
    to: Option<String>,
    sender: String,
    hebrew: String,
    english: String,
    date: String,
    operator: String,
}

impl DeliveryResult {
    /// In the order in which they match. The first two follow from the code and the number.
    const FIELDS: [&str; 9] =
        ["state", "next_step", "code", "to", "sender", "hebrew", "english", "date", "operator"];

    pub(crate) fn new(delivery: &Delivery) -> DeliveryResult {
        DeliveryResult {
            code: delivery.code(),
            to: delivery.to().map(str::to_owned),
            sender: delivery.sender().to_owned(),
            hebrew: delivery.hebrew().to_owned(),
            english: delivery.english().to_owned(),
            date: delivery.date().to_owned(),
            operator: delivery.operator().to_owned(),
        }
    }

    fn core_state(&self) -> DeliveryState {
        DeliveryState::of(self.code, self.to.as_deref())
    }

    fn core_next_step(&self) -> NextStep {
        NextStep::of(self.code, self.to.as_deref())
    }
}

#[pymethods]
impl DeliveryResult {
    #[new]
    #[pyo3(signature = (
        code: "int | None",
        to: "str | None",
        sender: "str" = String::new(),
        hebrew: "str" = String::new(),
        english: "str" = String::new(),
        date: "str" = String::new(),
        operator: "str" = String::new(),
    ) -> "typing_extensions.Self")]
    fn construct(
        code: Option<i64>,
        to: Option<String>,
        sender: String,
        hebrew: String,
        english: String,
        date: String,
        operator: String,
    ) -> DeliveryResult {
        DeliveryResult { code, to, sender, hebrew, english, date, operator }
    }

    #[classattr]
    #[pyo3(name = "__match_args__")]
    fn match_args(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        PyTuple::new(py, DeliveryResult::FIELDS)
    }

    /// What became of it. An unknown code is UNKNOWN, never DELIVERED.
    #[getter]
    fn state<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        static CLASS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let class = CLASS.import(py, "verifysms._codes", "DeliveryState")?;
        class.call1((self.core_state().number(),))
    }

    /// What to do next.
    #[getter]
    fn next_step<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        static CLASS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let class = CLASS.import(py, "verifysms._codes", "NextStep")?;
        class.call1((self.core_next_step().number(),))
    }

    /// The provider's own number; None if there is no report. 0 is one of those for a delivered message.
    #[getter]
    fn code(&self) -> Option<i64> {
        self.code
    }

    /// The number in the service's form, None if the report names none.
    #[getter]
    fn to(&self) -> Option<&str> {
        self.to.as_deref()
    }

    /// The sender that was used.
    #[getter]
    fn sender(&self) -> &str {
        &self.sender
    }

    /// The provider's words in Hebrew.
    #[getter]
    fn hebrew(&self) -> &str {
        &self.hebrew
    }

    /// The provider's words in English.
    #[getter]
    fn english(&self) -> &str {
        &self.english
    }

    /// The date as it came, such as 15/03/21 20:18; its time zone is not documented.
    #[getter]
    fn date(&self) -> &str {
        &self.date
    }

    /// The operator of the phone.
    #[getter]
    fn operator(&self) -> &str {
        &self.operator
    }

    /// Give one sentence for the person who waits: "he" for Hebrew, English for any other language.
    #[pyo3(signature = (language: "str"))]
    fn user_text(&self, language: &str) -> String {
        delivery_text(self.core_state(), self.core_next_step(), language)
    }

    /// Return the fields for JSON: the names of the state and of the next step, and the whole number.
    #[pyo3(signature = () -> "dict[str, int | str | None]")]
    fn asdict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let fields = PyDict::new(py);
        fields.set_item("state", self.core_state().name())?;
        fields.set_item("next_step", self.core_next_step().name())?;
        fields.set_item("code", self.code)?;
        fields.set_item("to", &self.to)?;
        fields.set_item("sender", &self.sender)?;
        fields.set_item("hebrew", &self.hebrew)?;
        fields.set_item("english", &self.english)?;
        fields.set_item("date", &self.date)?;
        fields.set_item("operator", &self.operator)?;
        Ok(fields)
    }

    fn __bool__(&self) -> PyResult<bool> {
        Err(PyTypeError::new_err(
            "a DeliveryResult is neither true nor false: look at its state; it verifies nobody",
        ))
    }

    fn __repr__(&self) -> String {
        let (state, next_step) = (self.core_state().name(), self.core_next_step().name());
        let code = self.code.map_or_else(|| "None".to_owned(), |code| code.to_string());
        let to =
            self.to.as_ref().map_or_else(|| "None".to_owned(), |to| format!("'{}'", masked(to)));
        format!("DeliveryResult(state={state}, next_step={next_step}, code={code}, to={to})")
    }

    #[pyo3(signature = () -> "tuple[type[DeliveryResult], tuple[int | None, str | None, str, str, str, str, str]]")]
    fn __reduce__<'py>(
        slf: &Bound<'py, Self>,
    ) -> PyResult<(Bound<'py, PyType>, Bound<'py, PyTuple>)> {
        let fields = DeliveryResult::FIELDS[2..].iter().map(|name| slf.getattr(*name));
        let fields = fields.collect::<PyResult<Vec<_>>>()?;
        Ok((slf.get_type(), PyTuple::new(slf.py(), fields)?))
    }
}
