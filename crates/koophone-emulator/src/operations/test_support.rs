//! Calls of the handlers, without a gateway in between.

use serde_json::Value;

use super::{handler, route};
use crate::clock::{ClockMode, ClockOptions};
use crate::journal::JournalKind;
use crate::options::Options;
use crate::quirk::Quirk;
use crate::wire::received::Received;
use crate::world::World;

/// Phones `a`, `b` and so on, and a stopped clock.
pub(super) fn world(phones: usize, change: impl FnOnce(&mut Options)) -> World {
    let clock = ClockOptions { mode: ClockMode::Manual, ..ClockOptions::default() };
    let instance_ids = ('a'..='z').take(phones).map(String::from).collect();
    let mut options = Options { instance_ids, clock, ..Options::default() };
    change(&mut options);
    World::new(options).unwrap()
}

pub(super) fn quirky(phones: usize, quirk: Quirk) -> World {
    world(phones, |options| options.quirks.push(quirk))
}

/// Status and body of the response.
pub(super) fn call(world: &mut World, method: &str, target: &str, body: &Value) -> (u16, Value) {
    world.catch_up();
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    let (method, target) = (method.to_owned(), target.to_owned());
    let received = Received { method, target, headers: Vec::new(), body, too_large: false };
    let route = route(&received.method, received.path());
    let reply = handler(route.operation).expect("an operation")(world, &received, &route.path_id)
        .unwrap_or_else(|refusal| refusal.reply(world.quirks, "id"));
    (reply.status, serde_json::from_slice(&reply.body).unwrap())
}

pub(super) fn post(world: &mut World, path: &str, body: &Value) -> (u16, Value) {
    call(world, "POST", &format!("/v1/instances/{path}"), body)
}

/// The data of a response that must be a success.
pub(super) fn good(world: &mut World, path: &str, body: &Value) -> Value {
    let (status, body) = post(world, path, body);
    assert_eq!((status, &body["error_code"]), (200, &Value::from("0")), "{body}");
    body["data"].clone()
}

/// Status and code of a refusal, without the prefix of all codes.
pub(super) fn refused(world: &mut World, path: &str, body: &Value) -> (u16, String) {
    let (status, body) = post(world, path, body);
    let code = body["error_code"].as_str().unwrap();
    assert_ne!(code, "0", "{body}");
    (status, code.trim_start_matches("KOOPHONE.API.").to_owned())
}

pub(super) fn advance(world: &mut World, milliseconds: i64) {
    world.clock.advance_ms(milliseconds);
    world.catch_up();
}

/// The entries of the journal: kind, phone, detail.
pub(super) fn journal(world: &World) -> Vec<(JournalKind, String, Option<String>)> {
    world.journal.iter().map(|entry| (entry.kind, entry.instance_id.clone(), entry.detail.clone())).collect()
}

pub(super) fn assign(world: &mut World, user: &str, instance_id: &str) {
    let pair = serde_json::json!({"user_id": user, "instance_id": instance_id});
    good(world, "assign", &serde_json::json!({"user_instances": [pair]}));
}

/// The states of the jobs of the task that a response names.
pub(super) fn jobs(world: &mut World, data: &Value) -> Vec<i64> {
    let task = data["task_id"].as_str().unwrap();
    let (_, body) = call(world, "GET", &format!("/v1/instances/tasks/{task}"), &Value::Null);
    body["data"]["jobs"].as_array().unwrap().iter().map(|job| job["status"].as_i64().unwrap()).collect()
}

/// State numbers of phones.
pub(super) fn states(world: &World, ids: &[&str]) -> Vec<i64> {
    ids.iter().map(|id| world.fleet.state(id, world.clock.now_ms()).unwrap()).collect()
}
