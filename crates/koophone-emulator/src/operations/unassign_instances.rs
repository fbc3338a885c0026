//! Unassigns phones from their users, and wipes the users' data.

use crate::journal::JournalKind;
use crate::operations::batch::{check_each, has_no_job};
use crate::operations::fields::json_object;
use crate::operations::new_task::{NewTask, outcome};
use crate::operations::targets::{Pair, pairs};
use crate::phone::life::WorkKind;
use crate::wire::received::Received;
use crate::wire::reply::{Refusal, Reply};
use crate::world::{Job, TaskKind, World};

/// docs/spec/wire-notes.md#63
const MOST_PAIRS: usize = 10;

pub(super) fn unassign_instances(world: &mut World, received: &Received, _: &str) -> Result<Reply, Refusal> {
    let (pairs, targets) = pairs(world, &json_object(received)?, MOST_PAIRS)?;
    let checked = check_each(world, pairs, check)?;
    let mut task = NewTask::new(world, TaskKind::Unassign);
    for pair in &checked.good {
        let job_id = task.job_id(world);
        let fails = world.job_fails(&pair.instance_id);
        let done_at_ms = world.begin(&pair.instance_id, WorkKind::Unassigning, fails);
        let job = Job { job_id, instance_id: pair.instance_id.clone(), done_at_ms, outcome: outcome(fails) };
        task.add(world, received, JournalKind::Unassign, Some(&pair.user_id), job);
    }
    let reply = task.response(world, &targets.listed);
    checked.response(reply)
}

fn check(world: &World, pair: &Pair) -> Result<(), Refusal> {
    let user = world.fleet.get(&pair.instance_id).and_then(|phone| phone.life.user.as_deref());
    if user != Some(pair.user_id.as_str()) {
        let text = format!("{} is not assigned to user {}", pair.instance_id, pair.user_id);
        return Err(Refusal::service(400, "KOOPHONE.API.2210", text));
    }
    has_no_job(world, &pair.instance_id)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use crate::operations::test_support::{advance, assign, good, jobs, refused, states, world};

    fn pairs_of(ids: &[&str], user: &str) -> serde_json::Value {
        let pairs: Vec<_> = ids.iter().map(|id| json!({"instance_id": id, "user_id": user})).collect();
        json!({"user_instances": pairs})
    }

    #[test]
    fn a_user_leaves_nothing_behind() {
        let mut world = world(2, |_| {});
        assign(&mut world, "7", "a");
        let phone = world.fleet.get_mut("a").unwrap();
        phone.life.stream = Some("stream".to_owned());
        phone.life.restore = Some(crate::phone::life::Ended { good: true, time_ms: 1 });
        phone.data.install("com.example.game", "Game", "1", b"PK", 1).unwrap();
        // A number is accepted as its text.
        let data = good(&mut world, "unassign", &json!({"user_instances": [{"user_id": 7, "instance_id": "a"}]}));
        assert_eq!(data["cmd_jobs"][0]["instance_id"], "a");
        assert_eq!(jobs(&mut world, &data), [1]);
        advance(&mut world, 200);
        assert_eq!((jobs(&mut world, &data), states(&world, &["a"])), (vec![2], vec![2]));
        let phone = world.fleet.get("a").unwrap();
        assert_eq!((&phone.life.user, &phone.life.stream, phone.life.restore), (&None, &None, None));
        assert!(Arc::ptr_eq(&phone.data.packages, &world.fleet.factory().packages));
    }

    #[test]
    fn only_the_users_own_phones_can_be_unassigned_ten_at_a_time() {
        let mut world = world(11, |_| {});
        assign(&mut world, "tester", "a");
        for (ids, user, refusal) in
            [(&["a"][..], "other", (400, "2210")), (&["a", "b"], "tester", (400, "2210")), (&["x"], "x", (401, "1001"))]
        {
            let (status, code) = refused(&mut world, "unassign", &pairs_of(ids, user));
            assert_eq!((status, code.as_str()), refusal, "{ids:?} {user}");
        }
        let eleven = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"];
        assert_eq!(refused(&mut world, "unassign", &pairs_of(&eleven, "tester")).1, "1000");
        assert!(world.fleet.get("a").unwrap().life.work.is_none(), "nothing has started");
    }

    #[test]
    fn a_failed_job_leaves_the_phone_assigned() {
        let mut world = world(1, |_| {});
        assign(&mut world, "tester", "a");
        world.failing = Some(Vec::new());
        let data = good(&mut world, "unassign", &pairs_of(&["a"], "tester"));
        advance(&mut world, 200);
        assert_eq!(jobs(&mut world, &data), [-1]);
        assert_eq!(world.fleet.get("a").unwrap().life.user.as_deref(), Some("tester"));
    }
}
