//! Checks that the repository is ready: versions, changelog, tag.

use std::process::Command;

use super::{Outcome, Release, VERSION};
use crate::check;
use crate::process::{capture, command};

pub(super) fn versions(release: &Release) -> Result<Outcome, String> {
    Ok(match check::versions(release.repository) {
        Ok(version) => Outcome::Done(format!("{version} everywhere")),
        Err(problems) => Outcome::Failed(problems),
    })
}

pub(super) fn changelog(release: &Release) -> Result<Outcome, String> {
    let text = release.repository.read("CHANGELOG.md").ok_or("no CHANGELOG.md")?;
    Ok(entry(&text))
}

/// Checks that the first entry is for this version and has a date.
fn entry(changelog: &str) -> Outcome {
    let mut lines = changelog.lines();
    let Some(heading) = lines.find_map(|line| line.strip_prefix("## ")) else {
        return Outcome::Failed(vec![format!("CHANGELOG.md has no entry; add `## {VERSION} (DATE)`")]);
    };
    if heading.split(' ').next() != Some(VERSION) {
        return Outcome::Failed(vec![format!("the first entry of CHANGELOG.md is {heading:?}, not {VERSION}")]);
    }
    let changes = lines.take_while(|line| !line.starts_with("## ")).filter(|line| line.starts_with("* ")).count();
    if changes == 0 {
        return Outcome::Failed(vec![format!("the entry of {VERSION} in CHANGELOG.md lists no changes")]);
    }
    if heading.contains("not yet released") {
        return Outcome::NotDone(format!("CHANGELOG.md has {heading:?}: replace that by the date before tagging"));
    }
    Outcome::Done(format!("{changes} changes, {heading:?}"))
}

pub(super) fn tag(release: &Release) -> Result<Outcome, String> {
    let git = |arguments: &[&str]| -> Command { command("git", arguments, &release.repository.root) };
    let tag = format!("v{VERSION}");
    let mut problems = Vec::new();
    let changed = capture(&mut git(&["status", "--porcelain"]))?;
    if !changed.is_empty() {
        problems.push(format!("{} files are not committed; commit or remove them", changed.lines().count()));
    }
    if !capture(&mut git(&["tag", "--list", &tag]))?.is_empty() {
        problems.push(format!("the tag {tag} already exists"));
    }
    let remotes = capture(&mut git(&["remote"]))?;
    let mut unreachable = Vec::new();
    for remote in remotes.lines() {
        match capture(git(&["ls-remote", "--tags", remote, &tag]).env("GIT_TERMINAL_PROMPT", "0")) {
            Ok(found) if found.is_empty() => {}
            Ok(_) => problems.push(format!("the tag {tag} already exists in {remote}")),
            Err(_) => unreachable.push(remote),
        }
    }
    Ok(match (problems.is_empty(), remotes.is_empty(), unreachable.is_empty()) {
        (false, ..) => Outcome::Failed(problems),
        (_, true, _) => Outcome::NotDone(format!("{tag} is unused locally; no remote is configured to check")),
        (_, _, false) => {
            Outcome::NotDone(format!("{tag} is unused locally; {} could not be reached", unreachable.join(", ")))
        }
        _ => Outcome::Done(format!("{tag} is unused")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_needs_the_version_a_change_and_a_date() {
        let with = |heading: &str| entry(&format!("# Changelog\n\n{heading}\n\n* **Core**: a change\n"));
        assert!(matches!(with(&format!("## {VERSION} (2026-12-01)")), Outcome::Done(_)));
        assert!(matches!(with(&format!("## {VERSION} (not yet released)")), Outcome::NotDone(_)));
        assert!(matches!(with("## 0.0.1 (2026-12-01)"), Outcome::Failed(_)));
        assert!(matches!(entry(&format!("## {VERSION} (2026-12-01)\n\n## 0.0.1\n\n* x")), Outcome::Failed(_)));
    }
}
