//! Checks that the repository is ready: versions, changelog, tag.

use std::path::Path;
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
    let mut unready = Vec::new();
    match entry(&text) {
        Outcome::NotDone(why) => unready.push(why),
        Outcome::Done(note) if !denies(release) => return Ok(Outcome::Done(note)),
        Outcome::Done(_) => {}
        failed => return Ok(failed),
    }
    if denies(release) {
        unready.push(format!("README.md, the page in every registry, says {DENIAL:?}"));
    }
    // Before the tag, this is what remains to be done; after it, the release would be wrong.
    Ok(match tagged(&release.repository.root)?.is_some() {
        true => Outcome::Failed(unready),
        false => Outcome::NotDone(unready.join("; ")),
    })
}

/// What README.md says until the first release.
const DENIAL: &str = "Nothing is published yet";

fn denies(release: &Release) -> bool {
    release.repository.read("README.md").is_some_and(|text| text.contains(DENIAL))
}

/// The commit that has the tag of this version, if there is one.
fn tagged(root: &Path) -> Result<Option<String>, String> {
    let tag = format!("refs/tags/v{VERSION}^{{commit}}");
    if capture(&mut command("git", &["tag", "--list", &format!("v{VERSION}")], root))?.is_empty() {
        return Ok(None);
    }
    Ok(Some(capture(&mut command("git", &["rev-parse", &tag], root))?.trim().to_owned()))
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
    tag_in(&release.repository.root)
}

fn tag_in(root: &Path) -> Result<Outcome, String> {
    let git = |arguments: &[&str]| -> Command { command("git", arguments, root) };
    let tag = format!("v{VERSION}");
    let mut problems = Vec::new();
    let changed = capture(&mut git(&["status", "--porcelain"]))?;
    if !changed.is_empty() {
        problems.push(format!("{} files are not committed; commit or remove them", changed.lines().count()));
    }
    let head = capture(&mut git(&["rev-parse", "HEAD"]))?;
    let here = tagged(root)?;
    if here.as_ref().is_some_and(|commit| commit != head.trim()) {
        problems.push(format!("the tag {tag} already exists, for another commit"));
    }
    let remotes = capture(&mut git(&["remote"]))?;
    let (mut unreachable, mut pushed) = (Vec::new(), false);
    for remote in remotes.lines() {
        // The second pattern is the commit of a tag that has a message.
        let ask = ["ls-remote", "--tags", remote, &tag, &format!("{tag}^{{}}")];
        match capture(git(&ask).env("GIT_TERMINAL_PROMPT", "0")) {
            Ok(found) if found.is_empty() => {}
            Ok(found) if found.lines().any(|line| line.starts_with(head.trim())) => pushed = true,
            Ok(_) => problems.push(format!("the tag {tag} already exists in {remote}, for another commit")),
            Err(_) => unreachable.push(remote),
        }
    }
    let state = match (here.is_some(), pushed) {
        (_, true) => format!("{tag} is this commit, and pushed"),
        (true, false) => format!("{tag} is this commit"),
        (false, false) => format!("{tag} is unused"),
    };
    Ok(match (problems.is_empty(), remotes.is_empty(), unreachable.is_empty()) {
        (false, ..) => Outcome::Failed(problems),
        // A tag that only this repository has cannot collide where there is no other.
        (_, true, _) if here.is_none() => {
            Outcome::NotDone(format!("{state} locally; no remote is configured to check"))
        }
        (_, _, false) => Outcome::NotDone(format!("{state} locally; {} could not be reached", unreachable.join(", "))),
        _ => Outcome::Done(state),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_may_exist_for_this_commit_only() {
        let folder = std::env::temp_dir().join(format!("koophone-tag-{}", std::process::id()));
        let (root, remote) = (folder.join("work"), folder.join("remote"));
        std::fs::create_dir_all(&root).unwrap();
        let git = |arguments: &[&str]| {
            let who = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "tag.gpgSign=false"];
            capture(&mut command("git", &[&who, arguments].concat(), &root)).unwrap()
        };
        let commit = || git(&["commit", "--quiet", "--allow-empty", "--no-gpg-sign", "--message", "x"]);
        let state = || tag_in(&root).unwrap();
        let (tag, remote) = (format!("v{VERSION}"), remote.to_string_lossy());
        git(&["init", "--quiet"]);
        commit();
        assert!(matches!(state(), Outcome::NotDone(_)), "{:?}", state());
        git(&["tag", "--annotate", "--message", "x", &tag]);
        assert_eq!(state(), Outcome::Done(format!("{tag} is this commit")));
        git(&["clone", "--quiet", "--bare", ".", &remote]);
        git(&["remote", "add", "origin", &remote]);
        assert_eq!(state(), Outcome::Done(format!("{tag} is this commit, and pushed")));
        commit();
        let Outcome::Failed(problems) = state() else { panic!("{:?}", state()) };
        assert_eq!(problems.len(), 2, "{problems:?}");
        git(&["tag", "--delete", &tag]);
        assert!(matches!(state(), Outcome::Failed(problems) if problems[0].contains("in origin, for another commit")));
        git(&["remote", "set-url", "origin", "/nonexistent"]);
        assert!(matches!(state(), Outcome::NotDone(why) if why.contains("could not be reached")));
        std::fs::write(root.join("new"), "").unwrap();
        assert!(matches!(state(), Outcome::Failed(problems) if problems[0].contains("1 files are not committed")));
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn an_entry_needs_the_version_a_change_and_a_date() {
        let with = |heading: &str| entry(&format!("# Changelog\n\n{heading}\n\n* **Core**: a change\n"));
        assert!(matches!(with(&format!("## {VERSION} (2026-12-01)")), Outcome::Done(_)));
        assert!(matches!(with(&format!("## {VERSION} (not yet released)")), Outcome::NotDone(_)));
        assert!(matches!(with("## 0.0.1 (2026-12-01)"), Outcome::Failed(_)));
        assert!(matches!(entry(&format!("## {VERSION} (2026-12-01)\n\n## 0.0.1\n\n* x")), Outcome::Failed(_)));
    }
}
