//! The package of the `koophone` command: an archive with the program, its licence and its documentation.

use std::fs;
use std::path::PathBuf;

use super::{pack, portable};
use crate::emulation;
use crate::process::capture;
use crate::repository::Repository;
use crate::target::Target;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// `cargo xtask dist command`: `dist/koophone-VERSION-SYSTEM.tar.gz`, or `.zip`.
pub(super) fn make(repository: &Repository, target: &Target) -> Result<Vec<PathBuf>, String> {
    let program = file_name(target);
    let built = portable::build_for(repository, target, "koophone-cli", "dist", &program)?.join(&program);
    let name = format!("koophone-{VERSION}-{}", target.name());
    let dist = repository.root.join("dist");
    let folder = dist.join(&name);
    fs::create_dir_all(&folder).map_err(|error| format!("{} cannot be created: {error}", folder.display()))?;
    let files = [built, repository.root.join("LICENSE"), repository.root.join("README.md")];
    for (file, name) in files.iter().zip([&*program, "LICENSE", "README.md"]) {
        fs::copy(file, folder.join(name)).map_err(|error| format!("{} cannot be copied: {error}", file.display()))?;
    }
    let mut run = emulation::command(repository, target, &folder.join(&program))?;
    let output = capture(run.arg("--version"))?;
    if output.trim() != format!("koophone {VERSION}") {
        return Err(format!("the package has version {VERSION}, but its command prints {output}"));
    }
    pack(&dist, &name, target).map(|archive| vec![archive])
}

/// The program's file name on the target.
pub(crate) fn file_name(target: &Target) -> String {
    if target.is_windows() { "koophone.exe".to_owned() } else { "koophone".to_owned() }
}
