//! How calls are started for an event loop, and how their outcomes reach it.
//!
//! The core's threads put outcomes into an inbox and make a socket readable. The loop, which watches the socket like
//! any other, takes them out on its own thread. So no other thread attaches to the interpreter, and leaving it with
//! calls open can neither crash nor wait.

use std::sync::Arc;

use koophone::binding_support::{Inbox, catch_async, spawn};
use koophone::{Progress, Result, WaitOptions};
use pyo3::prelude::*;

use crate::call::{Finish, Work};
use crate::unwinding::parked_if_unwound;
use crate::{logging, types};

enum Message {
    Progress(Progress),
    Ended(Result<Finish>),
}

/// An event loop's messages, each with the number of its call.
#[pyclass(frozen, module = "koophone._koophone")]
pub struct Mailbox(Arc<Inbox<(u64, Message)>>);

/// A started call.
#[pyclass(frozen, module = "koophone._koophone")]
pub struct Running(tokio::task::AbortHandle);

/// A message for Python: the call's number, and its progress, its value or its error.
type Received = (u64, Option<types::Progress>, Option<Py<PyAny>>, Option<Py<PyAny>>);

impl Mailbox {
    /// Starts a call on the core's threads. Its outcome arrives here under `number`.
    pub fn start(&self, py: Python<'_>, work: Work, number: u64) -> PyResult<Running> {
        logging::refresh(py)?;
        let inbox = self.0.clone();
        let job = async move { inbox.send((number, Message::Ended(catch_async(work).await))) };
        let handle = py.detach(|| spawn(job)).map_err(|error| types::raised(py, &error))?;
        Ok(Running(handle.abort_handle()))
    }

    /// Options with which waiting for a task sends its progress here, if it is asked for.
    pub fn wait_options(&self, number: u64, progress: bool) -> WaitOptions {
        let (inbox, wait) = (self.0.clone(), WaitOptions::new());
        let send = move |progress| inbox.send((number, Message::Progress(progress)));
        if progress { wait.on_progress(send) } else { wait }
    }
}

#[pymethods]
impl Mailbox {
    #[new]
    fn new() -> PyResult<Self> {
        let inbox = Inbox::new()?;
        logging::LOGS.ring(inbox.bell());
        Ok(Self(inbox))
    }

    /// What the loop watches for reading.
    fn fileno(&self) -> i64 {
        self.0.fileno()
    }

    /// All messages since the last time.
    fn take(&self, py: Python<'_>) -> Vec<Received> {
        let messages = self.0.take().into_iter();
        parked_if_unwound(|| messages.map(|(number, message)| received(py, number, message)).collect())
    }

    /// Delivers log records. Called after the messages are delivered: a handler that raises must not cost an outcome.
    fn deliver_logs(&self, py: Python<'_>) -> PyResult<()> {
        logging::deliver(py)
    }
}

fn received(py: Python<'_>, number: u64, message: Message) -> Received {
    let ended = match message {
        Message::Progress(progress) => return (number, Some(types::Progress(progress)), None, None),
        Message::Ended(ended) => ended,
    };
    match ended.map_err(|error| types::raised(py, &error)).and_then(|finish| finish(py)) {
        Ok(value) => (number, None, Some(value), None),
        Err(raised) => (number, None, None, Some(raised.into_value(py).into_any())),
    }
}

#[pymethods]
impl Running {
    /// Stops the call. Unless it has ended already, no further message of it reaches the mailbox.
    fn cancel(&self) {
        self.0.abort();
    }
}
