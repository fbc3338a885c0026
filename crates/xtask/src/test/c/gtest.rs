//! GoogleTest programs, whose tests are counted from what they print at the end.

use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use regex::Regex;

use super::{Counts, Results};
use crate::process::{command, tee};

/// Lines of output that are shown again if something failed.
const EXCERPT: usize = 40;

/// Runs a program with additional variables.
pub fn run(program: &str, variables: &[(&str, &str)]) -> Result<Results, String> {
    let mut program = command(program, &[], Path::new("."));
    program.envs(variables.iter().copied());
    run_command(program)
}

/// Runs a command that ends by running such a program.
pub fn run_command(mut program: Command) -> Result<Results, String> {
    program.arg("--gtest_brief=1").arg("--gtest_color=no");
    let finished = tee(program)?;
    let mut counts = counts_of(&finished.output);
    let mut problems = Vec::new();
    let broken = !finished.success && counts.failed == 0 || counts == Counts::default();
    if broken {
        counts.failed += 1;
        let lines: Vec<&str> = finished.output.lines().collect();
        let end = lines[lines.len().saturating_sub(EXCERPT)..].join("\n");
        problems.push(format!("{}, and not only because a test failed:\n{end}", finished.ending));
    }
    Ok(Results { counts, problems })
}

static PASSED: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\[  PASSED  \] (\d+) tests?\."));
static FAILED: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\[  FAILED  \] .* \(\d+ ms\)$"));
static SKIPPED: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\[  SKIPPED \] .* \(\d+ ms\)$"));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the patterns of this file are valid")
}

fn counts_of(output: &str) -> Counts {
    let number = |line: &str| PASSED.captures(line).and_then(|found| found[1].parse::<u64>().ok());
    let count = |pattern: &Regex| output.lines().filter(|line| pattern.is_match(line)).count() as u64;
    Counts { passed: output.lines().find_map(number).unwrap_or(0), failed: count(&FAILED), skipped: count(&SKIPPED) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_is_read() {
        let output = "[  FAILED  ] A.B (3 ms)\n[  FAILED  ] Each/C.D/0, where GetParam() = 0 (14 ms)\n\
            [  SKIPPED ] A.C (0 ms)\n[==========] 4 tests from 1 test suite ran. (6 ms total)\n[  PASSED  ] 1 test.\n";
        assert_eq!(counts_of(output), Counts { passed: 1, failed: 2, skipped: 1 });
        assert_eq!(counts_of("Segmentation fault"), Counts::default());
    }
}
