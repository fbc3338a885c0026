//! Following a task: one reading, or readings until every job has ended.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use tokio::time::Instant;

use super::jobs::{Jobs, Saved, has_ended, progress_of, status_of};
use crate::call::{Report, WaitOptions};
use crate::model::{Error, ErrorKind, JobResult, Operation, Result, Returns, TaskStatus};
use crate::operations::{get_task, of_name};
use crate::pipeline::CallContext;
use crate::retry;
use crate::wire::redact;

const FIRST_INTERVAL: Duration = Duration::from_millis(100);
const LONGEST_INTERVAL: Duration = Duration::from_secs(5);
/// How many readings of one task may fail in a row before its phones get the error: with the pauses between them, an
/// outage of about half a minute.
const FAILURES_WAITED_OUT: u32 = 8;
/// How many readings may omit a job, while all named ones have finished, before waiting for the job ends.
const READINGS_WITHOUT_JOB: u32 = 10;

/// Reads every task of `saved` once.
pub(crate) async fn poll(saved: &Saved, context: &CallContext) -> Result<TaskStatus> {
    let mut jobs = Jobs::of(&saved.phones);
    if !can_be_followed(saved)? {
        return Ok(status_of(jobs.list));
    }
    let all: Vec<&str> = saved.task_ids.iter().map(String::as_str).collect();
    let mut failure: Option<Error> = None;
    let mut read_any = false;
    for (task_id, reading) in read(saved, context, &all).await {
        match reading {
            Ok(reading) => {
                read_any = true;
                jobs.update(task_id, reading, saved.phones.is_empty());
            }
            Err(error) => {
                jobs.open(task_id).for_each(|job| job.error = Some(error.clone()));
                failure.get_or_insert(error);
            }
        }
    }
    match failure {
        Some(error) if !read_any => Err(error),
        _ => Ok(status_of(jobs.list)),
    }
}

/// Reads until every job has ended or the time is up.
pub(crate) async fn wait(saved: &Saved, wait: WaitOptions, context: &CallContext) -> Result<Vec<JobResult>> {
    if !can_be_followed(saved)? {
        return Ok(Jobs::of(&saved.phones).list);
    }
    let timeout = wait.timeout.or(context.options().timeout);
    let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    let mut report = Report::new(wait.on_progress);
    let mut jobs = Jobs::of(&saved.phones);
    let mut follows: Vec<Follow> =
        saved.task_ids.iter().map(|id| Follow { task_id: id, failures: 0, without_job: 0, ended: None }).collect();
    let mut interval = FIRST_INTERVAL;
    report.progress(progress_of(&jobs.list));
    loop {
        let open: Vec<&str> =
            follows.iter().filter(|follow| follow.ended.is_none()).map(|follow| follow.task_id).collect();
        let readings = read(saved, &context.reading(time_left(deadline)), &open).await;
        if context.is_cancelled() {
            return Err(cancelled(jobs.list));
        }
        for (task_id, reading) in readings {
            let Some(follow) = follows.iter_mut().find(|follow| follow.task_id == task_id) else { continue };
            follow.take(&mut jobs, reading, saved.phones.is_empty(), deadline);
        }
        report.progress(progress_of(&jobs.list));
        if follows.iter().all(|follow| follow.ended.is_some()) {
            return match common_failure(&follows) {
                Some(error) => Err(error),
                None => {
                    context.count_errors(&jobs.list);
                    Ok(jobs.list)
                }
            };
        }
        let pause = interval.mul_f64(0.9 + 0.2 * retry::random());
        interval = (interval * 3 / 2).min(LONGEST_INTERVAL);
        let pause = time_left(deadline).map_or(pause, |left| pause.min(left));
        if context.unless_cancelled(tokio::time::sleep(pause)).await.is_err() {
            return Err(cancelled(jobs.list));
        }
        if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
            return Err(out_of_time(jobs.list, timeout.unwrap_or_default()));
        }
    }
}

/// The progress of following one task.
struct Follow<'a> {
    task_id: &'a str,
    /// Readings that failed in a row.
    failures: u32,
    /// Readings in a row in which every named job had finished, but one of ours was missing.
    without_job: u32,
    /// Some if there is nothing more to read: the failure, or none.
    ended: Option<Option<Error>>,
}

impl Follow<'_> {
    fn take(&mut self, jobs: &mut Jobs, reading: Result<Vec<JobResult>>, bare: bool, deadline: Option<Instant>) {
        match reading {
            Ok(reading) => {
                self.failures = 0;
                let all_named_ended = reading.iter().all(has_ended);
                let named_any = !reading.is_empty();
                jobs.update(self.task_id, reading, bare);
                let missing = jobs.open(self.task_id).next().is_some();
                if all_named_ended && (missing || !named_any) {
                    self.without_job += 1;
                    if self.without_job >= READINGS_WITHOUT_JOB {
                        let lost = Error::new(
                            ErrorKind::OutcomeUnknown,
                            "the task has ended, but the service names no job for this phone; check the phone",
                        );
                        jobs.open(self.task_id).for_each(|job| job.error = Some(lost.clone()));
                        self.ended = Some(None);
                    }
                } else if !missing {
                    self.ended = Some(None);
                }
            }
            Err(error) => {
                // Throttling is no outage: reading continues more slowly, as long as the caller waits.
                if error.kind() != ErrorKind::Throttled || deadline.is_none() {
                    self.failures += 1;
                }
                // The caller's timeout is reported as such, with the last state of every job.
                let out_of_time = deadline.is_some_and(|deadline| deadline <= Instant::now());
                if !out_of_time && (!may_pass(&error) || self.failures > FAILURES_WAITED_OUT) {
                    jobs.open(self.task_id).for_each(|job| job.error = Some(error.clone()));
                    self.ended = Some(Some(error));
                }
            }
        }
    }
}

fn may_pass(error: &Error) -> bool {
    use ErrorKind::{Network, Protocol, Throttled, Timeout, Unavailable};
    matches!(error.kind(), Network | Protocol | Throttled | Timeout | Unavailable)
}

/// If no task could be followed at all, the call fails.
fn common_failure(follows: &[Follow<'_>]) -> Option<Error> {
    let first = follows.first()?.ended.as_ref()?.as_ref()?;
    let failed = |follow: &Follow<'_>| matches!(&follow.ended, Some(Some(error)) if error.is_same_failure(first));
    follows.iter().all(failed).then(|| first.clone())
}

async fn read<'a>(saved: &Saved, context: &CallContext, ids: &[&'a str]) -> Vec<(&'a str, Result<Vec<JobResult>>)> {
    let had_secret = of_name(&saved.operation).is_some_and(Operation::has_secret_argument);
    let jobs = async move |id| {
        let jobs = get_task::jobs(context, id).await?;
        Ok(if had_secret { jobs.into_iter().map(without_address).collect() } else { jobs })
    };
    let readings: Vec<_> = ids.iter().map(|&id| async move { (id, jobs(id).await) }).collect();
    stream::iter(readings).buffer_unordered(context.settings().concurrency).collect().await
}

/// The service may quote a secret argument, which the task does not keep: the address of an app
/// (docs/spec/wire-notes.md#75).
fn without_address(job: JobResult) -> JobResult {
    let clean = |text: &mut String| *text = redact::without_queries(text).into_owned();
    let error = job.error.map(|error| {
        error.with(|details| {
            clean(&mut details.message);
            details.output.iter_mut().for_each(clean);
        })
    });
    JobResult { output: redact::without_queries(&job.output).into_owned(), error, ..job }
}

/// Whether there is anything to read: not if every phone has the error of its request instead of a job.
fn can_be_followed(saved: &Saved) -> Result<bool> {
    if saved.can_be_followed() {
        return Ok(true);
    }
    if saved.phones.iter().any(|phone| phone.error.is_some()) {
        return Ok(false);
    }
    let otherwise = match of_name(&saved.operation).map(|operation| operation.returns) {
        Some(Returns::Task { otherwise }) => otherwise,
        _ => "query_status",
    };
    let message =
        format!("the service accepted the call but returned no task to follow; call {otherwise} to see the result");
    Err(Error::invalid("task", message))
}

fn time_left(deadline: Option<Instant>) -> Option<Duration> {
    deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
}

fn cancelled(jobs: Vec<JobResult>) -> Error {
    let message = "the wait was cancelled by its caller; the task continues and can be waited for again";
    Error::new(ErrorKind::Cancelled, message).with(|error| {
        error.retryable = true;
        error.last_jobs = jobs;
    })
}

fn out_of_time(jobs: Vec<JobResult>, timeout: Duration) -> Error {
    let progress = progress_of(&jobs);
    let message = format!(
        "{} of {} jobs had not ended after {timeout:?}; the task continues and can be waited for again",
        progress.running, progress.total
    );
    Error::new(ErrorKind::Timeout, message).with(|error| {
        error.retryable = true;
        error.last_jobs = jobs;
    })
}
