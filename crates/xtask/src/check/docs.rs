//! `cargo doc` with warnings as errors.
//!
//! The core, the command and libkoophone are all called `koophone`, so in one run their pages would overwrite each
//! other. Packages are therefore documented in rounds in which every name is unique: the first round, with the core,
//! writes to the usual folder; later rounds write elsewhere.

use std::collections::HashSet;

use cargo_metadata::{Package, TargetKind};

use super::{Outcome, Problems};
use crate::process::{command, stream};
use crate::repository::Repository;

pub(super) fn run(repository: &Repository) -> Outcome {
    let metadata = repository.metadata()?;
    let mut packages: Vec<Documented> = metadata.workspace_packages().into_iter().map(documented).collect();
    packages.sort_by_key(|package| package.name != "koophone");
    let usual = metadata.target_directory.as_str();
    let mut problems = Vec::new();
    for (number, round) in rounds(packages).iter().enumerate() {
        let mut arguments = vec!["doc", "--no-deps", "--locked"];
        arguments.extend(round.iter().flat_map(|package| ["--package", &package.name]));
        let mut cargo = command("cargo", &arguments, &repository.root);
        cargo.env("RUSTDOCFLAGS", "-D warnings");
        if number > 0 {
            // Only the pages go elsewhere; build artefacts are shared (cargo before 1.91 builds them again).
            cargo.env("CARGO_TARGET_DIR", format!("{usual}/doc-{number}")).env("CARGO_BUILD_BUILD_DIR", usual);
        }
        problems.extend(stream(&mut cargo).err());
    }
    Problems::none(problems)
}

/// A package and the names of the folders for its pages.
#[derive(Debug, PartialEq)]
struct Documented {
    name: String,
    folders: HashSet<String>,
}

fn documented(package: &Package) -> Documented {
    let has_pages = |kind: &TargetKind| {
        !matches!(kind, TargetKind::Test | TargetKind::Bench | TargetKind::Example | TargetKind::CustomBuild)
    };
    let targets = package.targets.iter().filter(|target| target.doc && target.kind.iter().any(has_pages));
    Documented {
        name: package.name.to_string(),
        folders: targets.map(|target| target.name.replace('-', "_")).collect(),
    }
}

/// Assigns each package to the first round that does not use any of its names yet.
fn rounds(packages: Vec<Documented>) -> Vec<Vec<Documented>> {
    let mut rounds: Vec<Vec<Documented>> = Vec::new();
    for package in packages.into_iter().filter(|package| !package.folders.is_empty()) {
        let free = |round: &&mut Vec<Documented>| round.iter().all(|other| other.folders.is_disjoint(&package.folders));
        match rounds.iter_mut().find(free) {
            Some(round) => round.push(package),
            None => rounds.push(vec![package]),
        }
    }
    rounds
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, folders: &[&str]) -> Documented {
        Documented { name: name.to_owned(), folders: folders.iter().map(|folder| (*folder).to_owned()).collect() }
    }

    #[test]
    fn no_round_uses_a_name_twice() {
        let rounds = rounds(vec![
            package("koophone", &["koophone"]),
            package("koophone-c", &["koophone"]),
            package("koophone-cli", &["koophone"]),
            package("koophone-emulator", &["koophone_emulator"]),
            package("nothing", &[]),
        ]);
        let names: Vec<Vec<&str>> =
            rounds.iter().map(|round| round.iter().map(|package| package.name.as_str()).collect()).collect();
        assert_eq!(names, [vec!["koophone", "koophone-emulator"], vec!["koophone-c"], vec!["koophone-cli"]]);
    }
}
