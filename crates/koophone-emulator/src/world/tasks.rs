//! Tasks, their jobs, and what became of them.

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

/// A task.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) created_ms: i64,
    pub(crate) is_reset: bool,
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

/// What one phone made of a request.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// 1 running, 2 good, -1 failed.
    pub(crate) status: i64,
    pub(crate) code: &'static str,
    pub(crate) message: &'static str,
    pub(crate) execute_msg: Option<String>,
}

impl Outcome {
    pub(crate) fn running() -> Self {
        Self { status: 1, code: "", message: "", execute_msg: None }
    }

    pub(crate) fn good(execute_msg: Option<String>) -> Self {
        Self { status: 2, code: "", message: "", execute_msg }
    }

    /// The command ended with another status than 0.
    pub(crate) fn command_failed(output: String) -> Self {
        Self { status: -1, code: "CPS.0191", message: "Run command failed.", execute_msg: Some(output) }
    }

    /// There is no running phone behind the instance.
    pub(crate) fn no_phone() -> Self {
        Self { status: -1, code: "CPS0005", message: "Phone not found.", execute_msg: None }
    }
}
