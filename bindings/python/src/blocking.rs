//! Blocking calls: the calling thread drives the I/O with the interpreter's lock released.
//!
//! Only the calling thread attaches to the interpreter, and it has left the core's runtime by then: the Python code
//! that it runs may make calls too. It attaches twenty times a second on the main thread, for Ctrl-C, and on any thread
//! while logging is on or progress is reported.

use std::ops::ControlFlow;
use std::time::Duration;

use koophone::binding_support::{self, Notice, NoticeList};
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use crate::call::Work;
use crate::unwinding::parked_if_unwound;
use crate::{arguments, logging, types};

/// Half of the 100 ms within which Ctrl-C must interrupt a call.
const TICK: Duration = Duration::from_millis(50);

/// The callbacks of one call, for its progress and as the predicate of a wait, with the notices on their way to them.
#[pyclass(frozen, module = "koophone._koophone")]
pub struct Listener {
    pub on_progress: Option<Py<PyAny>>,
    predicate: Option<Py<PyAny>>,
    notices: NoticeList,
}

#[pymethods]
impl Listener {
    #[new]
    fn new(on_progress: &Bound<'_, PyAny>) -> PyResult<Self> {
        let callable = |name: &str, value: &_| arguments::function(name, value, "a function, or None");
        let on_progress = arguments::optional("on_progress", on_progress, callable)?;
        Ok(Self { on_progress, predicate: None, notices: NoticeList::default() })
    }

    #[staticmethod]
    fn of_wait(on_progress: &Bound<'_, PyAny>, predicate: &Bound<'_, PyAny>) -> PyResult<Self> {
        let predicate = Some(arguments::function("predicate", predicate, "a function")?);
        Ok(Self { predicate, ..Self::new(on_progress)? })
    }

    /// Calls back for the oldest notice; false if there is none.
    fn hear(&self, py: Python<'_>) -> PyResult<bool> {
        match (self.notices.next(), &self.on_progress, &self.predicate) {
            (Some(Notice::Progress(one)), Some(on_progress), _) => {
                let one = (types::Progress(one),).into_pyobject(py)?;
                parked_if_unwound(|| on_progress.bind(py).call1(&one))?;
            }
            (Some(Notice::Question(question)), _, Some(predicate)) => {
                let decide = |text| decide(predicate.bind(py), text);
                let decided = parked_if_unwound(|| question.texts.iter().map(decide).collect::<PyResult<_>>())?;
                question.reply(decided);
            }
            (None, ..) => return Ok(false),
            _ => {}
        }
        Ok(true)
    }
}

impl Listener {
    pub fn notify(&self) -> impl Fn(Notice) + Send + Sync + use<> {
        let notices = self.notices.clone();
        move |notice| notices.push(notice)
    }

    /// Calls back for all notices, the oldest first, until one of the functions raises.
    fn deliver(&self, py: Python<'_>) -> PyResult<()> {
        while self.hear(py)? {}
        Ok(())
    }
}

fn decide(predicate: &Bound<'_, PyAny>, text: &String) -> PyResult<bool> {
    let decided = predicate.call1((text,))?;
    for not_run in ["__await__", "__anext__", "__next__"] {
        if decided.hasattr(not_run)? {
            // Python would warn as well that a coroutine was never awaited.
            let _cannot_be_closed = decided.call_method0(intern!(predicate.py(), "close"));
            return Err(PyTypeError::new_err("predicate must return True or False, and is not awaited"));
        }
    }
    decided.is_truthy()
}

/// Makes the call and returns its value.
pub fn wait(py: Python<'_>, work: Work, listener: Option<&Listener>) -> PyResult<Py<PyAny>> {
    logging::refresh(py)?;
    let has_breaks = listener.is_some() || on_main_thread(py)? || logging::LOGS.is_on();
    let ended = py.detach(|| {
        binding_support::catch(|| match has_breaks {
            true => binding_support::block_on_with_breaks(work, TICK, || run_what_is_due(listener)),
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
        listener.map_or(Ok(()), |listener| listener.deliver(py))?;
        finish?(py)
    })
}

/// Runs what is due in Python. An exception of a signal handler (that of Ctrl-C) or a progress callback ends the call.
fn run_what_is_due(listener: Option<&Listener>) -> ControlFlow<PyErr> {
    let ran = Python::try_attach(|py| {
        parked_if_unwound(|| {
            logging::deliver(py)?;
            py.check_signals()?;
            listener.map_or(Ok(()), |listener| listener.deliver(py))
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
