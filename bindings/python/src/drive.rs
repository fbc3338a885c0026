//! Blocking calls: the calling thread drives the I/O with the interpreter's lock released.
//!
//! Only the calling thread ever attaches to the interpreter. On the main thread it does so ten times a second, to see
//! Ctrl-C; on any thread it does while logging is on, to hand over records of long calls.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::time::Duration;

use koophone::{Result, runtime};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use tokio::time::{Instant, interval_at};

use crate::call::{Answer, Work};
use crate::{convert, logging};

/// Half of the 100 ms within which Ctrl-C must be answered.
const TICK: Duration = Duration::from_millis(50);

enum Ended {
    Answered(Answer),
    /// A signal handler raised, Ctrl-C for example.
    Interrupted(PyErr),
}

/// Makes the call and gives its answer.
pub fn block(py: Python<'_>, work: Work) -> PyResult<Py<PyAny>> {
    let ticking = on_main_thread(py)? || logging::is_on();
    // `Work` need not be Sync to cross `detach`; the mutex says that it is not shared.
    let work = Mutex::new(Some(work));
    let ended = py.detach(|| {
        catch_unwind(AssertUnwindSafe(|| match work.into_inner().ok().flatten() {
            Some(work) if ticking => runtime::block_on(watched(work)),
            Some(work) => runtime::block_on(work).map(Ended::Answered),
            None => Err(koophone::Error::internal("a call without its work")),
        }))
    });
    logging::deliver(py)?;
    match ended {
        Ok(Ok(Ended::Answered(answer))) => answer(py),
        Ok(Ok(Ended::Interrupted(raised))) => Err(raised),
        Ok(Err(error)) => Err(convert::raised(py, &error)),
        Err(panic) => Err(convert::raised(py, &koophone::panic_error(&*panic))),
    }
}

async fn watched(mut work: Work) -> Result<Ended> {
    let mut ticks = interval_at(Instant::now() + TICK, TICK);
    loop {
        tokio::select! {
            biased;
            ended = &mut work => return ended.map(Ended::Answered),
            // Leaving the loop drops the work, which cancels it.
            _ = ticks.tick() => if let Some(Err(raised)) = Python::try_attach(look_around) {
                return Ok(Ended::Interrupted(raised));
            },
        }
    }
}

fn look_around(py: Python<'_>) -> PyResult<()> {
    logging::deliver(py)?;
    py.check_signals()
}

/// Python runs signal handlers on its main thread only.
fn on_main_thread(py: Python<'_>) -> PyResult<bool> {
    static THREADING: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    let threading = THREADING.get_or_try_init(py, || py.import("threading").map(Bound::unbind))?.bind(py);
    let main = threading.call_method0("main_thread")?.getattr("ident")?;
    threading.call_method0("get_ident")?.eq(main)
}
