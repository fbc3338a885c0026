//! Control over HTTP, under `/_emulator/`: the handle's methods, for programs that have no handle.

use std::borrow::Cow;
use std::time::Duration;

use http::Response;
use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde_json::{Value, json};

use crate::credentials::Credentials;
use crate::error::OptionsError;
use crate::fault::Fault;
use crate::metrics_page;
use crate::rule::Rule;
use crate::shared::Shared;
use crate::wire::body::StepBody;
use crate::wire::received::Received;
use crate::wire::response::response;

/// The error of a control request: status and text.
type Problem = (u16, String);

impl From<OptionsError> for Problem {
    fn from(error: OptionsError) -> Self {
        (400, error.to_string())
    }
}

/// Serves a control request.
pub(crate) fn respond(shared: &Shared, received: &Received) -> Response<StepBody> {
    let allowed = shared.access.check_control(received).map_err(|(status, text)| (status, text.to_owned()));
    match allowed.and_then(|()| act(shared, received)) {
        Ok(body) => json_response(200, &body),
        Err((status, text)) => refused(status, &text),
    }
}

/// Serves `/metrics`, with the same access rules as control requests.
pub(crate) fn metrics(shared: &Shared, received: &Received) -> Response<StepBody> {
    if let Err((status, text)) = shared.access.check_control(received) {
        return refused(status, text);
    }
    if received.method != "GET" {
        return refused(405, "metrics are read with GET");
    }
    let headers = [("Content-Type".to_owned(), metrics_page::CONTENT_TYPE.to_owned())];
    let text = metrics_page::text(&shared.world());
    response(200, &headers, StepBody::full(text.into_bytes()))
}

/// A request that is refused before it is served.
pub(crate) fn refused(status: u16, text: &str) -> Response<StepBody> {
    json_response(status, &json!({"error": text}))
}

fn json_response(status: u16, body: &Value) -> Response<StepBody> {
    let headers = [("Content-Type".to_owned(), "application/json".to_owned())];
    response(status, &headers, StepBody::full(body.to_string().into_bytes()))
}

fn act(shared: &Shared, received: &Received) -> Result<Value, Problem> {
    let path = received.path().strip_prefix("/_emulator").unwrap_or_default().trim_matches('/');
    let parts: Vec<Cow<str>> = path.split('/').map(|part| percent_decode_str(part).decode_utf8_lossy()).collect();
    let parts: Vec<&str> = parts.iter().map(AsRef::as_ref).collect();
    if received.method == "GET" {
        return read(shared, received, &parts);
    }
    write(shared, received, &parts)?;
    Ok(json!({"done": true}))
}

fn no_route(received: &Received) -> Problem {
    (404, format!("no control route {} {}", received.method, received.path()))
}

fn no_phone(id: &str) -> Problem {
    (404, format!("no phone {id}"))
}

fn read(shared: &Shared, received: &Received, parts: &[&str]) -> Result<Value, Problem> {
    match parts {
        ["info"] => info(shared),
        ["journal"] => to_value(&shared.journal(received.query("instance_id").as_deref())),
        ["requests"] => to_value(&shared.requests()),
        ["phones"] => Ok(phones(shared)),
        ["phones", id] => to_value(&shared.phone(id).ok_or_else(|| no_phone(id))?),
        ["faults"] => to_value(&shared.world().faults.pending()),
        _ => Err(no_route(received)),
    }
}

fn write(shared: &Shared, received: &Received, parts: &[&str]) -> Result<(), Problem> {
    match (received.method.as_str(), parts) {
        ("DELETE", ["journal"]) => shared.world().journal.clear(),
        ("DELETE", ["requests"]) => shared.world().requests.clear(),
        ("DELETE", ["faults"]) => shared.world().faults.clear(),
        ("DELETE", ["rules"]) => shared.world().rules.clear(),
        ("POST", ["faults"]) => {
            let faults = Fault::list_from_value(json(received)?)?;
            shared.world().add_faults(faults)?;
        }
        ("POST", ["rules"]) => {
            let rules = Rule::list_from_json(&String::from_utf8_lossy(&received.body))?;
            shared.world().add_rules(rules)?;
        }
        ("POST", ["phones", id, "stream"]) if shared.start_stream(id) => {}
        ("POST", ["phones", id, "frozen"]) => {
            let frozen = json(received)?["frozen"].as_bool();
            let frozen = frozen.ok_or((400, "the body must be {\"frozen\": true or false}".to_owned()))?;
            if !shared.set_frozen(id, frozen) {
                return Err(no_phone(id));
            }
        }
        ("POST", ["phones", id, "faults"]) => {
            let faults = serde_json::from_value(json(received)?);
            let faults =
                faults.map_err(|error| (400, format!("the body is not a valid set of phone faults: {error}")))?;
            if !shared.set_phone_faults(id, faults) {
                return Err(no_phone(id));
            }
        }
        ("POST", ["phones", id, "stream"]) => return Err(no_phone(id)),
        ("POST", ["free-machines"]) => {
            let count = json(received)?["count"].as_u64().and_then(|count| usize::try_from(count).ok());
            let count = count.ok_or((400, "the body must be {\"count\": number}".to_owned()))?;
            shared.world().set_free_machines(count);
        }
        ("POST", ["orders", id, "pay"]) => {
            if !shared.world().pay_order(id) {
                return Err((404, format!("no unpaid order {id}")));
            }
        }
        ("POST", ["phones", id, "state"]) => {
            let state =
                json(received)?["state"].as_i64().ok_or((400, "the body must be {\"state\": number}".to_owned()))?;
            if !shared.set_phone_state(id, state) {
                return Err(no_phone(id));
            }
        }
        ("POST", ["advance"]) => {
            let time = json(received)?["milliseconds"].as_u64();
            let time = time.ok_or((400, "the body must be {\"milliseconds\": number}".to_owned()))?;
            shared.advance(Duration::from_millis(time));
        }
        ("POST", ["expire-tokens"]) => shared.world().identity.expire_tokens(),
        ("POST", ["stop"]) => shared.stop(),
        _ => return Err(no_route(received)),
    }
    Ok(())
}

fn json(received: &Received) -> Result<Value, Problem> {
    serde_json::from_slice(&received.body).map_err(|error| (400, format!("the body is not JSON: {error}")))
}

fn to_value(value: &impl Serialize) -> Result<Value, Problem> {
    serde_json::to_value(value).map_err(|error| (500, error.to_string()))
}

fn info(shared: &Shared) -> Result<Value, Problem> {
    let world = shared.world();
    Ok(json!({
        "endpoint": shared.endpoint,
        "credentials": to_value(&Credentials::of(&world))?,
        "instance_ids": world.fleet.ids(),
        "now_ms": world.clock.now_ms(),
    }))
}

fn phones(shared: &Shared) -> Value {
    let world = shared.world();
    let now = world.clock.now_ms();
    let phone = |id: &String| json!({"instance_id": id, "state": world.fleet.state(id, now)});
    Value::Array(world.fleet.ids().iter().map(phone).collect())
}
