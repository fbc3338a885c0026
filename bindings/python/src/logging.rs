//! Log records on their way to Python's `logging`.
//!
//! Clients put records into a queue from whatever thread; a thread that is in Python anyway (a caller, or an event loop)
//! takes them out and hands them to the logger. No thread of the core ever waits for the interpreter or for a handler.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{SystemTime, UNIX_EPOCH};

use koophone::binding_support::PerProcess;
use koophone::{LogLevel, LogRecord, LogSwitch};
use pyo3::exceptions::{PyKeyboardInterrupt, PySystemExit};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

use crate::inbox::Inbox;

/// Records kept until somebody takes them; beyond that the oldest go.
const MOST: usize = 10_000;

/// Python's number of the level, seconds since 1970, text.
type Queued = (u32, f64, String);

#[derive(Default)]
struct Queue {
    records: VecDeque<Queued>,
    loops: Vec<Weak<Inbox>>,
}

// One per process: a fork may happen while another thread holds the lock.
static QUEUE: PerProcess<Mutex<Queue>> = PerProcess::new();

/// Off as long as nobody listens to the logger `koophone`. One for all clients, as the logger is.
fn switch() -> &'static LogSwitch {
    static SWITCH: std::sync::OnceLock<LogSwitch> = std::sync::OnceLock::new();
    SWITCH.get_or_init(LogSwitch::default)
}

fn queue() -> MutexGuard<'static, Queue> {
    QUEUE.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets a client put its records here.
pub fn attach(builder: koophone::ClientBuilder) -> koophone::ClientBuilder {
    builder.log(switch().clone(), |record: &LogRecord| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        let mut queue = queue();
        if queue.records.len() == MOST {
            queue.records.pop_front();
        }
        queue.records.push_back((number_of(record.level), now, record.message.clone()));
        if queue.records.len() == 1 {
            queue.loops.retain(|inbox| inbox.upgrade().inspect(|inbox| inbox.wake()).is_some());
        }
    })
}

/// Wakes this loop too when there are records.
pub fn wake_also(inbox: &Arc<Inbox>) {
    let mut queue = queue();
    // Loops come and go, and may do so for ever without a single record.
    queue.loops.retain(|inbox| inbox.strong_count() > 0);
    queue.loops.push(Arc::downgrade(inbox));
}

pub fn is_on() -> bool {
    switch().is_on()
}

/// Looks what the logger wants now. Costs next to nothing in a program that never imported `logging`.
pub fn refresh(py: Python<'_>) -> PyResult<()> {
    let Some(logger) = logger(py)? else { return Ok(()) };
    let level: u32 = if logger.call_method0("hasHandlers")?.is_truthy()? {
        logger.call_method0("getEffectiveLevel")?.extract()?
    } else {
        u32::MAX
    };
    let most = LogLevel::ALL.into_iter().rfind(|one| number_of(*one) >= level);
    switch().set(most);
    Ok(())
}

/// Hands over what is in the queue. Handlers run on this thread and may do whatever they like, also call a client. What
/// they raise goes to `sys.unraisablehook`, for no answer may be lost by it; only what is meant to end the program, such as
/// Ctrl-C, is passed on, after the other records.
pub fn deliver(py: Python<'_>) -> PyResult<()> {
    if !is_on() {
        return Ok(());
    }
    let records = std::mem::take(&mut queue().records);
    if records.is_empty() {
        return Ok(());
    }
    static EMIT: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let emit = EMIT.import(py, "koophone._logging", "emit")?;
    let mut ending = Ok(());
    for record in records {
        match emit.call1(record) {
            Ok(_) => {}
            Err(raised) if ends_the_program(py, &raised) => ending = Err(raised),
            Err(raised) => raised.write_unraisable(py, Some(emit)),
        }
    }
    ending
}

/// Those that asyncio lets through too.
fn ends_the_program(py: Python<'_>, raised: &PyErr) -> bool {
    raised.is_instance_of::<PyKeyboardInterrupt>(py) || raised.is_instance_of::<PySystemExit>(py)
}

fn logger(py: Python<'_>) -> PyResult<Option<&Bound<'_, PyAny>>> {
    static LOGGER: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    static MODULES: PyOnceLock<Py<PyDict>> = PyOnceLock::new();
    if LOGGER.get(py).is_none() {
        let modules = MODULES.import(py, "sys", "modules")?;
        if !modules.contains("logging")? {
            return Ok(None);
        }
    }
    let logger = LOGGER.get_or_try_init(py, || {
        Ok::<_, PyErr>(py.import("logging")?.call_method1("getLogger", ("koophone",))?.unbind())
    })?;
    Ok(Some(logger.bind(py)))
}

/// Python's number of a level.
fn number_of(level: LogLevel) -> u32 {
    match level {
        LogLevel::Error => 40,
        LogLevel::Warn => 30,
        LogLevel::Info => 20,
        _ => 10,
    }
}
