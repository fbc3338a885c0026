//! `emulator.ts`: the types of the emulator's options and results, from its own description, with their checks.

use std::collections::HashSet;

use serde::Serialize;
use serde_json::{Map, Value};

use super::super::template::camel;
use super::super::template::{constant, render};
use super::prose;

#[derive(Serialize)]
struct EnumView {
    name: String,
    constant: String,
    doc: String,
    values: Vec<String>,
    /// Whether there is a check for its values.
    is_checked: bool,
}

/// A type alias.
#[derive(Serialize)]
struct AliasView {
    name: String,
    constant: String,
    doc: String,
    of: String,
    kind: String,
}

#[derive(Serialize)]
struct StructView {
    name: String,
    constant: String,
    doc: String,
    /// The value of `action` that identifies this fault; empty for other structures.
    action: String,
    fields: Vec<FieldView>,
}

#[derive(Serialize)]
struct FieldView {
    name: String,
    doc: String,
    /// Its type in TypeScript.
    of: String,
    /// The check, as an expression; empty for results of the emulator.
    kind: String,
    is_optional: bool,
}

/// All types of the description.
#[derive(Serialize)]
pub(super) struct Views {
    /// Fields whose values are the user's data.
    data: Vec<String>,
    enums: Vec<EnumView>,
    aliases: Vec<AliasView>,
    structs: Vec<StructView>,
    options: StructView,
    fault: StructView,
    faults: Vec<StructView>,
    records: Vec<StructView>,
}

/// `options_schema` describes the options, `records` the results.
pub(super) fn views(options_schema: &Value, records: &[(&'static str, Value)]) -> Result<Views, String> {
    let schema = Schema::new(options_schema, records)?;
    let (mut enums, mut aliases, mut structs, mut faults) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut fault = None;
    for (name, one) in &schema.definitions {
        match one["oneOf"].as_array() {
            Some(actions) if name == "Fault" => {
                fault = Some(schema.structure(name, one, false)?);
                for action in actions {
                    faults.push(schema.structure(&fault_name(action)?, action, false)?);
                }
            }
            Some(values) => enums.push(enumeration(name, one, values)),
            None if one.get("properties").is_some() => structs.push(schema.structure(name, one, false)?),
            None => aliases.push(AliasView {
                name: name.clone(),
                constant: constant(name),
                doc: schema.about(one),
                of: type_of(one)?,
                kind: schema.kind_of(one)?,
            }),
        }
    }
    let options = schema.structure("EmulatorOptions", options_schema, false)?;
    let fault = fault.ok_or("the emulator's description has no faults")?;
    let checked = structs.iter().chain(&faults).chain([&fault, &options]).flat_map(|of| &of.fields);
    let checked: HashSet<&str> = checked.flat_map(|field| field.kind.split(|c: char| "()".contains(c))).collect();
    enums.iter_mut().for_each(|one: &mut EnumView| one.is_checked = checked.contains(one.constant.as_str()));
    Ok(Views {
        data: schema.names.iter().filter(|name| is_data(options_schema, name)).cloned().collect(),
        enums,
        aliases,
        structs,
        options,
        fault,
        faults,
        records: records.iter().map(|(name, one)| schema.structure(name, one, true)).collect::<Result<_, _>>()?,
    })
}

/// `emulator.ts`.
pub(super) fn emulator(views: &Views) -> Result<String, String> {
    let template = concat!(
        include_str!("../../../templates/node/types.ts.j2"),
        include_str!("../../../templates/node/emulator.ts.j2")
    );
    render("emulator.ts.j2", template, views)
}

/// The schemas to which a type may refer.
struct Schema {
    /// By name, including those that only results refer to.
    definitions: Map<String, Value>,
    /// The names of all fields, which documentation may mention.
    names: Vec<String>,
}

impl Schema {
    fn new(options: &Value, records: &[(&'static str, Value)]) -> Result<Self, String> {
        let mut definitions = options["$defs"].as_object().ok_or("the emulator's description has no types")?.clone();
        let mut names = field_names(options);
        for (_, record) in records {
            definitions.extend(record["$defs"].as_object().cloned().unwrap_or_default());
            names.extend(field_names(record));
        }
        names.sort_unstable();
        names.dedup();
        Ok(Self { definitions, names })
    }

    /// `is_result` is true for results of the emulator: all fields are present, and null is a value.
    fn structure(&self, name: &str, of: &Value, is_result: bool) -> Result<StructView, String> {
        let required: Vec<&str> = of["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let mut fields = Vec::new();
        for (field, one) in of["properties"].as_object().into_iter().flatten() {
            let null = if is_result && may_be_null(one) { " | null" } else { "" };
            fields.push(FieldView {
                name: camel(field),
                doc: self.about(one),
                of: type_of(one)? + null,
                kind: if is_result { String::new() } else { self.kind_of(one)? },
                is_optional: !is_result && !required.contains(&field.as_str()),
            });
        }
        Ok(StructView {
            name: name.to_owned(),
            constant: constant(name),
            doc: self.about(of),
            action: of["properties"]["action"]["const"].as_str().unwrap_or_default().to_owned(),
            fields,
        })
    }

    /// The check of a value, as a TypeScript expression.
    fn kind_of(&self, schema: &Value) -> Result<String, String> {
        if let Some(name) = reference(schema) {
            return Ok(constant(name));
        }
        if let Some(values) = self.values(schema) {
            return Ok(format!("oneOf('{}')", values.join("', '")));
        }
        if let Some(either) = schema["anyOf"].as_array() {
            let mut kinds = either.iter().filter(|one| one["type"] != "null").map(|one| self.kind_of(one));
            return match (kinds.next(), kinds.next()) {
                (Some(kind), None) => kind,
                _ => Err(format!("the generator does not support these alternatives: {schema}")),
            };
        }
        let limit = |name: &str| schema[name].as_i64().map(|number| number.to_string());
        let max = match schema["format"].as_str() {
            Some("uint32") => Some(u32::MAX.to_string()),
            _ => limit("maximum"),
        };
        Ok(match plain(schema)? {
            None => "any".to_owned(),
            Some("integer") => match (limit("minimum"), max) {
                (None, None) => "integer".to_owned(),
                (min, max) => format!("within({})", [min, max].into_iter().flatten().collect::<Vec<_>>().join(", ")),
            },
            Some("array") => match self.kind_of(&schema["items"])?.as_str() {
                "string" => "strings".to_owned(),
                item => format!("list({item})"),
            },
            Some("object") if schema["additionalProperties"]["type"] == "string" => "stringMap".to_owned(),
            Some(name) => name.to_owned(),
        })
    }

    /// The only strings that a value may be; none if it may be something else.
    fn values(&self, schema: &Value) -> Option<Vec<String>> {
        if let Some(of) = reference(schema) {
            return self.values(self.definitions.get(of)?);
        }
        if let Some(either) = schema["anyOf"].as_array().or_else(|| schema["oneOf"].as_array()) {
            let either = either.iter().filter(|one| one["type"] != "null").map(|one| self.values(one));
            return Some(either.collect::<Option<Vec<_>>>()?.concat());
        }
        texts(schema)
    }

    /// Documentation with JavaScript's names of fields, and the default.
    fn about(&self, schema: &Value) -> String {
        let mut text = prose(&summary(schema).replace("`None` (\"any\" in JSON)", "`any`"));
        for name in &self.names {
            text = text.replace(&format!("`{name}`"), &format!("`{}`", camel(name)));
        }
        match &schema["default"] {
            Value::String(value) if !value.is_empty() => text += &format!(" Default: `{value}`."),
            value @ (Value::Number(_) | Value::Bool(_)) => text += &format!(" Default: {value}."),
            _ => {}
        }
        text
    }
}

fn field_names(schema: &Value) -> Vec<String> {
    let own = schema["properties"].as_object().into_iter().flat_map(Map::keys).cloned();
    own.chain(inner(schema).flat_map(field_names)).collect()
}

/// The types inside a type.
fn inner(schema: &Value) -> impl Iterator<Item = &Value> {
    let definitions = schema["$defs"].as_object().into_iter().flat_map(Map::values);
    definitions.chain(schema["oneOf"].as_array().into_iter().flatten())
}

/// Whether a field of that name contains data that the emulator passes through: files, headers, the JSON of a response.
fn is_data(schema: &Value, field: &str) -> bool {
    let here = schema["properties"].get(field).and_then(|one| type_of(one).ok());
    let is_open = |kind: String| kind == "unknown" || kind.starts_with("Readonly<");
    here.is_some_and(is_open) || inner(schema).any(|one| is_data(one, field))
}

fn enumeration(name: &str, of: &Value, values: &[Value]) -> EnumView {
    let mut doc = prose(&summary(of).replace("`name`(Quirk::name)", "`name`"));
    for value in values {
        doc += &format!("\n- `{}`: {}", value["const"].as_str().unwrap_or_default(), prose(&summary(value)));
    }
    let values = values.iter().filter_map(|value| value["const"].as_str()).map(str::to_owned).collect();
    EnumView { name: name.to_owned(), constant: constant(name), doc: doc.trim().to_owned(), values, is_checked: false }
}

fn fault_name(action: &Value) -> Result<String, String> {
    let name = action["properties"]["action"]["const"].as_str();
    let name = name.ok_or_else(|| format!("a fault without an action: {action}"))?;
    Ok(super::template::pascal(name) + "Fault")
}

/// The type of a value, without the null for a missing one.
fn type_of(schema: &Value) -> Result<String, String> {
    if let Some(name) = reference(schema) {
        return Ok(name.to_owned());
    }
    if let Some(values) = literals(schema) {
        return Ok(values.join(" | "));
    }
    if let Some(either) = schema["anyOf"].as_array() {
        let kinds = either.iter().filter(|one| one["type"] != "null").map(type_of);
        return kinds.collect::<Result<Vec<_>, _>>().map(|kinds| kinds.join(" | "));
    }
    Ok(match plain(schema)? {
        None => "unknown".to_owned(),
        Some("integer") => "number".to_owned(),
        Some("array") => format!("readonly {}[]", type_of(&schema["items"])?),
        Some("object") if schema["additionalProperties"]["type"] == "string" => {
            "Readonly<Record<string, string>>".to_owned()
        }
        Some("object") => "Readonly<Record<string, unknown>>".to_owned(),
        Some(name) => name.to_owned(),
    })
}

fn reference(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix("#/$defs/")
}

/// The only permitted values, as TypeScript literals.
fn literals(schema: &Value) -> Option<Vec<String>> {
    Some(texts(schema)?.iter().map(|text| format!("'{text}'")).collect())
}

fn texts(schema: &Value) -> Option<Vec<String>> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    match schema["enum"].as_array() {
        Some(values) => Some(values.iter().filter_map(text).collect()),
        None => text(&schema["const"]).map(|one| vec![one]),
    }
}

/// JSON Schema's name of the type; none if any value is allowed.
fn plain(schema: &Value) -> Result<Option<&str>, String> {
    let name = match &schema["type"] {
        Value::Null => return Ok(None),
        Value::String(name) => Some(name.as_str()),
        several => {
            let names = several.as_array().into_iter().flatten().filter_map(Value::as_str);
            names.into_iter().find(|name| *name != "null")
        }
    };
    match name {
        Some("string" | "boolean" | "integer" | "number" | "array" | "object") => Ok(name),
        _ => Err(format!("the generator does not support this type: {schema}")),
    }
}

fn may_be_null(schema: &Value) -> bool {
    let has_null =
        |list: &Value, is_null: fn(&Value) -> bool| list.as_array().is_some_and(|all| all.iter().any(is_null));
    has_null(&schema["type"], |name| name == "null") || has_null(&schema["anyOf"], |one| one["type"] == "null")
}

/// Documentation without its Rust examples and tables.
fn summary(schema: &Value) -> String {
    let text = schema["description"].as_str().unwrap_or_default();
    text.split("\n\n").next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_fault_rule_and_record_has_a_type_and_is_checked() {
        let (options, records) = (koophone_emulator::describe(), koophone_emulator::describe_records());
        let views = views(&options, &records).unwrap();
        let text = emulator(&views).unwrap() + &super::super::arguments(&views).unwrap();
        let names = Schema::new(&options, &[]).unwrap().names;
        assert!(
            names.iter().any(|name| name == "retry_after") && names.iter().any(|name| name == "gateway_timeout_ms")
        );
        for name in names {
            let name = camel(&name);
            assert!(
                text.contains(&format!("  readonly {name}?: ")) || text.contains(&format!("  readonly {name}: ")),
                "{name}"
            );
            assert!(text.contains(&format!("  {name}: ")), "{name} is not checked");
        }
        for line in [
            "export interface CutFault extends FaultFields {",
            "  readonly action: 'cut';",
            "  readonly quirks?: readonly Quirk[] | undefined;",
            "  quirks: list(QUIRK),",
            "  faults: list(FAULT),",
            "  port: within(0, 65535),",
            "const OPERATION_OR_ANY = oneOf('run_command',",
            "  readonly via: 'sync' | 'async' | null;",
            "  readonly status: number | 'cut' | null;",
            "  readonly kind: JournalKind;",
            "  readonly instances: number;",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }
}
