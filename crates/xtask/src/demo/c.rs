//! The main job in C and in C++.

use std::path::Path;

use koophone_emulator::Emulator;

use super::{Step, steps_of};
use crate::process::command;
use crate::repository::Repository;
use crate::test::c::build::Build;
pub use crate::test::c::{NEEDS_C, NEEDS_CPP};

pub fn run_c(repository: &Repository, emulator: &Emulator) -> Result<Vec<Step>, String> {
    run(repository, "c", emulator)
}

pub fn run_cpp(repository: &Repository, emulator: &Emulator) -> Result<Vec<Step>, String> {
    run(repository, "cpp", emulator)
}

fn run(repository: &Repository, language: &str, emulator: &Emulator) -> Result<Vec<Step>, String> {
    let program = Build::examples(repository, language)?.program("main_job");
    steps_of(command(&program, &[], Path::new(".")), emulator)
}
