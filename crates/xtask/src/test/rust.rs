//! The Rust tests, counted by what libtest and cargo print.

use std::sync::LazyLock;

use regex::Regex;

use super::Counts;
use crate::process::{Finished, command, tee};
use crate::repository::Repository;

/// Two runs, because `--all-targets` leaves out the documentation's examples.
const RUNS: &[&[&str]] = &[
    &["test", "--workspace", "--all-targets", "--no-fail-fast", "--locked"],
    &["test", "--workspace", "--doc", "--no-fail-fast", "--locked"],
];

/// Lines of output shown again where a run broke off.
const TAIL: usize = 30;

pub(super) fn run(repository: &Repository) -> Result<Counts, String> {
    let mut total = Counts::default();
    for arguments in RUNS {
        let mut cargo = command("cargo", arguments, &repository.root);
        // What is parsed must not be coloured, whatever the user's settings say.
        cargo.env("CARGO_TERM_COLOR", "never");
        let finished = tee(cargo)?;
        let (counts, broken_off) = counts_of(&finished);
        total += counts;
        if broken_off {
            println!(
                "\nrust: {}, and not because of a test that failed. The end of its output again:",
                finished.ending
            );
            println!("{}", tail(&finished.output));
        }
    }
    Ok(total)
}

/// The counts of a run, and whether something other than a test failed: a compile error, a crash.
fn counts_of(finished: &Finished) -> (Counts, bool) {
    let parsed = parse(&finished.output);
    let mut counts = parsed.counts;
    // Each test program that cargo calls failed without having said so itself crashed.
    let mut broken_off = parsed.programs_failed.saturating_sub(parsed.results_failed);
    if !finished.success && counts.failed + broken_off == 0 {
        broken_off = 1;
    }
    counts.failed += broken_off;
    (counts, broken_off > 0)
}

#[derive(Default)]
struct Parsed {
    counts: Counts,
    /// Test programs whose own last word was "FAILED".
    results_failed: u64,
    /// Test programs that cargo says failed.
    programs_failed: u64,
}

static RESULT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^test result: (ok|FAILED)\. (\d+) passed; (\d+) failed; (\d+) ignored;").expect("the pattern is valid")
});
static FAILED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^error: (doc)?test failed, to rerun pass").expect("the pattern is valid"));

fn parse(output: &str) -> Parsed {
    let mut parsed = Parsed::default();
    for line in output.lines() {
        if let Some(found) = RESULT.captures(line) {
            let number = |group: usize| found[group].parse().unwrap_or_default();
            parsed.counts += Counts { passed: number(2), failed: number(3), skipped: number(4) };
            parsed.results_failed += u64::from(&found[1] == "FAILED");
        }
        parsed.programs_failed += u64::from(FAILED.is_match(line));
    }
    parsed
}

fn tail(output: &str) -> String {
    let lines: Vec<&str> = output.lines().collect();
    lines[lines.len().saturating_sub(TAIL)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(success: bool, output: &str) -> (Counts, bool) {
        counts_of(&Finished { success, ending: String::new(), output: output.to_owned() })
    }

    #[test]
    fn results_of_all_programs_are_added() {
        let output = "     Running unittests src/lib.rs (target/debug/deps/a-1)\n\
            test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.02s\n\
            test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";
        assert_eq!(counted(true, output), (Counts { passed: 15, failed: 0, skipped: 1 }, false));
    }

    #[test]
    fn a_failed_test_counts_once() {
        let output = "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\n\
            error: test failed, to rerun pass `-p koophone --lib`\nerror: 1 target failed:\n    `-p koophone --lib`\n";
        assert_eq!(counted(false, output), (Counts { passed: 1, failed: 2, skipped: 0 }, false));
    }

    #[test]
    fn a_crash_beside_a_failed_test_counts_too() {
        let output = "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
            error: test failed, to rerun pass `-p koophone --lib`\n\
            error: test failed, to rerun pass `-p koophone --test fork`\n\
            Caused by:\n  process didn't exit successfully: `fork` (signal: 11, SIGSEGV: invalid memory reference)\n";
        assert_eq!(counted(false, output), (Counts { passed: 1, failed: 3, skipped: 0 }, true));
    }

    #[test]
    fn a_compile_error_is_a_failure() {
        let output =
            "error[E0425]: cannot find value `x`\nerror: could not compile `koophone` (lib test) due to 1 error\n";
        assert_eq!(counted(false, output), (Counts { passed: 0, failed: 1, skipped: 0 }, true));
    }

    #[test]
    fn doc_tests_are_counted_the_same_way() {
        let output = "test result: FAILED. 4 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
            error: doctest failed, to rerun pass `-p koophone --doc`\n";
        assert_eq!(counted(false, output), (Counts { passed: 4, failed: 1, skipped: 0 }, false));
    }

    #[test]
    fn the_tail_is_the_end() {
        let output = (1..=40).map(|n| n.to_string()).collect::<Vec<_>>().join("\n");
        assert!(tail(&output).starts_with("11\n") && tail(&output).ends_with("40"));
        assert_eq!(tail("one"), "one");
    }
}
