//! Checks that the scenarios cover each newer operation.

use std::collections::HashSet;
use std::path::Path;

use koophone::{ErrorKind, OPERATIONS, Operation, Returns, Target, VERBS, WAITS};
use koophone_conformance::scenario::{CallStep, Scenario, Step, load, short};
use serde_json::Value;

/// The operations of the first documents, which the other scenarios are built from.
const OLDER: [&str; 7] = [
    "run_command",
    "start_command",
    "get_task",
    "set_video_settings",
    "query_status",
    "reset_instances",
    "get_device_token",
];
/// The minimum number of scenarios per newer operation.
const LEAST: usize = 4;

fn calls<'a>(scenario: &'a Scenario, operation: &'a Operation) -> impl Iterator<Item = &'a CallStep> {
    scenario.steps.iter().filter_map(|step| match step {
        Step::Call(step) if step.call == operation.name => Some(step),
        _ => None,
    })
}

/// All errors that an expectation names, at any depth.
fn kinds(expected: &Value) -> Vec<ErrorKind> {
    let own = expected.get("kind").and_then(Value::as_str);
    let own = own.and_then(|name| ErrorKind::ALL.into_iter().find(|kind| kind.name() == name));
    let inside = expected.as_object().into_iter().flat_map(|fields| fields.values());
    let inside = inside.chain(expected.as_array().into_iter().flatten()).flat_map(kinds);
    own.into_iter().chain(inside).collect()
}

fn expects(scenario: &Scenario, operation: &Operation, wanted: &[ErrorKind]) -> bool {
    let expected = calls(scenario, operation).filter_map(|step| step.fields.get("expect"));
    expected.flat_map(kinds).any(|kind| wanted.contains(&kind))
}

fn has_faults(scenario: &Scenario, operation: &Operation, actions: &[&str]) -> bool {
    let faults = scenario.emulator.get("faults").and_then(Value::as_array).into_iter().flatten();
    let mut faults = faults.filter(|fault| fault["operation"] == operation.name);
    faults.any(|fault| actions.is_empty() || actions.iter().any(|action| fault["action"] == *action))
}

fn requests(scenario: &Scenario, operation: &Operation) -> usize {
    scenario.requests.get(operation.name).copied().unwrap_or(0)
}

/// Whether nothing fails in the scenario.
fn is_plain(scenario: &Scenario, operation: &Operation) -> bool {
    !has_faults(scenario, operation, &[]) && !expects(scenario, operation, &ErrorKind::ALL)
}

/// Whether one call needs several requests; an order is always a single request.
fn is_large(scenario: &Scenario, operation: &Operation) -> bool {
    let (calls, requests) = (calls(scenario, operation).count(), requests(scenario, operation));
    if operation.costs_money {
        return requests == 1 && scenario.orders.iter().any(|phones| *phones > 100);
    }
    calls > 0 && requests > calls && !has_faults(scenario, operation, &[]) || asks_many_phones(scenario, operation)
}

/// Whether an operation on a single phone is called for several phones.
fn asks_many_phones(scenario: &Scenario, operation: &Operation) -> bool {
    operation.target == Target::Phone && requests(scenario, operation) > 1
}

fn is_refused(scenario: &Scenario, operation: &Operation) -> bool {
    expects(scenario, operation, &[ErrorKind::Rejected, ErrorKind::PermissionDenied, ErrorKind::NotFound])
}

fn has_a_lost_response(scenario: &Scenario, operation: &Operation) -> bool {
    has_faults(scenario, operation, &["cut", "no_response"])
}

#[test]
fn each_newer_operation_has_its_scenarios() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors/scenarios");
    let scenarios = load(&folder).unwrap();
    assert!(scenarios.len() >= 160, "{}", scenarios.len());
    let newer: Vec<_> = OPERATIONS.iter().filter(|operation| !OLDER.contains(&operation.name)).collect();
    assert_eq!(newer.len(), OPERATIONS.len() - OLDER.len());
    let mut missing = Vec::new();
    for operation in newer {
        let of_it: Vec<_> = scenarios.iter().filter(|scenario| calls(scenario, operation).next().is_some()).collect();
        if of_it.len() < LEAST {
            missing.push(format!("{} has {} scenarios", operation.name, of_it.len()));
        }
        let has_limit = operation.max_batch().is_some()
            || operation.target == Target::Phone
            || operation.costs_money
            || matches!(operation.returns, Returns::Page(_));
        for (what, needed, is) in [
            ("plain one", true, is_plain as fn(&Scenario, &Operation) -> bool),
            ("one with more than one request", has_limit, is_large),
            ("one with a refusal", true, is_refused),
            ("one with a lost response", true, has_a_lost_response),
        ] {
            if needed && !of_it.iter().any(|scenario| is(scenario, operation)) {
                missing.push(format!("{} has no {what}", operation.name));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn each_verb_has_a_scenario_with_a_lost_response() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors/scenarios");
    let scenarios = load(&folder).unwrap();
    for verb in VERBS.iter().chain(WAITS) {
        // On the wire a verb is a command, so its faults are those of `run_command`.
        let is_of_it = |scenario: &&Scenario| {
            scenario.steps.iter().any(|step| matches!(step, Step::Call(step) if step.call == verb.name))
                && scenario.emulator["faults"].to_string().contains("after_execution")
        };
        assert!(scenarios.iter().any(|scenario| is_of_it(&scenario)), "{}", verb.name);
    }
}

#[test]
fn the_short_form_has_every_call_and_every_note() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors/scenarios");
    let covered = |scenarios: &[Scenario]| {
        let calls = scenarios.iter().flat_map(|scenario| scenario.calls().map(str::to_owned));
        let notes = scenarios.iter().flat_map(|scenario| scenario.notes.iter().copied());
        (calls.collect::<HashSet<_>>(), notes.collect::<HashSet<_>>())
    };
    let all = load(&folder).unwrap();
    let (count, wanted) = (all.len(), covered(&all));
    let selection = short(all);
    assert_eq!(covered(&selection), wanted);
    assert!(2 * selection.len() < count, "{} of {count}", selection.len());
}
