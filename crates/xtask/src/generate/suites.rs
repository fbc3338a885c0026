//! Calls by their names: the dispatch of the Rust suites, that of the command line for verbs, and the calls of the
//! conformance protocol.

use std::path::Path;

use minijinja::context;
use serde::Serialize;

use super::Description;
use super::operations::{OperationView, operations, verbs};
use super::rust::rustfmt;
use super::template::render;

const DISPATCH: &str = "tests/conformance/src/operations.rs";
const COMMAND_LINE: &str = "crates/koophone-cli/src/commands/phone/verbs.rs";

/// An operation as the protocol has it.
#[derive(Serialize)]
pub(super) struct Call<'a> {
    #[serde(flatten)]
    operation: &'a OperationView,
    /// The field of a runner's reply that contains the result; empty if there is none.
    reply: String,
}

impl<'a> Call<'a> {
    pub(super) fn of(operation: &'a OperationView) -> Self {
        let reply = match operation.returns {
            "per_phone" => "results".to_owned(),
            // The last word of the type names it: a `TaskStatus` is in `status`.
            "value" => operation.result[operation.result.rfind(char::is_uppercase).unwrap_or(0)..].to_lowercase(),
            "list" => "items".to_owned(),
            "nothing" => String::new(),
            other => other.to_owned(),
        };
        Self { operation, reply }
    }
}

pub fn generate(_: &Description) -> Result<Vec<(String, String)>, String> {
    let command_line =
        render("cli_verbs.rs.j2", include_str!("../../templates/cli_verbs.rs.j2"), context! { verbs => verbs() })?;
    Ok(vec![
        (DISPATCH.to_owned(), rustfmt(&dispatch(&operations())?)?),
        (COMMAND_LINE.to_owned(), rustfmt(&command_line)?),
    ])
}

fn dispatch(operations: &[OperationView]) -> Result<String, String> {
    written("suite_operations.rs.j2", include_str!("../../templates/suite_operations.rs.j2"), operations)
}

/// The table of calls in the protocol.
pub(super) fn calls(_: &Path) -> Result<String, String> {
    protocol(&operations())
}

fn protocol(operations: &[OperationView]) -> Result<String, String> {
    written("protocol.md.j2", include_str!("../../templates/protocol.md.j2"), operations)
}

fn written(name: &str, template: &str, operations: &[OperationView]) -> Result<String, String> {
    let operations: Vec<Call<'_>> = operations.iter().map(Call::of).collect();
    let verbs = verbs();
    let verbs: Vec<Call<'_>> = verbs.iter().map(Call::of).collect();
    render(name, template, context! { operations, verbs })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::operations::ParamView;

    /// One operation of every target, of every kind of argument and of every kind of result.
    fn made_up() -> Vec<OperationView> {
        let param = |(name, kind, of, default)| ParamView { name, kind, of, doc: "What it means", default };
        let view = |name, target, returns, result, params: Vec<_>| OperationView {
            name,
            service_name: name,
            method: "POST".to_owned(),
            path: "/v1".to_owned(),
            doc: "It does something.",
            idempotent: true,
            read_only: false,
            may_be_repeatable: false,
            destructive: false,
            costs_money: false,
            target,
            max_batch: 0,
            params: params.into_iter().map(param).collect(),
            waits: false,
            reports: false,
            asks: false,
            returns,
            result,
        };
        vec![
            view("look", "phone", "list", "Thing", vec![("page_size", "integer", "", Some("50"))]),
            view("list", "none", "page", "Instance", vec![("page_no", "integer", "", Some("1"))]),
            view("stop", "phone", "nothing", "", vec![("now", "bool", "", None)]),
            view("create", "none", "value", "NewOrder", vec![("order", "struct", "OrderRequest", None)]),
            view("install", "phones", "task", "", vec![("url", "text", "", None)]),
            view("assign", "phones", "per_phone", "Outcome", vec![("users", "struct_list", "User", None)]),
            view("read", "task", "value", "TaskStatus", vec![]),
        ]
    }

    #[test]
    fn the_dispatch_has_every_target_argument_and_result() {
        let text = rustfmt(&dispatch(&made_up()).unwrap()).unwrap();
        // rustfmt breaks the lines.
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ").replace("( ", "(").replace(", )", ")");
        for call in [
            r#"client.list(arguments.get::<i64>("page_no", Some("1"))?)"#,
            r#".look(arguments.get::<String>("instance_id", None)?)"#,
            r#".page_size(arguments.get::<i64>("page_size", Some("50"))?)"#,
            r#".collect::<Result<Vec<_>>>()"#,
            r#""look" => ("items", "Thing")"#,
            r#"client.stop(arguments.get::<String>("instance_id", None)?, arguments.get::<bool>("now", None)?)"#,
            r#"client.create(arguments.get::<koophone::OrderRequest>("order", None)?)"#,
            r#"client.read(arguments.get::<String>("task_id", None)?)"#,
            r#"arguments.get::<Vec<String>>("instance_ids", None)?, arguments.get::<String>("url", None)?)"#,
            r#"arguments.get::<Vec<koophone::User>>("users", None)?)"#,
            r#".map(|()| Returned::Nothing)"#,
            r#".map(|task| Returned::Task(task.inner().clone()))"#,
            r#""list" => ("page", "Instance")"#,
            r#""create" => ("order", "NewOrder")"#,
            r#""read" => ("status", "TaskStatus")"#,
        ] {
            assert!(text.contains(call), "{call} is not in {text}");
        }
    }

    #[test]
    fn the_protocol_has_every_target_argument_and_result() {
        let text = protocol(&made_up()).unwrap();
        for row in [
            r#"| `look` | `instance_id=` `page_size=50` | `{"items":[Thing...]}` |"#,
            r#"| `list` | `page_no=1` | `{"page":Instance}` |"#,
            r#"| `stop` | `instance_id=` `now=` | `{"ok":true}` |"#,
            r#"| `create` | `order=`OrderRequest | `{"order":NewOrder}` |"#,
            r#"| `install` | `instance_id=`... `url=` | `{"task":{...}}` |"#,
            r#"| `assign` | `instance_id=`... `users=`[User...] | `{"results":[Outcome...]}` |"#,
            r#"| `read` | `task_id=` | `{"status":TaskStatus}` |"#,
        ] {
            assert!(text.contains(row), "{row} is not in {text}");
        }
    }
}
