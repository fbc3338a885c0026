//! `_emulator_options.py`: the emulator's options as typed dictionaries, generated from its own description.

use std::fmt::Write;

use regex::Regex;
use serde_json::{Map, Value};

use super::super::template::pascal;
use super::{NOTICE, docstring};

const HEAD: &str = r#"
"""What an `Emulator` takes, for type checkers: options, faults and rules. The emulator itself checks them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict, Union
"#;

/// The base class of all faults.
const FAULT_FIELDS: &str = "_FaultFields";

pub(super) fn options(schema: &Value) -> Result<String, String> {
    let mut text = format!("# {NOTICE}{HEAD}");
    let definitions =
        schema.get("$defs").and_then(Value::as_object).ok_or("the emulator's description has no types")?;
    let (mut aliases, mut later) = (String::new(), String::new());
    for (name, one) in definitions {
        match (name.as_str(), variants(one)) {
            ("Fault", Some(actions)) => later += &faults(one, actions)?,
            (_, Some(values)) => text += &literals(name, one, values),
            (_, None) if one.get("properties").is_some() => later += &dictionary(name, one, "TypedDict", &[])?,
            (_, None) => {
                let _ = write!(aliases, "\n{name} = {}\n{}\n", alias(one)?, docstring(&doc(one), 0));
            }
        }
    }
    Ok(text + &aliases + &later + &dictionary("EmulatorOptions", schema, "TypedDict", &[])?)
}

/// The alternatives of an enumeration.
fn variants(schema: &Value) -> Option<&Vec<Value>> {
    schema.get("oneOf").and_then(Value::as_array)
}

fn literals(name: &str, schema: &Value, values: &[Value]) -> String {
    let mut text = format!("\n{name} = Literal[\n");
    for value in values {
        for line in doc(value).lines() {
            let _ = writeln!(text, "    # {line}");
        }
        let _ = writeln!(text, "    {},", value.get("const").cloned().unwrap_or_default());
    }
    let about = summary(schema);
    text += "]\n";
    if !about.is_empty() {
        text += &(docstring(&about, 0) + "\n");
    }
    text
}

/// A class for each action, and their union.
fn faults(schema: &Value, actions: &[Value]) -> Result<String, String> {
    let common = schema.get("properties").and_then(Value::as_object).ok_or("faults have no fields")?;
    let mut text = format!(
        "\n\nclass {FAULT_FIELDS}(TypedDict, total=False):\n{}\n\n",
        docstring("The fields of every fault.", 4)
    );
    text += &fields(common.iter())?;
    let mut names = Vec::new();
    for action in actions {
        let tag = action.pointer("/properties/action/const").and_then(Value::as_str).ok_or("a fault has no action")?;
        let name = format!("{}Fault", pascal(tag));
        text += &dictionary(&name, action, FAULT_FIELDS, &["action"])?;
        names.push(name);
    }
    let _ = write!(text, "\n\nFault = Union[\n    {},\n]\n{}\n", names.join(",\n    "), docstring(&doc(schema), 0));
    Ok(text)
}

/// A structure. A base class with `total=False` has the optional fields, because `Required` needs a newer Python.
fn dictionary(name: &str, schema: &Value, base: &str, more_required: &[&str]) -> Result<String, String> {
    let properties =
        schema.get("properties").and_then(Value::as_object).ok_or_else(|| format!("{name} has no fields"))?;
    let listed = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let required: Vec<&str> = listed.chain(more_required.iter().copied()).collect();
    let (must, may): (Vec<_>, Vec<_>) = properties.iter().partition(|(field, _)| required.contains(&field.as_str()));
    let doc = docstring(&doc(schema), 4);
    if must.is_empty() {
        return Ok(format!("\n\nclass {name}({base}, total=False):\n{doc}\n\n{}", fields(may.into_iter())?));
    }
    let mut text = String::new();
    let mut base = base.to_owned();
    if !may.is_empty() {
        let optional = format!("_{name}Optional");
        let _ = write!(text, "\n\nclass {optional}({base}, total=False):\n{}", fields(may.into_iter())?);
        base = optional;
    }
    let _ = write!(text, "\n\nclass {name}({base}):\n{doc}\n\n{}", fields(must.into_iter())?);
    Ok(text)
}

fn fields<'s>(fields: impl Iterator<Item = (&'s String, &'s Value)>) -> Result<String, String> {
    let mut text = String::new();
    for (name, schema) in fields {
        let object = schema.as_object().ok_or_else(|| format!("{name} has no schema"))?;
        let _ = writeln!(
            text,
            "    {name}: {}",
            kind(object).ok_or_else(|| format!("{name}: the generator does not support {schema}"))?
        );
        let default =
            object.get("default").filter(|value| matches!(value, Value::Bool(_) | Value::Number(_) | Value::String(_)));
        let default = default.filter(|value| value.as_str() != Some(""));
        let default = default.map(|value| match value {
            Value::Bool(value) => format!(" Default: `{}`.", if *value { "True" } else { "False" }),
            value => format!(" Default: `{value}`."),
        });
        let doc = doc(schema) + &default.unwrap_or_default();
        if !doc.is_empty() {
            let _ = writeln!(text, "{}", docstring(&doc, 4));
        }
    }
    Ok(text)
}

/// A type alias. It is evaluated at run time, so it cannot be `X | None`.
fn alias(schema: &Value) -> Result<String, String> {
    if let Some(either) = schema.get("anyOf").and_then(Value::as_array) {
        let kinds: Option<Vec<_>> = either.iter().map(|one| kind(one.as_object()?)).collect();
        return Ok(format!("Union[{}]", kinds.ok_or("the generator does not support an alternative")?.join(", ")));
    }
    schema.as_object().and_then(kind).ok_or_else(|| format!("the generator does not support {schema}"))
}

/// The type annotation of a value.
fn kind(schema: &Map<String, Value>) -> Option<String> {
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        return target.strip_prefix("#/$defs/").map(str::to_owned);
    }
    if let Some(value) = schema.get("const") {
        return Some(format!("Literal[{value}]"));
    }
    if let Some(either) = schema.get("anyOf").and_then(Value::as_array) {
        let kinds: Option<Vec<_>> = either.iter().map(|one| kind(one.as_object()?)).collect();
        return Some(kinds?.join(" | "));
    }
    match schema.get("type") {
        None => Some("Any".to_owned()),
        Some(Value::Array(names)) => {
            let kinds: Option<Vec<_>> = names.iter().map(|name| plain(name.as_str()?, schema)).collect();
            Some(kinds?.join(" | "))
        }
        Some(name) => plain(name.as_str()?, schema),
    }
}

fn plain(name: &str, schema: &Map<String, Value>) -> Option<String> {
    let inner = |key: &str| match schema.get(key) {
        Some(Value::Object(inner)) => kind(inner),
        _ => Some("Any".to_owned()),
    };
    Some(match name {
        "string" => "str".to_owned(),
        "integer" => "int".to_owned(),
        "number" => "float".to_owned(),
        "boolean" => "bool".to_owned(),
        "null" => "None".to_owned(),
        "array" => format!("Sequence[{}]", inner("items")?),
        "object" => format!("Mapping[str, {}]", inner("additionalProperties")?),
        _ => return None,
    })
}

/// The description, without Rust examples and links.
fn doc(schema: &Value) -> String {
    let text = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    let link = Regex::new(r"\[(`[^`]+`)\]\([^)]*\)").expect("a valid constant");
    link.replace_all(text.split("\n```").next().unwrap_or_default().trim_end(), "$1").into_owned()
}

/// Its first paragraph.
fn summary(schema: &Value) -> String {
    doc(schema).lines().take_while(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}
