//! `cargo xtask dist FACE`: what users install, made ready in `dist/`.

pub mod c;
mod command;
pub mod node;
mod portable;
pub mod python;

use std::fs;
use std::path::{Path, PathBuf};

use crate::process::{self, stream};
use crate::repository::Repository;

/// A face that is shipped.
struct Shipped {
    name: &'static str,
    /// Makes the files and gives their paths.
    make: fn(&Repository) -> Result<Vec<PathBuf>, String>,
}

/// One line per face.
const FACES: &[Shipped] = &[
    Shipped { name: "python", make: python::make },
    Shipped { name: "node", make: node::make },
    Shipped { name: "c", make: c::make },
    Shipped { name: "command", make: command::make },
];

/// The names of all faces that are shipped.
pub fn names() -> Vec<&'static str> {
    FACES.iter().map(|face| face.name).collect()
}

/// Makes the faces named, or all.
pub fn run(repository: &Repository, wanted: &[String]) -> Result<(), String> {
    for face in FACES.iter().filter(|face| wanted.is_empty() || wanted.iter().any(|name| name == face.name)) {
        for path in (face.make)(repository)? {
            println!("made {}", path.strip_prefix(&repository.root).unwrap_or(&path).display());
        }
    }
    Ok(())
}

/// Packs a staged folder beside itself.
pub fn pack(parent: &Path, name: &str) -> Result<PathBuf, String> {
    let file = format!("{name}.tar.gz");
    // Nothing of this machine goes in: no user, no time.
    let plain = ["--owner=0", "--group=0", "--numeric-owner", "--mtime=@0", "--sort=name"];
    let arguments = [&["-czf", &file], plain.as_slice(), &[name]].concat();
    stream(&mut process::command("tar", &arguments, parent))?;
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
