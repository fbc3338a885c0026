//! The age of the emulated service.

use serde::{Deserialize, Serialize};

/// The year of the documents that the service follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub enum Age {
    /// The original ones: seven operations, resets without a task, device tokens without later fields.
    #[serde(rename = "2024")]
    Of2024,
    /// The newest ones: all operations, a task for each reset, all fields of device tokens.
    #[default]
    #[serde(rename = "2026")]
    Of2026,
}

impl Age {
    /// The age of that name, "2024" or "2026".
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "2024" => Some(Self::Of2024),
            "2026" => Some(Self::Of2026),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_json() {
        for age in [Age::Of2024, Age::Of2026] {
            assert_eq!(Age::from_name(serde_json::to_value(age).unwrap().as_str().unwrap()), Some(age));
        }
        assert_eq!(Age::from_name("2025"), None);
    }
}
