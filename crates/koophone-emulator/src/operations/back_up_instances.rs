//! Backs phones up to storage, which frees their machines.

use crate::journal::JournalKind;
use crate::operations::batch::{check_each, has_no_job};
use crate::operations::fields::json_object;
use crate::operations::new_task::{NewTask, outcome};
use crate::operations::targets::targets;
use crate::phone::life::WorkKind;
use crate::wire::received::Received;
use crate::wire::reply::{Refusal, Reply};
use crate::world::{Job, TaskKind, World};

/// docs/spec/wire-notes.md#63
const MOST_PHONES: usize = 50;

pub(super) fn back_up_instances(world: &mut World, received: &Received, _: &str) -> Result<Reply, Refusal> {
    let targets = targets(world, &json_object(received)?, "instance_ids", MOST_PHONES)?;
    let checked = check_each(world, targets.unique, |world, id| check(world, id))?;
    let mut task = NewTask::new(world, TaskKind::BackUp);
    for id in &checked.good {
        let job_id = task.job_id(world);
        let fails = world.job_fails(id);
        let done_at_ms = world.begin(id, WorkKind::BackingUp, fails);
        let job = Job { job_id, instance_id: id.clone(), done_at_ms, outcome: outcome(fails) };
        task.add(world, received, JournalKind::BackUp, None, job);
    }
    let reply = task.response(world, &targets.listed);
    checked.response(reply)
}

fn check(world: &World, instance_id: &str) -> Result<(), Refusal> {
    has_no_job(world, instance_id)?;
    if world.fleet.get(instance_id).is_some_and(|phone| phone.life.is_stored) {
        return Err(Refusal::parameter(format!("{instance_id} is already in storage")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::operations::test_support::{advance, good, jobs, refused, states, world};

    #[test]
    fn a_backup_stores_the_phone_and_frees_its_machine() {
        let mut world = world(1, |options| options.free_machines = Some(0));
        let ids = json!({"instance_ids": ["a"]});
        let data = good(&mut world, "backup", &ids);
        let status = |world: &World| world.fleet.get("a").unwrap().life.backup_status(world.clock.now_ms());
        assert_eq!((states(&world, &["a"]), status(&world)), (vec![2], Some(0)));
        assert_eq!(refused(&mut world, "backup", &ids), (200, "2006".to_owned()));
        assert_eq!(refused(&mut world, "batch-reset", &ids), (200, "2006".to_owned()));
        advance(&mut world, 100);
        assert_eq!((status(&world), jobs(&mut world, &data)), (Some(1), vec![1]));
        advance(&mut world, 100);
        assert_eq!((states(&world, &["a"]), status(&world), jobs(&mut world, &data)), (vec![1], Some(2), vec![2]));
        assert!(world.machines.is_free());
        assert_eq!(refused(&mut world, "backup", &ids), (400, "1000".to_owned()));
        let run = good(&mut world, "sync-command", &json!({"command": "pwd", "instance_ids": ["a"]}));
        assert_eq!(run["cmd_results"][0]["error_code"], "CPS0005", "nothing runs in storage");
    }

    #[test]
    fn a_backup_that_fails_leaves_the_phone_running() {
        let mut world = world(2, |_| {});
        world.failing = Some(vec!["b".to_owned()]);
        let data = good(&mut world, "backup", &json!({"instance_ids": ["a", "b"]}));
        advance(&mut world, 200);
        assert_eq!((states(&world, &["a", "b"]), jobs(&mut world, &data)), (vec![1, 2], vec![2, -1]));
        assert_eq!(world.fleet.get("b").unwrap().life.backup_status(0), Some(3));
    }

    #[test]
    fn fifty_phones_are_the_maximum() {
        let ids: Vec<String> = (0..51).map(|number| format!("phone{number}")).collect();
        let mut world = world(0, |options| options.instance_ids.clone_from(&ids));
        assert_eq!(refused(&mut world, "backup", &json!({"instance_ids": ids})).1, "1000");
        good(&mut world, "backup", &json!({"instance_ids": ids[1..]}));
    }
}
