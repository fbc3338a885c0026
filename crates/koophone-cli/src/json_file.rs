//! Structures of the core from JSON files.

use std::path::Path;

use koophone::{Error, Result};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::input::Input;

/// The object in a JSON file, `-` for standard input. `what` names it in errors, `argument` is its option.
pub(crate) fn object(
    input: &Input,
    path: &Path,
    argument: &'static str,
    what: &'static str,
) -> Result<Map<String, Value>> {
    let text = input.text(path, argument, what)?;
    let wrong = |cause: &dyn std::fmt::Display| {
        Error::invalid(argument, format!("{what} in {} is not a JSON object: {cause}", path.display()))
    };
    // Not parsed as a map, whose error would quote any other value, which may be a secret.
    match serde_json::from_str(&text).map_err(|cause| wrong(&cause))? {
        Value::Object(object) => Ok(object),
        Value::Array(_) => Err(wrong(&"it is a list")),
        Value::String(_) => Err(wrong(&"it is a text")),
        other => Err(wrong(&format!("it is {other}"))),
    }
}

/// Converts JSON to a structure.
pub(crate) fn structure<T: DeserializeOwned>(json: Value, argument: &'static str, what: &'static str) -> Result<T> {
    serde_json::from_value(json).map_err(|cause| Error::invalid(argument, format!("{what} is wrong: {cause}")))
}
