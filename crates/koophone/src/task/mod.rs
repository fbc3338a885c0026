//! Tasks: who has which job, reading their state, waiting for the end, and taking them up in another process.

mod jobs;
mod watch;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use self::jobs::Saved;
pub(crate) use self::jobs::status_of;
use crate::call::Call;
use crate::model::{Error, JobResult, Operation, Progress, Result, TaskPhone, TaskStatus};
use crate::operations::validate;
use crate::pipeline::ClientInner;
use crate::wire::json;

/// Marks a saved task, and its version.
const PREFIX: &str = "kptask1.";

/// A command or reset under way on many phones (任务). It holds the only record of which job belongs to which phone:
/// keep it, or [`save`](Task::save) it.
///
/// ```no_run
/// # async fn example(client: koophone::Client) -> koophone::Result<()> {
/// let task = client.start_command(["a44uhlf7"], "pm install /sdcard/game.apk").await?;
/// println!("to resume elsewhere: {}", task.save());
/// let results = task.wait(koophone::WaitOptions::default()).await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Task {
    inner: Arc<ClientInner>,
    saved: Saved,
}

/// How to wait for a task.
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
    /// Give up after this time; the error then holds the last known state of every job. None: wait for the end.
    pub timeout: Option<Duration>,
    /// Told once at the beginning and then at every change. Runs between two readings, so it should be quick.
    /// If it panics, it is not called again and the waiting continues.
    pub on_progress: Option<Box<dyn FnMut(Progress) + Send>>,
}

impl WaitOptions {
    /// The defaults: wait for the end, and tell nobody about the progress.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives up after this time; the error then holds the last known state of every job. `None` waits for the end.
    #[must_use]
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeout = timeout.into();
        self
    }

    /// Calls `on_progress` once at the beginning and then at every change. It runs between two readings, so it should be
    /// quick. If it panics, it is not called again and the waiting continues.
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

impl Task {
    pub(crate) fn started(inner: &Arc<ClientInner>, operation: &Operation, phones: Vec<TaskPhone>) -> Self {
        let mut task_ids: Vec<String> = Vec::new();
        for id in phones.iter().filter_map(|phone| phone.task_id.as_ref()) {
            // The phones of a task stand together unless the caller's list has repeats.
            if task_ids.last() != Some(id) && !task_ids.contains(id) {
                task_ids.push(id.clone());
            }
        }
        Self { inner: inner.clone(), saved: Saved { operation: operation.name.into(), task_ids, phones } }
    }

    pub(crate) fn resume(inner: &Arc<ClientInner>, text: &str) -> Result<Self> {
        let text = text.trim();
        let Some(encoded) = text.strip_prefix(PREFIX) else {
            let task_ids: Vec<String> = text.split(',').map(|id| id.trim().to_owned()).collect();
            task_ids.iter().try_for_each(|id| validate::task_id(id))?;
            return Ok(Self {
                inner: inner.clone(),
                saved: Saved { operation: "unknown".into(), task_ids, phones: Vec::new() },
            });
        };
        let wrong = || {
            Error::invalid(
                "saved",
                "this is not a saved task, or a part of it is missing; pass the whole text that save() gave",
            )
        };
        let text = URL_SAFE_NO_PAD.decode(encoded).map_err(|e| wrong().caused_by(&e))?;
        let saved: Saved = json::from_bytes(&text).map_err(|e| wrong().caused_by(&e))?;
        saved.task_ids.iter().try_for_each(|id| validate::task_id(id))?;
        Ok(Self { inner: inner.clone(), saved })
    }

    /// The task as one line of letters, digits, `-`, `_` and `.`, for a file, a database or another process. Holds no
    /// secret. [`Client::resume_task`](crate::Client::resume_task) takes it up.
    pub fn save(&self) -> String {
        let json = serde_json::to_vec(&self.saved).unwrap_or_default();
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(json))
    }

    /// Which operation started it: `start_command`, `reset_instances`, or `unknown` for a bare id.
    pub fn operation(&self) -> &str {
        &self.saved.operation
    }

    /// The service's task ids: one per request that was sent.
    pub fn task_ids(&self) -> &[String] {
        &self.saved.task_ids
    }

    /// One entry per phone, in the order asked; empty for a task resumed from a bare id.
    pub fn phones(&self) -> &[TaskPhone] {
        &self.saved.phones
    }

    /// Whether the service gave anything to follow. Older services accept a reset without a task.
    pub fn can_be_followed(&self) -> bool {
        self.saved.can_be_followed()
    }

    /// Reads the state of every job once.
    pub fn poll(&self) -> Call<TaskStatus> {
        let saved = self.saved.clone();
        self.inner.call(async move |context| watch::poll(&saved, &context).await)
    }

    /// Waits until every job has ended: one [`JobResult`] per phone, in the order asked.
    ///
    /// Reads with growing intervals (0.1 s to 5 s). Short outages of the service are waited out. When the time is up the
    /// error has kind `timeout` and `last_jobs`; the task itself goes on and can be waited for again.
    pub fn wait(&self, wait: WaitOptions) -> Call<Vec<JobResult>> {
        let saved = self.saved.clone();
        self.inner.call(async move |context| watch::wait(&saved, wait, &context).await)
    }
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task")
            .field("operation", &self.saved.operation)
            .field("task_ids", &self.saved.task_ids)
            .field("phones", &self.saved.phones.len())
            .finish_non_exhaustive()
    }
}
