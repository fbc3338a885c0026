//! JSON of requests and responses.

use bytes::Bytes;
use serde::Serialize;
use serde::de::{DeserializeOwned, Error as _};

use crate::model::{Error, Result};

/// The body of a request.
pub(crate) fn to_bytes(request: &impl Serialize) -> Result<Bytes> {
    let json = serde_json::to_vec(request);
    json.map(Bytes::from).map_err(|e| Error::internal("a request cannot be encoded as JSON").caused_by(&e))
}

/// Reads JSON from bytes. All of it must be UTF-8, because serde_json only validates the strings that it keeps.
pub(crate) fn from_bytes<T: DeserializeOwned>(bytes: &[u8]) -> serde_json::Result<T> {
    serde_json::from_str(std::str::from_utf8(without_bom(bytes)).map_err(serde_json::Error::custom)?)
}

/// Lossy parse: output truncated inside a character leaves invalid UTF-8 or half a surrogate pair
/// (docs/spec/wire-notes.md#46), which both become U+FFFD. A number out of range, such as `1e400`, becomes text: then
/// only its own field is lost.
pub(crate) fn leniently<T: DeserializeOwned>(body: &[u8]) -> serde_json::Result<T> {
    let text = String::from_utf8_lossy(without_bom(body));
    serde_json::from_str(&text).or_else(|strict| {
        let repaired = without_huge_numbers(&without_lone_surrogates(&text));
        serde_json::from_str(&repaired).map_err(|_| strict)
    })
}

/// Some gateways send a leading byte order mark, which is not part of JSON.
fn without_bom(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)
}

fn without_lone_surrogates(text: &str) -> String {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let width = match (c, unit(at)) {
            ('\\', Some(0xD800..=0xDBFF)) if matches!(unit(at + 6), Some(0xDC00..=0xDFFF)) => 12,
            ('\\', Some(0xD800..=0xDFFF)) => {
                out.push_str("\\ufffd");
                at += 6;
                continue;
            }
            ('\\', Some(_)) => 6,
            // Skips an escaped character, so that the second half of `\\` is not taken for the start of an escape.
            ('\\', None) => 1 + text[at + 1..].chars().next().map_or(0, char::len_utf8),
            _ => c.len_utf8(),
        };
        out.push_str(&text[at..at + width]);
        at += width;
    }
    out
}

/// Quotes numbers that no float can represent: serde_json would refuse the whole text because of one.
fn without_huge_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let width = match c {
            '"' => string_width(rest),
            '-' | '0'..='9' => {
                let in_number = |c: char| matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E');
                let width = rest.find(|c| !in_number(c)).unwrap_or(rest.len());
                if rest[..width].parse().is_ok_and(f64::is_infinite) {
                    out.extend(["\"", &rest[..width], "\""]);
                    rest = &rest[width..];
                    continue;
                }
                width
            }
            _ => c.len_utf8(),
        };
        out.push_str(&rest[..width]);
        rest = &rest[width..];
    }
    out
}

/// The length of the string at the start of `text`, with its quotation marks.
fn string_width(text: &str) -> usize {
    let mut escaped = false;
    let end = text[1..].find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    end.map_or(text.len(), |end| end + 2)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Named {
        name: String,
    }

    #[test]
    fn one_bad_byte_is_tolerated_only_by_the_lenient_reader() {
        let body = b"{\"name\":\"a\",\"note\":\"\xff\"}";
        assert!(from_bytes::<Named>(body).is_err());
        assert_eq!(leniently::<Named>(body).unwrap(), Named { name: "a".into() });
        assert!(leniently::<Value>(b"<html>").is_err());
    }

    #[test]
    fn numbers_out_of_range_are_text_for_the_lenient_reader() {
        let digits = "9".repeat(400);
        let read = |text: &str| leniently::<Value>(text.as_bytes());
        let body = format!(r#"{{"a":1e400,"b":[-{digits},{digits}.5e1],"c":"1e400 \\\"1e400","d":1e30,"é":2}}"#);
        let expected = json!({"a": "1e400", "b": [format!("-{digits}"), format!("{digits}.5e1")],
            "c": "1e400 \\\"1e400", "d": 1e30, "é": 2});
        assert_eq!(read(&body).unwrap(), expected);
        for broken in [r#"{"a":1e400"#, r#"{"a":1e400e}"#, r#"["1e400]"#, "1e400-", "[1e400 \"\\"] {
            assert!(read(broken).is_err(), "{broken}");
        }
    }
}
