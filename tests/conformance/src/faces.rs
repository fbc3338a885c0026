//! Starts faces by name.

use crate::cli_face::CliFace;
use crate::face::{Face, Process};
use crate::rust_face::{RustFace, Style};

/// The name in a specification `NAME` or `NAME=COMMAND`.
pub fn name(spec: &str) -> &str {
    spec.split_once('=').map_or(spec, |(name, _)| name)
}

/// Starts the face that `spec` names (`rust-async`, `rust-blocking`, `cli=PATH` or `NAME=COMMAND`), passes it to
/// `work`, and stops it. Returns the result of `work` and whether the face exited cleanly; fails if it cannot be
/// started.
pub fn with<T>(spec: &str, work: impl FnOnce(&mut dyn Face) -> T) -> Result<(T, Result<(), String>), String> {
    Ok(match spec.split_once('=').unwrap_or((spec, "")) {
        ("rust-async", "") => (work(&mut RustFace::new(Style::Async)), Ok(())),
        ("rust-blocking", "") => (work(&mut RustFace::new(Style::Blocking)), Ok(())),
        ("cli", path) => (work(&mut CliFace::new(path)?), Ok(())),
        (_, command) => {
            let mut process = Process::start(command)?;
            (work(&mut process), process.finish())
        }
    })
}
