//! A call, for the templates.

use serde::Serialize;

use super::super::operations::{OperationView, ParamView};
use super::examples::Example;

/// An operation, or a call of a handle.
#[derive(Serialize)]
pub(super) struct Method {
    #[serde(flatten)]
    pub operation: OperationView,
    /// Its target, if it has one, and its parameters.
    pub arguments: Vec<Argument>,
    /// Whether single phones may fail, so that the option `check` is useful.
    pub has_check: bool,
    pub example: Option<Example>,
}

#[derive(Serialize)]
pub(super) struct Argument {
    pub name: &'static str,
    /// `ids`, or the kind of the parameter.
    pub kind: &'static str,
    /// The structure, if it is one or a list of one.
    pub of: &'static str,
    /// The type annotation.
    pub annotation: String,
    /// The default as a Python literal, if it is optional.
    pub default: Option<String>,
    pub doc: String,
}

/// A parameter as a Python argument.
pub(super) fn argument(param: &ParamView) -> Result<Argument, String> {
    let annotation = match param.kind {
        "text" => "str".to_owned(),
        "integer" => "int".to_owned(),
        "number" => "float".to_owned(),
        "bool" => "bool".to_owned(),
        "duration" => "float | timedelta".to_owned(),
        "texts" => "str | Iterable[str]".to_owned(),
        "predicate" => "Callable[[str], object]".to_owned(),
        "struct" => param.of.to_owned(),
        "struct_list" => format!("Iterable[{}]", param.of),
        other => {
            return Err(format!("the generator does not support the kind of the parameter {}: {other}", param.name));
        }
    };
    let default = param.default.map(|text| match (param.kind, text) {
        ("text", text) => format!("{text:?}"),
        ("bool", "true") => "True".to_owned(),
        ("bool", _) => "False".to_owned(),
        ("integer", number) => number.to_owned(),
        ("duration", milliseconds) => seconds(milliseconds),
        _ => "None".to_owned(),
    });
    let annotation = if default.as_deref() == Some("None") { annotation + " | None" } else { annotation };
    let unit = if param.kind == "duration" { ". In seconds, or a `timedelta`" } else { "" };
    let doc = match &default {
        Some(default) if default != "None" => format!("{}{unit}. Default: ``{default}``", param.doc),
        _ => format!("{}{unit}", param.doc),
    };
    Ok(Argument { name: param.name, kind: param.kind, of: param.of, annotation, default, doc })
}

fn seconds(milliseconds: &str) -> String {
    milliseconds.parse().map_or_else(|_| milliseconds.to_owned(), |number: f64| format!("{:?}", number / 1000.0))
}
