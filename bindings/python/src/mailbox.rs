//! How started calls reach an event loop without ever touching the interpreter.
//!
//! The core's threads put answers, as Rust data, into a list and make a socket readable. The loop, which watches the
//! socket like any other, takes them out on its own thread. So no foreign thread attaches, and leaving the interpreter
//! with calls open can neither crash nor wait.

use std::io::{ErrorKind, Read, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use koophone::{Progress, Result, binding_support};
use pyo3::prelude::*;

use crate::call::Answer;
use crate::socket_pair::{self, Socket};
use crate::{convert, logging, types};

/// An event loop's end.
#[pyclass(frozen, module = "koophone._koophone")]
pub struct Mailbox {
    post: Post,
    reader: Socket,
}

/// The threads' end.
#[derive(Clone)]
pub struct Post(Arc<Shared>);

struct Shared {
    letters: Mutex<Vec<(u64, Letter)>>,
    writer: Socket,
}

enum Letter {
    Progress(Progress),
    Done(Result<Answer>),
}

/// What the loop gets: the call's number, and its progress, its value or its error.
type Opened = (u64, Option<types::Progress>, Option<Py<PyAny>>, Option<Py<PyAny>>);

impl Post {
    pub fn done(&self, number: u64, ended: Result<Answer>) {
        self.put(number, Letter::Done(ended));
    }

    pub fn progress(&self, number: u64, progress: Progress) {
        self.put(number, Letter::Progress(progress));
    }

    fn put(&self, number: u64, letter: Letter) {
        let first = {
            let mut letters = self.letters();
            letters.push((number, letter));
            letters.len() == 1
        };
        // Whoever puts the first letter rings, once for all that come with it; the loop takes all letters at once.
        if first {
            let post = self.clone();
            binding_support::after_ready_tasks(move || post.ring());
        }
    }

    /// Makes the loop look: for letters, and for log records.
    pub fn ring(&self) {
        // A full socket is readable already, and a closed one has nobody who waits.
        let _ = (&self.0.writer).write(&[1]);
    }

    fn letters(&self) -> MutexGuard<'_, Vec<(u64, Letter)>> {
        self.0.letters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mailbox {
    pub fn post(&self) -> Post {
        self.post.clone()
    }
}

#[pymethods]
impl Mailbox {
    #[new]
    fn new() -> PyResult<Self> {
        let (reader, writer) = socket_pair::pair()?;
        reader.set_nonblocking(true)?;
        writer.set_nonblocking(true)?;
        let post = Post(Arc::new(Shared { letters: Mutex::new(Vec::new()), writer }));
        logging::ring_also(&post);
        Ok(Self { post, reader })
    }

    /// What the loop watches for reading.
    fn fileno(&self) -> i64 {
        socket_pair::number(&self.reader)
    }

    /// Everything that has come since the last time: (number, progress, value, error).
    fn take(&self, py: Python<'_>) -> Vec<Opened> {
        let mut rings = [0; 64];
        loop {
            match (&self.reader).read(&mut rings) {
                Ok(n) if n == rings.len() => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                _ => break,
            }
        }
        let letters = std::mem::take(&mut *self.post.letters());
        letters.into_iter().map(|(number, letter)| open(py, number, letter)).collect()
    }

    /// Hands log records over. For after the letters: whatever a handler raises, nobody waits without end.
    fn deliver_logs(&self, py: Python<'_>) -> PyResult<()> {
        logging::deliver(py)
    }
}

fn open(py: Python<'_>, number: u64, letter: Letter) -> Opened {
    let ended = match letter {
        Letter::Progress(progress) => return (number, Some(types::Progress(progress)), None, None),
        Letter::Done(ended) => ended,
    };
    match ended.map_err(|error| convert::raised(py, &error)).and_then(|answer| answer(py)) {
        Ok(value) => (number, None, Some(value), None),
        Err(raised) => (number, None, None, Some(raised.into_value(py).into_any())),
    }
}

/// For the list of loops to ring: does not keep a mailbox alive.
pub struct WeakPost(std::sync::Weak<Shared>);

impl Post {
    pub fn downgrade(&self) -> WeakPost {
        WeakPost(Arc::downgrade(&self.0))
    }
}

impl WeakPost {
    pub fn upgrade(&self) -> Option<Post> {
        self.0.upgrade().map(Post)
    }
}
