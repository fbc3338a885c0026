//! `cargo xtask test [SUITE]...`: every test of every face.
//!
//! A suite is one row of [`SUITES`]: its name, the programs it needs, and a function that runs and counts its tests. To
//! add a language, write the function in a separate file (see `rust.rs`) and add the row.

pub mod c;
mod conformance;
mod counted;
mod counts;
mod faults;
mod guide;
mod hostile;
mod interop;
mod musl;
mod node;
mod openapi;
mod other_systems;
mod python;
mod rust;
mod torture;
mod windows_hosts;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use counts::{Counts, Results};
pub use faults::write as write_fault_matrix;
pub use node::build as build_node;
pub use torture::soak;

use crate::repository::Repository;
use crate::tool::{Tool, check_all, tool};

/// A set of tests that are run together.
struct Suite {
    name: &'static str,
    about: &'static str,
    needs: &'static [Tool],
    /// Runs the tests, shows their output, and counts. An error says why they could not be run, and counts as one
    /// failure.
    run: fn(&Repository) -> Result<Results, String>,
}

/// Suites that run only if they are named, because they install compilers and emulators.
const ONLY_BY_NAME: &[Suite] = &[
    Suite {
        name: "windows",
        about: "what is packaged for Windows, under wine (only by name)",
        needs: other_systems::NEEDS,
        run: other_systems::run_windows,
    },
    Suite {
        name: "arm64",
        about: "libkoophone and the command for Linux on ARM64, under qemu (only by name)",
        needs: other_systems::NEEDS,
        run: other_systems::run_arm64,
    },
    Suite {
        name: "musl",
        about: "what is packaged for Linux with musl, with musl's loader (only by name)",
        needs: musl::NEEDS,
        run: musl::run,
    },
];

/// The suites of other systems as `.ci/run` runs them: with fewer scenarios of the command, and skipped where their
/// tools cannot be installed.
const SHORT: &[Suite] = &[
    Suite { name: "windows", about: "in short form", needs: &[], run: other_systems::run_windows_short },
    Suite { name: "arm64", about: "in short form", needs: &[], run: other_systems::run_arm64_short },
];

const PYTHON: Tool =
    tool("python3", "install Python 3.10 or newer with venv, and have a package index to install from").at_least(3, 10);

/// All suites.
const SUITES: &[Suite] = &[
    Suite { name: "rust", about: "cargo test: units, integration, documentation examples", needs: &[], run: rust::run },
    Suite { name: "faults", about: "the fault matrix: operation by fault by phase", needs: &[], run: faults::run },
    Suite { name: "torture", about: "each I/O operation fails once, in every way", needs: &[], run: torture::run },
    Suite {
        name: "interop",
        about: "the main job through nginx, HAProxy, Apache and squid",
        needs: interop::NEEDS,
        run: interop::run,
    },
    Suite {
        name: "openapi",
        about: "the emulator responds as tests/openapi.yaml describes",
        needs: &[PYTHON],
        run: openapi::run,
    },
    Suite {
        name: "python",
        about: "the Python package: pytest, its example, mypy, pyright, stubtest",
        needs: crate::python::TOOLS,
        run: python::run,
    },
    Suite {
        name: "node",
        about: "the npm package: node:test, types, example, publint, are-the-types-wrong",
        needs: crate::node::TOOLS,
        run: node::run,
    },
    Suite { name: "cpp", about: "libkoophone from C++, under g++ and clang++", needs: c::NEEDS_CPP, run: c::run_cpp },
    Suite {
        name: "conformance",
        about: "one set of scenarios through every face, with the same judge",
        needs: &[],
        run: conformance::run,
    },
    Suite {
        name: "hostile",
        about: "2,000 exchanges of every face with a hostile service",
        needs: &[],
        run: hostile::run,
    },
    Suite { name: "guide", about: "every program of README.md and of the guide", needs: guide::NEEDS, run: guide::run },
    Suite {
        name: "c",
        about: "libkoophone from C: tests, memory checks, the package",
        needs: c::NEEDS_C,
        run: c::run_c,
    },
];

/// The outcome of a suite.
struct Finished {
    name: &'static str,
    results: Results,
    time: Duration,
}

/// The names of all suites.
pub fn names() -> Vec<&'static str> {
    SUITES.iter().chain(ONLY_BY_NAME).map(|suite| suite.name).collect()
}

/// Prints the suites with their descriptions.
pub fn list() {
    for suite in SUITES.iter().chain(ONLY_BY_NAME) {
        println!("{:12} {}", suite.name, suite.about);
    }
}

/// Runs the named suites, or all except those that must be named; `everywhere` adds these in short form. The last line
/// printed is the total.
pub fn run(repository: &Repository, wanted: &[String], everywhere: bool) -> ExitCode {
    let is_named = |suite: &&Suite| wanted.iter().any(|name| name == suite.name);
    let chosen = SUITES.iter().filter(|suite| wanted.is_empty() || is_named(suite));
    let chosen = chosen.chain(ONLY_BY_NAME.iter().filter(is_named)).chain(SHORT.iter().filter(|_| everywhere));
    let finished: Vec<Finished> = chosen.map(|suite| run_suite(suite, repository)).collect();
    print!("\n{}", report(&finished));
    if finished.iter().any(|suite| suite.results.counts.failed > 0) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn run_suite(suite: &Suite, repository: &Repository) -> Finished {
    println!("\n== {}: {}", suite.name, suite.about);
    let start = Instant::now();
    let result = check_all(suite.needs).and_then(|()| (suite.run)(repository));
    let results = result.unwrap_or_else(|problem| Results {
        counts: Counts { failed: 1, ..Counts::default() },
        problems: vec![problem],
    });
    Finished { name: suite.name, results, time: start.elapsed() }
}

/// The problems, the table, the total.
fn report(finished: &[Finished]) -> String {
    let mut text = String::new();
    for suite in finished {
        text.extend(suite.results.problems.iter().map(|problem| format!("{}: {problem}\n\n", suite.name)));
    }
    text += &format!("{:12} {:>7} {:>7} {:>7} {:>9}\n", "suite", "passed", "failed", "skipped", "time");
    for Finished { name, results, time } in finished {
        let Counts { passed, failed, skipped } = results.counts;
        text += &format!("{name:12} {passed:7} {failed:7} {skipped:7} {:7.1} s\n", time.as_secs_f64());
    }
    let total: Counts = finished.iter().map(|suite| suite.results.counts).sum();
    text + &format!("{total}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_is_the_total() {
        let results = |passed, failed, problems: &[&str]| Results {
            counts: Counts { passed, failed, skipped: 1 },
            problems: problems.iter().map(|problem| (*problem).to_owned()).collect(),
        };
        let suite = |name, results| Finished { name, results, time: Duration::from_millis(1500) };
        let text =
            report(&[suite("rust", results(12, 0, &[])), suite("python", results(0, 1, &["pytest is not installed"]))]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "python: pytest is not installed");
        assert_eq!(lines[3], "rust              12       0       1     1.5 s");
        assert_eq!(lines.last(), Some(&"12 passed, 1 failed, 2 skipped"));
    }

    #[test]
    fn a_missing_prerequisite_is_a_failure_and_nothing_is_run() {
        const NEEDS: &[Tool] = &[tool("koophone-no-such-tool", "install CMake 3.20 or newer")];
        let suite = Suite { name: "c", about: "", needs: NEEDS, run: |_| unreachable!("it must not run") };
        let finished = run_suite(&suite, &Repository::find().unwrap());
        assert_eq!(finished.results.counts, Counts { passed: 0, failed: 1, skipped: 0 });
        let problem = &finished.results.problems[0];
        assert!(problem.contains("koophone-no-such-tool") && problem.contains("install CMake"), "{problem}");
    }
}
