//! One item of a response is garbled: its phone has an error, or none if the item can still be read, and the other
//! phones of the request have their results.

use koophone::ErrorKind::{OutcomeUnknown, Protocol};
use koophone::Returns;
use serde_json::{Value, json};

use super::{BATCH, Call, Condition, End, Expected, Phone, STRUCK, Setup, id, of_phone};

const GROUP: &str = "Garbled items in a 200";
/// Values that replace a state and cannot be one.
const NO_STATES: [&str; 6] = ["{}", "true", "null", "2.5", "1e300", "\"x\""];
/// Values that replace an item or an id and cannot be one.
const NO_ITEMS: [&str; 7] = ["null", "{}", "true", "7", "2.0", "\"x\"", "[]"];
/// Values that replace a command's output.
const NO_OUTPUTS: [&str; 5] = ["{}", "true", "null", "2.0", "[1]"];

/// Where the response of a call has its items, if it has any.
fn list(call: Call) -> Option<String> {
    Some(format!("/data/{}", call.example().items()?.0))
}

/// Whether an item has a field.
fn has(call: Call, field: &str) -> bool {
    call.example().items().is_some_and(|(_, item)| item.contains_key(field))
}

/// The end for a phone that the response does not name, or about which it says nothing readable.
fn lost(call: Call) -> End {
    match call {
        // A later reading may name it.
        Call::Poll => End::Open,
        _ if call.example().task_is_optional => End::Done,
        _ if !call.sent().idempotent => End::Failed(OutcomeUnknown),
        _ => End::Failed(Protocol),
    }
}

/// Sets and removes fields of the struck phone's item.
fn item(call: Call, name: String, change: Value, end: End) -> Condition {
    let expected = Expected::done(call).except([STRUCK], Phone { end, runs: call.runs() });
    Condition::new(GROUP, name, call, Setup::fault(of_phone(STRUCK, call, &change)), expected)
}

/// Replaces a field of the struck phone's item, or the item, with a value.
fn put(call: Call, field: &str, value: &str, end: End) -> Condition {
    let path = format!("{}/{}{field}", list(call).unwrap_or_default(), id(STRUCK));
    let json: Value = serde_json::from_str(value).unwrap_or_default();
    let name = if field.is_empty() { format!("item {value}") } else { format!("{} {value}", &field[1..]) };
    item(call, name, json!({"action": "change", "set": {path: json}}), end)
}

fn without(call: Call, field: &str, end: End) -> Condition {
    let path = format!("{}/{}{field}", list(call).unwrap_or_default(), id(STRUCK));
    let name = if field.is_empty() { "no item".to_owned() } else { format!("no {}", &field[1..]) };
    item(call, name, json!({"action": "change", "remove": [path]}), end)
}

/// The whole list of the second request, with the struck phone's item twice and in another order.
fn doubled(call: Call) -> Condition {
    let mut items: Vec<Value> = call
        .request_of(STRUCK)
        .rev()
        .map(|index| json!({"instance_id": id(index), "status": 2, "execute_msg": "x", "job_id": id(index)}))
        .collect();
    items.push(json!({"instance_id": id(STRUCK), "status": -1, "execute_msg": "no", "job_id": "other"}));
    item(
        call,
        "item doubled, the first counts".to_owned(),
        json!({"action": "change", "set": {list(call).unwrap_or_default(): items}}),
        End::Done,
    )
}

/// All conditions of this kind.
pub fn conditions() -> Vec<Condition> {
    let mut all = Vec::new();
    for call in Call::fleet().chain([Call::Poll]).filter(|&call| list(call).is_some()) {
        let lost = lost(call);
        all.extend(NO_ITEMS.map(|value| put(call, "", value, lost)));
        all.push(without(call, "", lost));
        let name = if call == Call::Poll { "/job_id" } else { "/instance_id" };
        all.extend(NO_ITEMS.map(|value| put(call, name, value, lost)));
        all.extend([put(call, name, "\"stranger\"", lost), without(call, name, lost)]);
        if call != Call::Poll {
            all.extend([put(call, name, &format!("\"{}\"", id(BATCH)), lost), doubled(call)]);
        }
        if has(call, "job_id") && call != Call::Poll {
            all.extend(["null", "{}", "true", "[]", "\"\""].map(|value| put(call, "/job_id", value, lost)));
            all.extend([put(call, "/job_id", "7", End::Done), without(call, "/job_id", lost)]);
        }
        if has(call, "status") {
            all.extend(["2.0", "\"2\""].map(|value| put(call, "/status", value, End::Done)));
            all.extend(NO_STATES.map(|value| put(call, "/status", value, lost)));
            all.push(without(call, "/status", lost));
        }
        if has(call, "execute_msg") {
            all.extend(NO_OUTPUTS.map(|value| put(call, "/execute_msg", value, End::Done)));
            all.push(without(call, "/execute_msg", End::Done));
        }
    }
    // What a response has besides its items.
    for call in Call::fleet() {
        let path = match call.sent().returns {
            Returns::Task { .. } => "/data/task_id",
            _ if call.sent().payload.is_empty() => "/data",
            _ => continue,
        };
        let end = if path == "/data" { End::Done } else { lost(call) };
        for value in ["null", "{}", "true", "[]"] {
            let json: Value = serde_json::from_str(value).unwrap_or_default();
            let fault = of_phone(STRUCK, call, &json!({"action": "change", "set": {path: json}}));
            let phone = Phone { end, runs: call.runs() };
            let expected = Expected::done(call).except(call.request_of(STRUCK), phone);
            all.push(Condition::new(GROUP, format!("{} {value}", &path[1..]), call, Setup::fault(fault), expected));
        }
    }
    all
}
