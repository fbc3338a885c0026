//! The core's public types as the generators see them, read from the JSON Schemas that the core derives from its own
//! declarations. A new field in `crates/koophone/src/model/results.rs` appears here automatically.

use serde_json::{Map, Value};

use super::secrets::is_unmarked;

/// All types, in the order the core lists them.
pub struct Description {
    /// Enumerations, whose values are passed as snake_case text.
    pub enums: Vec<EnumType>,
    /// Structures.
    pub structs: Vec<StructType>,
}

/// An enumeration.
pub struct EnumType {
    /// CamelCase.
    pub name: String,
    /// Documentation, which may have several lines.
    pub doc: String,
    /// In the order declared; the first is the default.
    pub variants: Vec<Variant>,
}

/// One value of an enumeration.
pub struct Variant {
    /// snake_case.
    pub name: String,
    /// Documentation.
    pub doc: String,
}

/// A structure.
pub struct StructType {
    /// CamelCase; `ErrorDetails` is the error itself.
    pub name: String,
    /// Documentation, which may have several lines.
    pub doc: String,
    /// In the order declared.
    pub fields: Vec<Field>,
    /// Whether the names of the fields are another program's and must be kept unchanged in every language.
    pub verbatim: bool,
}

/// A field of a structure.
pub struct Field {
    /// snake_case.
    pub name: String,
    /// Documentation.
    pub doc: String,
    /// What it holds.
    pub kind: FieldKind,
    /// Whether it may be absent.
    pub optional: bool,
    /// Whether it must not be printed.
    pub secret: bool,
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldKind {
    /// Text.
    Text,
    /// True or false.
    Bool,
    /// A whole number by its Rust type: `u16`, `u32`, `u64`, `i64`.
    Integer(String),
    /// One of an enumeration's values.
    Enum(String),
    /// A structure, or the error if its name is `ErrorDetails`.
    Struct(String),
    /// A list of text.
    TextList,
    /// A list of whole numbers by their Rust type.
    IntegerList(String),
    /// Bytes, which are numbers in JSON.
    Bytes,
    /// A list of structures.
    StructList(String),
}

impl Description {
    /// The types of results.
    pub fn of_the_core() -> Result<Self, String> {
        Self::of(&koophone::binding_support::describe())
    }

    /// The types of arguments, apart from text and numbers.
    pub fn of_the_arguments() -> Result<Self, String> {
        Self::of(&koophone::binding_support::describe_arguments())
    }

    pub(super) fn of(schemas: &[(&'static str, Value)]) -> Result<Self, String> {
        let is_enum = |name: &str| schemas.iter().any(|(n, schema)| *n == name && schema.get("oneOf").is_some());
        let mut description = Self { enums: Vec::new(), structs: Vec::new() };
        for (name, schema) in schemas {
            let doc = doc_of(schema);
            if let Some(variants) = schema.get("oneOf").and_then(Value::as_array) {
                let variants = variants.iter().map(|v| Variant { name: text(v, "const"), doc: doc_of(v) }).collect();
                description.enums.push(EnumType { name: (*name).to_owned(), doc, variants });
                continue;
            }
            let properties =
                schema.get("properties").and_then(Value::as_object).ok_or_else(|| format!("{name} has no fields"))?;
            let fields = properties
                .iter()
                .map(|(field, of_field)| field_of((name, schema), field, of_field, &is_enum))
                .collect::<Result<Vec<_>, _>>()?;
            let verbatim = is_marked(schema, "x-verbatim");
            description.structs.push(StructType { name: (*name).to_owned(), doc, fields, verbatim });
        }
        Ok(description)
    }
}

fn field_of(
    (owner, owner_schema): (&str, &Value),
    name: &str,
    schema: &Value,
    is_enum: &dyn Fn(&str) -> bool,
) -> Result<Field, String> {
    let doc = doc_of(schema);
    let object = schema.as_object().ok_or_else(|| format!("{owner}.{name} has no schema"))?;
    let (kind, optional) = kind_of(owner, object, is_enum)
        .ok_or_else(|| format!("{owner}.{name} has a type no generator knows: {schema}"))?;
    let secret = is_marked(schema, "x-secret");
    if is_unmarked(owner_schema, name, schema) {
        return Err(format!(
            "{owner}.{name} is named like a credential; mark it with schemars(extend(\"x-secret\" = true))"
        ));
    }
    Ok(Field { name: name.to_owned(), secret, doc, kind, optional })
}

fn kind_of(owner: &str, schema: &Map<String, Value>, is_enum: &dyn Fn(&str) -> bool) -> Option<(FieldKind, bool)> {
    if let Some(target) = reference(owner, schema) {
        let kind = if is_enum(&target) { FieldKind::Enum(target) } else { FieldKind::Struct(target) };
        return Some((kind, false));
    }
    if let Some(Value::Array(options)) = schema.get("anyOf") {
        let (kind, _) =
            options.iter().filter_map(Value::as_object).find_map(|option| kind_of(owner, option, is_enum))?;
        return Some((kind, true));
    }
    let (kind, optional) = match schema.get("type")? {
        Value::String(one) => (one.as_str(), false),
        Value::Array(several) => (several.iter().filter_map(Value::as_str).find(|name| *name != "null")?, true),
        _ => return None,
    };
    let kind = match kind {
        "string" => FieldKind::Text,
        "boolean" => FieldKind::Bool,
        "integer" => FieldKind::Integer(rust_integer(schema.get("format")?.as_str()?)?.to_owned()),
        "array" => match kind_of(owner, schema.get("items")?.as_object()?, is_enum)? {
            (FieldKind::Text, false) => FieldKind::TextList,
            (FieldKind::Integer(of), false) if of == "u8" => FieldKind::Bytes,
            (FieldKind::Integer(of), false) => FieldKind::IntegerList(of),
            (FieldKind::Struct(of), false) => FieldKind::StructList(of),
            _ => return None,
        },
        _ => return None,
    };
    Some((kind, optional))
}

/// The type a `$ref` names. `#` is the type itself, and `Error` is a box around `ErrorDetails`.
fn reference(owner: &str, schema: &Map<String, Value>) -> Option<String> {
    let target = schema.get("$ref")?.as_str()?;
    let name = if target == "#" { owner } else { target.rsplit('/').next()? };
    Some(if name == "Error" { "ErrorDetails" } else { name }.to_owned())
}

fn rust_integer(format: &str) -> Option<&'static str> {
    Some(match format {
        "uint8" => "u8",
        "uint16" => "u16",
        "uint32" => "u32",
        "uint64" => "u64",
        "int64" => "i64",
        _ => return None,
    })
}

fn is_marked(schema: &Value, mark: &str) -> bool {
    schema.get(mark).is_some_and(|mark| *mark == Value::Bool(true))
}

fn doc_of(schema: &Value) -> String {
    text(schema, "description")
}

fn text(schema: &Value, key: &str) -> String {
    schema.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_type_of_the_core_is_understood_in_its_declared_order() {
        let description = Description::of_the_core().unwrap();
        let result = description.structs.iter().find(|s| s.name == "CommandResult").unwrap();
        let names: Vec<&str> = result.fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, ["instance_id", "state", "status", "output", "output_truncated", "error"]);
        assert_eq!(result.fields[1].kind, FieldKind::Enum("JobState".into()));
        assert_eq!((&result.fields[2].kind, result.fields[2].optional), (&FieldKind::Integer("i64".into()), true));
        assert_eq!(
            (&result.fields[5].kind, result.fields[5].optional),
            (&FieldKind::Struct("ErrorDetails".into()), true)
        );
        let token = description.structs.iter().find(|s| s.name == "DeviceAuthorization").unwrap();
        let secret: Vec<&str> =
            token.fields.iter().filter(|field| field.secret).map(|field| field.name.as_str()).collect();
        assert_eq!(secret, ["token", "ice_servers"]);
        assert_eq!(description.enums[0].variants[0].name, "unknown");
    }

    #[test]
    fn a_field_that_is_named_like_a_credential_must_be_marked() {
        let schema = |field: Value| json!({"properties": {"device_token": field}});
        let of = |field: Value| Description::of(&[("Thing", schema(field))]);
        assert!(of(json!({"type": "string"})).is_err_and(|why| why.contains("x-secret")));
        assert!(of(json!({"type": "string", "x-secret": true})).unwrap().structs[0].fields[0].secret);
    }
}
