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

/// Converts JSON to a structure. An error names the field and never quotes its value, which may be a secret in the
/// wrong field.
pub(crate) fn structure<T: DeserializeOwned>(json: Value, argument: &'static str, what: &'static str) -> Result<T> {
    serde_path_to_error::deserialize(json).map_err(|wrong| {
        let (field, cause) = (wrong.path().to_string(), wrong.inner().to_string());
        match cause.rsplit_once(", expected ").filter(|_| !cause.starts_with("unknown field")) {
            Some((_, right)) if field != "." => {
                let message = format!("{field} of {what} has a wrong value; it must be {}", in_words(right));
                Error::invalid(field, message)
            }
            _ => Error::invalid(argument, format!("{what} is wrong: {cause}")),
        }
    })
}

/// What serde expects, in plain words.
fn in_words(expected: &str) -> String {
    match expected {
        "u32" => format!("a whole number from 0 to {}", u32::MAX),
        "a string" | "string" | "string or map" => "a text".to_owned(),
        "a boolean" => "true or false".to_owned(),
        other => other.replace('`', ""),
    }
}

#[cfg(test)]
mod tests {
    use koophone::{AppPackage, InstanceOrder};
    use serde_json::json;

    use super::*;

    #[test]
    fn a_wrong_field_is_named_and_its_value_is_not() {
        let order = json!({
            "os": "AOSP11", "sku_id": "a", "bandwidth_sku_id": "b", "region": "c", "name_prefix": "d",
            "bandwidth_mbps": 4,
            "count": 1, "period_unit": "month", "period_count": 1,
        });
        for (field, right) in [
            ("count", "a whole number from 0 to 4294967295"),
            ("period_unit", "month or year"),
            ("auto_pay", "true or false"),
            ("os", "a text"),
            ("network", "a text"),
        ] {
            for value in [json!("https://b.example/?sig=S3CRET, expected u32"), json!({"a": 1}), json!(-1), json!([1])]
            {
                let right =
                    if field == "period_unit" && !value.is_string() && !value.is_object() { "a text" } else { right };
                if value.is_string() && right == "a text" {
                    continue;
                }
                let mut order = order.clone();
                order[field] = value;
                let error = structure::<InstanceOrder>(order, "order", "the order").unwrap_err();
                assert_eq!(error.argument(), Some(field), "{error}");
                assert_eq!(error.message(), format!("{field} of the order has a wrong value; it must be {right}"));
            }
        }
        let missing = structure::<AppPackage>(json!({"url": "S3CRET"}), "app", "the app").unwrap_err();
        assert!(missing.message().contains("package") && !missing.message().contains("S3CRET"), "{missing}");
        let unknown = structure::<InstanceOrder>(json!({"cuont": "S3CRET"}), "order", "the order").unwrap_err();
        assert!(unknown.message().contains("`cuont`, expected one of `os`"), "{unknown}");
        assert_eq!(unknown.argument(), Some("order"));
    }
}
