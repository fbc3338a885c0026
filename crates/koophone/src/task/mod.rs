//! Tasks: which phone has which job, reading their state, waiting for the end, and resuming them in another process.

mod jobs;
mod watch;

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use self::jobs::Saved;
pub(crate) use self::jobs::status_of;
use crate::call::{Call, WaitOptions};
use crate::model::{Error, JobResult, Operation, Result, TaskPhone, TaskStatus};
use crate::operations::validate;
use crate::pipeline::ClientInner;
use crate::wire::json;

/// Marks a saved task, and its version.
const PREFIX: &str = "kptask1.";

/// A command, reset or other task in progress on many phones (任务). It is the only record of which job belongs to which
/// phone: keep it, or [`save`](Task::save) it.
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

impl Task {
    pub(crate) fn started(inner: &Arc<ClientInner>, operation: &Operation, phones: Vec<TaskPhone>) -> Self {
        let mut task_ids: Vec<String> = Vec::new();
        for id in phones.iter().filter_map(|phone| phone.task_id.as_ref()) {
            // The phones of a task are adjacent unless the caller's list has duplicates.
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
                "this is not a saved task, or a part of it is missing; pass the whole text that save() returned",
            )
        };
        let text = URL_SAFE_NO_PAD.decode(encoded).map_err(|e| wrong().caused_by(&e))?;
        let saved: Saved = json::from_bytes(&text).map_err(|e| wrong().caused_by(&e))?;
        saved.task_ids.iter().try_for_each(|id| validate::task_id(id))?;
        Ok(Self { inner: inner.clone(), saved })
    }

    /// The task as one line of letters, digits, `-`, `_` and `.`, for a file, a database or another process. Contains
    /// no secret. [`Client::resume_task`](crate::Client::resume_task) resumes it.
    ///
    /// ```no_run
    /// # async fn example(task: koophone::Task) -> koophone::Result<()> {
    /// std::fs::write("task.txt", task.save()).expect("the file can be written");
    /// # Ok(()) }
    /// ```
    pub fn save(&self) -> String {
        let json = serde_json::to_vec(&self.saved).unwrap_or_default();
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(json))
    }

    /// Which operation started it: `start_command`, `reset_instances`, or `unknown` for a bare id.
    ///
    /// ```no_run
    /// # async fn example(task: koophone::Task) -> koophone::Result<()> {
    /// assert!(["start_command", "reset_instances", "unknown"].contains(&task.operation()));
    /// # Ok(()) }
    /// ```
    pub fn operation(&self) -> &str {
        &self.saved.operation
    }

    /// The service's task ids: one per request that was sent.
    ///
    /// ```no_run
    /// # async fn example(task: koophone::Task) -> koophone::Result<()> {
    /// println!("{}", task.task_ids().join(","));
    /// # Ok(()) }
    /// ```
    pub fn task_ids(&self) -> &[String] {
        &self.saved.task_ids
    }

    /// One entry per phone, in the order asked; empty for a task resumed from a bare id.
    ///
    /// ```no_run
    /// # async fn example(task: koophone::Task) -> koophone::Result<()> {
    /// for phone in task.phones() {
    ///     println!("{}: job {:?}", phone.instance_id, phone.job_id);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn phones(&self) -> &[TaskPhone] {
        &self.saved.phones
    }

    /// Whether the service returned anything to follow. Older services accept a reset without a task.
    ///
    /// ```no_run
    /// # async fn example(task: koophone::Task) -> koophone::Result<()> {
    /// assert_eq!(task.can_be_followed(), !task.task_ids().is_empty());
    /// # Ok(()) }
    /// ```
    pub fn can_be_followed(&self) -> bool {
        self.saved.can_be_followed()
    }

    /// Reads the state of every job once.
    ///
    /// ```no_run
    /// # async fn example(task: koophone::Task) -> koophone::Result<()> {
    /// let status = task.poll().await?;
    /// println!("{} of {} jobs are still running", status.progress.running, status.progress.total);
    /// # Ok(()) }
    /// ```
    pub fn poll(&self) -> Call<TaskStatus> {
        let saved = self.saved.clone();
        self.inner.call("poll", async move |context| watch::poll(&saved, &context).await)
    }

    /// Waits until every job has ended: one [`JobResult`] per phone, in the order asked.
    ///
    /// Reads with growing intervals (0.1 s to 5 s). It waits out short outages of the service. On a timeout the error
    /// has kind `timeout` and `last_jobs`; the task itself continues, and can be waited for again.
    ///
    /// ```no_run
    /// # async fn example(task: koophone::Task) -> koophone::Result<()> {
    /// use koophone::{PhoneResults, WaitOptions};
    ///
    /// let jobs = task.wait(WaitOptions::new().on_progress(|p| println!("{} of {}", p.succeeded, p.total))).await?;
    /// jobs.raise_for_errors()?;
    /// # Ok(()) }
    /// ```
    pub fn wait(&self, wait: WaitOptions) -> Call<Vec<JobResult>> {
        let saved = self.saved.clone();
        self.inner.call("wait", async move |context| watch::wait(&saved, wait, &context).await)
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
