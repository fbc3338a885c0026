//! Finds what does not belong in the repository: large files, sources that are too long or too wide, leftovers, local
//! paths, and an outdated lock file.

use std::collections::BTreeMap;

use regex::Regex;

use super::{Outcome, Problems, citations};
use crate::process::{command, stream};
use crate::repository::{File, Repository};

/// A pattern that no file may contain.
struct Forbidden {
    pattern: &'static str,
    /// Whether only sources are searched; otherwise every text file.
    only_sources: bool,
    why: &'static str,
}

const FORBIDDEN: &[Forbidden] = &[
    Forbidden {
        pattern: r"https?://(registry|index|static|files|deb|proxy)\.|\b(index|static)\.crates\.io\b|\bregistry\.npmjs\.org\b|\bpythonhosted\.org\b|\bpypi\.org/simple\b",
        only_sources: false,
        why: "a registry's host name: package clients are configured outside the repository",
    },
    Forbidden {
        pattern: r"(^|[^A-Za-z0-9_.\-/}])/(work|farm|root|home/[a-z]\w*|Users/\w+)/|\b[A-Z]:\\Users\\",
        only_sources: false,
        why: "a local path: it does not exist on other machines",
    },
    Forbidden { pattern: r"\b(TODO|FIXME)\b", only_sources: true, why: "unfinished: do it, or write an issue" },
    Forbidden {
        pattern: r"\b(todo|unimplemented)!\s*[(\[{]",
        only_sources: true,
        why: "unfinished: it panics when reached",
    },
    Forbidden { pattern: r"#\[ignore\b", only_sources: true, why: "a test that does not run: enable it or remove it" },
];

/// Excluded, because this file contains the patterns.
const SELF: &str = "crates/xtask/src/check/hygiene.rs";

const LARGEST_FILE: u64 = 400_000;
const LONGEST_SOURCE: usize = 450;

/// The maximum width of a line, including comments and strings, which formatters do not wrap.
const WIDEST_LINE: usize = 120;
/// A line may be wider if it contains a word longer than this: a URL, or recorded data that cannot be wrapped.
const LONGEST_WORD: usize = 60;

/// Hand-written lines that the product of a binding may have, so that what languages share is in the core or generated.
const LARGEST_BINDING: usize = 1_500;

/// The folders of a binding's product.
const PRODUCT: &[&str] = &["src", "ts", "python"];

/// Sources that may be longer, with the reason.
const LONG_SOURCES: &[(&str, &str)] = &[];

const SOURCES: &[&str] =
    &["rs", "c", "h", "cpp", "hpp", "cc", "py", "pyi", "ts", "mts", "cts", "js", "mjs", "cjs", "sh"];

pub(super) fn run(repository: &Repository) -> Outcome {
    let files = repository.files()?;
    let mut problems = problems(files)?;
    problems.extend(citations::problems(files));
    // The fuzz targets are a separate workspace, which no other step builds.
    let lock = ["update", "--quiet", "--workspace", "--locked", "--manifest-path", "tests/fuzz/Cargo.toml"];
    if let Err(error) = stream(&mut command("cargo", &lock, &repository.root)) {
        problems.push(format!(
            "tests/fuzz/Cargo.lock is outdated: {error}; run the command without --locked and commit the file"
        ));
    }
    Problems::none(problems)
}

fn problems(files: &[File]) -> Result<Vec<String>, String> {
    let compile = |rule: &'static Forbidden| Ok((Regex::new(rule.pattern).map_err(|error| error.to_string())?, rule));
    let rules = FORBIDDEN.iter().map(compile).collect::<Result<Vec<_>, String>>()?;
    let mut problems = Vec::new();
    for file in files {
        problems.extend(size_problem(file));
        problems.extend(length_problem(file));
        problems.extend(width_problems(file));
        if file.path != SELF {
            problems.extend(rules.iter().flat_map(|(pattern, rule)| hits(file, pattern, rule)));
        }
    }
    problems.extend(binding_problems(files));
    let stale = LONG_SOURCES
        .iter()
        .filter(|(path, _)| !files.iter().any(|file| file.path == *path && lines(file) > LONGEST_SOURCE));
    problems.extend(stale.map(|(path, _)| format!("{path} no longer needs an exception: remove it from {SELF}")));
    Ok(problems)
}

fn size_problem(file: &File) -> Option<String> {
    let kilobytes = file.bytes / 1000;
    (file.bytes > LARGEST_FILE)
        .then(|| format!("{} has {kilobytes} kB; the limit is {} kB", file.path, LARGEST_FILE / 1000))
}

fn length_problem(file: &File) -> Option<String> {
    let excepted = LONG_SOURCES.iter().any(|(path, _)| *path == file.path);
    let too_long = is_source(file) && lines(file) > LONGEST_SOURCE && !is_generated(file) && !excepted;
    too_long
        .then(|| format!("{} has {} lines; the limit is {LONGEST_SOURCE}: one job per file", file.path, lines(file)))
}

fn binding_problems(files: &[File]) -> Vec<String> {
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    for file in files.iter().filter(|file| is_source(file) && !is_generated(file)) {
        if let ["bindings", binding, folder, ..] = file.path.split('/').collect::<Vec<_>>()[..]
            && PRODUCT.contains(&folder)
        {
            *sizes.entry(binding).or_default() += lines(file);
        }
    }
    let large = sizes.into_iter().filter(|(_, size)| *size >= LARGEST_BINDING);
    let problem = |(binding, size)| {
        format!(
            "bindings/{binding} has {size} hand-written lines; it must have fewer than {LARGEST_BINDING}: share code"
        )
    };
    large.map(problem).collect()
}

fn width_problems(file: &File) -> Vec<String> {
    if !is_source(file) || is_generated(file) {
        return Vec::new();
    }
    let wide = |line: &str| line.chars().count() > WIDEST_LINE;
    let breakable = |line: &str| line.split_whitespace().all(|word| word.chars().count() <= LONGEST_WORD);
    let lines = file.text.lines().enumerate().filter(|(_, line)| wide(line) && breakable(line));
    let problem = |number, line: &str| {
        let columns = line.chars().count();
        format!("{}:{number} has {columns} columns; the limit is {WIDEST_LINE}: wrap the line", file.path)
    };
    lines.map(|(number, line)| problem(number + 1, line)).collect()
}

fn hits(file: &File, pattern: &Regex, rule: &Forbidden) -> Vec<String> {
    if rule.only_sources && !is_source(file) {
        return Vec::new();
    }
    let lines = file.text.lines().enumerate();
    let found = lines.filter_map(|(number, line)| Some((number + 1, pattern.find(line)?)));
    found.map(|(number, hit)| format!("{}:{number} has `{}`: {}", file.path, hit.as_str().trim(), rule.why)).collect()
}

fn lines(file: &File) -> usize {
    file.text.lines().count()
}

fn is_source(file: &File) -> bool {
    SOURCES.contains(&file.extension())
}

/// Generated files say so at their top.
fn is_generated(file: &File) -> bool {
    let mut top = file.text.lines().take(5).map(str::to_lowercase);
    top.any(|line| line.contains("generated by `cargo xtask") || line.contains("generated by napi-rs"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        problems(&[File { path: path.to_owned(), text: text.to_owned(), bytes: text.len() as u64 }]).unwrap()
    }

    #[test]
    fn every_pattern_fires() {
        for text in [
            "https://registry.npmjs.org/koophone",
            "sparse+https://index.crates.io/",
            "cd /work/main",
            "path = \"/home/anna/koophone\"",
            r"C:\Users\anna",
            "// TODO: later",
            "todo!()",
            "unimplemented!(\"later\")",
            "#[ignore]",
            "#[ignore = \"slow\"]",
        ] {
            let problems = found("crates/koophone/src/lib.rs", text);
            assert_eq!(problems.len(), 1, "{text}: {problems:?}");
            assert!(problems[0].starts_with("crates/koophone/src/lib.rs:1 has "), "{problems:?}");
        }
    }

    #[test]
    fn lookalikes_are_accepted() {
        for text in [
            "see crates.io, PyPI and npm",
            "registry+https://github.com/rust-lang/crates.io-index",
            "https://example.com/home/page/",
            "target/work/x",
            "/v1/instances/tasks/",
            "let todo_list = 1;",
        ] {
            assert_eq!(found("crates/koophone/src/lib.rs", text), Vec::<String>::new());
        }
        assert!(found("README.md", "We leave no TODO behind.").is_empty());
        assert_eq!(found("README.md", "cd /root/x").len(), 1);
    }

    #[test]
    fn long_sources_are_found_unless_generated() {
        let long = "x\n".repeat(LONGEST_SOURCE + 1);
        assert_eq!(found("bindings/python/python/koophone/client.py", &long).len(), 1);
        assert!(found("tests/openapi.yaml", &long).is_empty());
        let generated = format!("// Generated by `cargo xtask generate`; do not edit.\n{long}");
        assert!(found("bindings/c/src/model.rs", &generated).is_empty());
    }

    #[test]
    fn large_bindings_are_found_and_only_their_own_product_counts() {
        let file = |path: &str, text: &str| File { path: path.to_owned(), text: text.to_owned(), bytes: 0 };
        let (half, notice) =
            ("x\n".repeat(LARGEST_BINDING / 2), "# Generated by `cargo xtask generate`; do not edit.\n");
        let mut files = vec![
            file("bindings/node/src/calls.rs", &half),
            file("bindings/node/test/calls.test.mjs", &half),
            file("bindings/node/ts/generated/model.ts", &format!("// {notice}{half}")),
            file("bindings/c/src/call.rs", &half),
        ];
        assert_eq!(binding_problems(&files), Vec::<String>::new());
        files.push(file("bindings/node/ts/calls.ts", &half));
        let problems = binding_problems(&files);
        assert!(problems.len() == 1 && problems[0].starts_with("bindings/node has 1500 "), "{problems:?}");
    }

    #[test]
    fn wide_lines_are_found_unless_they_cannot_be_wrapped() {
        let words = "word ".repeat(25);
        for (path, line) in [
            ("crates/koophone/src/lib.rs", format!("// {words}")),
            ("crates/koophone/src/lib.rs", format!("let text = \"{words}\";")),
            ("include/koophone/call.hpp", format!("/// {words}")),
            ("bindings/python/python/koophone/client.py", format!("x = '{words}'")),
        ] {
            let problems = found(path, &format!("\n{line}\n"));
            assert_eq!(problems.len(), 1, "{problems:?}");
            assert!(problems[0].starts_with(&format!("{path}:2 has ")), "{problems:?}");
        }
        let generated = format!("// Generated by `cargo xtask generate`; do not edit.\n// {words}");
        assert!(found("bindings/c/src/generated/model.rs", &generated).is_empty());
        assert!(found("README.md", &words).is_empty());
        assert!(found("tests/x.rs", &format!("// {}", "x".repeat(130))).is_empty());
        assert!(found("tests/x.rs", &"手".repeat(120)).is_empty());
    }

    #[test]
    fn large_files_are_found() {
        let file = File { path: "logo.png".to_owned(), text: String::new(), bytes: LARGEST_FILE + 1 };
        assert_eq!(size_problem(&file).unwrap(), "logo.png has 400 kB; the limit is 400 kB");
    }
}
