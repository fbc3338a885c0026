//! The recipes of other package managers: rendered from packaging/, written to `dist/recipes`, and tested.

use std::fs;
use std::path::{Path, PathBuf};

use minijinja::{Error, ErrorKind, context};
use serde_json::Value;
use sha2::{Sha256, Sha512};

use super::{Outcome, Release, VERSION};
use crate::dist::sums;
use crate::generate::template;
use crate::packages::is_there;
use crate::process::{capture, command, stream};
use crate::python::Venv;
use crate::repository::Repository;

/// The addresses in the recipes start with it. If it were empty, no step would notice.
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");
const _: () = assert!(!REPOSITORY.is_empty(), "crates/xtask/Cargo.toml must have the repository's address");

/// Substitutes for the functions of vcpkg that the port uses.
const VCPKG: &str = include_str!("vcpkg.cmake");

/// Renders the files of `packaging/NAME` to `dist/recipes`.
fn fill(repository: &Repository, name: &str) -> Result<PathBuf, String> {
    let to = repository.root.join("dist/recipes").join(name);
    fill_into(repository, name, &to)?;
    println!("wrote {}", to.display());
    Ok(to)
}

/// The same to another folder, whose previous contents are deleted.
fn fill_into(repository: &Repository, name: &str, to: &Path) -> Result<(), String> {
    if to.exists() {
        fs::remove_dir_all(to).map_err(|error| format!("{}: {error}", to.display()))?;
    }
    let start = format!("packaging/{name}/");
    for file in repository.files()?.iter().filter(|file| file.path.starts_with(&start)) {
        let path = &file.path[start.len()..];
        let (path, text) = match path.strip_suffix(".j2") {
            Some(path) => (path, filled(repository, &file.path, &file.text)?),
            None => (path, file.text.clone()),
        };
        let path = to.join(path);
        let folder = path.parent().unwrap_or(to);
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&path, text))
            .map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}

fn filled(repository: &Repository, name: &str, text: &str) -> Result<String, String> {
    let dist = repository.root.join("dist");
    let hash = move |of: fn(&Path) -> Result<String, String>| {
        let dist = dist.clone();
        move |file: &str| of(&dist.join(file)).map_err(|why| Error::new(ErrorKind::InvalidOperation, why))
    };
    let values = context! {
        version => VERSION,
        repository => REPOSITORY,
        downloads => format!("{REPOSITORY}/releases/download/v{VERSION}"),
    };
    template::render_with(name, text, values, |environment| {
        environment.add_function("sha256", hash(sums::hash::<Sha256>));
        environment.add_function("sha512", hash(sums::hash::<Sha512>));
        Ok(())
    })
}

/// An outcome if archives that the recipes refer to are missing.
fn missing(repository: &Repository, kind: &str, systems: &[&str]) -> Option<Outcome> {
    let names = systems.iter().map(|system| {
        let ending = if system.ends_with("windows") { "zip" } else { "tar.gz" };
        format!("{kind}-{VERSION}-{system}.{ending}")
    });
    let missing: Vec<String> = names.filter(|name| !repository.root.join("dist").join(name).exists()).collect();
    (!missing.is_empty())
        .then(|| Outcome::NotDone(format!("dist/ has no {}; run cargo xtask dist", missing.join(", "))))
}

pub(super) fn homebrew(release: &Release) -> Result<Outcome, String> {
    if let Some(outcome) = missing(release.repository, "koophone", &["x86_64-linux", "aarch64-linux"]) {
        return Ok(outcome);
    }
    let folder = fill(release.repository, "homebrew")?;
    if !is_there("ruby") {
        return Ok(Outcome::NotDone("rendered, but not checked: ruby is not installed (Debian: ruby)".to_owned()));
    }
    stream(&mut command("ruby", &["-wc", "koophone.rb"], &folder))?;
    Ok(Outcome::Done("the syntax is valid; Homebrew was not run".to_owned()))
}

pub(super) fn scoop(release: &Release) -> Result<Outcome, String> {
    if let Some(outcome) = missing(release.repository, "koophone", &["x86_64-windows"]) {
        return Ok(outcome);
    }
    let folder = fill(release.repository, "scoop")?;
    let text = fs::read_to_string(folder.join("koophone.json")).map_err(|error| error.to_string())?;
    let manifest: Value = serde_json::from_str(&text).map_err(|error| format!("koophone.json: {error}"))?;
    let top = manifest["architecture"]["64bit"]["extract_dir"].as_str().unwrap_or_default();
    let program = format!("{top}/{}", manifest["bin"].as_str().unwrap_or_default());
    let archive = format!("koophone-{VERSION}-x86_64-windows.zip");
    let arguments = ["-E", "tar", "tf", &archive];
    let listed = capture(&mut command("cmake", &arguments, &release.repository.root.join("dist")))?;
    if !listed.lines().any(|line| line == program) {
        return Ok(Outcome::Failed(vec![format!("{archive} has no {program}")]));
    }
    Ok(Outcome::Done("valid JSON, and the archive has the program; scoop was not run".to_owned()))
}

const C_SYSTEMS: &[&str] = &["x86_64-linux", "aarch64-linux", "x86_64-windows"];

pub(super) fn vcpkg(release: &Release) -> Result<Outcome, String> {
    if let Some(outcome) = missing(release.repository, "koophone-c", C_SYSTEMS) {
        return Ok(outcome);
    }
    let folder = fill(release.repository, "vcpkg")?;
    let manifest = fs::read_to_string(folder.join("vcpkg.json")).map_err(|error| error.to_string())?;
    serde_json::from_str::<Value>(&manifest).map_err(|error| format!("vcpkg.json: {error}"))?;
    let work = release.repository.metadata()?.target_directory.as_std_path().join("release-dry-run/vcpkg");
    if work.exists() {
        fs::remove_dir_all(&work).map_err(|error| format!("{}: {error}", work.display()))?;
    }
    fs::create_dir_all(&work)
        .and_then(|()| fs::write(work.join("install.cmake"), VCPKG))
        .map_err(|error| format!("{}: {error}", work.display()))?;
    let dist = release.repository.root.join("dist");
    // Install the files for every system; use those for this one.
    for (system, processor) in [("Linux", "x64"), ("Linux", "arm64"), ("Windows", "x64")] {
        let installed = work.join(format!("{system}-{processor}"));
        let mut install = command("cmake", &[], &work);
        for (name, value) in [
            ("SYSTEM", Path::new(system)),
            ("VCPKG_TARGET_ARCHITECTURE", Path::new(processor)),
            ("ARCHIVES", &dist),
            ("PORT", &folder),
            ("CURRENT_PACKAGES_DIR", &installed),
        ] {
            install.arg(format!("-D{name}={}", value.display()));
        }
        stream(install.args(["-P", "install.cmake"]))?;
    }
    let here = if std::env::consts::ARCH == "aarch64" { "Linux-arm64" } else { "Linux-x64" };
    let source = release.repository.root.join("packaging/conan/test_package");
    let build = work.join("build");
    let configure = ["-S", &source.to_string_lossy(), "-B", &build.to_string_lossy()].map(str::to_owned);
    let mut cmake = command("cmake", &[], &work);
    stream(cmake.args(configure).arg(format!("-DCMAKE_PREFIX_PATH={}", work.join(here).display())))?;
    stream(&mut command("cmake", &["--build", &build.to_string_lossy()], &work))?;
    stream(&mut command(&build.join("main").to_string_lossy(), &[], &work))?;
    Ok(Outcome::Done(
        "installed for 3 systems with substitutes for vcpkg's functions, a program built and run; vcpkg was not run"
            .to_owned(),
    ))
}

pub(super) fn conan(release: &Release) -> Result<Outcome, String> {
    if let Some(outcome) = missing(release.repository, "koophone-c", C_SYSTEMS) {
        return Ok(outcome);
    }
    let repository = release.repository;
    fill(repository, "conan")?;
    let work = repository.metadata()?.target_directory.as_std_path().join("release-dry-run/conan");
    if work.exists() {
        fs::remove_dir_all(&work).map_err(|error| format!("{}: {error}", work.display()))?;
    }
    // Conan builds the test package in the recipe's folder.
    let folder = work.join("recipe");
    fill_into(repository, "conan", &folder)?;
    // Conan finds archives in its download cache by their hashes, so nothing needs to be published yet.
    let downloads = work.join("downloads/s");
    let made = |error: std::io::Error| format!("{}: {error}", work.display());
    fs::create_dir_all(&downloads).map_err(made)?;
    for system in C_SYSTEMS {
        let ending = if system.ends_with("windows") { "zip" } else { "tar.gz" };
        let archive = repository.root.join(format!("dist/koophone-c-{VERSION}-{system}.{ending}"));
        fs::copy(&archive, downloads.join(sums::sha256(&archive)?)).map_err(made)?;
    }
    let venv = Venv::filled(repository, super::TOOLS, super::REQUIREMENTS)?;
    let run = |arguments: &[&str]| {
        let mut conan = venv.run("conan", arguments);
        stream(conan.env("CONAN_HOME", work.join("home")).current_dir(&folder))
    };
    run(&["profile", "detect"])?;
    let cache = format!("core.sources:download_cache={}", work.join("downloads").display());
    run(&["create", ".", "--version", VERSION, "--core-conf", &cache])?;
    Ok(Outcome::Done("created; its test package was built and run".to_owned()))
}
