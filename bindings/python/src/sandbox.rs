//! The sandbox, run inside the process, and the messages that it texted.

use std::io;
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use pyo3::exceptions::{PyOSError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDateTime;
use verifysms::sandbox::{self, MessageState, Options, Sandbox, ScriptedFailure};

use crate::results::datetime;

/// A message that the sandbox would have texted.
#[pyclass(frozen, eq, hash, module = "verifysms.testing")]
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Message {
    /// The id that the send was answered.
    #[pyo3(get)]
    unique: String,
    /// The phone number, in the local form.
    #[pyo3(get)]
    to: String,
    /// The sender ID.
    #[pyo3(get)]
    sender: String,
    /// The text as a phone would show it, with the code.
    #[pyo3(get)]
    text: String,
    /// The code alone.
    #[pyo3(get)]
    code: String,
    time: u64,
    expires: u64,
    /// What has become of its code, one of "waiting", "verified", "expired" and "replaced".
    #[pyo3(get)]
    state: &'static str,
    /// How many wrong codes were tried while it was the number's newest message.
    #[pyo3(get)]
    wrong_tries: u32,
    /// How the text travels, "GSM-7" or "UCS-2".
    #[pyo3(get)]
    encoding: &'static str,
    /// The length of the text in units of the encoding: septets or UTF-16 code units.
    #[pyo3(get)]
    length: usize,
    /// How many parts are billed.
    #[pyo3(get)]
    parts: usize,
    /// The code of its report, once there is one: 102 for a delivered message.
    #[pyo3(get)]
    delivery: Option<i64>,
}

impl From<sandbox::Message> for Message {
    fn from(message: sandbox::Message) -> Message {
        let state = match message.state {
            MessageState::Verified => "verified",
            MessageState::Expired => "expired",
            MessageState::Replaced => "replaced",
            _ => "waiting",
        };
        Message {
            unique: message.unique,
            to: message.to,
            sender: message.sender,
            text: message.text,
            code: message.code,
            time: message.time,
            expires: message.expires,
            state,
            wrong_tries: message.wrong_tries,
            encoding: message.encoding.name(),
            length: message.length,
            parts: message.parts,
            delivery: message.delivery,
        }
    }
}

#[pymethods]
impl Message {
    /// When it was sent, in UTC by the sandbox's clock.
    #[getter]
    fn time<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDateTime>> {
        datetime(py, i64::try_from(self.time)?)
    }

    /// When its code expires, 10 minutes later.
    #[getter]
    fn expires<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDateTime>> {
        datetime(py, i64::try_from(self.expires)?)
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        let Message { unique, to, sender, text, state, .. } = slf.get();
        Ok(format!(
            "Message(unique={unique:?}, to={to:?}, sender={sender:?}, text={text:?}, state={state:?})"
        ))
    }
}

/// How often a wait looks for signals.
const SIGNAL_INTERVAL: Duration = Duration::from_millis(100);

/// A running sandbox: see verifysms.testing.Sandbox.
#[pyclass(frozen, module = "verifysms")]
pub(crate) struct SandboxServer(Mutex<Option<Arc<RunningSandbox>>>);

struct RunningSandbox {
    sandbox: Option<Sandbox>,
    process: u32,
}

impl Drop for RunningSandbox {
    fn drop(&mut self) {
        if self.process != std::process::id() {
            // This is a fork: the sandbox's thread and its sockets belong to the parent.
            std::mem::forget(self.sandbox.take());
        }
    }
}

impl SandboxServer {
    /// Asks the sandbox, without the lock: what takes a while holds nobody up.
    fn with<T>(&self, ask: impl FnOnce(&Sandbox) -> T) -> PyResult<T> {
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(RunningSandbox { sandbox: Some(sandbox), process }) = running.as_deref() else {
            return Err(PyValueError::new_err("the sandbox is closed"));
        };
        if *process != std::process::id() {
            let text =
                "the sandbox lives in the process that started it, not in one forked from it";
            return Err(PyRuntimeError::new_err(text));
        }
        Ok(ask(sandbox))
    }
}

impl SandboxServer {
    /// How far its clock is ahead, in milliseconds.
    pub(crate) fn clock(&self) -> PyResult<Arc<AtomicI64>> {
        self.with(Sandbox::clock_offset)
    }
}

#[pymethods]
impl SandboxServer {
    #[new]
    #[pyo3(signature = (api_key: "str", approved_senders: "collections.abc.Sequence[str]", port: "int", tls: "bool", seed: "int | None") -> "typing_extensions.Self")]
    fn start(
        py: Python<'_>,
        api_key: &str,
        approved_senders: Vec<String>,
        port: u16,
        tls: bool,
        seed: Option<u64>,
    ) -> PyResult<SandboxServer> {
        let mut options = Options::new().api_key(api_key).port(port).tls(tls);
        if let Some(seed) = seed {
            options = options.seed(seed);
        }
        for number in &approved_senders {
            options = options.approved_sender(number);
        }
        let sandbox =
            py.detach(|| Sandbox::start(options)).map_err(|error| to_exception(&error))?;
        let running = RunningSandbox { sandbox: Some(sandbox), process: std::process::id() };
        Ok(SandboxServer(Mutex::new(Some(Arc::new(running)))))
    }

    fn url(&self) -> PyResult<String> {
        self.with(Sandbox::url)
    }

    fn page(&self) -> PyResult<String> {
        self.with(Sandbox::page)
    }

    fn ca_file(&self) -> PyResult<Option<String>> {
        self.with(|sandbox| sandbox.ca_file().map(|file| file.display().to_string()))
    }

    #[pyo3(signature = (to: "str | None"))]
    fn messages(&self, to: Option<&str>) -> PyResult<Vec<Message>> {
        self.with(|sandbox| sandbox.messages(to).into_iter().map(Message::from).collect())
    }

    #[pyo3(signature = (to: "str"))]
    fn code(&self, to: &str) -> PyResult<Option<String>> {
        self.with(|sandbox| sandbox.code(to))
    }

    /// The newest message to the number, if it is newer than `after`; None after the timeout.
    #[pyo3(signature = (to: "str", timeout: "float", after: "Message | None"))]
    fn wait_for_message(
        &self,
        py: Python<'_>,
        to: &str,
        timeout: f64,
        after: Option<&Message>,
    ) -> PyResult<Option<Message>> {
        let timeout = Duration::try_from_secs_f64(timeout)
            .map_err(|_| PyValueError::new_err("a timeout is in seconds, 0 or more"))?;
        let after = after.map(|message| message.unique.as_str());
        let started = Instant::now();
        loop {
            let left = timeout.saturating_sub(started.elapsed());
            let wait = left.min(SIGNAL_INTERVAL);
            let message = py.detach(|| self.with(|one| one.wait_for_message(to, after, wait)))?;
            if message.is_some() || left == wait {
                return Ok(message.map(Message::from));
            }
            py.check_signals()?;
        }
    }

    /// The last request in one line.
    fn last_request(&self) -> PyResult<Option<String>> {
        self.with(|sandbox| sandbox.requests().first().map(ToString::to_string))
    }

    /// Whether there is such a message.
    #[pyo3(signature = (unique: "str", code: "int | None"))]
    fn set_delivery(&self, unique: &str, code: Option<i64>) -> PyResult<bool> {
        self.with(|sandbox| sandbox.set_delivery(unique, code))
    }

    #[pyo3(signature = (seconds: "float"))]
    fn advance(&self, seconds: f64) -> PyResult<()> {
        let step = Duration::try_from_secs_f64(seconds)
            .map_err(|_| PyValueError::new_err("the clock moves forward only"))?;
        self.with(|sandbox| sandbox.advance(step))?.map_err(|error| to_exception(&error))
    }

    fn reset(&self) -> PyResult<()> {
        self.with(Sandbox::reset)
    }

    /// The failure is JSON, as the control API has it.
    #[pyo3(signature = (failure: "str", times: "int", to: "str | None"))]
    fn fail(&self, failure: &str, times: u32, to: Option<&str>) -> PyResult<()> {
        let failure: ScriptedFailure = serde_json::from_str(failure)
            .map_err(|error| PyValueError::new_err(format!("no such failure: {error}")))?;
        self.with(|sandbox| match to {
            Some(to) => sandbox.script_for(to, failure, times),
            None => sandbox.script(failure, times),
        })?
        .map_err(|error| to_exception(&error))
    }

    fn waiting(&self) -> PyResult<u64> {
        self.with(Sandbox::waiting)
    }

    fn close(&self, py: Python<'_>) {
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        py.detach(|| drop(running));
    }
}

fn to_exception(error: &io::Error) -> PyErr {
    match error.kind() {
        io::ErrorKind::InvalidInput | io::ErrorKind::QuotaExceeded => {
            PyValueError::new_err(error.to_string())
        }
        _ => PyOSError::new_err(error.to_string()),
    }
}
