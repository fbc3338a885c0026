//! Checks that the modules of a crate have no import cycles. At each level, sibling files and folders must form an
//! order; imports between a folder's `mod.rs` and the files in it are not checked. Tests are ignored.

mod cycles;
mod resolve;
mod tree;

use std::collections::HashMap;

use cargo_metadata::TargetKind;

use self::cycles::{Cycle, cycles};
use crate::repository::Repository;

/// Modules that may form a cycle.
struct Exception {
    /// The folder of the crate's manifest.
    folder: &'static str,
    /// All modules of the cycle; if empty, any cycle in the crate.
    modules: &'static [&'static str],
    #[expect(dead_code, reason = "documentation of the table")]
    why: &'static str,
}

/// An exception that is no longer needed is a problem.
const EXCEPTIONS: &[Exception] = &[
    Exception {
        folder: "crates/koophone",
        modules: &["model::error", "model::instance_id", "model::results"],
        why: "an error may hold the last results of jobs, results hold errors, and an invalid id is an error",
    },
    all_of("bindings/c"),
];

/// A crate whose cycles are not removed yet.
const fn all_of(folder: &'static str) -> Exception {
    Exception { folder, modules: &[], why: "it has cycles that are older than this rule" }
}

/// Every cycle in a crate of the workspace that is not an exception.
pub(super) fn problems(repository: &Repository) -> Result<Vec<String>, String> {
    let files = repository.files()?;
    let texts: HashMap<&str, &str> = files.iter().map(|file| (file.path.as_str(), file.text.as_str())).collect();
    let mut found = Vec::new();
    for package in repository.metadata()?.workspace_packages() {
        let folder = repository.folder_of(package);
        for target in &package.targets {
            let left_out = [TargetKind::Test, TargetKind::Bench, TargetKind::Example, TargetKind::CustomBuild];
            if target.kind.iter().any(|kind| left_out.contains(kind)) {
                continue;
            }
            let root = target.src_path.strip_prefix(&repository.root).unwrap_or(&target.src_path);
            let modules = tree::read(&root.as_str().replace('\\', "/"), &texts)?;
            found.extend(cycles(&resolve::imports(modules)).into_iter().map(|cycle| (folder.clone(), cycle)));
        }
    }
    Ok(judge(&found, EXCEPTIONS))
}

fn judge(found: &[(String, Cycle)], exceptions: &[Exception]) -> Vec<String> {
    let is_allowed = |exception: &Exception, folder: &str, cycle: &Cycle| {
        let all = exception.modules.is_empty();
        exception.folder == folder && (all || cycle.modules.iter().all(|one| exception.modules.contains(&one.as_str())))
    };
    let mut problems: Vec<String> = found
        .iter()
        .filter(|(folder, cycle)| !exceptions.iter().any(|exception| is_allowed(exception, folder, cycle)))
        .map(|(folder, cycle)| {
            format!(
                "{folder}: the modules {} import each other: {}; move what one needs of another below both \
                 (ARCHITECTURE.md, Layout)",
                cycle.modules.join(", "),
                cycle.steps.join("; ")
            )
        })
        .collect();
    let unused =
        exceptions.iter().filter(|exception| !found.iter().any(|(folder, cycle)| is_allowed(exception, folder, cycle)));
    problems.extend(unused.map(|exception| {
        let what = match exception.modules {
            [] => "all modules".to_owned(),
            modules => modules.join(", "),
        };
        format!("{}: the exception for {what} is no longer needed; remove it from EXCEPTIONS", exception.folder)
    }));
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<Cycle> {
        let texts = files.iter().copied().collect();
        cycles(&resolve::imports(tree::read("src/lib.rs", &texts).unwrap()))
    }

    fn modules(files: &[(&str, &str)]) -> Vec<Vec<String>> {
        found(files).into_iter().map(|cycle| cycle.modules).collect()
    }

    #[test]
    fn a_cycle_of_two_is_found_with_its_imports() {
        let cycles = found(&[
            ("src/lib.rs", "mod a;\nmod b;\nmod c;\n"),
            ("src/a.rs", "use crate::b::B;\npub struct A(B);\n"),
            ("src/b.rs", "pub struct B;\nfn f() {\n    let _ = crate::a::A;\n}\n"),
            ("src/c.rs", "use crate::{a::A, b::B};\n"),
        ]);
        assert_eq!(cycles.len(), 1);
        assert_eq!(cycles[0].modules, ["a", "b"]);
        assert_eq!(cycles[0].steps, ["a uses crate::b::B (src/a.rs:1)", "b uses crate::a::A (src/b.rs:3)"]);
    }

    #[test]
    fn a_cycle_of_three_is_found() {
        let cycle = modules(&[
            ("src/lib.rs", "mod a; mod b; mod c; mod d;"),
            ("src/a.rs", "use crate::b;\nfn f() { b::f() }"),
            ("src/b.rs", "pub fn f() -> super::c::C { super::c::C }"),
            ("src/c.rs", "pub struct C; fn f() { println!(\"{:?}\", crate::a::f()); }"),
            ("src/d.rs", "use crate::a::*;"),
        ]);
        assert_eq!(cycle, [["a", "b", "c"]]);
    }

    #[test]
    fn one_way_imports_and_tests_are_not_cycles() {
        let cycles = modules(&[
            ("src/lib.rs", "mod a; mod b;"),
            ("src/a.rs", "use crate::b::B;\n#[cfg(test)]\nuse crate::b::other;\n"),
            (
                "src/b.rs",
                "pub struct B;\nimpl B {\n#[cfg(test)]\nfn f() { crate::a::f() }\n}\n#[cfg(test)]\nmod tests { use \
                    crate::a::A; }\n#[cfg(all(test, unix))]\nmod more;",
            ),
        ]);
        assert_eq!(cycles, Vec::<Vec<String>>::new());
    }

    #[test]
    fn imports_are_followed_through_folders_renames_and_reexports() {
        // Within the folder: one -> two through a re-export of the parent, two -> one through a renamed re-export.
        let inner = modules(&[
            ("src/lib.rs", "pub mod room;"),
            ("src/room/mod.rs", "mod one; mod two; pub use self::two::Two; pub use one::One as First;"),
            ("src/room/one.rs", "pub struct One(super::Two);"),
            ("src/room/two.rs", "use super::First as Other;\npub struct Two(Option<Box<Other>>);"),
        ]);
        assert_eq!(inner, [["room::one", "room::two"]]);
        // Between folders, through re-exports of the crate.
        let outer = modules(&[
            ("src/lib.rs", "mod low { pub mod deep; } mod high; pub use high::High; pub use low::deep::*;"),
            ("src/low/deep.rs", "pub struct Deep; fn f(_: crate::High) {}"),
            ("src/high.rs", "use crate::Deep;\npub struct High(Deep);"),
        ]);
        assert_eq!(outer, [["high", "low"]]);
    }

    #[test]
    fn external_crates_of_the_same_name_are_not_modules() {
        let cycles = modules(&[
            ("src/lib.rs", "mod http; mod user;"),
            ("src/http.rs", "pub use http::Uri; use crate::user::User;"),
            ("src/user.rs", "use http::HeaderMap; pub struct User(::http::Uri);"),
        ]);
        assert_eq!(cycles, Vec::<Vec<String>>::new());
    }

    #[test]
    fn exceptions_allow_only_their_cycle_and_must_be_needed() {
        let cycle = |modules: &[&str]| {
            let modules = modules.iter().map(|&name| name.to_owned()).collect();
            ("crates/one".to_owned(), Cycle { modules, steps: Vec::new() })
        };
        let exception = |modules| Exception { folder: "crates/one", modules, why: "" };
        assert!(judge(&[cycle(&["a", "b"])], &[exception(&["a", "b", "c"])]).is_empty());
        assert!(judge(&[cycle(&["a", "b"])], &[exception(&[])]).is_empty());
        assert_eq!(judge(&[cycle(&["a", "d"])], &[exception(&["a", "b"])]).len(), 2);
        assert_eq!(judge(&[], &[exception(&[])]).len(), 1);
    }
}
