//! The optional token cache on disk: one file per endpoint, user and scope, so that many processes log in once.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::signing::hex;
use crate::json;
use crate::model::Identity;

/// The file of one log-in.
#[derive(Debug)]
pub(crate) struct TokenCache {
    directory: PathBuf,
    file: PathBuf,
    lock: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    token: Zeroizing<String>,
    /// Seconds since 1970 by this machine's clock, which all its processes share.
    ends_at: u64,
    identity: Identity,
}

/// A token from the cache.
pub(crate) struct Kept {
    pub token: Zeroizing<String>,
    pub life: Duration,
    pub identity: Identity,
}

/// Held while a process logs in; given up when dropped, or by the system when the process ends.
pub(crate) struct Turn {
    _file: File,
}

impl TokenCache {
    /// `parts` say whose token it is: never a secret.
    pub fn new(directory: &Path, parts: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        let name = &hex(&hash.finalize())[..32];
        Self {
            directory: directory.into(),
            file: directory.join(format!("{name}.json")),
            lock: directory.join(format!("{name}.lock")),
        }
    }

    /// The kept token, if it is still good. Whatever is wrong with the file, it counts as absent.
    pub fn load(&self) -> Option<Kept> {
        if !is_private(&self.file) {
            return None;
        }
        let text = Zeroizing::new(fs::read(&self.file).ok()?);
        let stored: Stored = json::from_bytes(&text).ok()?;
        let ends_at = UNIX_EPOCH.checked_add(Duration::from_secs(stored.ends_at))?;
        let life = ends_at.duration_since(SystemTime::now()).ok()?;
        Some(Kept { token: stored.token, life, identity: stored.identity })
    }

    /// Keeps a token. Readers see the old file or the new one, never a part.
    pub fn store(&self, token: &str, life: Duration, identity: &Identity) -> std::io::Result<()> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let ends_at = now.saturating_add(life).as_secs();
        let stored = Stored { token: Zeroizing::new(token.to_owned()), ends_at, identity: identity.clone() };
        let text = Zeroizing::new(serde_json::to_vec(&stored)?);
        self.make_directory()?;
        let part = self.file.with_extension(format!("{}.part", std::process::id()));
        let written = private(OpenOptions::new().write(true).create(true).truncate(true))
            .open(&part)
            .and_then(|mut file| file.write_all(&text))
            .and_then(|()| fs::rename(&part, &self.file));
        if written.is_err() {
            let _ = fs::remove_file(&part);
        }
        written
    }

    /// Takes this process's turn to log in; `None` while another has it, and where files cannot be locked.
    pub fn try_turn(&self) -> Option<Turn> {
        self.make_directory().ok()?;
        let file = private(OpenOptions::new().write(true).create(true).truncate(false)).open(&self.lock).ok()?;
        file.try_lock().ok()?;
        Some(Turn { _file: file })
    }

    fn make_directory(&self) -> std::io::Result<()> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.directory)
    }
}

/// Readable by its owner only. Elsewhere than on Unix the directory's own access list decides.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// A file that others may read or replace could hold anybody's token.
fn is_private(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::metadata(path).is_ok_and(|data| data.permissions().mode() & 0o077 == 0)
    }
    #[cfg(not(unix))]
    path.exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(name: &str) -> TokenCache {
        let directory = std::env::temp_dir().join(format!("koophone-cache-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&directory);
        TokenCache::new(&directory, &["https://iam.example.com", "user", "account"])
    }

    #[test]
    fn a_token_is_kept_in_a_private_file_until_its_end() {
        let cache = cache("kept");
        assert!(cache.load().is_none());
        let identity = Identity { user: Some("u".into()), ..Default::default() };
        cache.store("TOKEN", Duration::from_secs(100), &identity).unwrap();
        let kept = cache.load().unwrap();
        assert_eq!((kept.token.as_str(), &kept.identity), ("TOKEN", &identity));
        assert!((98..=100).contains(&kept.life.as_secs()));
        cache.store("TOKEN", Duration::ZERO, &identity).unwrap();
        assert!(cache.load().is_none());
    }

    #[test]
    fn an_end_too_far_to_be_represented_counts_as_absent() {
        let cache = cache("far");
        cache.store("TOKEN", Duration::MAX, &Identity::default()).unwrap();
        assert!(fs::read_to_string(&cache.file).unwrap().contains(&u64::MAX.to_string()));
        assert!(cache.load().is_none());
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_not_trusted() {
        use std::os::unix::fs::PermissionsExt;
        let cache = cache("private");
        cache.store("TOKEN", Duration::from_secs(100), &Identity::default()).unwrap();
        assert_eq!(fs::metadata(&cache.file).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&cache.file, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(cache.load().is_none());
    }

    #[test]
    fn one_process_at_a_time_has_the_turn_and_nonsense_counts_as_absent() {
        let cache = cache("turn");
        let turn = cache.try_turn().unwrap();
        assert!(cache.try_turn().is_none());
        drop(turn);
        assert!(cache.try_turn().is_some());
        private(OpenOptions::new().write(true).create(true)).open(&cache.file).unwrap().write_all(b"{").unwrap();
        assert!(cache.load().is_none());
    }
}
