//! `cargo xtask dist FACE`: what users install, made ready in `dist/`.

pub mod c;
pub mod node;
pub mod python;

use std::path::PathBuf;

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
