//! `emulator-options.ts`: what the emulator takes, from its own description: types, and shapes for checks at run time.

use serde_json::{Map, Value};

use super::{HEADER, camel, doc};

pub(super) fn options(schema: &Value) -> Result<String, String> {
    let mut text = HEADER.to_owned() + "import type { Shape } from './checks.js';\n\n";
    let definitions = schema["$defs"].as_object().ok_or("the emulator's description has no types")?;
    let names = field_names(schema);
    let data: Vec<String> = names.iter().filter(|name| is_data(schema, name)).map(|name| format!("'{name}'")).collect();
    let data = data.join(", ");
    text += &format!(
        "/** Fields whose value is the user's data, the keys in it as well. */\nexport const DATA_FIELDS = [{data}];\n\n"
    );
    let mut types = String::new();
    for (name, one) in definitions {
        match (name.as_str(), one["oneOf"].as_array()) {
            ("Fault", Some(actions)) => {
                types += &faults(one, actions, &names)?;
                text += &shapes_of_faults(one, actions)?;
            }
            (_, Some(values)) => types += &enumeration(name, one, values),
            (_, None) if one.get("properties").is_some() => {
                types += &interface(name, "", one, &names)?;
                text += &format!("export const {}: Shape = {};\n\n", constant(name), shape(one)?);
            }
            (_, None) => types += &format!("{}export type {name} = {};\n\n", about(one, "", &names), type_of(one)?),
        }
    }
    text += &format!("export const EMULATOR_OPTIONS: Shape = {};\n\n", shape(schema)?);
    Ok(text + &types + interface("EmulatorOptions", "", schema, &names)?.trim_end() + "\n")
}

/// Every name of a field, for documentation that mentions one.
fn field_names(schema: &Value) -> Vec<String> {
    let mut names = Vec::new();
    if let Some(properties) = schema["properties"].as_object() {
        names.extend(properties.keys().cloned());
    }
    let inner = schema["$defs"].as_object().into_iter().flat_map(Map::values);
    let inner = inner.chain(schema["oneOf"].as_array().into_iter().flatten());
    names.extend(inner.flat_map(field_names));
    names.sort_unstable();
    names.dedup();
    names
}

/// Whether a field of that name holds what the emulator hands on: files, headers, JSON of an answer.
fn is_data(schema: &Value, field: &str) -> bool {
    let here = schema["properties"].get(field).and_then(|one| type_of(one).ok());
    let inner = schema["$defs"].as_object().into_iter().flat_map(Map::values);
    let mut inner = inner.chain(schema["oneOf"].as_array().into_iter().flatten());
    here.is_some_and(|kind| kind == "unknown" || kind.starts_with("Readonly<")) || inner.any(|one| is_data(one, field))
}

fn enumeration(name: &str, of: &Value, values: &[Value]) -> String {
    let mut lines = summary(of);
    for value in values {
        let meaning = summary(value).replace('\n', " ");
        lines += &format!("\n- `{}`: {meaning}", value["const"].as_str().unwrap_or_default());
    }
    let literals: Vec<String> = values.iter().filter_map(literal).collect();
    format!("{}export type {name} =\n  | {};\n\n", doc(lines.trim_start(), ""), literals.join("\n  | "))
}

/// An interface for every action, and their union.
fn faults(of: &Value, actions: &[Value], names: &[String]) -> Result<String, String> {
    let mut text = doc("What every fault may have.", "") + "export interface FaultFields {\n";
    text += &fields(of, names)?;
    text += "}\n\n";
    let mut union = String::new();
    for action in actions {
        let name = type_name(tag(action)?) + "Fault";
        text += &interface(&name, " extends FaultFields", action, names)?;
        union += &format!("\n  | {name}");
    }
    Ok(text + &about(of, "", names) + &format!("export type Fault ={union};\n\n"))
}

fn shapes_of_faults(of: &Value, actions: &[Value]) -> Result<String, String> {
    let mut text = "/** By action. */\nexport const FAULTS: Readonly<Record<string, Shape>> = {\n".to_owned();
    for action in actions {
        text += &format!("  {}: {},\n", tag(action)?, shape(action)?.replace('\n', "\n  "));
    }
    Ok(text
        + &format!("}};\n\n/** What every fault may have. */\nexport const FAULT_FIELDS: Shape = {};\n\n", shape(of)?))
}

fn tag(action: &Value) -> Result<&str, String> {
    action["properties"]["action"]["const"].as_str().ok_or_else(|| format!("a fault without an action: {action}"))
}

fn interface(name: &str, base: &str, of: &Value, names: &[String]) -> Result<String, String> {
    Ok(format!("{}export interface {name}{base} {{\n{}}}\n\n", about(of, "", names), fields(of, names)?))
}

fn properties(of: &Value) -> impl Iterator<Item = (&String, &Value, bool)> {
    let required: Vec<&str> = of["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let properties = of["properties"].as_object().into_iter().flatten();
    properties.map(move |(name, one)| (name, one, required.contains(&name.as_str())))
}

fn fields(of: &Value, names: &[String]) -> Result<String, String> {
    let mut text = String::new();
    for (name, one, required) in properties(of) {
        text += &about(one, "  ", names);
        let end = if required { "" } else { " | undefined" };
        let mark = if required { "" } else { "?" };
        text += &format!("  readonly {}{mark}: {}{end};\n", camel(name), type_of(one)?);
    }
    Ok(text)
}

fn shape(of: &Value) -> Result<String, String> {
    let (mut kinds, mut required) = (String::new(), Vec::new());
    for (name, one, must) in properties(of) {
        let kind = type_of(one)?;
        let kind = match kind.as_str() {
            "string" | "number" | "boolean" => kind,
            "unknown" => "any".to_owned(),
            list if list.starts_with("readonly ") => "list".to_owned(),
            "Readonly<Record<string, string>>" => "stringMap".to_owned(),
            "Readonly<Record<string, unknown>>" | "ClockOptions" | "RateLimit" => "object".to_owned(),
            // An enumeration, or the name of an action.
            _ => "string".to_owned(),
        };
        kinds += &format!("    {}: '{kind}',\n", camel(name));
        if must {
            required.push(format!("'{}'", camel(name)));
        }
    }
    Ok(format!("{{\n  required: [{}],\n  fields: {{\n{kinds}  }},\n}}", required.join(", ")))
}

/// The type of a value, without the null that stands for what is left out.
fn type_of(schema: &Value) -> Result<String, String> {
    let unknown = || format!("a type no generator knows: {schema}");
    if let Some(target) = schema["$ref"].as_str() {
        return target.strip_prefix("#/$defs/").map(str::to_owned).ok_or_else(unknown);
    }
    if let Some(literal) = literal(schema) {
        return Ok(literal);
    }
    if let Some(either) = schema["anyOf"].as_array() {
        let kinds = either.iter().filter(|one| one["type"] != "null").map(type_of);
        return kinds.collect::<Result<Vec<_>, _>>().map(|kinds| kinds.join(" | "));
    }
    let name = match &schema["type"] {
        Value::Null => return Ok("unknown".to_owned()),
        Value::String(name) => name,
        several => {
            let mut names = several.as_array().into_iter().flatten().filter_map(Value::as_str);
            names.find(|name| *name != "null").ok_or_else(unknown)?
        }
    };
    Ok(match name {
        "string" => "string".to_owned(),
        "boolean" => "boolean".to_owned(),
        "integer" | "number" => "number".to_owned(),
        "array" => format!("readonly {}[]", type_of(&schema["items"])?),
        "object" if schema["additionalProperties"]["type"] == "string" => "Readonly<Record<string, string>>".to_owned(),
        "object" => "Readonly<Record<string, unknown>>".to_owned(),
        _ => return Err(unknown()),
    })
}

fn literal(schema: &Value) -> Option<String> {
    schema["const"].as_str().map(|text| format!("'{text}'"))
}

/// Documentation, with the names that fields have here, and the default.
fn about(schema: &Value, indent: &str, names: &[String]) -> String {
    let mut text = summary(schema).replace("`None` (\"any\" in JSON)", "`any`");
    for name in names {
        text = text.replace(&format!("`{name}`"), &format!("`{}`", camel(name)));
    }
    match &schema["default"] {
        Value::String(value) if !value.is_empty() => text += &format!(" Default: `{value}`."),
        value @ (Value::Number(_) | Value::Bool(_)) => text += &format!(" Default: {value}."),
        _ => {}
    }
    if text.is_empty() { text } else { doc(&text, indent) }
}

/// Documentation without its Rust examples and tables.
fn summary(schema: &Value) -> String {
    let text = schema["description"].as_str().unwrap_or_default();
    let end = text.find("\n\n").unwrap_or(text.len());
    text[..end].to_owned()
}

/// `snake_case` as the name of a type.
fn type_name(name: &str) -> String {
    let text = camel(name);
    let (first, rest) = text.split_at(text.len().min(1));
    first.to_ascii_uppercase() + rest
}

/// The name of a type as that of a constant.
fn constant(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(letter.to_ascii_uppercase());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_fault_and_rule_has_a_type_and_a_shape() {
        let schema = koophone_emulator::describe();
        let text = options(&schema).unwrap();
        let names = field_names(&schema);
        assert!(
            names.iter().any(|name| name == "retry_after") && names.iter().any(|name| name == "gateway_timeout_ms")
        );
        for name in names {
            let name = camel(&name);
            assert!(
                text.contains(&format!("  readonly {name}?: ")) || text.contains(&format!("  readonly {name}: ")),
                "{name}"
            );
            assert!(text.contains(&format!("    {name}: '")), "{name} has no shape");
        }
        assert!(
            text.contains("export interface CutFault extends FaultFields {\n  readonly action: 'cut';\n"),
            "{text}"
        );
        assert!(text.contains("readonly quirks?: readonly Quirk[] | undefined;"));
    }
}
