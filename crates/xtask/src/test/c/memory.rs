//! The whole C suite under valgrind's memcheck, and under AddressSanitizer with LeakSanitizer: no finding; and proof
//! that both would have found something.

use std::path::Path;

use super::build::{Build, Compiler};
use super::{Results, counted, gtest};
use crate::process::{capture, command, tee};
use crate::repository::Repository;

/// Everything is about fifty times slower.
const SLOW: (&str, &str) = ("KOOPHONE_TEST_SLOWNESS", "100");

const SANITIZE: &[&str] = &["-fsanitize=address", "-fno-omit-frame-pointer"];
const ASAN_OPTIONS: (&str, &str) = ("ASAN_OPTIONS", "detect_leaks=1:exitcode=99");

/// What a tool prints when it finds the two mistakes that `sanitizer_is_on` can make.
const FOUND: [(&str, &str, &str); 2] =
    [("use-after-free", "Invalid read", "heap-use-after-free"), ("leak", "definitely lost", "detected memory leaks")];

pub fn run(repository: &Repository, plain: &Build, tally: &mut Results) -> Result<(), String> {
    for (mistake, words, _) in FOUND {
        let mut run = valgrind(&plain.program("sanitizer_is_on"));
        run.arg(mistake);
        tally.one(&format!("valgrind finds a {mistake}"), finds(run, words));
    }
    let mut run = valgrind(&plain.program("c_tests"));
    run.env(SLOW.0, SLOW.1);
    tally.add(gtest::run_command(run)?);
    tally.add(torture(repository)?);

    let sanitized = Build::tests(repository, Compiler::Gcc, SANITIZE)?;
    let symbols = capture(&mut command("nm", &[&sanitized.program("c_tests")], &repository.root))?;
    let on = symbols.contains("__asan_init").then_some(()).ok_or("the tests were built without it".to_owned());
    tally.one("AddressSanitizer is in the tests", on);
    for (mistake, _, words) in FOUND {
        let mut run = command(&sanitized.program("sanitizer_is_on"), &[mistake], &repository.root);
        run.env(ASAN_OPTIONS.0, ASAN_OPTIONS.1);
        tally.one(&format!("AddressSanitizer finds a {mistake}"), finds(run, words));
    }
    for program in ["c_tests", "cpp_tests"] {
        tally.add(gtest::run(&sanitized.program(program), &[SLOW, ASAN_OPTIONS])?);
    }
    // Their leaks are reported when they exit, and the judge accepts only an exit code of 0.
    let runners = Build::runners(repository, SANITIZE)?;
    let face =
        |name: &str| ["--face".to_owned(), format!("{name}-sanitized={}", runners.program(&format!("runner_{name}")))];
    tally.add(counted::run(repository, "koophone-conformance", &[face("c"), face("cpp")].concat())?);
    Ok(())
}

const VALGRIND: &[&str] = &[
    "valgrind",
    "--quiet",
    "--error-exitcode=99",
    "--leak-check=full",
    // "Possibly lost" memory is reached by a pointer into its middle, common in Rust; LeakSanitizer follows these.
    "--show-leak-kinds=definite",
    "--errors-for-leak-kinds=definite",
    "--num-callers=30",
    // One thread at a time would starve the others of a spinning one.
    "--fair-sched=try",
];

fn valgrind(program: &str) -> std::process::Command {
    let mut run = command(VALGRIND[0], &VALGRIND[1..], Path::new("."));
    run.arg(program);
    run
}

/// Every I/O operation of a C program fails once, under valgrind. After every call the program counts findings and lost
/// memory; at the end nothing may be lost, not even possibly.
fn torture(repository: &Repository) -> Result<Results, String> {
    let program = Build::torture(repository)?.program("torture");
    let suppressions =
        format!("--suppressions={}", repository.root.join("bindings/c/suppressions/valgrind.supp").display());
    // The later option wins.
    let all = ["--errors-for-leak-kinds=definite,indirect,possible", "--show-leak-kinds=definite,indirect,possible"];
    let command = [VALGRIND, &all, &[&suppressions, &program]].concat();
    counted::run(repository, "koophone-torture", &command.into_iter().map(str::to_owned).collect::<Vec<_>>())
}

/// Whether a tool found the planted mistake.
fn finds(run: std::process::Command, words: &str) -> Result<(), String> {
    let finished = tee(run)?;
    if !finished.success && finished.output.contains(words) {
        return Ok(());
    }
    Err(format!("{words:?} was not printed; {}", finished.ending))
}
