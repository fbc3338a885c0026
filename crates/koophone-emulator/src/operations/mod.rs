//! The operations of KooPhone, and what they have in common.

pub(crate) mod command;
mod device_token;
mod envelope;
mod reset;
mod status;
pub(crate) mod task;
mod video;

use std::collections::HashSet;

use serde_json::Value;

use crate::auth::{gateway, identity};
use crate::operation::{Operation, Route};
use crate::quirk::Quirk;
use crate::wire::received::Received;
use crate::wire::reply::{Refusal, Reply};
use crate::world::World;

/// Executes a request as the service would.
pub(crate) fn operate(world: &mut World, route: &Route, received: &Received) -> Result<Reply, Refusal> {
    world.check_transport(route.operation, received)?;
    if route.operation.is_identity() {
        return identity::operate(world, route.operation, received);
    }
    let caller = gateway::authenticate(world, received)?;
    gateway::authorise(world, &caller, received, route.operation)?;
    let missing_id = received.x_request_id().is_none() && route.operation.required_request_id();
    if world.has(Quirk::RequestIdRequired) && missing_id {
        return Err(Refusal::service(200, "KOOPHONE.API.0002", "header x-request-id is missing"));
    }
    match route.operation {
        Operation::RunCommand => command::run_command(world, received),
        Operation::StartCommand => command::start_command(world, received),
        Operation::GetTask => task::get_task(world, &route.path_id),
        Operation::SetVideoSettings => video::set_video_settings(world, received),
        Operation::QueryStatus => status::query_status(world, received),
        Operation::ResetInstances => reset::reset_instances(world, received),
        Operation::GetDeviceToken => device_token::get_device_token(world, &route.path_id, received),
        _ => Err(Refusal::unknown_api()),
    }
}

/// The body as a JSON object.
fn json_object(received: &Received) -> Result<Value, Refusal> {
    match serde_json::from_slice::<Value>(&received.body) {
        Ok(body) if body.is_object() => Ok(body),
        Ok(_) => Err(Refusal::parameter("the body is no JSON object")),
        Err(error) => Err(Refusal::parameter(format!("the body is no JSON: {error}"))),
    }
}

/// The phones a request is about.
#[derive(Debug)]
struct Targets {
    /// Known phones, each once, in the order asked.
    unique: Vec<String>,
    /// The same as the answer shall list them.
    answered: Vec<String>,
}

/// Reads and checks `instance_ids`.
fn targets(world: &World, body: &Value) -> Result<Targets, Refusal> {
    let list = body
        .get("instance_ids")
        .and_then(Value::as_array)
        .ok_or_else(|| Refusal::parameter("instance_ids is no list"))?;
    let limit = if world.has(Quirk::StrictLimit32) { 32 } else { 100 };
    if list.is_empty() {
        return Err(Refusal::parameter("instance_ids is empty"));
    }
    if list.len() > limit {
        return Err(Refusal::parameter(format!(
            "instance_ids has {} entries, at most {limit} are allowed",
            list.len()
        )));
    }
    let (mut seen, mut unique, mut answered) = (HashSet::new(), Vec::new(), Vec::new());
    for value in list {
        let id = value.as_str().filter(|id| !id.is_empty() && id.len() <= 32);
        let id =
            id.ok_or_else(|| Refusal::parameter(format!("instance_ids: {value} is no id of 1 to 32 characters")))?;
        let is_new = seen.insert(id);
        if !is_new && world.has(Quirk::DuplicatesRefused) {
            return Err(Refusal::parameter(format!("instance_ids: {id} is named twice")));
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
fn is_running(world: &mut World, instance_id: &str) -> bool {
    let (now, new_scale) = (world.clock.now_ms(), world.has(Quirk::NewStateScale));
    world.fleet.get_mut(instance_id).is_some_and(|phone| phone.is_running_at(now, new_scale))
}
