//! The phones that a request is about.

use std::collections::HashSet;

use serde_json::Value;

use crate::operations::fields::text;
use crate::quirk::Quirk;
use crate::wire::reply::Refusal;
use crate::world::World;

/// Maximum number of phones in one request of the older operations.
pub(super) const MOST_PHONES: usize = 100;

/// The phones a request is about.
#[derive(Debug)]
pub(super) struct Targets {
    /// Known phones, each once, in the order asked.
    pub(super) unique: Vec<String>,
    /// The same, as the response lists them.
    pub(super) listed: Vec<String>,
}

/// Reads and checks the list of ids in this field of the body. Unknown ones are refused with 1001.
pub(super) fn targets(world: &World, body: &Value, field: &str, most: usize) -> Result<Targets, Refusal> {
    targets_or(world, body, field, most, Refusal::no_permission)
}

/// The same; `unknown` is how an unknown id is refused.
pub(super) fn targets_or(
    world: &World,
    body: &Value,
    field: &str,
    most: usize,
    unknown: fn() -> Refusal,
) -> Result<Targets, Refusal> {
    let mut targets = Chosen::default();
    for value in list(world, body, field, most)? {
        let id = value.as_str().filter(|id| !id.is_empty() && id.len() <= LONGEST_ID);
        let id =
            id.ok_or_else(|| Refusal::parameter(format!("{field}: {value} is not an id of 1 to 32 characters")))?;
        targets.choose(world, field, id, unknown)?;
    }
    targets.done(world)
}

/// Maximum length in bytes of the id of a phone or user.
const LONGEST_ID: usize = 32;

/// A phone, and the user that it is or will be assigned to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) instance_id: String,
    pub(super) user_id: String,
}

/// Reads and checks the pairs of users and phones, each phone once.
pub(super) fn pairs(world: &World, body: &Value, most: usize) -> Result<(Vec<Pair>, Targets), Refusal> {
    const FIELD: &str = "user_instances";
    let (mut targets, mut pairs) = (Chosen::default(), Vec::<Pair>::new());
    for item in list(world, body, FIELD, most)? {
        let pair =
            Pair { instance_id: text(item, "instance_id", LONGEST_ID)?, user_id: text(item, "user_id", LONGEST_ID)? };
        if targets.choose(world, FIELD, &pair.instance_id, Refusal::no_permission)? {
            pairs.push(pair);
        } else if pairs.iter().any(|other| other.instance_id == pair.instance_id && *other != pair) {
            return Err(Refusal::parameter(format!("{FIELD}: {} is named with two users", pair.instance_id)));
        }
    }
    Ok((pairs, targets.done(world)?))
}

/// The list in this field, which must have 1 to `most` entries.
fn list<'a>(world: &World, body: &'a Value, field: &str, most: usize) -> Result<&'a [Value], Refusal> {
    let list = body.get(field).and_then(Value::as_array);
    let list = list.ok_or_else(|| Refusal::parameter(format!("{field} is not a list")))?;
    let most = if world.has(Quirk::WideLimits) { MOST_PHONES } else { most };
    let limit = if world.has(Quirk::StrictLimit32) { most.min(32) } else { most };
    if list.is_empty() {
        return Err(Refusal::parameter(format!("{field} is empty")));
    }
    if list.len() > limit {
        return Err(Refusal::parameter(format!("{field} has {} entries, at most {limit} are allowed", list.len())));
    }
    Ok(list)
}

/// Targets while they are read.
#[derive(Default)]
struct Chosen {
    seen: HashSet<String>,
    unique: Vec<String>,
    listed: Vec<String>,
}

impl Chosen {
    /// Adds an id; true if it is the id of a phone that was not named before.
    fn choose(&mut self, world: &World, field: &str, id: &str, unknown: fn() -> Refusal) -> Result<bool, Refusal> {
        let is_new = self.seen.insert(id.to_owned());
        if !is_new && world.has(Quirk::DuplicatesRefused) {
            return Err(Refusal::parameter(format!("{field}: {id} is named twice")));
        }
        if world.fleet.number(id).is_none() {
            return if world.has(Quirk::UnknownInstancesOmitted) { Ok(false) } else { Err(unknown()) };
        }
        if is_new {
            self.unique.push(id.to_owned());
        }
        if is_new || world.has(Quirk::DuplicateResults) {
            self.listed.push(id.to_owned());
        }
        Ok(is_new)
    }

    fn done(self, world: &World) -> Result<Targets, Refusal> {
        check_regions(world, &self.unique)?;
        Ok(Targets { unique: self.unique, listed: self.listed })
    }
}

/// A phone that the body names.
pub(super) fn one(world: &World, body: &Value, unknown: fn() -> Refusal) -> Result<String, Refusal> {
    let id = text(body, "instance_id", LONGEST_ID)?;
    if world.fleet.number(&id).is_some() { Ok(id) } else { Err(unknown()) }
}

/// A user that the body names.
pub(super) fn user(body: &Value) -> Result<String, Refusal> {
    text(body, "user_id", LONGEST_ID)
}

/// With `mixed_regions` the phones with an odd number are in another region.
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
