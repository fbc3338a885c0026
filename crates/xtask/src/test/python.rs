//! The Python binding: its tests, its example, and what mypy, pyright and stubtest report about its types.

use std::process::Command;

use regex::Regex;

use super::{Counts, Results};
use crate::process::{stream, tee};
use crate::python::{BINDING, Venv};
use crate::repository::Repository;

/// Folders of tests, each with the settings of its own `pyproject.toml`.
const TESTS: &[&str] = &[BINDING, "examples/python"];

/// Type checks: the description, the program, its arguments.
const CHECKS: &[(&str, &str, &[&str])] = &[
    ("mypy", "mypy", &["--config-file", "bindings/python/pyproject.toml", "bindings/python/python/koophone"]),
    ("mypy of the example", "mypy", &["--config-file", "bindings/python/pyproject.toml", "examples/python"]),
    ("stubtest", "stubtest", &["koophone._koophone"]),
    ("pyright", "pyright", &["--project", "bindings/python/pyproject.toml"]),
];

pub(super) fn run(repository: &Repository) -> Result<Results, String> {
    let venv = Venv::of(repository)?;
    venv.develop()?;
    let mut results = Results::default();
    for folder in TESTS {
        let (counts, problem) =
            pytest(venv.python(&["-m", "pytest", "-q", "-n", "auto"]), &repository.root.join(folder))?;
        results.counts += counts;
        results.problems.extend(problem);
    }
    for (what, program, arguments) in CHECKS {
        match stream(&mut venv.run(program, arguments)) {
            Ok(()) => results.counts.passed += 1,
            Err(problem) => {
                results.counts.failed += 1;
                results.problems.push(format!("{what}: {problem}"));
            }
        }
    }
    Ok(results)
}

/// Builds the binding and returns the command that starts the conformance runner, blocking or for asyncio.
pub(super) fn runner(repository: &Repository) -> Result<String, String> {
    Venv::of(repository)?.develop()?;
    Ok(".venv/bin/python tests/conformance/python/runner.py".to_owned())
}

pub(super) fn asyncio_runner(repository: &Repository) -> Result<String, String> {
    runner(repository).map(|command| command + " --asyncio")
}

fn pytest(mut pytest: Command, folder: &std::path::Path) -> Result<(Counts, Option<String>), String> {
    pytest.current_dir(folder);
    let finished = tee(pytest)?;
    let counts = counts_of(&finished.output);
    // A run that was aborted, or in which nothing ran, has not passed.
    let broken = counts.failed == 0 && (!finished.success || counts.passed == 0);
    let failed = counts.failed + u64::from(broken);
    Ok((Counts { failed, ..counts }, broken.then(|| format!("{}: {}", folder.display(), finished.ending))))
}

/// The counts of pytest's last line: `3 failed, 197 passed, 1 skipped in 14.45s`, after a minute `... in 61.20s
/// (0:01:01)`. An error in a fixture is a failure, an expected failure a test that did not run.
fn counts_of(output: &str) -> Counts {
    let last = Regex::new(r" in [0-9.]+s( \([0-9:]+\))?[ =]*$").expect("a valid constant");
    let summary = output.lines().rev().find(|line| last.is_match(line));
    let pattern = Regex::new(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed)\b").expect("a valid constant");
    let mut counts = Counts::default();
    for found in pattern.captures_iter(summary.unwrap_or_default()) {
        let number = found[1].parse::<u64>().unwrap_or_default();
        match &found[2] {
            "passed" => counts.passed += number,
            "skipped" | "xfailed" => counts.skipped += number,
            _ => counts.failed += number,
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pytests_last_line_is_counted() {
        let counts = counts_of("..F\n2 failed, 197 passed, 1 skipped, 1 error in 14.45s\n");
        assert_eq!(counts, Counts { passed: 197, failed: 3, skipped: 1 });
        let slow = counts_of("263 passed in 63.50s (0:01:03)\n");
        assert_eq!(slow, Counts { passed: 263, failed: 0, skipped: 0 });
        assert_eq!(counts_of("====== 5 passed in 0.10s ======"), Counts { passed: 5, failed: 0, skipped: 0 });
        assert_eq!(counts_of("no tests ran in 0.01s"), Counts::default());
        assert_eq!(counts_of("Traceback"), Counts::default());
    }
}
