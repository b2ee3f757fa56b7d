//! The clients: settings from Python, and calls that detach from the interpreter.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};
use verifysms::{Builder, Rule};

use crate::arguments::{self, request, seconds, store, with_limits};
use crate::blocking;
use crate::delivery::DeliveryResult;
use crate::errors::{self, optional_text, text};
use crate::queue::CallQueue;
use crate::results::{CheckResult, SendResult};
use crate::sandbox::SandboxServer;

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
        core.ok_or_else(|| errors::invalid_argument(py, "client", Rule::ClientClosed))
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
        delivery_url: "str | None" = None,
        timeout: "float" = 30.0,
        connect_timeout: "float" = 10.0,
        proxy: "str | None" = None,
        ca_file: "str | os.PathLike[str] | None" = None,
        trust: "typing.Literal['system', 'bundled']" = "system",
        allow_http: "bool" = false,
        guard: "str | None" = "memory:",
        limits: "collections.abc.Mapping[Limit, tuple[int, int]] | None" = None,
        on_guard_failure: "typing.Literal['local', 'refuse', 'allow']" = "local",
        guard_secret: "str | None" = None,
        guard_namespace: "str | None" = None,
        guard_timeout: "float" = 0.25,
        _sandbox: "SandboxServer | None" = None,
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
        delivery_url: Option<&Bound<'_, PyString>>,
        timeout: f64,
        connect_timeout: f64,
        proxy: Option<&Bound<'_, PyString>>,
        ca_file: Option<PathBuf>,
        trust: &str,
        allow_http: bool,
        #[pyo3(from_py_with = store)] guard: Option<&str>,
        limits: Option<&Bound<'_, PyAny>>,
        on_guard_failure: &str,
        guard_secret: Option<&Bound<'_, PyString>>,
        guard_namespace: Option<&Bound<'_, PyString>>,
        guard_timeout: f64,
        _sandbox: Option<&SandboxServer>,
    ) -> PyResult<()> {
        let Some(api_key) = api_key else {
            let text = "is None; it is the key of your account at 99 digital: \
                        have your program find it, as in os.environ[\"VERIFYSMS_API_KEY\"]";
            return Err(errors::invalid_as(py, "api_key", Rule::ApiKeyMissing, text));
        };
        let mut builder = verifysms::Client::builder(text("api_key", api_key)?)
            .timeout(seconds(timeout))
            .connect_timeout(seconds(connect_timeout))
            .trust(arguments::trust(py, trust)?)
            .allow_http(allow_http)
            .guard(guard)
            .guard_failure(arguments::guard_failure(py, on_guard_failure)?)
            .guard_timeout(seconds(guard_timeout))
            .interrupt(blocking::interrupted)
            .log(blocking::log)
            .event(blocking::event);
        let texts: [(&str, _, Setter); 7] = [
            ("sender", sender, Builder::sender),
            ("message", message, Builder::message),
            ("url", url, Builder::url),
            ("delivery_url", delivery_url, Builder::delivery_url),
            ("proxy", proxy, Builder::proxy),
            ("guard_secret", guard_secret, Builder::guard_secret),
            ("guard_namespace", guard_namespace, Builder::guard_namespace),
        ];
        for (argument, value, set) in texts {
            if let Some(value) = optional_text(argument, value)? {
                builder = set(builder, value);
            }
        }
        if let Some(path) = ca_file {
            builder = builder.ca_file(path);
        }
        if let Some(limits) = limits {
            builder = with_limits(builder, limits)?;
        }
        if let Some(sandbox) = _sandbox {
            builder = builder.sandbox_clock(sandbox.clock()?);
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
        end_user: "str | None" = None,
        origin: "str | None" = None,
        app_hash: "str | None" = None,
    ))]
    fn send(
        slf: &Bound<'_, Self>,
        to: &Bound<'_, PyString>,
        sender: Option<&Bound<'_, PyString>>,
        message: Option<&Bound<'_, PyString>>,
        end_user: Option<&Bound<'_, PyString>>,
        origin: Option<&Bound<'_, PyString>>,
        app_hash: Option<&Bound<'_, PyString>>,
    ) -> PyResult<SendResult> {
        let py = slf.py();
        let core = slf.as_super().get().core(py)?;
        let request = request(to, sender, message, end_user, origin, app_hash)?;
        let sent = blocking::run(py, || core.send_request(&request))?;
        Ok(SendResult::new(&sent))
    }

    /// Ask whether a code is right.
    #[pyo3(signature = (to: "str", code: "str", *, end_user: "str | None" = None))]
    fn check(
        slf: &Bound<'_, Self>,
        to: &Bound<'_, PyString>,
        code: &Bound<'_, PyString>,
        end_user: Option<&Bound<'_, PyString>>,
    ) -> PyResult<CheckResult> {
        let py = slf.py();
        let core = slf.as_super().get().core(py)?;
        let request = request(to, None, None, end_user, None, None)?;
        let code = text("code", code)?;
        let check = blocking::run(py, || core.check_request(&request, code))?;
        Ok(CheckResult::new(&check))
    }

    /// Ask what became of a message.
    #[pyo3(signature = (unique: "str"))]
    fn delivery(slf: &Bound<'_, Self>, unique: &Bound<'_, PyString>) -> PyResult<DeliveryResult> {
        let py = slf.py();
        let core = slf.as_super().get().core(py)?;
        let unique = text("unique", unique)?;
        let delivery = blocking::run(py, || core.delivery(unique))?;
        Ok(DeliveryResult::new(&delivery))
    }

    /// Forget a number.
    #[pyo3(signature = (to: "str"))]
    fn forget(slf: &Bound<'_, Self>, to: &Bound<'_, PyString>) -> PyResult<()> {
        let py = slf.py();
        let core = slf.as_super().get().core(py)?;
        let to = text("to", to)?;
        blocking::run(py, || core.forget(to))
    }

    /// Say how far the limits of a number are used.
    #[pyo3(signature = (to: "str"))]
    fn guard_show(slf: &Bound<'_, Self>, to: &Bound<'_, PyString>) -> PyResult<Vec<String>> {
        let py = slf.py();
        let core = slf.as_super().get().core(py)?;
        let to = text("to", to)?;
        Ok(blocking::run(py, || core.guard_show(to))?.limits().to_vec())
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
