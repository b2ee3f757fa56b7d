//! The calls of an event loop: started without waiting, taken when the descriptor says so.

use std::mem;
use std::os::fd::{AsRawFd, RawFd};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use pyo3::prelude::*;
use pyo3::types::PyString;
use verifysms::{Client, Error, LogLevel, Outcome};

use crate::journal::{Journal, Wanted};
use crate::refusal::{self, optional_text, text};
use crate::results::{CheckResult, SendResult};

/// What a call is known by.
struct Key {
    ticket: AtomicU64,
    journal: Mutex<Journal>,
}

type Inner = verifysms::Queue<Arc<Key>>;

/// Calls of one client that are under way in one event loop. Its descriptor is readable when take() has
/// something to do.
#[pyclass(frozen, module = "verifysms")]
pub(crate) struct Queue {
    /// Whoever has the lock needs no interpreter to let it go.
    inner: Option<Mutex<Inner>>,
    descriptor: RawFd,
    process: u32,
}

impl Queue {
    pub(crate) fn new(py: Python<'_>, client: Arc<Client>) -> PyResult<Queue> {
        let log = |key: &Arc<Key>, level: LogLevel, text: &str| key.journal().note(level, text);
        match Inner::new(client) {
            Ok(inner) => Ok(Queue {
                descriptor: inner.as_raw_fd(),
                process: std::process::id(),
                inner: Some(Mutex::new(inner.log(log))),
            }),
            Err(error) => Err(refusal::exception(py, &error)?),
        }
    }

    /// None in a forked child, where the lock may be held by a thread that is not there.
    fn inner(&self) -> Option<MutexGuard<'_, Inner>> {
        let inner = self.inner.as_ref().filter(|_| self.process == std::process::id())?;
        Some(inner.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn start(
        &self,
        py: Python<'_>,
        start: impl FnOnce(&mut Inner, Arc<Key>) -> Result<u64, Error>,
    ) -> PyResult<u64> {
        let journal = Mutex::new(Journal::new(Wanted::now(py)?));
        let key = Arc::new(Key { ticket: AtomicU64::new(0), journal });
        let Some(mut inner) = self.inner() else {
            return Err(refusal::invalid(
                py,
                "queue",
                "is the parent's; a child makes one of its own",
            ));
        };
        match start(&mut inner, key.clone()) {
            Ok(ticket) => {
                key.ticket.store(ticket, Ordering::Relaxed);
                Ok(ticket)
            }
            Err(error) => Err(refusal::exception(py, &error)?),
        }
    }
}

#[pymethods]
impl Queue {
    fn fileno(&self) -> RawFd {
        self.descriptor
    }

    /// Start to open a connection, and give the call's ticket.
    fn connect(&self, py: Python<'_>) -> PyResult<u64> {
        self.start(py, |inner, key| inner.connect(key))
    }

    /// Start a Send, and give its ticket.
    #[pyo3(signature = (to: "str", sender: "str | None", message: "str | None"))]
    fn send(
        &self,
        py: Python<'_>,
        to: &Bound<'_, PyString>,
        sender: Option<&Bound<'_, PyString>>,
        message: Option<&Bound<'_, PyString>>,
    ) -> PyResult<u64> {
        let to = text("to", to)?;
        let sender = optional_text("sender", sender)?;
        let message = optional_text("message", message)?;
        self.start(py, |inner, key| inner.send_with(key, to, sender, message))
    }

    /// Start a Check, and give its ticket.
    #[pyo3(signature = (to: "str", code: "str"))]
    fn check(
        &self,
        py: Python<'_>,
        to: &Bound<'_, PyString>,
        code: &Bound<'_, PyString>,
    ) -> PyResult<u64> {
        let (to, code) = (text("to", to)?, text("code", code)?);
        self.start(py, |inner, key| inner.check(key, to, code))
    }

    /// End the call with this ticket, if it has not ended; take() gives it like any.
    fn cancel(&self, ticket: u64) {
        if let Some(mut inner) = self.inner() {
            inner.cancel(ticket);
        }
    }

    /// Make calls go on, and give one that has ended; None until the descriptor is readable again.
    fn take(&self, py: Python<'_>) -> Option<Ended> {
        py.detach(|| self.inner()?.take()).map(|(key, result)| {
            let journal = Mutex::new(mem::take(&mut *key.journal()));
            Ended { ticket: key.ticket.load(Ordering::Relaxed), journal, result }
        })
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        let is_held =
            |inner: &Mutex<Inner>| matches!(inner.try_lock(), Err(TryLockError::WouldBlock));
        // By a thread that there is not in this process, which was forked in the middle of its work.
        if self.inner.as_ref().is_some_and(is_held) {
            mem::forget(self.inner.take());
        }
    }
}

impl Key {
    fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call that has ended. Shows nothing of it, whoever prints it.
#[pyclass(frozen, module = "verifysms")]
pub(crate) struct Ended {
    ticket: u64,
    journal: Mutex<Journal>,
    result: Result<Outcome, Error>,
}

#[pymethods]
impl Ended {
    #[getter]
    fn ticket(&self) -> u64 {
        self.ticket
    }

    /// Write its log records, and give its answer or raise what it ended with.
    #[pyo3(signature = () -> "SendResult | CheckResult | None")]
    fn answer<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let logged = self.log(py);
        match &self.result {
            Err(error) => Err(refusal::instead(py, refusal::exception(py, error)?, logged.err())?),
            Ok(answer) => {
                logged?;
                match answer {
                    Outcome::Sent(sent) => Ok(SendResult::new(sent).into_pyobject(py)?.into_any()),
                    Outcome::Checked(check) => {
                        Ok(CheckResult::new(check).into_pyobject(py)?.into_any())
                    }
                    _ => Ok(py.None().into_bound(py)),
                }
            }
        }
    }

    /// Write its log records, once.
    fn log(&self, py: Python<'_>) -> PyResult<()> {
        // The lock is free again when the handlers run: they may fork.
        let journal = mem::take(&mut *self.journal.lock().unwrap_or_else(PoisonError::into_inner));
        journal.write(py, AWAITED)
    }
}

/// Whose line a record names: not answer()'s, nor that of the coroutine of ours above it.
const AWAITED: u8 = 3;
