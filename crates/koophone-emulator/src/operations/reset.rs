//! Resets. The user's data is deleted at once; the phone runs again when the reset's time is over.

use crate::journal::JournalKind;
use crate::operations::batch::{check_each, has_no_job};
use crate::operations::fields::json_object;
use crate::operations::new_task::{NewTask, outcome};
use crate::operations::targets::{MOST_PHONES, targets};
use crate::phone::life::WorkKind;
use crate::wire::received::Received;
use crate::wire::reply::{Refusal, Reply};
use crate::world::{Job, TaskKind, World};

pub(super) fn reset_instances(world: &mut World, received: &Received, _: &str) -> Result<Reply, Refusal> {
    let targets = targets(world, &json_object(received)?, "instance_ids", MOST_PHONES)?;
    let checked = check_each(world, targets.unique, |world, id| has_no_job(world, id))?;
    let mut task = NewTask::new(world, TaskKind::Reset);
    for id in &checked.good {
        let job_id = task.job_id(world);
        let fails = world.job_fails(id);
        let factory = world.fleet.factory().clone();
        let done_at_ms = world.begin(id, WorkKind::Resetting, fails);
        if let Some(phone) = world.fleet.get_mut(id).filter(|_| !fails) {
            phone.wipe(factory);
        }
        let job = Job { job_id, instance_id: id.clone(), done_at_ms, outcome: outcome(fails) };
        task.add(world, received, JournalKind::Reset, None, job);
    }
    let reply = task.response(world, &targets.listed);
    checked.response(reply)
}
