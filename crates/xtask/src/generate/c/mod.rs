//! What the C and C++ faces repeat of the core: C structures and getters in Rust (of which cbindgen makes the header), C++
//! views over them, C++ setters of the settings, and the JSON writers of the conformance runners.

mod cpp;
mod header;
mod json;
mod names;
mod raw;
mod rust;
mod settings;

use std::io::Write;
use std::process::Stdio;

use super::Description;
use crate::process::command;
use crate::repository::Repository;

/// The generated files, without the header.
pub fn generate(description: &Description) -> Result<Vec<(String, String)>, String> {
    Ok(vec![
        ("bindings/c/src/generated/enums.rs".into(), formatted(&rust::enums(description))?),
        ("bindings/c/src/generated/structs.rs".into(), formatted(&rust::structs(description))?),
        ("bindings/c/src/generated/error_getters.rs".into(), formatted(&rust::error_getters(description)?)?),
        ("include/koophone/model.hpp".into(), cpp::model(description)?),
        ("include/koophone/settings.hpp".into(), settings::setters()),
        ("tests/conformance/c/model_json.h".into(), json::c(description)),
        ("tests/conformance/cpp/model_json.hpp".into(), json::cpp(description)),
    ])
}

/// The header, and what is read from it: made from the sources of bindings/c, so after [`generate`] has written its part of them.
pub fn header(_: &Description) -> Result<Vec<(String, String)>, String> {
    let header = header::generate()?;
    let functions = formatted(&raw::declarations(&header)?)?;
    Ok(vec![("include/koophone.h".into(), header), ("tests/fuzz/src/bin/c_strings/functions.rs".into(), functions)])
}

/// Rust as `cargo fmt` wants it.
fn formatted(text: &str) -> Result<String, String> {
    let root = Repository::find()?.root;
    let mut rustfmt = command("rustfmt", &["--edition", "2024"], &root);
    rustfmt.stdin(Stdio::piped()).stdout(Stdio::piped());
    let failed = |error: std::io::Error| format!("rustfmt cannot be used: {error}");
    let mut child = rustfmt.spawn().map_err(failed)?;
    // Dropping the pipe ends rustfmt's input; it writes nothing before it has read everything.
    child.stdin.take().ok_or("no pipe to rustfmt")?.write_all(text.as_bytes()).map_err(failed)?;
    let output = child.wait_with_output().map_err(failed)?;
    if !output.status.success() {
        return Err("rustfmt does not accept what was generated".to_owned());
    }
    String::from_utf8(output.stdout).map_err(|error| error.to_string())
}
