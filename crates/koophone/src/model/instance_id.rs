//! The id of a phone: validated once, stored inline.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use arrayvec::ArrayString;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::error::{Error, Result};

/// Maximum length of an instance id in all documents.
pub(crate) const MAX_ID: usize = 32;

/// The id of a phone (实例 ID): 1 to 32 letters, digits, hyphens or underscores. It compares with text and prints as
/// text; [`as_str`](InstanceId::as_str) returns it. It is stored inline, so a list of thousands is one allocation.
///
/// ```
/// let id: koophone::InstanceId = "a44uhlf7".parse()?;
/// assert_eq!(id, "a44uhlf7");
/// assert!(id.as_str().starts_with("a44"));
/// # koophone::Result::<()>::Ok(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InstanceId(ArrayString<MAX_ID>);

impl InstanceId {
    /// Validates an id.
    ///
    /// # Errors
    ///
    /// `invalid_argument` with what is wrong: it is empty, too long, or has an invalid character.
    ///
    /// ```
    /// use koophone::InstanceId;
    ///
    /// assert_eq!(InstanceId::new("a44uhlf7")?, "a44uhlf7");
    /// assert!(InstanceId::new("a44/uhlf7").unwrap_err().message().contains("has the character '/'"));
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn new(id: &str) -> Result<Self> {
        let wrong = |what: String| {
            let right = format!("1 to {MAX_ID} letters, digits, hyphens or underscores, like a44uhlf7");
            Err(Error::invalid("instance_id", format!("{what}; an instance id has {right}")))
        };
        if id.is_empty() {
            return wrong("the instance id is empty".into());
        }
        let Ok(checked) = ArrayString::from(id) else {
            return wrong(format!("the instance id is {} bytes long", id.len()));
        };
        if let Some(at) = id.bytes().position(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'-' | b'_')) {
            // Everything before it is ASCII, so a character begins there.
            let bad = id[at..].chars().next().unwrap_or_default();
            return wrong(format!("instance id {id:?} has the character {bad:?}"));
        }
        Ok(Self(checked))
    }

    /// The id as text.
    ///
    /// ```
    /// let id = koophone::InstanceId::new("a44uhlf7")?;
    /// assert_eq!(id.as_str().len(), 8);
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for InstanceId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

// Hashed and compared like its text, so that a `&str` can look up a map of ids.
impl Borrow<str> for InstanceId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl FromStr for InstanceId {
    type Err = Error;

    fn from_str(id: &str) -> Result<Self> {
        Self::new(id)
    }
}

impl TryFrom<&str> for InstanceId {
    type Error = Error;

    fn try_from(id: &str) -> Result<Self> {
        Self::new(id)
    }
}

impl From<InstanceId> for String {
    fn from(id: InstanceId) -> Self {
        id.as_str().to_owned()
    }
}

impl PartialEq<str> for InstanceId {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for InstanceId {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialEq<String> for InstanceId {
    fn eq(&self, other: &String) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<InstanceId> for str {
    fn eq(&self, other: &InstanceId) -> bool {
        other == self
    }
}

impl PartialEq<InstanceId> for &str {
    fn eq(&self, other: &InstanceId) -> bool {
        other == self
    }
}

impl PartialEq<InstanceId> for String {
    fn eq(&self, other: &InstanceId) -> bool {
        other == self
    }
}

impl fmt::Display for InstanceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for InstanceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl Serialize for InstanceId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for InstanceId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl de::Visitor<'_> for Text {
            type Value = InstanceId;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an instance id")
            }
            fn visit_str<E: de::Error>(self, id: &str) -> Result<InstanceId, E> {
                InstanceId::new(id).map_err(|error| E::custom(error.message()))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(feature = "describe")]
impl schemars::JsonSchema for InstanceId {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "InstanceId".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        String::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;

    #[test]
    fn an_id_is_checked_once_and_says_what_is_wrong() {
        for good in ["a44uhlf7", "Q39YyZvl", "a-b_c", &"a".repeat(32)] {
            assert_eq!(InstanceId::new(good).unwrap(), good);
        }
        for bad in ["", "a/b", "a b", "ä", "a\0", &"a".repeat(33), "../x", "a?b"] {
            let error = InstanceId::new(bad).unwrap_err();
            assert_eq!(error.argument(), Some("instance_id"), "{bad:?}");
            assert!(error.message().contains("like a44uhlf7"), "{error}");
        }
    }

    #[test]
    fn it_compares_hashes_and_prints_like_its_text() {
        let id = |text: &str| InstanceId::new(text).unwrap();
        assert_eq!(format!("{} {:?} {:>4}", id("a1"), id("a1"), id("a1")), "a1 \"a1\"   a1");
        assert!(id("a") < id("b") && id("a") < id("aa"));
        assert!(id("a") == *"a" && *"a" == id("a") && "a" == id("a"));
        assert_eq!(vec!["a".to_owned()], [id("a")]);
        assert_eq!([id("a")], vec!["a".to_owned()][..]);
        assert_eq!(HashMap::from([(id("a1"), 7)]).get("a1"), Some(&7));
        assert!(HashSet::from([id("a1"), id("a1")]).len() == 1);
        assert_eq!(String::from(id("a1")), "a1");
    }

    #[test]
    fn in_json_it_is_text_and_is_checked_when_it_comes_back() {
        let id = InstanceId::new("a1").unwrap();
        assert_eq!(serde_json::to_string(&id).unwrap(), r#""a1""#);
        assert_eq!(serde_json::from_str::<InstanceId>(r#""a1""#).unwrap(), id);
        assert_eq!(serde_json::from_str::<InstanceId>(r#""\u0061\u0031""#).unwrap(), id);
        let error = serde_json::from_str::<InstanceId>(r#""a/1""#).unwrap_err();
        assert!(error.to_string().contains("has the character '/'"), "{error}");
        assert!(serde_json::from_str::<InstanceId>("1").is_err());
    }
}
