//! `cargo xtask docs`: builds the guide with mdBook and the API reference of each language with that language's tool,
//! in `target/site`. Every tool is installed in an ignored folder, in the version pinned here or in its lock file.
//! Warnings and broken links are errors.

mod links;
mod references;

use std::fs;
use std::path::{Path, PathBuf};

use crate::process::{capture, capture_errors, command, stream};
use crate::repository::Repository;
use crate::tool::check_all;

/// The guide's own folder.
const GUIDE: &str = "docs/guide";

const MDBOOK: &str = "0.5.4";

/// The references that can be built; the guide is always built.
pub fn names() -> Vec<&'static str> {
    references::REFERENCES.iter().map(|reference| reference.name).collect()
}

/// Builds the guide and the named references, or all of them.
pub fn run(repository: &Repository, wanted: &[String]) -> Result<(), String> {
    let site = site(repository)?;
    let book = mdbook(repository)?;
    println!("\n== guide");
    let mut build = command(&book, &["build", GUIDE, "--dest-dir"], &repository.root);
    let output = capture_errors(build.arg(&site))?;
    if let Some(warning) = output.lines().find(|line| line.contains("WARN") || line.contains("ERROR")) {
        return Err(format!("mdbook: {}", warning.trim()));
    }
    fs::copy(repository.root.join("llms.txt"), site.join("llms.txt")).map_err(|error| format!("llms.txt: {error}"))?;
    let mut left_out = Vec::new();
    for reference in references::REFERENCES {
        let folder = site.join("api").join(reference.name);
        if !wanted.is_empty() && !wanted.iter().any(|name| name == reference.name) {
            left_out.push(folder);
            continue;
        }
        println!("\n== {}", reference.name);
        check_all(reference.needs)?;
        empty(&folder)?;
        (reference.build)(repository, &folder)?;
    }
    let broken = links::broken(&site, &left_out)?;
    if !broken.is_empty() {
        return Err(format!("broken links:\n{}", broken.join("\n")));
    }
    println!("\nthe site is in {}", site.display());
    Ok(())
}

fn site(repository: &Repository) -> Result<PathBuf, String> {
    Ok(repository.metadata()?.target_directory.as_std_path().join("site"))
}

/// Creates an empty folder.
fn empty(folder: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{} cannot be created: {error}", folder.display());
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(failed)?;
    }
    fs::create_dir_all(folder).map_err(failed)
}

/// The program mdbook, installed at first use.
fn mdbook(repository: &Repository) -> Result<String, String> {
    let root = repository.root.join(".tools/cargo");
    let program = root.join("bin/mdbook").to_string_lossy().into_owned();
    let version = capture(&mut command(&program, &["--version"], &repository.root));
    if version.is_ok_and(|output| output.trim() == format!("mdbook v{MDBOOK}")) {
        return Ok(program);
    }
    let wanted = format!("={MDBOOK}");
    let arguments =
        ["install", "mdbook", "--version", &wanted, "--locked", "--no-default-features", "--features", "search"];
    stream(command("cargo", &arguments, &repository.root).arg("--root").arg(&root))?;
    Ok(program)
}
