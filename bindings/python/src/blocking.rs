//! Blocking calls: the calling thread drives the I/O with the interpreter's lock released.
//!
//! Only the calling thread attaches to the interpreter, and it has left the core's runtime by then: the Python code
//! that it runs may make calls too. It attaches twenty times a second on the main thread, for Ctrl-C, and on any thread
//! while logging is on or progress is reported.

use std::ops::ControlFlow;
use std::time::Duration;

use koophone::WaitOptions;
use koophone::binding_support::{self, ProgressList};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use crate::call::Work;
use crate::unwinding::parked_if_unwound;
use crate::{logging, types};

/// Half of the 100 ms within which Ctrl-C must interrupt a call.
const TICK: Duration = Duration::from_millis(50);

/// Progress of a task on its way to a Python callback.
pub struct Reports {
    callback: Py<PyAny>,
    progress: ProgressList,
}

impl Reports {
    /// Options for waiting that report to `callback`, if there is one.
    pub fn to(callback: Option<Py<PyAny>>) -> (WaitOptions, Option<Self>) {
        let Some(callback) = callback else { return (WaitOptions::new(), None) };
        let progress = ProgressList::default();
        (progress.wait_options(), Some(Self { callback, progress }))
    }

    /// Calls the callback, oldest progress first, until it raises.
    fn deliver(&self, py: Python<'_>) -> PyResult<()> {
        self.progress.take().into_iter().try_for_each(|one| {
            let one = (types::Progress(one),).into_pyobject(py)?;
            parked_if_unwound(|| self.callback.bind(py).call1(&one)).map(drop)
        })
    }
}

/// Makes the call and returns its value.
pub fn wait(py: Python<'_>, work: Work, reports: Option<&Reports>) -> PyResult<Py<PyAny>> {
    logging::refresh(py)?;
    let has_breaks = reports.is_some() || on_main_thread(py)? || logging::LOGS.is_on();
    let ended = py.detach(|| {
        binding_support::catch(|| match has_breaks {
            true => binding_support::block_on_with_breaks(work, TICK, || run_what_is_due(reports)),
            false => binding_support::block_on(work).map(ControlFlow::Continue),
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

/// Runs what is due in Python. An exception of a signal handler (that of Ctrl-C) or a progress callback ends the call.
fn run_what_is_due(reports: Option<&Reports>) -> ControlFlow<PyErr> {
    let ran = Python::try_attach(|py| {
        parked_if_unwound(|| {
            logging::deliver(py)?;
            py.check_signals()?;
            reports.map_or(Ok(()), |reports| reports.deliver(py))
        })
    });
    ran.and_then(Result::err).map_or(ControlFlow::Continue(()), ControlFlow::Break)
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
