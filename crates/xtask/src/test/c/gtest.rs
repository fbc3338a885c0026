//! GoogleTest programs, counted by what they print at the end.

use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use regex::Regex;

use super::{Counts, Results};
use crate::process::{command, tee};

/// Lines of output that are shown again where something broke.
const EXCERPT: usize = 40;

/// Runs a program with variables of its own.
pub fn run(program: &str, variables: &[(&str, &str)]) -> Result<Results, String> {
    let mut program = command(program, &[], Path::new("."));
    program.envs(variables.iter().copied());
    run_command(program)
}

/// Runs a command that ends in such a program.
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

static SUMMARY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\[  (PASSED|FAILED|SKIPPED)\s+\] (\d+) tests?[.,]").expect("the pattern of this file is valid")
});

fn counts_of(output: &str) -> Counts {
    let mut counts = Counts::default();
    for found in output.lines().filter_map(|line| SUMMARY.captures(line)) {
        let number = found[2].parse().unwrap_or_default();
        match &found[1] {
            "PASSED" => counts.passed = number,
            "FAILED" => counts.failed = number,
            _ => counts.skipped = number,
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_is_read() {
        let output = "[==========] 4 tests from 1 test suite ran. (6 ms total)\n[  PASSED  ] 1 test.\n\
            [  SKIPPED ] 1 test, listed below:\n[  SKIPPED ] A.B\n[  FAILED  ] 2 tests, listed below:\n[  FAILED  ] A.C\n";
        assert_eq!(counts_of(output), Counts { passed: 1, failed: 2, skipped: 1 });
        assert_eq!(counts_of("Segmentation fault"), Counts::default());
    }
}
