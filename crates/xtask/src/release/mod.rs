//! `cargo xtask release --dry-run`: what a release does, up to the uploads, which the hosted workflow makes.
//!
//! A step is one line of [`STEPS`] and a function. Every step runs, also after a failure, and what could not be done on
//! this machine is said.

mod image;
mod packages;
mod recipes;
mod state;

use std::process::ExitCode;

use crate::repository::Repository;
use crate::target::Target;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How a step ended.
#[derive(Debug, PartialEq)]
enum Outcome {
    /// With a note.
    Done(String),
    /// It could not be done here, or not yet: why, and what would make it possible.
    NotDone(String),
    /// What is wrong, one complete sentence each.
    Failed(Vec<String>),
}

/// What the steps work with.
struct Release<'a> {
    repository: &'a Repository,
    host: Target,
    /// Whether packages that are missing are made.
    build: bool,
}

struct Step {
    name: &'static str,
    about: &'static str,
    run: fn(&Release) -> Result<Outcome, String>,
}

/// What a release consists of, in its order.
const STEPS: &[Step] = &[
    Step { name: "versions", about: "one version in every manifest", run: state::versions },
    Step { name: "changelog", about: "CHANGELOG.md has the version, with its day", run: state::changelog },
    Step { name: "tag", about: "everything is committed, and the tag is free", run: state::tag },
    Step { name: "packages", about: "every package is in dist/, as its list of hashes says", run: packages::found },
    Step { name: "python", about: "twine: what PyPI would say of wheel and sdist", run: packages::python },
    Step { name: "npm", about: "npm, publint, are-the-types-wrong: what npm would publish", run: packages::npm },
    Step {
        name: "crates",
        about: "cargo publish --dry-run: the crates build from their packages",
        run: packages::crates,
    },
    Step { name: "homebrew", about: "the formula is filled, and is Ruby", run: recipes::homebrew },
    Step { name: "scoop", about: "the manifest is filled, and fits its archive", run: recipes::scoop },
    Step { name: "vcpkg", about: "the port is filled, installs, and is found by CMake", run: recipes::vcpkg },
    Step { name: "conan", about: "the recipe is filled, and its test package runs", run: recipes::conan },
    Step { name: "image", about: "the emulator's image is built, and is healthy", run: image::run },
];

/// The names of all steps.
pub fn names() -> Vec<&'static str> {
    STEPS.iter().map(|step| step.name).collect()
}

/// Runs the steps named, or all, and says how each ended. Fails if one failed; what could not be done is no failure.
pub fn dry_run(repository: &Repository, wanted: &[String], build: bool) -> Result<ExitCode, String> {
    let release = Release { repository, host: Target::host(repository)?, build };
    let mut ends = Vec::new();
    for step in STEPS.iter().filter(|step| wanted.is_empty() || wanted.iter().any(|name| name == step.name)) {
        println!("\n== {}: {}", step.name, step.about);
        let outcome = (step.run)(&release).unwrap_or_else(|problem| Outcome::Failed(vec![problem]));
        ends.push((step.name, outcome));
    }
    print!("{}", report(&ends));
    let failed = ends.iter().any(|(_, outcome)| matches!(outcome, Outcome::Failed(_)));
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn report(ends: &[(&str, Outcome)]) -> String {
    let mut text = format!("\n== release {VERSION}, as far as it can be done here\n");
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
    fn what_was_not_done_is_said() {
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
