//! Blocking calls: the calling thread drives the I/O with the interpreter's lock released.
//!
//! Only the calling thread attaches to the interpreter, and it has left the core's runtime by then: the Python code
//! that it runs may make calls too. It attaches twenty times a second on the main thread, for Ctrl-C, and on any thread
//! while logging is on or progress is reported.

use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use koophone::binding_support::{self, NoticeList};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::{IntoPyObjectExt, intern};

use crate::call::Work;
use crate::unwinding::parked_if_unwound;
use crate::{arguments, logging, types};

/// Half of the 100 ms within which Ctrl-C must interrupt a call.
const TICK: Duration = Duration::from_millis(50);

/// What a call says while it continues, to be passed to its listener.
#[pyclass(frozen, module = "koophone._koophone")]
pub struct Notice(Mutex<Option<binding_support::Notice>>);

impl Notice {
    pub fn object(py: Python<'_>, notice: binding_support::Notice) -> PyResult<Py<PyAny>> {
        Self(Mutex::new(Some(notice))).into_py_any(py)
    }
}

/// The callbacks of a call: for its progress, and the predicate of a wait.
#[pyclass(frozen, module = "koophone._koophone")]
pub struct Listener(Option<Py<PyAny>>, Option<Py<PyAny>>);

#[pymethods]
impl Listener {
    #[new]
    fn new(on_progress: &Bound<'_, PyAny>) -> PyResult<Self> {
        let callable = |name: &str, value: &_| arguments::function(name, value, "a function, or None");
        Ok(Self(arguments::optional("on_progress", on_progress, callable)?, None))
    }

    #[staticmethod]
    fn of_wait(on_progress: &Bound<'_, PyAny>, predicate: &Bound<'_, PyAny>) -> PyResult<Self> {
        let predicate = arguments::function("predicate", predicate, "a function")?;
        Ok(Self(Self::new(on_progress)?.0, Some(predicate)))
    }

    fn __call__(&self, py: Python<'_>, notice: &Bound<'_, Notice>) -> PyResult<()> {
        let notice = notice.get().0.lock().unwrap_or_else(PoisonError::into_inner).take();
        notice.map_or(Ok(()), |notice| self.hear(py, notice))
    }
}

impl Listener {
    pub fn is_told(&self) -> bool {
        self.0.is_some()
    }

    fn hear(&self, py: Python<'_>, notice: binding_support::Notice) -> PyResult<()> {
        match (notice, self) {
            (binding_support::Notice::Progress(one), Self(Some(on_progress), _)) => {
                let one = (types::Progress(one),).into_pyobject(py)?;
                parked_if_unwound(|| on_progress.bind(py).call1(&one)).map(drop)
            }
            (binding_support::Notice::Question(question), Self(_, Some(predicate))) => {
                let decide = |text| decide(predicate.bind(py), text);
                let decided = parked_if_unwound(|| question.texts.iter().map(decide).collect::<PyResult<_>>())?;
                question.reply(decided);
                Ok(())
            }
            _ => Ok(()),
        }
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

/// A listener, and the notices on their way to it.
pub struct Reports<'a>(&'a Listener, NoticeList);

impl<'a> Reports<'a> {
    pub fn to(listener: &'a Listener) -> Self {
        Self(listener, NoticeList::default())
    }

    pub fn notify(&self) -> impl Fn(binding_support::Notice) + Send + Sync + 'static {
        let notices = self.1.clone();
        move |notice| notices.push(notice)
    }

    /// Calls the listener, oldest notice first, until it raises.
    fn deliver(&self, py: Python<'_>) -> PyResult<()> {
        self.1.take().into_iter().try_for_each(|notice| self.0.hear(py, notice))
    }
}

/// Makes the call and returns its value.
pub fn wait(py: Python<'_>, work: Work, reports: Option<&Reports<'_>>) -> PyResult<Py<PyAny>> {
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
fn run_what_is_due(reports: Option<&Reports<'_>>) -> ControlFlow<PyErr> {
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
