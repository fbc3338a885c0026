//! Reads a request's body and query.

use serde_json::Value;

use crate::wire::received::Received;
use crate::wire::reply::Refusal;

/// Maximum number of entries per page (docs/spec/newer-operations.md).
const MOST_ON_A_PAGE: i64 = 200;

/// The body as a JSON object.
pub(super) fn json_object(received: &Received) -> Result<Value, Refusal> {
    match serde_json::from_slice::<Value>(&received.body) {
        Ok(body) if body.is_object() => Ok(body),
        Ok(_) => Err(Refusal::parameter("the body is not a JSON object")),
        Err(error) => Err(Refusal::parameter(format!("the body is not JSON: {error}"))),
    }
}

/// A text of 1 to `most` characters. A number counts as its digits (docs/spec/wire-notes.md#68).
pub(super) fn text(body: &Value, name: &str, most: usize) -> Result<String, Refusal> {
    let text = match body.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => return Err(Refusal::parameter(format!("{name} is not text"))),
    };
    let length = text.chars().count();
    if length == 0 || length > most {
        return Err(Refusal::parameter(format!("{name} has {length} characters, 1 to {most} are allowed")));
    }
    Ok(text)
}

/// A whole number in a range, which may be written as text (docs/spec/wire-notes.md#68).
pub(super) fn integer(body: &Value, name: &str, from: i64, to: i64) -> Result<i64, Refusal> {
    let written = |value: &Value| value.as_i64().or_else(|| value.as_str()?.parse().ok());
    let number = body.get(name).and_then(written).filter(|number| (from..=to).contains(number));
    number.ok_or_else(|| Refusal::parameter(format!("{name} is not a whole number from {from} to {to}")))
}

/// The requested page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) no: i64,
    pub(super) size: i64,
}

impl Page {
    pub(super) fn of(received: &Received) -> Result<Self, Refusal> {
        let integer = |name: &str, most: i64| {
            let number = received.query(name).and_then(|text| text.parse().ok());
            let number = number.filter(|number| (1..=most).contains(number));
            number.ok_or_else(|| Refusal::parameter(format!("{name} is not a whole number from 1 to {most}")))
        };
        Ok(Self { no: integer("page_no", i64::MAX)?, size: integer("page_size", MOST_ON_A_PAGE)? })
    }

    /// The entries of this page.
    pub(super) fn cut<T>(self, all: impl Iterator<Item = T>) -> impl Iterator<Item = T> {
        let size = usize::try_from(self.size).unwrap_or(usize::MAX);
        let before = usize::try_from(self.no - 1).unwrap_or(usize::MAX).saturating_mul(size);
        all.skip(before).take(size)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_accepted_as_text_and_lengths_are_checked() {
        let body = json!({"id": 1_600_000_000_000_000_001_i64, "empty": "", "long": "12345", "list": []});
        assert_eq!(text(&body, "id", 32).unwrap(), "1600000000000000001");
        assert_eq!(text(&body, "long", 5).unwrap(), "12345");
        for (name, most) in [("empty", 5), ("long", 4), ("list", 5), ("missing", 5)] {
            assert!(text(&body, name, most).is_err(), "{name}");
        }
    }

    #[test]
    fn a_page_past_the_end_is_empty() {
        let cut = |no| Page { no, size: 2 }.cut(1..=5).collect::<Vec<_>>();
        assert_eq!((cut(1), cut(3), cut(4)), (vec![1, 2], vec![5], vec![]));
        assert!(Page { no: i64::MAX, size: 200 }.cut(1..=5).next().is_none());
    }
}
