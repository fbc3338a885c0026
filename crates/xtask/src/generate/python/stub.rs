//! `_koophone.pyi`: the hand-written part (`bindings/python/native.pyi`), the native client, and a class for each of
//! the core's types.

use minijinja::context;
use serde::Serialize;

use super::super::description::{EnumType, Field, StructType};
use super::handles::handles;
use super::method::Method;
use super::verbs::Verb;
use super::{annotation, docstring, is_per_phone, parameter, render};

/// The classes around which the generated ones are.
const HEAD: &str = include_str!("../../../../../bindings/python/native.pyi");

#[derive(Serialize)]
struct ClassView<'a> {
    name: &'a str,
    doc: String,
    per_phone: bool,
    fields: Vec<FieldView<'a>>,
}

#[derive(Serialize)]
struct FieldView<'a> {
    name: &'a str,
    doc: String,
    annotation: String,
    /// What the constructor takes, with its default.
    parameter: String,
}

pub(super) fn native(
    enums: &[&EnumType],
    structs: &[&StructType],
    operations: &[Method],
    verbs: &[Verb],
) -> Result<String, String> {
    let enums: Vec<&str> = enums.iter().map(|one| one.name.as_str()).collect();
    let public = public(structs);
    let structs: Vec<ClassView<'_>> = structs.iter().map(|one| class(one)).collect();
    let template = include_str!("../../../templates/python/stub.pyi.j2");
    render(
        "stub.pyi.j2",
        template,
        context! { head => HEAD, enums, operations, verbs, handles => handles(), public, structs },
    )
}

fn class(one: &StructType) -> ClassView<'_> {
    let fields = one.fields.iter().map(field).collect();
    ClassView { name: &one.name, doc: docstring(&one.doc, 4), per_phone: is_per_phone(one), fields }
}

fn field(field: &Field) -> FieldView<'_> {
    let parameter = match parameter(field) {
        (kind, None) => kind,
        // What Rust takes as "not given" is None, whatever the type.
        (kind, Some("()")) => format!("{kind} | None = None"),
        (kind, Some(default)) => format!("{kind} = {default}"),
    };
    FieldView { name: &field.name, doc: docstring(&field.doc, 8), annotation: annotation(field), parameter }
}

/// Every name that the module has: the hand-written classes and functions, and a class per structure.
fn public(structs: &[&StructType]) -> Vec<String> {
    let defined = |line: &'static str| line.strip_prefix("class ").or_else(|| line.strip_prefix("def "));
    let name = |rest: &'static str| rest.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next();
    let written = HEAD.lines().filter_map(defined).filter_map(name);
    let handles = handles().into_iter().map(|one| one.native);
    let structs = structs.iter().map(|one| one.name.clone());
    let classes = written.chain(["__version__", "NativeClient", "NativePhones"]).map(str::to_owned);
    classes.chain(handles).chain(structs).collect()
}
