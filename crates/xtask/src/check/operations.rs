//! Checks that the hand-written parts of every operation are complete. Everything else about operations is generated,
//! or reads the core's table.

use std::fs;
use std::path::Path;

use koophone::{OPERATIONS, Operation, Returns, Target};
use serde_json::Value;

use super::{Outcome, Problems};
use crate::repository::Repository;

/// One file per operation, with its name.
const DECLARATIONS: &str = "crates/koophone/src/operations";
const CLIENT: &str = "crates/koophone/src/client";
const EMULATOR: &str = "crates/koophone-emulator/src/operations/mod.rs";
const EXAMPLES: &str = "tests/vectors/operations.json";
const SCENARIOS: &str = "tests/vectors/scenarios";
const FACTS: &str = "docs/spec/operations.md";
const COMMANDS: &str = "crates/koophone-cli/src/commands";
const STEPS: &str = "CONTRIBUTING.md";

/// The hand-written parts that are checked.
struct Written {
    declarations: Vec<(String, String)>,
    client: String,
    examples: Value,
    scenarios: Vec<(String, String)>,
    facts: String,
    commands: Vec<(String, String)>,
}

pub(super) fn run(repository: &Repository) -> Outcome {
    let root = &repository.root;
    let examples = read(root, EXAMPLES)?;
    let written = Written {
        declarations: folder(root, DECLARATIONS)?,
        client: folder(root, CLIENT)?.into_iter().map(|(_, text)| text).collect(),
        examples: serde_json::from_str(&examples).map_err(|error| format!("{EXAMPLES}: {error}"))?,
        scenarios: folder(root, SCENARIOS)?,
        facts: read(root, FACTS)?,
        commands: folder(root, COMMANDS)?,
    };
    let mut problems: Vec<String> =
        OPERATIONS.iter().flat_map(|operation| missing_parts(operation, &written)).collect();
    problems.extend(unmentioned(&read(root, STEPS)?));
    Problems::none(problems)
}

/// The missing parts of an operation.
fn missing_parts(operation: &Operation, written: &Written) -> Vec<String> {
    let name = operation.name;
    let mut problems = Vec::new();
    let mut must = |there: bool, what: String| {
        if !there {
            problems.push(format!("{name}: {what}"));
        }
    };
    let file = format!("{DECLARATIONS}/{name}.rs");
    let declares = format!("name: \"{name}\"");
    let declared = written.declarations.iter().any(|(path, text)| *path == file && text.contains(&declares));
    must(declared, format!("{file} must declare it"));
    let has_method = |name: &str| {
        [format!("pub fn {name}("), format!("pub fn {name}<")].iter().any(|method| written.client.contains(method))
    };
    must(has_method(name), format!("{CLIENT} has no method of that name"));
    let is_paged = matches!(operation.returns, Returns::Page(_));
    must(!is_paged || has_method(&format!("{name}_page")), format!("{CLIENT} has no method {name}_page"));
    let id = match operation.target {
        Target::Phone => "{instance_id}",
        _ => "{task_id}",
    };
    let service_call = format!("(`{} {}`)", operation.method, operation.path.replace("{}", id));
    must(written.client.contains(&service_call), format!("the method's documentation does not say {service_call}"));
    let emulated = serde_json::from_value::<koophone_emulator::Operation>(name.into()).is_ok();
    must(emulated, format!("{EMULATOR} does not serve it"));
    must(written.examples.get(name).is_some(), format!("{EXAMPLES} has no entry for it"));
    let called = written.scenarios.iter().any(|(_, text)| calls(text, name));
    must(called, format!("no scenario of {SCENARIOS} calls it"));
    must(written.facts.contains(&format!("| `{name}` |")), format!("{FACTS} has no row for it"));
    if operation.destructive || operation.costs_money {
        for (path, text) in &written.commands {
            let asks = text.contains(&format!("client_for(\"{name}\""));
            let harmless = !text.contains(&format!(".{name}(")) || asks;
            must(
                harmless,
                format!("{path} calls it without asking first: take the client from `client_for(\"{name}\"`"),
            );
        }
    }
    problems
}

/// Whether a scenario calls an operation.
fn calls(scenario: &str, name: &str) -> bool {
    let scenario: Value = serde_json::from_str(scenario).unwrap_or_default();
    scenario["steps"].as_array().into_iter().flatten().any(|step| step["call"] == name)
}

/// The places that the steps in CONTRIBUTING.md do not mention.
fn unmentioned(steps: &str) -> Vec<String> {
    let section = steps.split("### ... an operation").nth(1).unwrap_or_default();
    let section = section.split("\n### ").next().unwrap_or_default();
    let places = [DECLARATIONS, CLIENT, EMULATOR, EXAMPLES, SCENARIOS, FACTS, COMMANDS];
    let unmentioned = places.iter().filter(|place| !section.contains(**place));
    unmentioned.map(|place| format!("{STEPS} does not say that an operation is in {place}")).collect()
}

fn read(root: &Path, path: &str) -> Result<String, String> {
    fs::read_to_string(root.join(path)).map_err(|error| format!("{path}: {error}"))
}

/// The files of a folder with their texts.
fn folder(root: &Path, path: &str) -> Result<Vec<(String, String)>, String> {
    let entries = fs::read_dir(root.join(path)).map_err(|error| format!("{path}: {error}"))?;
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| format!("{path}: {error}"))?;
        if entry.path().is_file() {
            let file = format!("{path}/{}", entry.file_name().to_string_lossy());
            files.push((file.clone(), read(root, &file)?));
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reset() -> &'static Operation {
        OPERATIONS.iter().find(|operation| operation.destructive).unwrap()
    }

    fn complete() -> Written {
        let name = reset().name;
        Written {
            declarations: vec![(format!("{DECLARATIONS}/{name}.rs"), format!("name: \"{name}\","))],
            client: format!("/// (`POST {}`)\npub fn {name}(&self)", reset().path),
            examples: serde_json::json!({name: {}}),
            scenarios: vec![("a".into(), format!(r#"{{"steps": [{{"call": "{name}"}}]}}"#))],
            facts: format!("| `{name}` | x |"),
            commands: vec![("reset.rs".into(), format!("client_for(\"{name}\", x)?.{name}(x)"))],
        }
    }

    type Change = fn(&mut Written);

    #[test]
    fn missing_parts_are_found() {
        assert_eq!(missing_parts(reset(), &complete()), Vec::<String>::new());
        let lacks: [(Change, &str); 7] = [
            (|w| w.declarations[0].1.clear(), "must declare it"),
            (|w| w.client = w.client.replace("fn", "no"), "has no method"),
            (|w| w.client = w.client.replace("POST", "PUT"), "does not say (`POST /v1/instances/batch-reset`)"),
            (|w| w.examples = Value::Null, "has no entry"),
            (|w| w.scenarios.clear(), "no scenario"),
            (|w| w.facts.clear(), "has no row"),
            (|w| w.commands[0].1 = format!("client()?.{}(x)", reset().name), "without asking first"),
        ];
        for (take_away, problem) in lacks {
            let mut written = complete();
            take_away(&mut written);
            let problems = missing_parts(reset(), &written);
            assert!(problems.len() == 1 && problems[0].contains(problem), "{problem}: {problems:?}");
        }
    }

    #[test]
    fn the_steps_must_mention_every_place() {
        let steps = format!("### ... a setting\n{CLIENT}\n### ... an operation\n{EMULATOR}\n### ... a verb\n{FACTS}\n");
        let unmentioned = unmentioned(&steps);
        assert!(
            unmentioned.iter().any(|one| one.contains(CLIENT)) && unmentioned.iter().any(|one| one.contains(FACTS))
        );
        assert!(!unmentioned.iter().any(|one| one.contains(EMULATOR)));
    }
}
