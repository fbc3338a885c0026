//! The progress of the preparation of a phone.

use serde_json::json;

use crate::operations::envelope::{number, success};
use crate::operations::fields::json_object;
use crate::operations::targets::{one, user};
use crate::phone::life::WorkKind;
use crate::wire::received::Received;
use crate::wire::reply::{Refusal, Reply};
use crate::world::World;

/// States of a preparation in progress, numbered differently again (docs/spec/wire-notes.md#40).
mod state {
    pub(super) const READY: i64 = 0;
    pub(super) const QUEUED: i64 = 1;
    pub(super) const RESTORING_OR_OFFLINE: i64 = 2;
    pub(super) const BACKING_UP: i64 = 3;
    pub(super) const FAILED: i64 = -1;
}

pub(super) fn get_prepare_progress(world: &mut World, received: &Received, _: &str) -> Result<Reply, Refusal> {
    let body = json_object(received)?;
    let user = user(&body)?;
    let id = one(world, &body, Refusal::no_such_phone)?;
    // Inferred: the user has no permission for another user's phone.
    let phone = world.fleet.get(&id).filter(|phone| phone.life.user.as_deref() == Some(user.as_str()));
    let life = &phone.ok_or_else(Refusal::no_permission)?.life;
    let state = match life.work.map(|work| work.kind) {
        Some(WorkKind::Queued) => state::QUEUED,
        Some(WorkKind::BackingUp) => state::BACKING_UP,
        Some(_) => state::RESTORING_OR_OFFLINE,
        None if world.fleet.is_running(&id) => state::READY,
        None if life.is_stored && life.restore.is_some_and(|ended| !ended.good) => state::FAILED,
        None => state::RESTORING_OR_OFFLINE,
    };
    let waiting = world.machines.place(&id).unwrap_or(0);
    let data = json!({"status": number(world.quirks, state), "waitingCount": waiting});
    Ok(success(world.quirks, Some(data)))
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::operations::test_support::{advance, assign, good, refused, world};

    #[test]
    fn progress_goes_from_offline_through_the_queue_to_ready() {
        let mut world = world(3, |options| options.free_machines = Some(0));
        for id in ["a", "b", "c"] {
            assign(&mut world, "tester", id);
        }
        for id in ["a", "b"] {
            world.set_phone_state(id, 1);
        }
        let ask = |world: &mut World, id: &str| {
            let data = good(world, "prepare-progress", &json!({"user_id": "tester", "instance_id": id}));
            (data["status"].as_i64().unwrap(), data["waitingCount"].as_i64().unwrap())
        };
        assert_eq!((ask(&mut world, "a"), ask(&mut world, "c")), ((2, 0), (0, 0)));
        good(&mut world, "prepare", &json!({"user_id": "tester", "instance_ids": ["a", "b"]}));
        assert_eq!((ask(&mut world, "a"), ask(&mut world, "b")), ((1, 1), (1, 2)));
        // The machine of `c` becomes free.
        good(&mut world, "backup", &json!({"instance_ids": ["c"]}));
        assert_eq!(ask(&mut world, "c"), (3, 0));
        advance(&mut world, 200);
        assert_eq!((ask(&mut world, "a"), ask(&mut world, "b"), ask(&mut world, "c")), ((2, 0), (1, 1), (2, 0)));
        advance(&mut world, 200);
        assert_eq!(ask(&mut world, "a"), (0, 0));
    }

    #[test]
    fn a_failed_restore_stays_failed_until_the_next_one() {
        let mut world = world(1, |_| {});
        assign(&mut world, "tester", "a");
        world.set_phone_state("a", 1);
        let (prepare, ask) =
            (json!({"user_id": "tester", "instance_ids": ["a"]}), json!({"user_id": "tester", "instance_id": "a"}));
        world.failing = Some(Vec::new());
        good(&mut world, "prepare", &prepare);
        advance(&mut world, 200);
        assert_eq!(good(&mut world, "prepare-progress", &ask)["status"], -1);
        world.failing = None;
        good(&mut world, "prepare", &prepare);
        assert_eq!(good(&mut world, "prepare-progress", &ask)["status"], 2);
        advance(&mut world, 200);
        assert_eq!(good(&mut world, "prepare-progress", &ask)["status"], 0);
    }

    #[test]
    fn the_phone_must_exist_and_be_the_user_s() {
        let mut world = world(1, |_| {});
        for (user, id, refusal) in [("tester", "nobody", (400, "4001")), ("other", "a", (401, "1001"))] {
            let (status, code) = refused(&mut world, "prepare-progress", &json!({"user_id": user, "instance_id": id}));
            assert_eq!((status, code.as_str()), refusal);
        }
    }
}
