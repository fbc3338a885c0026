//! The Rust tests, counted by what libtest and cargo print.

use std::sync::LazyLock;

use regex::Regex;

use super::{Counts, Results};
use crate::process::{command, tee};
use crate::repository::Repository;

/// Two runs, because `--all-targets` leaves out the documentation's examples.
const RUNS: &[&[&str]] = &[
    &["test", "--workspace", "--all-targets", "--no-fail-fast", "--locked"],
    &["test", "--workspace", "--doc", "--no-fail-fast", "--locked"],
];

/// Lines of output that are shown again at the end if something failed.
const EXCERPT: usize = 30;

pub(super) fn run(repository: &Repository) -> Result<Results, String> {
    let mut results = Results::default();
    for arguments in RUNS {
        let mut cargo = command("cargo", arguments, &repository.root);
        // What is parsed must not be coloured, whatever the user's settings say.
        cargo.env("CARGO_TERM_COLOR", "never");
        let finished = tee(cargo)?;
        let (counts, broken) = counts_of(finished.success, &finished.output);
        results.counts += counts;
        if broken {
            let shown = excerpt(&finished.output);
            results.problems.push(format!("{}, and not only because a test failed:\n{shown}", finished.ending));
        }
    }
    Ok(results)
}

/// The counts of a run, and whether something other than a test failed: a compile error, a crash.
fn counts_of(success: bool, output: &str) -> (Counts, bool) {
    let parsed = parse(output);
    let mut counts = parsed.counts;
    // A program that crashed is reported as failed by cargo without having reported so itself; one that exited early,
    // even with exit status 0, has begun but reported no result.
    let failed_silently = parsed.programs_failed.saturating_sub(parsed.results_failed);
    let mut broken = failed_silently.max(parsed.programs_begun.saturating_sub(parsed.results));
    if !success && counts.failed + broken == 0 {
        broken = 1;
    }
    counts.failed += broken;
    (counts, broken > 0)
}

#[derive(Default)]
struct Parsed {
    counts: Counts,
    /// Test programs that began.
    programs_begun: u64,
    /// Test programs that failed according to cargo.
    programs_failed: u64,
    /// Test programs that reported a result.
    results: u64,
    /// Those whose result was "FAILED".
    results_failed: u64,
}

static BEGUN: LazyLock<Regex> = LazyLock::new(|| pattern(r"^running \d+ tests?$"));
static FAILED: LazyLock<Regex> = LazyLock::new(|| pattern(r"^error: (doc)?test failed, to rerun pass"));
static RESULT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^test result: (ok|FAILED)\. (\d+) passed; (\d+) failed; (\d+) ignored;"));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the patterns of this file are valid")
}

fn parse(output: &str) -> Parsed {
    let mut parsed = Parsed::default();
    for line in output.lines() {
        parsed.programs_begun += u64::from(BEGUN.is_match(line));
        parsed.programs_failed += u64::from(FAILED.is_match(line));
        if let Some(found) = RESULT.captures(line) {
            let number = |group: usize| found[group].parse().unwrap_or_default();
            parsed.counts += Counts { passed: number(2), failed: number(3), skipped: number(4) };
            parsed.results += 1;
            parsed.results_failed += u64::from(&found[1] == "FAILED");
        }
    }
    parsed
}

/// What to show again: the lines up to each crash, or else the end.
fn excerpt(output: &str) -> String {
    let lines: Vec<&str> = output.lines().collect();
    let up_to = |end: usize| lines[end.saturating_sub(EXCERPT)..end].join("\n");
    let crashed = |line: &&str| line.trim_start().starts_with("process didn't exit successfully");
    let crashes = lines.iter().enumerate().filter(|(_, line)| crashed(line)).map(|(number, _)| up_to(number + 1));
    let crashes: Vec<String> = crashes.collect();
    if crashes.is_empty() { up_to(lines.len()) } else { crashes.join("\n...\n") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_all_programs_are_added() {
        let output = "     Running unittests src/lib.rs (target/debug/deps/a-1)\n\
            test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.02s\n\
            test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";
        assert_eq!(counts_of(true, output), (Counts { passed: 15, failed: 0, skipped: 1 }, false));
    }

    #[test]
    fn a_failed_test_counts_once() {
        let output = "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; \
            finished in 0.00s\n\n\
            error: test failed, to rerun pass `-p koophone --lib`\nerror: 1 target failed:\n    `-p koophone --lib`\n";
        assert_eq!(counts_of(false, output), (Counts { passed: 1, failed: 2, skipped: 0 }, false));
    }

    #[test]
    fn a_crash_beside_a_failed_test_counts_too() {
        let output = "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; \
            finished in 0.00s\n\
            error: test failed, to rerun pass `-p koophone --lib`\n\
            error: test failed, to rerun pass `-p koophone --test fork`\n\
            Caused by:\n  process didn't exit successfully: `fork` (signal: 11, SIGSEGV: invalid memory reference)\n";
        assert_eq!(counts_of(false, output), (Counts { passed: 1, failed: 3, skipped: 0 }, true));
    }

    #[test]
    fn a_compile_error_is_a_failure() {
        let output =
            "error[E0425]: cannot find value `x`\nerror: could not compile `koophone` (lib test) due to 1 error\n";
        assert_eq!(counts_of(false, output), (Counts { passed: 0, failed: 1, skipped: 0 }, true));
    }

    #[test]
    fn doc_tests_are_counted_the_same_way() {
        let output = "test result: FAILED. 4 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; \
            finished in 0.00s\n\
            error: doctest failed, to rerun pass `-p koophone --doc`\n";
        assert_eq!(counts_of(false, output), (Counts { passed: 4, failed: 1, skipped: 0 }, false));
    }

    #[test]
    fn a_program_that_exits_early_is_not_a_success() {
        let output = "running 2 tests\nrunning 1 test\n\
            test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";
        assert_eq!(counts_of(true, output), (Counts { passed: 2, failed: 1, skipped: 0 }, true));
    }

    #[test]
    fn the_excerpt_is_each_crash_or_else_the_end() {
        let numbers = |from, to| (from..=to).map(|n: u32| n.to_string()).collect::<Vec<_>>().join("\n");
        let end = excerpt(&numbers(1, 40));
        assert!(end.starts_with("11\n") && end.ends_with("40"), "{end}");
        let crash = "  process didn't exit successfully: `fork` (signal: 11, SIGSEGV: invalid memory reference)";
        let shown = excerpt(&format!("{}\n{crash}\n{}", numbers(1, 40), numbers(41, 99)));
        assert!(shown.starts_with("12\n") && shown.ends_with(crash), "{shown}");
        assert_eq!(excerpt("one"), "one");
    }
}
