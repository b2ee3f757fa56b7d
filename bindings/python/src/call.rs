//! A call of this thread, while the interpreter is let go: what may end it, what is to be logged.
//!
//! The core asks its hooks in the thread that makes the call, so they find the call here, by thread,
//! and one client can have many calls that end for different reasons.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use verifysms::{Error, LogLevel};

use crate::journal::{Journal, Wanted};
use crate::refusal;

/// What the hooks need to know of the call that their thread is in.
struct Call {
    /// Whether signal handlers may run in this thread; assumed until it had to wait.
    handles_signals: bool,
    /// What a signal handler raised.
    raised: Option<PyErr>,
    journal: Journal,
}

thread_local! {
    static CURRENT: RefCell<Option<Call>> = const { RefCell::new(None) };
}

/// Makes a call without holding the interpreter, and gives its answer or raises what ended it.
pub(crate) fn run<T: Send>(
    py: Python<'_>,
    call: impl FnOnce() -> Result<T, Error> + Send,
) -> PyResult<T> {
    let journal = Journal::new(Wanted::now(py)?);
    let begun = Call { handles_signals: true, raised: None, journal };
    // A signal handler may make a call of its own, so the one before comes back afterwards.
    let before = CURRENT.replace(Some(begun));
    let result = py.detach(|| catch_unwind(AssertUnwindSafe(call)));
    let ended = CURRENT.replace(before);
    // What was answered matters more than a record of it, unless somebody wants out.
    let raised = ended.and_then(|ended| ended.journal.write(py, 1).err().or(ended.raised));
    let error = match result {
        Ok(Ok(answer)) => return raised.map_or(Ok(answer), Err),
        Ok(Err(error)) => refusal::exception(py, &error)?,
        Err(_) => refusal::defect(py)?,
    };
    Err(refusal::instead(py, error, raised)?)
}

/// The core's question, every few hundredths of a second of a wait and after a signal: must the call
/// end? Runs Python's signal handlers.
pub(crate) fn interrupted() -> bool {
    let handles_signals =
        CURRENT.with_borrow(|call| call.as_ref().is_some_and(|call| call.handles_signals));
    // An interpreter that cannot be had is about to end.
    handles_signals && Python::try_attach(run_signal_handlers).unwrap_or(true)
}

fn run_signal_handlers(py: Python<'_>) -> bool {
    let outcome = py.check_signals().and_then(|()| handles_signals(py));
    CURRENT.with_borrow_mut(|call| {
        let Some(call) = call else { return false };
        match outcome {
            Ok(handles) => call.handles_signals = handles,
            Err(error) => call.raised = Some(error),
        }
        call.raised.is_some()
    })
}

/// Python runs signal handlers in its main thread only; the others need not ask for the interpreter. Which
/// it is only the interpreter knows: gevent and eventlet change what `threading` says, and a fork what
/// the system says. In any other thread it refuses to set a handler, before it looks at the handler.
fn handles_signals(py: Python<'_>) -> PyResult<bool> {
    let signal = py.import("_signal")?;
    let no_handler = (signal.getattr("SIGINT")?, py.None());
    let refused = signal.call_method1("signal", no_handler);
    Ok(!refused.is_err_and(|error| error.is_instance_of::<PyValueError>(py)))
}

/// The core's log records, kept until the interpreter is held again.
pub(crate) fn log(level: LogLevel, text: &str) {
    CURRENT.with_borrow_mut(|call| {
        if let Some(call) = call {
            call.journal.note(level, text);
        }
    });
}
