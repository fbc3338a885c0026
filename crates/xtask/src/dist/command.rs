//! The `koophone` command as users get it: a tarball with the program, its licence and its documentation.

use std::fs;
use std::path::{Path, PathBuf};

use super::{pack, portable};
use crate::process::{capture, command};
use crate::repository::Repository;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// `cargo xtask dist command`: `dist/koophone-VERSION-TARGET.tar.gz`.
pub(super) fn make(repository: &Repository) -> Result<Vec<PathBuf>, String> {
    let program = format!("koophone{}", std::env::consts::EXE_SUFFIX);
    let built = portable::build(repository, "koophone-cli", &program)?.join(&program);
    let name = format!("koophone-{VERSION}-{}-{}", std::env::consts::ARCH, std::env::consts::OS);
    let dist = repository.root.join("dist");
    let folder = dist.join(&name);
    fs::create_dir_all(&folder).map_err(|error| format!("{} cannot be created: {error}", folder.display()))?;
    let files = [built, repository.root.join("LICENSE"), repository.root.join("README.md")];
    for (file, name) in files.iter().zip([&program, "LICENSE", "README.md"]) {
        fs::copy(file, folder.join(name)).map_err(|error| format!("{} cannot be copied: {error}", file.display()))?;
    }
    let said = capture(&mut command(&folder.join(&program).to_string_lossy(), &["--version"], Path::new(".")))?;
    if said.trim() != format!("koophone {VERSION}") {
        return Err(format!("the command should be of version {VERSION}; it prints {said}"));
    }
    pack(&dist, &name).map(|tarball| vec![tarball])
}
