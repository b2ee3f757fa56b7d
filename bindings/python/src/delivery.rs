//! What became of a message: a frozen value.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use verifysms::Delivery;

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
#[pyclass(frozen, eq, module = "verifysms")]
#[derive(Clone, PartialEq)]
pub(crate) struct DeliveryResult(Delivery);

impl DeliveryResult {
    pub(crate) fn new(delivery: &Delivery) -> DeliveryResult {
        DeliveryResult(delivery.clone())
    }
}

#[pymethods]
impl DeliveryResult {
    /// What became of it. An unknown code is UNKNOWN, never DELIVERED.
    #[getter]
    fn state<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        static CLASS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let class = CLASS.import(py, "verifysms._codes", "DeliveryState")?;
        class.call1((self.0.state().number(),))
    }

    /// What to do next.
    #[getter]
    fn next_step<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        static CLASS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let class = CLASS.import(py, "verifysms._codes", "NextStep")?;
        class.call1((self.0.next_step().number(),))
    }

    /// The provider's own number; None if there is no report. 0 is one of those for a delivered message.
    #[getter]
    fn code(&self) -> Option<i64> {
        self.0.code()
    }

    /// The number in the service's form, None if the report names none.
    #[getter]
    fn to(&self) -> Option<&str> {
        self.0.to()
    }

    /// The sender that was used.
    #[getter]
    fn sender(&self) -> &str {
        self.0.sender()
    }

    /// The provider's words in Hebrew.
    #[getter]
    fn hebrew(&self) -> &str {
        self.0.hebrew()
    }

    /// The provider's words in English.
    #[getter]
    fn english(&self) -> &str {
        self.0.english()
    }

    /// The date as it came, such as 15/03/21 20:18; its time zone is not documented.
    #[getter]
    fn date(&self) -> &str {
        self.0.date()
    }

    /// The operator of the phone.
    #[getter]
    fn operator(&self) -> &str {
        self.0.operator()
    }

    /// Give one sentence for the person who waits: "he" for Hebrew, English for any other language.
    #[pyo3(signature = (language: "str"))]
    fn user_text(&self, language: &str) -> String {
        self.0.user_text(language)
    }

    fn __bool__(&self) -> PyResult<bool> {
        Err(PyTypeError::new_err(
            "a DeliveryResult is neither true nor false: look at its state; it verifies nobody",
        ))
    }

    fn __repr__(&self) -> String {
        let (state, next_step) = (self.0.state().name(), self.0.next_step().name());
        let code = self.0.code().map_or_else(|| "None".to_owned(), |code| code.to_string());
        let to = self.0.to().map_or_else(|| "None".to_owned(), |to| format!("'{}'", masked(to)));
        format!("DeliveryResult(state={state}, next_step={next_step}, code={code}, to={to})")
    }
}
