//! How calls are started for an event loop, which takes their outcomes out of an inbox on its own thread. So no other
//! thread attaches to the interpreter, and leaving it with open calls can neither crash nor wait.

use std::sync::Arc;

use koophone::Result;
use koophone::binding_support::{Inbox, Notice, catch_async, spawn};
use pyo3::prelude::*;

use crate::blocking::Listener;
use crate::call::{Finish, Work};
use crate::unwinding::parked_if_unwound;
use crate::{logging, types};

/// The number of the call, and its outcome; none if its listener has a notice, and the call continues.
type Message = (u64, Option<Result<Finish>>);

/// An event loop's messages.
#[pyclass(frozen, module = "koophone._koophone")]
pub struct Mailbox(Arc<Inbox<Message>>);

/// A started call.
#[pyclass(frozen, module = "koophone._koophone")]
pub struct Running(tokio::task::AbortHandle);

/// A message for Python: whether it is the outcome, and then its value or its exception.
type Received = (u64, bool, Option<Py<PyAny>>, Option<Py<PyAny>>);

impl Mailbox {
    /// Starts a call on the core's threads. Its outcome arrives here under `number`.
    pub fn start(&self, py: Python<'_>, work: Work, number: u64) -> PyResult<Running> {
        logging::refresh(py)?;
        let inbox = self.0.clone();
        let job = async move { inbox.send((number, Some(catch_async(work).await))) };
        let handle = py.detach(|| spawn(job)).map_err(|error| types::raised(py, &error))?;
        Ok(Running(handle.abort_handle()))
    }

    /// Gives the notices of a call to its listener, and says so here.
    pub fn notify(&self, number: u64, listener: &Listener) -> impl Fn(Notice) + Send + Sync + use<> {
        let (inbox, notify) = (self.0.clone(), listener.notify());
        move |notice| {
            notify(notice);
            inbox.send((number, None));
        }
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

    /// The socket that the loop watches for reading.
    fn fileno(&self) -> i64 {
        self.0.fileno()
    }

    /// All messages since the last time.
    fn take(&self, py: Python<'_>) -> Vec<Received> {
        let received = |(number, outcome): Message| {
            let outcome = outcome.map(|outcome| outcome.map_err(|error| types::raised(py, &error))?(py));
            match outcome.transpose() {
                Ok(value) => (number, value.is_some(), value, None),
                Err(raised) => (number, true, None, Some(raised.into_value(py).into_any())),
            }
        };
        parked_if_unwound(|| self.0.take().into_iter().map(received).collect())
    }

    /// Delivers log records. Called after the messages are delivered: a handler that raises must not cost an outcome.
    fn deliver_logs(&self, py: Python<'_>) -> PyResult<()> {
        logging::deliver(py)
    }
}

#[pymethods]
impl Running {
    /// Stops the call. Unless it has ended already, no further message of it reaches the mailbox.
    fn cancel(&self) {
        self.0.abort();
    }
}
