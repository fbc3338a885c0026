//! The progress of waiting for a task, on its way to a Python callback.

use std::sync::{Arc, Mutex, PoisonError};

use koophone::CancelToken;
use pyo3::prelude::*;

use crate::mailbox::Post;
use crate::types::Progress;

/// Where progress goes.
pub struct Progressing(Box<dyn FnMut(koophone::Progress) + Send>);

/// What a callback raised.
pub type Failure = Arc<Mutex<Option<PyErr>>>;

impl Progressing {
    /// To a callback on the calling thread, which drives the call itself. When the callback raises, the call is stopped.
    pub fn here(callback: Py<PyAny>, stop: CancelToken) -> (Self, Failure) {
        let failure = Failure::default();
        let failed = failure.clone();
        let tell = move |progress: koophone::Progress| {
            let told = Python::try_attach(|py| callback.call1(py, (Progress(progress),)).map(drop));
            if let Some(Err(raised)) = told {
                failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(raised);
                stop.cancel();
            }
        };
        (Self(Box::new(tell)), failure)
    }

    /// To an event loop's mailbox.
    pub fn posted(post: Post, number: u64) -> Self {
        Self(Box::new(move |progress| post.progress(number, progress)))
    }

    pub fn into_callback(self) -> Box<dyn FnMut(koophone::Progress) + Send> {
        self.0
    }
}
