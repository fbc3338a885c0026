//! The suites `c` and `cpp`: libkoophone built, laid out as it is shipped (`dist/c.rs`), and tested from C and C++.

pub mod build;
mod gtest;
mod headers;
mod memory;
mod packaging;
mod rules;

use self::build::{Build, Compiler};
use super::{Counts, Results, counted};
use crate::process::tee;
use crate::repository::Repository;
use crate::tool::{Tool, tool};

pub const CMAKE: Tool = tool("cmake", "install CMake 3.16 or newer (Debian: cmake)").at_least(3, 16);
const GCC: Tool = tool("gcc", "install GCC 9 or newer (Debian: gcc)").at_least(9, 0);
const GPP: Tool = tool("g++", "install G++ 9 or newer (Debian: g++)").at_least(9, 0);

pub const NEEDS_C: &[Tool] = &[
    CMAKE,
    GCC,
    GPP,
    tool("pkg-config", "install pkg-config (Debian: pkg-config)"),
    tool("valgrind", "install valgrind (Debian: valgrind)"),
    tool("nm", "install binutils (Debian: binutils)"),
];

pub const NEEDS_CPP: &[Tool] = &[CMAKE, GCC, GPP, tool("clang++", "install Clang (Debian: clang)")];

/// The suite `c`.
pub(super) fn run_c(repository: &Repository) -> Result<Results, String> {
    let mut tally = Results::default();
    let build = Build::tests(repository, Compiler::Gcc, &[])?;
    tally.add(gtest::run(&build.program("c_tests"), &[])?);
    for (name, rule) in rules::ALL {
        tally.one(name, rule(repository));
    }
    memory::run(repository, &build, &mut tally)?;
    packaging::run(repository, &mut tally)?;
    Ok(tally)
}

/// The suite `cpp`: under both compilers.
pub(super) fn run_cpp(repository: &Repository) -> Result<Results, String> {
    let mut tally = Results::default();
    for compiler in [Compiler::Gcc, Compiler::Clang] {
        let build = Build::tests(repository, compiler, &[])?;
        tally.add(gtest::run(&build.program("cpp_tests"), &[])?);
        headers::run(repository, compiler, &mut tally);
    }
    Ok(tally)
}

/// The command of the C conformance runner.
pub(super) fn runner_c(repository: &Repository) -> Result<String, String> {
    Build::runners(repository, &[]).map(|build| build.program("runner_c"))
}

/// The command of the C++ conformance runner.
pub(super) fn runner_cpp(repository: &Repository) -> Result<String, String> {
    Build::runners(repository, &[]).map(|build| build.program("runner_cpp"))
}

/// Runs a command and shows its output; returns the output if it succeeded.
fn shown(command: std::process::Command) -> Result<String, String> {
    let finished = tee(command)?;
    if finished.success { Ok(finished.output) } else { Err(finished.ending) }
}
