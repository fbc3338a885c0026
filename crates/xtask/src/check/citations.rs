//! Checks that files cited in comments and Markdown pages exist.

use std::sync::LazyLock;

use regex::Regex;

use crate::repository::File;

/// A file name, with or without folders. Only extensions that are unambiguous: `.json` and `.toml` are often names of
/// users' files.
static CITED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:[\w.-]+/)*[\w-][\w.-]*\.(?:md|csv|yaml|rs)\b").expect("the pattern of this file is valid")
});

const SLASHES: &[&str] = &["rs", "c", "h", "cpp", "hpp", "cc", "ts", "mts", "cts", "js", "mjs", "cjs"];
const HASHES: &[&str] = &["py", "pyi", "toml", "yaml", "yml", "sh"];

/// Excluded, because this file's tests cite files that do not exist.
const SELF: &str = "crates/xtask/src/check/citations.rs";

/// Every citation of a file that does not exist.
pub(super) fn problems(files: &[File]) -> Vec<String> {
    files.iter().filter(|file| file.path != SELF).flat_map(|file| missing(file, files)).collect()
}

fn missing(file: &File, files: &[File]) -> Vec<String> {
    let mut problems = Vec::new();
    for (number, words) in words(file) {
        for name in cited(words) {
            if !files.iter().any(|other| is_named(&other.path, name)) {
                let path = &file.path;
                problems.push(format!(
                    "{path}:{number} cites `{name}`, which does not exist: correct the name or remove it"
                ));
            }
        }
    }
    problems
}

/// The prose of a file by line: comments and docstrings, or a page without its code blocks.
fn words(file: &File) -> Vec<(usize, &str)> {
    let extension = file.extension();
    let mut inside = false;
    let mut found = Vec::new();
    for (number, line) in file.text.lines().enumerate() {
        let part = if extension == "md" {
            let fence = line.trim_start().starts_with("```");
            inside ^= fence;
            (!inside && !fence && !line.starts_with("    ")).then_some(line)
        } else if SLASHES.contains(&extension) {
            line.find("//").map(|at| &line[at..]).or_else(|| line.trim_start().starts_with('*').then_some(line))
        } else if HASHES.contains(&extension) {
            let quotes = line.matches("\"\"\"").count();
            let docstring = inside || quotes > 0;
            inside ^= quotes % 2 == 1;
            let comment =
                line.trim_start().starts_with('#').then_some(line).or_else(|| line.split_once(" # ").map(|x| x.1));
            docstring.then_some(line).or(comment)
        } else {
            None
        };
        found.extend(part.map(|part| (number + 1, part)));
    }
    found
}

/// The file names in a text, except parts of URLs, of patterns and of paths outside the repository.
fn cited(words: &str) -> impl Iterator<Item = &str> {
    CITED.find_iter(words).filter_map(|hit| {
        let before = words[..hit.start()].chars().next_back();
        let whole = !before.is_some_and(|c| "/*}>~$@%".contains(c));
        whole.then(|| hit.as_str().trim_start_matches("../").trim_start_matches("./"))
    })
}

/// Whether `name` is a path or its last components: `mod.rs` and `check/mod.rs` both match this folder's.
fn is_named(path: &str, name: &str) -> bool {
    path.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        let file = |path: &str, text: &str| File { path: path.to_owned(), text: text.to_owned(), bytes: 0 };
        problems(&[file(path, text), file("docs/spec/wire-notes.md", "")])
    }

    #[test]
    fn a_missing_file_is_named_with_its_line() {
        for (path, text) in [
            ("src/lib.rs", "\n/// See design.md"),
            ("src/lib.rs", "\nlet x = 1; // as in docs/gone.csv"),
            ("include/x.h", "\n * crates/gone/src/lib.rs"),
            ("x.py", "\n\"\"\"See tests/gone.yaml.\"\"\""),
            ("x.py", "\"\"\"\nSee docs/gone.md.\n\"\"\""),
            ("x.toml", "\n# gone.md"),
            ("README.md", "\n[guide](docs/guide.md#start)"),
        ] {
            let problems = found(path, text);
            assert_eq!(problems.len(), 1, "{path} {text}: {problems:?}");
            assert!(problems[0].starts_with(&format!("{path}:2 cites `")), "{problems:?}");
        }
    }

    #[test]
    fn existing_files_and_lookalikes_are_accepted() {
        for (path, text) in [
            ("src/lib.rs", "// docs/spec/wire-notes.md#46: cut output; also wire-notes.md and ../spec/wire-notes.md"),
            ("src/lib.rs", "// https://example.com/a/b.md, *.rs, ~/.huaweicloud/regions.yaml, {name}.csv"),
            ("src/lib.rs", "let path = \"out.csv\";"),
            ("x.py", "path = 'out.csv'"),
            ("README.md", "```sh\ncat phones.csv\n```\nA table."),
            ("README.md", "    pytest --phone-report report.md"),
            ("README.md", "the endings .md and .rs, docs/....md"),
            ("x.json", "\"gone.md\""),
        ] {
            assert_eq!(found(path, text), Vec::<String>::new(), "{path} {text}");
        }
    }
}
