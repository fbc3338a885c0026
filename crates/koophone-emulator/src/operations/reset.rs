//! Resets.

use serde_json::json;

use crate::ids::IdKind;
use crate::journal::JournalKind;
use crate::operations::envelope::{success, task_data};
use crate::operations::targets::{MOST_PHONES, json_object, targets};
use crate::quirk::Quirk;
use crate::wire::received::Received;
use crate::wire::reply::{Refusal, Reply};
use crate::world::{Job, Outcome, Task, World};

pub(super) fn reset_instances(world: &mut World, received: &Received, _: &str) -> Result<Reply, Refusal> {
    let targets = targets(world, &json_object(received)?, "instance_ids", MOST_PHONES)?;
    let now = world.clock.now_ms();
    let duration_ms = i64::try_from(world.options.reset_duration_ms).unwrap_or(i64::MAX);
    let with_task = !world.has(Quirk::ResetWithoutTask);
    let mut task_id = world.ids.hex32(IdKind::Task);
    if world.has(Quirk::RmTaskIds) {
        task_id.insert_str(0, "RM_");
    }
    let mut jobs = Vec::new();
    for id in &targets.unique {
        let job_id = world.ids.hex32(IdKind::Job);
        world.fleet.reset(id, now, duration_ms);
        let job = with_task.then_some((task_id.as_str(), job_id.as_str()));
        world.record(JournalKind::Reset, id, job, received.x_request_id());
        let done_at_ms = now.saturating_add(duration_ms);
        jobs.push(Job { job_id, instance_id: id.clone(), done_at_ms, outcome: Outcome::good(None) });
    }
    if !with_task {
        return Ok(success(world.quirks, None));
    }
    let mut data = task_data(world, &task_id, &jobs, &targets.answered);
    if world.has(Quirk::ResetTaskNested) {
        data = json!({"data": data});
    }
    world.tasks.add(task_id, Task { created_ms: now, is_reset: true, jobs });
    Ok(success(world.quirks, Some(data)))
}
