//! Tolerant parsing of response fields: one odd field must not cost the other phones their results.

use std::marker::PhantomData;

use arrayvec::ArrayString;
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::model::MAX_ID;

/// The usual number of items in a response: the default batch size.
const USUAL_ITEMS: usize = 32;

/// docs/spec/wire-notes.md#3, #43 and #44: text in one place, a number in another; `null` and absent are none. Anything
/// else becomes its JSON text.
pub(crate) fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    struct Text;
    impl<'de> Visitor<'de> for Text {
        type Value = Option<String>;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("text, a number or null")
        }
        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            Ok(Some(text.to_owned()))
        }
        fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
            Ok(Some(text))
        }
        fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
            Ok(Some(number.to_string()))
        }
        fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
            Ok(Some(number.to_string()))
        }
        fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
            Ok(Some(number.to_string()))
        }
        fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
            Ok(Some(value.to_string()))
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
            Value::deserialize(MapAccessDeserializer::new(map)).map(|value| Some(value.to_string()))
        }
        fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
            Value::deserialize(SeqAccessDeserializer::new(list)).map(|value| Some(value.to_string()))
        }
    }
    deserializer.deserialize_any(Text)
}

/// An id of a task, a job or an order: text or a number. Anything else is none.
pub(crate) fn opaque_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) if !text.is_empty() => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

/// docs/spec/wire-notes.md#43: a whole number, one as text, or none. Anything else is none, too.
pub(crate) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    struct Number;
    impl<'de> Visitor<'de> for Number {
        type Value = Option<i64>;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a number, a number as text, or null")
        }
        fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
            Ok(Some(number))
        }
        fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
            Ok(i64::try_from(number).ok())
        }
        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            Ok(text.trim().parse().ok())
        }
        fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
            // Every whole number below 2^53 is exact in a double.
            let whole = number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0;
            #[allow(clippy::cast_possible_truncation, reason = "just checked")]
            Ok(whole.then_some(number as i64))
        }
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
            IgnoredAny.visit_map(map).map(|_| None)
        }
        fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
            IgnoredAny.visit_seq(list).map(|_| None)
        }
    }
    deserializer.deserialize_any(Number)
}

/// The id of a phone in a response, stored inline: it is compared with the requested ids, which are validated.
pub(crate) type WireId = ArrayString<MAX_ID>;

/// The id of a phone in a response, which may be alone in a list (docs/spec/wire-notes.md#48, #80). If it is too long,
/// or neither text nor a whole number, it is empty, which matches no requested phone.
pub(crate) fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<WireId, D::Error> {
    #[derive(Deserialize)]
    struct Listed(#[serde(deserialize_with = "id")] WireId);
    struct Id;
    impl<'de> Visitor<'de> for Id {
        type Value = WireId;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an instance id")
        }
        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            Ok(WireId::from(text).unwrap_or_default())
        }
        fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
            Ok(WireId::from(&number.to_string()).unwrap_or_default())
        }
        fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
            Ok(WireId::from(&number.to_string()).unwrap_or_default())
        }
        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok(WireId::default())
        }
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok(WireId::default())
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(WireId::default())
        }
        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
            IgnoredAny.visit_map(map).map(|_| WireId::default())
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let first = list.next_element::<Listed>()?;
            let mut alone = true;
            while list.next_element::<IgnoredAny>()?.is_some() {
                alone = false;
            }
            Ok(first.filter(|_| alone).map(|Listed(id)| id).unwrap_or_default())
        }
    }
    deserializer.deserialize_any(Id)
}

/// Text that may be null or a number, empty when absent.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(text_or_number(deserializer)?.unwrap_or_default())
}

/// A list of objects that may be null. An item that is not an object is skipped: it names no phone.
pub(crate) fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    struct List<T>(PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for List<T> {
        type Value = Vec<T>;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a list or null")
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
            let mut list = Vec::new();
            while let Some(Item(item)) = items.next_element()? {
                // Enough for most responses, instead of growing step by step.
                if list.is_empty() {
                    list.reserve_exact(USUAL_ITEMS);
                }
                list.extend(item);
            }
            Ok(list)
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Vec::new())
        }
    }
    deserializer.deserialize_any(List(PhantomData))
}

/// An object; empty if there is none.
pub(crate) fn object<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    Ok(Item::deserialize(deserializer)?.0.unwrap_or_default())
}

/// An item of a list; none if it is not an object.
struct Item<T>(Option<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Item<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
            type Value = Item<T>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(|item| Item(Some(item)))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
                IgnoredAny.visit_seq(list).map(|_| Item(None))
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Item(None))
            }
            fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
                Ok(Item(None))
            }
            fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
                Ok(Item(None))
            }
            fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
                Ok(Item(None))
            }
            fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
                Ok(Item(None))
            }
            fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
                Ok(Item(None))
            }
        }
        deserializer.deserialize_any(Object(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::envelope;

    #[test]
    fn an_item_that_cannot_be_read_costs_its_own_phone() {
        #[derive(Debug, Deserialize, PartialEq)]
        struct Wire {
            #[serde(default, deserialize_with = "id")]
            id: WireId,
            #[serde(default, deserialize_with = "number")]
            status: Option<i64>,
            #[serde(default, deserialize_with = "text")]
            output: String,
        }
        #[derive(Debug, Deserialize, PartialEq)]
        struct Items {
            #[serde(deserialize_with = "list")]
            items: Vec<Wire>,
        }
        let wire =
            |id: &str, status, output: &str| Wire { id: WireId::from(id).unwrap(), status, output: output.into() };
        let body = r#"{"error_code":"0","data":{"items":[
            {"id":"a","status":2.0}, {"id":"b","status":{}}, {"id":"c","status":true}, null, 7, "x", [1], true, -1, 1.5,
            {"id":"d","status":2,"output":{"k":[]}}, {"id":{},"status":[]}, {"id":"e","id":"f","status":2},
            {"id":"g","status":18446744073709551615}, {"id":"h","status":1e300}, {"status":2,"output":null},
                {"id":"i","status":1e400},
            {"id":"j","status":2,"output":NINES}, {"id":NINES,"status":-NINES}, {"id":"k","status":2}]}}"#;
        let nines = "9".repeat(400);
        let body = body.replace("NINES", &nines);
        let envelope::Reading::Success(Some(Items { items })) = envelope::read(body.as_bytes(), &[], &[]) else {
            panic!("unreadable")
        };
        let expected = [
            wire("a", Some(2), ""),
            wire("b", None, ""),
            wire("c", None, ""),
            wire("d", Some(2), r#"{"k":[]}"#),
            wire("", None, ""),
            wire("f", Some(2), ""),
            wire("g", None, ""),
            wire("h", None, ""),
            wire("", Some(2), ""),
            wire("i", None, ""),
            wire("j", Some(2), &nines),
            wire("", None, ""),
            wire("k", Some(2), ""),
        ];
        assert_eq!(items, expected);
    }

    #[test]
    fn the_id_of_a_job_is_text_or_a_number_and_otherwise_none() {
        #[derive(Deserialize)]
        struct Named(#[serde(deserialize_with = "opaque_id")] Option<String>);
        let read = |json: &str| serde_json::from_str::<Named>(json).unwrap().0;
        assert_eq!(read(r#""RM_1""#).as_deref(), Some("RM_1"));
        assert_eq!(read("12").as_deref(), Some("12"));
        for none in ["null", "true", "{}", "[1]", "\"\""] {
            assert_eq!(read(none), None, "{none}");
        }
    }

    // docs/spec/wire-notes.md#43
    #[test]
    fn an_id_may_be_a_number_and_an_invalid_one_matches_no_phone() {
        #[derive(Deserialize)]
        struct Named(#[serde(deserialize_with = "id")] WireId);
        let read = |json: &str| serde_json::from_str::<Named>(json).unwrap().0.to_string();
        assert_eq!(read(r#""a44uhlf7""#), "a44uhlf7");
        assert_eq!(read("12"), "12");
        assert_eq!(read("-12"), "-12");
        assert_eq!(read(r#"["a44uhlf7"]"#), "a44uhlf7");
        for no_id in [
            "null",
            "true",
            "1.5",
            "1e30",
            "[]",
            r#"["a","b"]"#,
            "[{}]",
            &"9".repeat(25),
            r#""""#,
            &format!("{:?}", "a".repeat(33)),
        ] {
            assert_eq!(read(no_id), "", "{no_id}");
        }
    }
}
