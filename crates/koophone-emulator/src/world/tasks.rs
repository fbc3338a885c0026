//! Tasks, their jobs, and the outcomes.

use std::collections::HashMap;

/// One phone's part of a task.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) job_id: String,
    pub(crate) instance_id: String,
    /// Before this moment the job is running.
    pub(crate) done_at_ms: i64,
    pub(crate) outcome: Outcome,
}

/// The kind of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TaskKind {
    Command,
    Reset,
    Unassign,
    BackUp,
    Install,
}

/// A task.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) created_ms: i64,
    pub(crate) kind: TaskKind,
    pub(crate) jobs: Vec<Job>,
}

/// All tasks.
#[derive(Debug, Default)]
pub(crate) struct Tasks(HashMap<String, Task>);

impl Tasks {
    pub(crate) fn add(&mut self, task_id: String, task: Task) {
        self.0.insert(task_id, task);
    }

    pub(crate) fn get(&self, task_id: &str) -> Option<&Task> {
        self.0.get(task_id)
    }

    /// The jobs of all of them.
    pub(crate) fn jobs(&self) -> impl Iterator<Item = &Job> {
        self.0.values().flat_map(|task| &task.jobs)
    }

    /// Removes the task if it was created at this moment or before.
    pub(crate) fn forget_older(&mut self, task_id: &str, moment_ms: i64) {
        if self.get(task_id).is_some_and(|task| task.created_ms <= moment_ms) {
            self.0.remove(task_id);
        }
    }

    /// Removes the jobs of deleted phones.
    pub(crate) fn forget_phones(&mut self, instance_ids: &[String]) {
        self.0.retain(|_, task| {
            task.jobs.retain(|job| !instance_ids.contains(&job.instance_id));
            !task.jobs.is_empty()
        });
    }

    /// Makes the commands fail that are still running on a phone.
    pub(crate) fn interrupt(&mut self, instance_id: &str, now_ms: i64) {
        let jobs = self.0.values_mut().filter(|task| task.kind == TaskKind::Command).flat_map(|task| &mut task.jobs);
        for job in jobs.filter(|job| job.instance_id == instance_id && job.done_at_ms > now_ms) {
            job.done_at_ms = now_ms;
            job.outcome = Outcome::interrupted();
        }
    }

    pub(crate) fn set_outcome(&mut self, task_id: &str, job_id: &str, outcome: &Outcome) {
        let jobs = self.0.get_mut(task_id).into_iter().flat_map(|task| &mut task.jobs);
        for job in jobs.filter(|job| job.job_id == job_id) {
            job.outcome = outcome.clone();
        }
    }

    /// The phones of a task; none for an unknown one.
    pub(crate) fn phones(&self, task_id: &str) -> Vec<String> {
        self.0.get(task_id).iter().flat_map(|task| &task.jobs).map(|job| job.instance_id.clone()).collect()
    }

    /// The phone of a job of a task.
    pub(crate) fn phone_of_job(&self, task_id: &str, job_id: &str) -> Option<&str> {
        let jobs = &self.0.get(task_id)?.jobs;
        jobs.iter().find(|job| job.job_id == job_id).map(|job| job.instance_id.as_str())
    }
}

impl Task {
    /// The state of a job at this moment. Only installations report that a job waits (docs/spec/wire-notes.md#39).
    pub(crate) fn outcome_at(&self, job: &Job, now_ms: i64) -> Outcome {
        if now_ms >= job.done_at_ms {
            return job.outcome.clone();
        }
        let half = (job.done_at_ms.saturating_sub(self.created_ms)) / 2;
        let waits = self.kind == TaskKind::Install && now_ms.saturating_sub(self.created_ms) < half;
        Outcome { status: i64::from(!waits), ..Outcome::good(None) }
    }
}

/// The outcome of a request on one phone.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// 0 not started, 1 running, 2 good, -1 failed; 3 is an installation that failed.
    pub(crate) status: i64,
    pub(crate) code: &'static str,
    pub(crate) message: &'static str,
    pub(crate) execute_msg: Option<String>,
}

impl Outcome {
    pub(crate) fn good(execute_msg: Option<String>) -> Self {
        Self { status: 2, code: "", message: "", execute_msg }
    }

    /// The command exited with a status other than 0.
    pub(crate) fn command_failed(output: String) -> Self {
        Self { execute_msg: Some(output), ..Self::interrupted() }
    }

    /// The command was stopped before it had finished.
    pub(crate) fn interrupted() -> Self {
        Self { status: -1, code: "CPS.0191", message: "Run command failed.", execute_msg: None }
    }

    /// There is no running phone behind the instance.
    pub(crate) fn no_phone() -> Self {
        Self { status: -1, code: "CPS0005", message: "Phone not found.", execute_msg: None }
    }

    /// The job of a reset, a backup or the like failed. No code for such a job is documented.
    pub(crate) fn job_failed() -> Self {
        Self { status: -1, code: "KOOPHONE.API.9999", message: "internal error", execute_msg: None }
    }

    pub(crate) fn install_failed() -> Self {
        Self { status: 3, ..Self::job_failed() }
    }
}
