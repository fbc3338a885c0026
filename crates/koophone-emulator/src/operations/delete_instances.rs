//! Deletes phones.

use serde_json::Value;

use crate::journal::JournalKind;
use crate::operations::batch::check_each;
use crate::operations::envelope::success;
use crate::operations::fields::json_object;
use crate::operations::targets::{MOST_PHONES, targets};
use crate::wire::received::Received;
use crate::wire::reply::{Refusal, Reply};
use crate::world::World;

pub(super) fn delete_instances(world: &mut World, received: &Received, _: &str) -> Result<Reply, Refusal> {
    let targets = targets(world, &json_object(received)?, "instanceIdList", MOST_PHONES)?;
    let checked = check_each(world, targets.unique, |world, id| check(world, id))?;
    for id in &checked.good {
        world.record(JournalKind::Delete, id, None, None, received.x_request_id());
    }
    world.delete_phones(&checked.good);
    let reply = success(world.quirks, Some(Value::Null));
    checked.response(reply)
}

fn check(world: &World, instance_id: &str) -> Result<(), Refusal> {
    if world.fleet.contract(instance_id).is_some_and(|contract| !contract.is_yearly) {
        let text = format!("{instance_id} is paid for by usage and cannot be deleted");
        return Err(Refusal::service(400, "KOOPHONE.API.5001", text));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::operations::test_support::{call, good, journal, post, refused, world};

    #[test]
    fn a_phone_is_deleted_with_its_tasks() {
        let mut world = world(2, |_| {});
        let started = good(&mut world, "async-command", &json!({"command": "pwd", "instance_ids": ["a"]}));
        let response = post(&mut world, "delete", &json!({"instanceIdList": ["a"]}));
        assert_eq!(response, (200, json!({"data": null, "error_code": "0", "error_msg": "ok"})));
        assert_eq!(world.fleet.ids(), ["b"]);
        assert_eq!(journal(&world)[1].0, JournalKind::Delete);
        let task = format!("/v1/instances/tasks/{}", started["task_id"].as_str().unwrap());
        assert_eq!(call(&mut world, "GET", &task, &Value::Null).1["error_code"], "KOOPHONE.API.1323");
        assert_eq!(refused(&mut world, "delete", &json!({"instanceIdList": ["a"]})), (401, "1001".to_owned()));
    }

    #[test]
    fn one_phone_paid_for_by_usage_refuses_all() {
        let mut world = world(2, |options| options.pay_per_use_phones = 1);
        assert_eq!(refused(&mut world, "delete", &json!({"instanceIdList": ["a", "b"]})), (400, "5001".to_owned()));
        assert_eq!(refused(&mut world, "delete", &json!({"instance_ids": ["a"]})), (400, "1000".to_owned()));
        assert_eq!(world.fleet.ids().len(), 2);
    }
}
