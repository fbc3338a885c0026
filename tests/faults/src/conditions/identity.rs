//! An identity service that is slow, fails, or sends wrong responses. The whole fleet shares the outcome of one login.

use koophone::ErrorKind::{self, Authentication, Network, Protocol, Throttled, Timeout, Unavailable};
use serde_json::{Value, json};

use super::{Call, Condition, Expected, Setup};

/// What goes wrong with a login, and the kind of failure if it goes wrong every time. A retry repairs a single failure.
fn failures() -> Vec<(&'static str, Value, ErrorKind)> {
    let error = |status: u16| {
        let body = json!({"error": {"code": status, "message": "failed", "title": "Error"}});
        json!({"action": "response", "status": status, "body": body})
    };
    vec![
        ("500", error(500), Unavailable),
        ("503", error(503), Unavailable),
        ("504 as an HTML page", json!({"action": "html", "status": 504}), Unavailable),
        ("502 as an HTML page", json!({"action": "html"}), Unavailable),
        ("cut before the login", json!({"action": "cut", "when": "before_execution"}), Network),
        ("cut after the login", json!({"action": "cut", "when": "after_execution"}), Network),
        ("cut in the response", json!({"action": "cut", "when": "mid_response"}), Network),
    ]
}

/// Responses that are not worth a second attempt.
fn wrong_responses() -> Vec<(&'static str, Value)> {
    let ended = json!({"/token/expires_at": "2000-01-01T00:00:00.000000Z"});
    let page = json!({"action": "html", "status": 200});
    vec![
        ("a token that has already expired", json!({"action": "change", "set": ended})),
        ("no X-Subject-Token", json!({"action": "change", "headers": {"X-Subject-Token": null}})),
        ("200 as an HTML page", page),
        ("redirect", json!({"action": "redirect", "location": "http://127.0.0.1:1/"})),
    ]
}

/// All conditions of this kind.
pub fn conditions() -> Vec<Condition> {
    let of = |call| [slow(call), failing(call), wrong(call)].into_iter().flatten();
    Call::operations().flat_map(of).collect()
}

fn failing_login(times: u32, action: &Value) -> Setup {
    let mut fault = action.clone();
    fault["operation"] = json!("create_token");
    fault["times"] = json!(times);
    Setup::fault(fault)
}

fn slow(call: Call) -> Vec<Condition> {
    let condition =
        |name: &str, setup: Setup, expected| Condition::new("Slow identity service", name, call, setup, expected);
    let no_response = json!({"action": "no_response"});
    let late = json!({"action": "delay", "milliseconds": 300});
    let failed = Expected::nothing_executed(call, Timeout);
    vec![
        condition("within the deadline", failing_login(0, &late), Expected::done(call)),
        condition(
            "beyond the limit of the first attempt",
            failing_login(1, &no_response).with("attempt_timeout", "2s"),
            Expected::done(call).at_most(0, 2),
        ),
        condition(
            "beyond the limit of every attempt",
            failing_login(0, &no_response).with("attempt_timeout", "250ms"),
            failed.clone().at_most(0, 2),
        ),
        condition("beyond the deadline", failing_login(0, &no_response).with("timeout", "500ms"), failed.at_most(0, 2)),
    ]
}

fn failing(call: Call) -> Vec<Condition> {
    let mut all = Vec::new();
    for (name, action, kind) in failures() {
        let condition = |when: &str, times, expected| {
            let name = format!("{name} at {when}");
            Condition::new("Failing identity service", name, call, failing_login(times, &action), expected)
        };
        all.push(condition("the first attempt", 1, Expected::done(call).at_most(0, 2)));
        all.push(condition("every attempt", 0, Expected::nothing_executed(call, kind).at_most(0, 2)));
    }
    let limited = json!({"action": "throttle", "retry_after": 120});
    let setup = failing_login(0, &limited);
    all.push(Condition::new(
        "Failing identity service",
        "429 for longer than the deadline",
        call,
        setup,
        Expected::nothing_executed(call, Throttled),
    ));
    all
}

fn wrong(call: Call) -> Vec<Condition> {
    let condition = |name: &str, setup: Setup, expected| {
        Condition::new("Wrong responses of the identity service", name, call, setup, expected)
    };
    let mut all: Vec<_> = wrong_responses()
        .into_iter()
        .map(|(name, action)| condition(name, failing_login(0, &action), Expected::nothing_executed(call, Protocol)))
        .collect();
    let removed = json!({"action": "change", "remove": ["/token/expires_at"]});
    all.push(condition("a token without an expiry time", failing_login(0, &removed), Expected::done(call)));
    let stranger = json!({"action": "change", "headers": {"X-Subject-Token": "stranger"}});
    let refused = |times: u32| {
        Setup::fault(json!({"operation": call.sent().name, "action": "expired_token", "times": times}))
            .with("concurrency", 1)
    };
    let failed = Expected::nothing_executed(call, Authentication).at_most(0, 2);
    all.push(condition("the first fresh token is refused", refused(1), Expected::done(call).at_most(0, 2)));
    all.push(condition("every fresh token is refused", refused(0), failed.clone()));
    all.push(condition("an invalid token", failing_login(0, &stranger), failed));
    all.push(condition("an invalid first token", failing_login(1, &stranger), Expected::done(call).at_most(0, 2)));
    all
}
