//! Log records on their way to Python's `logging`.
//!
//! A thread that runs Python anyway (a caller, or an event loop) takes them out of the core's queue and passes them to
//! the logger. No thread of the core ever waits for the interpreter or for a handler.

use std::time::UNIX_EPOCH;

use koophone::LogLevel;
use koophone::binding_support::LogQueue;
use pyo3::exceptions::{PyKeyboardInterrupt, PySystemExit};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

use crate::unwinding::parked_if_unwound;

/// Off while the logger `koophone` has no handlers.
pub static LOGS: LogQueue = LogQueue::new();

/// Asks the logger for its level. Costs almost nothing in a program that never imported `logging`.
pub fn refresh(py: Python<'_>) -> PyResult<()> {
    static MODULES: PyOnceLock<Py<PyDict>> = PyOnceLock::new();
    static LEVEL: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    if LEVEL.get(py).is_none() && !MODULES.import(py, "sys", "modules")?.contains("logging")? {
        return Ok(());
    }
    let level = LEVEL.import(py, "koophone._logging", "level")?;
    let level: u32 = parked_if_unwound(|| level.call0())?.extract()?;
    LOGS.set_level(LogLevel::ALL.into_iter().rfind(|one| u32::from(number_of(*one)) >= level));
    Ok(())
}

/// Passes all records to the logger. Handlers run on this thread and may do anything, also call a client. An exception
/// of theirs is passed to `sys.unraisablehook`, because it must not cost a result; only one that ends the program, such
/// as that of Ctrl-C, is raised, after the other records.
pub fn deliver(py: Python<'_>) -> PyResult<()> {
    static EMIT: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let mut ending = Ok(());
    for (time, record) in LOGS.take() {
        let emit = EMIT.import(py, "koophone._logging", "emit")?;
        let seconds = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        let record = (number_of(record.level), seconds, record.message).into_pyobject(py)?;
        match parked_if_unwound(|| emit.call1(&record)) {
            Ok(_) => {}
            Err(raised) if raised.is_instance_of::<PyKeyboardInterrupt>(py) => ending = Err(raised),
            Err(raised) if raised.is_instance_of::<PySystemExit>(py) => ending = Err(raised),
            Err(raised) => raised.write_unraisable(py, Some(emit)),
        }
    }
    ending
}

/// Python's number of a level: 40 for an error, down to 10.
fn number_of(level: LogLevel) -> u8 {
    50 - 10 * level as u8
}
