//! How calls are started for an event loop, which takes their outcomes out of an inbox on its own thread. So no other
//! thread attaches to the interpreter, and leaving it with open calls can neither crash nor wait.

use std::sync::Arc;

use koophone::Result;
use koophone::binding_support::{self, Inbox, catch_async, spawn};
use pyo3::prelude::*;

use crate::blocking::Notice;
use crate::call::{Finish, Work};
use crate::unwinding::parked_if_unwound;
use crate::{logging, types};

/// The number of the call, whether this is a notice and the call continues, and the notice or the outcome.
type Message = (u64, bool, Result<Finish>);

/// An event loop's messages.
#[pyclass(frozen, module = "koophone._koophone")]
pub struct Mailbox(Arc<Inbox<Message>>);

/// A started call.
#[pyclass(frozen, module = "koophone._koophone")]
pub struct Running(tokio::task::AbortHandle);

/// A message for Python: instead of the result its value, or its exception.
type Received = (u64, bool, Option<Py<PyAny>>, Option<Py<PyAny>>);

impl Mailbox {
    /// Starts a call on the core's threads. Its outcome arrives here under `number`.
    pub fn start(&self, py: Python<'_>, work: Work, number: u64) -> PyResult<Running> {
        logging::refresh(py)?;
        let inbox = self.0.clone();
        let job = async move { inbox.send((number, false, catch_async(work).await)) };
        let handle = py.detach(|| spawn(job)).map_err(|error| types::raised(py, &error))?;
        Ok(Running(handle.abort_handle()))
    }

    /// Sends the notices of a call here.
    pub fn notify(&self, number: u64) -> impl Fn(binding_support::Notice) + Send + Sync + 'static {
        let inbox = self.0.clone();
        move |notice| inbox.send((number, true, Ok(Box::new(move |py: Python<'_>| Notice::object(py, notice)))))
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
        let received = |(number, is_notice, result): Message| match result
            .map_err(|error| types::raised(py, &error))
            .and_then(|finish| finish(py))
        {
            Ok(value) => (number, is_notice, Some(value), None),
            Err(raised) => (number, is_notice, None, Some(raised.into_value(py).into_any())),
        };
        let messages = self.0.take().into_iter();
        parked_if_unwound(|| messages.map(received).collect())
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
