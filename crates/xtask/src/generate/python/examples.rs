//! The example of each operation, which runs as a doctest: a call with the arguments of
//! `tests/vectors/operations.json`, and the fields of the result that are named there.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::super::description::{Description, FieldKind};
use super::super::operations::{OperationView, ParamView};

const PATH: &str = "tests/vectors/operations.json";
const TEXT: &str = include_str!("../../../../../tests/vectors/operations.json");

/// The variable for the phone of an item.
const PHONE: &str = "instance_id";

/// The width of a line in a docstring.
const WIDTH: usize = 96;

/// The example in the docstring of an operation. `emulator` has two phones; in the blocking client `await` is omitted.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Example {
    pub lines: Vec<String>,
    pub output: Vec<String>,
}

/// An operation's entry.
#[derive(Default, Deserialize)]
struct Entry {
    #[serde(default)]
    arguments: Map<String, Value>,
    before: Option<String>,
    #[serde(default)]
    shows: Map<String, Value>,
}

/// The examples of `tests/vectors/operations.json`, and the types of their arguments.
pub struct Examples<'a> {
    entries: Value,
    structures: Description,
    operations: &'a [OperationView],
}

impl<'a> Examples<'a> {
    pub fn of(operations: &'a [OperationView]) -> Result<Self, String> {
        let entries = serde_json::from_str(TEXT).map_err(|error| format!("{PATH}: {error}"))?;
        Self::new(entries, operations)
    }

    fn new(mut entries: Value, operations: &'a [OperationView]) -> Result<Self, String> {
        // The login is not in the table.
        entries["login"] = json!({"shows": {"method": "password"}});
        Ok(Self { entries, structures: Description::of_the_arguments()?, operations })
    }

    fn entry(&self, name: &str) -> Result<Entry, String> {
        // The call for one page is another form of the same operation.
        let name = name.strip_suffix("_page").unwrap_or(name);
        let entry = self.entries.get(name).ok_or_else(|| format!("{PATH} has no entry for {name}"))?;
        Entry::deserialize(entry).map_err(|error| format!("{PATH}: {name}: {error}"))
    }

    /// The example of an operation.
    pub fn example(&self, operation: &OperationView) -> Result<Example, String> {
        let entry = self.entry(operation.name)?;
        let mut lines = Vec::new();
        // An operation on a task needs a task, and some operations need another one before them.
        let first = |other: &&OperationView| {
            if operation.target == "task" {
                other.returns == "task"
            } else {
                entry.before.as_deref() == Some(other.name)
            }
        };
        if let Some(first) = self.operations.iter().find(first) {
            let call = self.call(first, &self.entry(first.name)?)?;
            lines.extend(call.lines(0, if operation.target == "task" { "task = " } else { "_ = " }, ""));
        }
        let result = match operation.returns {
            "per_phone" => "results",
            "task" => "task",
            "list" => return self.list_example(operation, &entry, lines),
            _ => "result",
        };
        let assigned = if operation.returns == "nothing" { String::new() } else { format!("{result} = ") };
        lines.extend(self.call(operation, &entry)?.lines(0, &assigned, ""));
        let (shown, values): (Vec<&str>, Vec<String>) =
            entry.shows.iter().map(|(name, value)| (name.as_str(), printed(value))).unzip();
        let fields = |of: &str| shown.iter().map(|name| format!("{of}.{name}")).collect::<Vec<_>>().join(", ");
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
                lines.push(format!("print({})", fields(result)));
                vec![values.join(" ")]
            }
        };
        Ok(Example { lines, output })
    }

    /// The example of an operation that returns a list: it counts the items.
    fn list_example(
        &self,
        operation: &OperationView,
        entry: &Entry,
        mut lines: Vec<String>,
    ) -> Result<Example, String> {
        let count = entry.shows.get("total_count");
        let count = count.ok_or_else(|| format!("{PATH}: {} does not show its total_count", operation.name))?;
        let call = self.call(operation, entry)?.lines(0, "async for item in ", ":");
        lines.push("count = 0".to_owned());
        lines.extend(call);
        lines.push("    count += 1".to_owned());
        lines.push("print(count)".to_owned());
        Ok(Example { lines, output: vec![printed(count)] })
    }

    fn call(&self, operation: &OperationView, entry: &Entry) -> Result<Expression, String> {
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
        let awaited = if operation.returns == "list" { "" } else { "await " };
        Ok(Expression::call(&format!("{awaited}client.{}", operation.name), arguments))
    }

    fn argument(&self, param: &ParamView, given: &Value) -> Result<Expression, String> {
        match (param.kind, given) {
            ("struct_list", Value::Array(items)) => self.list(param.of, items),
            ("struct", given) => self.structure(param.of, given),
            (_, given) => Ok(Expression::Atom(literal(given))),
        }
    }

    fn list(&self, of: &str, items: &[Value]) -> Result<Expression, String> {
        let items = items.iter().map(|item| self.structure(of, item)).collect::<Result<Vec<_>, _>>()?;
        // One item per phone, as the suites interpret it.
        let rest = match items.as_slice() {
            [item] if item.mentions(PHONE) => "for instance_id in emulator.instance_ids",
            _ => "",
        };
        Ok(Expression::Group { open: "[".to_owned(), items, rest, close: ']' })
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

/// A value as a Python literal.
fn literal(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::String(text) if text == "{instance_id}" => PHONE.to_owned(),
        Value::Array(items) => format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

/// A value as Python prints it.
fn printed(value: &Value) -> String {
    value.as_str().map_or_else(|| literal(value), str::to_owned)
}

/// A Python expression that can be broken into lines.
enum Expression {
    Atom(String),
    Group { open: String, items: Vec<Expression>, rest: &'static str, close: char },
}

impl Expression {
    fn call(function: &str, items: Vec<Self>) -> Self {
        Self::Group { open: format!("{function}("), items, rest: "", close: ')' }
    }

    fn named(self, name: &str) -> Self {
        match self {
            Self::Atom(text) => Self::Atom(format!("{name}={text}")),
            Self::Group { open, items, rest, close } => {
                Self::Group { open: format!("{name}={open}"), items, rest, close }
            }
        }
    }

    /// Whether it contains a name as a value.
    fn mentions(&self, name: &str) -> bool {
        match self {
            Self::Atom(text) => text.rsplit('=').next() == Some(name),
            Self::Group { items, .. } => items.iter().any(|item| item.mentions(name)),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Atom(text) => text.clone(),
            Self::Group { open, items, rest, close } => {
                let items: Vec<String> = items.iter().map(Self::text).collect();
                format!("{open}{}{}{rest}{close}", items.join(", "), if rest.is_empty() { "" } else { " " })
            }
        }
    }

    /// On one line if it fits, otherwise one item per line.
    fn lines(&self, indent: usize, before: &str, after: &str) -> Vec<String> {
        let blanks = " ".repeat(indent);
        let line = format!("{blanks}{before}{}{after}", self.text());
        match self {
            Self::Group { open, items, rest, close } if line.len() > WIDTH => {
                let mut lines = vec![format!("{blanks}{before}{open}")];
                let all: Vec<String> = items.iter().map(Self::text).collect();
                let all = format!("{blanks}    {}", all.join(", "));
                if all.len() > WIDTH {
                    let comma = if rest.is_empty() { "," } else { "" };
                    lines.extend(items.iter().flat_map(|item| item.lines(indent + 4, "", comma)));
                } else {
                    lines.push(all);
                }
                lines.extend((!rest.is_empty()).then(|| format!("{blanks}    {rest}")));
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
        entries[name.strip_suffix("_page").unwrap_or(name)] = entry;
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
        let entry = json!({"arguments": {"filter": {"order": "asc"}}, "shows": {"total_count": 2}});
        let example = made("list_instances", entry.clone());
        let call = r#"async for item in client.list_instances(filter=koophone.InstanceFilter(order="asc")):"#;
        assert_eq!(example.lines, ["count = 0", call, "    count += 1", "print(count)"]);
        let example = made("list_instances_page", entry);
        let call = r#"result = await client.list_instances_page(filter=koophone.InstanceFilter(order="asc"))"#;
        assert_eq!(
            (example.lines, example.output),
            (vec![call.to_owned(), "print(result.total_count)".to_owned()], vec!["2".to_owned()])
        );
    }

    #[test]
    fn what_the_vectors_do_not_name_is_shown_as_success() {
        assert_eq!(made("query_status", json!({})).output, ["True", "True"]);
        let example = made("get_task", json!({}));
        assert!(example.lines[0].starts_with("task = await client.start_command("), "{:?}", example.lines);
        assert_eq!(example.output, ["TaskStatus"]);
    }

    #[test]
    fn items_per_phone_are_made_of_the_phones_and_what_is_needed_comes_first() {
        let arguments = json!({"assignments": [{"instance_id": "{instance_id}", "user_id": "u"}]});
        let lines = made("unassign_instances", json!({"arguments": arguments, "before": "reboot_instances"})).lines;
        assert_eq!(lines[0], "_ = await client.reboot_instances(emulator.instance_ids)");
        let item = r#"koophone.Assignment(instance_id=instance_id, user_id="u")"#;
        let lines = lines[1..7].join("\n");
        let rest = "for instance_id in emulator.instance_ids";
        let call = "task = await client.unassign_instances(";
        assert_eq!(lines, format!("{call}\n    [\n        {item}\n        {rest}\n    ],\n)"));
    }

    #[test]
    fn long_calls_are_broken_into_lines() {
        let spec = json!({"bitrate_kbps": 6000, "fps": 30});
        let setting = json!({"network": "wifi", "codec": "h264", "p540": spec, "p720": spec, "p1080": spec});
        let lines = made("set_video_settings", json!({"arguments": {"video_settings": [setting]}})).lines;
        assert_eq!(
            lines[..4],
            [
                "results = await client.set_video_settings(",
                "    emulator.instance_ids,",
                "    [",
                "        koophone.VideoSetting(",
            ]
        );
        assert_eq!(lines[6], "            p540=koophone.VideoSpec(bitrate_kbps=6000, fps=30),");
        assert_eq!(lines[9..12], ["        ),", "    ],", ")"]);
        let filter = json!({"instance_name": "n".repeat(9), "order": "asc"});
        let lines = made("list_instances_page", json!({"arguments": {"filter": filter, "page_no": 1}})).lines;
        assert_eq!(lines[0], "result = await client.list_instances_page(");
        assert!(lines[1].ends_with("page_no=1") && lines[2] == ")", "{lines:?}");
    }
}
