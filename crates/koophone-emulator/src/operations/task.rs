//! Tasks and their jobs.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::operations::envelope::{Outcome, arrange, success};
use crate::quirk::Quirk;
use crate::wire::reply::{Refusal, Reply};
use crate::world::World;

/// One phone's part of a task.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) job_id: String,
    pub(super) instance_id: String,
    /// Before this moment the job is running.
    pub(super) done_at_ms: i64,
    pub(super) outcome: Outcome,
}

/// A task.
#[derive(Debug)]
pub(super) struct Task {
    pub(super) created_ms: i64,
    pub(super) is_reset: bool,
    pub(super) jobs: Vec<Job>,
}

/// All tasks.
#[derive(Debug, Default)]
pub(crate) struct Tasks(HashMap<String, Task>);

impl Tasks {
    pub(super) fn add(&mut self, task_id: String, task: Task) {
        self.0.insert(task_id, task);
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

/// Jobs never name their phone (docs/spec/wire-notes.md#38).
pub(super) fn get_task(world: &mut World, task_id: &str) -> Result<Reply, Refusal> {
    let now = world.clock.now_ms();
    let retention = i64::try_from(world.options.task_retention_ms).unwrap_or(i64::MAX);
    if world.tasks.0.get(task_id).is_some_and(|task| retention > 0 && now >= task.created_ms.saturating_add(retention))
    {
        world.tasks.0.remove(task_id);
    }
    let unreadable = world.has(Quirk::ResetTaskUnreadable);
    let Some(task) = world.tasks.0.get(task_id).filter(|task| !(task.is_reset && unreadable)) else {
        return Err(Refusal::service(400, "KOOPHONE.API.1323", "the task does not exist"));
    };
    let jobs: Vec<Value> = task
        .jobs
        .iter()
        .map(|job| {
            let running = Outcome::running();
            let outcome = if now < job.done_at_ms { &running } else { &job.outcome };
            outcome.to_json(world.quirks, "job_id", &job.job_id)
        })
        .collect();
    let jobs = arrange(world, jobs, Quirk::MissingJobs);
    Ok(success(world.quirks, Some(json!({"jobs": jobs}))))
}
