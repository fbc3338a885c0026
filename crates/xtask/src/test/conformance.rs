//! One set of scenarios through every face: `tests/conformance` judges, each face has a runner.

use super::{Results, c, counted, node, python};
use crate::process::{command, stream};
use crate::repository::Repository;

/// Builds what a face's runner needs and returns the command that starts it.
type Runner = fn(&Repository) -> Result<String, String>;

/// The faces with a separate runner. The Rust faces are part of the judge.
const FACES: &[(&str, Runner)] = &[
    ("c", c::runner_c),
    ("cpp", c::runner_cpp),
    ("python", python::runner),
    ("asyncio", python::asyncio_runner),
    ("node", node::runner),
    ("cli", command_line),
];

/// The judge runs the command itself.
fn command_line(repository: &Repository) -> Result<String, String> {
    stream(&mut command("cargo", &["build", "--quiet", "--locked", "--package", "koophone-cli"], &repository.root))?;
    let program = repository.metadata()?.target_directory.join("debug").join("koophone");
    Ok(program.with_extension(std::env::consts::EXE_EXTENSION).into_string())
}

pub(super) fn run(repository: &Repository) -> Result<Results, String> {
    counted::run(repository, "koophone-conformance", &faces(repository)?)
}

/// Every face as the arguments of a program that drives them; builds what they need.
pub(super) fn faces(repository: &Repository) -> Result<Vec<String>, String> {
    let mut arguments: Vec<String> = ["--face", "rust-async", "--face", "rust-blocking"].map(str::to_owned).to_vec();
    for (name, runner) in FACES {
        arguments.extend(["--face".to_owned(), format!("{name}={}", runner(repository)?)]);
    }
    Ok(arguments)
}
