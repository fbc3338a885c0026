//! Blocking calls: the calling thread drives the I/O with the interpreter's lock released.
//!
//! Only the calling thread attaches to the interpreter, and it has left the core's runtime then: the Python code that
//! it runs may make calls too. It does so twenty times a second on the main thread, to see Ctrl-C, and on any thread
//! while logging is on, and when there is progress to report.

use std::future::pending;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use koophone::binding_support;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use crate::call::Work;
use crate::inbox::{Inbox, Message};
use crate::unwinding::parked_if_unwound;
use crate::{logging, types};

/// Half of the 100 ms within which Ctrl-C must be answered.
const TICK: Duration = Duration::from_millis(50);

/// Progress that is to be reported to a Python callback.
pub struct Reports {
    pub inbox: Arc<Inbox>,
    pub callback: Py<PyAny>,
}

impl Reports {
    /// Calls the callback, oldest progress first, until it raises.
    fn deliver(&self, py: Python<'_>) -> PyResult<()> {
        for (_, message) in self.inbox.take() {
            if let Message::Progress(progress) = message {
                let progress = (types::Progress(progress),).into_pyobject(py)?;
                parked_if_unwound(|| self.callback.bind(py).call1(&progress))?;
            }
        }
        Ok(())
    }
}

/// Makes the call and returns its value.
pub fn wait(py: Python<'_>, work: Work, reports: Option<&Reports>) -> PyResult<Py<PyAny>> {
    logging::refresh(py)?;
    let tick = (on_main_thread(py)? || logging::is_on()).then_some(TICK);
    let ended = py.detach(|| {
        binding_support::catch(|| {
            if tick.is_none() && reports.is_none() {
                return binding_support::block_on(work).map(ControlFlow::Continue);
            }
            binding_support::block_on_with_breaks(work, tick, || arrival(reports), || run_what_is_due(reports))
        })
    });
    logging::deliver(py)?;
    let finish = match ended.and_then(|ended| ended) {
        Ok(ControlFlow::Break(raised)) => return Err(raised),
        Ok(ControlFlow::Continue(finish)) => Ok(finish),
        Err(error) => Err(types::raised(py, &error)),
    };
    parked_if_unwound(|| {
        reports.map_or(Ok(()), |reports| reports.deliver(py))?;
        finish?(py)
    })
}

/// Ends when there is progress to report.
async fn arrival(reports: Option<&Reports>) {
    match reports {
        Some(reports) => reports.inbox.arrived().await,
        None => pending().await,
    }
}

/// Runs what is due in Python. What a signal handler (Ctrl-C for example) or a progress callback raises ends the call.
fn run_what_is_due(reports: Option<&Reports>) -> ControlFlow<PyErr> {
    let ran = Python::try_attach(|py| {
        parked_if_unwound(|| {
            logging::deliver(py)?;
            py.check_signals()?;
            reports.map_or(Ok(()), |reports| reports.deliver(py))
        })
    });
    match ran {
        Some(Err(raised)) => ControlFlow::Break(raised),
        _ => ControlFlow::Continue(()),
    }
}

/// Python runs signal handlers on its main thread only.
fn on_main_thread(py: Python<'_>) -> PyResult<bool> {
    static MAIN: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    static IDENT: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let main = MAIN.import(py, "threading", "main_thread")?;
    let main = parked_if_unwound(|| main.call0())?;
    let ident = parked_if_unwound(|| main.getattr(intern!(py, "ident")))?;
    ident.eq(IDENT.import(py, "threading", "get_ident")?.call0()?)
}
