//! The clients: settings from Python, calls that let the interpreter go.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};
use verifysms::{Builder, Trust};

use crate::call;
use crate::queue::Queue;
use crate::refusal::{self, optional_text, text};
use crate::results::{CheckResult, SendResult};

/// How a text becomes a setting.
type Setter = fn(Builder, &str) -> Builder;

/// What the clients have in common: the settings and the connections.
#[pyclass(frozen, subclass, module = "verifysms")]
pub(crate) struct Connection {
    /// None once it is closed. Locked only while the interpreter is held and never for longer than it
    /// takes to copy the pointer, so that no fork finds it locked.
    core: Mutex<Option<Arc<verifysms::Client>>>,
}

impl Connection {
    pub(crate) fn core(&self, py: Python<'_>) -> PyResult<Arc<verifysms::Client>> {
        let core = self.core.lock().unwrap_or_else(PoisonError::into_inner).clone();
        core.ok_or_else(|| refusal::invalid(py, "client", "is closed; make another"))
    }

    fn shut(&self) {
        let core = self.core.lock().unwrap_or_else(PoisonError::into_inner).take();
        // It closes connections, and the lock is free by now.
        drop(core);
    }

    fn is_closed(&self) -> bool {
        self.core.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }
}

#[pymethods]
impl Connection {
    #[new]
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
    ) -> "typing_extensions.Self")]
    // They are keyword arguments: whoever calls it names them.
    #[allow(clippy::too_many_arguments)]
    fn construct(
        py: Python<'_>,
        api_key: &Bound<'_, PyString>,
        sender: Option<&Bound<'_, PyString>>,
        message: Option<&Bound<'_, PyString>>,
        url: Option<&Bound<'_, PyString>>,
        timeout: f64,
        connect_timeout: f64,
        proxy: Option<&Bound<'_, PyString>>,
        ca_file: Option<PathBuf>,
        trust: &str,
        allow_http: bool,
    ) -> PyResult<Connection> {
        let trust = match trust {
            "system" => Trust::System,
            "bundled" => Trust::Bundled,
            _ => {
                return Err(refusal::invalid(py, "trust", "is neither \"system\" nor \"bundled\""));
            }
        };
        let mut builder = verifysms::Client::builder(text("api_key", api_key)?)
            .timeout(seconds(timeout))
            .connect_timeout(seconds(connect_timeout))
            .trust(trust)
            .allow_http(allow_http)
            .interrupt(call::interrupted)
            .log(call::log);
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
        let core = call::run(py, || builder.build())?;
        Ok(Connection { core: Mutex::new(Some(Arc::new(core))) })
    }

    /// End the calls under way in other threads with a CancelledError, within a tenth of a second.
    ///
    /// Later calls work as ever.
    fn cancel(&self, py: Python<'_>) -> PyResult<()> {
        self.core(py)?.cancel();
        Ok(())
    }

    /// Close the connections; calls under way go on to their end.
    fn _close(&self) {
        self.shut();
    }

    /// Make a queue of calls for an event loop.
    fn _queue(&self, py: Python<'_>) -> PyResult<Queue> {
        Queue::new(py, self.core(py)?)
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        let state = if slf.get().is_closed() { ", closed" } else { "" };
        Ok(format!("<{}{state}>", slf.get_type().fully_qualified_name()?))
    }
}

/// Sends codes by SMS and checks them. Shared between threads; every call blocks until it is answered
/// or its deadline passes, and lets other threads run meanwhile.
///
/// Args:
///     api_key: The account's key.
///     sender: The sender ID to show on the phone: a text, or a number that 99 digital approved; at most
///         11 characters. Without it every send needs one.
///     message: The text to send, with `##code##` where the code will stand. Without it the service sends
///         its own.
///     url: The address of the service, if it is another than the provider's.
///     timeout: How many seconds a call may take in all: DNS, connecting, TLS, both directions, retries.
///     connect_timeout: How many seconds of them one attempt to connect may take.
///     proxy: `http://`, `https://`, `socks5://` or `socks5h://`; "" for none. Without it: HTTPS_PROXY or
///         ALL_PROXY, but for NO_PROXY.
///     ca_file: A PEM file, of at most 4 MiB, of the only certificate authorities to trust.
///     trust: The authorities to trust without a ca_file: the system's, or Mozilla's, built in.
///     allow_http: Let the key travel over plain `http://` to another machine. Never wise.
///
/// Raises:
///     InvalidArgumentError: A setting was refused. Nothing has been opened yet.
///
/// >>> from verifysms.testing import Sandbox
/// >>> from verifysms import Client
/// >>> with Sandbox() as sandbox:
/// ...     with Client(sandbox.api_key, sender="Acme", url=sandbox.url) as client:
/// ...         _ = client.send("050-123-4567")
/// ...         typed = sandbox.code("0501234567")
/// ...         if client.check("050-123-4567", typed):
/// ...             print("the number is theirs")
/// the number is theirs
#[pyclass(frozen, subclass, extends = Connection, module = "verifysms")]
pub(crate) struct Client;

#[pymethods]
impl Client {
    #[new]
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
    ) -> "typing_extensions.Self")]
    // As above.
    #[allow(clippy::too_many_arguments)]
    fn construct(
        py: Python<'_>,
        api_key: &Bound<'_, PyString>,
        sender: Option<&Bound<'_, PyString>>,
        message: Option<&Bound<'_, PyString>>,
        url: Option<&Bound<'_, PyString>>,
        timeout: f64,
        connect_timeout: f64,
        proxy: Option<&Bound<'_, PyString>>,
        ca_file: Option<PathBuf>,
        trust: &str,
        allow_http: bool,
    ) -> PyResult<PyClassInitializer<Client>> {
        let connection = Connection::construct(
            py,
            api_key,
            sender,
            message,
            url,
            timeout,
            connect_timeout,
            proxy,
            ca_file,
            trust,
            allow_http,
        )?;
        Ok(PyClassInitializer::from(connection).add_subclass(Client))
    }

    /// Open a connection ahead, TLS done, so that the next call finds it: when the page opens on which a
    /// person types their number. Does nothing where there is one already.
    ///
    /// Servers close a connection that is idle for a minute or so, and this client before them. Nobody has to
    /// be told of an error: a later call tries by itself.
    ///
    /// Raises:
    ///     VerifySmsError: There is no connection. Nothing was sent: it is `safe_to_retry`.
    fn connect(slf: &Bound<'_, Self>) -> PyResult<()> {
        let py = slf.py();
        let core = slf.as_super().get().core(py)?;
        call::run(py, || core.connect())
    }

    /// Have the service text a code to a phone number.
    ///
    /// Args:
    ///     to: An Israeli number as people write it: 050-123-4567, +972 50 123 4567.
    ///     sender: Another sender than the client's.
    ///     message: Another text than the client's, with `##code##` in it.
    ///
    /// Raises:
    ///     InvalidArgumentError: An argument was refused; nothing was sent.
    ///     RejectedError: The service refused; its `reason` says why.
    ///     VerifySmsError: Nobody answered. Repeat it by yourself only if `safe_to_retry`: otherwise the
    ///         SMS may be out, and the person may get two.
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
        let sent = call::run(py, || core.send_with(to, sender, message))?;
        Ok(SendResult::new(&sent))
    }

    /// Ask whether the code that the person typed is the one that was texted to the number.
    ///
    /// A wrong code is an answer and not an error: the result is true only if the number is verified. A
    /// right code works once.
    ///
    /// Args:
    ///     to: The number that the code was sent to.
    ///     code: What the person typed.
    ///
    /// Raises:
    ///     InvalidArgumentError: An argument was refused; nothing was sent.
    ///     RejectedError: The service refused; its `reason` says why.
    ///     VerifySmsError: Nobody answered, so nobody is verified. Unless `safe_to_retry`, the code may be
    ///         used up.
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
        let check = call::run(py, || core.check(to, code))?;
        Ok(CheckResult::new(&check))
    }

    /// Close the connections. Calls under way in other threads go on to their end; later ones are refused.
    fn close(slf: &Bound<'_, Self>) {
        slf.as_super().get().shut();
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

/// A number of seconds; the core says what is wrong with one that is none.
fn seconds(seconds: f64) -> Duration {
    let unbounded = if seconds > 0.0 { Duration::MAX } else { Duration::ZERO };
    Duration::try_from_secs_f64(seconds).unwrap_or(unbounded)
}
