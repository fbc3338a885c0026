//! Reading a task.

use serde_json::{Value, json};

use crate::operations::envelope::{arrange, success};
use crate::quirk::Quirk;
use crate::wire::received::Received;
use crate::wire::reply::{Refusal, Reply};
use crate::world::{Task, TaskKind, World};

/// Jobs never name their phone (docs/spec/wire-notes.md#38).
pub(super) fn get_task(world: &mut World, _: &Received, task_id: &str) -> Result<Reply, Refusal> {
    let now = world.clock.now_ms();
    let retention = i64::try_from(world.options.task_retention_ms).unwrap_or(i64::MAX);
    if retention > 0 {
        world.tasks.forget_older(task_id, now.saturating_sub(retention));
    }
    let unreadable = world.has(Quirk::ResetTaskUnreadable);
    let Some(task) = world.tasks.get(task_id).filter(|task| !unreadable || has_known_ids(task)) else {
        return Err(Refusal::service(400, "KOOPHONE.API.1323", "the task does not exist"));
    };
    let jobs: Vec<Value> =
        task.jobs.iter().map(|job| task.outcome_at(job, now).to_json(world.quirks, "job_id", &job.job_id)).collect();
    let jobs = arrange(world, jobs, Quirk::MissingJobs);
    Ok(success(world.quirks, Some(json!({"jobs": jobs}))))
}

/// Whether the documents say that tasks of this kind can be read (docs/spec/wire-notes.md#47).
fn has_known_ids(task: &Task) -> bool {
    matches!(task.kind, TaskKind::Command | TaskKind::Install)
}
