//! The fault matrix, run and compared with its page.

use super::{Results, counted};
use crate::process::{command, stream};
use crate::repository::Repository;

const PAGE: &str = "docs/fault-matrix.md";

pub(super) fn run(repository: &Repository) -> Result<Results, String> {
    counted::run(repository, "koophone-faults", &["--check".to_owned(), PAGE.to_owned()])
}

/// `cargo xtask matrix`: runs the matrix and writes its page.
pub fn write(repository: &Repository) -> Result<(), String> {
    let arguments = ["run", "--quiet", "--locked", "--package", "koophone-faults", "--", "--write", PAGE];
    stream(&mut command("cargo", &arguments, &repository.root))
}
