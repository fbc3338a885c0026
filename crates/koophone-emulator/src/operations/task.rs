//! Reading a task.

use serde_json::{Value, json};

use crate::operations::envelope::{arrange, success};
use crate::quirk::Quirk;
use crate::wire::received::Received;
use crate::wire::reply::{Refusal, Reply};
use crate::world::{Outcome, World};

/// Jobs never name their phone (docs/spec/wire-notes.md#38).
pub(super) fn get_task(world: &mut World, _: &Received, task_id: &str) -> Result<Reply, Refusal> {
    let now = world.clock.now_ms();
    let retention = i64::try_from(world.options.task_retention_ms).unwrap_or(i64::MAX);
    if retention > 0 {
        world.tasks.forget_older(task_id, now.saturating_sub(retention));
    }
    let unreadable = world.has(Quirk::ResetTaskUnreadable);
    let Some(task) = world.tasks.get(task_id).filter(|task| !(task.is_reset && unreadable)) else {
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
