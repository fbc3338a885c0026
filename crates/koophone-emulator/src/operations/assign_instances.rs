//! Assigns phones to users.

use crate::journal::JournalKind;
use crate::operations::batch::check_each;
use crate::operations::envelope::success;
use crate::operations::fields::json_object;
use crate::operations::targets::{MOST_PHONES, Pair, pairs};
use crate::phone::life::WorkKind;
use crate::wire::received::Received;
use crate::wire::reply::{Refusal, Reply};
use crate::world::World;

pub(super) fn assign_instances(world: &mut World, received: &Received, _: &str) -> Result<Reply, Refusal> {
    let (pairs, _) = pairs(world, &json_object(received)?, MOST_PHONES)?;
    let checked = check_each(world, pairs, check)?;
    for pair in &checked.good {
        let Some(phone) = world.fleet.get_mut(&pair.instance_id) else {
            continue;
        };
        // Nothing changes if it is already assigned to that user.
        if phone.life.user.replace(pair.user_id.clone()).is_none() {
            let (kind, user) = (JournalKind::Assign, Some(pair.user_id.as_str()));
            world.record(kind, &pair.instance_id, user, None, received.x_request_id());
        }
    }
    let reply = success(world.quirks, None);
    checked.response(reply)
}

fn check(world: &World, pair: &Pair) -> Result<(), Refusal> {
    let Some(phone) = world.fleet.get(&pair.instance_id) else {
        return Err(Refusal::no_permission());
    };
    let life = &phone.life;
    if life.user.as_ref().is_some_and(|user| *user != pair.user_id) {
        return Err(Refusal::parameter(format!("{} is assigned to another user", pair.instance_id)));
    }
    if life.does(WorkKind::Unassigning) {
        return Err(Refusal::parameter(format!("{} is being unassigned", pair.instance_id)));
    }
    if life.is_frozen {
        return Err(Refusal::service(200, "KOOPHONE.API.2004", "the instance is frozen"));
    }
    if life.is_stored && !world.machines.is_free() {
        return Err(Refusal::service(200, "KPAPI.2209", "no device is left to assign"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::operations::test_support::{advance, assign, good, journal, quirky, refused, world};
    use crate::quirk::Quirk;

    fn bind(pairs: &[(&str, &str)]) -> serde_json::Value {
        let pairs: Vec<_> = pairs.iter().map(|(id, user)| json!({"instance_id": id, "user_id": user})).collect();
        json!({"user_instances": pairs})
    }

    fn user(world: &World, id: &str) -> Option<String> {
        world.fleet.get(id).unwrap().life.user.clone()
    }

    #[test]
    fn phones_are_assigned_once() {
        let mut world = world(2, |_| {});
        good(&mut world, "assign", &bind(&[("a", "tester"), ("b", "tester")]));
        good(&mut world, "assign", &bind(&[("a", "tester")]));
        good(&mut world, "assign", &json!({"user_instances": [{"instance_id": "b", "user_id": "tester"}]}));
        assert_eq!((user(&world, "a"), user(&world, "b")), (Some("tester".to_owned()), Some("tester".to_owned())));
        let entry = |id: &str| (JournalKind::Assign, id.to_owned(), Some("tester".to_owned()));
        assert_eq!(journal(&world), [entry("a"), entry("b")], "a repeat changes nothing");
    }

    #[test]
    fn one_phone_that_cannot_be_assigned_refuses_all() {
        let mut world = world(4, |options| options.free_machines = Some(0));
        assign(&mut world, "tester", "b");
        world.set_phone_state("c", 1);
        world.fleet.get_mut("d").unwrap().life.is_frozen = true;
        for (pairs, refusal) in [
            (&[("a", "other"), ("b", "other")][..], (400, "1000")),
            (&[("a", "other"), ("c", "other")], (200, "KPAPI.2209")),
            (&[("a", "other"), ("d", "other")], (200, "2004")),
            (&[("a", "other"), ("nobody", "other")], (401, "1001")),
            (&[("a", "other"), ("a", "another")], (400, "1000")),
            (&[("a", "")], (400, "1000")),
            (&[], (400, "1000")),
        ] {
            let (status, code) = refused(&mut world, "assign", &bind(pairs));
            assert_eq!((status, code.as_str()), refusal, "{pairs:?}");
            assert_eq!(user(&world, "a"), None, "{pairs:?}");
        }
    }

    #[test]
    fn the_quirk_assigns_the_good_phones_of_a_refused_batch() {
        let mut world = quirky(2, Quirk::PartialExecution);
        assign(&mut world, "tester", "b");
        assert_eq!(refused(&mut world, "assign", &bind(&[("b", "other"), ("a", "other")])).1, "1000");
        assert_eq!(user(&world, "a").as_deref(), Some("other"));
    }

    #[test]
    fn a_phone_that_is_being_unassigned_cannot_be_assigned() {
        let mut world = world(1, |_| {});
        assign(&mut world, "tester", "a");
        good(&mut world, "unassign", &bind(&[("a", "tester")]));
        assert_eq!(refused(&mut world, "assign", &bind(&[("a", "tester")])), (400, "1000".to_owned()));
        advance(&mut world, 200);
        good(&mut world, "assign", &bind(&[("a", "other")]));
    }
}
