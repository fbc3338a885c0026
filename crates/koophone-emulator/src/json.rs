//! Reading JSON that a user wrote.

use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads JSON by way of a `Value`, as faults are read: code to read every type from the text as well would show in the
/// size of what is shipped.
pub(crate) fn from_json<T: DeserializeOwned>(text: &str) -> serde_json::Result<T> {
    serde_json::from_str::<Value>(text).and_then(serde_json::from_value)
}
