//! Blocking calls: the calling thread drives the I/O with the interpreter's lock released.
//!
//! Only the calling thread attaches to the interpreter, and it has left the core's runtime by then: the Python code
//! that it runs may make calls too. It attaches twenty times a second on the main thread, for Ctrl-C, and on any thread
//! while logging is on or progress is reported.

use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use koophone::Predicate;
use koophone::binding_support::{self, Notice, NoticeList, OnProgress};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::{IntoPyObjectExt, intern};

use crate::call::Work;
use crate::unwinding::parked_if_unwound;
use crate::{logging, types};

/// Half of the 100 ms within which Ctrl-C must be answered.
const TICK: Duration = Duration::from_millis(50);

/// What is called while a call continues, and the notices on their way to it.
pub struct Reports {
    on_progress: Option<Py<PyAny>>,
    predicate: Option<Py<PyAny>>,
    notices: NoticeList,
}

impl Reports {
    pub fn to(on_progress: Option<Py<PyAny>>, predicate: Option<Py<PyAny>>) -> Self {
        Self { on_progress, predicate, notices: NoticeList::default() }
    }

    /// What the core calls, if there is a callback for the progress.
    pub fn on_progress(&self) -> OnProgress {
        self.on_progress.as_ref().and_then(|_| binding_support::on_progress(self.notify()))
    }

    pub fn predicate(&self) -> Predicate {
        binding_support::predicate(self.notify())
    }

    fn notify(&self) -> impl Fn(Notice) + Send + Sync + 'static {
        let notices = self.notices.clone();
        move |notice| notices.push(notice)
    }

    /// Calls the callbacks, oldest notice first, until one raises.
    fn deliver(&self, py: Python<'_>) -> PyResult<()> {
        self.notices.take().into_iter().try_for_each(|notice| match (notice, &self.on_progress, &self.predicate) {
            (Notice::Progress(one), Some(on_progress), _) => {
                let one = (types::Progress(one),).into_pyobject(py)?;
                parked_if_unwound(|| on_progress.bind(py).call1(&one)).map(drop)
            }
            (Notice::Question(question), _, Some(predicate)) => ask(question, predicate.bind(py)),
            _ => Ok(()),
        })
    }
}

/// Asks a predicate about what each phone printed.
fn ask(question: binding_support::Question, predicate: &Bound<'_, PyAny>) -> PyResult<()> {
    let decide = |text: &String| {
        let decided = predicate.call1((text,))?;
        if decided.hasattr(intern!(predicate.py(), "__await__"))? {
            // Python would warn as well that it was never awaited.
            let _not_a_coroutine = decided.call_method0(intern!(predicate.py(), "close"));
            return Err(PyTypeError::new_err("predicate must return True or False, and is not awaited"));
        }
        decided.is_truthy()
    };
    let decided = parked_if_unwound(|| question.texts.iter().map(decide).collect::<PyResult<_>>())?;
    question.reply(decided);
    Ok(())
}

/// A question for an event loop, which calls the predicate itself.
#[pyclass(frozen, module = "koophone._koophone")]
pub struct Question(Mutex<Option<binding_support::Question>>);

#[pymethods]
impl Question {
    /// Asks the predicate, and lets the wait continue.
    fn ask(&self, predicate: &Bound<'_, PyAny>) -> PyResult<()> {
        let question = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        question.map_or(Ok(()), |question| ask(question, predicate))
    }
}

/// A notice as an object for an event loop: the progress, or a question.
pub fn for_python(py: Python<'_>, notice: Notice) -> PyResult<Py<PyAny>> {
    match notice {
        Notice::Progress(progress) => types::Progress(progress).into_py_any(py),
        Notice::Question(question) => Question(Mutex::new(Some(question))).into_py_any(py),
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
