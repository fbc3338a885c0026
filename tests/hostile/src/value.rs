//! Random damage to a JSON document.

use fastrand::Rng;
use serde_json::{Map, Number, Value, json};

/// Damages a document in one to four places.
pub fn damage(rng: &mut Rng, document: &mut Value) {
    for _ in 0..rng.usize(1..=4) {
        let size = count(document);
        let mut at = rng.usize(0..size);
        visit(document, &mut at, &mut |value| damage_value(rng, value));
    }
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum::<usize>(),
        Value::Object(fields) => fields.values().map(count).sum(),
        _ => 0,
    }
}

/// Calls `work` with value number `at` in depth-first order.
fn visit(value: &mut Value, at: &mut usize, work: &mut impl FnMut(&mut Value)) -> bool {
    if *at == 0 {
        work(value);
        return true;
    }
    *at -= 1;
    match value {
        Value::Array(items) => items.iter_mut().any(|item| visit(item, at, work)),
        Value::Object(fields) => fields.values_mut().any(|item| visit(item, at, work)),
        _ => false,
    }
}

fn damage_value(rng: &mut Rng, value: &mut Value) {
    match value {
        Value::Array(items) if !items.is_empty() && rng.bool() => match rng.u8(0..5) {
            0 => items.push(items[0].clone()),
            1 => drop(items.remove(rng.usize(0..items.len()))),
            2 => rng.shuffle(items),
            3 => items.insert(0, odd(rng)),
            _ => items.clear(),
        },
        Value::Object(fields) if !fields.is_empty() && rng.bool() => {
            let name = fields.keys().nth(rng.usize(0..fields.len())).cloned().unwrap_or_default();
            match rng.u8(0..4) {
                0 => drop(fields.remove(&name)),
                1 => drop(fields.insert(name, odd(rng))),
                2 => drop(fields.insert("unknown".into(), odd(rng))),
                _ => {
                    let moved = fields.remove(&name).unwrap_or_default();
                    fields.insert(name.to_uppercase(), moved);
                }
            }
        }
        Value::String(text) if rng.bool() => *text = word(rng, text),
        other => *other = odd(rng),
    }
}

/// An unexpected value.
fn odd(rng: &mut Rng) -> Value {
    match rng.u8(0..12) {
        0 => Value::Null,
        1 => json!(rng.bool()),
        2 => json!({}),
        3 => json!([]),
        4 => json!([[{}], null, "x"]),
        5 => Value::Object(Map::from_iter([("error_msg".to_owned(), json!("x")), ("title".to_owned(), json!("t"))])),
        6 => json!(word(rng, "text")),
        7 => json!(u64::MAX),
        8 => json!(i64::MIN),
        9 => json!(rng.i64(-5..12)),
        10 => Number::from_f64(rng.f64() * 1e300).map_or(Value::Null, Value::Number),
        _ => json!(2.0),
    }
}

fn word(rng: &mut Rng, text: &str) -> String {
    match rng.u8(0..6) {
        0 => String::new(),
        1 => format!("{text}{text}"),
        2 => "\u{0}\u{1b}[2J\u{202e}\u{feff}".to_owned(),
        3 => "x".repeat(rng.usize(1000..5000)),
        4 => rng.i64(..).to_string(),
        _ => "null".to_owned(),
    }
}

/// A document nested this deep.
pub fn deep(levels: usize) -> String {
    let (open, close) = if levels.is_multiple_of(2) { ("[", "]") } else { ("{\"a\":", "}") };
    format!("{}0{}", open.repeat(levels), close.repeat(levels))
}
