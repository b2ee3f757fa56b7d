//! Blocking calls: the thread detaches from the interpreter, and hooks of the core run in it meanwhile.
//!
//! The core calls its hooks in the thread that makes the call. They find the call in a thread-local
//! variable, so that one client can have many calls that end for different reasons.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use verifysms::{CallEnd, Error, LogLevel};

use crate::errors;
use crate::logging::LogBuffer;

/// What the hooks need of the call that their thread makes.
struct BlockingCall {
    /// Whether this thread runs signal handlers; assumed until the first wait.
    runs_signal_handlers: bool,
    /// The exception of a signal handler.
    raised: Option<PyErr>,
    log: LogBuffer,
}

thread_local! {
    static CURRENT: RefCell<Option<BlockingCall>> = const { RefCell::new(None) };
}

/// The frames between the logger and the program: the method of verifysms.Client, and above it the caller.
const STACKLEVEL: u8 = 2;

/// Makes a call without holding the interpreter. Gives its answer, or raises what ended it.
pub(crate) fn run<T: Send>(
    py: Python<'_>,
    call: impl FnOnce() -> Result<T, Error> + Send,
) -> PyResult<T> {
    let log = LogBuffer::new(py)?;
    let state = BlockingCall { runs_signal_handlers: true, raised: None, log };
    // A signal handler may make a call of its own; the outer call is current again afterwards.
    let outer = CURRENT.replace(Some(state));
    let result = py.detach(|| catch_unwind(AssertUnwindSafe(call)));
    let state = CURRENT.replace(outer);
    // A record that cannot be written does not cost the answer (see `flush`); a signal handler's exception does.
    let raised = state.and_then(|state| state.log.flush(py, STACKLEVEL).err().or(state.raised));
    let error = match result {
        Ok(Ok(answer)) => return raised.map_or(Ok(answer), Err),
        Ok(Err(error)) => errors::to_exception(py, &error)?,
        Err(_) => errors::internal(py)?,
    };
    Err(errors::chain(py, error, raised)?)
}

/// The interrupt hook: runs Python's signal handlers, and says whether the call must end. The core calls
/// it every few hundredths of a second of a wait, and after a signal.
pub(crate) fn interrupted() -> bool {
    let runs_signal_handlers =
        CURRENT.with_borrow(|call| call.as_ref().is_some_and(|call| call.runs_signal_handlers));
    // An interpreter that a thread cannot attach to is about to end.
    runs_signal_handlers && Python::try_attach(run_signal_handlers).unwrap_or(true)
}

fn run_signal_handlers(py: Python<'_>) -> bool {
    let result = py.check_signals().and_then(|()| is_signal_thread(py));
    CURRENT.with_borrow_mut(|call| {
        let Some(call) = call else { return false };
        match result {
            Ok(is_signal_thread) => call.runs_signal_handlers = is_signal_thread,
            Err(error) => call.raised = Some(error),
        }
        call.raised.is_some()
    })
}

/// Whether this is the thread that runs signal handlers: the main thread. Only the interpreter knows
/// which one that is: gevent and eventlet change what `threading` says, and a fork changes what the system
/// says. In any other thread `signal.signal` raises a ValueError before it looks at the handler.
fn is_signal_thread(py: Python<'_>) -> PyResult<bool> {
    let signal = py.import("_signal")?;
    let no_handler = (signal.getattr("SIGINT")?, py.None());
    let result = signal.call_method1("signal", no_handler);
    Ok(!result.is_err_and(|error| error.is_instance_of::<PyValueError>(py)))
}

/// The log hook: keeps a record until the interpreter is attached again.
pub(crate) fn log(level: LogLevel, text: &str) {
    CURRENT.with_borrow_mut(|call| {
        if let Some(call) = call {
            call.log.push(level, text);
        }
    });
}

/// The event hook: adds the end of a call to its record.
pub(crate) fn event(end: &CallEnd) {
    CURRENT.with_borrow_mut(|call| {
        if let Some(call) = call {
            call.log.note_end(end);
        }
    });
}
