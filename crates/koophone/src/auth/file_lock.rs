//! A lock between processes, on a file: released at the latest when the process that holds it ends.

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::runtime::PerProcess;

/// The files that this process has locked. The system's lock only distinguishes processes, and closing any handle of a
/// locked file would release it.
static HELD: PerProcess<Mutex<HashSet<PathBuf>>> = PerProcess::new();

/// A lock that is held.
pub(super) struct FileLock {
    path: PathBuf,
    file: File,
    process: u32,
}

/// The result of trying to take a lock.
pub(super) enum Attempt {
    Taken(FileLock),
    Busy,
}

impl FileLock {
    /// Tries to lock the file at `path`, which `open` opens.
    pub fn try_take(path: &Path, open: impl FnOnce() -> io::Result<File>) -> io::Result<Attempt> {
        // Held to the end, so that no other thread opens the file in the meantime.
        let mut held = held();
        if held.contains(path) {
            return Ok(Attempt::Busy);
        }
        let file = open()?;
        if !system::try_lock(&file)? {
            return Ok(Attempt::Busy);
        }
        held.insert(path.into());
        Ok(Attempt::Taken(Self { path: path.into(), file, process: std::process::id() }))
    }
}

impl Drop for FileLock {
    /// A child that was forked in the meantime holds nothing.
    fn drop(&mut self) {
        if self.process == std::process::id() {
            let mut held = held();
            let _ = system::unlock(&self.file);
            held.remove(&self.path);
        }
    }
}

fn held() -> MutexGuard<'static, HashSet<PathBuf>> {
    HELD.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner)
}

/// POSIX locks, because they belong to the process. The lock of `File::try_lock` belongs to the open file, which a
/// forked child shares: after its parent's death it would hold the lock for as long as it lives.
#[cfg(unix)]
mod system {
    use std::fs::File;
    use std::io;
    use std::os::fd::AsRawFd;

    /// False if another process has it.
    pub fn try_lock(file: &File) -> io::Result<bool> {
        match set(file, libc::F_WRLCK) {
            Err(error) if matches!(error.raw_os_error(), Some(libc::EACCES | libc::EAGAIN)) => Ok(false),
            done => done.map(|()| true),
        }
    }

    pub fn unlock(file: &File) -> io::Result<()> {
        set(file, libc::F_UNLCK)
    }

    #[allow(clippy::cast_possible_truncation, reason = "constants that fit; their types differ between systems")]
    fn set(file: &File, kind: impl Into<libc::c_int>) -> io::Result<()> {
        // SAFETY: a plain structure of numbers; all zero is the whole file.
        let mut range: libc::flock = unsafe { std::mem::zeroed() };
        range.l_type = kind.into() as libc::c_short;
        range.l_whence = libc::SEEK_SET as libc::c_short;
        // SAFETY: the descriptor is open as long as `file`, and `range` outlives the call.
        match unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETLK, &range) } {
            -1 => Err(io::Error::last_os_error()),
            _ => Ok(()),
        }
    }
}

#[cfg(not(unix))]
mod system {
    use std::fs::{File, TryLockError};
    use std::io;

    /// False if another process has it.
    pub fn try_lock(file: &File) -> io::Result<bool> {
        match file.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    pub fn unlock(file: &File) -> io::Result<()> {
        file.unlock()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn path(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("koophone-lock-{}-{name}", std::process::id()))
    }

    fn take(path: &Path) -> Option<FileLock> {
        match FileLock::try_take(path, || File::create(path)).unwrap() {
            Attempt::Taken(lock) => Some(lock),
            Attempt::Busy => None,
        }
    }

    /// Runs `child` in a separate process; returns its id.
    fn fork(child: impl FnOnce()) -> libc::pid_t {
        // SAFETY: the children only take and drop locks or wait; an alarm ends them should the parent fail, and they
        // leave by _exit.
        unsafe {
            let pid = libc::fork();
            assert!(pid >= 0);
            if pid == 0 {
                libc::alarm(60);
                child();
                libc::_exit(0);
            }
            pid
        }
    }

    fn reap(pid: libc::pid_t) {
        let mut status = 0;
        // SAFETY: `status` outlives the call.
        let reaped = unsafe { libc::waitpid(pid, &mut status, 0) };
        assert_eq!((reaped, status), (pid, 0));
    }

    fn assert_free_elsewhere(path: &Path, free: bool) {
        // SAFETY: leaves the child.
        reap(fork(|| unsafe { libc::_exit(i32::from(take(path).is_some() != free)) }));
    }

    #[test]
    fn one_holder_at_a_time_in_and_between_processes() {
        let path = path("one");
        let lock = take(&path).unwrap();
        assert!(take(&path).is_none(), "in this process");
        assert_free_elsewhere(&path, false);
        // An attempt that failed has not ended it.
        assert_free_elsewhere(&path, false);
        drop(lock);
        assert_free_elsewhere(&path, true);
        assert!(take(&path).is_some());
    }

    #[test]
    fn a_forked_child_neither_keeps_the_lock_nor_releases_it() {
        let path = path("fork");
        let lock = take(&path).unwrap();
        // SAFETY: the child's copy is dropped once: the child leaves without running the parent's destructors.
        reap(fork(|| drop(unsafe { std::ptr::read(&lock) })));
        assert_free_elsewhere(&path, false);
        // SAFETY: waits for a signal.
        let waiting = fork(|| unsafe { _ = libc::pause() });
        drop(lock);
        assert_free_elsewhere(&path, true);
        // SAFETY: the child is ours and not reaped yet.
        unsafe { libc::kill(waiting, libc::SIGKILL) };
        // SAFETY: takes no pointers but the one to a local.
        unsafe { libc::waitpid(waiting, &mut 0, 0) };
    }

    #[test]
    fn a_parent_that_dies_with_the_lock_leaves_none_to_its_child() {
        use std::io::{Read, Write};
        use std::os::unix::net::UnixStream;
        let path = path("orphan");
        let (mut ours, mut theirs) = UnixStream::pair().unwrap();
        reap(fork(|| {
            let _lock = take(&path).unwrap();
            // SAFETY: waits for a signal, with the lock's file open.
            let orphan = fork(|| unsafe { _ = libc::pause() });
            theirs.write_all(&orphan.to_ne_bytes()).unwrap();
            // SAFETY: ends the parent as a crash would, without destructors.
            unsafe { libc::_exit(0) }
        }));
        let mut orphan = [0; 4];
        ours.read_exact(&mut orphan).unwrap();
        assert_free_elsewhere(&path, true);
        // SAFETY: the orphan waits; no other process has its id.
        unsafe { libc::kill(libc::pid_t::from_ne_bytes(orphan), libc::SIGKILL) };
    }
}
