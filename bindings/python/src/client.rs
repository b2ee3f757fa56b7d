//! The clients: settings from Python, and calls that detach from the interpreter.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};
use verifysms::{Builder, Trust};

use crate::blocking;
use crate::errors::{self, optional_text, text};
use crate::queue::CallQueue;
use crate::results::{CheckResult, SendResult};

/// A setter of the core for a text.
type Setter = fn(Builder, &str) -> Builder;

/// What Client and AsyncClient have in common: the settings and the connections.
#[pyclass(frozen, subclass, weakref, module = "verifysms")]
pub(crate) struct BaseClient {
    /// None until `__init__`, and once the client is closed. A thread locks it only while it holds the
    /// interpreter, and only to copy the pointer, so that no fork finds it locked.
    core: Mutex<Option<Arc<verifysms::Client>>>,
}

impl BaseClient {
    pub(crate) fn core(&self, py: Python<'_>) -> PyResult<Arc<verifysms::Client>> {
        let core = self.core.lock().unwrap_or_else(PoisonError::into_inner).clone();
        core.ok_or_else(|| errors::invalid_argument(py, "client", "is closed; make another"))
    }

    fn close(&self) {
        let core = self.core.lock().unwrap_or_else(PoisonError::into_inner).take();
        // This closes connections, and the lock is no longer held.
        drop(core);
    }

    fn is_closed(&self) -> bool {
        self.core.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }
}

#[pymethods]
impl BaseClient {
    /// A client that is closed until `__init__` opens it. A subclass may take other arguments.
    #[new]
    #[pyo3(signature = (*_arguments: "object", **_settings: "object") -> "typing_extensions.Self")]
    fn construct(
        _arguments: &Bound<'_, PyTuple>,
        _settings: Option<&Bound<'_, PyDict>>,
    ) -> BaseClient {
        BaseClient { core: Mutex::new(None) }
    }

    #[pyo3(signature = (
        api_key: "str",
        *,
        sender: "str | None" = None,
        message: "str | None" = None,
        url: "str | None" = None,
        timeout: "float" = 30.0,
        connect_timeout: "float" = 10.0,
        proxy: "str | None" = None,
        ca_file: "str | os.PathLike[str] | None" = None,
        trust: "typing.Literal['system', 'bundled']" = "system",
        allow_http: "bool" = false,
    ))]
    // They are keyword arguments: the caller names them.
    #[allow(clippy::too_many_arguments)]
    fn __init__(
        &self,
        py: Python<'_>,
        api_key: Option<&Bound<'_, PyString>>,
        sender: Option<&Bound<'_, PyString>>,
        message: Option<&Bound<'_, PyString>>,
        url: Option<&Bound<'_, PyString>>,
        timeout: f64,
        connect_timeout: f64,
        proxy: Option<&Bound<'_, PyString>>,
        ca_file: Option<PathBuf>,
        trust: &str,
        allow_http: bool,
    ) -> PyResult<()> {
        let Some(api_key) = api_key else {
            let rule = "is None; it is the key of your account at 99 digital: \
                        have your program find it, as in os.environ[\"VERIFYSMS_API_KEY\"]";
            return Err(errors::invalid_argument(py, "api_key", rule));
        };
        let trust = match trust {
            "system" => Trust::System,
            "bundled" => Trust::Bundled,
            _ => {
                let rule = "is neither \"system\" nor \"bundled\"";
                return Err(errors::invalid_argument(py, "trust", rule));
            }
        };
        let mut builder = verifysms::Client::builder(text("api_key", api_key)?)
            .timeout(seconds(timeout))
            .connect_timeout(seconds(connect_timeout))
            .trust(trust)
            .allow_http(allow_http)
            .interrupt(blocking::interrupted)
            .log(blocking::log);
        let texts: [(&str, _, Setter); 4] = [
            ("sender", sender, Builder::sender),
            ("message", message, Builder::message),
            ("url", url, Builder::url),
            ("proxy", proxy, Builder::proxy),
        ];
        for (argument, value, set) in texts {
            if let Some(value) = optional_text(argument, value)? {
                builder = set(builder, value);
            }
        }
        if let Some(path) = ca_file {
            builder = builder.ca_file(path);
        }
        let core = Arc::new(blocking::run(py, || builder.build())?);
        let before = self.core.lock().unwrap_or_else(PoisonError::into_inner).replace(core);
        // This closes connections, and the lock is no longer held.
        drop(before);
        Ok(())
    }

    /// Cancel the calls that other threads are making, within a tenth of a second. They raise CancelledError.
    ///
    /// Later calls are not affected.
    fn cancel(&self, py: Python<'_>) -> PyResult<()> {
        self.core(py)?.cancel();
        Ok(())
    }

    /// Close the connections. Calls in flight run to their end.
    fn _close(&self) {
        self.close();
    }

    /// Make a queue for the calls of one event loop.
    fn _queue(&self, py: Python<'_>) -> PyResult<CallQueue> {
        CallQueue::new(py, self.core(py)?)
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        let state = if slf.get().is_closed() { ", closed" } else { "" };
        Ok(format!("<{}{state}>", slf.get_type().fully_qualified_name()?))
    }
}

/// The calls of verifysms.Client.
#[pyclass(name = "BlockingClient", frozen, subclass, extends = BaseClient, module = "verifysms")]
pub(crate) struct Client;

#[pymethods]
impl Client {
    #[new]
    #[pyo3(signature = (*arguments: "object", **settings: "object") -> "typing_extensions.Self")]
    fn construct(
        arguments: &Bound<'_, PyTuple>,
        settings: Option<&Bound<'_, PyDict>>,
    ) -> PyClassInitializer<Client> {
        PyClassInitializer::from(BaseClient::construct(arguments, settings)).add_subclass(Client)
    }

    /// Open a connection ahead.
    fn connect(slf: &Bound<'_, Self>) -> PyResult<()> {
        let py = slf.py();
        let core = slf.as_super().get().core(py)?;
        blocking::run(py, || core.connect())
    }

    /// Have a code texted.
    #[pyo3(signature = (
        to: "str",
        *,
        sender: "str | None" = None,
        message: "str | None" = None,
    ))]
    fn send(
        slf: &Bound<'_, Self>,
        to: &Bound<'_, PyString>,
        sender: Option<&Bound<'_, PyString>>,
        message: Option<&Bound<'_, PyString>>,
    ) -> PyResult<SendResult> {
        let py = slf.py();
        let core = slf.as_super().get().core(py)?;
        let to = text("to", to)?;
        let sender = optional_text("sender", sender)?;
        let message = optional_text("message", message)?;
        let sent = blocking::run(py, || core.send_with(to, sender, message))?;
        Ok(SendResult::new(&sent))
    }

    /// Ask whether a code is right.
    #[pyo3(signature = (to: "str", code: "str"))]
    fn check(
        slf: &Bound<'_, Self>,
        to: &Bound<'_, PyString>,
        code: &Bound<'_, PyString>,
    ) -> PyResult<CheckResult> {
        let py = slf.py();
        let core = slf.as_super().get().core(py)?;
        let to = text("to", to)?;
        let code = text("code", code)?;
        let check = blocking::run(py, || core.check(to, code))?;
        Ok(CheckResult::new(&check))
    }

    /// Close the connections. Calls in flight run to their end; later calls raise InvalidArgumentError.
    fn close(slf: &Bound<'_, Self>) {
        slf.as_super().get().close();
    }

    #[pyo3(signature = () -> "typing_extensions.Self")]
    fn __enter__<'a, 'py>(slf: &'a Bound<'py, Self>) -> &'a Bound<'py, Self> {
        slf
    }

    #[pyo3(signature = (*_exception: "object"))]
    fn __exit__(slf: &Bound<'_, Self>, _exception: &Bound<'_, PyTuple>) {
        Client::close(slf);
    }
}

/// A number of seconds. The core refuses one that makes no sense.
fn seconds(seconds: f64) -> Duration {
    let unbounded = if seconds > 0.0 { Duration::MAX } else { Duration::ZERO };
    Duration::try_from_secs_f64(seconds).unwrap_or(unbounded)
}
