//! Every program of the README and of the guide, run as a reader would run it.
//!
//! The line `koophone emulator ...` of a page starts the emulator of all its programs; the programs of a page without
//! one start what they need themselves. The blocks of a page in the shell, Python and JavaScript form one program per
//! language. Those in C, C++ and Rust are separate programs. What an `output` block shows must be printed; `...`
//! matches anything.

mod emulator;
mod programs;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Results;
use crate::pages::{self, Block, Page};
use crate::process::tee;
use crate::repository::Repository;
use crate::tool::{Tool, tool};
use emulator::PageEmulator;
use programs::Programs;

pub const NEEDS: &[Tool] = &[
    tool("curl", "install curl; programs of the guide use it"),
    tool("cc", "install a C compiler (Debian: gcc)"),
    tool("c++", "install a C++ compiler (Debian: g++)"),
    tool("python3", "install Python 3.10 or newer, with its venv module").at_least(3, 10),
    tool("node", "install Node.js 20.4 or newer").at_least(20, 4),
];

/// Languages whose blocks on a page form one program.
const CONTINUED: &[&str] = &["sh", "python", "js"];

pub(super) fn run(repository: &Repository) -> Result<Results, String> {
    let mut programs = Programs::new(repository)?;
    let mut results = Results::default();
    for page in pages::of(repository)? {
        results.add(run_page(&page, &mut programs)?);
    }
    Ok(results)
}

/// A program of a page: its blocks, and what it must print.
struct Program<'a> {
    name: String,
    blocks: Vec<&'a Block>,
    expected: Vec<&'a str>,
}

fn run_page(page: &Page, programs: &mut Programs) -> Result<Results, String> {
    let mut results = Results::default();
    let wanted = programs_of(page);
    if wanted.is_empty() {
        return Ok(results);
    }
    let folder = folder_of(page, programs)?;
    let emulator = PageEmulator::of(page, &programs.command_line()?, &folder)?;
    for program in wanted {
        let outcome = programs.prepare(&program.blocks, &folder).and_then(|mut command| {
            emulator.be_in(&mut command);
            printed(command, &program.expected)
        });
        results.one(&program.name, outcome);
    }
    Ok(results)
}

/// In the order in which they are run: each language from the top.
fn programs_of(page: &Page) -> Vec<Program<'_>> {
    let mut found: Vec<Program<'_>> = Vec::new();
    let mut last = None;
    for block in &page.blocks {
        if block.language == "output" {
            if let Some(at) = last {
                let program: &mut Program<'_> = &mut found[at];
                program.expected.extend(block.text.lines().filter(|line| !line.trim().is_empty()));
            }
            continue;
        }
        last = None;
        if !block.runs() && !block.is_pytest() {
            continue;
        }
        let continued = CONTINUED.contains(&block.language.as_str()) && block.runs();
        let same = |program: &Program<'_>| program.blocks[0].language == block.language && program.blocks[0].runs();
        let at = found.iter().position(|program| continued && same(program)).unwrap_or_else(|| {
            let name = format!("{}:{} {}", page.path, block.line, block.language);
            found.push(Program { name, blocks: Vec::new(), expected: Vec::new() });
            found.len() - 1
        });
        found[at].blocks.push(block);
        last = Some(at);
    }
    let rank = |program: &Program<'_>| pages::PROGRAMS.iter().position(|name| *name == program.blocks[0].language);
    found.sort_by_key(rank);
    found
}

/// A fresh folder with the files of a page.
fn folder_of(page: &Page, programs: &Programs) -> Result<PathBuf, String> {
    let folder = programs.folder().join("pages").join(page.path.replace(['/', '.'], "-"));
    let failed = |error: std::io::Error| format!("{} cannot be created: {error}", folder.display());
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(failed)?;
    }
    fs::create_dir_all(&folder).map_err(failed)?;
    for block in &page.blocks {
        if let Some(name) = &block.file {
            fs::write(folder.join(name), &block.text).map_err(failed)?;
        }
    }
    Ok(folder)
}

/// Runs a program that must succeed and print what its page shows.
fn printed(command: Command, expected: &[&str]) -> Result<(), String> {
    let finished = tee(command)?;
    if !finished.success {
        return Err(format!("{}\n{}", finished.ending, finished.output.trim_end()));
    }
    match missing(&finished.output, expected) {
        None => Ok(()),
        Some(line) => Err(format!("the page shows {line:?}, which is not printed:\n{}", finished.output.trim_end())),
    }
}

/// The first line that `output` lacks, in their order.
fn missing<'a>(output: &str, expected: &[&'a str]) -> Option<&'a str> {
    let mut lines = output.lines();
    expected.iter().find(|wanted| !lines.any(|line| is_like(line.trim(), wanted.trim()))).copied()
}

/// Whether a line is as a page shows it, where `...` matches anything.
fn is_like(line: &str, shown: &str) -> bool {
    let parts: Vec<&str> = shown.split("...").collect();
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return false };
    let Some(mut rest) = line.strip_prefix(first) else { return false };
    for part in parts.iter().skip(1) {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.is_empty() || last.is_empty() || line.ends_with(last) && parts.len() > 1
}

/// Removes from the environment of a command what would make it use something else.
fn clean(command: &mut Command, folder: &Path) {
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        let ours = ["KOOPHONE_", "HUAWEICLOUD_", "PYTHON"].iter().any(|prefix| name.starts_with(prefix));
        if ours || name.to_ascii_lowercase().ends_with("_proxy") {
            command.env_remove(name);
        }
    }
    // Pages must not find the metadata service of a cloud server and the files in the developer's home.
    command.env("KOOPHONE_METADATA", "false").env("HOME", folder).current_dir(folder);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_compared_with_dots_for_anything() {
        for (line, shown, like) in [
            ("a44uhlf7: KooPhone", "a44uhlf7: KooPhone", true),
            ("a44uhlf7: KooPhone", "a44uhlf7: ...", true),
            ("a44uhlf7  running  2", "a44uhlf7...running...", true),
            ("a44uhlf7: KooPhone", "efjy72gs: ...", false),
            ("a44uhlf7: KooPhone", "a44uhlf7", false),
            ("1 of 2 done", "1 of ... done", true),
            ("1 of 2 undone", "1 of ... failed", false),
        ] {
            assert_eq!(is_like(line, shown), like, "{line} {shown}");
        }
        assert_eq!(missing("a\nb\nc\n", &["a", "c"]), None);
        assert_eq!(missing("a\nb\nc\n", &["c", "a"]), Some("a"));
    }
}
