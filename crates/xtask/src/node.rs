//! The Node binding's toolchain, for its test suite and its packages: npm, the addon, the TypeScript compiler.

use std::fs;
use std::path::{Path, PathBuf};

use crate::process::{command, stream};
use crate::repository::Repository;
use crate::target::Target;
use crate::tool::{Tool, tool};

/// The programs that it needs.
pub const TOOLS: &[Tool] = &[
    tool("node", "install Node.js 20.4 or newer").at_least(20, 4),
    tool("npm", "install npm 10 or newer: it comes with Node.js").at_least(10, 0),
];

/// Where the binding is.
pub fn folder(repository: &Repository) -> PathBuf {
    repository.root.join("bindings/node")
}

/// A target in the names of npm packages, for example `linux-x64-gnu`; ts/native.ts looks for these names.
pub fn system(target: &Target) -> Result<String, String> {
    let triple = &target.triple;
    let processors = [("x86_64-", "x64"), ("aarch64-", "arm64")];
    let systems = [
        ("-linux-gnu", "linux", "-gnu"),
        ("-linux-musl", "linux", "-musl"),
        // Node loads what MinGW linked as it loads what Microsoft's linker did.
        ("-windows-", "win32", "-msvc"),
        ("-darwin", "darwin", ""),
    ];
    let processor = processors.iter().find(|(start, _)| triple.starts_with(start));
    let system = systems.iter().find(|(part, ..)| triple.contains(part));
    match (processor, system) {
        (Some((_, cpu)), Some((_, os, library))) => Ok(format!("{os}-{cpu}{library}")),
        _ => Err(format!("the addon has no name for {triple}")),
    }
}

/// Installs the packages of a folder's lock file, unless they have been installed since it last changed.
pub fn install(folder: &Path) -> Result<(), String> {
    let read = |path: &str| fs::read(folder.join(path)).ok();
    let done = "node_modules/.koophone-lock.json";
    let lock = read("package-lock.json");
    if lock.is_some() && lock == read(done) {
        return Ok(());
    }
    stream(&mut command("npm", &["ci", "--no-audit", "--no-fund"], folder))?;
    fs::copy(folder.join("package-lock.json"), folder.join(done))
        .map(drop)
        .map_err(|error| format!("node_modules cannot be written: {error}"))
}

/// The name of the addon's library as cargo builds it.
pub fn library(target: &Target) -> &'static str {
    match &target.triple {
        triple if triple.contains("-windows-") => "koophone_node.dll",
        triple if triple.contains("-darwin") => "libkoophone_node.dylib",
        _ => "libkoophone_node.so",
    }
}

/// Builds the addon without optimisation and copies it to the package.
pub fn build_addon(repository: &Repository) -> Result<(), String> {
    stream(&mut command("cargo", &["build", "--locked", "--package", "koophone-node"], &repository.root))?;
    let host = Target::host(repository)?;
    let built = repository.metadata()?.target_directory.as_std_path().join("debug").join(library(&host));
    let place = folder(repository).join(format!("koophone.{}.node", system(&host)?));
    // Copy by way of a new file: overwriting a library that a running program has mapped would crash it.
    let fresh = place.with_extension("new");
    fs::copy(&built, &fresh)
        .and_then(|_| fs::rename(&fresh, &place))
        .map_err(|error| format!("{} cannot be written: {error}", place.display()))
}

/// Builds the package's JavaScript and type declarations. They are not committed, because they would become outdated.
pub fn build_scripts(folder: &Path) -> Result<(), String> {
    // Otherwise a declaration whose source was deleted would be shipped.
    let _ = fs::remove_dir_all(folder.join("types"));
    stream(&mut tsc(folder, &["--project", "tsconfig.json"]))?;
    stream(&mut command("node", &["bundle.mjs"], folder))
}

/// A command that runs a program of node_modules, by the script that npm's link points to.
pub fn tool_of(folder: &Path, program: &str, arguments: &[&str]) -> std::process::Command {
    let file = folder.join("node_modules").join(program).to_string_lossy().into_owned();
    command("node", &[&[file.as_str()], arguments].concat(), folder)
}

/// What publint and are-the-types-wrong say of a package, with the tools in `folder`.
pub fn look_at(folder: &Path, tarball: &Path) -> Result<(), String> {
    let tarball = tarball.to_string_lossy();
    stream(&mut tool_of(folder, "publint/src/cli.js", &["--strict", &tarball]))?;
    stream(&mut tool_of(folder, "@arethetypeswrong/cli/dist/index.js", &["--no-color", "--no-emoji", &tarball]))
}

/// The TypeScript compiler.
pub fn tsc(folder: &Path, arguments: &[&str]) -> std::process::Command {
    tool_of(folder, "typescript/bin/tsc", arguments)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_named_as_npm_does() {
        let name = |triple: &str| system(&Target { triple: triple.to_owned(), is_host: false });
        for (triple, expected) in [
            ("x86_64-unknown-linux-gnu", "linux-x64-gnu"),
            ("aarch64-unknown-linux-musl", "linux-arm64-musl"),
            ("x86_64-pc-windows-gnu", "win32-x64-msvc"),
            ("aarch64-pc-windows-msvc", "win32-arm64-msvc"),
            ("aarch64-apple-darwin", "darwin-arm64"),
        ] {
            assert_eq!(name(triple).as_deref(), Ok(expected));
        }
        assert!(name("sparc64-unknown-linux-gnu").is_err());
    }
}
