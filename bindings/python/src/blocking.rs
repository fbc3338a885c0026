//! Blocking calls: the calling thread drives the I/O with the interpreter's lock released.
//!
//! Only the calling thread ever attaches to the interpreter, and it has left the core's runtime then: what it calls there
//! may make calls too. On the main thread it does so twenty times a second, to see Ctrl-C; on any thread it does while
//! logging is on, to hand over records of long calls, and when there is progress to report.

use std::future::pending;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use koophone::binding_support;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use crate::call::Work;
use crate::inbox::{Inbox, Message};
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
        self.inbox.take().into_iter().try_for_each(|(_, message)| match message {
            Message::Progress(progress) => self.callback.call1(py, (types::Progress(progress),)).map(drop),
            Message::Ended(_) => Ok(()),
        })
    }
}

/// Makes the call and returns its value.
pub fn wait(py: Python<'_>, work: Work, reports: Option<&Reports>) -> PyResult<Py<PyAny>> {
    logging::refresh(py)?;
    let tick = (on_main_thread(py)? || logging::is_on()).then_some(TICK);
    // `Work` need not be Sync to cross `detach`; the mutex says that it is not shared.
    let work = Mutex::new(Some(work));
    let ended = py.detach(|| {
        binding_support::catch(|| match work.into_inner().ok().flatten() {
            Some(work) if tick.is_some() || reports.is_some() => {
                binding_support::block_on_with_breaks(work, tick, || arrival(reports), || run_what_is_due(reports))
            }
            Some(work) => binding_support::block_on(work).map(ControlFlow::Continue),
            None => Err(koophone::Error::internal("a call without its work")),
        })
    });
    logging::deliver(py)?;
    match ended.and_then(|ended| ended) {
        Ok(ControlFlow::Break(raised)) => Err(raised),
        ended => {
            reports.map_or(Ok(()), |reports| reports.deliver(py))?;
            match ended {
                Ok(ControlFlow::Continue(finish)) => finish(py),
                Ok(ControlFlow::Break(raised)) => Err(raised),
                Err(error) => Err(types::raised(py, &error)),
            }
        }
    }
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
        let unwound = Unwound;
        let ran = logging::deliver(py)
            .and_then(|()| py.check_signals())
            .and_then(|()| reports.map_or(Ok(()), |reports| reports.deliver(py)));
        std::mem::forget(unwound);
        ran
    });
    match ran {
        Some(Err(raised)) => ControlFlow::Break(raised),
        _ => ControlFlow::Continue(()),
    }
}

/// Parks a daemon thread that the interpreter ends at its own end, as Python 3.14 does itself: until then it unwinds the
/// stack with `pthread_exit`, which would release an attachment that the thread no longer has. That is fatal.
struct Unwound;

impl Drop for Unwound {
    fn drop(&mut self) {
        // A panic is caught further up.
        while !std::thread::panicking() {
            std::thread::park();
        }
    }
}

/// Python runs signal handlers on its main thread only.
fn on_main_thread(py: Python<'_>) -> PyResult<bool> {
    static THREADING: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    let threading = THREADING.get_or_try_init(py, || py.import("threading").map(Bound::unbind))?.bind(py);
    let main = threading.call_method0("main_thread")?.getattr("ident")?;
    threading.call_method0("get_ident")?.eq(main)
}
