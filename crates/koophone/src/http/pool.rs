//! The connections of a client: limited in number, handed to calls in the order of their requests, and kept open for a
//! while between calls.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tokio::runtime::{Handle, Id};
use tokio::sync::{Notify, Semaphore, SemaphorePermit};
use tokio::time::Instant as Deadline;
use url::{Position, Url};

use super::connection::Connection;
use crate::counters::{Counters, Counts};
use crate::runtime::PerProcess;

/// Shorter than the idle limits of common gateways (60 s), so that we rarely write to a connection being closed.
const IDLE_LIMIT: Duration = Duration::from_secs(45);
/// How long to wait for a file descriptor before trying again when none is reported free.
const DESCRIPTOR_PAUSE: Duration = Duration::from_millis(50);

/// State that all runtimes of a process share; a forked child starts with its own (see `per_process.rs`).
pub(super) struct Pool {
    max: usize,
    shared: PerProcess<Shared>,
    counters: Arc<Counters>,
}

struct Shared {
    /// One permit for each exchange. Calls get them in the order in which they asked.
    permits: Semaphore,
    /// Oldest first. When a connection is opened, they and the permits in use are never more than `max`.
    idle: Mutex<Vec<Idle>>,
    /// An exchange has ended: its connection is idle, or its file descriptor is free.
    freed: Notify,
}

/// An idle connection.
struct Idle {
    connection: Connection,
    /// The runtime that drives its I/O: a connection cannot be used on another runtime.
    runtime: Id,
    /// What it was last used for.
    url: Arc<Url>,
    since: Instant,
}

impl Idle {
    /// Whether it leads to the same scheme, host and port, and belongs to this runtime.
    fn serves(&self, url: &Url, runtime: Id) -> bool {
        self.runtime == runtime && self.url[..Position::BeforePath] == url[..Position::BeforePath]
    }
}

impl Pool {
    pub fn new(max: usize, counters: Arc<Counters>) -> Self {
        Self { max, shared: PerProcess::new(), counters }
    }

    fn shared(&self) -> &Shared {
        self.shared.get_or_init(|| Shared {
            permits: Semaphore::new(self.max),
            idle: Mutex::default(),
            freed: Notify::default(),
        })
    }

    /// Waits for the turn to use a connection; `None` if the deadline passes first.
    pub async fn turn(&self, deadline: Option<Deadline>) -> Option<Turn<'_>> {
        let shared = self.shared();
        let counts = self.counters.here();
        let permit = match shared.permits.try_acquire() {
            Ok(permit) => permit,
            Err(_) => {
                let _waiting = counts.connection_waits.begin();
                match deadline {
                    Some(deadline) => tokio::time::timeout_at(deadline, shared.permits.acquire()).await.ok()?.ok()?,
                    None => shared.permits.acquire().await.ok()?,
                }
            }
        };
        Some(Turn { max: self.max, shared, counts, _permit: permit })
    }
}

/// The right to use one connection; dropping it passes it on.
pub(super) struct Turn<'a> {
    max: usize,
    shared: &'a Shared,
    counts: &'a Counts,
    _permit: SemaphorePermit<'a>,
}

impl Turn<'_> {
    /// An open connection to the server of `url`: the one used last, so that the others age and are closed.
    pub fn take(&self, url: &Url) -> Option<Connection> {
        let runtime = Handle::current().id();
        loop {
            let mut found = {
                let mut idle = self.idle();
                let at = idle.iter().rposition(|idle| idle.serves(url, runtime))?;
                let found = idle.remove(at);
                self.counts.idle(idle.len());
                found
            };
            let idle_seconds = found.since.elapsed().as_secs();
            if found.since.elapsed() >= IDLE_LIMIT {
                tracing::debug!(idle_seconds, "closing a connection that was idle for too long");
            } else if found.connection.check_idle().is_ok() {
                tracing::debug!(idle_seconds, "using an open connection");
                return Some(found.connection);
            } else {
                tracing::debug!(idle_seconds, "an idle connection was closed by the other side");
            }
        }
    }

    /// Closes idle connections until one more may be opened.
    pub fn make_room(&self) {
        self.close_oldest(|idle| {
            let in_use = self.max - self.shared.permits.available_permits();
            (idle.len() + in_use).saturating_sub(self.max)
        });
    }

    /// Keeps a connection for later calls. The turn must end only after that, or more than `max` could be open.
    pub fn keep(&self, url: Arc<Url>, connection: Connection) {
        let now = Instant::now();
        self.close_oldest(|idle| idle.iter().take_while(|idle| now.duration_since(idle.since) >= IDLE_LIMIT).count());
        let mut idle = self.idle();
        idle.push(Idle { connection, runtime: Handle::current().id(), url, since: now });
        self.counts.idle(idle.len());
    }

    /// The process has no file descriptor left for a connection to `url`: closes an idle one that leads elsewhere, or
    /// waits for another call to end. False if the deadline passes first.
    pub async fn wait_for_descriptor(&self, url: &Url, deadline: Option<Deadline>) -> bool {
        let runtime = Handle::current().id();
        if self.idle().iter().any(|idle| idle.serves(url, runtime)) || self.close_oldest(|_| 1) {
            return true;
        }
        let _waiting = self.counts.connection_waits.begin();
        let again = Deadline::now() + DESCRIPTOR_PAUSE;
        let until = deadline.map_or(again, |deadline| deadline.min(again));
        let _ = tokio::time::timeout_at(until, self.shared.freed.notified()).await;
        deadline.is_none_or(|deadline| Deadline::now() < deadline)
    }

    /// Closes up to `count` idle connections, the oldest first. False if there was none.
    fn close_oldest(&self, count: impl FnOnce(&[Idle]) -> usize) -> bool {
        let mut idle = self.idle();
        let count = count(&idle).min(idle.len());
        let closed: Vec<Idle> = idle.drain(..count).collect();
        self.counts.idle(idle.len());
        drop(idle);
        // Closing takes system calls, so it happens outside the lock.
        !closed.is_empty()
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.shared.idle.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.shared.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use hyper::client::conn::http1;
    use hyper_util::rt::TokioIo;

    use super::super::connection::Stream;
    use super::*;
    use crate::counters::Open;

    /// Whether a connection that was idle for so long is used again.
    async fn is_reused(idle: Duration) -> bool {
        let (pool, url) = (Pool::new(1, Arc::default()), Arc::new(Url::parse("http://phones.invalid/").unwrap()));
        let (stream, _server) = tokio::io::duplex(64);
        let stream: Box<dyn Stream> = Box::new(stream);
        let (sender, driver) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        let connection = Connection::new(sender, driver, Arc::default(), Open::new(&Arc::default()));
        let turn = pool.turn(None).await.unwrap();
        turn.keep(url.clone(), connection);
        turn.idle()[0].since -= idle;
        turn.take(&url).is_some()
    }

    #[tokio::test]
    async fn a_connection_that_is_idle_for_longer_than_the_limit_is_not_used_again() {
        assert!(is_reused(IDLE_LIMIT - Duration::from_secs(5)).await);
        assert!(!is_reused(IDLE_LIMIT).await);
    }
}
