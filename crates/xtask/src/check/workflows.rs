//! Checks the hosted workflows: every `cargo xtask` in them is a command that exists, and every action is pinned to a
//! commit, because a tag can be moved to other code.

use clap::Parser;
use regex::Regex;

use super::{Outcome, Problems};
use crate::Arguments;
use crate::repository::Repository;

pub(super) fn run(repository: &Repository) -> Outcome {
    let files = repository.files()?.iter().filter(|file| file.path.starts_with(".github/workflows/"));
    Problems::none(files.flat_map(|file| problems(&file.path, &file.text)).collect())
}

fn problems(path: &str, text: &str) -> Vec<String> {
    // A command, up to what ends it in a shell; a backslash continues it on the next line.
    let verb = Regex::new(r"cargo (?:--locked )?xtask ([^\n;&|#`]*)").expect("a valid pattern");
    let action = Regex::new(r"uses:\s*(\S+)").expect("a valid pattern");
    let pinned = Regex::new(r"@[0-9a-f]{40}$").expect("a valid pattern");
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with('#')).collect();
    let text = lines.join("\n").replace("\\\n", " ");
    let mut problems = Vec::new();
    for found in verb.captures_iter(&text) {
        let words = ["xtask"].into_iter().chain(found[1].split_whitespace());
        if let Err(error) = Arguments::try_parse_from(words) {
            let reason = error.to_string();
            let reason = reason.lines().next().unwrap_or_default().trim_start_matches("error: ");
            problems.push(format!("{path}: `cargo xtask {}`: {reason}", found[1].trim()));
        }
    }
    let actions = action.captures_iter(&text).filter(|found| !pinned.is_match(&found[1]));
    problems.extend(actions.map(|found| format!("{path}: {} is not pinned; write the commit after the @", &found[1])));
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_exist_and_actions_are_pinned() {
        let commit = "11bd71901bbe5b1630ceea73d27597364c9af683";
        let found = |text: &str| problems("ci.yml", text);
        assert_eq!(
            found("# cargo xtask nothing\n- run: cargo xtask check && cargo xtask dist c \\\n    node"),
            [""; 0]
        );
        assert_eq!(found(&format!("- uses: actions/checkout@{commit} # v4.2.2")), [""; 0]);
        for wrong in
            ["cargo xtask paint", "cargo xtask check && cargo xtask test cobol", "cargo --locked xtask release"]
        {
            assert_eq!(found(&format!("- run: {wrong}")).len(), 1, "{wrong}");
        }
        let split = found("- run: |\n    cargo xtask dist \\\n      --target vax-dec-ultrix");
        assert!(split[0].contains("vax-dec-ultrix"), "{split:?}");
        assert!(found("- uses: actions/checkout@v4")[0].contains("checkout@v4 is not pinned"));
    }
}
