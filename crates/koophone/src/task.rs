//! Tasks: who has which job, reading their state, waiting for the end, and taking them up in another process.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::client::{Client, Core};
use crate::error::{Error, Result};
use crate::json;
use crate::model::{JobResult, JobState, Progress, TaskPhone, TaskStatus};
use crate::operation::Operation;
use crate::request::Call;
use crate::validate;
use crate::watch;

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
    client: Client,
    saved: Saved,
}

/// The part of a task that travels.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Saved {
    operation: String,
    task_ids: Vec<String>,
    phones: Vec<TaskPhone>,
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
    pub(crate) fn started(core: &Arc<Core>, operation: &Operation, phones: Vec<TaskPhone>) -> Self {
        let mut task_ids: Vec<String> = Vec::new();
        for id in phones.iter().filter_map(|phone| phone.task_id.as_ref()) {
            // The phones of a task stand together unless the caller's list has repeats.
            if task_ids.last() != Some(id) && !task_ids.contains(id) {
                task_ids.push(id.clone());
            }
        }
        Self { client: Client::of(core), saved: Saved { operation: operation.name.into(), task_ids, phones } }
    }

    pub(crate) fn resume(client: Client, text: &str) -> Result<Self> {
        let text = text.trim();
        let Some(encoded) = text.strip_prefix(PREFIX) else {
            let task_ids: Vec<String> = text.split(',').map(|id| id.trim().to_owned()).collect();
            task_ids.iter().try_for_each(|id| validate::task_id(id))?;
            return Ok(Self { client, saved: Saved { operation: "unknown".into(), task_ids, phones: Vec::new() } });
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
        Ok(Self { client, saved })
    }

    /// The task as one line of letters, digits, `-`, `_` and `.`, for a file, a database or another process. Holds no
    /// secret. [`Client::resume_task`] takes it up.
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
        !self.saved.task_ids.is_empty()
    }

    /// Reads the state of every job once.
    pub fn poll(&self) -> Call<TaskStatus> {
        let task = self.clone();
        self.client.call(async move |context| watch::poll(&task, &context).await)
    }

    /// Waits until every job has ended: one [`JobResult`] per phone, in the order asked.
    ///
    /// Reads with growing intervals (0.1 s to 5 s). Short outages of the service are waited out. When the time is up the
    /// error has kind `timeout` and `last_jobs`; the task itself goes on and can be waited for again.
    pub fn wait(&self, wait: WaitOptions) -> Call<Vec<JobResult>> {
        let task = self.clone();
        self.client.call(async move |context| watch::wait(&task, wait, &context).await)
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

/// Counts jobs.
pub(crate) fn progress_of(jobs: &[JobResult]) -> Progress {
    let mut progress = Progress { total: jobs.len() as u64, ..Progress::default() };
    for job in jobs {
        match job.state {
            JobState::Succeeded => progress.succeeded += 1,
            JobState::Failed => progress.failed += 1,
            _ if job.error.is_some() => progress.failed += 1,
            _ => progress.running += 1,
        }
    }
    progress
}

pub(crate) fn status_of(jobs: Vec<JobResult>) -> TaskStatus {
    let progress = progress_of(&jobs);
    TaskStatus { finished: progress.running == 0 && progress.total > 0, jobs, progress }
}

/// The jobs of a task as far as known, and where each is found.
pub(crate) struct Jobs {
    pub list: Vec<JobResult>,
    place: HashMap<String, usize>,
    /// Entries that tell of the same job as an earlier one, because the caller named a phone twice.
    repeats: Vec<(usize, usize)>,
    /// The task each entry belongs to; none where nothing was started.
    pub task_of: Vec<Option<String>>,
}

impl Jobs {
    pub fn of(task: &Task) -> Self {
        let mut jobs = Self { list: Vec::new(), place: HashMap::new(), repeats: Vec::new(), task_of: Vec::new() };
        for phone in task.phones() {
            if let Some(job) = &phone.job_id {
                let at = jobs.list.len();
                let first = *jobs.place.entry(job.clone()).or_insert(at);
                if first != at {
                    jobs.repeats.push((at, first));
                }
            }
            jobs.task_of.push(phone.task_id.clone());
            jobs.list.push(JobResult {
                instance_id: Some(phone.instance_id),
                job_id: phone.job_id.clone(),
                state: JobState::Unknown,
                status: None,
                output: String::new(),
                output_truncated: false,
                error: phone.error.clone(),
            });
        }
        jobs
    }

    /// Takes over a reading of task `task_id`. Jobs that it does not name keep their last state; jobs that nobody knows
    /// are added for a task resumed from its bare id.
    pub fn update(&mut self, task_id: &str, reading: Vec<JobResult>, bare: bool) {
        for job in reading {
            let Some(job_id) = job.job_id.clone() else { continue };
            match self.place.get(&job_id) {
                Some(&at) => {
                    let instance_id = self.list[at].instance_id;
                    let error = match (job.error, instance_id) {
                        (Some(error), Some(id)) => Some(error.about(id)),
                        (error, _) => error,
                    };
                    self.list[at] = JobResult { instance_id, error, ..job };
                }
                None if bare => {
                    self.place.insert(job_id, self.list.len());
                    self.task_of.push(Some(task_id.to_owned()));
                    self.list.push(job);
                }
                None => {}
            }
        }
        for &(at, first) in &self.repeats {
            self.list[at] = self.list[first].clone();
        }
    }

    /// The entries of one task that have not ended.
    pub fn open(&mut self, task_id: &str) -> impl Iterator<Item = &mut JobResult> {
        let of_task = self.task_of.iter().map(move |of| of.as_deref() == Some(task_id));
        self.list.iter_mut().zip(of_task).filter_map(|(job, mine)| mine.then_some(job)).filter(|job| !has_ended(job))
    }
}

pub(crate) fn has_ended(job: &JobResult) -> bool {
    job.state.is_final() || job.error.is_some()
}
