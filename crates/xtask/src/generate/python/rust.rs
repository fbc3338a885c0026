//! `types.rs`: a frozen native class around each of the core's types. A field becomes a Python object when it is read.

use minijinja::context;
use serde::Serialize;

use super::super::description::{EnumType, Field, FieldKind, StructType};
use super::super::handles::FUNCTIONS;
use super::super::rust::rustfmt;
use super::super::template::constant;
use super::{default_of, is_per_phone, pythonic, render};

#[derive(Serialize)]
struct EnumView<'a> {
    name: &'a str,
    /// Name of the constant that holds its members.
    constant: String,
}

#[derive(Serialize)]
struct ClassView<'a> {
    name: &'a str,
    /// The core's type that it contains.
    inner: &'a str,
    doc: String,
    is_error: bool,
    per_phone: bool,
    fields: Vec<FieldView<'a>>,
}

#[derive(Serialize)]
struct FieldView<'a> {
    name: &'a str,
    doc: String,
    secret: bool,
    /// The default in the signature of the constructor.
    default: &'static str,
    /// Its type in the constructor.
    parameter: String,
    /// The expression that converts it in the constructor.
    value: String,
    /// The property for it: type, parameters and value.
    getter_type: String,
    getter_parameters: &'static str,
    getter: String,
}

pub(super) fn types(enums: &[&EnumType], structs: &[&StructType]) -> Result<String, String> {
    let all = enums;
    let enums: Vec<EnumView<'_>> =
        enums.iter().map(|one| EnumView { name: &one.name, constant: constant(&one.name) }).collect();
    let structs: Vec<ClassView<'_>> = structs.iter().map(|one| class(one, all)).collect();
    let template = include_str!("../../../templates/python/types.rs.j2");
    rustfmt(&render("types.rs.j2", template, context! { enums, structs, functions => FUNCTIONS })?)
}

fn class<'a>(one: &'a StructType, enums: &[&EnumType]) -> ClassView<'a> {
    let is_error = one.name == "ErrorDetails";
    // The error's fields are in a box.
    let (inner, of) = if is_error { ("Error", "self.0.details()") } else { (one.name.as_str(), "self.0") };
    ClassView {
        name: &one.name,
        inner,
        doc: pythonic(&one.doc),
        is_error,
        per_phone: is_per_phone(one),
        fields: one.fields.iter().map(|one| field(one, of, enums)).collect(),
    }
}

/// `of` is the expression that contains the core's field.
fn field<'a>(field: &'a Field, of: &str, enums: &[&EnumType]) -> FieldView<'a> {
    let name = &field.name;
    let (kind, value) = argument(field, enums);
    let plain_flag = field.kind == FieldKind::Bool && !field.optional;
    let optional = default_of(field).is_some() && !plain_flag;
    let value = match (&field.kind, optional) {
        (FieldKind::TextList | FieldKind::IntegerList(_) | FieldKind::StructList(_), _) if !field.optional => {
            value.replace('$', &format!("{name}.unwrap_or_default()"))
        }
        // Checked by hand, so that the error names the argument and says what would be correct.
        (_, true) if value.ends_with('?') => {
            let value = value.trim_end_matches('?').replace('$', "one");
            format!("{name}.map(|one| {value}).transpose()?")
        }
        (_, true) if value != "$" => format!("{name}.map(|one| {})", value.replace('$', "one")),
        (_, _) => value.replace('$', name),
    };
    let into = if value.starts_with("convert::value") { "" } else { ".into()" };
    let (getter_type, getter) = getter(field, of);
    FieldView {
        name,
        doc: pythonic(&field.doc),
        secret: field.secret,
        default: match default_of(field) {
            None => "",
            Some(_) if plain_flag => "=false",
            Some(_) => "=None",
        },
        parameter: if optional { format!("Option<{kind}>") } else { kind },
        value: value + into,
        getter_parameters: match (getter.contains("py"), getter_type.contains("'p")) {
            (_, true) => "<'p>(&self, py: Python<'p>)",
            (true, false) => "(&self, py: Python<'_>)",
            (false, false) => "(&self)",
        },
        getter_type,
        getter,
    }
}

/// The Rust type that a constructor takes for a field, and the expression that converts the value `$`.
fn argument(field: &Field, enums: &[&EnumType]) -> (String, String) {
    let name = &field.name;
    let any = "&Bound<'_, PyAny>".to_owned();
    match &field.kind {
        FieldKind::Text => (any, format!("arguments::text(\"{name}\", $)?")),
        FieldKind::Enum(of) => {
            let variants = enums.iter().filter(|one| one.name == *of).flat_map(|one| &one.variants);
            let names: Vec<&str> = variants.map(|variant| variant.name.as_str()).collect();
            (any, format!("arguments::choice(\"{name}\", $, &{names:?})?"))
        }
        FieldKind::Bool => ("bool".to_owned(), "$".to_owned()),
        FieldKind::Integer(kind) => (any, format!("arguments::whole::<{kind}>(\"{name}\", $)?")),
        FieldKind::Struct(name) if name == "ErrorDetails" => {
            ("ErrorArgument".to_owned(), "convert::value(&$.0)".to_owned())
        }
        FieldKind::Struct(name) => (format!("PyRef<'_, {name}>"), "convert::value(&$.0)".to_owned()),
        FieldKind::TextList => ("Vec<String>".to_owned(), "$".to_owned()),
        FieldKind::IntegerList(kind) => (format!("Vec<{kind}>"), "$".to_owned()),
        FieldKind::Bytes => ("&Bound<'_, PyBytes>".to_owned(), "$.as_bytes().to_vec()".to_owned()),
        FieldKind::StructList(of) => {
            let values = "$.iter().map(|one| convert::value(&one.0)).collect::<Vec<_>>()".to_owned();
            (format!("Vec<PyRef<'_, {of}>>"), values)
        }
    }
}

/// Type and value of the property that reads `field` of `of`.
fn getter(field: &Field, of: &str) -> (String, String) {
    let name = &field.name;
    let value = format!("{of}.{name}");
    match (&field.kind, field.optional) {
        // An error's kind is the only text that is not a string in Rust.
        (FieldKind::Text, false) if name == "kind" => ("&'static str".to_owned(), value + ".name()"),
        (FieldKind::Text, false) => ("&str".to_owned(), value + ".as_ref()"),
        (FieldKind::Text, true) => ("Option<&str>".to_owned(), value + ".as_ref().map(AsRef::as_ref)"),
        (FieldKind::Bool, false) => ("bool".to_owned(), value),
        (FieldKind::Bool, true) => ("Option<bool>".to_owned(), value),
        (FieldKind::Integer(kind), false) => (kind.clone(), value),
        (FieldKind::Integer(kind), true) => (format!("Option<{kind}>"), value),
        (FieldKind::Enum(kind), _) => {
            ("PyResult<Py<PyAny>>".to_owned(), format!("convert::member(py, {}, {value} as usize)", constant(kind)))
        }
        (FieldKind::Struct(kind), true) if kind == "ErrorDetails" => {
            let exception = value + ".as_ref().map(|error| exception(py, error)).transpose()";
            ("PyResult<Option<Py<PyAny>>>".to_owned(), exception)
        }
        (FieldKind::Struct(kind), false) => (kind.clone(), value + ".clone().into()"),
        (FieldKind::Struct(kind), true) => (format!("Option<{kind}>"), value + ".clone().map(Into::into)"),
        (FieldKind::Bytes, _) => ("Bound<'p, PyBytes>".to_owned(), format!("PyBytes::new(py, &{value})")),
        (FieldKind::TextList | FieldKind::IntegerList(_), optional) => {
            list(optional, &value, "PyTuple::new(py, $.iter())")
        }
        (FieldKind::StructList(kind), optional) => {
            list(optional, &value, &format!("convert::tuple::<{kind}, _>(py, $.iter().cloned())"))
        }
    }
}

/// The same for a list, which `made` converts to a tuple.
fn list(optional: bool, value: &str, made: &str) -> (String, String) {
    if optional {
        let each = made.replace('$', "list");
        let type_of = "PyResult<Option<Bound<'p, PyTuple>>>";
        return (type_of.to_owned(), format!("{value}.as_ref().map(|list| {each}).transpose()"));
    }
    ("PyResult<Bound<'p, PyTuple>>".to_owned(), made.replace('$', value))
}
