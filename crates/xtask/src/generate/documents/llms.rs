//! `llms.txt`: the guide's pages with one line about each, for programs that read documentation.

use std::fs;
use std::path::Path;

const HEAD: &str = "# koophone\n\n\
    > Client for Huawei Cloud KooPhone (cloud phones, 云手机) in Rust, C, C++, Python and Node, with a command line and a \
    local emulator of the service. Not affiliated with Huawei.\n\n\
    One rule for calls about many phones: an error means that nothing was executed on any phone; otherwise a list is \
    returned in the order asked, and each phone has its result or its error. A command that may have run is never sent \
    again unasked: its error is `outcome_unknown`.\n\n## Guide\n\n";

const SOURCE: &str = "docs/guide/src";

pub(super) fn list(root: &Path) -> Result<(String, String), String> {
    let read = |path: &str| fs::read_to_string(root.join(path)).map_err(|error| format!("{path}: {error}"));
    let mut text = HEAD.to_owned();
    for line in read(&format!("{SOURCE}/SUMMARY.md"))?.lines() {
        let Some((title, path)) = entry(line) else { continue };
        let path = format!("{SOURCE}/{path}");
        text += &format!("- [{title}]({path}): {}\n", first_sentence(&read(&path)?));
    }
    text += "\n## Reference\n\n\
        - [Architecture](ARCHITECTURE.md): how the repository is built\n\
        - [Wire notes](docs/spec/wire-notes.md): what is known of the service, and where its documents contradict \
        each other\n\
        - [Glossary](docs/GLOSSARY.md): one word per thing, with the Chinese terms\n\
        - [C header](include/koophone.h): every function of the C library, with the conventions at its top\n";
    Ok(("llms.txt".to_owned(), text))
}

/// Title and path from an entry like `- [Tasks](tasks.md)`.
fn entry(line: &str) -> Option<(&str, &str)> {
    let (_, rest) = line.split_once('[')?;
    let (title, rest) = rest.split_once("](")?;
    Some((title, rest.strip_suffix(')')?))
}

/// The first sentence of a page, after its heading.
fn first_sentence(page: &str) -> String {
    let is_text = |line: &&str| !line.is_empty() && !line.starts_with(['#', '<', '|', '-']) && !line.starts_with("```");
    let paragraph: Vec<&str> =
        page.lines().skip_while(|line| !is_text(line)).take_while(|line| !line.is_empty()).collect();
    let paragraph = paragraph.join(" ");
    let end = paragraph.find(". ").map(|at| at + 1).or_else(|| paragraph.find('。').map(|at| at + '。'.len_utf8()));
    paragraph[..end.unwrap_or(paragraph.len())].trim_end_matches([':', '.', '。']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_and_first_sentences_are_read() {
        assert_eq!(entry("  - [Tasks](tasks.md)"), Some(("Tasks", "tasks.md")));
        assert_eq!(entry("# Guide"), None);
        assert_eq!(first_sentence("# Tasks\n\nA task is work\nthat goes on. More.\n"), "A task is work that goes on");
        assert_eq!(first_sentence("# 错误\n\n每个错误都有编号。更多。\n"), "每个错误都有编号");
    }
}
