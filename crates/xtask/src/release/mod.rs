//! `cargo xtask release --dry-run`: everything that a release does except the uploads, which the hosted workflow does.
//!
//! A step is one line of [`STEPS`] and a function. Every step runs, even after a failure; the report lists the steps
//! that could not run on this machine.

mod image;
mod packages;
mod recipes;
mod state;
mod workflows;

use std::process::ExitCode;

use crate::repository::Repository;
use crate::target::Target;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The environment of the tools from PyPI, and their versions.
const TOOLS: &str = ".tools/release";
const REQUIREMENTS: &str = "crates/xtask/requirements-release.txt";

/// How a step ended.
#[derive(Debug, PartialEq)]
enum Outcome {
    /// Successful, with a note.
    Done(String),
    /// It could not run here, or not yet: the reason, and what to do.
    NotDone(String),
    /// The problems, one complete sentence each.
    Failed(Vec<String>),
}

/// The input of the steps.
struct Release<'a> {
    repository: &'a Repository,
    host: Target,
    /// Whether to build missing packages.
    build: bool,
}

struct Step {
    name: &'static str,
    about: &'static str,
    run: fn(&Release) -> Result<Outcome, String>,
}

/// The steps of a release, in order.
const STEPS: &[Step] = &[
    Step { name: "versions", about: "all manifests have the same version", run: state::versions },
    Step { name: "changelog", about: "CHANGELOG.md has this version, with its date", run: state::changelog },
    Step { name: "tag", about: "everything is committed; the tag is unused, or this commit's", run: state::tag },
    Step { name: "workflows", about: "zizmor and actionlint: the hosted workflows", run: workflows::run },
    Step { name: "packages", about: "every package is in dist/ and matches SHA256SUMS", run: packages::found },
    Step { name: "python", about: "twine: whether PyPI accepts wheel and sdist", run: packages::python },
    Step { name: "npm", about: "npm, publint, are-the-types-wrong: what npm will publish", run: packages::npm },
    Step {
        name: "crates",
        about: "cargo publish --dry-run: the crates build from their packages",
        run: packages::crates,
    },
    Step { name: "homebrew", about: "render the formula, and check its Ruby syntax", run: recipes::homebrew },
    Step { name: "scoop", about: "render the manifest, and compare it with the archive", run: recipes::scoop },
    Step { name: "vcpkg", about: "render the port, install it, and find it with CMake", run: recipes::vcpkg },
    Step { name: "conan", about: "render the recipe, and run its test package", run: recipes::conan },
    Step { name: "image", about: "build the emulator's image, and check its health", run: image::run },
];

/// The names of all steps.
pub fn names() -> Vec<&'static str> {
    STEPS.iter().map(|step| step.name).collect()
}

/// Runs the named steps, by default all, and prints a report. Fails if a step failed, or a named one could not run.
pub fn dry_run(repository: &Repository, wanted: &[String], build: bool) -> Result<ExitCode, String> {
    let release = Release { repository, host: Target::host(repository)?, build };
    let mut ends = Vec::new();
    for step in STEPS.iter().filter(|step| wanted.is_empty() || wanted.iter().any(|name| name == step.name)) {
        println!("\n== {}: {}", step.name, step.about);
        let outcome = (step.run)(&release).unwrap_or_else(|problem| Outcome::Failed(vec![problem]));
        ends.push((step.name, outcome));
    }
    print!("{}", report(&ends));
    Ok(if succeeded(&ends, wanted) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn succeeded(ends: &[(&str, Outcome)], wanted: &[String]) -> bool {
    ends.iter().all(|(_, outcome)| match outcome {
        Outcome::Done(_) => true,
        Outcome::NotDone(_) => wanted.is_empty(),
        Outcome::Failed(_) => false,
    })
}

fn report(ends: &[(&str, Outcome)]) -> String {
    let mut text = format!("\n== release {VERSION}: what can be checked on this machine\n");
    let (mut failed, mut open) = (0, 0);
    for (name, outcome) in ends {
        text += &match outcome {
            Outcome::Done(note) => format!("{name:10} ok        {note}\n"),
            Outcome::NotDone(why) => {
                open += 1;
                format!("{name:10} NOT DONE  {why}\n")
            }
            Outcome::Failed(problems) => {
                failed += 1;
                format!("{name:10} FAILED    {}\n", problems.join(&format!("\n{:21}", "")))
            }
        };
    }
    text + &format!(
        "\nNothing was uploaded. {} steps done, {failed} failed, {open} not done.\n",
        ends.len() - failed - open
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_was_named_must_run() {
        let open = [("tag", Outcome::Done(String::new())), ("image", Outcome::NotDone("no buildah".to_owned()))];
        assert!(succeeded(&open, &[]));
        assert!(!succeeded(&open, &["tag".to_owned(), "image".to_owned()]));
        assert!(!succeeded(&[("npm", Outcome::Failed(Vec::new()))], &[]));
    }

    #[test]
    fn the_report_lists_steps_that_were_not_done() {
        let failed = Outcome::Failed(vec!["one".to_owned(), "two".to_owned()]);
        let ends = [
            ("tag", Outcome::Done("free".to_owned())),
            ("image", Outcome::NotDone("no buildah".to_owned())),
            ("npm", failed),
        ];
        let text = report(&ends);
        assert!(
            text.contains("tag        ok        free\n") && text.contains("image      NOT DONE  no buildah\n"),
            "{text}"
        );
        assert!(text.contains("npm        FAILED    one\n                     two\n"), "{text}");
        assert!(text.ends_with("1 steps done, 1 failed, 1 not done.\n"), "{text}");
    }
}
