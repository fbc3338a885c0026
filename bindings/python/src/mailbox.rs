//! How the outcome of started calls reaches an event loop.
//!
//! The core's threads put messages, as Rust data, into a list and make a socket readable. The loop, which watches the
//! socket like any other, takes them out on its own thread. So no foreign thread attaches to the interpreter, and
//! leaving it with calls open can neither crash nor wait.

use std::io::{ErrorKind, Read};

use pyo3::prelude::*;

use crate::messages::{Message, Sender};
use crate::socket_pair::{self, Socket};
use crate::{logging, types};

/// An event loop's end.
#[pyclass(frozen, module = "koophone._koophone")]
pub struct Mailbox {
    sender: Sender,
    reader: Socket,
}

/// What the loop gets: the call's number, and its progress, its value or its error.
type Received = (u64, Option<types::Progress>, Option<Py<PyAny>>, Option<Py<PyAny>>);

impl Mailbox {
    pub fn sender(&self) -> Sender {
        self.sender.clone()
    }
}

#[pymethods]
impl Mailbox {
    #[new]
    fn new() -> PyResult<Self> {
        let (reader, writer) = socket_pair::pair()?;
        reader.set_nonblocking(true)?;
        writer.set_nonblocking(true)?;
        let sender = Sender::new(writer);
        logging::wake_also(&sender);
        Ok(Self { sender, reader })
    }

    /// What the loop watches for reading.
    fn fileno(&self) -> i64 {
        socket_pair::number(&self.reader)
    }

    /// Everything that has come since the last time: (number, progress, value, error).
    fn take(&self, py: Python<'_>) -> Vec<Received> {
        let mut bytes = [0; 64];
        loop {
            match (&self.reader).read(&mut bytes) {
                Ok(n) if n == bytes.len() => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                _ => break,
            }
        }
        self.sender.take().into_iter().map(|(number, message)| received(py, number, message)).collect()
    }

    /// Hands log records over. For after the messages: whatever a handler raises, nobody waits without end.
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
