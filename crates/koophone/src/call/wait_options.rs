//! How to wait for a task or a phone.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use crate::model::Progress;

/// How to wait for a task, or until a phone is ready.
///
/// ```
/// use std::time::Duration;
/// use koophone::WaitOptions;
///
/// let wait = WaitOptions::new()
///     .timeout(Duration::from_secs(600))
///     .on_progress(|progress| println!("{} of {}", progress.succeeded, progress.total));
/// assert_eq!(wait.timeout, Some(Duration::from_secs(600)));
/// ```
#[derive(Default)]
#[non_exhaustive]
pub struct WaitOptions {
    /// Time out after this time; the error then has the last known state of every job. None: wait for a task until its
    /// end, and for a phone at most five minutes.
    pub timeout: Option<Duration>,
    /// Called once at the beginning and then on every change. It runs between two readings, so it should be quick. If
    /// it panics, it is not called again, and waiting continues.
    pub on_progress: Option<Box<dyn FnMut(Progress) + Send>>,
}

impl WaitOptions {
    /// The defaults: wait for the end, without reporting progress.
    pub fn new() -> Self {
        Self::default()
    }

    /// Times out after this time; the error then has the last known state of every job. `None` waits for the end of a
    /// task, and five minutes for a phone.
    #[must_use]
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeout = timeout.into();
        self
    }

    /// Calls `on_progress` once at the beginning and then on every change. It runs between two readings, so it should
    /// be quick. If it panics, it is not called again, and waiting continues.
    #[must_use]
    pub fn on_progress(mut self, on_progress: impl FnMut(Progress) + Send + 'static) -> Self {
        self.on_progress = Some(Box::new(on_progress));
        self
    }
}

impl fmt::Debug for WaitOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitOptions").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

/// Reports changes to a callback.
pub(crate) struct Report {
    callback: Option<Box<dyn FnMut(Progress) + Send>>,
    last: Option<Progress>,
}

impl Report {
    pub fn new(callback: Option<Box<dyn FnMut(Progress) + Send>>) -> Self {
        Self { callback, last: None }
    }

    pub fn progress(&mut self, progress: Progress) {
        if self.last != Some(progress) {
            self.last = Some(progress);
            // A callback that panics is not called again, and must not cost the caller the results.
            if let Some(callback) = &mut self.callback
                && catch_unwind(AssertUnwindSafe(|| callback(progress))).is_err()
            {
                tracing::warn!("the progress callback panicked; it is not called again");
                self.callback = None;
            }
        }
    }
}
