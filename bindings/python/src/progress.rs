//! The progress of waiting for a task, on its way to a Python callback.

use std::sync::{Arc, Mutex, PoisonError};

use pyo3::prelude::*;
use tokio::sync::Notify;

use crate::messages::Sender;
use crate::types::Progress;

/// Where progress goes.
pub struct ProgressSink(Box<dyn FnMut(koophone::Progress) + Send>);

/// Progress of a blocking call, kept until the calling thread has left the core's runtime: only there may the callback
/// make calls of its own.
pub struct Reports {
    callback: Py<PyAny>,
    waiting: Arc<Waiting>,
}

#[derive(Default)]
struct Waiting {
    progress: Mutex<Vec<koophone::Progress>>,
    arrived: Notify,
}

impl Reports {
    pub fn to(callback: Py<PyAny>) -> Self {
        Self { callback, waiting: Arc::default() }
    }

    /// Ends when there is something to deliver.
    pub async fn arrived(&self) {
        self.waiting.arrived.notified().await;
    }

    /// Calls the callback, oldest first, until it raises.
    pub fn deliver(&self, py: Python<'_>) -> PyResult<()> {
        let waiting = std::mem::take(&mut *self.waiting.progress.lock().unwrap_or_else(PoisonError::into_inner));
        waiting.into_iter().try_for_each(|progress| self.callback.call1(py, (Progress(progress),)).map(drop))
    }
}

impl ProgressSink {
    /// To the callback of a blocking call.
    pub fn here(reports: &Reports) -> Self {
        let waiting = reports.waiting.clone();
        Self(Box::new(move |progress| {
            waiting.progress.lock().unwrap_or_else(PoisonError::into_inner).push(progress);
            waiting.arrived.notify_one();
        }))
    }

    /// To an event loop's mailbox.
    pub fn sent(sender: Sender, number: u64) -> Self {
        Self(Box::new(move |progress| sender.progress(number, progress)))
    }

    pub fn into_callback(self) -> Box<dyn FnMut(koophone::Progress) + Send> {
        self.0
    }
}
