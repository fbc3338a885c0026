//! Who may depend on whom, from `cargo metadata`.

use cargo_metadata::DependencyKind;

use crate::repository::{Repository, reachable};

/// A member of the house, by its folder, and the other members it may use.
struct Member {
    /// The folder of its manifest; with a `/` at the end, every folder inside.
    folder: &'static str,
    may_use: &'static [&'static str],
    /// Those that its tests may use on top of that.
    tests_may_use: &'static [&'static str],
}

/// The whole house. A crate in a folder that is not here is a problem: somebody has to decide where it belongs.
const HOUSE: &[Member] = &[
    Member { folder: "crates/koophone", may_use: &[], tests_may_use: &["koophone-emulator"] },
    // A second reading of the specification: not even its tests see the core, or a mistake there would cancel out.
    Member { folder: "crates/koophone-emulator", may_use: &[], tests_may_use: &[] },
    Member { folder: "crates/koophone-cli", may_use: &["koophone", "koophone-emulator"], tests_may_use: &[] },
    Member { folder: "benches/rust", may_use: &["koophone"], tests_may_use: &[] },
    // The generators read the core's description of its types.
    Member { folder: "crates/xtask", may_use: &["koophone", "koophone-emulator"], tests_may_use: &[] },
    // The command line travels inside the wheel and the npm package.
    // What is proven of several rooms at once. Conformance has the dispatch and the examples that all of them use.
    Member { folder: "tests/conformance", may_use: &["koophone", "koophone-emulator"], tests_may_use: &[] },
    Member {
        folder: "tests/",
        may_use: &["koophone", "koophone-emulator", "koophone-conformance"],
        tests_may_use: &[],
    },
    Member { folder: "bindings/", may_use: &["koophone", "koophone-emulator", "koophone-cli"], tests_may_use: &[] },
];

/// Crates that belong in some rooms only, each with its family (`clap` stands for `clap_complete` as well).
struct Belongs {
    crates: &'static [&'static str],
    only_in: &'static [&'static str],
    why: &'static str,
}

const BELONGS: &[Belongs] = &[
    Belongs { crates: &["pyo3"], only_in: &["bindings/python"], why: "only the Python binding knows Python" },
    Belongs { crates: &["napi"], only_in: &["bindings/node"], why: "only the Node binding knows Node" },
    Belongs {
        crates: &["clap", "indicatif", "comfy-table", "rpassword"],
        only_in: &["crates/koophone-cli", "crates/xtask", "tests/"],
        why: "a library has no command line and no terminal",
    },
    Belongs {
        crates: &["reqwest"],
        only_in: &["benches/rust"],
        why: "only the core speaks to the service, over connections of its own, and benches measure beside it",
    },
    Belongs { crates: &["cbindgen"], only_in: &["crates/xtask"], why: "the header is made by a developer's command" },
];

/// What must not be in the core even by way of another crate.
const NEVER_IN_THE_CORE: &[&str] = &["pyo3", "napi", "clap", "indicatif"];

/// A workspace crate and what it names in its own manifest.
struct Crate {
    name: String,
    folder: String,
    uses: Vec<(String, DependencyKind)>,
}

/// Everything in the workspace that breaks a rule.
pub(super) fn problems(repository: &Repository) -> Result<Vec<String>, String> {
    let metadata = repository.metadata()?;
    let workspace: Vec<Crate> = metadata
        .workspace_packages()
        .into_iter()
        .map(|package| Crate {
            name: package.name.to_string(),
            folder: repository.folder_of(package),
            uses: package.dependencies.iter().map(|dependency| (dependency.name.clone(), dependency.kind)).collect(),
        })
        .collect();
    let mut problems = broken(&workspace);
    for core in metadata.workspace_packages().into_iter().filter(|package| package.name == "koophone") {
        let linked = reachable(metadata, &core.id, &[DependencyKind::Normal, DependencyKind::Build], |_| true);
        let names = linked.iter().map(|id| metadata[*id].name.as_str());
        let wrong = names.filter(|name| NEVER_IN_THE_CORE.iter().any(|family| belongs_to(name, family)));
        problems.extend(
            wrong.map(|name| {
                format!("the core reaches {name}, which it must not know: cargo tree -p koophone -i {name}")
            }),
        );
    }
    Ok(problems)
}

fn broken(workspace: &[Crate]) -> Vec<String> {
    workspace.iter().flat_map(|one| [arrows(one, workspace), strangers(one)].concat()).collect()
}

/// Arrows between crates of the house that point the wrong way.
fn arrows(one: &Crate, workspace: &[Crate]) -> Vec<String> {
    let Some(member) = HOUSE.iter().find(|member| is_in(&one.folder, member.folder)) else {
        return vec![format!("{} lies in {}, a folder no layering rule knows; add it to HOUSE", one.name, one.folder)];
    };
    let inside = one.uses.iter().filter(|(name, _)| workspace.iter().any(|other| other.name == *name));
    let wrong = inside.filter(|(name, kind)| {
        let for_tests = *kind == DependencyKind::Development && member.tests_may_use.contains(&name.as_str());
        !member.may_use.contains(&name.as_str()) && !for_tests
    });
    let list = if member.may_use.is_empty() { "no crate of the house".to_owned() } else { member.may_use.join(", ") };
    let problem =
        |name: &str| format!("{} depends on {name}; it may use {list} (ARCHITECTURE.md, The house)", one.name);
    wrong.map(|(name, _)| problem(name)).collect()
}

/// Crates from outside that belong in another room.
fn strangers(one: &Crate) -> Vec<String> {
    let mut problems = Vec::new();
    for rule in BELONGS.iter().filter(|rule| !rule.only_in.iter().any(|folder| is_in(&one.folder, folder))) {
        let wrong = one.uses.iter().filter(|(name, _)| rule.crates.iter().any(|family| belongs_to(name, family)));
        problems.extend(wrong.map(|(name, _)| {
            format!(
                "{} depends on {name}, which belongs in {} only: {}",
                one.name,
                rule.only_in.join(" and "),
                rule.why
            )
        }));
    }
    problems
}

fn is_in(folder: &str, place: &str) -> bool {
    folder == place || (place.ends_with('/') && folder.starts_with(place))
}

fn belongs_to(name: &str, family: &str) -> bool {
    name.strip_prefix(family).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use DependencyKind::{Development, Normal};

    fn package(folder: &str, name: &str, uses: &[(&str, DependencyKind)]) -> Crate {
        let uses = uses.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect();
        Crate { name: name.to_owned(), folder: folder.to_owned(), uses }
    }

    fn sound() -> Vec<Crate> {
        vec![
            package("crates/koophone", "koophone", &[("hyper-util", Normal), ("koophone-emulator", Development)]),
            package("crates/koophone-emulator", "koophone-emulator", &[("hyper", Normal)]),
            package("crates/koophone-cli", "koophone-cli", &[("koophone", Normal), ("clap_complete", Normal)]),
            package("crates/xtask", "xtask", &[("koophone", Normal), ("clap", Normal), ("cbindgen", Normal)]),
            package("bindings/python", "koophone-python", &[("koophone", Normal), ("pyo3", Normal)]),
            package("bindings/node", "koophone-node", &[("koophone-emulator", Normal), ("napi-derive", Normal)]),
        ]
    }

    #[test]
    fn a_sound_house_breaks_nothing() {
        assert_eq!(broken(&sound()), Vec::<String>::new());
    }

    #[test]
    fn every_wrong_arrow_is_found() {
        for (folder, wrong, kind) in [
            ("crates/koophone", "koophone-emulator", Normal),
            ("crates/koophone", "pyo3", Normal),
            ("crates/koophone", "clap", Normal),
            ("crates/koophone", "indicatif", Development),
            ("crates/koophone-emulator", "koophone", Normal),
            ("crates/koophone-emulator", "koophone", Development),
            ("crates/koophone-emulator", "reqwest", Normal),
            ("crates/koophone-cli", "koophone-python", Normal),
            ("bindings/python", "napi", Normal),
            ("bindings/python", "koophone-node", Normal),
            ("bindings/node", "pyo3-build-config", DependencyKind::Build),
            ("bindings/node", "clap", Normal),
            ("bindings/python", "cbindgen", DependencyKind::Build),
        ] {
            let mut house = sound();
            let one = house.iter_mut().find(|one| one.folder == folder).unwrap();
            one.uses.push((wrong.to_owned(), kind));
            let problems = broken(&house);
            assert_eq!(problems.len(), 1, "{folder} -> {wrong}: {problems:?}");
            assert!(problems[0].contains(wrong), "{problems:?}");
        }
    }

    #[test]
    fn a_crate_in_an_unknown_folder_is_a_problem() {
        assert_eq!(broken(&[package("crates/new", "new", &[])]).len(), 1);
    }

    #[test]
    fn families_end_at_a_word() {
        assert!(belongs_to("clap_complete", "clap") && belongs_to("pyo3-ffi", "pyo3") && belongs_to("napi", "napi"));
        assert!(!belongs_to("clapper", "clap"));
    }
}
