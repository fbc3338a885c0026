//! Files with secrets: private to their owner, and not trusted when other users could have created or read them.

#[cfg(windows)]
mod windows;

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::path::Path;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

/// How to make a file private.
pub(super) use system::REMEDY;

/// Opens a file to read it, but not through a link.
pub(super) fn open(path: &Path) -> io::Result<File> {
    system::open(OpenOptions::new().read(true), path)
}

/// Creates a file that no other user may read. It must be closed before it is renamed.
pub(super) fn create(path: &Path) -> io::Result<File> {
    system::create(OpenOptions::new().write(true).create_new(true), path)
}

/// Opens a file to lock it, but not through a link; creates it if necessary.
pub(super) fn open_or_create(path: &Path) -> io::Result<File> {
    system::open_or_create(OpenOptions::new().write(true).create(true).truncate(false), path)
}

/// Creates the directory unless it exists, and checks it.
pub(super) fn make_directory(path: &Path) -> io::Result<()> {
    system::make_directory(DirBuilder::new().recursive(true), path)?;
    check_directory(path)
}

/// Refuses a directory in which others could replace files.
pub(super) fn check_directory(path: &Path) -> io::Result<()> {
    let data = fs::metadata(path)?;
    system::check_directory(path, &data)?;
    if data.is_dir() { Ok(()) } else { Err(io::ErrorKind::NotADirectory.into()) }
}

/// Refuses a file that others could read or could have written.
pub(super) fn check_file(file: &File) -> io::Result<()> {
    let data = file.metadata()?;
    system::check_file(file, &data)?;
    if data.is_file() { Ok(()) } else { Err(io::Error::other("it is not a regular file")) }
}

/// Whether others can read the file or change it.
pub(super) fn is_open_to_others(file: &File) -> bool {
    file.metadata().is_ok_and(|data| {
        system::check_file(file, &data).is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied)
    })
}

#[cfg(unix)]
mod unix {
    use std::fs::{DirBuilder, File, Metadata, OpenOptions};
    use std::io;
    use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
    use std::path::Path;

    pub const REMEDY: &str = "run chmod 600 on it";

    pub fn open(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
        options.mode(0o600).custom_flags(libc::O_NOFOLLOW).open(path)
    }

    pub use {open as create, open as open_or_create};

    pub fn make_directory(builder: &mut DirBuilder, path: &Path) -> io::Result<()> {
        builder.mode(0o700).create(path)
    }

    pub fn check_directory(_: &Path, data: &Metadata) -> io::Result<()> {
        check(data, 0o022, "the directory must belong to this user and be writable by no other user (chmod 700)")
    }

    pub fn check_file(_: &File, data: &Metadata) -> io::Result<()> {
        check(data, 0o077, "the file must belong to this user and be readable by no other user (chmod 600)")
    }

    /// `forbidden` are bits of the mode.
    fn check(data: &Metadata, forbidden: u32, demand: &'static str) -> io::Result<()> {
        // SAFETY: takes nothing and cannot fail.
        let us = unsafe { libc::geteuid() };
        let trusted = is_trusted(data.uid(), us) && data.mode() & forbidden == 0;
        if trusted { Ok(()) } else { Err(io::Error::new(io::ErrorKind::PermissionDenied, demand)) }
    }

    /// The administrator can read and write everything anyway.
    fn is_trusted(owner: u32, us: u32) -> bool {
        owner == us || owner == 0
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn another_user_is_not_trusted() {
            assert!(is_trusted(1000, 1000) && is_trusted(0, 1000) && is_trusted(0, 0));
            assert!(!is_trusted(1001, 1000) && !is_trusted(1000, 0));
        }

        #[test]
        fn a_file_of_another_owner_is_refused_whatever_its_mode() {
            // SAFETY: takes nothing and cannot fail.
            let us = unsafe { libc::geteuid() };
            let path = std::env::temp_dir().join(format!("koophone-owner-{}", std::process::id()));
            let file = super::super::open_or_create(&path).unwrap();
            super::super::check_file(&file).unwrap();
            // Only the administrator can give files away.
            if us == 0 {
                std::os::unix::fs::fchown(&file, Some(12345), None).unwrap();
                assert!(super::super::check_file(&file).is_err());
            }
            std::fs::remove_file(path).unwrap();
        }
    }
}
