//! Symbolic links, which each system makes in its own way.

use std::io;
use std::path::Path;

/// A link at `link` to a file, whose path may be relative to the link's folder.
#[cfg(unix)]
pub fn to_file(file: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(file, link)
}

/// A copy: on Windows, links need a right that few users have.
#[cfg(windows)]
pub fn to_file(file: &Path, link: &Path) -> io::Result<()> {
    let from = link.parent().unwrap_or(Path::new(".")).join(file);
    std::fs::copy(from, link).map(drop)
}

/// A link at `link` to a folder.
#[cfg(unix)]
pub fn to_folder(folder: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(folder, link)
}

#[cfg(windows)]
pub fn to_folder(folder: &Path, link: &Path) -> io::Result<()> {
    std::os::windows::fs::symlink_dir(folder, link)
}
