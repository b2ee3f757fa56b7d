//! Log records: from the core to `logging.getLogger("verifysms")`, in the thread of the call.

use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyString};
use verifysms::{CallEnd, Limit, LogLevel};

/// Where the fields of the records are made.
const MODULE: &str = "verifysms._logging";
/// The logger's name.
const NAME: &str = "verifysms";

/// Python's numbers for the core's levels.
const WARNING: u8 = 30;
const INFO: u8 = 20;
const DEBUG: u8 = 10;

/// The levels for which the logger is enabled.
#[derive(Clone, Copy, Default)]
struct EnabledLevels {
    warning: bool,
    info: bool,
    debug: bool,
}

impl EnabledLevels {
    fn now(py: Python<'_>) -> PyResult<EnabledLevels> {
        let Some(logger) = logger(py)? else { return Ok(EnabledLevels::default()) };
        let enabled = |level: u8| {
            let method = pyo3::intern!(py, "isEnabledFor");
            logger.call_method1(method, (level,))?.is_truthy()
        };
        let info = enabled(INFO)?;
        let warning = info || enabled(WARNING)?;
        Ok(EnabledLevels { warning, info, debug: info && enabled(DEBUG)? })
    }
}

/// The logger, once the program has imported `logging`. Before that nobody can have asked for records,
/// and the import is slow.
fn logger(py: Python<'_>) -> PyResult<Option<Bound<'_, PyAny>>> {
    static MODULES: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    static LOGGER: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    if let Some(logger) = LOGGER.get(py) {
        return Ok(Some(logger.bind(py).clone()));
    }
    let logging = MODULES.import(py, "sys", "modules")?.get_item(pyo3::intern!(py, "logging"));
    // While another thread imports the module, some of its names are missing.
    let found = |name| logging.as_ref().ok()?.getattr(name).ok();
    let (Some(get), Some(silent)) = (found("getLogger"), found("NullHandler")) else {
        return Ok(None);
    };
    let logger = get.call1((NAME,))?;
    // Python prints a warning that no handler takes. What is printed is for the program to say.
    logger.call_method1("addHandler", (silent.call0()?,))?;
    Ok(Some(LOGGER.get_or_init(py, || logger.unbind()).bind(py).clone()))
}

/// The records of one call, kept until the interpreter is attached again.
#[derive(Default)]
pub(crate) struct LogBuffer {
    enabled: EnabledLevels,
    records: Vec<Record>,
}

struct Record {
    level: u8,
    text: String,
    /// What the record of a call's end has in numbers.
    end: Option<CallEnd>,
}

impl Record {
    /// The fields that the logger adds to the record.
    fn fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        static NO_END: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        static CALL_END: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let Some(end) = self.end else {
            return NO_END.import(py, MODULE, "NO_END").cloned();
        };
        let (event, code, reached) = (end.event.number(), end.code.number(), end.reached.number());
        let (milliseconds, limit) = (end.elapsed.as_millis(), end.limit.map_or(0, Limit::number));
        let numbers = (event, code, reached, milliseconds, end.attempt, end.reused, limit);
        CALL_END.import(py, MODULE, "call_end")?.call1(numbers)
    }
}

impl LogBuffer {
    /// An empty buffer, for the levels that are enabled now.
    pub(crate) fn new(py: Python<'_>) -> PyResult<LogBuffer> {
        Ok(LogBuffer { enabled: EnabledLevels::now(py)?, records: Vec::new() })
    }

    /// Adds a record, unless its level is disabled.
    pub(crate) fn push(&mut self, level: LogLevel, text: &str) {
        let (number, is_enabled) = match level {
            LogLevel::Warning => (WARNING, self.enabled.warning),
            LogLevel::Info => (INFO, self.enabled.info),
            _ => (DEBUG, self.enabled.debug),
        };
        if is_enabled {
            self.records.push(Record { level: number, text: text.to_owned(), end: None });
        }
    }

    /// Adds the end of a call to its record, which has just come.
    pub(crate) fn note_end(&mut self, end: &CallEnd) {
        if let Some(record) = self.records.last_mut().filter(|_| self.enabled.info) {
            record.end = Some(*end);
        }
    }

    /// Gives the records to the logger. `stacklevel` says which caller's line they name.
    ///
    /// An exception of a handler or a filter must not replace the answer of a call: Python reports it as
    /// unraisable. Ctrl-C and whatever else is no `Exception` is the error.
    pub(crate) fn flush(self, py: Python<'_>, stacklevel: u8) -> PyResult<()> {
        if self.records.is_empty() {
            return Ok(());
        }
        let Some(logger) = logger(py)? else { return Ok(()) };
        let options = PyDict::new(py);
        options.set_item(pyo3::intern!(py, "stacklevel"), stacklevel)?;
        for record in self.records {
            options.set_item(pyo3::intern!(py, "extra"), record.fields(py)?)?;
            let record = (record.level, PyString::new(py, &record.text));
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
