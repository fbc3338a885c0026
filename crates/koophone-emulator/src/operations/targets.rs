//! The phones that a request is about.

use std::collections::HashSet;

use serde_json::Value;

use crate::quirk::Quirk;
use crate::wire::received::Received;
use crate::wire::reply::Refusal;
use crate::world::World;

/// The body as a JSON object.
pub(super) fn json_object(received: &Received) -> Result<Value, Refusal> {
    match serde_json::from_slice::<Value>(&received.body) {
        Ok(body) if body.is_object() => Ok(body),
        Ok(_) => Err(Refusal::parameter("the body is no JSON object")),
        Err(error) => Err(Refusal::parameter(format!("the body is no JSON: {error}"))),
    }
}

/// Most phones of one request of the older operations.
pub(super) const MOST_PHONES: usize = 100;

/// The phones a request is about.
#[derive(Debug)]
pub(super) struct Targets {
    /// Known phones, each once, in the order asked.
    pub(super) unique: Vec<String>,
    /// The same as the answer shall list them.
    pub(super) answered: Vec<String>,
}

/// Reads and checks the list of ids in this field of the body.
pub(super) fn targets(world: &World, body: &Value, field: &str, most: usize) -> Result<Targets, Refusal> {
    let list = body.get(field).and_then(Value::as_array);
    let list = list.ok_or_else(|| Refusal::parameter(format!("{field} is no list")))?;
    let limit = if world.has(Quirk::StrictLimit32) { most.min(32) } else { most };
    if list.is_empty() {
        return Err(Refusal::parameter(format!("{field} is empty")));
    }
    if list.len() > limit {
        return Err(Refusal::parameter(format!("{field} has {} entries, at most {limit} are allowed", list.len())));
    }
    let (mut seen, mut unique, mut answered) = (HashSet::new(), Vec::new(), Vec::new());
    for value in list {
        let id = value.as_str().filter(|id| !id.is_empty() && id.len() <= 32);
        let id = id.ok_or_else(|| Refusal::parameter(format!("{field}: {value} is no id of 1 to 32 characters")))?;
        let is_new = seen.insert(id);
        if !is_new && world.has(Quirk::DuplicatesRefused) {
            return Err(Refusal::parameter(format!("{field}: {id} is named twice")));
        }
        match world.fleet.number(id) {
            None if world.has(Quirk::UnknownInstancesLeftOut) => continue,
            None => return Err(Refusal::no_right()),
            Some(_) => {}
        }
        if is_new {
            unique.push(id.to_owned());
        }
        if is_new || world.has(Quirk::DuplicatesAnsweredTwice) {
            answered.push(id.to_owned());
        }
    }
    check_regions(world, &unique)?;
    Ok(Targets { unique, answered })
}

/// With `mixed_regions` the phones with an odd number live in another region.
fn check_regions(world: &World, ids: &[String]) -> Result<(), Refusal> {
    if !world.has(Quirk::MixedRegions) {
        return Ok(());
    }
    let regions: HashSet<usize> = ids.iter().filter_map(|id| world.fleet.number(id)).map(|number| number % 2).collect();
    if regions.len() > 1 {
        return Err(Refusal::service(400, "KOOPHONE.API.1002", "the instances are not in the same region"));
    }
    Ok(())
}

/// Whether commands run on a phone now.
pub(super) fn is_running(world: &mut World, instance_id: &str) -> bool {
    let (now, new_scale) = (world.clock.now_ms(), world.has(Quirk::NewStateScale));
    world.fleet.get_mut(instance_id).is_some_and(|phone| phone.is_running_at(now, new_scale))
}
