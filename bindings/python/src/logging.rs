//! Log records on their way to Python's `logging`.
//!
//! Clients put records into a queue from any thread. A thread that runs Python anyway (a caller, or an event loop)
//! takes them out and passes them to the logger. No thread of the core ever waits for the interpreter or for a handler.

use std::collections::VecDeque;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{SystemTime, UNIX_EPOCH};

use koophone::binding_support::PerProcess;
use koophone::{LogLevel, LogRecord, LogSwitch};
use pyo3::exceptions::{PyKeyboardInterrupt, PySystemExit};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

use crate::inbox::Inbox;
use crate::unwinding::parked_if_unwound;

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
static SWITCH: LazyLock<LogSwitch> = LazyLock::new(LogSwitch::default);

fn queue() -> MutexGuard<'static, Queue> {
    QUEUE.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets a client put its records here.
pub fn attach(builder: koophone::ClientBuilder) -> koophone::ClientBuilder {
    builder.log(SWITCH.clone(), |record: &LogRecord| {
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
    SWITCH.is_on()
}

/// Asks the logger which records it wants now. Costs next to nothing in a program that never imported `logging`.
pub fn refresh(py: Python<'_>) -> PyResult<()> {
    static MODULES: PyOnceLock<Py<PyDict>> = PyOnceLock::new();
    static LEVEL: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    if LEVEL.get(py).is_none() && !MODULES.import(py, "sys", "modules")?.contains("logging")? {
        return Ok(());
    }
    let level = LEVEL.import(py, "koophone._logging", "level")?;
    let level: u32 = parked_if_unwound(|| level.call0())?.extract()?;
    SWITCH.set(LogLevel::ALL.into_iter().rfind(|one| number_of(*one) >= level));
    Ok(())
}

/// Passes what is in the queue to the logger. Handlers run on this thread and may do whatever they like, also call a
/// client. An exception of theirs goes to `sys.unraisablehook`, for it must not cost a result; only one that is meant
/// to end the program, such as Ctrl-C, is raised, after the other records.
pub fn deliver(py: Python<'_>) -> PyResult<()> {
    static EMIT: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let records = if is_on() { std::mem::take(&mut queue().records) } else { VecDeque::new() };
    let mut ending = Ok(());
    for record in records {
        let emit = EMIT.import(py, "koophone._logging", "emit")?;
        let record = record.into_pyobject(py)?;
        match parked_if_unwound(|| emit.call1(&record)) {
            Ok(_) => {}
            Err(raised) if raised.is_instance_of::<PyKeyboardInterrupt>(py) => ending = Err(raised),
            Err(raised) if raised.is_instance_of::<PySystemExit>(py) => ending = Err(raised),
            Err(raised) => raised.write_unraisable(py, Some(emit)),
        }
    }
    ending
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
