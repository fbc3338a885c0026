//! `cargo xtask generate [--check]`: writes the code of the bindings that repeats the core's types, so that nobody has to
//! keep it in step by hand. One file per language; each gives the files it wants as (path, text).

mod description;
mod readme;

use std::fs;
use std::path::Path;

pub use description::{Description, EnumType, Field, FieldKind, StructType, Variant};

/// A generator: the core's types in, files out.
type Generator = fn(&Description) -> Result<Vec<(String, String)>, String>;

/// One line per language.
const GENERATORS: &[Generator] = &[];

/// Writes every generated file, or with `check` names those that differ from what would be written.
pub fn run(root: &Path, check: bool) -> Result<Vec<String>, String> {
    let description = Description::of_the_core()?;
    let mut files = vec![readme::generate(root)?];
    for generator in GENERATORS {
        files.extend(generator(&description)?);
    }
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
