//! A call that another thread is to make, and that can be ended alone: what an `await` stands on.

use std::sync::Arc;

use pyo3::prelude::*;
use zeroize::Zeroizing;

use crate::call::{self, Cancel};
use crate::refusal;
use crate::results::{CheckResult, SendResult};

/// What is to be done.
pub(crate) enum Question {
    Connect,
    Send { to: String, sender: Option<String>, message: Option<String> },
    Check { to: String, code: Zeroizing<String> },
}

/// One call, to be made with run(). Shows nothing of its arguments, whoever prints it.
#[pyclass(frozen, module = "verifysms")]
pub(crate) struct Pending {
    core: Arc<verifysms::Client>,
    question: Question,
    cancel: Cancel,
}

impl Pending {
    pub(crate) fn new(core: Arc<verifysms::Client>, question: Question) -> Pending {
        Pending { core, question, cancel: Cancel::default() }
    }
}

#[pymethods]
impl Pending {
    /// Make the call in this thread.
    #[pyo3(signature = () -> "SendResult | CheckResult | None")]
    fn run<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        if self.cancel.is_cancelled() {
            return Err(refusal::cancelled(py)?);
        }
        match &self.question {
            Question::Connect => {
                call::run(py, Some(&self.cancel), || self.core.connect())?;
                Ok(py.None().into_bound(py))
            }
            Question::Send { to, sender, message } => {
                let (sender, message) = (sender.as_deref(), message.as_deref());
                let send = || self.core.send_with(to, sender, message);
                let sent = call::run(py, Some(&self.cancel), send)?;
                Ok(SendResult::new(&sent).into_pyobject(py)?.into_any())
            }
            Question::Check { to, code } => {
                let check = call::run(py, Some(&self.cancel), || self.core.check(to, code))?;
                Ok(CheckResult::new(&check).into_pyobject(py)?.into_any())
            }
        }
    }

    /// End the call, and no other of its client, within a tenth of a second.
    fn cancel(&self) {
        self.cancel.cancel();
    }
}
