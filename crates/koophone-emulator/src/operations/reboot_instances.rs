//! Restarts phones. There is no task to follow.

use crate::journal::JournalKind;
use crate::operations::batch::{check_each, has_no_job};
use crate::operations::envelope::success;
use crate::operations::fields::json_object;
use crate::operations::targets::{MOST_PHONES, targets};
use crate::phone::life::WorkKind;
use crate::wire::received::Received;
use crate::wire::reply::{Refusal, Reply};
use crate::world::World;

pub(super) fn reboot_instances(world: &mut World, received: &Received, _: &str) -> Result<Reply, Refusal> {
    let targets = targets(world, &json_object(received)?, "instance_ids", MOST_PHONES)?;
    let checked = check_each(world, targets.unique, |world, id| check(world, id))?;
    let now = world.clock.now_ms();
    for id in &checked.good {
        world.begin(id, WorkKind::Rebooting, false);
        world.tasks.interrupt(id, now);
        let factory = world.fleet.factory().clone();
        if let Some(phone) = world.fleet.get_mut(id) {
            phone.life.end_session();
            phone.data.restart(&factory, now);
        }
        world.record(JournalKind::Reboot, id, None, None, received.x_request_id());
    }
    let reply = success(world.quirks, None);
    checked.response(reply)
}

fn check(world: &World, instance_id: &str) -> Result<(), Refusal> {
    if !world.fleet.is_running(instance_id) {
        return Err(Refusal::service(400, "KOOPHONE.API.5005", "not all of the instances are running"));
    }
    has_no_job(world, instance_id)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::operations::test_support::{advance, good, jobs, post, refused, states, world};

    #[test]
    fn a_restart_ends_what_runs_and_keeps_what_is_stored() {
        let mut world = world(2, |_| {});
        let ids = json!(["a", "b"]);
        let started = good(&mut world, "async-command", &json!({"command": "sleep 60", "instance_ids": ids}));
        good(&mut world, "sync-command", &json!({"command": "touch /sdcard/kept", "instance_ids": ids}));
        world.fleet.get_mut("a").unwrap().life.stream = Some("stream".to_owned());
        assert_eq!(
            post(&mut world, "reboot", &json!({"instance_ids": ["a"]})).1,
            json!({"error_code": "0", "error_msg": "ok"})
        );
        assert_eq!((states(&world, &["a", "b"]), jobs(&mut world, &started)), (vec![4, 2], vec![-1, 1]));
        let run = good(&mut world, "sync-command", &json!({"command": "pwd", "instance_ids": ids}));
        assert_eq!(
            (&run["cmd_results"][0]["error_code"], &run["cmd_results"][1]["status"]),
            (&json!("CPS0005"), &json!(2))
        );
        advance(&mut world, 200);
        assert_eq!(states(&world, &["a"]), [2]);
        let phone = world.fleet.get("a").unwrap();
        assert!(phone.life.stream.is_none() && phone.data.files.get("/sdcard/kept").is_some());
        assert_eq!(phone.data.events.back().unwrap().kind, "reboot");
    }

    #[test]
    fn one_phone_that_does_not_run_refuses_all() {
        let mut world = world(2, |_| {});
        for state in [0, 1, 3, 4, 5] {
            world.set_phone_state("b", state);
            assert_eq!(refused(&mut world, "reboot", &json!({"instance_ids": ["a", "b"]})), (400, "5005".to_owned()));
        }
        assert_eq!(states(&world, &["a"]), [2]);
        world.set_phone_state("b", 2);
        good(&mut world, "reboot", &json!({"instance_ids": ["a"]}));
        assert_eq!(
            refused(&mut world, "reboot", &json!({"instance_ids": ["a"]})).1,
            "5005",
            "it is already restarting"
        );
        good(&mut world, "backup", &json!({"instance_ids": ["b"]}));
        assert_eq!(refused(&mut world, "reboot", &json!({"instance_ids": ["b"]})), (200, "2006".to_owned()));
    }
}
