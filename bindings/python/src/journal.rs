//! Log records: from the core, through `logging.getLogger("verifysms")`, in the thread of the call.

use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString};
use verifysms::LogLevel;

/// The logger's name.
const NAME: &str = "verifysms";

/// Python's numbers for the levels of the core.
const INFO: u8 = 20;
const DEBUG: u8 = 10;

/// What the logger lets through of ours.
#[derive(Clone, Copy, Default)]
pub(crate) struct Wanted {
    info: bool,
    debug: bool,
}

impl Wanted {
    /// What is wanted at the beginning of a call.
    pub(crate) fn now(py: Python<'_>) -> PyResult<Wanted> {
        let Some(logger) = logger(py)? else { return Ok(Wanted::default()) };
        let enabled = |level: u8| {
            let method = pyo3::intern!(py, "isEnabledFor");
            logger.call_method1(method, (level,))?.is_truthy()
        };
        let info = enabled(INFO)?;
        Ok(Wanted { info, debug: info && enabled(DEBUG)? })
    }
}

/// The logger, once the program has imported `logging`: before, nobody can have asked for records, and
/// the import is slow.
fn logger(py: Python<'_>) -> PyResult<Option<Bound<'_, PyAny>>> {
    static MODULES: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    static LOGGER: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    if let Some(logger) = LOGGER.get(py) {
        return Ok(Some(logger.bind(py).clone()));
    }
    let logging = MODULES.import(py, "sys", "modules")?.get_item(pyo3::intern!(py, "logging"));
    // While another thread is still importing it, it has not all of its names.
    let Some(get) = logging.and_then(|it| it.getattr(pyo3::intern!(py, "getLogger"))).ok() else {
        return Ok(None);
    };
    let logger = get.call1((NAME,))?;
    Ok(Some(LOGGER.get_or_init(py, || logger.unbind()).bind(py).clone()))
}

/// The records of a call that is under way.
#[derive(Default)]
pub(crate) struct Journal {
    wanted: Wanted,
    records: Vec<(u8, String)>,
}

impl Journal {
    pub(crate) fn new(wanted: Wanted) -> Journal {
        Journal { wanted, records: Vec::new() }
    }

    pub(crate) fn note(&mut self, level: LogLevel, text: &str) {
        let (number, is_wanted) = match level {
            LogLevel::Info => (INFO, self.wanted.info),
            _ => (DEBUG, self.wanted.debug),
        };
        if is_wanted {
            self.records.push((number, text.to_owned()));
        }
    }

    /// Hands the records over, as from the Python function so many above. A handler's or a filter's failure
    /// goes where Python reports what nobody can catch: it must not replace the answer of a call. Ctrl-C
    /// and the like are the error.
    pub(crate) fn write(self, py: Python<'_>, above: u8) -> PyResult<()> {
        if self.records.is_empty() {
            return Ok(());
        }
        let Some(logger) = logger(py)? else { return Ok(()) };
        let options = PyDict::new(py);
        options.set_item(pyo3::intern!(py, "stacklevel"), above)?;
        for (level, text) in self.records {
            let record = (level, PyString::new(py, &text));
            match logger.call_method(pyo3::intern!(py, "log"), record, Some(&options)) {
                Err(error) if error.is_instance_of::<PyException>(py) => {
                    error.write_unraisable(py, Some(&logger));
                }
                result => drop(result?),
            }
        }
        Ok(())
    }
}
