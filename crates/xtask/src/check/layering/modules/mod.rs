//! Modules of one crate do not import each other in a circle. At each level, files and folders that lie side by side
//! form an order; what a folder's own `mod.rs` says of the files in it, and they of it, is not looked at. Tests are
//! left out.

mod circles;
mod resolve;
mod tree;

use std::collections::HashMap;

use cargo_metadata::TargetKind;

use self::circles::{Circle, circles};
use crate::repository::Repository;

/// Modules that may form a circle.
struct Exception {
    /// The folder of the crate's manifest.
    folder: &'static str,
    /// All modules of the circle; none: any circle of the crate.
    modules: &'static [&'static str],
    #[expect(dead_code, reason = "for who reads the table")]
    why: &'static str,
}

/// An exception that no circle needs any more is a problem.
const EXCEPTIONS: &[Exception] = &[
    Exception {
        folder: "crates/koophone",
        modules: &["model::error", "model::instance_id", "model::results"],
        why: "an error may hold the last results of jobs, results hold errors, and a wrong id is an error",
    },
    all_of("bindings/c"),
];

/// A crate that is still to be put in order.
const fn all_of(folder: &'static str) -> Exception {
    Exception { folder, modules: &[], why: "it has circles from before this rule" }
}

/// Every circle in a crate of the workspace that is no exception.
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
            found.extend(circles(&resolve::arrows(modules)).into_iter().map(|circle| (folder.clone(), circle)));
        }
    }
    Ok(judge(&found, EXCEPTIONS))
}

fn judge(found: &[(String, Circle)], exceptions: &[Exception]) -> Vec<String> {
    let is_allowed = |exception: &Exception, folder: &str, circle: &Circle| {
        let all = exception.modules.is_empty();
        exception.folder == folder
            && (all || circle.modules.iter().all(|one| exception.modules.contains(&one.as_str())))
    };
    let mut problems: Vec<String> = found
        .iter()
        .filter(|(folder, circle)| !exceptions.iter().any(|exception| is_allowed(exception, folder, circle)))
        .map(|(folder, circle)| {
            format!(
                "{folder}: the modules {} import each other: {}; move what one needs of another below both \
                 (ARCHITECTURE.md, The house)",
                circle.modules.join(", "),
                circle.steps.join("; ")
            )
        })
        .collect();
    let unused = exceptions
        .iter()
        .filter(|exception| !found.iter().any(|(folder, circle)| is_allowed(exception, folder, circle)));
    problems.extend(unused.map(|exception| {
        let what = match exception.modules {
            [] => "all modules".to_owned(),
            modules => modules.join(", "),
        };
        format!("{}: no circle needs the exception for {what} any more; remove it from EXCEPTIONS", exception.folder)
    }));
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<Circle> {
        let texts = files.iter().copied().collect();
        circles(&resolve::arrows(tree::read("src/lib.rs", &texts).unwrap()))
    }

    fn modules(files: &[(&str, &str)]) -> Vec<Vec<String>> {
        found(files).into_iter().map(|circle| circle.modules).collect()
    }

    #[test]
    fn a_circle_of_two_is_found_with_the_lines_that_make_it() {
        let circles = found(&[
            ("src/lib.rs", "mod a;\nmod b;\nmod c;\n"),
            ("src/a.rs", "use crate::b::B;\npub struct A(B);\n"),
            ("src/b.rs", "pub struct B;\nfn f() {\n    let _ = crate::a::A;\n}\n"),
            ("src/c.rs", "use crate::{a::A, b::B};\n"),
        ]);
        assert_eq!(circles.len(), 1);
        assert_eq!(circles[0].modules, ["a", "b"]);
        assert_eq!(circles[0].steps, ["a uses crate::b::B (src/a.rs:1)", "b uses crate::a::A (src/b.rs:3)"]);
    }

    #[test]
    fn a_circle_of_three_is_found() {
        let circle = modules(&[
            ("src/lib.rs", "mod a; mod b; mod c; mod d;"),
            ("src/a.rs", "use crate::b;\nfn f() { b::f() }"),
            ("src/b.rs", "pub fn f() -> super::c::C { super::c::C }"),
            ("src/c.rs", "pub struct C; fn f() { println!(\"{:?}\", crate::a::f()); }"),
            ("src/d.rs", "use crate::a::*;"),
        ]);
        assert_eq!(circle, [["a", "b", "c"]]);
    }

    #[test]
    fn arrows_that_point_one_way_and_tests_are_no_circle() {
        let circles = modules(&[
            ("src/lib.rs", "mod a; mod b;"),
            ("src/a.rs", "use crate::b::B;\n#[cfg(test)]\nuse crate::b::other;\n"),
            (
                "src/b.rs",
                "pub struct B;\nimpl B {\n#[cfg(test)]\nfn f() { crate::a::f() }\n}\n#[cfg(test)]\nmod tests { use \
                    crate::a::A; }\n#[cfg(all(test, unix))]\nmod more;",
            ),
        ]);
        assert_eq!(circles, Vec::<Vec<String>>::new());
    }

    #[test]
    fn modules_are_followed_through_folders_renames_and_what_their_parents_pass_on() {
        // In the folder: one -> two by way of its parent's name for it, two -> one by another name.
        let inner = modules(&[
            ("src/lib.rs", "pub mod room;"),
            ("src/room/mod.rs", "mod one; mod two; pub use self::two::Two; pub use one::One as First;"),
            ("src/room/one.rs", "pub struct One(super::Two);"),
            ("src/room/two.rs", "use super::First as Other;\npub struct Two(Option<Box<Other>>);"),
        ]);
        assert_eq!(inner, [["room::one", "room::two"]]);
        // Between folders, by names of the crate.
        let outer = modules(&[
            ("src/lib.rs", "mod low { pub mod deep; } mod high; pub use high::High; pub use low::deep::*;"),
            ("src/low/deep.rs", "pub struct Deep; fn f(_: crate::High) {}"),
            ("src/high.rs", "use crate::Deep;\npub struct High(Deep);"),
        ]);
        assert_eq!(outer, [["high", "low"]]);
    }

    #[test]
    fn other_crates_of_the_same_name_are_no_modules() {
        let circles = modules(&[
            ("src/lib.rs", "mod http; mod user;"),
            ("src/http.rs", "pub use http::Uri; use crate::user::User;"),
            ("src/user.rs", "use http::HeaderMap; pub struct User(::http::Uri);"),
        ]);
        assert_eq!(circles, Vec::<Vec<String>>::new());
    }

    #[test]
    fn exceptions_allow_their_circle_only_and_must_be_needed() {
        let circle = |modules: &[&str]| {
            let modules = modules.iter().map(|&name| name.to_owned()).collect();
            ("crates/one".to_owned(), Circle { modules, steps: Vec::new() })
        };
        let exception = |modules| Exception { folder: "crates/one", modules, why: "" };
        assert!(judge(&[circle(&["a", "b"])], &[exception(&["a", "b", "c"])]).is_empty());
        assert!(judge(&[circle(&["a", "b"])], &[exception(&[])]).is_empty());
        assert_eq!(judge(&[circle(&["a", "d"])], &[exception(&["a", "b"])]).len(), 2);
        assert_eq!(judge(&[], &[exception(&[])]).len(), 1);
    }
}
