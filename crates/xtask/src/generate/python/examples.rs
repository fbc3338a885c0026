//! The example of each operation, which runs as a doctest: its call with the arguments of `tests/vectors/operations.json`,
//! and the fields of the result that are named there.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::super::description::{Description, FieldKind};
use super::super::operations::{OperationView, ParamView};

const PATH: &str = "tests/vectors/operations.json";
const TEXT: &str = include_str!("../../../../../tests/vectors/operations.json");

/// Columns that a docstring leaves to a line.
const WIDTH: usize = 96;

/// What the docstring of an operation shows. `emulator` has two phones; the blocking client's form leaves `await` out.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Example {
    lines: Vec<String>,
    output: Vec<String>,
}

/// What is read of an operation's entry.
#[derive(Default, Deserialize)]
struct Entry {
    #[serde(default)]
    arguments: Map<String, Value>,
    #[serde(default)]
    shows: Map<String, Value>,
}

/// The examples of `tests/vectors/operations.json`, and what their arguments are made of.
pub struct Examples {
    entries: Value,
    structures: Description,
    /// The call that starts a task, for the operations that are about one.
    task: Vec<String>,
}

impl Examples {
    pub fn of(operations: &[OperationView]) -> Result<Self, String> {
        let entries = serde_json::from_str(TEXT).map_err(|error| format!("{PATH}: {error}"))?;
        Self::new(entries, operations)
    }

    fn new(mut entries: Value, operations: &[OperationView]) -> Result<Self, String> {
        // The login is no operation of the table.
        entries["login"] = json!({"shows": {"method": "password"}});
        let mut examples = Self { entries, structures: Description::of_the_arguments()?, task: Vec::new() };
        if let Some(starter) = operations.iter().find(|operation| operation.returns == "task") {
            examples.task = examples.call(starter, &examples.entry(starter.name)?)?;
        }
        Ok(examples)
    }

    fn entry(&self, name: &str) -> Result<Entry, String> {
        let entry = self.entries.get(name).ok_or_else(|| format!("{PATH} has no entry for {name}"))?;
        Entry::deserialize(entry).map_err(|error| format!("{PATH}: {name}: {error}"))
    }

    /// The example of an operation.
    pub fn example(&self, operation: &OperationView) -> Result<Example, String> {
        let entry = self.entry(operation.name)?;
        let mut lines = if operation.target == "task" { self.task.clone() } else { Vec::new() };
        lines.extend(self.call(operation, &entry)?);
        let (shown, values): (Vec<&str>, Vec<String>) =
            entry.shows.iter().map(|(name, value)| (name.as_str(), printed(value))).unzip();
        let fields = |of: &str| shown.iter().map(|name| format!("{of}.{name}")).collect::<Vec<_>>().join(", ");
        let result = variable(operation);
        let output = match operation.returns {
            "nothing" => Vec::new(),
            "per_phone" => {
                lines.push("for result in results:".to_owned());
                let shown = if shown.is_empty() { "result.ok".to_owned() } else { fields("result") };
                lines.push(format!("    print({shown})"));
                vec![if values.is_empty() { "True".to_owned() } else { values.join(" ") }; 2]
            }
            "task" => {
                lines.push("results = await task.wait(timeout=30)".to_owned());
                lines.push("print(results.all_ok)".to_owned());
                vec!["True".to_owned()]
            }
            _ if shown.is_empty() => {
                lines.push(format!("print(type({result}).__name__)"));
                vec![operation.result.to_owned()]
            }
            _ => {
                lines.push(format!("print({})", fields(&result)));
                vec![values.join(" ")]
            }
        };
        Ok(Example { lines, output })
    }

    /// The call, over as many lines as it needs.
    fn call(&self, operation: &OperationView, entry: &Entry) -> Result<Vec<String>, String> {
        let target = match operation.target {
            "phones" => Some("emulator.instance_ids"),
            "phone" => Some("emulator.instance_ids[0]"),
            "task" => Some("task.task_ids[0]"),
            _ => None,
        };
        let mut arguments: Vec<Expression> = target.map(|text| Expression::Atom(text.to_owned())).into_iter().collect();
        for param in &operation.params {
            if let Some(given) = entry.arguments.get(param.name) {
                let value = self.argument(param, given)?;
                arguments.push(if param.default.is_some() { value.named(param.name) } else { value });
            }
        }
        let call = Expression::call(&format!("await client.{}", operation.name), arguments);
        let assigned = match operation.returns {
            "nothing" => String::new(),
            _ => variable(operation) + " = ",
        };
        Ok(call.lines(0, &assigned, ""))
    }

    fn argument(&self, param: &ParamView, given: &Value) -> Result<Expression, String> {
        match (param.kind, given) {
            ("struct_list", Value::Array(items)) => self.list(param.of, items),
            ("struct", given) => self.structure(param.of, given),
            (_, given) => Ok(Expression::Atom(literal(given))),
        }
    }

    fn list(&self, of: &str, items: &[Value]) -> Result<Expression, String> {
        let items = items.iter().map(|item| self.structure(of, item)).collect::<Result<_, _>>()?;
        Ok(Expression::Group { open: "[".to_owned(), items, close: "]" })
    }

    fn structure(&self, of: &str, given: &Value) -> Result<Expression, String> {
        let described = self.structures.structs.iter().find(|one| one.name == of);
        let described = described.ok_or_else(|| format!("{PATH}: {of} is not in describe_arguments()"))?;
        let mut fields = Vec::new();
        for field in &described.fields {
            let Some(given) = given.get(&field.name) else { continue };
            let value = match (&field.kind, given) {
                (FieldKind::Struct(of), Value::Object(_)) => self.structure(of, given)?,
                (FieldKind::StructList(of), Value::Array(items)) => self.list(of, items)?,
                _ => Expression::Atom(literal(given)),
            };
            fields.push(value.named(&field.name));
        }
        Ok(Expression::call(&format!("koophone.{of}"), fields))
    }
}

/// What the result is called: by the last word of its type, if it has one.
fn variable(operation: &OperationView) -> String {
    match operation.returns {
        "per_phone" => "results".to_owned(),
        "task" => "task".to_owned(),
        _ => operation.result[operation.result.rfind(char::is_uppercase).unwrap_or(0)..].to_lowercase(),
    }
}

/// A value as Python writes it.
fn literal(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Array(items) => format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

/// A value as Python prints it.
fn printed(value: &Value) -> String {
    value.as_str().map_or_else(|| literal(value), str::to_owned)
}

/// Python, to be broken into lines.
enum Expression {
    Atom(String),
    Group { open: String, items: Vec<Expression>, close: &'static str },
}

impl Expression {
    fn call(function: &str, items: Vec<Self>) -> Self {
        Self::Group { open: format!("{function}("), items, close: ")" }
    }

    fn named(self, name: &str) -> Self {
        match self {
            Self::Atom(text) => Self::Atom(format!("{name}={text}")),
            Self::Group { open, items, close } => Self::Group { open: format!("{name}={open}"), items, close },
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Atom(text) => text.clone(),
            Self::Group { open, items, close } => {
                let items: Vec<String> = items.iter().map(Self::text).collect();
                format!("{open}{}{close}", items.join(", "))
            }
        }
    }

    /// On one line, if it fits; otherwise an item per line.
    fn lines(&self, indent: usize, before: &str, after: &str) -> Vec<String> {
        let blanks = " ".repeat(indent);
        let line = format!("{blanks}{before}{}{after}", self.text());
        match self {
            Self::Group { open, items, close } if line.len() > WIDTH => {
                let mut lines = vec![format!("{blanks}{before}{open}")];
                let all: Vec<String> = items.iter().map(Self::text).collect();
                let all = format!("{blanks}    {}", all.join(", "));
                if all.len() > WIDTH {
                    lines.extend(items.iter().flat_map(|item| item.lines(indent + 4, "", ",")));
                } else {
                    lines.push(all);
                }
                lines.push(format!("{blanks}{close}{after}"));
                lines
            }
            _ => vec![line],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::operations::operations;
    use super::*;

    fn made(name: &str, entry: Value) -> Example {
        let operations = operations();
        let mut entries: Value = serde_json::from_str(TEXT).unwrap();
        entries[name] = entry;
        let operation = operations.iter().find(|operation| operation.name == name).unwrap();
        Examples::new(entries, &operations).unwrap().example(operation).unwrap()
    }

    #[test]
    fn an_example_has_the_arguments_and_the_fields_of_the_vectors() {
        let entry = json!({"arguments": {"command": "echo \"x\""}, "shows": {"state": "succeeded", "status": 2}});
        let example = made("run_command", entry);
        assert_eq!(
            example.lines,
            [
                r#"results = await client.run_command(emulator.instance_ids, "echo \"x\"")"#,
                "for result in results:",
                "    print(result.state, result.status)",
            ]
        );
        assert_eq!(example.output, ["succeeded 2", "succeeded 2"]);
        let entry = json!({"arguments": {"page_size": 1, "filter": {"instance_name": "n"}}, "shows": {"page_no": 1}});
        let example = made("list_instances", entry);
        let call = r#"page = await client.list_instances(filter=koophone.InstanceFilter(instance_name="n"), page_size=1)"#;
        assert_eq!(example.lines, [call, "print(page.page_no)"]);
    }

    #[test]
    fn what_the_vectors_do_not_name_is_shown_as_success() {
        assert_eq!(made("query_status", json!({})).output, ["True", "True"]);
        let example = made("get_task", json!({}));
        assert!(example.lines[0].starts_with("task = await client.start_command("), "{:?}", example.lines);
        assert_eq!(example.output, ["TaskStatus"]);
    }

    #[test]
    fn long_calls_are_broken_into_lines() {
        let spec = json!({"bitrate_kbps": 6000, "fps": 30});
        let setting = json!({"network": "wifi", "codec": "h264", "p540": spec, "p720": spec, "p1080": spec});
        let lines = made("set_video_settings", json!({"arguments": {"video_settings": [setting]}})).lines;
        assert_eq!(lines[..4], [
            "results = await client.set_video_settings(",
            "    emulator.instance_ids,",
            "    [",
            "        koophone.VideoSetting(",
        ]);
        assert_eq!(lines[6], "            p540=koophone.VideoSpec(bitrate_kbps=6000, fps=30),");
        assert_eq!(lines[9..12], ["        ),", "    ],", ")"]);
        let filter = json!({"instance_name": "n".repeat(20), "order": "desc"});
        let lines = made("list_instances", json!({"arguments": {"filter": filter, "page_no": 1}})).lines;
        assert_eq!(lines[0], "page = await client.list_instances(");
        assert!(lines[1].ends_with("page_no=1") && lines[2] == ")", "{lines:?}");
    }
}
