//! What Python passes, as the core wants it.

use std::time::Duration;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyInt, PyMapping, PyString};
use verifysms::{Builder, GuardFailure, Limit, Request, Rule, Trust};

use crate::errors::{self, optional_text, text};

/// What a call is about.
pub(crate) fn request(
    to: &Bound<'_, PyString>,
    sender: Option<&Bound<'_, PyString>>,
    message: Option<&Bound<'_, PyString>>,
    end_user: Option<&Bound<'_, PyString>>,
    origin: Option<&Bound<'_, PyString>>,
    app_hash: Option<&Bound<'_, PyString>>,
) -> PyResult<Request> {
    type Set = fn(Request, &str) -> Request;
    let texts: [(&str, _, Set); 5] = [
        ("sender", sender, Request::sender),
        ("message", message, Request::message),
        ("end_user", end_user, Request::end_user),
        ("origin", origin, Request::origin),
        ("app_hash", app_hash, Request::app_hash),
    ];
    let mut request = Request::new(text("to", to)?);
    for (argument, value, set) in texts {
        if let Some(value) = optional_text(argument, value)? {
            request = set(request, value);
        }
    }
    Ok(request)
}

/// Which authorities are trusted.
pub(crate) fn trust(py: Python<'_>, trust: &str) -> PyResult<Trust> {
    match trust {
        "system" => Ok(Trust::System),
        "bundled" => Ok(Trust::Bundled),
        _ => Err(errors::invalid_argument(py, "trust", Rule::TrustUnknown)),
    }
}

/// What happens while the store of the guard cannot be asked.
pub(crate) fn guard_failure(py: Python<'_>, failure: &str) -> PyResult<GuardFailure> {
    match failure {
        "local" => Ok(GuardFailure::Local),
        "refuse" => Ok(GuardFailure::Refuse),
        "allow" => Ok(GuardFailure::Allow),
        _ => Err(errors::invalid_argument(py, "on_guard_failure", Rule::GuardFailureUnknown)),
    }
}

/// The store of the guard.
pub(crate) fn store<'a>(guard: &'a Bound<'_, PyAny>) -> PyResult<Option<&'a str>> {
    match guard.is_none() {
        true => Ok(None),
        false => text("guard", guard.cast()?).map(Some),
    }
}

/// Sets the limits that a program names, as in `{Limit.SENDS_NUMBER: (5, 600)}`.
pub(crate) fn with_limits(mut builder: Builder, limits: &Bound<'_, PyAny>) -> PyResult<Builder> {
    let py = limits.py();
    let form = |_: PyErr| {
        let text = "argument 'limits': write {Limit.SENDS_NUMBER: (5, 600)} for 5 in 600 seconds";
        PyTypeError::new_err(text)
    };
    let limits = limits.cast::<PyMapping>().map_err(|error| form(error.into()))?;
    for item in limits.items()?.iter() {
        type Item<'py> = (Bound<'py, PyInt>, (Bound<'py, PyInt>, Bound<'py, PyInt>));
        let (limit, (most, seconds)) = item.extract::<Item<'_>>().map_err(form)?;
        let Some(limit) = limit.extract().ok().and_then(Limit::from_number) else {
            let text = format!("{limit} is no limit");
            return Err(errors::invalid_as(py, "limits", Rule::LimitInvalid, &text));
        };
        if most.lt(0)? {
            let text = format!("{limit} is negative");
            return Err(errors::invalid_as(py, "limits", Rule::LimitInvalid, &text));
        }
        // The core refuses what is too much, and no time at all.
        let (most, seconds) =
            (most.extract().unwrap_or(u32::MAX), seconds.extract().unwrap_or_default());
        builder = builder.limit(limit, most, seconds);
    }
    Ok(builder)
}

/// A number of seconds. The core refuses one that makes no sense.
pub(crate) fn seconds(seconds: f64) -> Duration {
    let unbounded = if seconds > 0.0 { Duration::MAX } else { Duration::ZERO };
    Duration::try_from_secs_f64(seconds).unwrap_or(unbounded)
}
