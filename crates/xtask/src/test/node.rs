//! The Node binding: its tests, its example, and what publint and are-the-types-wrong report about the package.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Counts, Results};
use crate::node;
use crate::process::{capture, stream, tee};
use crate::repository::Repository;
use crate::tool::check_all;

pub(super) fn run(repository: &Repository) -> Result<Results, String> {
    let folder = build(repository)?;
    let mut results = Results::default();
    results.add(tests(&folder.join("test"), &folder)?);
    results.add(example(repository)?);
    results.one("package", package(&folder));
    Ok(results)
}

/// Builds everything, and returns the command that starts the conformance runner.
pub(super) fn runner(repository: &Repository) -> Result<String, String> {
    check_all(node::TOOLS)?;
    build(repository)?;
    Ok("node tests/conformance/node/runner.mjs".to_owned())
}

/// The addon and the JavaScript.
pub fn build(repository: &Repository) -> Result<PathBuf, String> {
    let folder = node::folder(repository);
    node::install(&folder)?;
    node::build_addon(repository)?;
    node::build_scripts(&folder)?;
    Ok(folder)
}

/// Runs every test file of a folder.
fn tests(tests: &Path, folder: &Path) -> Result<Results, String> {
    let entries = fs::read_dir(tests).map_err(|error| format!("{}: {error}", tests.display()))?;
    let mut files: Vec<String> =
        entries.filter_map(|entry| Some(entry.ok()?.path().to_string_lossy().into_owned())).collect();
    files.retain(|file| file.ends_with(".test.mjs") || file.ends_with(".test.js"));
    files.sort();
    let mut arguments = vec!["--test", "--test-reporter=tap"];
    arguments.extend(files.iter().map(String::as_str));
    let finished = tee(crate::process::command("node", &arguments, folder))?;
    Ok(results_of(finished.success, &finished.ending, &finished.output))
}

/// The example: compiled strictly, then run. It prints its own TAP report.
fn example(repository: &Repository) -> Result<Results, String> {
    let folder = repository.root.join("examples/node");
    node::install(&folder)?;
    stream(&mut node::tsc(&folder, &["--project", "tsconfig.json"]))?;
    tests(&folder.join("dist"), &folder)
}

/// The counts at the end of a TAP report.
fn results_of(success: bool, ending: &str, output: &str) -> Results {
    let count = |name: &str| {
        let found =
            output.lines().rev().find_map(|line| line.strip_prefix("# ")?.strip_prefix(name)?.strip_prefix(' '));
        found.and_then(|number| number.parse().ok())
    };
    let number = |name| count(name).unwrap_or(0);
    let mut results = Results {
        counts: Counts {
            passed: number("pass"),
            failed: number("fail") + number("cancelled"),
            skipped: number("skipped") + number("todo"),
        },
        problems: Vec::new(),
    };
    // A report without its end, or without a test, proves nothing.
    if count("tests").is_none_or(|tests: u64| tests == 0) || (!success && results.counts.failed == 0) {
        results.counts.failed += 1;
        results.problems.push(format!("{ending}, and its report does not say why"));
    }
    results
}

/// What the package looks like to its users.
fn package(folder: &Path) -> Result<(), String> {
    let packed = folder.join("node_modules/.packed");
    fs::create_dir_all(&packed).map_err(|error| error.to_string())?;
    let to = packed.to_string_lossy().into_owned();
    let name = capture(&mut crate::process::command("npm", &["pack", "--silent", "--pack-destination", &to], folder))?;
    node::look_at(folder, &packed.join(name.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_report_is_counted() {
        let report = "# pass 99\nok 1 - x\n1..3\n# tests 6\n# pass 2\n# fail 1\n# cancelled 1\n# skipped 1\n# todo 1\n";
        let results = results_of(false, "it ended", report);
        assert_eq!(results.counts, Counts { passed: 2, failed: 2, skipped: 2 });
        assert!(results.problems.is_empty());
    }

    #[test]
    fn a_truncated_report_or_one_without_a_test_is_a_failure() {
        for (success, report) in
            [(false, "ok 1 - x\n"), (true, ""), (true, "# tests 0\n# pass 0\n"), (false, "# tests 1\n# pass 1\n")]
        {
            let results = results_of(success, "it ended", report);
            assert_eq!((results.counts.failed, results.problems.len()), (1, 1), "{report}");
        }
    }
}
