//! `types.rs`: a frozen native class around each of the core's types. A field becomes a Python object when it is read.

use std::fmt::Write;

use super::super::description::{EnumType, Field, FieldKind, StructType};
use super::{ANSWERS, NOTICE, default_of};

pub(super) fn types(enums: &[&EnumType], structs: &[&StructType]) -> String {
    let mut text = format!(
        "// {NOTICE}\n//! A frozen Python class around each of the core's types. Fields become Python objects when they are read.\n\n\
         #![allow(clippy::too_many_arguments, clippy::type_complexity, reason = \"one argument and one name per field\")]\n\n\
         use koophone as core;\nuse pyo3::prelude::*;\nuse pyo3::types::{{PyDict, PyTuple}};\n\n\
         use crate::convert::{{self, ErrorArgument, Members}};\n\n"
    );
    for one in enums {
        let name = &one.name;
        let _ = writeln!(text, "static {}: Members = Members::new(\"{name}\");", constant(name));
    }
    for one in structs {
        text += &class(one);
    }
    text += "\n/// Adds every class to the module.\npub fn add_to(module: &Bound<'_, PyModule>) -> PyResult<()> {\n";
    for one in structs {
        let _ = writeln!(text, "    module.add_class::<{}>()?;", one.name);
    }
    text += "    Ok(())\n}\n\n/// An object from its pickled form.\n#[pyfunction]\n#[pyo3(signature = (name, text, /))]\n\
             pub fn _restore(py: Python<'_>, name: &str, text: &str) -> PyResult<Py<PyAny>> {\n    match name {\n";
    for one in structs {
        let name = &one.name;
        let _ = writeln!(text, "        \"{name}\" => convert::restore(py, text, {name}),");
    }
    text += "        \"VideoSettings\" => convert::restore(py, text, crate::video::VideoSettings),\n";
    text += "        _ => Err(convert::unknown_type(name)),\n    }\n}\n\n";
    text += "/// Whether every phone did well.\n#[pyfunction]\n#[pyo3(signature = (results, /))]\n\
             pub fn _all_ok(results: &Bound<'_, PyTuple>) -> PyResult<bool> {\n    convert::fold(results, |one| {\n";
    for name in ANSWERS {
        let _ = writeln!(
            text,
            "        if let Ok(one) = one.cast::<{name}>() {{ return Some(core::PhoneResult::ok(&one.get().0)); }}"
        );
    }
    text += "        None\n    })\n}\n\n/// Raises the first failure, if any phone failed.\n#[pyfunction]\n\
             #[pyo3(signature = (results, /))]\npub fn _raise_for_errors(results: &Bound<'_, PyTuple>) -> PyResult<()> {\n";
    for name in ANSWERS {
        let _ = writeln!(
            text,
            "    if let Some(all) = convert::all_of::<{name}, _>(results, |one| one.0.clone()) {{ return convert::raise_for_errors(results.py(), &all); }}"
        );
    }
    text + "    Err(convert::mixed_results())\n}\n"
}

fn class(one: &StructType) -> String {
    let name = &one.name;
    // The error's own fields stand behind its box.
    let inner = if name == "ErrorDetails" { "Error".to_owned() } else { name.clone() };
    let mut text = format!(
        "\n{}#[pyclass(frozen, eq, hash, module = \"koophone\")]\n#[derive(Clone, PartialEq, Eq, Hash)]\npub struct {name}(pub core::{inner});\n\n",
        doc(&one.doc, "")
    );
    let _ = write!(
        text,
        "impl From<core::{inner}> for {name} {{\n    fn from(inner: core::{inner}) -> Self {{\n        Self(inner)\n    }}\n}}\n\n#[pymethods]\nimpl {name} {{\n"
    );
    let names: Vec<String> = one.fields.iter().map(|field| format!("\"{}\"", field.name)).collect();
    // A function and not a constant: pyo3 converts tuples of at most twelve elements.
    let _ = write!(
        text,
        "    #[classattr]\n    fn __match_args__(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {{\n        PyTuple::new(py, [{}])\n    }}\n\n",
        names.join(", ")
    );
    text += &constructor(one);
    for field in &one.fields {
        text += &getter(field, if name == "ErrorDetails" { "self.0.details()" } else { "self.0" });
    }
    if ANSWERS.contains(&name.as_str()) {
        text += "    /// Whether this phone did well.\n    #[getter]\n    fn ok(&self) -> bool {\n        core::PhoneResult::ok(&self.0)\n    }\n\n";
    }
    if name == "ErrorDetails" {
        text += "    fn __str__(&self) -> String {\n        format!(\"{:#}\", self.0)\n    }\n\n";
    }
    let shown: Vec<String> = one.fields.iter().map(|field| format!("(\"{}\", {})", field.name, field.secret)).collect();
    let _ = write!(
        text,
        "    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {{\n        convert::repr(slf, \"{name}\", &[{}])\n    }}\n\n",
        shown.join(", ")
    );
    let _ = write!(
        text,
        "    /// The fields as plain data, ready for JSON. Secrets are `***` unless asked for.\n    \
         #[pyo3(signature = (*, secrets=false))]\n    \
         fn asdict<'p>(slf: &Bound<'p, Self>, secrets: bool) -> PyResult<Bound<'p, PyDict>> {{\n        \
         convert::asdict(slf, &[{}], secrets)\n    }}\n\n",
        shown.join(", ")
    );
    let _ = write!(
        text,
        "    fn __reduce__(&self, py: Python<'_>) -> PyResult<convert::Pickled> {{\n        convert::pickled(py, \"{name}\", &self.0)\n    }}\n}}\n"
    );
    text
}

fn constructor(one: &StructType) -> String {
    let (mut signature, mut parameters, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for field in &one.fields {
        let name = &field.name;
        signature.push(match (default_of(field), &field.kind) {
            (None, _) => name.clone(),
            (Some(_), FieldKind::Bool) => format!("{name}=false"),
            (Some(_), _) => format!("{name}=None"),
        });
        let (kind, value) = argument(field);
        let optional = default_of(field).is_some() && field.kind != FieldKind::Bool;
        parameters.push(if optional { format!("{name}: Option<{kind}>") } else { format!("{name}: {kind}") });
        let value = match (&field.kind, optional) {
            (FieldKind::TextList | FieldKind::StructList(_), _) => {
                value.replace("$", &format!("{name}.unwrap_or_default()"))
            }
            (_, true) if value != "$" => format!("{name}.map(|one| {})", value.replace("$", "one")),
            (_, _) => value.replace("$", name),
        };
        let into = if value.starts_with("convert::value") { "" } else { ".into()" };
        values.push(format!("(\"{name}\", {value}{into})"));
    }
    format!(
        "    #[new]\n    #[pyo3(signature = (*, {}))]\n    fn new({}) -> PyResult<Self> {{\n        convert::build(vec![{}]).map(Self)\n    }}\n\n",
        signature.join(", "),
        parameters.join(", "),
        values.join(", ")
    )
}

/// The Rust type that a constructor takes for a field, and what becomes of the value `$`.
fn argument(field: &Field) -> (String, &'static str) {
    match &field.kind {
        FieldKind::Text | FieldKind::Enum(_) => ("String".to_owned(), "$"),
        FieldKind::Bool => ("bool".to_owned(), "$"),
        FieldKind::Integer(kind) => (kind.clone(), "$"),
        FieldKind::Struct(name) if name == "ErrorDetails" => ("ErrorArgument".to_owned(), "convert::value(&$.0)"),
        FieldKind::Struct(name) => (format!("PyRef<'_, {name}>"), "convert::value(&$.0)"),
        FieldKind::TextList => ("Vec<String>".to_owned(), "$"),
        FieldKind::StructList(of) => {
            (format!("Vec<PyRef<'_, {of}>>"), "$.iter().map(|one| convert::value(&one.0)).collect::<Vec<_>>()")
        }
    }
}

/// The property that reads `field` of `of`.
fn getter(field: &Field, of: &str) -> String {
    let name = &field.name;
    let (kind, value) = match (&field.kind, field.optional) {
        // The only text that is none in Rust: an error's kind.
        (FieldKind::Text, false) if name == "kind" => ("&'static str".to_owned(), format!("{of}.{name}.name()")),
        (FieldKind::Text, false) => ("&str".to_owned(), format!("{of}.{name}.as_ref()")),
        (FieldKind::Text, true) => ("Option<&str>".to_owned(), format!("{of}.{name}.as_ref().map(AsRef::as_ref)")),
        (FieldKind::Bool, false) => ("bool".to_owned(), format!("{of}.{name}")),
        (FieldKind::Bool, true) => ("Option<bool>".to_owned(), format!("{of}.{name}")),
        (FieldKind::Integer(kind), false) => (kind.clone(), format!("{of}.{name}")),
        (FieldKind::Integer(kind), true) => (format!("Option<{kind}>"), format!("{of}.{name}")),
        (FieldKind::Enum(kind), _) => {
            ("PyResult<Py<PyAny>>".to_owned(), format!("{}.member(py, {of}.{name} as usize)", constant(kind)))
        }
        (FieldKind::Struct(kind), true) if kind == "ErrorDetails" => {
            ("PyResult<Option<Py<PyAny>>>".to_owned(), format!("convert::exception(py, {of}.{name}.as_ref())"))
        }
        (FieldKind::Struct(kind), false) => (kind.clone(), format!("{of}.{name}.clone().into()")),
        (FieldKind::Struct(kind), true) => (format!("Option<{kind}>"), format!("{of}.{name}.clone().map(Into::into)")),
        (FieldKind::TextList, _) => {
            ("PyResult<Bound<'p, PyTuple>>".to_owned(), format!("PyTuple::new(py, &{of}.{name})"))
        }
        (FieldKind::StructList(kind), _) => {
            ("PyResult<Bound<'p, PyTuple>>".to_owned(), format!("convert::tuple::<{kind}, _>(py, &{of}.{name})"))
        }
    };
    // `Progress` is Copy, the others are not: one spelling for all.
    let allow = if value.contains(".clone()") { "    #[allow(clippy::clone_on_copy)]\n" } else { "" };
    let parameters = match (value.contains("py"), kind.contains("'p")) {
        (_, true) => "<'p>(&self, py: Python<'p>)",
        (true, false) => "(&self, py: Python<'_>)",
        (false, false) => "(&self)",
    };
    format!(
        "{}    #[getter]\n{allow}    fn {name}{parameters} -> {kind} {{\n        {value}\n    }}\n\n",
        doc(&field.doc, "    ")
    )
}

fn doc(text: &str, pad: &str) -> String {
    super::pythonic(text).lines().map(|line| format!("{pad}/// {line}").trim_end().to_owned() + "\n").collect()
}

/// `JobState` as `JOB_STATE`.
fn constant(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.extend(letter.to_uppercase());
    }
    text
}
