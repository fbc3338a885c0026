//! The main job in C and in C++.

use std::path::Path;

use koophone_emulator::Emulator;

use super::{Step, steps_of};
use crate::process::command;
use crate::repository::Repository;
use crate::test::c::CMAKE;
use crate::test::c::build::Build;
use crate::tool::{Tool, tool};

// Fewer tools than the tests need: any compiler that CMake finds.
pub const NEEDS_C: &[Tool] = &[CMAKE, tool("cc", "install a C compiler (Debian: gcc)")];
pub const NEEDS_CPP: &[Tool] = &[CMAKE, tool("c++", "install a C++ compiler (Debian: g++)")];

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
