//! The clients: settings from Python, and calls that detach from the interpreter.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};
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
#[pyclass(frozen, subclass, module = "verifysms")]
pub(crate) struct BaseClient {
    /// None once the client is closed. A thread locks it only while it holds the interpreter, and only to
    /// copy the pointer, so that no fork finds it locked.
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
    #[new]
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
    ) -> "typing_extensions.Self")]
    // They are keyword arguments: the caller names them.
    #[allow(clippy::too_many_arguments)]
    fn construct(
        py: Python<'_>,
        api_key: &Bound<'_, PyString>,
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
    ) -> PyResult<BaseClient> {
        let mut builder = verifysms::Client::builder(text("api_key", api_key)?)
            .timeout(seconds(timeout))
            .connect_timeout(seconds(connect_timeout))
            .trust(arguments::trust(py, trust)?)
            .allow_http(allow_http)
            .guard(guard)
            .guard_failure(arguments::guard_failure(py, on_guard_failure)?)
            .guard_timeout(seconds(guard_timeout))
            .interrupt(blocking::interrupted)
            .log(blocking::log);
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
        let core = blocking::run(py, || builder.build())?;
        Ok(BaseClient { core: Mutex::new(Some(Arc::new(core))) })
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

/// Sends codes by SMS and checks them. Threads may share a client. Every call blocks until it is answered
/// or its deadline passes, and lets other threads run meanwhile.
///
/// Args:
///     api_key: The account's key.
///     sender: The sender ID to show on the phone: a text, or a number that 99 digital approved; at most
///         11 characters. Without it every send needs one.
///     message: The text to send, with `##code##` where the code will stand. Without it the service sends
///         its own.
///     url: The address of the service. The default is the provider's.
///     delivery_url: The address of Delivery Status. The default is on the host of `url`: /sms/deliveryStatus.
///     timeout: The deadline of a whole call in seconds: DNS, connecting, TLS, both directions, retries.
///     connect_timeout: The part of it that one attempt to connect may take, in seconds.
///     proxy: `http://`, `https://`, `socks5://` or `socks5h://`; "" for none. Without it: HTTPS_PROXY or
///         ALL_PROXY, unless NO_PROXY names the host.
///     ca_file: A PEM file, of at most 4 MiB, of the only certificate authorities to trust.
///     trust: The authorities to trust without a ca_file: the system's, or Mozilla's, built in.
///     allow_http: Let the key travel over plain `http://` to another machine. Never wise.
///     guard: Where the limits on sends and wrong codes are counted: `memory:` in this process,
///         `file:/path` for all processes of a machine, `redis://host` for many machines; None: no limits.
///     limits: What the limits allow, as `{Limit.SENDS_NUMBER: (5, 600)}` for at most 5 in 600 seconds;
///         (0, 0) turns a limit off. The others keep what `Limit` says.
///     on_guard_failure: What happens while the guard's store cannot be asked. "local" keeps the same limits
///         in this process, "refuse" raises GuardDownError, "allow" limits nothing.
///     guard_secret: Hides numbers and end users in the store; at least 16 bytes, the same in all programs
///         that share it. Without it: from the API key, so that a new key begins all counts anew.
///     guard_namespace: Programs that share a store and a namespace count together.
///     guard_timeout: How many seconds of a call its store may take.
///
/// Raises:
///     InvalidArgumentError: A setting was refused. Nothing was opened.
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
#[pyclass(frozen, subclass, extends = BaseClient, module = "verifysms")]
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
    ) -> "typing_extensions.Self")]
    // They are keyword arguments, as above.
    #[allow(clippy::too_many_arguments)]
    fn construct(
        py: Python<'_>,
        api_key: &Bound<'_, PyString>,
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
    ) -> PyResult<PyClassInitializer<Client>> {
        let base = BaseClient::construct(
            py,
            api_key,
            sender,
            message,
            url,
            delivery_url,
            timeout,
            connect_timeout,
            proxy,
            ca_file,
            trust,
            allow_http,
            guard,
            limits,
            on_guard_failure,
            guard_secret,
            guard_namespace,
            guard_timeout,
            _sandbox,
        )?;
        Ok(PyClassInitializer::from(base).add_subclass(Client))
    }

    /// Open a connection ahead of the next call, TLS included. Call it when the page opens on which a person
    /// types their number. Does nothing if there is a connection already.
    ///
    /// Servers close a connection that is idle for a minute or so, and this client closes it before they do.
    /// An error needs no handling: a later call connects by itself.
    ///
    /// Raises:
    ///     VerifySmsError: There is no connection. Nothing was sent: it is `safe_to_retry`.
    fn connect(slf: &Bound<'_, Self>) -> PyResult<()> {
        let py = slf.py();
        let core = slf.as_super().get().core(py)?;
        blocking::run(py, || core.connect())
    }

    /// Have the service text a code to a phone number.
    ///
    /// Args:
    ///     to: An Israeli number as people write it: 050-123-4567, +972 50 123 4567.
    ///     sender: A sender in place of the client's.
    ///     message: A text in place of the client's, with `##code##` in it.
    ///     end_user: Who asks: the address at the other end of the connection, or any id that one person
    ///         keeps. The guard counts their sends. Take no header that anybody can send, such as
    ///         `X-Forwarded-For`, unless your own proxy sets it. A loopback address counts as none.
    ///
    /// Raises:
    ///     InvalidArgumentError: An argument was refused; nothing was sent.
    ///     LimitedError: There were too many sends; `retry_after` says when the next may go.
    ///     RejectedError: The service refused; its `reason` says why.
    ///     VerifySmsError: There is no answer. Repeat the call only if it is `safe_to_retry`: otherwise the
    ///         SMS may be out, and the person may get two.
    #[pyo3(signature = (
        to: "str",
        *,
        sender: "str | None" = None,
        message: "str | None" = None,
        end_user: "str | None" = None,
    ))]
    fn send(
        slf: &Bound<'_, Self>,
        to: &Bound<'_, PyString>,
        sender: Option<&Bound<'_, PyString>>,
        message: Option<&Bound<'_, PyString>>,
        end_user: Option<&Bound<'_, PyString>>,
    ) -> PyResult<SendResult> {
        let py = slf.py();
        let core = slf.as_super().get().core(py)?;
        let request = request(to, sender, message, end_user)?;
        let sent = blocking::run(py, || core.send_request(&request))?;
        Ok(SendResult::new(&sent))
    }

    /// Ask whether the code that the person typed is the one that was texted to the number.
    ///
    /// A wrong code is an answer and no error: the result is true only if the number is verified. A right
    /// code works once.
    ///
    /// Args:
    ///     to: The number that the code was sent to.
    ///     code: What the person typed.
    ///     end_user: Who asks, as for `send`. The end user who asked for the code has tries of their own.
    ///
    /// Raises:
    ///     InvalidArgumentError: An argument was refused; nothing was sent.
    ///     LimitedError: There were too many wrong codes. This one was not looked at.
    ///     RejectedError: The service refused; its `reason` says why.
    ///     VerifySmsError: There is no answer, so nobody is verified. Unless it is `safe_to_retry`, the code
    ///         may be used up.
    #[pyo3(signature = (to: "str", code: "str", *, end_user: "str | None" = None))]
    fn check(
        slf: &Bound<'_, Self>,
        to: &Bound<'_, PyString>,
        code: &Bound<'_, PyString>,
        end_user: Option<&Bound<'_, PyString>>,
    ) -> PyResult<CheckResult> {
        let py = slf.py();
        let core = slf.as_super().get().core(py)?;
        let request = request(to, None, None, end_user)?;
        let code = text("code", code)?;
        let check = blocking::run(py, || core.check_request(&request, code))?;
        Ok(CheckResult::new(&check))
    }

    /// Ask what became of a message. It takes a few seconds to arrive; the service keeps its report for a week.
    ///
    /// The question changes nothing: it may be repeated, whatever an exception's `reached` says.
    ///
    /// Args:
    ///     unique: The message's id, from the SendResult.
    ///
    /// Raises:
    ///     InvalidArgumentError: The id was refused; nothing was sent.
    ///     RejectedError: The service refused; its `reason` says why.
    ///     VerifySmsError: There is no answer.
    #[pyo3(signature = (unique: "str"))]
    fn delivery(slf: &Bound<'_, Self>, unique: &Bound<'_, PyString>) -> PyResult<DeliveryResult> {
        let py = slf.py();
        let core = slf.as_super().get().core(py)?;
        let unique = text("unique", unique)?;
        let delivery = blocking::run(py, || core.delivery(unique))?;
        Ok(DeliveryResult::new(&delivery))
    }

    /// Forget what the guard knows of a number: its sends and its wrong codes. For a call centre that
    /// unlocks a person.
    ///
    /// Raises:
    ///     InvalidArgumentError: The number was refused, or the client has no guard.
    ///     GuardDownError: The guard's store cannot be asked.
    #[pyo3(signature = (to: "str"))]
    fn forget(slf: &Bound<'_, Self>, to: &Bound<'_, PyString>) -> PyResult<()> {
        let py = slf.py();
        let core = slf.as_super().get().core(py)?;
        let to = text("to", to)?;
        blocking::run(py, || core.forget(to))
    }

    /// Say how far the limits of a number are used, a sentence each, such as
    /// `SENDS_NUMBER 2 of 5 in 600 s`. Changes nothing.
    ///
    /// Raises:
    ///     InvalidArgumentError: The number was refused, or the client has no guard.
    ///     GuardDownError: The guard's store cannot be asked.
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
