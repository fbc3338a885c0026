//! Rules of the library that are checked in the binary and the sources.

use regex::Regex;

use super::build::stage;
use crate::dist;
use crate::process::{capture, command};
use crate::repository::Repository;
use crate::target::Target;

/// A rule: kept, or why not.
type Rule = fn(&Repository) -> Result<(), String>;

/// All rules, by their descriptions.
pub const ALL: &[(&str, Rule)] = &[
    ("only koophone_ functions are exported, and all those of the header", exports),
    ("the library has its SONAME and stays mapped", soname),
    ("the static library needs exactly the libraries that the package lists", static_libs),
    ("the static library has only the global names of koophone.h", static_names),
    ("every entry point is a single call of the guard", guarded),
];

fn exports(repository: &Repository) -> Result<(), String> {
    dist::c::check_exports(repository, &Target::host(repository)?, &stage(repository, "library", &[])?)
}

fn soname(repository: &Repository) -> Result<(), String> {
    let library = stage(repository, "library", &[])?.join("lib/libkoophone.so");
    let mut readelf = command("readelf", &["--dynamic", "--wide"], &repository.root);
    let output = capture(readelf.arg(library))?;
    let name = format!("soname: [{}]", dist::c::soname());
    if output.contains(&name) && output.contains("NODELETE") {
        Ok(())
    } else {
        Err(format!("{name} or NODELETE is missing:\n{output}"))
    }
}

fn static_libs(repository: &Repository) -> Result<(), String> {
    let arguments = ["rustc", "--quiet", "--locked", "--package", "koophone-c", "--lib", "--crate-type", "staticlib"];
    let mut rustc = command("cargo", &arguments, &repository.root);
    rustc.args(["--", "--print", "native-static-libs"]).env("CARGO_TERM_COLOR", "never");
    let finished = crate::process::tee(rustc)?;
    let libraries = finished.output.lines().find_map(|line| line.split_once("native-static-libs: "));
    match libraries {
        Some((_, libraries)) if libraries.trim() == dist::c::STATIC_LIBS => Ok(()),
        Some((_, libraries)) => Err(format!("rustc lists {libraries:?}; set STATIC_LIBS in dist/c.rs to that")),
        None => Err("rustc printed no native-static-libs".to_owned()),
    }
}

/// Other Rust libraries in the same program also contain the names of Rust's runtime.
fn static_names(repository: &Repository) -> Result<(), String> {
    let library = stage(repository, "library", &[])?.join("lib/libkoophone.a");
    let mut nm = command("nm", &["--extern-only", "--defined-only", "--format=posix"], &repository.root);
    let output = capture(nm.arg(library))?;
    let names: Vec<&str> = output.lines().filter_map(|line| line.split(' ').next()).collect();
    let (own, others): (Vec<&str>, Vec<&str>) = names
        .into_iter()
        .filter(|name| !name.is_empty() && !name.ends_with(':'))
        .partition(|name| name.starts_with("koophone_"));
    match (own.len(), others.as_slice()) {
        (0..50, _) => Err(format!("only {} functions are in it: {own:?}", own.len())),
        (_, []) => Ok(()),
        (_, others) => Err(format!("{} other names are global, such as {}", others.len(), others[0])),
    }
}

/// An entry point's body is `guard(...)` or `quietly(...)`, with at most one `let` before it.
fn guarded(repository: &Repository) -> Result<(), String> {
    let entry =
        Regex::new(r#"(?s)extern "C" fn (koophone_\w+)\([^{]*\{\n(.*?)\n\s*\}\n"#).map_err(|e| e.to_string())?;
    let body =
        Regex::new(r"(?s)^\s*(let \w+ = [^;]*;\s*)?(// SAFETY: [^\n]*\s*)?(super::|crate::guard::)?(guard|quietly)\(")
            .map_err(|e| e.to_string())?;
    let (mut seen, mut wrong) = (0, Vec::new());
    for file in repository.files()?.iter().filter(|file| file.path.starts_with("bindings/c/src/")) {
        for found in entry.captures_iter(&file.text) {
            seen += 1;
            if !body.is_match(&found[2]) {
                wrong.push(found[1].to_owned());
            }
        }
    }
    match (seen, wrong.as_slice()) {
        (0..100, _) => Err(format!("only {seen} entry points were found; correct the pattern of this rule")),
        (_, []) => Ok(()),
        (_, wrong) => Err(format!("without the guard: {}", wrong.join(", "))),
    }
}
