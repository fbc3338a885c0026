//! The edition of the service's documents that the emulator follows.

use serde::{Deserialize, Serialize};

/// An edition of the service's documents, by its year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
pub enum Edition {
    /// The original one: seven operations, resets without a task, device tokens without later fields.
    #[serde(rename = "2024")]
    Of2024,
    /// The newest one: all operations, a task for each reset, all fields of device tokens.
    #[default]
    #[serde(rename = "2026")]
    Of2026,
}

impl Edition {
    /// The edition of that name, "2024" or "2026".
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
        for edition in [Edition::Of2024, Edition::Of2026] {
            assert_eq!(Edition::from_name(serde_json::to_value(edition).unwrap().as_str().unwrap()), Some(edition));
        }
        assert_eq!(Edition::from_name("2025"), None);
    }
}
