//! Checks the dependencies: permissive licences, public sources, no banned crates, and no crate twice in what the core
//! links.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use cargo_metadata::{DependencyKind, Metadata, Package, PackageId, TargetKind};
use spdx::{Expression, Licensee, ParseMode};

use super::{Outcome, Problems};
use crate::repository::{Repository, reachable};

/// Licences that require no more than including their text and the authors' names.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Crates with another licence that are accepted because only xtask uses them, so they are not shipped. If any other
/// member depends on one, the check fails.
const BUILD_TOOLS: &[(&str, &str, &str)] =
    &[("cbindgen", "MPL-2.0", "writes include/koophone.h; what it writes is not under its licence")];

/// Crates that must not be a dependency, not even an indirect one, with the reason.
const BANNED: &[(&str, &str)] = &[
    ("openssl", "TLS is rustls: no library of the system's to match"),
    ("openssl-sys", "TLS is rustls: no library of the system's to match"),
    ("native-tls", "TLS is rustls, the same on every system"),
];

/// Crates that the core links in more than one version, with the reason.
const DUPLICATES: &[(&str, &str)] = &[
    ("getrandom", "ring 0.17 stays with 0.2; a few kilobytes"),
    ("windows-sys", "ring 0.17 stays with 0.52; declarations only, and on Windows only"),
];

pub(super) fn run(repository: &Repository) -> Outcome {
    let metadata = repository.metadata()?;
    let mut problems = Vec::new();
    for package in &metadata.packages {
        problems.extend(licence_problem(package, metadata)?);
        problems.extend(source_problem(package, metadata));
        problems.extend(banned(&package.name));
    }
    let linked = linked_by_the_core(metadata);
    problems
        .extend(duplicates(linked.iter().map(|id| (metadata[*id].name.as_str(), metadata[*id].version.to_string()))));
    if problems.is_empty() { Ok(format!("{} crates", metadata.packages.len())) } else { Err(Problems(problems)) }
}

fn licence_problem(package: &Package, metadata: &Metadata) -> Result<Option<String>, String> {
    let Package { name, version, .. } = package;
    let Some(licence) = &package.license else {
        return Ok(Some(format!("{name} {version} states no licence; use another crate")));
    };
    match is_allowed(licence) {
        Ok(true) => Ok(None),
        Ok(false) if is_only_a_build_tool(package, licence, metadata) => Ok(None),
        Ok(false) => Ok(Some(format!(
            "{name} {version} is under {licence}, which the allow-list in check/licences.rs does not satisfy; see \
                `cargo tree -i {name}`"
        ))),
        Err(error) => Ok(Some(format!("{name} {version} has a licence that cannot be parsed: {error}"))),
    }
}

/// Whether the [`ALLOWED`] licences satisfy a licence expression.
fn is_allowed(licence: &str) -> Result<bool, String> {
    // Older crates write "MIT/Apache-2.0".
    let lax = ParseMode { allow_slash_as_or_operator: true, ..ParseMode::STRICT };
    let expression = Expression::parse_mode(licence, lax).map_err(|error| error.to_string())?;
    let allowed = ALLOWED.iter().map(|name| Licensee::parse(name).map_err(|error| format!("{name}: {error}")));
    let allowed = allowed.collect::<Result<Vec<_>, _>>()?;
    Ok(expression.evaluate(|wanted| allowed.iter().any(|licensee| licensee.satisfies(wanted))))
}

fn is_only_a_build_tool(package: &Package, licence: &str, metadata: &Metadata) -> bool {
    let listed = BUILD_TOOLS.iter().any(|(name, under, _)| package.name == name && licence == *under);
    let all = [DependencyKind::Normal, DependencyKind::Build, DependencyKind::Development];
    let mut others = metadata.workspace_packages().into_iter().filter(|member| member.name != "xtask");
    listed && !others.any(|member| reachable(metadata, &member.id, &all, |_| true).contains(&package.id))
}

fn source_problem(package: &Package, metadata: &Metadata) -> Option<String> {
    let Package { name, version, .. } = package;
    match &package.source {
        Some(source) if source.is_crates_io() => None,
        Some(source) => Some(format!("{name} {version} comes from {source}; take a release from crates.io")),
        None if metadata.workspace_members.contains(&package.id) => None,
        None => {
            Some(format!("{name} {version} comes from a folder outside the workspace; take a release from crates.io"))
        }
    }
}

fn banned(name: &str) -> Option<String> {
    let (_, why) = BANNED.iter().find(|(banned, _)| *banned == name)?;
    Some(format!("{name} is banned: {why}; see `cargo tree -i {name}`"))
}

/// The packages that end up in a program that uses the core, without procedural macros, which run in the compiler only.
fn linked_by_the_core(metadata: &Metadata) -> HashSet<&PackageId> {
    let is_macro =
        |package: &Package| package.targets.iter().any(|target| target.kind.contains(&TargetKind::ProcMacro));
    let core = metadata.workspace_packages().into_iter().find(|package| package.name == "koophone");
    core.map(|core| reachable(metadata, &core.id, &[DependencyKind::Normal], |package| !is_macro(package)))
        .unwrap_or_default()
}

/// Crates that are linked in more than one version, and exceptions that are no longer needed.
fn duplicates<'p>(packages: impl Iterator<Item = (&'p str, String)>) -> Vec<String> {
    let mut versions: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (name, version) in packages {
        versions.entry(name).or_default().insert(version);
    }
    versions.retain(|_, versions| versions.len() > 1);
    let mut problems = Vec::new();
    for (name, versions) in &versions {
        if !DUPLICATES.iter().any(|(excepted, _)| excepted == name) {
            let versions = versions.iter().map(String::as_str).collect::<Vec<_>>().join(" and ");
            problems.push(format!(
                "the core links {name} in versions {versions}: make them one, or add a reasoned exception in \
                    check/licences.rs"
            ));
        }
    }
    let stale = DUPLICATES.iter().filter(|(name, _)| !versions.contains_key(name));
    problems.extend(
        stale.map(|(name, _)| format!("{name} is linked only once now: remove its exception from check/licences.rs")),
    );
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licence_expressions_are_evaluated() {
        for fine in ["MIT", "MIT OR GPL-3.0-only", "MIT/Apache-2.0", "(MIT OR Apache-2.0) AND Unicode-3.0"] {
            assert_eq!(is_allowed(fine), Ok(true), "{fine}");
        }
        assert_eq!(is_allowed("Apache-2.0 WITH LLVM-exception"), Ok(true));
        for wrong in ["MPL-2.0", "GPL-3.0-or-later", "MIT AND LGPL-2.1-only", "AGPL-3.0-only", "SSPL-1.0"] {
            assert_eq!(is_allowed(wrong), Ok(false), "{wrong}");
        }
        assert!(is_allowed("proprietary").is_err());
    }

    #[test]
    fn banned_crates_are_named_with_the_reason() {
        assert!(banned("openssl-sys").unwrap().contains("rustls"));
        assert_eq!(banned("openssl-probe"), None);
    }

    #[test]
    fn duplicates_need_a_reason_and_reasons_need_duplicates() {
        let both = |name| [(name, "1.0.0".to_owned()), (name, "2.0.0".to_owned())];
        let excepted = DUPLICATES.iter().flat_map(|(name, _)| both(*name));
        assert!(duplicates(excepted.clone()).is_empty());
        let problems = duplicates(excepted.chain(both("base64")).chain([("http", "1.0.0".to_owned())]));
        assert_eq!(problems.len(), 1);
        assert!(problems[0].contains("base64 in versions 1.0.0 and 2.0.0"), "{problems:?}");
        assert_eq!(duplicates(std::iter::empty()).len(), DUPLICATES.len());
    }
}
