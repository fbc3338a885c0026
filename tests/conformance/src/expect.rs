//! Compares an actual value with an expected one.
//!
//! Objects: every expected key must be present and match; other keys are ignored (`fields.rs` checks completeness).
//! Lists: same length, and each item matches. An object whose only key starts with `$` is a rule: `$contains`, `$any`,
//! `$each`, `$length`, `$at_most`.

use serde_json::Value;

/// Describes the first place where `actual` does not match `expected`; `None` if it matches.
pub fn mismatch(expected: &Value, actual: &Value, place: &str) -> Option<String> {
    if let Some((rule, argument)) = rule_of(expected) {
        return by_rule(rule, argument, actual, place);
    }
    match (expected, actual) {
        (Value::Object(expected), Value::Object(actual)) => expected.iter().find_map(|(key, expected)| {
            mismatch(expected, actual.get(key).unwrap_or(&Value::Null), &format!("{place}.{key}"))
        }),
        (Value::Array(expected), Value::Array(actual)) if expected.len() == actual.len() => {
            let pairs = expected.iter().zip(actual).enumerate();
            pairs.into_iter().find_map(|(at, (expected, actual))| mismatch(expected, actual, &format!("{place}[{at}]")))
        }
        (expected, actual) if expected == actual => None,
        _ => Some(format!("{place}: expected {expected}, got {actual}")),
    }
}

fn rule_of(expected: &Value) -> Option<(&str, &Value)> {
    let object = expected.as_object().filter(|object| object.len() == 1)?;
    let (name, argument) = object.iter().next()?;
    name.strip_prefix('$').map(|name| (name, argument))
}

fn by_rule(rule: &str, argument: &Value, actual: &Value, place: &str) -> Option<String> {
    let fits = match rule {
        "contains" => actual.as_str().zip(argument.as_str()).is_some_and(|(text, part)| text.contains(part)),
        "any" => !actual.is_null(),
        "length" => actual.as_array().is_some_and(|list| Some(list.len() as u64) == argument.as_u64()),
        "at_most" => actual.as_f64().zip(argument.as_f64()).is_some_and(|(actual, most)| actual <= most),
        "each" => {
            let Some(list) = actual.as_array().filter(|list| !list.is_empty()) else {
                return Some(format!("{place}: expected a list with something in it, got {actual}"));
            };
            return list.iter().enumerate().find_map(|(at, one)| mismatch(argument, one, &format!("{place}[{at}]")));
        }
        _ => return Some(format!("{place}: there is no rule ${rule}")),
    };
    (!fits).then(|| format!("{place}: expected ${rule} {argument}, got {actual}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn mismatches_are_described() {
        let at = |expected: Value, actual: Value| mismatch(&expected, &actual, "x");
        assert_eq!(at(json!({"a": [1, {"$contains": "b"}]}), json!({"a": [1, "abc"], "more": 1})), None);
        assert_eq!(at(json!({"a": [1]}), json!({"a": [2]})).unwrap(), "x.a[0]: expected 1, got 2");
        assert!(at(json!([1]), json!([1, 1])).is_some());
        assert!(at(json!({"a": 1}), json!({})).is_some());
        assert_eq!(at(json!({"$each": {"a": 1}}), json!([{"a": 1}, {"a": 1, "b": 2}])), None);
        assert!(at(json!({"$each": 1}), json!([])).is_some());
        assert!(at(json!({"$any": true}), json!(null)).is_some());
        assert!(at(json!({"$length": 2}), json!([1])).is_some());
        assert!(at(json!({"$nonsense": 2}), json!([1])).is_some());
    }
}
