//! `cargo xtask generate [--check]`: writes the code of the bindings that repeats the core's types. One file per
//! language; each returns its files as (path, text).

mod c;
mod description;
mod documents;
mod emulator;
mod handles;
mod node;
mod operations;
mod python;
mod rust;
mod secrets;
mod suites;
pub mod template;

use std::fs;
use std::path::Path;

pub use description::{Description, EnumType, Field, FieldKind, StructType};

/// A generator: the core's types in, files out.
pub type Generator = fn(&Description) -> Result<Vec<(String, String)>, String>;

/// Those of C and C++.
pub const C: &[Generator] = &[c::generate, c::header];

/// One line per language.
const GENERATORS: &[&[Generator]] =
    &[&[rust::generate, suites::generate], C, &[python::files], &[node::generate, node::interface]];

/// Writes every generated file, or with `check` lists those that differ from what would be written.
pub fn run(root: &Path, check: bool) -> Result<Vec<String>, String> {
    let mut differing = write(root, documents::generate(root)?, check)?;
    for language in GENERATORS {
        differing.extend(run_these(root, language, check)?);
    }
    Ok(differing)
}

/// The same for some generators. Each may read what the previous ones have written.
pub fn run_these(root: &Path, generators: &[Generator], check: bool) -> Result<Vec<String>, String> {
    let description = Description::of_the_core()?;
    let mut differing = Vec::new();
    for generator in generators {
        differing.extend(write(root, generator(&description)?, check)?);
    }
    Ok(differing)
}

fn write(root: &Path, files: Vec<(String, String)>, check: bool) -> Result<Vec<String>, String> {
    let mut differing = Vec::new();
    for (path, text) in files {
        let file = root.join(&path);
        if fs::read_to_string(&file).is_ok_and(|old| old == text) {
            continue;
        }
        if !check {
            fs::write(&file, &text).map_err(|e| format!("{path} cannot be written: {e}"))?;
        }
        differing.push(path);
    }
    Ok(differing)
}
