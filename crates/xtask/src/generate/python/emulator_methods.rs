//! `_emulator_methods.py`: the methods of `Emulator`, which the native module calls by name.

use koophone_emulator::{METHODS, Method, ValueType};
use minijinja::context;
use serde::Serialize;
use serde_json::Value;

use super::super::emulator::{Kind, PROPERTIES, Property};
use super::super::template::render;

/// Written by hand in other languages.
const STOP: Method = Method {
    name: "stop",
    doc: "Stops it and waits until its port is free. A second call does nothing.",
    params: &[],
    returns: ValueType::Nothing,
};

#[derive(Serialize)]
struct MethodView {
    name: &'static str,
    /// The name in the native module.
    method: &'static str,
    doc: String,
    params: Vec<ParamView>,
    annotation: String,
    /// Whether it is a property.
    is_property: bool,
}

#[derive(Serialize)]
struct ParamView {
    /// The parameters with their types and defaults.
    declared: String,
    /// The arguments for the native module.
    value: String,
}

/// `records` describes the items of lists that are not arguments.
pub(super) fn methods(records: &[(&'static str, Value)]) -> Result<String, String> {
    let views: Vec<MethodView> =
        PROPERTIES.iter().map(field).chain(METHODS.iter().chain([&STOP]).map(|method| view(method, records))).collect();
    let taken = METHODS.iter().flat_map(|method| method.params);
    let mut types: Vec<&str> = taken.filter_map(|(_, holds)| item(*holds)).collect();
    types.sort_unstable();
    types.dedup();
    let template = include_str!("../../../templates/python/emulator_methods.py.j2");
    render("emulator_methods.py.j2", template, context! { methods => views, types })
}

fn field(one: &Property) -> MethodView {
    let annotation = match one.kind {
        Kind::Text => "str",
        Kind::Bool => "bool",
        Kind::TextList => "list[str]",
        Kind::TextMap => "dict[str, str]",
    };
    // `credentials` is an object for a client.
    let name = if one.name == "credentials" { "secrets" } else { one.name };
    let (doc, annotation) = (one.doc.to_owned(), annotation.to_owned());
    MethodView { name, method: one.method, doc, params: Vec::new(), annotation, is_property: true }
}

fn view(method: &Method, records: &[(&'static str, Value)]) -> MethodView {
    let record = |name: &str| records.iter().find(|(record, _)| *record == name).map(|(_, schema)| schema);
    let mut doc = method.doc.to_owned();
    let annotation = match method.returns {
        ValueType::Nothing => "None".to_owned(),
        ValueType::Bool => "bool".to_owned(),
        ValueType::Integer | ValueType::Count | ValueType::Milliseconds => "int".to_owned(),
        ValueType::Text | ValueType::OnePhoneOrAll => "str".to_owned(),
        ValueType::MaybeObject => "dict[str, Any] | None".to_owned(),
        ValueType::List(of) => match record(of).and_then(|schema| schema["properties"].as_object()) {
            Some(fields) => {
                let names: Vec<String> = fields.keys().map(|name| format!("``{name}``")).collect();
                doc += &format!(" Each has {}.", names.join(", "));
                "list[dict[str, Any]]".to_owned()
            }
            None => format!("list[{of}]"),
        },
    };
    let is_property = method.params.is_empty() && method.returns == ValueType::Integer;
    let params = method.params.iter().map(param).collect();
    MethodView { name: method.name, method: method.name, doc, params, annotation, is_property }
}

fn param((name, holds): &(&'static str, ValueType)) -> ParamView {
    let (declared, value) = match holds {
        ValueType::List(of) => (format!("*{name}: {of}"), (*name).to_owned()),
        ValueType::OnePhoneOrAll => (format!("{name}: str | None = None"), (*name).to_owned()),
        // Times are in seconds in Python.
        ValueType::Milliseconds => {
            ("seconds: float | timedelta".to_owned(), "self._native.milliseconds(seconds)".to_owned())
        }
        ValueType::Integer | ValueType::Count => (format!("{name}: int"), (*name).to_owned()),
        ValueType::Bool => (format!("{name}: bool"), (*name).to_owned()),
        _ => (format!("{name}: str"), (*name).to_owned()),
    };
    ParamView { declared, value }
}

/// The type of a list's items.
fn item(holds: ValueType) -> Option<&'static str> {
    match holds {
        ValueType::List(of) => Some(of),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_is_there() {
        let python = methods(&koophone_emulator::describe_records()).unwrap();
        for method in METHODS {
            assert!(python.contains(&format!("self._call(\"{}\"", method.name)), "{}\n{python}", method.name);
        }
        for line in [
            "    def add_faults(self, *faults: Fault) -> None:",
            "    def journal(self, instance_id: str | None = None) -> list[dict[str, Any]]:",
            "        self._call(\"advance\", self._native.milliseconds(seconds))",
            "    from ._emulator_options import Fault, Rule",
        ] {
            assert!(python.contains(&format!("{line}\n")), "{line}\n{python}");
        }
    }
}
