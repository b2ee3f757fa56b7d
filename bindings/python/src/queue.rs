//! The calls of an event loop: started without waiting, taken when the descriptor is readable.

use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use pyo3::prelude::*;
use pyo3::types::PyString;
use verifysms::{CallEnd, Client, Descriptor, Error, LogLevel, Outcome, Queue, Rule};

use crate::arguments::request;
use crate::delivery::DeliveryResult;
use crate::errors::{self, text};
use crate::logging::LogBuffer;
use crate::results::{CheckResult, SendResult};

/// What the core's queue carries along with a call.
struct QueuedCall {
    ticket: AtomicU64,
    log: Mutex<LogBuffer>,
}

impl QueuedCall {
    fn log(&self) -> MutexGuard<'_, LogBuffer> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type CoreQueue = Queue<Arc<QueuedCall>>;

/// Calls of one client that are in flight in one event loop. Its descriptor is readable when take() has
/// something to do.
#[pyclass(frozen, module = "verifysms")]
pub(crate) struct CallQueue {
    /// The thread that has the lock never waits for the interpreter.
    core: Option<Mutex<CoreQueue>>,
    descriptor: Descriptor,
    process: u32,
}

impl CallQueue {
    pub(crate) fn new(py: Python<'_>, client: Arc<Client>) -> PyResult<CallQueue> {
        let log =
            |call: &Arc<QueuedCall>, level: LogLevel, text: &str| call.log().push(level, text);
        let event = |call: &Arc<QueuedCall>, end: &CallEnd| call.log().note_end(end);
        match CoreQueue::new(client) {
            Ok(core) => Ok(CallQueue {
                descriptor: core.descriptor(),
                process: std::process::id(),
                core: Some(Mutex::new(core.log(log).event(event))),
            }),
            Err(error) => Err(errors::to_exception(py, &error)?),
        }
    }

    /// None in a forked child: a thread that the child does not have may hold the lock.
    fn core(&self) -> Option<MutexGuard<'_, CoreQueue>> {
        let core = self.core.as_ref().filter(|_| self.process == std::process::id())?;
        Some(core.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn start(
        &self,
        py: Python<'_>,
        start: impl FnOnce(&mut CoreQueue, Arc<QueuedCall>) -> Result<u64, Error>,
    ) -> PyResult<u64> {
        let log = Mutex::new(LogBuffer::new(py)?);
        let call = Arc::new(QueuedCall { ticket: AtomicU64::new(0), log });
        let Some(mut core) = self.core() else {
            return Err(errors::invalid_argument(py, "queue", Rule::QueueOfParent));
        };
        match start(&mut core, call.clone()) {
            Ok(ticket) => {
                call.ticket.store(ticket, Ordering::Relaxed);
                Ok(ticket)
            }
            Err(error) => Err(errors::to_exception(py, &error)?),
        }
    }
}

#[pymethods]
impl CallQueue {
    fn fileno(&self) -> Descriptor {
        self.descriptor
    }

    /// Start to open a connection, and return the call's ticket.
    fn connect(&self, py: Python<'_>) -> PyResult<u64> {
        self.start(py, |core, call| core.connect(call))
    }

    /// Start a Send, and return its ticket.
    #[pyo3(signature = (
        to: "str",
        sender: "str | None",
        message: "str | None",
        end_user: "str | None",
        origin: "str | None",
        app_hash: "str | None",
    ))]
    fn send(
        &self,
        to: &Bound<'_, PyString>,
        sender: Option<&Bound<'_, PyString>>,
        message: Option<&Bound<'_, PyString>>,
        end_user: Option<&Bound<'_, PyString>>,
        origin: Option<&Bound<'_, PyString>>,
        app_hash: Option<&Bound<'_, PyString>>,
    ) -> PyResult<u64> {
        let request = request(to, sender, message, end_user, origin, app_hash)?;
        self.start(to.py(), |core, call| core.send_request(call, request))
    }

    /// Start a Check, and return its ticket.
    #[pyo3(signature = (to: "str", code: "str", end_user: "str | None"))]
    fn check(
        &self,
        py: Python<'_>,
        to: &Bound<'_, PyString>,
        code: &Bound<'_, PyString>,
        end_user: Option<&Bound<'_, PyString>>,
    ) -> PyResult<u64> {
        let (request, code) = (request(to, None, None, end_user, None, None)?, text("code", code)?);
        self.start(py, |core, call| core.check_request(call, request, code))
    }

    /// Start to forget a number, and return the call's ticket.
    #[pyo3(signature = (to: "str"))]
    fn forget(&self, py: Python<'_>, to: &Bound<'_, PyString>) -> PyResult<u64> {
        let to = text("to", to)?;
        self.start(py, |core, call| core.forget(call, to))
    }

    /// Start to ask for the limits of a number, and return the call's ticket.
    #[pyo3(signature = (to: "str"))]
    fn guard_show(&self, py: Python<'_>, to: &Bound<'_, PyString>) -> PyResult<u64> {
        let to = text("to", to)?;
        self.start(py, |core, call| core.guard_show(call, to))
    }

    /// Start to ask what became of a message, and return the call's ticket.
    #[pyo3(signature = (unique: "str"))]
    fn delivery(&self, py: Python<'_>, unique: &Bound<'_, PyString>) -> PyResult<u64> {
        let unique = text("unique", unique)?;
        self.start(py, |core, call| core.delivery(call, unique))
    }

    /// Cancel the call with this ticket, unless it has completed. take() returns it like any other.
    fn cancel(&self, ticket: u64) {
        if let Some(mut core) = self.core() {
            core.cancel(ticket);
        }
    }

    /// Drive the calls, and return one that has completed; None until the descriptor is readable again.
    fn take(&self, py: Python<'_>) -> Option<CompletedCall> {
        py.detach(|| self.core()?.take()).map(|(call, result)| {
            let log = Mutex::new(mem::take(&mut *call.log()));
            CompletedCall { ticket: call.ticket.load(Ordering::Relaxed), log, result }
        })
    }
}

impl Drop for CallQueue {
    fn drop(&mut self) {
        let is_locked =
            |core: &Mutex<CoreQueue>| matches!(core.try_lock(), Err(TryLockError::WouldBlock));
        // This process was forked while another thread had the lock. That thread does not exist here.
        if self.core.as_ref().is_some_and(is_locked) {
            mem::forget(self.core.take());
        }
    }
}

/// A call that has completed. Its repr shows nothing of it.
#[pyclass(frozen, module = "verifysms")]
pub(crate) struct CompletedCall {
    ticket: u64,
    log: Mutex<LogBuffer>,
    result: Result<Outcome, Error>,
}

/// The frames between the logger and the caller's `await`: result(), and our coroutine above it.
const STACKLEVEL: u8 = 3;

#[pymethods]
impl CompletedCall {
    #[getter]
    fn ticket(&self) -> u64 {
        self.ticket
    }

    /// Write the log records, and return the result or raise the exception that the call ended with.
    #[pyo3(signature = () -> "SendResult | CheckResult | DeliveryResult | list[str] | None")]
    fn result<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let logged = self.write_log(py);
        match &self.result {
            Err(error) => Err(errors::chain(py, errors::to_exception(py, error)?, logged.err())?),
            Ok(outcome) => {
                logged?;
                match outcome {
                    Outcome::Sent(sent) => Ok(SendResult::new(sent).into_pyobject(py)?.into_any()),
                    Outcome::Checked(check) => {
                        Ok(CheckResult::new(check).into_pyobject(py)?.into_any())
                    }
                    Outcome::Reported(delivery) => {
                        Ok(DeliveryResult::new(delivery).into_pyobject(py)?.into_any())
                    }
                    Outcome::Shown(status) => Ok(status.limits().into_pyobject(py)?.into_any()),
                    _ => Ok(py.None().into_bound(py)),
                }
            }
        }
    }

    /// Write the log records, once.
    fn write_log(&self, py: Python<'_>) -> PyResult<()> {
        let log = mem::take(&mut *self.log.lock().unwrap_or_else(PoisonError::into_inner));
        log.flush(py, STACKLEVEL)
    }
}
