//! `cargo xtask test [SUITE]...`: every test of every face.
//!
//! A suite is one line of [`SUITES`]: its name, the programs it needs, and a function that runs it and counts. To add a
//! language, write the function in a file of its own (see `rust.rs`) and add the line.

mod counts;
mod rust;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use counts::Counts;

use crate::repository::Repository;
use crate::tool::{Tool, check_all};

/// A set of tests that are run together.
struct Suite {
    name: &'static str,
    about: &'static str,
    needs: &'static [Tool],
    /// Runs the tests, shows their output, and counts. An error means that the suite could not run to its end: it is
    /// shown again at the end, and counts as one failure.
    run: fn(&Repository) -> Result<Counts, String>,
}

/// All suites.
const SUITES: &[Suite] = &[Suite {
    name: "rust",
    about: "cargo test: units, integration, documentation examples",
    needs: &[],
    run: rust::run,
}];

/// What became of a suite.
struct Finished {
    name: &'static str,
    counts: Counts,
    problem: Option<String>,
    time: Duration,
}

/// The names of all suites.
pub fn names() -> Vec<&'static str> {
    SUITES.iter().map(|suite| suite.name).collect()
}

/// Prints the suites and what each is about.
pub fn list() {
    for suite in SUITES {
        println!("{:10} {}", suite.name, suite.about);
    }
}

/// Runs the suites named, or all. The last line printed is the total.
pub fn run(repository: &Repository, wanted: &[String]) -> ExitCode {
    let chosen = SUITES.iter().filter(|suite| wanted.is_empty() || wanted.iter().any(|name| name == suite.name));
    let finished: Vec<Finished> = chosen.map(|suite| run_suite(suite, repository)).collect();
    print!("\n{}", report(&finished));
    if finished.iter().any(|suite| suite.counts.failed > 0) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn run_suite(suite: &Suite, repository: &Repository) -> Finished {
    println!("\n== {}: {}", suite.name, suite.about);
    let start = Instant::now();
    let result = check_all(suite.needs).and_then(|()| (suite.run)(repository));
    let (counts, problem) = match result {
        Ok(counts) => (counts, None),
        Err(problem) => (Counts { failed: 1, ..Counts::default() }, Some(problem)),
    };
    Finished { name: suite.name, counts, problem, time: start.elapsed() }
}

/// The problems, the table, the total.
fn report(finished: &[Finished]) -> String {
    let mut text = String::new();
    for suite in finished {
        if let Some(problem) = &suite.problem {
            text += &format!("{}: {problem}\n\n", suite.name);
        }
    }
    text += &format!("{:10} {:>7} {:>7} {:>7} {:>9}\n", "suite", "passed", "failed", "skipped", "time");
    for Finished { name, counts: Counts { passed, failed, skipped }, time, .. } in finished {
        text += &format!("{name:10} {passed:7} {failed:7} {skipped:7} {:7.1} s\n", time.as_secs_f64());
    }
    let total: Counts = finished.iter().map(|suite| suite.counts).sum();
    text + &format!("{total}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tool::tool;

    #[test]
    fn the_last_line_is_the_total() {
        let counts = |passed, failed| Counts { passed, failed, skipped: 1 };
        let suite = |name, counts, problem| Finished { name, counts, problem, time: Duration::from_millis(1500) };
        let text = report(&[
            suite("rust", counts(12, 0), None),
            suite("python", counts(0, 1), Some("pytest is not installed".to_owned())),
        ]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "python: pytest is not installed");
        assert_eq!(lines[3], "rust            12       0       1     1.5 s");
        assert_eq!(lines.last(), Some(&"12 passed, 1 failed, 2 skipped"));
    }

    #[test]
    fn a_missing_prerequisite_is_a_failure_and_nothing_is_run() {
        const NEEDS: &[Tool] = &[tool("koophone-no-such-tool", "install CMake 3.20 or newer")];
        let suite = Suite { name: "c", about: "", needs: NEEDS, run: |_| unreachable!("it must not run") };
        let finished = run_suite(&suite, &Repository::find().unwrap());
        assert_eq!(finished.counts, Counts { passed: 0, failed: 1, skipped: 0 });
        let problem = finished.problem.unwrap();
        assert!(problem.contains("koophone-no-such-tool") && problem.contains("install CMake"), "{problem}");
    }
}
