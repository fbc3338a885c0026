//! `cargo xtask demo`: runs the main job in every language, each against its own emulator, and prints one table.
//!
//! A language is one line of [`LANGUAGES`]: its name, the tools it needs, and a function that builds and runs its
//! program. The program takes the phones as arguments, everything else from the environment, and prints one line of
//! JSON per step: `{"step": "query status", "ok": 8, "phones": 8, "ms": 1.2}`.

mod c;
mod command_line;
mod live;
mod node;
mod python;
mod table;

use std::process::{Command, ExitCode};

use koophone_emulator::{Emulator, Options};
use serde::Deserialize;

pub use live::run as run_live;

use crate::process::{capture_lines, command, stream};
use crate::repository::Repository;
use crate::tool::{Tool, check_all};

const PHONES: usize = 8;

/// A language in which the main job is implemented.
struct Language {
    name: &'static str,
    needs: &'static [Tool],
    run: fn(&Repository, &Emulator) -> Result<Vec<Step>, String>,
}

const LANGUAGES: &[Language] = &[
    Language { name: "Rust", needs: &[], run: rust },
    Language { name: "C", needs: c::NEEDS_C, run: c::run_c },
    Language { name: "C++", needs: c::NEEDS_CPP, run: c::run_cpp },
    Language { name: "Python", needs: crate::python::TOOLS, run: python::run },
    Language { name: "Node", needs: crate::node::TOOLS, run: node::run },
    Language { name: "command line", needs: &[], run: command_line::run },
];

/// A step as reported by a program.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Step {
    step: String,
    /// Phones that succeeded.
    ok: usize,
    /// Phones asked.
    phones: usize,
    /// Wall time.
    ms: f64,
}

/// Runs the job in every language; the table comes last.
pub fn run(repository: &Repository) -> ExitCode {
    let columns: Vec<(&str, Result<Vec<Step>, String>)> =
        LANGUAGES.iter().map(|language| (language.name, run_language(repository, language))).collect();
    print!("\n{}", table::of(&columns));
    let well = |steps: &Result<Vec<Step>, String>| steps.as_ref().is_ok_and(|steps| steps.iter().all(Step::is_well));
    if columns.iter().all(|(_, steps)| well(steps)) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

impl Step {
    fn is_well(&self) -> bool {
        self.ok == self.phones && self.phones > 0
    }
}

fn run_language(repository: &Repository, language: &Language) -> Result<Vec<Step>, String> {
    println!("\n== {}", language.name);
    check_all(language.needs)?;
    let emulator = Options { phones: PHONES, ..Options::default() };
    let emulator = Emulator::start(emulator).map_err(|e| format!("the emulator cannot be started: {e}"))?;
    (language.run)(repository, &emulator)
}

fn rust(repository: &Repository, emulator: &Emulator) -> Result<Vec<Step>, String> {
    let build = ["build", "--quiet", "--locked", "--package", "koophone", "--example", "main_job"];
    stream(&mut command("cargo", &build, &repository.root))?;
    let run = ["run", "--quiet", "--locked", "--package", "koophone", "--example", "main_job", "--"];
    steps_of(command("cargo", &run, &repository.root), emulator)
}

/// Runs a language's program against the emulator and reads its steps.
fn steps_of(mut program: Command, emulator: &Emulator) -> Result<Vec<Step>, String> {
    program.args(emulator.instance_ids());
    use_emulator(&mut program, emulator);
    capture_lines(&mut program)?.iter().map(|line| step_of(line)).collect()
}

fn step_of(line: &str) -> Result<Step, String> {
    println!("{line}");
    serde_json::from_str(line).map_err(|e| format!("{line:?} is not a step: {e}"))
}

/// Replaces the caller's koophone environment with the emulator's.
fn use_emulator(program: &mut Command, emulator: &Emulator) {
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("KOOPHONE_") || name.starts_with("HUAWEICLOUD_")) {
            program.env_remove(name);
        }
    }
    program.envs(emulator.environment());
}
