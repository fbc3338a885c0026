//! Reading JSON: always from text, so that each type is compiled for one reader. serde_json has others, for bytes and for
//! its own values; with those beside it libkoophone was 51 kB larger.

use serde::de::{DeserializeOwned, Error};

/// Reads JSON that came as bytes. That it is UTF-8 is checked as a whole: string by string, as serde_json does it, costs a fifth
/// of the decoding of 32 statuses.
pub(crate) fn from_bytes<T: DeserializeOwned>(bytes: &[u8]) -> serde_json::Result<T> {
    serde_json::from_str(std::str::from_utf8(bytes).map_err(Error::custom)?)
}
