//! `cargo xtask check [STEP]...`: everything that must hold for the repository before a change lands, apart from its
//! tests.
//!
//! A step is one line of [`STEPS`] and a function. Every step runs, even after a failure.

mod citations;
mod docs;
mod guide;
mod hygiene;
mod layering;
mod licences;
mod msrv;
mod operations;
mod versions;
mod workflows;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::bench;
use crate::generate;
use crate::process::{command, stream};
use crate::repository::Repository;
use crate::tool::{Tool, check_all, tool};

/// The outcome of a step: a note for the summary (usually empty), or the problems.
type Outcome = Result<String, Problems>;

/// The problems that a step found, one complete sentence each: what, where, and what to do.
#[derive(Debug)]
struct Problems(Vec<String>);

impl From<String> for Problems {
    fn from(problem: String) -> Self {
        Self(vec![problem])
    }
}

impl Problems {
    /// Success if there are no problems.
    fn none(problems: Vec<String>) -> Outcome {
        if problems.is_empty() { Ok(String::new()) } else { Err(Self(problems)) }
    }
}

/// A named check.
struct Step {
    name: &'static str,
    about: &'static str,
    needs: &'static [Tool],
    run: fn(&Repository) -> Outcome,
}

const GIT: Tool = tool("git", "install git 2.0 or newer; it lists the files of the repository").at_least(2, 0);
const RUSTFMT: Tool = tool("rustfmt", "run `rustup component add rustfmt`");
const CLIPPY: Tool = tool("clippy-driver", "run `rustup component add clippy`");

/// All checks, quick ones first.
const STEPS: &[Step] = &[
    Step { name: "fmt", about: "the Rust sources are formatted", needs: &[RUSTFMT], run: fmt },
    Step {
        name: "layering",
        about: "dependencies point inward: which part may use which",
        needs: &[GIT],
        run: layering::run,
    },
    Step {
        name: "hygiene",
        about: "no leftovers, big files, wide lines, local paths or citations of missing files",
        needs: &[GIT],
        run: hygiene::run,
    },
    Step {
        name: "guide",
        about: "guide and README: every program is run, translations are up to date",
        needs: &[GIT],
        run: guide::run,
    },
    Step { name: "versions", about: "one version for every face", needs: &[GIT], run: versions::run },
    Step {
        name: "workflows",
        about: "hosted workflows: commands exist, actions are pinned",
        needs: &[GIT],
        run: workflows::run,
    },
    Step {
        name: "licences",
        about: "dependencies: licences, banned crates, duplicates",
        needs: &[],
        run: licences::run,
    },
    Step {
        name: "operations",
        about: "the hand-written parts of every operation are complete",
        needs: &[],
        run: operations::run,
    },
    Step { name: "generated", about: "generated files are up to date", needs: &[], run: generated },
    Step { name: "msrv", about: "the minimum supported Rust version", needs: &[], run: msrv::run },
    Step {
        name: "clippy",
        about: "no warning in any target, including examples that are separate workspaces",
        needs: &[CLIPPY],
        run: clippy,
    },
    Step { name: "docs", about: "documentation builds without a warning", needs: &[], run: docs::run },
];

/// The slow check, which only runs on request: `cargo xtask check --perf`.
const PERF: Step =
    Step { name: "perf", about: "instruction counts match the baseline", needs: &[bench::VALGRIND], run: perf };

/// The names of all steps.
pub fn names() -> Vec<&'static str> {
    STEPS.iter().map(|step| step.name).collect()
}

/// Prints the steps with their descriptions.
pub fn list() {
    for step in STEPS {
        println!("{:10} {}", step.name, step.about);
    }
}

/// Runs the named steps, or all of them.
pub fn run(repository: &Repository, wanted: &[String]) -> ExitCode {
    run_all(repository, STEPS.iter().filter(|step| wanted.is_empty() || wanted.iter().any(|name| name == step.name)))
}

/// The version that every face has, or what is wrong.
pub fn versions(repository: &Repository) -> Result<String, Vec<String>> {
    versions::run(repository).map_err(|Problems(problems)| problems)
}

/// Runs the check of instruction counts.
pub fn run_perf(repository: &Repository) -> ExitCode {
    run_all(repository, std::iter::once(&PERF))
}

fn run_all<'s>(repository: &Repository, chosen: impl Iterator<Item = &'s Step>) -> ExitCode {
    let results: Vec<_> = chosen.map(|step| run_step(step, repository)).collect();
    println!("\n== summary");
    for (step, outcome, time) in &results {
        let word = match outcome {
            Ok(note) if note.is_empty() => "ok".to_owned(),
            Ok(note) => format!("ok ({note})"),
            Err(Problems(problems)) if problems.len() == 1 => "FAILED: 1 problem".to_owned(),
            Err(Problems(problems)) => format!("FAILED: {} problems", problems.len()),
        };
        println!("{:10} {:7.1} s  {word}", step.name, time.as_secs_f64());
    }
    let failed: Vec<_> =
        results.iter().filter(|(_, outcome, _)| outcome.is_err()).map(|(step, ..)| step.name).collect();
    if failed.is_empty() {
        println!("\ncheck: all {} steps passed", results.len());
        return ExitCode::SUCCESS;
    }
    println!("\ncheck: failed: {names}; run again: cargo xtask check {names}", names = failed.join(" "));
    ExitCode::FAILURE
}

fn run_step<'s>(step: &'s Step, repository: &Repository) -> (&'s Step, Outcome, Duration) {
    println!("\n== {}: {}", step.name, step.about);
    let start = Instant::now();
    let outcome = check_all(step.needs).map_err(Problems::from).and_then(|()| (step.run)(repository));
    if let Err(Problems(problems)) = &outcome {
        for problem in problems {
            println!("{}: {problem}", step.name);
        }
    }
    (step, outcome, start.elapsed())
}

/// Separate workspaces, which keep their dependencies out of the main lock file.
const APART: &[&str] = &["examples/opentelemetry/Cargo.toml"];

fn fmt(repository: &Repository) -> Outcome {
    for manifest in [&["Cargo.toml"], APART].concat() {
        stream(&mut command("cargo", &["fmt", "--all", "--check", "--manifest-path", manifest], &repository.root))
            .map_err(|error| format!("{error}; run it without `--check`"))?;
    }
    Ok(String::new())
}

fn clippy(repository: &Repository) -> Outcome {
    let target = repository.metadata()?.target_directory.as_str();
    for manifest in [&["Cargo.toml"], APART].concat() {
        let what = ["clippy", "--manifest-path", manifest, "--target-dir", target, "--workspace", "--all-targets"];
        stream(&mut command("cargo", &[&what[..], &["--locked", "--", "-D", "warnings"]].concat(), &repository.root))?;
    }
    Ok(String::new())
}

fn perf(repository: &Repository) -> Outcome {
    Problems::none(bench::check_instructions(repository)?)
}

fn generated(repository: &Repository) -> Outcome {
    let differing = generate::run(&repository.root, true)?;
    let problem = |path| format!("{path} is outdated; run `cargo xtask generate` and commit it");
    Problems::none(differing.into_iter().map(problem).collect())
}
