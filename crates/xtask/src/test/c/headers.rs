//! What compilers report about programs that use the headers wrongly, in an old language, or after the macros of
//! engines. Nothing is run.

use std::collections::BTreeSet;

use super::Results;
use super::build::Compiler;
use crate::process::command;
use crate::repository::Repository;

const FOLDER: &str = "tests/c/headers";
const STRICT: &[&str] = &["-Wall", "-Wextra", "-Wpedantic", "-Werror"];

pub fn run(repository: &Repository, compiler: Compiler, tally: &mut Results) {
    let (name, c, cpp) = compiler.names();
    let at = |file: &str| format!("{FOLDER}/{file}");
    // Clang has a warning for the macro `new` itself.
    let strict = [STRICT, &["-Wno-unknown-warning-option", "-Wno-keyword-macro"]].concat();
    let mut quiet = |what: &str, compiler: &str, arguments: &[&str]| {
        let errors = compile(repository, compiler, arguments);
        tally.one(
            &format!("{name}: {what}"),
            errors.and_then(|errors| if errors.is_empty() { Ok(()) } else { Err(errors) }),
        );
    };
    quiet(
        "koophone.hpp compiles after the macros of engines",
        cpp,
        &[&strict, &["-std=c++17", &*at("engine_macros.cpp")][..]].concat(),
    );
    quiet(
        "koophone.h compiles after the macros of engines",
        c,
        &[&strict, &["-std=c99", &*at("engine_macros.c")][..]].concat(),
    );
    let without_exceptions = ["-std=c++17", "-fno-exceptions", "-x", "c++", "-include", "koophone.h", "/dev/null"];
    quiet("koophone.h compiles without exceptions", cpp, &[STRICT, &without_exceptions].concat());
    for (file, header) in [
        ("unused_results.cpp", "task.hpp"),
        ("unused_operations.cpp", "operations.hpp"),
        ("unused_verbs.cpp", "verbs.hpp"),
    ] {
        let what = format!("{name}: {file}: what must not be ignored is warned about, and nothing else");
        tally.one(&what, unused_results(repository, cpp, &at(file), &format!("include/koophone/{header}")));
    }
    for (what, flag, words) in [
        ("C++14", "-std=c++14", "needs C++17 or newer"),
        ("a program without exceptions", "-fno-exceptions", "compile without -fno-exceptions"),
    ] {
        let ended = one_error(repository, cpp, flag, words);
        tally.one(&format!("{name}: koophone.hpp refuses {what} with one error"), ended);
    }
}

/// What a compiler prints, including whether it accepted the program.
fn compile(repository: &Repository, compiler: &str, arguments: &[&str]) -> Result<String, String> {
    let mut run = command(compiler, &["-fsyntax-only", "-Iinclude"], &repository.root);
    let output = run.args(arguments).env("LC_ALL", "C").output();
    let output = output.map_err(|error| format!("{compiler} cannot be started: {error}"))?;
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() && errors.is_empty() { Err(format!("{compiler} failed silently")) } else { Ok(errors) }
}

/// The lines with the comment "unused" are those that are warned about, and every function of a header that starts a
/// call is among them.
fn unused_results(repository: &Repository, compiler: &str, file: &str, header: &str) -> Result<(), String> {
    let source = repository.read(file).ok_or(format!("no {file}"))?;
    let expected: BTreeSet<usize> =
        source.lines().enumerate().filter(|(_, line)| line.ends_with("// unused")).map(|(at, _)| at + 1).collect();
    let warnings = compile(repository, compiler, &["-std=c++17", "-Wall", file])?;
    let warned = warnings.lines().filter(|line| line.contains("[-Wunused-result]"));
    let warned: BTreeSet<usize> = warned.filter_map(|line| line.split(':').nth(1)?.parse().ok()).collect();
    let header = repository.read(header).ok_or(format!("no {header}"))?;
    let started = |text: &str| text.matches(" begin_").count();
    match (warned == expected, source.matches(".begin_").count() < started(&header)) {
        (true, false) => Ok(()),
        (true, true) => Err(format!("{file} does not have every function that starts a call")),
        _ => Err(format!("lines {expected:?} should be warned about; these are: {warned:?}\n{warnings}")),
    }
}

/// An include of koophone.hpp causes exactly one error, with these words.
fn one_error(repository: &Repository, compiler: &str, flag: &str, words: &str) -> Result<(), String> {
    let printed =
        compile(repository, compiler, &["-std=c++17", flag, "-x", "c++", "-include", "koophone.hpp", "/dev/null"])?;
    let errors: Vec<&str> = printed.lines().filter(|line| line.contains("error: ")).collect();
    match errors.as_slice() {
        [one] if one.contains(words) => Ok(()),
        _ => Err(format!("one error with {words:?} was expected:\n{printed}")),
    }
}
