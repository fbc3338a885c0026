//! Files with secrets: private to their owner, and not trusted when other users could have created or read them. On
//! systems other than Unix the access list of the directory decides.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::path::Path;

/// Opens a file that no other user may read, without following a link in its place.
pub(super) fn open(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600).custom_flags(libc::O_NOFOLLOW);
    }
    options.open(path)
}

/// Creates the directory unless it exists, and checks it.
pub(super) fn make_directory(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    check_directory(path)
}

/// Refuses a directory in which others could replace files.
pub(super) fn check_directory(path: &Path) -> io::Result<()> {
    let data = fs::metadata(path)?;
    #[cfg(unix)]
    unix::check(&data, 0o022, "the directory must belong to this user and be writable by no other user (chmod 700)")?;
    if data.is_dir() { Ok(()) } else { Err(io::ErrorKind::NotADirectory.into()) }
}

/// Refuses a file that others could read or could have written.
pub(super) fn check_file(file: &File) -> io::Result<()> {
    let data = file.metadata()?;
    #[cfg(unix)]
    unix::check(&data, 0o077, "the file must belong to this user and be readable by no other user (chmod 600)")?;
    if data.is_file() { Ok(()) } else { Err(io::Error::other("it is not a regular file")) }
}

/// Whether others can read the file or change it.
pub(super) fn is_open_to_others(file: &File) -> bool {
    #[cfg(unix)]
    let open = |data| unix::check(&data, 0o077, "").is_err();
    #[cfg(not(unix))]
    let open = |_| false;
    file.metadata().is_ok_and(open)
}

#[cfg(unix)]
mod unix {
    use std::fs::Metadata;
    use std::io;
    use std::os::unix::fs::MetadataExt;

    /// `forbidden` are bits of the mode.
    pub fn check(data: &Metadata, forbidden: u32, demand: &'static str) -> io::Result<()> {
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
            let file = super::super::open(std::fs::OpenOptions::new().write(true).create(true).truncate(true), &path);
            let file = file.unwrap();
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
