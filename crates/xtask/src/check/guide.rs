//! Checks the pages that users read: every program is run, every page is listed in the guide, translations are up to
//! date.

use super::{Outcome, Problems};
use crate::pages::{self, Page};
use crate::process::{capture, command};
use crate::repository::Repository;

/// The start of the line in a translated page that names the version of the original: `<!-- follows README.md 1a2b3c4d
/// -->`.
const FOLLOWS: &str = "<!-- follows ";

/// The page that must name its original.
const TRANSLATED: &str = "README.zh-CN.md";

const SUMMARY: &str = "docs/guide/src/SUMMARY.md";

pub(super) fn run(repository: &Repository) -> Outcome {
    let pages = pages::of(repository)?;
    let mut problems: Vec<String> = pages.iter().flat_map(Page::problems).collect();
    for page in &pages {
        problems.extend(behind(repository, page)?);
    }
    let summary = repository.read(SUMMARY).unwrap_or_default();
    problems.extend(pages.iter().filter_map(|page| unlisted(&page.path, &summary)));
    let programs = || pages.iter().flat_map(|page| &page.blocks).filter(|block| block.is_program());
    let left_out = programs().filter(|block| block.not_run.is_some()).count();
    Problems::none(problems).map(|_| format!("{} programs, {left_out} of them not run", programs().count()))
}

fn unlisted(path: &str, summary: &str) -> Option<String> {
    let name = path.strip_prefix("docs/guide/src/").filter(|name| *name != "SUMMARY.md")?;
    (!summary.contains(&format!("({name})"))).then(|| format!("{path} is not in {SUMMARY}; add it"))
}

/// A problem if the original of a translated page has changed.
fn behind(repository: &Repository, page: &Page) -> Result<Option<String>, String> {
    let Some((original, version)) = followed(&page.text) else {
        let problem = format!("{} does not say which text it follows; add {FOLLOWS}README.md VERSION -->", page.path);
        return Ok((page.path == TRANSLATED).then_some(problem));
    };
    let now = capture(&mut command("git", &["hash-object", original], &repository.root))?;
    let now = now.trim();
    let fresh = version.len() >= 8 && now.starts_with(version);
    Ok((!fresh).then(|| {
        let path = &page.path;
        let short = &now[..now.len().min(12)];
        format!("{path} follows an older {original}: bring it up to date, then write {FOLLOWS}{original} {short} -->")
    }))
}

/// The original and its version, a git object id.
fn followed(text: &str) -> Option<(&str, &str)> {
    let line = text.lines().find_map(|line| line.strip_prefix(FOLLOWS)?.strip_suffix(" -->"))?;
    line.split_once(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(path: &str, text: &str) -> Page {
        Page { path: path.to_owned(), text: text.to_owned(), blocks: Vec::new() }
    }

    #[test]
    fn an_outdated_translation_is_found() {
        let repository = Repository::find().unwrap();
        let now = capture(&mut command("git", &["hash-object", "README.md"], &repository.root)).unwrap();
        let problem = |text: &str| behind(&repository, &page(TRANSLATED, text)).unwrap();
        assert_eq!(problem(&format!("{FOLLOWS}README.md {} -->", &now[..12])), None);
        assert!(problem(&format!("{FOLLOWS}README.md 0123456789ab -->")).unwrap().contains(&now[..12]));
        assert!(problem(&format!("{FOLLOWS}README.md {} -->", &now[..4])).is_some());
        assert!(problem("").unwrap().contains("does not say"));
        assert_eq!(behind(&repository, &page("docs/guide/src/x.md", "")).unwrap(), None);
    }

    #[test]
    fn an_unlisted_page_is_found() {
        let summary = "- [Fleets](fleets.md)\n";
        assert_eq!(unlisted("docs/guide/src/fleets.md", summary), None);
        assert_eq!(unlisted("README.md", summary), None);
        assert!(unlisted("docs/guide/src/tasks.md", summary).is_some());
    }
}
