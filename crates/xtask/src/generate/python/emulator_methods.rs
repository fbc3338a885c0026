//! `_emulator_methods.py`: the methods of `Emulator`, which the native module calls by name.

use koophone_emulator::{Holds, METHODS, Method};
use minijinja::context;
use serde::Serialize;
use serde_json::Value;

use super::super::template::render;

/// What is read like a field, besides the methods: its name, that of the method, type and documentation.
const FIELDS: &[[&str; 4]] = &[
    ["endpoint", "endpoint", "str", "Address of both services."],
    ["is_running", "is_running", "bool", "Whether it has not been stopped."],
    ["instance_ids", "phone_ids", "list[str]", "Ids of all phones, in a fixed order."],
    [
        "environment",
        "environment",
        "dict[str, str]",
        "Environment variables with which a client, or another program, uses the emulator and logs in.",
    ],
    [
        "secrets",
        "credentials",
        "dict[str, str]",
        "All credentials by name: ``user``, ``password``, ``access_key``, and so on. They are not valid elsewhere.",
    ],
];

/// In other languages it is written by hand.
const STOP: Method = Method {
    name: "stop",
    doc: "Stops it and waits until its port is free. A second call does nothing.",
    params: &[],
    returns: Holds::Nothing,
};

#[derive(Serialize)]
struct MethodView {
    name: &'static str,
    /// Its name in the native module.
    method: &'static str,
    doc: String,
    params: Vec<ParamView>,
    annotation: String,
    /// Whether it is read like a field.
    is_property: bool,
}

#[derive(Serialize)]
struct ParamView {
    /// With its type, and its default if it has one.
    declared: String,
    /// What is passed on.
    value: String,
}

/// `records` describes the items of lists that are not arguments.
pub(super) fn methods(records: &[(&'static str, Value)]) -> Result<String, String> {
    let views: Vec<MethodView> =
        FIELDS.iter().map(field).chain(METHODS.iter().chain([&STOP]).map(|method| view(method, records))).collect();
    let taken = METHODS.iter().flat_map(|method| method.params);
    let mut types: Vec<&str> = taken.filter_map(|(_, holds)| item(*holds)).collect();
    types.sort_unstable();
    types.dedup();
    let template = include_str!("../../../templates/python/emulator_methods.py.j2");
    render("emulator_methods.py.j2", template, context! { methods => views, types })
}

fn field([name, method, annotation, doc]: &[&'static str; 4]) -> MethodView {
    let (doc, annotation) = ((*doc).to_owned(), (*annotation).to_owned());
    MethodView { name, method, doc, params: Vec::new(), annotation, is_property: true }
}

fn view(method: &Method, records: &[(&'static str, Value)]) -> MethodView {
    let record = |name: &str| records.iter().find(|(record, _)| *record == name).map(|(_, schema)| schema);
    let mut doc = method.doc.to_owned();
    let annotation = match method.returns {
        Holds::Nothing => "None".to_owned(),
        Holds::Bool => "bool".to_owned(),
        Holds::Integer | Holds::Count | Holds::Milliseconds => "int".to_owned(),
        Holds::Text | Holds::OnePhoneOrAll => "str".to_owned(),
        Holds::MaybeObject => "dict[str, Any] | None".to_owned(),
        Holds::List(of) => match record(of).and_then(|schema| schema["properties"].as_object()) {
            Some(fields) => {
                let names: Vec<String> = fields.keys().map(|name| format!("``{name}``")).collect();
                doc += &format!(" Each has {}.", names.join(", "));
                "list[dict[str, Any]]".to_owned()
            }
            None => format!("list[{of}]"),
        },
    };
    let is_property = method.params.is_empty() && method.returns == Holds::Integer;
    let params = method.params.iter().map(param).collect();
    MethodView { name: method.name, method: method.name, doc, params, annotation, is_property }
}

fn param((name, holds): &(&'static str, Holds)) -> ParamView {
    let (declared, value) = match holds {
        Holds::List(of) => (format!("*{name}: {of}"), (*name).to_owned()),
        Holds::OnePhoneOrAll => (format!("{name}: str | None = None"), (*name).to_owned()),
        // Times are in seconds in Python.
        Holds::Milliseconds => {
            ("seconds: float | timedelta".to_owned(), "self._native.milliseconds(seconds)".to_owned())
        }
        Holds::Integer | Holds::Count => (format!("{name}: int"), (*name).to_owned()),
        Holds::Bool => (format!("{name}: bool"), (*name).to_owned()),
        _ => (format!("{name}: str"), (*name).to_owned()),
    };
    ParamView { declared, value }
}

/// The type of a list's items.
fn item(holds: Holds) -> Option<&'static str> {
    match holds {
        Holds::List(of) => Some(of),
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
