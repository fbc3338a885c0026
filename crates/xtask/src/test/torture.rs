//! Every I/O operation fails once, and the long run.

use super::{Results, counted};
use crate::process::{command, stream};
use crate::repository::Repository;

const PACKAGE: &str = "koophone-torture";

pub(super) fn run(repository: &Repository) -> Result<Results, String> {
    counted::run(repository, PACKAGE, &[])
}

/// `cargo xtask soak`: minutes of load with a release build, long enough for memory and threads to grow.
pub fn soak(repository: &Repository) -> Result<(), String> {
    let arguments = ["run", "--release", "--locked", "--package", PACKAGE, "--bin", "koophone-soak"];
    stream(&mut command("cargo", &arguments, &repository.root))
}
