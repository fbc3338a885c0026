//! The one dispatch of the Rust suites: every operation by its name.

use minijinja::context;

use super::Description;
use super::operations::{OperationView, operations};
use super::rust::rustfmt;
use super::template::render;

const FILE: &str = "tests/conformance/src/operations.rs";

pub fn generate(_: &Description) -> Result<Vec<(String, String)>, String> {
    Ok(vec![(FILE.to_owned(), text(&operations())?)])
}

fn text(operations: &[OperationView]) -> Result<String, String> {
    let template = include_str!("../../templates/suite_operations.rs.j2");
    rustfmt(&render("suite_operations.rs.j2", template, context! { operations })?)
}
