//! One item of a response is garbled: its phone has an error, or none where the item can still be read, and the other
//! phones of the request have their results.

use koophone::ErrorKind::{OutcomeUnknown, Protocol};
use serde_json::{Value, json};

use super::{BATCH, Call, Condition, End, Expected, Phone, STRUCK, Setup, id, of_phone};

const GROUP: &str = "Garbled items in a 200";
/// Values in the place of a state that cannot be one.
const NO_STATES: [&str; 6] = ["{}", "true", "null", "2.5", "1e300", "\"x\""];
/// Values in the place of an item, or of an id, that cannot be one.
const NO_ITEMS: [&str; 7] = ["null", "{}", "true", "7", "2.0", "\"x\"", "[]"];
/// Values in the place of a command's output.
const NO_OUTPUTS: [&str; 5] = ["{}", "true", "null", "2.0", "[1]"];

/// Where a response has its items.
fn list(call: Call) -> &'static str {
    match call {
        Call::Run => "/data/cmd_results",
        Call::Status => "/data/status_results",
        Call::Poll => "/data/jobs",
        _ => "/data/cmd_jobs",
    }
}

/// What becomes of a phone that the response does not name, or says nothing readable of.
fn lost(call: Call) -> End {
    match call {
        // A later reading may name it.
        Call::Poll => End::Open,
        // Older services accept a reset without naming jobs.
        Call::Reset => End::Done,
        _ if call.changes() => End::Failed(OutcomeUnknown),
        _ => End::Failed(Protocol),
    }
}

/// Sets and removes fields of the struck phone's item.
fn item(call: Call, name: String, change: Value, end: End) -> Condition {
    let expected = Expected::done(call).except([STRUCK], Phone { end, runs: call.runs() });
    Condition::new(GROUP, name, call, Setup::fault(of_phone(STRUCK, call, &change)), expected)
}

/// Puts a value in the place of a field of the struck phone's item, or of the item.
fn put(call: Call, field: &str, value: &str, end: End) -> Condition {
    let path = format!("{}/{}{field}", list(call), id(STRUCK));
    let json: Value = serde_json::from_str(value).unwrap_or_default();
    let name = if field.is_empty() { format!("item {value}") } else { format!("{} {value}", &field[1..]) };
    item(call, name, json!({"action": "change", "set": {path: json}}), end)
}

fn without(call: Call, field: &str, end: End) -> Condition {
    let path = format!("{}/{}{field}", list(call), id(STRUCK));
    let name = if field.is_empty() { "no item".to_owned() } else { format!("no {}", &field[1..]) };
    item(call, name, json!({"action": "change", "remove": [path]}), end)
}

/// The whole list of the second request, with the struck phone's item twice and in another order.
fn doubled(call: Call) -> Condition {
    let mut items: Vec<Value> = (BATCH..2 * BATCH)
        .rev()
        .map(|index| json!({"instance_id": id(index), "status": 2, "execute_msg": "x", "job_id": id(index)}))
        .collect();
    items.push(json!({"instance_id": id(STRUCK), "status": -1, "execute_msg": "no", "job_id": "other"}));
    item(
        call,
        "item doubled, the first counts".to_owned(),
        json!({"action": "change", "set": {list(call): items}}),
        End::Done,
    )
}

/// All conditions of this kind.
pub fn conditions() -> Vec<Condition> {
    let mut all = Vec::new();
    for call in [Call::Run, Call::Start, Call::Reset, Call::Status, Call::Poll] {
        let lost = lost(call);
        all.extend(NO_ITEMS.map(|value| put(call, "", value, lost)));
        all.push(without(call, "", lost));
        let name = if call == Call::Poll { "/job_id" } else { "/instance_id" };
        all.extend(NO_ITEMS.map(|value| put(call, name, value, lost)));
        all.extend([put(call, name, "\"stranger\"", lost), without(call, name, lost)]);
        if call != Call::Poll {
            all.extend([put(call, name, &format!("\"{}\"", id(BATCH)), lost), doubled(call)]);
        }
        if matches!(call, Call::Start | Call::Reset) {
            all.extend(["null", "{}", "true", "[]", "\"\""].map(|value| put(call, "/job_id", value, lost)));
            all.extend([put(call, "/job_id", "7", End::Done), without(call, "/job_id", lost)]);
        } else {
            all.extend(["2.0", "\"2\""].map(|value| put(call, "/status", value, End::Done)));
            all.extend(NO_STATES.map(|value| put(call, "/status", value, lost)));
            all.push(without(call, "/status", lost));
        }
        if matches!(call, Call::Run | Call::Poll) {
            all.extend(NO_OUTPUTS.map(|value| put(call, "/execute_msg", value, End::Done)));
            all.push(without(call, "/execute_msg", End::Done));
        }
    }
    // What the response of a request has besides its items.
    for (call, path) in [(Call::Start, "/data/task_id"), (Call::Reset, "/data/task_id"), (Call::Video, "/data")] {
        for value in ["null", "{}", "true", "[]"] {
            let json: Value = serde_json::from_str(value).unwrap_or_default();
            let end = if call == Call::Start { lost(call) } else { End::Done };
            let fault = of_phone(STRUCK, call, &json!({"action": "change", "set": {path: json}}));
            let phone = Phone { end, runs: call.runs() };
            let expected = Expected::done(call).except(BATCH..2 * BATCH, phone);
            all.push(Condition::new(GROUP, format!("{} {value}", &path[1..]), call, Setup::fault(fault), expected));
        }
    }
    all
}
