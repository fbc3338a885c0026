//! The repository as the checks see it: its folder, its files, and its cargo metadata.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::path::PathBuf;
use std::{env, fs};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId};

use crate::process::{capture, command};

/// The repository; expensive information is cached.
pub struct Repository {
    /// The top folder.
    pub root: PathBuf,
    metadata: OnceCell<Metadata>,
    files: OnceCell<Vec<File>>,
}

/// A text file of the repository.
pub struct File {
    /// The path from the top folder, with `/` on every system.
    pub path: String,
    /// The contents.
    pub text: String,
    /// The size on disk.
    pub bytes: u64,
}

impl Repository {
    /// Finds the repository of this `cargo xtask` at run time, so that the binary contains no path of the machine.
    pub fn find() -> Result<Self, String> {
        let manifest = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let root = manifest.as_deref().and_then(|xtask| xtask.ancestors().nth(2));
        let root = root.ok_or("run it as `cargo xtask`: without cargo it cannot find the repository")?;
        Ok(Self { root: root.to_owned(), metadata: OnceCell::new(), files: OnceCell::new() })
    }

    /// The output of `cargo metadata` with all features enabled, so that it includes optional dependencies.
    pub fn metadata(&self) -> Result<&Metadata, String> {
        get_or_try_init(&self.metadata, || {
            let arguments = ["metadata", "--format-version", "1", "--all-features", "--locked"];
            let text = capture(&mut command("cargo", &arguments, &self.root))?;
            MetadataCommand::parse(text)
                .map_err(|error| format!("the output of cargo metadata cannot be parsed: {error}"))
        })
    }

    /// Every file that git tracks or would track. Files that are not UTF-8 text have an empty `text`.
    pub fn files(&self) -> Result<&[File], String> {
        let files = get_or_try_init(&self.files, || {
            let arguments = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
            let listed = capture(&mut command("git", &arguments, &self.root))?;
            let paths = listed.split('\0').filter(|path| !path.is_empty());
            Ok::<_, String>(paths.filter_map(|path| self.file(path)).collect())
        })?;
        Ok(files)
    }

    /// The text of a file, if it exists.
    pub fn read(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.root.join(path)).ok()
    }

    fn file(&self, path: &str) -> Option<File> {
        // Skips files whose deletion is not committed yet, and symbolic links, whose targets are listed themselves.
        let bytes = fs::symlink_metadata(self.root.join(path)).ok().filter(|found| found.is_file())?.len();
        Some(File { path: path.to_owned(), text: self.read(path).unwrap_or_default(), bytes })
    }

    /// A package's folder, relative to the top folder.
    pub fn folder_of(&self, package: &Package) -> String {
        let folder = package.manifest_path.parent().map(|folder| folder.as_std_path().to_owned()).unwrap_or_default();
        folder.strip_prefix(&self.root).unwrap_or(&folder).to_string_lossy().replace('\\', "/")
    }
}

impl File {
    /// The file name's extension, without the dot.
    pub fn extension(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name.rsplit_once('.').map_or("", |(_, extension)| extension)
    }
}

/// The packages that `start` reaches through the given kinds of dependencies, itself included. A package for which
/// `enter` returns false is skipped, with its dependencies.
pub fn reachable<'m>(
    metadata: &'m Metadata,
    start: &'m PackageId,
    kinds: &[DependencyKind],
    enter: impl Fn(&Package) -> bool,
) -> HashSet<&'m PackageId> {
    let nodes = metadata.resolve.as_ref().map(|resolve| resolve.nodes.as_slice()).unwrap_or_default();
    let (mut seen, mut open) = (HashSet::new(), vec![start]);
    while let Some(id) = open.pop() {
        if !enter(&metadata[id]) || !seen.insert(id) {
            continue;
        }
        let node = nodes.iter().find(|node| node.id == *id);
        let dependencies = node.map(|node| node.deps.as_slice()).unwrap_or_default();
        let wanted = dependencies.iter().filter(|dep| dep.dep_kinds.iter().any(|how| kinds.contains(&how.kind)));
        open.extend(wanted.map(|dep| &dep.pkg));
    }
    seen
}

/// `OnceCell::get_or_try_init`, which is not stable yet.
fn get_or_try_init<T, E>(cell: &OnceCell<T>, make: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
    if let Some(value) = cell.get() {
        return Ok(value);
    }
    let value = make()?;
    Ok(cell.get_or_init(|| value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_knows_its_files_and_packages() {
        let repository = Repository::find().unwrap();
        let files = repository.files().unwrap();
        let manifest = files.iter().find(|file| file.path == "crates/xtask/Cargo.toml").unwrap();
        assert_eq!(manifest.extension(), "toml");
        assert_eq!(manifest.bytes, manifest.text.len() as u64);
        assert!(!files.iter().any(|file| file.path.starts_with("target/")));
        let metadata = repository.metadata().unwrap();
        let core = metadata.workspace_packages().into_iter().find(|package| package.name == "koophone").unwrap();
        assert_eq!(repository.folder_of(core), "crates/koophone");
    }

    #[test]
    fn reachable_follows_the_kinds_asked_for() {
        let repository = Repository::find().unwrap();
        let metadata = repository.metadata().unwrap();
        let core = metadata.workspace_packages().into_iter().find(|package| package.name == "koophone").unwrap();
        let has = |kinds: &[DependencyKind], name: &str| {
            reachable(metadata, &core.id, kinds, |_| true).iter().any(|id| metadata[*id].name == name)
        };
        assert!(has(&[DependencyKind::Normal], "tokio"));
        assert!(!has(&[DependencyKind::Normal], "koophone-emulator"));
        assert!(has(&[DependencyKind::Normal, DependencyKind::Development], "koophone-emulator"));
    }
}
