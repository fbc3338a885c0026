//! `model.ts`: the results and arguments of calls, and the errors' kinds and details.

use koophone::ErrorKind;
use minijinja::{Value, context};
use serde::Serialize;

use super::super::template::{constant, render};
use super::super::{Description, EnumType, Field, FieldKind, StructType};
use super::{camel, prose};

#[derive(Serialize)]
struct EnumView {
    name: String,
    constant: String,
    doc: String,
    values: Vec<String>,
}

#[derive(Serialize)]
struct StructView {
    name: String,
    constant: String,
    doc: String,
    fields: Vec<FieldView>,
    /// Fields that must not be printed.
    secrets: Vec<String>,
}

#[derive(Serialize)]
struct FieldView {
    name: String,
    doc: String,
    /// Its type in TypeScript.
    of: String,
    /// The check, as an expression.
    kind: String,
    /// The value if nothing is known.
    nothing: &'static str,
    /// Results always have all fields; a field of an argument may be omitted.
    is_optional: bool,
}

pub(super) fn model(results: &Description) -> Result<String, String> {
    let arguments = Description::of_the_arguments()?;
    let kinds: Vec<(&str, &str)> = ErrorKind::ALL.iter().map(|kind| (kind.name(), kind.meaning())).collect();
    let views =
        |of: &Description, is_argument| of.structs.iter().map(|one| structure(one, is_argument)).collect::<Vec<_>>();
    let results_views = views(results, false);
    let details = results_views.iter().find(|of| of.name == "ErrorDetails").ok_or("there is no ErrorDetails")?;
    let unknown = details.fields.iter().filter(|field| !["kind", "message"].contains(&field.name.as_str()));
    let unknown: Vec<&FieldView> = unknown.collect();
    let has = |of: &StructView, name: &str| of.fields.iter().any(|field| field.name == name);
    let of_phones: Vec<&str> = results_views
        .iter()
        .filter(|of| has(of, "instanceId") && has(of, "error"))
        .map(|of| of.name.as_str())
        .collect();
    let template = concat!(
        include_str!("../../../templates/node/types.ts.j2"),
        include_str!("../../../templates/node/model.ts.j2")
    );
    let context = context! {
        kinds,
        enums => results.enums.iter().map(enumeration).collect::<Vec<_>>(),
        unknown,
        of_phones,
        structs => results_views,
        argument_enums => arguments.enums.iter().map(enumeration).collect::<Vec<_>>(),
        argument_structs => views(&arguments, true),
        default_video_settings => default_video_settings()?,
    };
    render("model.ts.j2", template, context)
}

/// The settings of [`koophone::VideoSettings::default`], each as an expression.
fn default_video_settings() -> Result<Vec<String>, String> {
    let settings = koophone::VideoSettings::default().settings;
    let texts = settings.iter().map(|one| Ok(with_camel_keys(serde_json::to_value(one)?).to_string()));
    texts.collect::<Result<_, serde_json::Error>>().map_err(|error| error.to_string())
}

fn with_camel_keys(value: serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Object(fields) => {
            fields.into_iter().map(|(name, value)| (camel(&name), with_camel_keys(value))).collect()
        }
        other => other,
    }
}

/// The checks of arguments.
pub(super) fn checks() -> Result<Value, String> {
    let arguments = Description::of_the_arguments()?;
    let enums: Vec<_> = arguments.enums.iter().map(enumeration).collect();
    let structs: Vec<_> = arguments.structs.iter().map(|one| structure(one, true)).collect();
    Ok(context! { enums, structs })
}

fn enumeration(of: &EnumType) -> EnumView {
    let mut doc = prose(&of.doc);
    for variant in &of.variants {
        doc += &format!("\n- `{}`: {}", variant.name, prose(&variant.doc));
    }
    let values = of.variants.iter().map(|variant| variant.name.clone()).collect();
    EnumView { name: of.name.clone(), constant: constant(&of.name), doc, values }
}

fn structure(of: &StructType, is_argument: bool) -> StructView {
    let name_of = |field: &Field| if of.verbatim { field.name.clone() } else { camel(&field.name) };
    let secrets = of.fields.iter().filter(|field| field.secret).map(name_of).collect();
    let fields = of.fields.iter().map(|field| FieldView {
        name: name_of(field),
        doc: prose(&field.doc),
        of: type_of(of, field, is_argument),
        kind: kind_of(field),
        nothing: nothing(field),
        is_optional: is_argument && (field.optional || field.kind == FieldKind::Bool),
    });
    StructView {
        name: of.name.clone(),
        constant: constant(&of.name),
        doc: prose(&of.doc),
        fields: fields.collect(),
        secrets,
    }
}

/// A field's type in TypeScript.
pub(super) fn type_of(of: &StructType, field: &Field, is_argument: bool) -> String {
    let plain = match &field.kind {
        // In the description the error's kind is text.
        FieldKind::Text if of.name == "ErrorDetails" && field.name == "kind" => "ErrorKind".to_owned(),
        FieldKind::Text => "string".to_owned(),
        FieldKind::Bool => "boolean".to_owned(),
        FieldKind::Integer(_) => "number".to_owned(),
        FieldKind::Struct(name) if name == "ErrorDetails" => "KooPhoneError".to_owned(),
        FieldKind::Enum(name) | FieldKind::Struct(name) => name.clone(),
        FieldKind::TextList => "readonly string[]".to_owned(),
        FieldKind::IntegerList(_) => "readonly number[]".to_owned(),
        FieldKind::Bytes => "Uint8Array".to_owned(),
        FieldKind::StructList(name) => format!("readonly {name}[]"),
    };
    if field.optional && !is_argument { plain + " | null" } else { plain }
}

fn kind_of(field: &Field) -> String {
    match &field.kind {
        FieldKind::Text => "string".to_owned(),
        FieldKind::Bool => "boolean".to_owned(),
        FieldKind::Integer(rust) => match rust.as_str() {
            "i64" => "integer".to_owned(),
            "u16" => "within(0, 65_535)".to_owned(),
            "u32" => "within(0, 4_294_967_295)".to_owned(),
            _ => "within(0)".to_owned(),
        },
        FieldKind::Enum(name) | FieldKind::Struct(name) => constant(name),
        FieldKind::TextList => "strings".to_owned(),
        FieldKind::IntegerList(_) | FieldKind::Bytes => "list(integer)".to_owned(),
        FieldKind::StructList(name) => format!("list({})", constant(name)),
    }
}

fn nothing(field: &Field) -> &'static str {
    match &field.kind {
        _ if field.optional => "null",
        FieldKind::Bool => "false",
        FieldKind::Integer(_) => "0",
        FieldKind::TextList | FieldKind::IntegerList(_) | FieldKind::Bytes | FieldKind::StructList(_) => "[]",
        FieldKind::Text | FieldKind::Enum(_) | FieldKind::Struct(_) => "''",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_and_kind_is_there() {
        let description = Description::of_the_core().unwrap();
        let text = model(&description).unwrap();
        for (of, field) in description.structs.iter().flat_map(|of| of.fields.iter().map(move |field| (of, field))) {
            let name = if of.verbatim { field.name.clone() } else { camel(&field.name) };
            assert!(text.contains(&format!("  readonly {name}: ")), "{name}");
        }
        assert!(ErrorKind::ALL.iter().all(|kind| text.contains(&format!("  '{}',\n", kind.name()))));
    }

    #[test]
    fn arguments_have_types() {
        let text = model(&Description::of_the_core().unwrap()).unwrap();
        assert!(text.contains("export type PhoneResult = CommandResult | JobResult | "), "{text}");
        for line in [
            "export type Codec = 'h264' | 'h265';",
            "  readonly p1080: VideoSpec;",
            "export const DEFAULT_VIDEO_SETTINGS: readonly VideoSetting[] = [",
        ] {
            assert!(text.contains(&format!("{line}\n")), "{line}\n{text}");
        }
    }
}
