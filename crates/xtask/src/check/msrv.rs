//! Checks the minimum supported Rust version (`rust-version`): no dependency requires a newer one, clippy rejects newer
//! parts of the standard library, and the workspace is compiled with that toolchain if it is installed.

use cargo_metadata::semver::Version;
use cargo_metadata::{Metadata, Package};

use super::{Outcome, Problems};
use crate::process::{capture, command, stream};
use crate::repository::Repository;

pub(super) fn run(repository: &Repository) -> Outcome {
    let manifest = repository.read("Cargo.toml").unwrap_or_default();
    let manifest: toml::Table = manifest.parse().map_err(|error| format!("Cargo.toml is not valid TOML: {error}"))?;
    let workspace = &manifest["workspace"];
    let promised = workspace["package"]["rust-version"]
        .as_str()
        .ok_or("Cargo.toml: no workspace.package.rust-version".to_owned())?;
    let metadata = repository.metadata()?;
    let mut problems = too_new(metadata, &version(promised)?);
    problems.extend(lint_problem(workspace));
    for member in metadata.workspace_packages() {
        let path = format!("{}/Cargo.toml", repository.folder_of(member));
        problems.extend(not_inherited(&path, &repository.read(&path).unwrap_or_default()));
    }
    if !problems.is_empty() {
        return Err(Problems(problems));
    }
    let Some(toolchain) = installed(repository, promised) else {
        let note = format!(
            "NOT compiled with Rust {promised}: not installed; `rustup toolchain install {promised}` would add it"
        );
        println!("{note}");
        return Ok(note);
    };
    let arguments = ["run", &toolchain, "cargo", "check", "--workspace", "--locked"];
    stream(&mut command("rustup", &arguments, &repository.root))?;
    Ok(format!("compiled with {toolchain}"))
}

fn too_new(metadata: &Metadata, promised: &Version) -> Vec<String> {
    let asking = metadata.packages.iter().filter_map(|package| Some((package, package.rust_version.as_ref()?)));
    let newer = asking.filter(|(_, wanted)| *wanted > promised);
    newer
        .map(|(Package { name, version, .. }, wanted)| {
            format!(
                "{name} {version} asks for Rust {wanted}, the workspace promises {promised}: take an older release, \
            or raise rust-version"
            )
        })
        .collect()
}

/// With this lint, clippy compares the standard library items that are used with `rust-version`.
fn lint_problem(workspace: &toml::Value) -> Option<String> {
    let lint =
        workspace.get("lints").and_then(|lints| lints.get("clippy")).and_then(|lints| lints.get("incompatible_msrv"));
    let is_on = lint.and_then(toml::Value::as_str).is_some_and(|level| ["warn", "deny", "forbid"].contains(&level));
    (!is_on).then(|| "Cargo.toml: [workspace.lints.clippy] must have `incompatible_msrv = \"deny\"`".to_owned())
}

/// A member that does not inherit these would have its own minimum version and its own lints.
fn not_inherited(path: &str, manifest: &str) -> Vec<String> {
    let Ok(manifest) = manifest.parse::<toml::Table>() else { return vec![format!("{path} is not valid TOML")] };
    let inherits = |value: Option<&toml::Value>| {
        value.and_then(|value| value.get("workspace")).and_then(toml::Value::as_bool) == Some(true)
    };
    let rust_version = manifest.get("package").and_then(|package| package.get("rust-version"));
    let mut missing = Vec::new();
    if !inherits(rust_version) {
        missing.push(format!("{path}: write `rust-version.workspace = true`"));
    }
    if !inherits(manifest.get("lints")) {
        missing.push(format!("{path}: write `[lints] workspace = true`"));
    }
    missing
}

/// The name of the installed toolchain with that version, if there is one.
fn installed(repository: &Repository, promised: &str) -> Option<String> {
    let listed = capture(&mut command("rustup", &["toolchain", "list"], &repository.root)).ok()?;
    toolchain_in(&listed, promised)
}

fn toolchain_in(listed: &str, promised: &str) -> Option<String> {
    let names = listed.lines().filter_map(|line| line.split_whitespace().next());
    let of_that_version = |name: &&str| {
        let number = name.split('-').next().unwrap_or_default();
        match (version(number), version(promised)) {
            (Ok(found), Ok(wanted)) => (found.major, found.minor) == (wanted.major, wanted.minor) && found >= wanted,
            _ => false,
        }
    };
    names.into_iter().find(of_that_version).map(str::to_owned)
}

/// `1.88` or `1.88.0`.
fn version(text: &str) -> Result<Version, String> {
    let full = if text.matches('.').count() == 1 { format!("{text}.0") } else { text.to_owned() };
    full.parse().map_err(|error| format!("`{text}` is not a Rust version: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_toolchain_with_the_right_version_is_found() {
        let listed = "stable-x86_64-unknown-linux-gnu (active, default)\n1.95.0-x86_64-unknown-linux-gnu\n1.88-x86_64-unknown-linux-gnu\n";
        assert_eq!(toolchain_in(listed, "1.88").as_deref(), Some("1.88-x86_64-unknown-linux-gnu"));
        assert_eq!(toolchain_in(listed, "1.95").as_deref(), Some("1.95.0-x86_64-unknown-linux-gnu"));
        assert_eq!(toolchain_in(listed, "1.8"), None);
        assert_eq!(toolchain_in("no installed toolchains", "1.88"), None);
    }

    #[test]
    fn a_dependency_that_needs_a_newer_rust_is_found() {
        let repository = Repository::find().unwrap();
        let problems = too_new(repository.metadata().unwrap(), &version("1.60").unwrap());
        assert!(problems.iter().any(|problem| problem.starts_with("tokio ")), "{problems:?}");
        assert!(too_new(repository.metadata().unwrap(), &version("9.0").unwrap()).is_empty());
    }

    #[test]
    fn the_lint_must_be_on_and_inherited() {
        let workspace = |text: &str| toml::Value::Table(text.parse().unwrap());
        assert!(lint_problem(&workspace("")).is_some());
        assert!(lint_problem(&workspace("[lints.clippy]\nincompatible_msrv = \"allow\"")).is_some());
        assert!(lint_problem(&workspace("[lints.clippy]\nincompatible_msrv = \"deny\"")).is_none());
        assert_eq!(not_inherited("x", "[package]\nrust-version.workspace = true\n[lints]\nworkspace = true").len(), 0);
        assert_eq!(not_inherited("x", "[package]\nrust-version = \"1.90\"").len(), 2);
    }
}
