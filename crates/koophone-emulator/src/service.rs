//! The path of a request through the emulator: faults, checks, the operation, and its response.

use serde_json::Value;

use crate::action::Action;
use crate::auth::gateway;
use crate::edition::Edition;
use crate::ids::IdKind;
use crate::journal::{AuthKind, RequestEntry, RequestStatus};
use crate::operation::{Operation, Phones, RequestId};
use crate::operations::{Route, handler, named_phones, route};
use crate::quirk::Quirk;
use crate::wire::change::change_body;
use crate::wire::deliver::{Delivery, deliver, own_response};
use crate::wire::received::Received;
use crate::wire::reply::{Refusal, Reply};
use crate::world::{Done, World};

/// The log entry of a request, and its response.
#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) sequence: u64,
    pub(crate) operation: Operation,
    pub(crate) executed: bool,
    pub(crate) delivery: Delivery,
}

/// Serves a request whose command line has already run.
pub(crate) fn serve_after(world: &mut World, done: Done, received: &Received) -> Served {
    world.ahead = done;
    let served = serve(world, received);
    world.ahead.clear();
    served
}

/// Receives a request, executes it unless a fault prevents that, and decides the response.
pub(crate) fn serve(world: &mut World, received: &Received) -> Served {
    world.clock.tick();
    world.catch_up();
    let route = route(&received.method, received.path());
    let mut instance_ids = named_phones(received, &route);
    let sequence = log_request(world, received, &route, instance_ids.len());
    if route.operation.0.phones == Phones::OfTask {
        instance_ids = world.tasks.phones(&route.path_id);
    }
    let server_id = world.ids.hex32(IdKind::ServerRequest);
    let fault = world.faults.take(route.operation, &instance_ids);
    if let Some(action) = &fault {
        world.metrics.fault(route.operation, action);
    }
    world.failing = fault.as_ref().and_then(Action::failing_phones);
    let reply = if fault.as_ref().is_none_or(Action::executes) {
        execute(world, &route, received).unwrap_or_else(|refusal| refusal.reply(world.quirks, &server_id))
    } else {
        // Only the faults below send something then, with their own content.
        Reply::json(500, &Value::Null).not_executed()
    };
    let executed = reply.executed;
    if let Some(entry) = world.requests.get_mut(sequence) {
        entry.executed = executed;
    }
    let reply = pass_time(world, reply, &server_id);
    let own = fault.as_ref().and_then(|fault| own_response(fault, world.quirks, &server_id));
    let mut reply = with_common_headers(world, own.unwrap_or(reply), &route, &server_id);
    if let Some(action) = &fault {
        reply = changed(world, reply, action, &route);
    }
    Served { sequence, operation: route.operation, executed, delivery: deliver(reply, fault.as_ref()) }
}

/// Executes a request as the service would.
fn execute(world: &mut World, route: &Route, received: &Received) -> Result<Reply, Refusal> {
    let operation = route.operation;
    let is_there = world.options.edition != Edition::Of2024 || !operation.0.is_newer;
    let handler = handler(operation).filter(|_| is_there).ok_or_else(Refusal::unknown_api)?;
    check_transport(world, operation, received)?;
    if !operation.is_identity() {
        let caller = gateway::authenticate(world, received)?;
        gateway::authorise(world, &caller, received, operation)?;
        let needs_id = match operation.0.request_id {
            RequestId::Never => false,
            RequestId::Older => world.has(Quirk::RequestIdRequired),
            RequestId::Always => world.has(Quirk::RequestIdRequired) || world.has(Quirk::StrictRequestId),
        };
        if needs_id && received.x_request_id().is_none() {
            return Err(Refusal::service(200, "KOOPHONE.API.0002", "header x-request-id is missing"));
        }
    }
    handler(world, received, &route.path_id)
}

/// Waits for the duration of an operation, up to the gateway's timeout. A manual clock advances at once.
fn pass_time(world: &mut World, mut reply: Reply, server_id: &str) -> Reply {
    let patience = world.options.gateway_timeout_ms;
    if patience > 0 && reply.hold_ms > patience {
        let timeout = Refusal::gateway(504, "APIGW.0201", "Backend timeout.").reply(world.quirks, server_id);
        reply = Reply { hold_ms: patience, executed: reply.executed, ..timeout };
    }
    if world.clock.is_manual() {
        world.clock.advance_ms(i64::try_from(reply.hold_ms).unwrap_or(i64::MAX));
        reply.hold_ms = 0;
    }
    reply
}

fn log_request(world: &mut World, received: &Received, route: &Route, instances: usize) -> u64 {
    let auth = if received.header("x-auth-token").is_some() {
        AuthKind::Token
    } else if received.header("authorization").is_some() {
        AuthKind::Aksk
    } else {
        AuthKind::None
    };
    let time_ms = world.clock.now_ms();
    world.requests.add(|sequence| RequestEntry {
        sequence,
        time_ms,
        operation: route.operation,
        method: received.method.clone(),
        path: received.target.clone(),
        x_request_id: received.x_request_id(),
        traceparent: received.header("traceparent").map(str::to_owned),
        auth,
        status: RequestStatus::Open,
        executed: false,
        instances,
    })
}

/// Headers of every response. Those set by a fault are kept.
fn with_common_headers(world: &World, mut reply: Reply, route: &Route, server_id: &str) -> Reply {
    let mut common = vec![("X-Request-Id", server_id.to_owned()), ("Date", world.clock.http_date())];
    if route.operation.is_identity() {
        common.push(("X-IAM-Trace-Id", format!("token_{}_{server_id}", world.options.region)));
    }
    for (name, value) in common {
        if !reply.headers.iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
            reply.headers.push((name.to_owned(), value));
        }
    }
    reply
}

/// Applies a fault to status, headers and body of a response.
fn changed(world: &World, mut reply: Reply, action: &Action, route: &Route) -> Reply {
    let headers = match action {
        Action::Response { headers, .. } => headers,
        Action::Change { status, headers, set, remove } => {
            reply.status = status.unwrap_or(reply.status);
            let is_item_of = |item: &Value, id: &str| {
                let names = |key: &str| item.get(key).and_then(Value::as_str);
                let phone = || names("job_id").and_then(|job| world.tasks.phone_of_job(&route.path_id, job));
                names("instance_id").or_else(phone) == Some(id)
            };
            reply.body = change_body(reply.body, set, remove, &is_item_of);
            headers
        }
        _ => return reply,
    };
    for (name, value) in headers {
        match value.as_str() {
            Some(value) => reply = reply.with_header(name, value),
            None => reply.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name)),
        }
    }
    reply
}

/// The gateway's checks before authentication.
fn check_transport(world: &mut World, operation: Operation, received: &Received) -> Result<(), Refusal> {
    let limit = world.options.max_header_bytes;
    if limit > 0 && received.header_bytes() > limit {
        return Err(Refusal::gateway(494, "APIGW.0201", "Request Header Or Cookie Too Large"));
    }
    if received.too_large {
        return Err(Refusal::gateway(413, "APIGW.0201", "Request Entity Too Large"));
    }
    let has_body = matches!(received.method.as_str(), "POST" | "PUT");
    if world.has(Quirk::LengthRequired) && has_body && received.header("content-length").is_none() {
        return Err(Refusal::gateway(411, "APIGW.0201", "Length Required"));
    }
    if let Some(limit) = world.options.rate_limit {
        world.gateway.count_call(operation, limit, world.clock.now_ms())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Generator;
    use crate::options::Options;

    /// JSON of any form, made of the keys and values that matter somewhere.
    fn random_json(generator: &mut Generator, depth: usize) -> Value {
        const KEYS: [&str; 26] = [
            "instance_id",
            "user_id",
            "user_instances",
            "instance_id_list",
            "chargeParam",
            "auth",
            "identity",
            "methods",
            "password",
            "user",
            "name",
            "domain",
            "scope",
            "project",
            "id",
            "command",
            "instance_ids",
            "instance_settings",
            "network_type",
            "encoding_type",
            "video_spec_groups",
            "definition_540P",
            "definition_720P",
            "definition_1080P",
            "code_rate",
            "fps",
        ];
        const TEXTS: [&str; 9] =
            ["password", "phone", "other", "WIFI", "H264", "cn-north-4", "emulator-user", "ls", ""];
        let below = if depth == 0 { 5 } else { 9 };
        match generator.below(below) {
            0 => Value::Null,
            1 => true.into(),
            2 => [30, 100, -1, i64::MAX][generator.below(4)].into(),
            3 | 4 => TEXTS[generator.below(TEXTS.len())].into(),
            5 => (0..generator.below(4)).map(|_| random_json(generator, depth - 1)).collect(),
            _ => {
                let mut pair = || (KEYS[generator.below(KEYS.len())].to_owned(), random_json(generator, depth - 1));
                Value::Object((0..3).map(|_| pair()).collect())
            }
        }
    }

    #[test]
    fn random_requests_get_responses() {
        let instance_ids = vec!["phone".to_owned(), "other".to_owned()];
        let options = Options { instance_ids, password_attempts: u32::MAX, ..Options::default() };
        let mut world = World::new(options).unwrap();
        let mut generator = Generator::new(2, 2);
        let domain = serde_json::json!({"name": "emulator-domain"});
        let user = serde_json::json!({"name": "emulator-user", "password": "emulator-password", "domain": domain});
        let identity = serde_json::json!({"methods": ["password"], "password": {"user": user}});
        let mut token = String::new();
        for round in 0..20_000 {
            let (method, target) = [
                ("POST", "/v1/instances/sync-command"),
                ("POST", "/v1/instances/async-command"),
                ("PUT", "/v1/instances/video-setting"),
                ("POST", "/v1/instances/batch-query-status"),
                ("POST", "/v1/instances/batch-reset"),
                ("POST", "/v1/instances/phone/auth"),
                ("POST", "/v3/auth/tokens"),
                ("POST", "/v1/instances/assign"),
                ("POST", "/v1/instances/unassign"),
                ("POST", "/v1/instances/reboot"),
                ("POST", "/v1/instances/backup"),
                ("POST", "/v1/instances/prepare"),
                ("POST", "/v1/instances/prepare-progress"),
                ("POST", "/v1/instances/streaming/stop"),
                ("POST", "/v1/instances/session/release"),
                ("POST", "/v1/instances/create"),
                ("POST", "/v1/instances/app/install"),
            ][generator.below(17)];
            let (method, target, body) = if round == 0 {
                let body =
                    serde_json::json!({"auth": {"identity": identity, "scope": {"project": {"name": "cn-north-4"}}}});
                ("POST", "/v3/auth/tokens", body.to_string().into_bytes())
            } else {
                (method, target, random_json(&mut generator, 4).to_string().into_bytes())
            };
            let headers = vec![("x-auth-token".to_owned(), token.clone())];
            let received =
                Received { method: method.to_owned(), target: target.to_owned(), headers, body, too_large: false };
            match serve(&mut world, &received).delivery {
                Delivery::Response { status, headers, .. } => {
                    assert!(
                        matches!(status, 200 | 201 | 400 | 401 | 404),
                        "{status}: {}",
                        String::from_utf8_lossy(&received.body)
                    );
                    if round == 0 {
                        token = headers.into_iter().find(|(name, _)| name == "X-Subject-Token").unwrap().1;
                    }
                }
                other => panic!("{other:?}"),
            }
        }
        assert!(world.requests.iter().filter(|entry| entry.executed).count() > 10, "some of them are good");
    }
}
