//! The core's blocking client. Everything else in the core is written by hand.

use std::io::Write;
use std::process::{Command, Stdio};

use minijinja::context;

use super::Description;
use super::operations::operations;
use super::template::render;

const FILE: &str = "crates/koophone/src/client/blocking/operations.rs";

pub fn generate(_: &Description) -> Result<Vec<(String, String)>, String> {
    let operations = operations();
    let mut results: Vec<&str> = operations.iter().map(|one| one.result).filter(|name| !name.is_empty()).collect();
    results.sort_unstable();
    results.dedup();
    let structures = operations.iter().flat_map(|one| &one.params).map(|param| param.of);
    let mut arguments: Vec<&str> = structures.filter(|name| !name.is_empty()).collect();
    arguments.sort_unstable();
    arguments.dedup();
    let template = include_str!("../../templates/blocking.rs.j2");
    let text = render(
        "blocking.rs.j2",
        template,
        context! { has_lists => operations.iter().any(|one| one.returns == "list"), operations, results, arguments },
    )?;
    Ok(vec![(FILE.to_owned(), rustfmt(&text)?)])
}

/// The text, formatted by rustfmt.
pub fn rustfmt(text: &str) -> Result<String, String> {
    let config = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024", "--config-path", config])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("rustfmt cannot be run: {error}; install it with `rustup component add rustfmt`"))?;
    let mut input = child.stdin.take().ok_or("rustfmt has no input")?;
    input.write_all(text.as_bytes()).map_err(|error| format!("cannot write to rustfmt: {error}"))?;
    drop(input);
    let output = child.wait_with_output().map_err(|error| format!("rustfmt failed: {error}"))?;
    if !output.status.success() {
        return Err("rustfmt rejects a generated file; its errors are above".into());
    }
    String::from_utf8(output.stdout).map_err(|_| "the output of rustfmt is not UTF-8".to_owned())
}
