//! The server programs and where they are installed.

use std::path::PathBuf;

/// A server program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// nginx
    Nginx,
    /// HAProxy
    Haproxy,
    /// Apache
    Apache,
    /// squid
    Squid,
}

impl Program {
    /// Every program.
    pub const ALL: [Self; 4] = [Self::Nginx, Self::Haproxy, Self::Apache, Self::Squid];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Haproxy => "HAProxy",
            Self::Apache => "Apache",
            Self::Squid => "squid",
        }
    }

    /// The possible names of its binary.
    fn binaries(self) -> &'static [&'static str] {
        match self {
            Self::Nginx => &["nginx"],
            Self::Haproxy => &["haproxy"],
            Self::Apache => &["apache2", "httpd"],
            Self::Squid => &["squid"],
        }
    }

    /// The Debian package that contains it.
    pub fn package(self) -> &'static str {
        match self {
            Self::Nginx => "nginx-light",
            Self::Haproxy => "haproxy",
            Self::Apache => "apache2",
            Self::Squid => "squid",
        }
    }

    /// Finds the binary. Servers are often in folders that are not on a user's PATH.
    pub fn find(self) -> Option<PathBuf> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::env::split_paths(&path).chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from));
        let files = folders.flat_map(|folder| self.binaries().iter().map(move |name| folder.join(name)));
        files.into_iter().find(|file| file.is_file())
    }
}
