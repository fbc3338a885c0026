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
    serde_json::from_str(&text).map_err(|cause| {
        let message = format!("{what} in {} is no JSON object: {cause}", path.display());
        Error::invalid(argument, message)
    })
}

/// The structure that this JSON is.
pub(crate) fn structure<T: DeserializeOwned>(json: Value, argument: &'static str, what: &'static str) -> Result<T> {
    serde_json::from_value(json).map_err(|cause| Error::invalid(argument, format!("{what} is wrong: {cause}")))
}
