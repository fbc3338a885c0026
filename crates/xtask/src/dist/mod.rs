//! `cargo xtask dist FACE`: builds the packages that users install, in `dist/`.

pub mod c;
pub(crate) mod command;
pub mod node;
pub(crate) mod portable;
pub mod python;
pub mod sbom;
pub mod sums;
pub(crate) mod windows;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::process::{self, capture, stream};
use crate::repository::Repository;
use crate::target::Target;
use crate::tool::check_all;

/// A face that is shipped.
struct Shipped {
    name: &'static str,
    /// The crate that it packages.
    of: &'static str,
    /// Makes the files for a target, which may be another system, and gives their paths.
    make: fn(&Repository, &Target) -> Result<Vec<PathBuf>, String>,
}

/// One line per face.
const FACES: &[Shipped] = &[
    Shipped { name: "python", of: "koophone-python", make: python::make },
    Shipped { name: "node", of: "koophone-node", make: node::make },
    Shipped { name: "c", of: "koophone-c", make: c::make },
    Shipped { name: "command", of: "koophone-cli", make: command::make },
];

/// The names of all faces that are shipped.
pub fn names() -> Vec<&'static str> {
    FACES.iter().map(|face| face.name).collect()
}

/// Builds the packages of the named faces (by default all) for the named targets (by default this machine).
pub fn run(repository: &Repository, wanted: &[String], targets: &[String]) -> Result<(), String> {
    let faces: Vec<_> =
        FACES.iter().filter(|face| wanted.is_empty() || wanted.iter().any(|name| name == face.name)).collect();
    if targets.is_empty() {
        let host = Target::host(repository)?;
        return faces.iter().try_for_each(|face| made(repository, face, &host));
    }
    let targets: Vec<Target> =
        targets.iter().map(|triple| Target::named(repository, triple)).collect::<Result<_, _>>()?;
    targets.iter().try_for_each(|target| faces.iter().try_for_each(|face| made(repository, face, target)))
}

fn made(repository: &Repository, face: &Shipped, target: &Target) -> Result<(), String> {
    let packages = (face.make)(repository, target)?;
    let mut paths = packages.clone();
    for package in &packages {
        paths.push(sbom::write(repository, target, Some(face.of).filter(|_| holds_code(package)), package)?);
    }
    let folders: BTreeSet<&Path> = packages.iter().filter_map(|path| path.parent()).collect();
    for folder in folders {
        paths.push(sums::write(folder)?);
    }
    for path in paths {
        println!("wrote {}", path.strip_prefix(&repository.root).unwrap_or(&path).display());
    }
    Ok(())
}

/// npm's main package is JavaScript without dependencies; the native addons are in separate packages.
fn holds_code(package: &Path) -> bool {
    package.file_name().is_some_and(|name| name != concat!("koophone-", env!("CARGO_PKG_VERSION"), ".tgz"))
}

/// A package that this machine can build.
pub struct Package {
    /// The face that it contains.
    pub face: &'static str,
    /// The target, if it is not this machine.
    pub target: Option<String>,
    /// Folder in `dist/`, and the start and end of the file name.
    file: (&'static str, String, &'static str),
}

impl Package {
    /// The file, if it has been built.
    pub fn file_in(&self, dist: &Path) -> Option<PathBuf> {
        let (folder, start, end) = &self.file;
        let entries = fs::read_dir(dist.join(folder)).ok()?.flatten();
        let mut files = entries.filter(|entry| {
            let name = entry.file_name();
            name.to_str().is_some_and(|name| name.starts_with(start.as_str()) && name.ends_with(end))
        });
        files.next().map(|entry| entry.path())
    }

    /// The command that builds it.
    pub fn verb(&self) -> String {
        let target = self.target.as_ref().map(|triple| format!(" --target {triple}"));
        format!("cargo xtask dist {}{}", self.face, target.unwrap_or_default())
    }
}

/// Every package of a release that this machine can build.
pub fn packages(host: &Target) -> Result<Vec<Package>, String> {
    let version = env!("CARGO_PKG_VERSION");
    let mut all = vec![
        Package { face: "python", target: None, file: ("python", format!("koophone-{version}"), ".tar.gz") },
        Package { face: "node", target: None, file: ("node", format!("koophone-{version}"), ".tgz") },
    ];
    for (face, start) in [("python", ""), ("node", ""), ("c", "koophone-c"), ("command", "koophone")] {
        for target in crate::target::all() {
            let file = match face {
                "python" => ("python", python::file_name(&target)?.replace(".whl", ""), ".whl"),
                "node" => ("node", format!("koophone-{}-{version}.", crate::node::system(&target)?), "tgz"),
                _ => ("", format!("{start}-{version}-{}.", target.name()), ending(&target)),
            };
            let other = (target.triple != host.triple).then_some(target.triple);
            all.push(Package { face, target: other, file });
        }
    }
    Ok(all)
}

/// A zip for Windows, a tarball for the others.
fn ending(target: &Target) -> &'static str {
    if target.is_windows() { "zip" } else { "tar.gz" }
}

/// Packs a staged folder beside itself: a zip for Windows, a tarball for the others.
pub fn pack(parent: &Path, name: &str, target: &Target) -> Result<PathBuf, String> {
    if target.is_windows() {
        return zip(parent, name);
    }
    let file = format!("{name}.tar.gz");
    // Reproducible: no users and times of this machine.
    let plain = ["--owner=0", "--group=0", "--numeric-owner", "--mtime=@0", "--sort=name"];
    let arguments = [&["-czf", &file], plain.as_slice(), &[name]].concat();
    stream(&mut process::command("tar", &arguments, parent))?;
    Ok(parent.join(file))
}

/// Reproducible: the same folder results in the same bytes.
const ZIP: &str = "\
import os, sys, zipfile
folder, file = sys.argv[1:]
with zipfile.ZipFile(file, 'w') as archive:
    for top, folders, names in os.walk(folder):
        folders.sort()
        for path in sorted(os.path.join(top, name) for name in names):
            entry = zipfile.ZipInfo(path.replace(os.sep, '/'), (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, open(path, 'rb').read(), compresslevel=9)";

fn zip(parent: &Path, name: &str) -> Result<PathBuf, String> {
    check_all(crate::python::TOOLS)?;
    let file = format!("{name}.zip");
    capture(&mut process::command("python3", &["-c", ZIP, name, &file], parent))?;
    Ok(parent.join(file))
}

/// Prints a file's size; an error if it exceeds the limit.
fn check_size(file: &Path, limit: u64) -> Result<(), String> {
    let bytes = fs::metadata(file).map_err(|error| format!("{}: {error}", file.display()))?.len();
    println!("{} has {bytes} bytes", file.display());
    if bytes > limit {
        return Err(format!("{} has {bytes} bytes; the limit is {limit}", file.display()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_package_is_found_by_its_own_name() {
        let host = Target { triple: "x86_64-unknown-linux-gnu".to_owned(), is_host: true };
        let version = env!("CARGO_PKG_VERSION");
        let dist = std::env::temp_dir().join(format!("koophone-dist-{}", std::process::id()));
        let packages = packages(&host).unwrap();
        for name in [
            format!("python/koophone-{version}.tar.gz"),
            format!("python/koophone-{version}-cp310-abi3-manylinux_2_28_x86_64.whl"),
            format!("python/koophone-{version}-cp310-abi3-manylinux_2_28_aarch64.whl"),
            format!("python/koophone-{version}-cp310-abi3-win_amd64.whl"),
            format!("python/koophone-{version}-cp310-abi3-musllinux_1_2_x86_64.whl"),
            format!("node/koophone-{version}.tgz"),
            format!("node/koophone-linux-x64-gnu-{version}.tgz"),
            format!("node/koophone-linux-x64-musl-{version}.tgz"),
            format!("node/koophone-linux-arm64-gnu-{version}.tgz"),
            format!("node/koophone-win32-x64-msvc-{version}.tgz"),
            format!("koophone-c-{version}-x86_64-windows.zip"),
            format!("koophone-c-{version}-x86_64-linux.tar.gz"),
            format!("koophone-c-{version}-x86_64-linux-musl.tar.gz"),
            format!("koophone-{version}-x86_64-linux-musl.tar.gz"),
        ] {
            // Alone with its list of contents, it is the one package that is there.
            let file = dist.join(&name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, "").unwrap();
            fs::write(dist.join(name.clone() + sbom::ENDING), "").unwrap();
            let found: Vec<PathBuf> = packages.iter().filter_map(|package| package.file_in(&dist)).collect();
            assert_eq!(found, [file], "{name}");
            fs::remove_dir_all(&dist).unwrap();
        }
    }
}
