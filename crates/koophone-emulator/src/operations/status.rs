//! The states of phones.

use serde_json::{Value, json};

use crate::operations::envelope::{arrange, number, success, with_unknown_field};
use crate::operations::fields::json_object;
use crate::operations::targets::{MOST_PHONES, targets};
use crate::quirk::Quirk;
use crate::wire::received::Received;
use crate::wire::reply::{Refusal, Reply};
use crate::world::World;

pub(super) fn query_status(world: &mut World, received: &Received, _: &str) -> Result<Reply, Refusal> {
    let targets = targets(world, &json_object(received)?, "instance_ids", MOST_PHONES)?;
    let now = world.clock.now_ms();
    let results: Vec<Value> = targets
        .listed
        .iter()
        .map(|id| {
            let state = world.fleet.state(id, now).unwrap_or(0);
            with_unknown_field(world.quirks, json!({"instance_id": id, "status": number(world.quirks, state)}))
        })
        .collect();
    let data = json!({"status_results": arrange(world, results, Quirk::MissingInstances)});
    if world.has(Quirk::BareStatusResults) {
        return Ok(Reply::json(200, &data));
    }
    Ok(success(world.quirks, Some(data)))
}
