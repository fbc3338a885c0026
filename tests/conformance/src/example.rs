//! The example of each operation in `tests/vectors/operations.json`: what the suites need to know in addition to the
//! core's table. Conformance, the fault matrix, torture and hostile all read it, so a new operation is covered by every
//! suite.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use koophone::{Client, Error, OPERATIONS, Operation, Returns, Target, Task};
use koophone_emulator::JournalKind;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::call::{Arguments, Returned, Waiting};
use crate::operations;

/// An example of an operation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// The arguments except the target. A list whose items have `{instance_id}` in them has one item per phone.
    #[serde(default)]
    arguments: Map<String, Value>,
    /// An operation that must have been executed on the same phones first.
    before: Option<String>,
    /// The journal entry of a phone that executed it, if there is one.
    pub journal: Option<JournalKind>,
    /// Whether the service may accept it without returning a task.
    #[serde(default)]
    pub task_is_optional: bool,
    /// Its command, if the command line has one. `{NAME}` stands for an argument, `{NAME.*}` for options named after
    /// the fields of an argument, `{repeatable}` for the option of that name.
    pub command_line: Option<String>,
    /// Fields of the result, or of each phone's result (`a.b` is a field of a field), with their values from the
    /// emulator: what the documentation prints.
    #[serde(default)]
    pub shows: Map<String, Value>,
    /// The `data` of a good response. A list whose items have `{instance_id}` in them has one item per phone.
    #[serde(default)]
    data: Value,
    /// The expected results for the response examples of these names in `tests/openapi.yaml`.
    #[serde(default)]
    pub openapi: Map<String, Value>,
}

static EXAMPLES: LazyLock<BTreeMap<String, Example>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../vectors/operations.json"))
        .unwrap_or_else(|error| panic!("tests/vectors/operations.json: {error}"))
});

/// The example of an operation of the core's table.
///
/// # Panics
///
/// If `tests/vectors/operations.json` has none.
pub fn example(operation: &str) -> &'static Example {
    EXAMPLES.get(operation).unwrap_or_else(|| panic!("tests/vectors/operations.json has no entry for {operation}"))
}

/// The operation with which suites start a task: the first that returns one.
///
/// # Panics
///
/// If the core has none.
pub fn task_starter() -> &'static Operation {
    OPERATIONS
        .iter()
        .find(|operation| matches!(operation.returns, Returns::Task { .. }))
        .expect("an operation that starts a task")
}

/// Starts a task on these phones.
pub fn start_task(client: &Client, instance_ids: &[String]) -> koophone::Result<Task> {
    let starter = task_starter();
    match operations::call(client, starter.name, &arguments(starter, instance_ids, ""), &Waiting)? {
        Returned::Task(task) => Ok(task),
        other => Err(Error::internal(format!("{} returned {other:?}", starter.name))),
    }
}

/// Executes what the operation requires first: another operation on the same phones.
pub fn make_ready(client: &Client, operation: &Operation, instance_ids: &[String]) -> koophone::Result<()> {
    let Some(before) = &example(operation.name).before else { return Ok(()) };
    let before = OPERATIONS.iter().find(|other| other.name == before).expect("an operation of the table");
    let returned = operations::call(client, before.name, &arguments(before, instance_ids, ""), &Waiting)?;
    returned.errors().into_iter().flatten().next().map_or(Ok(()), Err)
}

/// The arguments of the example and the target: these phones, the first of them, or the task.
pub fn arguments(operation: &Operation, instance_ids: &[String], task_id: &str) -> Arguments {
    let arguments = example(operation.name).arguments.iter();
    let filled = arguments.map(|(name, value)| (name.clone(), filled(value, instance_ids, &Value::Null, 0)));
    let mut arguments: Map<String, Value> = filled.collect();
    match operation.target {
        Target::Phones { .. } => drop(arguments.insert("instance_ids".into(), json!(instance_ids))),
        Target::Phone => drop(arguments.insert("instance_id".into(), json!(instance_ids[0]))),
        Target::Task => drop(arguments.insert("task_id".into(), json!(task_id))),
        _ => {}
    }
    Arguments::new(arguments)
}

impl Example {
    /// The `data` of a good response to the request with this body, about these phones; `number` tells tasks apart.
    pub fn data(&self, instance_ids: &[String], body: &Value, number: u64) -> Value {
        filled(&self.data, instance_ids, body, number)
    }

    /// The name and the item template of the response list with one item per phone or job.
    pub fn items(&self) -> Option<(&str, &Map<String, Value>)> {
        self.data.as_object()?.iter().find_map(|(name, value)| Some((name.as_str(), value.get(0)?.as_object()?)))
    }
}

fn filled(template: &Value, instance_ids: &[String], body: &Value, number: u64) -> Value {
    let each = |value: &Value, id: &str| filled(value, &[id.to_owned()], body, number);
    match template {
        Value::String(text) => json!(fill(text, instance_ids, body, number)),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.clone(), filled(value, instance_ids, body, number))).collect()
        }
        Value::Array(items) => match items.as_slice() {
            [item] if item.to_string().contains("{instance_id}") => {
                instance_ids.iter().map(|id| each(item, id)).collect()
            }
            items => items.iter().map(|item| filled(item, instance_ids, body, number)).collect(),
        },
        other => other.clone(),
    }
}

fn fill(text: &str, instance_ids: &[String], body: &Value, number: u64) -> String {
    let mut filled = text.replace("{number}", &number.to_string());
    filled = filled.replace("{instance_id}", instance_ids.first().map_or("", String::as_str));
    for (name, value) in body.as_object().into_iter().flatten() {
        filled = filled.replace(&format!("{{{name}}}"), value.as_str().unwrap_or_default());
    }
    filled
}

#[cfg(test)]
mod tests {
    use koophone_emulator::{Emulator, Options};

    use super::*;

    #[test]
    fn every_operation_has_an_example_and_no_other_name_has_one() {
        let known: Vec<&str> = OPERATIONS.iter().map(|operation| operation.name).collect();
        for name in &known {
            assert!(EXAMPLES.contains_key(*name), "tests/vectors/operations.json has no entry for {name}; add one");
        }
        for name in EXAMPLES.keys() {
            assert!(known.contains(&name.as_str()), "tests/vectors/operations.json has {name}, which the core has not");
        }
    }

    #[test]
    fn every_example_is_a_call_that_the_emulator_executes_as_the_journal_says() {
        for operation in OPERATIONS {
            let options = Options { phones: 2, job_duration_ms: 0, reset_duration_ms: 0, ..Options::default() };
            let emulator = Emulator::start(options).unwrap();
            let client = Client::builder().environment(emulator.environment()).build().unwrap();
            let ids = emulator.instance_ids();
            let task_id = match operation.target {
                Target::Task => start_task(&client, &ids).unwrap().task_ids()[0].clone(),
                _ => String::new(),
            };
            make_ready(&client, operation, &ids).unwrap();
            emulator.clear_journal();
            let given = arguments(operation, &ids, &task_id);
            let returned = operations::call(&client, operation.name, &given, &Waiting).unwrap();
            assert!(returned.errors().iter().all(Option::is_none), "{}: {returned:?}", operation.name);
            let shown: Vec<&Value> = match &returned {
                Returned::PerPhone(phones, _) => phones.iter().map(|phone| &phone.json).collect(),
                Returned::Value(value) => vec![value],
                _ => Vec::new(),
            };
            let shows = &example(operation.name).shows;
            assert!(shows.is_empty() || !shown.is_empty(), "{} returns nothing that it could show", operation.name);
            for (name, value) in shows {
                for result in &shown {
                    let field = match result.as_array() {
                        Some(items) if name == "total_count" => Some(json!(items.len())),
                        _ => result.pointer(&format!("/{}", name.replace('.', "/"))).cloned(),
                    };
                    assert_eq!(field.as_ref(), Some(value), "{}: {name} of {result}", operation.name);
                }
            }
            for id in &ids {
                let kinds: Vec<JournalKind> = emulator.journal_of(id).iter().map(|entry| entry.kind).collect();
                let expected: Vec<JournalKind> = example(operation.name).journal.into_iter().collect();
                assert_eq!(kinds, expected, "{}: its journal", operation.name);
            }
        }
    }

    #[test]
    fn a_response_has_an_item_per_phone() {
        let data =
            example("run_command").data(&["a".to_owned(), "b".to_owned()], &json!({"command": "echo {number}"}), 7);
        let ids: Vec<&str> =
            data["cmd_results"].as_array().unwrap().iter().filter_map(|item| item["instance_id"].as_str()).collect();
        assert_eq!(ids, ["a", "b"]);
        assert_eq!(data["cmd_results"][0]["execute_msg"], "echo {number}");
        assert_eq!(example("start_command").data(&[], &Value::Null, 7)["task_id"], "task7");
    }
}
