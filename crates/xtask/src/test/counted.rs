//! Suites that are programs of this repository and count their tests themselves: their last line is `N passed, N
//! failed, N skipped`.

use std::process::Command;
use std::sync::LazyLock;

use regex::Regex;

use super::{Counts, Results};
use crate::process::{command, tee};
use crate::repository::Repository;

/// Runs a package's program with these arguments and takes over its last line.
pub(super) fn run(repository: &Repository, package: &str, arguments: &[String]) -> Result<Results, String> {
    count(command("cargo", &words(package, arguments), &repository.root))
}

/// The same, stopped after some minutes in case something hangs.
pub(super) fn run_within(
    minutes: u32,
    repository: &Repository,
    package: &str,
    arguments: &[String],
) -> Result<Results, String> {
    let limit = format!("{minutes}m");
    let watched = [&["--kill-after=10s", &limit, "cargo"], words(package, arguments).as_slice()].concat();
    count(command("timeout", &watched, &repository.root))
}

fn words<'a>(package: &'a str, arguments: &'a [String]) -> Vec<&'a str> {
    let run = ["run", "--quiet", "--locked", "--package", package, "--"];
    run.into_iter().chain(arguments.iter().map(String::as_str)).collect()
}

fn count(program: Command) -> Result<Results, String> {
    let finished = tee(program)?;
    let counts = finished.output.lines().rev().find_map(parse);
    Ok(match counts {
        // A program that reports success but exits with an error has not reported everything.
        Some(counts) if finished.success || counts.failed > 0 => Results { counts, problems: Vec::new() },
        _ => Results {
            counts: Counts { failed: 1, ..Counts::default() },
            problems: vec![format!("{} without a total", finished.ending)],
        },
    })
}

static TOTAL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(\d+) passed, (\d+) failed, (\d+) skipped$").expect("the pattern of this file is valid")
});

fn parse(line: &str) -> Option<Counts> {
    let found = TOTAL.captures(line)?;
    let number = |group: usize| found[group].parse().ok();
    Some(Counts { passed: number(1)?, failed: number(2)?, skipped: number(3)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_total_is_read() {
        assert_eq!(parse("12 passed, 1 failed, 0 skipped"), Some(Counts { passed: 12, failed: 1, skipped: 0 }));
        assert_eq!(parse("rust 12 passed, 1 failed, 0 skipped"), None);
    }
}
