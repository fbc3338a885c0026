//! `_errors.py`: an exception class for every kind of error.

use koophone::ErrorKind;
use minijinja::context;
use serde::Serialize;

use super::super::description::Field;
use super::super::template::pascal;
use super::{annotation, docstring, parameter, render};

#[derive(Serialize)]
struct FieldView<'a> {
    name: &'a str,
    annotation: String,
    /// The type annotation in the constructor of an error.
    parameter: String,
    doc: String,
}

#[derive(Serialize)]
struct KindView {
    class: String,
    built_in: Option<&'static str>,
    number: u8,
    name: &'static str,
    meaning: &'static str,
}

/// The built-in exception that a kind's class also derives from, if one fits: `except TimeoutError` catches ours too.
fn built_in(kind: ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::InvalidArgument => Some("ValueError"),
        ErrorKind::PermissionDenied => Some("PermissionError"),
        ErrorKind::NotFound => Some("LookupError"),
        ErrorKind::Network => Some("ConnectionError"),
        ErrorKind::Timeout => Some("builtins.TimeoutError"),
        ErrorKind::Internal => Some("RuntimeError"),
        _ => None,
    }
}

pub(super) fn classes(fields: &[Field]) -> Result<String, String> {
    let view = |kind: ErrorKind| KindView {
        class: class_name(kind),
        built_in: built_in(kind),
        number: kind.number(),
        name: kind.name(),
        meaning: kind.meaning(),
    };
    let kinds: Vec<KindView> = ErrorKind::ALL.into_iter().map(view).collect();
    let fields: Vec<FieldView<'_>> = fields.iter().map(field).collect();
    let template = include_str!("../../../templates/python/errors.py.j2");
    render("errors.py.j2", template, context! { fields, kinds })
}

fn field(field: &Field) -> FieldView<'_> {
    FieldView {
        name: &field.name,
        annotation: annotation(field),
        parameter: parameter(field).0,
        doc: docstring(&field.doc, 8),
    }
}

pub(super) fn class_name(kind: ErrorKind) -> String {
    format!("{}Error", pascal(kind.name()))
}
