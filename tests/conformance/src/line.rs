//! A line of the protocol between judge and runner (see PROTOCOL.md).

use std::fmt;

use serde_json::Value;

/// Words, then `name=value` fields; names may repeat.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// One or two words that name the action.
    pub words: Vec<String>,
    /// The fields, in order.
    pub fields: Vec<(String, String)>,
}

impl Line {
    /// A line that starts with these words.
    pub fn new(words: &[&str]) -> Self {
        Self { words: words.iter().map(|word| (*word).to_owned()).collect(), fields: Vec::new() }
    }

    /// Adds a field.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.fields.push((name.into(), value.into()));
    }

    /// Adds a field that holds JSON. Structures are added field by field as well (`order.count`, `users.0.name`), for
    /// runners that do not parse JSON.
    pub fn push_json(&mut self, name: &str, value: &Value) {
        match value {
            Value::String(text) => return self.push(name, text),
            value => self.push(name, value.to_string()),
        }
        match value {
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(at, item)| self.push_json(&format!("{name}.{at}"), item));
            }
            Value::Object(fields) => {
                fields.iter().for_each(|(field, value)| self.push_json(&format!("{name}.{field}"), value));
            }
            _ => {}
        }
    }

    /// The value of a field.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// All values of a field that may repeat.
    pub fn all(&self, name: &str) -> Vec<String> {
        self.fields.iter().filter(|(n, _)| n == name).map(|(_, value)| value.clone()).collect()
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words.join("\t"))?;
        for (name, value) in &self.fields {
            let value = value.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n").replace('\r', "\\r");
            write!(f, "\t{name}={value}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_escaped() {
        let mut line = Line::new(&["call", "run_command"]);
        line.push("command", "a\tb\\\n=");
        assert_eq!(line.to_string(), "call\trun_command\tcommand=a\\tb\\\\\\n=");
    }

    #[test]
    fn structures_are_added_as_json_and_as_fields() {
        let mut line = Line::new(&["call"]);
        line.push_json("users", &serde_json::json!([{"name": "x", "age": 3}]));
        assert_eq!(line.get("users"), Some(r#"[{"name":"x","age":3}]"#));
        assert_eq!((line.get("users.0.name"), line.get("users.0.age")), (Some("x"), Some("3")));
    }
}
