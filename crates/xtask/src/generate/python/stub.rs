//! `_koophone.pyi`: the hand-written native classes, the client, and a class for each of the core's types.

use minijinja::context;
use serde::Serialize;

use super::super::description::{EnumType, Field, StructType};
use super::super::handles::{CLIENT, FUNCTIONS};
use super::handles::handles;
use super::method::Method;
use super::native::{self, Native};
use super::verbs::Verb;
use super::{annotation, docstring, is_per_phone, parameter, render};

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
    /// The arguments of the constructor with their defaults.
    parameter: String,
}

pub(super) fn native(
    enums: &[&EnumType],
    structs: &[&StructType],
    operations: &[Method],
    verbs: &[Verb],
) -> Result<String, String> {
    let enums: Vec<&str> = enums.iter().map(|one| one.name.as_str()).collect();
    let native = native::read()?;
    let public = public(&native, structs);
    let structs: Vec<ClassView<'_>> = structs.iter().map(|one| class(one)).collect();
    let template = include_str!("../../../templates/python/stub.pyi.j2");
    render(
        "stub.pyi.j2",
        template,
        context! {
            native, enums, operations, verbs, handles => handles(), client => CLIENT, functions => FUNCTIONS, public,
            structs,
        },
    )
}

fn class(one: &StructType) -> ClassView<'_> {
    let fields = one.fields.iter().map(field).collect();
    ClassView { name: &one.name, doc: docstring(&one.doc, 4), per_phone: is_per_phone(one), fields }
}

fn field(field: &Field) -> FieldView<'_> {
    let parameter = match parameter(field) {
        (kind, None) => kind,
        // None means "not given", whatever the type.
        (kind, Some("()")) => format!("{kind} | None = None"),
        (kind, Some(default)) => format!("{kind} = {default}"),
    };
    FieldView { name: &field.name, doc: docstring(&field.doc, 8), annotation: annotation(field), parameter }
}

/// All names of the module: the hand-written classes and functions, and a class per structure.
fn public(native: &Native, structs: &[&StructType]) -> Vec<String> {
    let classes = native.classes.iter().map(|one| &one.name);
    let written = classes.chain(native.functions.iter().map(|one| &one.name)).cloned();
    let fixed = ["__version__", "_raise_for_errors", "NativeClient", "NativePhones"].map(str::to_owned);
    let handles = handles().into_iter().map(|one| one.native);
    let functions = FUNCTIONS.iter().map(|one| one.name.to_owned());
    written.chain(functions).chain(fixed).chain(handles).chain(structs.iter().map(|one| one.name.clone())).collect()
}
