//! `cargo xtask dist FACE`: what users install, made ready in `dist/`.

pub mod c;
pub(crate) mod command;
pub mod node;
pub(crate) mod portable;
pub mod python;
pub(crate) mod windows;

use std::fs;
use std::path::{Path, PathBuf};

use crate::process::{self, capture, stream};
use crate::repository::Repository;
use crate::target::Target;
use crate::tool::check_all;

/// A face that is shipped.
struct Shipped {
    name: &'static str,
    /// Makes the files and gives their paths.
    make: Make,
}

#[derive(Clone, Copy)]
enum Make {
    /// On the system that the packages are for.
    There(fn(&Repository) -> Result<Vec<PathBuf>, String>),
    /// On this machine, for another one too.
    Anywhere(fn(&Repository, &Target) -> Result<Vec<PathBuf>, String>),
}

/// One line per face.
const FACES: &[Shipped] = &[
    Shipped { name: "python", make: Make::There(python::make) },
    Shipped { name: "node", make: Make::There(node::make) },
    Shipped { name: "c", make: Make::Anywhere(c::make) },
    Shipped { name: "command", make: Make::Anywhere(command::make) },
];

/// The names of all faces that are shipped.
pub fn names() -> Vec<&'static str> {
    FACES.iter().map(|face| face.name).collect()
}

/// Makes the faces named, or all, for the targets named, or this machine.
pub fn run(repository: &Repository, wanted: &[String], targets: &[String]) -> Result<(), String> {
    let faces: Vec<_> =
        FACES.iter().filter(|face| wanted.is_empty() || wanted.iter().any(|name| name == face.name)).collect();
    if targets.is_empty() {
        let host = Target::host(repository)?;
        return faces.iter().try_for_each(|face| made(repository, face.make, &host));
    }
    let targets: Vec<Target> =
        targets.iter().map(|triple| Target::named(repository, triple)).collect::<Result<_, _>>()?;
    // Before anything is built: what is not made for a system is refused where it was asked for by name.
    for (target, face) in targets.iter().flat_map(|target| faces.iter().map(move |face| (target, face))) {
        if !wanted.is_empty() && !target.has(face.name) {
            let (face, triple) = (face.name, &target.triple);
            return Err(format!("{face} is not made for {triple} here: docs/platforms.md says what is"));
        }
    }
    for target in &targets {
        for face in faces.iter().filter(|face| target.has(face.name)) {
            made(repository, face.make, target)?;
        }
    }
    Ok(())
}

fn made(repository: &Repository, make: Make, target: &Target) -> Result<(), String> {
    let paths = match make {
        Make::There(make) => make(repository),
        Make::Anywhere(make) => make(repository, target),
    };
    for path in paths? {
        println!("made {}", path.strip_prefix(&repository.root).unwrap_or(&path).display());
    }
    Ok(())
}

/// Packs a staged folder beside itself: a zip for Windows, a tarball for the others.
pub fn pack(parent: &Path, name: &str, target: &Target) -> Result<PathBuf, String> {
    if target.is_windows() {
        return zip(parent, name);
    }
    let file = format!("{name}.tar.gz");
    // Nothing of this machine goes in: no user, no time.
    let plain = ["--owner=0", "--group=0", "--numeric-owner", "--mtime=@0", "--sort=name"];
    let arguments = [&["-czf", &file], plain.as_slice(), &[name]].concat();
    stream(&mut process::command("tar", &arguments, parent))?;
    Ok(parent.join(file))
}

/// The same folder makes the same zip, to the byte.
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

/// Prints a file's size, and refuses one that has grown beyond its limit.
fn check_size(file: &Path, limit: u64) -> Result<(), String> {
    let bytes = fs::metadata(file).map_err(|error| format!("{}: {error}", file.display()))?.len();
    println!("{} has {bytes} bytes", file.display());
    if bytes > limit {
        return Err(format!("{} has {bytes} bytes; the limit is {limit}", file.display()));
    }
    Ok(())
}
