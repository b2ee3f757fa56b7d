//! Message templates without a client.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyString;
use verifysms::{Inspection, Warning};

use crate::errors::{optional_text, text};

/// The longest code for which a message is judged, in digits.
const DIGITS: usize = 8;

/// What a message costs, and what is wrong with it.
///
/// Fields:
///     encoding: "GSM-7" or "UCS-2".
///     length: In units of the encoding, septets or UTF-16 code units, with a code of 8 digits.
///     parts: How many parts are sent, and billed, with a code of 8 digits.
///     warnings: What is wrong, a list of MessageWarning.
#[pyclass(frozen, name = "Inspection", module = "verifysms")]
pub(crate) struct PyInspection(Inspection);

#[pymethods]
impl PyInspection {
    /// "GSM-7", or "UCS-2" if a character is not in the GSM alphabet.
    #[getter]
    fn encoding(&self) -> &'static str {
        self.0.encoding().name()
    }

    /// The length in units of the encoding, septets or UTF-16 code units, with a code of 8 digits.
    #[getter]
    fn length(&self) -> usize {
        self.0.length(DIGITS)
    }

    /// How many parts are sent, and billed, with a code of 8 digits.
    #[getter]
    fn parts(&self) -> usize {
        self.0.parts(DIGITS)
    }

    /// What is wrong.
    #[getter]
    fn warnings(&self) -> Vec<MessageWarning> {
        self.0.warnings().iter().cloned().map(MessageWarning).collect()
    }

    /// How many parts are sent with a code of so many digits. The service does not say how long its codes are.
    fn parts_for(&self, digits: usize) -> usize {
        self.0.parts(digits)
    }

    fn __repr__(&self) -> String {
        let (encoding, length, parts) = (self.encoding(), self.length(), self.parts());
        let count = self.0.warnings().len();
        format!("<Inspection {encoding}, length {length}, parts {parts}, {count} warnings>")
    }
}

/// What is wrong with a message, and where. `str` is one English sentence.
///
/// Fields:
///     kind: What it is about, a WarningKind.
///     position: Which character of the text it is about, counted from 0; None if it is about the whole text.
#[pyclass(frozen, eq, module = "verifysms")]
#[derive(PartialEq)]
pub(crate) struct MessageWarning(Warning);

#[pymethods]
impl MessageWarning {
    /// What it is about.
    #[getter]
    fn kind<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        static WARNING_KIND: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let class = WARNING_KIND.import(py, "verifysms._codes", "WarningKind")?;
        class.call1((self.0.kind().number(),))
    }

    /// Which character of the text it is about, counted from 0; None if it is about the whole text.
    #[getter]
    fn position(&self) -> Option<usize> {
        self.0.position()
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self) -> String {
        format!("<MessageWarning {}: {}>", self.0.kind().name(), self.0)
    }
}

/// Inspect a message before it is sent: what it costs, and what phones and browsers make of it.
///
/// It needs no client and no network.
///
/// Args:
///     message: The template, with `##code##` where the code will stand.
///     sender: The sender, to be inspected too.
///     origin: The host of the page on which a browser is to fill the code in, such as "example.co.il".
///
/// >>> from verifysms import inspect_message
/// >>> found = inspect_message("Your code: ##code##", sender="Acme")
/// >>> found.encoding, found.length, found.parts, found.warnings
/// ('GSM-7', 19, 1, [])
/// >>> [warning.kind.name for warning in inspect_message("קוד: ##code##").warnings]
/// ['CODE_IN_RIGHT_TO_LEFT_LINE']
#[pyfunction]
#[pyo3(signature = (message: "str", *, sender: "str | None" = None, origin: "str | None" = None))]
pub(crate) fn inspect_message(
    message: &Bound<'_, PyString>,
    sender: Option<&Bound<'_, PyString>>,
    origin: Option<&Bound<'_, PyString>>,
) -> PyResult<PyInspection> {
    let mut inspection = Inspection::new(text("message", message)?);
    if let Some(sender) = optional_text("sender", sender)? {
        inspection = inspection.sender(sender);
    }
    if let Some(origin) = optional_text("origin", origin)? {
        inspection = inspection.origin(origin);
    }
    Ok(PyInspection(inspection))
}
