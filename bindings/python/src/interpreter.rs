//! The interpreter that the module is loaded into must be the main one.
//!
//! The hooks always attach to the main interpreter, and classes are made once a process. CPython refuses
//! isolated subinterpreters since 3.12; this refuses the others, such as those of mod_wsgi.

use pyo3::exceptions::PyImportError;
use pyo3::prelude::*;

/// Raises an ImportError with the reason in every interpreter but the main one.
pub(crate) fn check(py: Python<'_>) -> PyResult<()> {
    if is_main(py)? {
        return Ok(());
    }
    Err(PyImportError::new_err(
        "verifysms does not work in subinterpreters: import it in the main interpreter \
         (mod_wsgi: WSGIApplicationGroup %{GLOBAL})",
    ))
}

fn is_main(py: Python<'_>) -> PyResult<bool> {
    // CPython 3.12 and later.
    if let Ok(is_main) = py.import("_thread")?.getattr("_is_main_interpreter") {
        return is_main.call0()?.is_truthy();
    }
    // A Python that was built without subinterpreters does not have this module.
    let Ok(interpreters) = py.import("_xxsubinterpreters") else { return Ok(true) };
    interpreters.call_method0("get_current")?.eq(interpreters.call_method0("get_main")?)
}
