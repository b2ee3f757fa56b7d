//! The interpreter that the module is loaded into must be the main one.
//!
//! What the hooks attach to is always the main interpreter, and classes are made once a process. CPython
//! from 3.12 on refuses interpreters that are isolated; this refuses the others, as mod_wsgi has them.

use pyo3::exceptions::PyImportError;
use pyo3::prelude::*;

/// Raises an ImportError that says why anywhere but in the main interpreter.
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
    // Since 3.12.
    if let Ok(is_main) = py.import("_thread")?.getattr("_is_main_interpreter") {
        return is_main.call0()?.is_truthy();
    }
    // A Python that was built without subinterpreters has no such module.
    let Ok(interpreters) = py.import("_xxsubinterpreters") else { return Ok(true) };
    interpreters.call_method0("get_current")?.eq(interpreters.call_method0("get_main")?)
}
