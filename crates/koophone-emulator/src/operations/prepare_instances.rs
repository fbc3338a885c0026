//! Prepares the phones of a user for streaming, restoring them from storage if necessary.

use serde_json::{Value, json};

use crate::journal::JournalKind;
use crate::operations::envelope::{arrange, number, success, with_unknown_field};
use crate::operations::fields::json_object;
use crate::operations::targets::{MOST_PHONES, targets_or, user};
use crate::phone::Phone;
use crate::phone::life::WorkKind;
use crate::quirk::Quirk;
use crate::wire::received::Received;
use crate::wire::reply::{Refusal, Reply};
use crate::world::World;

/// States of a preparation, which are numbered differently from others (docs/spec/wire-notes.md#40).
mod state {
    pub(super) const READY: i64 = 0;
    pub(super) const WAITING_FOR_RESTORE: i64 = 1;
    pub(super) const WAITING_FOR_ASSIGNMENT: i64 = 2;
    pub(super) const BACKING_UP: i64 = 3;
    pub(super) const RESETTING: i64 = 4;
    pub(super) const RESTARTING: i64 = 5;
    pub(super) const OFFLINE: i64 = 6;
}

pub(super) fn prepare_instances(world: &mut World, received: &Received, _: &str) -> Result<Reply, Refusal> {
    let body = json_object(received)?;
    let user = user(&body)?;
    let targets = targets_or(world, &body, "instance_ids", MOST_PHONES, Refusal::no_such_phone)?;
    for id in &targets.unique {
        if world.fleet.get(id).is_some_and(|phone| is_to_restore(phone, &user)) {
            world.restore(id);
            world.record(JournalKind::Prepare, id, Some(&user), None, received.x_request_id());
        }
    }
    let quirks = world.quirks;
    let state = |id: &String| {
        let state =
            world.fleet.get(id).map_or(state::WAITING_FOR_ASSIGNMENT, |phone| state_of(world, phone, id, &user));
        with_unknown_field(quirks, json!({"instance_id": id, "status": number(quirks, state)}))
    };
    let states: Vec<Value> = targets.listed.iter().map(state).collect();
    let states = arrange(world, states, Quirk::MissingInstances);
    Ok(success(quirks, Some(json!({"status_list": states}))))
}

/// Only the phones of the user, and only those without a job.
fn is_to_restore(phone: &Phone, user: &str) -> bool {
    phone.life.is_stored && phone.life.work.is_none() && phone.life.user.as_deref() == Some(user)
}

fn state_of(world: &World, phone: &Phone, instance_id: &str, user: &str) -> i64 {
    if phone.life.user.as_deref() != Some(user) {
        return state::WAITING_FOR_ASSIGNMENT;
    }
    match phone.life.work.map(|work| work.kind) {
        Some(WorkKind::Queued | WorkKind::Restoring) => state::WAITING_FOR_RESTORE,
        Some(WorkKind::Unassigning) => state::WAITING_FOR_ASSIGNMENT,
        Some(WorkKind::BackingUp) => state::BACKING_UP,
        Some(WorkKind::Resetting) => state::RESETTING,
        Some(WorkKind::Rebooting) => state::RESTARTING,
        None if world.fleet.is_running(instance_id) => state::READY,
        None => state::OFFLINE,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::operations::test_support::{advance, assign, good, journal, refused, states, world};

    fn statuses(world: &mut World, ids: &[&str]) -> Vec<i64> {
        let data = good(world, "prepare", &json!({"user_id": "tester", "instance_ids": ids}));
        data["status_list"].as_array().unwrap().iter().map(|one| one["status"].as_i64().unwrap()).collect()
    }

    #[test]
    fn phones_are_restored_from_storage_as_machines_become_free() {
        let mut world = world(3, |options| options.free_machines = Some(1));
        for id in ["a", "b"] {
            assign(&mut world, "tester", id);
            world.set_phone_state(id, 1);
        }
        assert_eq!(statuses(&mut world, &["a", "b", "c"]), [1, 1, 2]);
        assert_eq!(statuses(&mut world, &["a", "b"]), [1, 1], "a repeat starts nothing");
        let kinds = journal(&world).into_iter().filter(|(kind, ..)| *kind == JournalKind::Prepare);
        assert_eq!(kinds.count(), 2);
        assert_eq!(refused(&mut world, "backup", &json!({"instance_ids": ["b"]})), (200, "2005".to_owned()));
        advance(&mut world, 200);
        assert_eq!((statuses(&mut world, &["a", "b"]), states(&world, &["a", "b"])), (vec![0, 1], vec![2, 1]));
        assert_eq!(world.fleet.get("a").unwrap().life.restore_status(0), Some(2));
        world.set_free_machines(1);
        advance(&mut world, 200);
        assert_eq!(statuses(&mut world, &["b"]), [0]);
    }

    #[test]
    fn every_state_has_its_number() {
        let mut world = world(5, |_| {});
        for id in ["a", "b", "c", "d", "e"] {
            assign(&mut world, "tester", id);
        }
        good(&mut world, "backup", &json!({"instance_ids": ["a"]}));
        good(&mut world, "batch-reset", &json!({"instance_ids": ["b"]}));
        good(&mut world, "reboot", &json!({"instance_ids": ["c"]}));
        world.set_phone_state("d", 5);
        assert_eq!(statuses(&mut world, &["a", "b", "c", "d", "e"]), [3, 4, 5, 6, 0]);
    }

    #[test]
    fn an_unknown_phone_does_not_exist() {
        let body = json!({"user_id": "tester", "instance_ids": ["a", "nobody"]});
        assert_eq!(refused(&mut world(1, |_| {}), "prepare", &body), (400, "4001".to_owned()));
        let body = json!({"instance_ids": ["a"]});
        assert_eq!(refused(&mut world(1, |_| {}), "prepare", &body), (400, "1000".to_owned()));
    }
}
