//! How calls are started for an event loop, and how their outcomes reach it.
//!
//! The core's threads put outcomes into an inbox and make a socket readable. The loop, which watches the socket like any
//! other, takes them out on its own thread. So no other thread attaches to the interpreter, and leaving it with calls open
//! can neither crash nor wait.

use std::io::{ErrorKind, Read};
use std::sync::Arc;

use koophone::binding_support;
use pyo3::prelude::*;

use crate::call::Work;
use crate::inbox::{Inbox, Message};
use crate::socket_pair::{self, Socket};
use crate::{logging, types};

/// An event loop's end of the inbox.
#[pyclass(frozen, module = "koophone._koophone")]
pub struct Mailbox {
    pub inbox: Arc<Inbox>,
    reader: Socket,
}

/// A started call.
#[pyclass(frozen, module = "koophone._koophone")]
pub struct Running(tokio::task::AbortHandle);

/// A message: the call's number, and its progress, its value or its error.
type Received = (u64, Option<types::Progress>, Option<Py<PyAny>>, Option<Py<PyAny>>);

impl Mailbox {
    /// Starts a call on the core's threads. Its outcome comes here under `number`.
    pub fn start(&self, py: Python<'_>, work: Work, number: u64) -> PyResult<Running> {
        logging::refresh(py)?;
        let inbox = self.inbox.clone();
        let job = async move {
            inbox.send(number, Message::Ended(binding_support::catch_async(work).await));
        };
        let handle = py.detach(|| binding_support::spawn(job)).map_err(|error| types::raised(py, &error))?;
        Ok(Running(handle.abort_handle()))
    }
}

#[pymethods]
impl Mailbox {
    #[new]
    fn new() -> PyResult<Self> {
        let (reader, writer) = socket_pair::pair()?;
        reader.set_nonblocking(true)?;
        writer.set_nonblocking(true)?;
        let inbox = Arc::new(Inbox::of_a_loop(writer));
        logging::wake_also(&inbox);
        Ok(Self { inbox, reader })
    }

    /// What the loop watches for reading.
    fn fileno(&self) -> i64 {
        socket_pair::number(&self.reader)
    }

    /// All messages since the last time.
    fn take(&self, py: Python<'_>) -> Vec<Received> {
        let mut bytes = [0; 64];
        loop {
            match (&self.reader).read(&mut bytes) {
                Ok(n) if n == bytes.len() => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                _ => break,
            }
        }
        self.inbox.take().into_iter().map(|(number, message)| received(py, number, message)).collect()
    }

    /// Delivers log records. It comes after the messages: whatever a handler raises, no call waits without end.
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
    /// Stops the call. Unless it has ended already, nothing more of it reaches the mailbox.
    fn cancel(&self) {
        self.0.abort();
    }
}
