//! One set of scenarios through every face: `tests/conformance` judges, each face has a runner.

use super::{Results, c, counted};
use crate::repository::Repository;

/// Builds what a face's runner needs and gives the command that starts it.
type Runner = fn(&Repository) -> Result<String, String>;

/// The faces with a runner of their own. The Rust faces are inside the judge.
const FACES: &[(&str, Runner)] =
    &[("python", super::python::runner), ("asyncio", super::python::asyncio_runner), ("node", super::node::runner)];
const FACES: &[(&str, Runner)] = &[("c", c::runner_c), ("cpp", c::runner_cpp)];

pub(super) fn run(repository: &Repository) -> Result<Results, String> {
    let mut arguments: Vec<String> = ["--face", "rust-async", "--face", "rust-blocking"].map(str::to_owned).to_vec();
    for (name, runner) in FACES {
        arguments.extend(["--face".to_owned(), format!("{name}={}", runner(repository)?)]);
    }
    counted::run(repository, "koophone-conformance", &arguments)
}
