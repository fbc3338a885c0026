//! The report of a suite: numbers of tests, and problems.

use std::fmt;
use std::iter::Sum;
use std::ops::AddAssign;

/// The report of a suite that has run.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Results {
    /// The numbers of tests. Every problem is counted here, as a failure or as skipped.
    pub(super) counts: Counts,
    /// What went wrong apart from failed tests (a compile error, a crash), with what is needed to understand it; and
    /// why tests were skipped.
    pub(super) problems: Vec<String>,
}

impl Results {
    /// Adds the report of another run.
    pub(super) fn add(&mut self, other: Self) {
        self.counts += other.counts;
        self.problems.extend(other.problems);
    }

    /// Adds one test that is a function: it passed, or the text says why not.
    pub(super) fn one(&mut self, name: &str, outcome: Result<(), String>) {
        println!("{name} ... {}", if outcome.is_ok() { "ok" } else { "FAILED" });
        let failed = u64::from(outcome.is_err());
        self.counts += Counts { passed: 1 - failed, failed, skipped: 0 };
        self.problems.extend(outcome.err().map(|why| format!("{name}: {why}")));
    }

    /// Adds a test that cannot run on this machine.
    pub(super) fn skip(&mut self, name: &str, why: &str) {
        println!("{name} ... skipped");
        self.counts += Counts { skipped: 1, ..Counts::default() };
        self.problems.push(format!("skipped: {name}: {why}"));
    }
}

/// How many tests passed, failed, and did not run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Tests that passed.
    pub(super) passed: u64,
    /// Tests that failed, and runs that were aborted.
    pub(super) failed: u64,
    /// Tests that were not run.
    pub(super) skipped: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |mut total, counts| {
            total += counts;
            total
        })
    }
}

/// The line that CI reads.
impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}
