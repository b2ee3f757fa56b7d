//! Log records: from the core, through `logging.getLogger("verifysms")`, in the thread of the call.

use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyString;
use verifysms::LogLevel;

/// The logger's name.
const NAME: &str = "verifysms";

/// Python's numbers for the levels of the core.
const INFO: u8 = 20;
const DEBUG: u8 = 10;

/// The logger, if it lets anything of ours through.
pub(crate) struct Wanted<'py> {
    logger: Bound<'py, PyAny>,
    debug: bool,
}

impl<'py> Wanted<'py> {
    /// What is wanted at the beginning of a call.
    pub(crate) fn now(py: Python<'py>) -> PyResult<Option<Wanted<'py>>> {
        let Some(logger) = logger(py)? else { return Ok(None) };
        let enabled = |level: u8| {
            let method = pyo3::intern!(py, "isEnabledFor");
            logger.call_method1(method, (level,))?.is_truthy()
        };
        if !enabled(INFO)? {
            return Ok(None);
        }
        let debug = enabled(DEBUG)?;
        Ok(Some(Wanted { logger, debug }))
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
pub(crate) struct Journal {
    wants_info: bool,
    wants_debug: bool,
    records: Vec<(u8, String)>,
}

impl Journal {
    pub(crate) fn new(wanted: Option<&Wanted<'_>>) -> Journal {
        Journal {
            wants_info: wanted.is_some(),
            wants_debug: wanted.is_some_and(|wanted| wanted.debug),
            records: Vec::new(),
        }
    }

    pub(crate) fn note(&mut self, level: LogLevel, text: &str) {
        let (number, is_wanted) = match level {
            LogLevel::Info => (INFO, self.wants_info),
            _ => (DEBUG, self.wants_debug),
        };
        if is_wanted {
            self.records.push((number, text.to_owned()));
        }
    }

    /// Hands the records over. A handler's or a filter's failure goes where Python reports what nobody can
    /// catch: it must not replace the answer of a call. Ctrl-C and the like are the error.
    pub(crate) fn write(self, wanted: &Wanted<'_>) -> PyResult<()> {
        let logger = &wanted.logger;
        let py = logger.py();
        for (level, text) in self.records {
            let text = PyString::new(py, &text);
            match logger.call_method1(pyo3::intern!(py, "log"), (level, text)) {
                Err(error) if error.is_instance_of::<PyException>(py) => {
                    error.write_unraisable(py, Some(logger));
                }
                result => drop(result?),
            }
        }
        Ok(())
    }
}
