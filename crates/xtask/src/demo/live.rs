//! `cargo xtask demo --live PHONE...`: the read-only part of the main job, with the service and the credentials from
//! the environment.

use std::process::ExitCode;

use super::{step_of, table};
use crate::process::{capture_lines, command};
use crate::repository::Repository;

/// Logs in and queries the phones' status; nothing else is sent.
pub fn run(repository: &Repository, phones: &[String]) -> ExitCode {
    let words = ["run", "--quiet", "--locked", "--package", "koophone", "--example", "main_job", "--", "--read-only"];
    let mut program = command("cargo", &words, &repository.root);
    program.args(phones);
    let steps = capture_lines(&mut program).and_then(|lines| lines.iter().map(|line| step_of(line)).collect());
    let well = steps.is_ok();
    print!("\n{}", table::of(&[("Rust, live", steps)]));
    if well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
