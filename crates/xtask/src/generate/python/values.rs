//! `tests/values.py`: a value of every generated class with all its fields, except those that would contain another
//! value of the same class.

use minijinja::context;
use serde::Serialize;

use super::super::description::{EnumType, Field, FieldKind, StructType};
use super::super::template::constant;
use super::render;

/// A secret that must not be printed.
const SECRET: &str = "\"S3CRET\"";

#[derive(Serialize)]
struct ValueView<'a> {
    class: &'a str,
    constant: String,
    /// Names and values of the fields.
    fields: Vec<(&'a str, String)>,
}

pub(super) fn values(enums: &[&EnumType], structs: &[&StructType]) -> Result<String, String> {
    let mut made = Made { enums, structs, open: Vec::new(), values: Vec::new() };
    for one in structs {
        made.make(&one.name);
    }
    let template = include_str!("../../../templates/python/values.py.j2");
    render("values.py.j2", template, context! { values => made.values })
}

struct Made<'a> {
    enums: &'a [&'a EnumType],
    structs: &'a [&'a StructType],
    /// Structures whose values are being created.
    open: Vec<&'a str>,
    /// Ordered by dependency: each structure after those that it contains.
    values: Vec<ValueView<'a>>,
}

impl<'a> Made<'a> {
    /// Creates a value of a structure, once, after those that it contains. False for a structure inside itself.
    fn make(&mut self, name: &str) -> bool {
        if self.values.iter().any(|one| one.class == name) {
            return true;
        }
        let Some(one) = self.structs.iter().find(|one| one.name == name) else { return false };
        if self.open.contains(&name) {
            return false;
        }
        self.open.push(&one.name);
        let fields = one.fields.iter().filter_map(|field| Some((field.name.as_str(), self.value(field)?))).collect();
        self.open.pop();
        self.values.push(ValueView { class: &one.name, constant: constant(&one.name), fields });
        true
    }

    fn value(&mut self, field: &Field) -> Option<String> {
        Some(match &field.kind {
            _ if field.secret => SECRET.to_owned(),
            // An error's kind is the only text that is not a string in Rust.
            FieldKind::Text if field.name == "kind" => "\"throttled\"".to_owned(),
            FieldKind::Text => "\"a\"".to_owned(),
            FieldKind::Bool => "True".to_owned(),
            FieldKind::Integer(_) => "1".to_owned(),
            FieldKind::Enum(of) => {
                format!("{:?}", self.enums.iter().find(|one| one.name == *of)?.variants.last()?.name)
            }
            FieldKind::Struct(of) => self.make(of).then(|| constant(of))?,
            FieldKind::TextList => "[\"a\"]".to_owned(),
            FieldKind::IntegerList(_) => "[1]".to_owned(),
            FieldKind::Bytes => "b\"a\"".to_owned(),
            FieldKind::StructList(of) => self.make(of).then(|| format!("[{}]", constant(of)))?,
        })
    }
}
