//! The Node binding's toolchain, for its test suite and its packages: npm, the addon, the TypeScript compiler.

use std::env::consts::{ARCH, DLL_PREFIX, DLL_SUFFIX, OS};
use std::fs;
use std::path::{Path, PathBuf};

use crate::process::{command, stream};
use crate::repository::Repository;
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

/// This machine's platform as it appears in names of npm packages, for example `linux-x64-gnu`.
pub fn system() -> Result<&'static str, String> {
    Ok(match (OS, ARCH) {
        ("linux", "x86_64") if cfg!(target_env = "musl") => "linux-x64-musl",
        ("linux", "aarch64") if cfg!(target_env = "musl") => "linux-arm64-musl",
        ("linux", "x86_64") => "linux-x64-gnu",
        ("linux", "aarch64") => "linux-arm64-gnu",
        ("macos", "x86_64") => "darwin-x64",
        ("macos", "aarch64") => "darwin-arm64",
        ("windows", "x86_64") => "win32-x64-msvc",
        ("windows", "aarch64") => "win32-arm64-msvc",
        _ => return Err(format!("the addon has no name for {OS} on {ARCH}")),
    })
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
pub fn library() -> String {
    format!("{DLL_PREFIX}koophone_node{DLL_SUFFIX}")
}

/// Builds the addon without optimisation and copies it to the package.
pub fn build_addon(repository: &Repository) -> Result<(), String> {
    stream(&mut command("cargo", &["build", "--locked", "--package", "koophone-node"], &repository.root))?;
    let target = repository.metadata()?.target_directory.as_std_path();
    let built = target.join("debug").join(library());
    let place = folder(repository).join(format!("koophone.{}.node", system()?));
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
