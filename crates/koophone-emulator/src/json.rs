//! Reads JSON that a user wrote.

use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads JSON through a `Value`, as faults are read: reading every type directly from text as well would enlarge the
/// shipped binaries noticeably.
pub(crate) fn from_json<T: DeserializeOwned>(text: &str) -> serde_json::Result<T> {
    serde_json::from_str::<Value>(text).and_then(serde_json::from_value)
}
