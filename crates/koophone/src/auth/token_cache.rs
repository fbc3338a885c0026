//! The optional token cache on disk: one file per endpoint, user and scope, so that many processes log in once.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::time::Instant;
use zeroize::Zeroizing;

use super::file_lock::{Attempt, FileLock};
use super::private_files as private;
use super::signing::hex;
use crate::model::Identity;
use crate::wire::json;

/// Larger than any token with its identity; a larger file is not ours.
const LARGEST_FILE: u64 = 1 << 20;

/// The file of one login.
#[derive(Debug)]
pub(crate) struct TokenCache {
    directory: PathBuf,
    file: PathBuf,
    lock: PathBuf,
    warned: AtomicBool,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    token: Zeroizing<String>,
    /// Seconds since 1970 by the machine's clock, which all its processes share.
    ends_at: u64,
    identity: Identity,
}

/// A token from the cache.
pub(crate) struct Kept {
    pub token: Zeroizing<String>,
    pub life: Duration,
    pub identity: Identity,
}

/// How long to wait for another process's login; half of the time left until the deadline, where that is less.
const LONGEST_FOR_TURN: Duration = Duration::from_secs(5);
const POLL_FOR_TURN: Duration = Duration::from_millis(20);

impl TokenCache {
    /// `parts` identify the token's owner; none is a secret.
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
            warned: AtomicBool::new(false),
        }
    }

    /// The cached token, if it is still valid. A file with any problem counts as absent.
    pub fn load(&self) -> Option<Kept> {
        private::check_directory(&self.directory).ok()?;
        let file = private::open(&self.file).ok()?;
        private::check_file(&file).ok()?;
        let mut text = Zeroizing::new(Vec::new());
        file.take(LARGEST_FILE).read_to_end(&mut text).ok()?;
        let stored: Stored = json::from_bytes(&text).ok()?;
        let end = UNIX_EPOCH.checked_add(Duration::from_secs(stored.ends_at))?;
        let life = end.duration_since(SystemTime::now()).ok()?;
        Some(Kept { token: stored.token, life, identity: stored.identity })
    }

    /// Stores a token. Readers see the old file or the new one, never a part.
    pub fn store(&self, token: &str, life: Duration, identity: &Identity) {
        // An end that no calendar can represent: nothing to store.
        let Some(end) = SystemTime::now().checked_add(life) else { return };
        let ends_at = end.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let stored = Stored { token: Zeroizing::new(token.to_owned()), ends_at, identity: identity.clone() };
        if let Err(error) = self.write(&stored) {
            self.warn(&error);
        }
    }

    fn write(&self, stored: &Stored) -> io::Result<()> {
        let text = Zeroizing::new(serde_json::to_vec(stored)?);
        private::make_directory(&self.directory)?;
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let part = self.file.with_extension(format!("{}.part", hex(&random)));
        // The file is closed before it is renamed: Windows lets no one else use it while it is open.
        let written = private::create(&part).and_then(|mut file| file.write_all(&text));
        let written = written.and_then(|()| fs::rename(&part, &self.file));
        if written.is_err() {
            let _ = fs::remove_file(&part);
        }
        written
    }

    /// Waits for the turn to log in, so that one of many processes does and the others read its token. Not for long:
    /// giving up only costs one more login.
    pub async fn turn(&self, deadline: Option<Instant>) -> Option<FileLock> {
        let started = Instant::now();
        let left = deadline.map_or(Duration::MAX, |deadline| deadline.saturating_duration_since(started));
        let longest = LONGEST_FOR_TURN.min(left / 2);
        loop {
            match self.try_lock() {
                Ok(Attempt::Taken(lock)) => return Some(lock),
                Ok(Attempt::Busy) if started.elapsed() < longest => tokio::time::sleep(POLL_FOR_TURN).await,
                Ok(Attempt::Busy) => {
                    let (lock, waited) = (self.lock.display(), started.elapsed());
                    tracing::warn!(%lock, ?waited, "another process keeps the token cache locked; logging in without \
                        it");
                    return None;
                }
                Err(error) => {
                    self.warn(&error);
                    return None;
                }
            }
        }
    }

    fn try_lock(&self) -> io::Result<Attempt> {
        FileLock::try_take(&self.lock, || {
            private::make_directory(&self.directory)?;
            private::open_or_create(&self.lock)
        })
    }

    /// Once per client: the problem will still be there at the next login.
    fn warn(&self, error: &io::Error) {
        if !self.warned.swap(true, Ordering::Relaxed) {
            let directory = self.directory.display();
            tracing::warn!(%directory, %error, "the token cache cannot be used; every process logs in");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(name: &str) -> TokenCache {
        let directory = std::env::temp_dir().join(format!("koophone-cache-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&directory);
        TokenCache::new(&directory, &["https://iam.example.com", "user", "account"])
    }

    fn keep(cache: &TokenCache, life: Duration) {
        cache.store("TOKEN", life, &Identity::default());
    }

    const LIFE: Duration = Duration::from_secs(100);

    #[test]
    fn a_token_is_kept_in_a_private_file_until_its_end() {
        let cache = cache("kept");
        assert!(cache.load().is_none());
        let identity = Identity { user: Some("u".into()), ..Default::default() };
        cache.store("TOKEN", LIFE, &identity);
        let kept = cache.load().unwrap();
        assert_eq!((kept.token.as_str(), &kept.identity), ("TOKEN", &identity));
        assert!((98..=100).contains(&kept.life.as_secs()));
        keep(&cache, Duration::ZERO);
        assert!(cache.load().is_none());
        assert_eq!(fs::read_dir(&cache.directory).unwrap().count(), 1, "a part was left behind");
    }

    #[test]
    fn no_end_is_too_far() {
        let cache = cache("far");
        keep(&cache, LIFE);
        keep(&cache, Duration::MAX);
        assert!(cache.load().is_some(), "kept as it was");
        let text = fs::read_to_string(&cache.file).unwrap();
        let (before, after) = text.split_once("\"ends_at\":").unwrap();
        let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap();
        fs::write(&cache.file, format!("{before}\"ends_at\":{}{}", u64::MAX, &after[digits..])).unwrap();
        assert!(cache.load().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_is_not_waited_for_long_and_nonsense_counts_as_absent() {
        let cache = cache("lock");
        let lock = cache.turn(None).await.unwrap();
        let started = Instant::now();
        assert!(cache.turn(None).await.is_none());
        assert_eq!(started.elapsed(), LONGEST_FOR_TURN);
        // There is time left for the login itself.
        assert!(cache.turn(Some(Instant::now() + Duration::from_secs(4))).await.is_none());
        assert_eq!(started.elapsed(), LONGEST_FOR_TURN + Duration::from_secs(2));
        drop(lock);
        assert!(cache.turn(None).await.is_some());
        keep(&cache, LIFE);
        fs::write(&cache.file, "{").unwrap();
        assert!(cache.load().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn what_cannot_be_locked_is_not_waited_for() {
        let (cache, started) = (cache("file-in-the-way"), Instant::now());
        fs::write(&cache.directory, "").unwrap();
        assert!(cache.turn(None).await.is_none() && started.elapsed().is_zero());
        assert!(cache.warned.load(Ordering::Relaxed));
        keep(&cache, LIFE);
        assert!(cache.load().is_none());
        fs::remove_file(&cache.directory).unwrap();
    }

    #[cfg(unix)]
    mod unix {
        use std::os::unix::fs::{PermissionsExt, symlink};

        use super::*;

        fn set_mode(path: &Path, mode: u32) {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        }

        #[test]
        fn a_file_that_others_can_read_or_replace_is_not_trusted() {
            let cache = cache("private");
            keep(&cache, LIFE);
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&cache.directory), mode(&cache.file)), (0o700, 0o600));
            for (path, bad, good) in [(&cache.file, 0o644, 0o600), (&cache.directory, 0o770, 0o750)] {
                set_mode(path, bad);
                assert!(cache.load().is_none(), "{}", path.display());
                set_mode(path, good);
                assert!(cache.load().is_some(), "{}", path.display());
            }
        }

        #[test]
        fn nothing_is_written_where_others_may_write() {
            let cache = cache("shared");
            fs::create_dir(&cache.directory).unwrap();
            set_mode(&cache.directory, 0o777);
            assert!(cache.try_lock().is_err());
            keep(&cache, LIFE);
            assert_eq!(fs::read_dir(&cache.directory).unwrap().count(), 0);
        }

        #[test]
        fn links_are_not_followed() {
            let cache = cache("links");
            fs::create_dir(&cache.directory).unwrap();
            let elsewhere = cache.directory.join("elsewhere");
            symlink(&elsewhere, &cache.lock).unwrap();
            assert!(cache.try_lock().is_err() && !elsewhere.exists());
            // A link in the place of the file is replaced, and not read.
            keep(&cache, LIFE);
            fs::rename(&cache.file, &elsewhere).unwrap();
            symlink(&elsewhere, &cache.file).unwrap();
            assert!(cache.load().is_none());
            keep(&cache, LIFE);
            assert!(cache.load().is_some() && !fs::symlink_metadata(&cache.file).unwrap().is_symlink());
        }
    }
}
