//! Completeness: every object in an reply must have exactly the fields that the core declares.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::operations;

/// The core's types by name, with the type of each field that is one of them.
pub struct Fields(BTreeMap<&'static str, Value>);

impl Fields {
    /// Reads the core's description of its types.
    pub fn of_the_core() -> Self {
        Self(koophone::binding_support::describe().into_iter().collect())
    }

    /// Names a missing or unknown field in an reply; `None` if it is complete.
    pub fn problem(&self, verb: &str, reply: &Value) -> Option<String> {
        let reply = reply.as_object()?;
        reply.iter().find_map(|(key, value)| {
            // Replies for tasks and logins; everything else is in the core's table.
            let name = match (key.as_str(), verb) {
                ("error", _) => "ErrorDetails",
                ("task", _) => return self.each("TaskPhone", &value["phones"]),
                ("progress", "wait") => "Progress",
                ("results", "wait") => "JobResult",
                ("status", "poll") => "TaskStatus",
                ("identity", "login") => "Identity",
                ("stats", "stats") => "Stats",
                (key, verb) => operations::reply(verb).filter(|(field, _)| *field == key)?.1,
            };
            self.each(name, value)
        })
    }

    fn each(&self, name: &str, value: &Value) -> Option<String> {
        match value {
            Value::Array(list) => list.iter().find_map(|one| self.each(name, one)),
            Value::Object(object) => {
                let schema = self.0.get(name)?;
                let properties = schema["properties"].as_object()?;
                if let Some(unknown) = object.keys().find(|key| !properties.contains_key(*key)) {
                    return Some(format!("{name} has a field {unknown} that the core does not declare"));
                }
                properties.iter().find_map(|(field, schema)| match object.get(field) {
                    // Only errors of a wait have this field.
                    None if field == "last_jobs" => None,
                    None => Some(format!("{name} lacks the field {field}")),
                    Some(value) => type_of(schema).and_then(|inner| self.each(inner, value)),
                })
            }
            _ => None,
        }
    }
}

/// The type that a field's schema refers to, directly, in an option or in a list.
fn type_of(schema: &Value) -> Option<&str> {
    let direct = schema.get("$ref").and_then(Value::as_str);
    let listed = || schema.pointer("/items/$ref").and_then(Value::as_str);
    let optional = || schema.get("anyOf")?.as_array()?.iter().find_map(|one| one.get("$ref")?.as_str());
    let name = direct.or_else(listed).or_else(optional)?.rsplit('/').next()?;
    Some(if name == "Error" { "ErrorDetails" } else { name })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_missing_or_unknown_field_is_named_at_any_depth() {
        let fields = Fields::of_the_core();
        let status = json!({"instance_id": "a", "state": "running", "status": 2, "error": null});
        assert_eq!(fields.problem("query_status", &json!({"results": [status.clone()]})), None);
        let mut short = status.clone();
        short.as_object_mut().unwrap().remove("status");
        assert!(
            fields.problem("query_status", &json!({"results": [short]})).unwrap().contains("lacks the field status")
        );
        let mut broken = status;
        broken["error"] = json!({"kind": "rejected"});
        assert!(fields.problem("query_status", &json!({"results": [broken]})).unwrap().contains("ErrorDetails lacks"));
        assert!(fields.problem("login", &json!({"identity": {"nickname": 1}})).unwrap().contains("nickname"));
    }
}
