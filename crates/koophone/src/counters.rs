//! The counters behind [`Client::stats`](crate::Client::stats). Every number is a separate atomic: counting and reading
//! take no lock, and a snapshot is not exact across all of them.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::time::Instant;

use crate::model::{ErrorCounts, ErrorKind, Stats};
use crate::runtime::PerProcess;

/// The counters of a client. They belong to one process: a forked child starts at zero, like its connections.
#[derive(Default)]
pub(crate) struct Counters(PerProcess<Counts>);

/// The counters of one process.
#[derive(Default)]
pub(crate) struct Counts {
    pub calls: Counter,
    pub attempts: Counter,
    pub retries: Counter,
    pub logins: Counter,
    pub connection_waits: Waits,
    pub pacing_waits: Waits,
    pub token_waits: Waits,
    connections_open: Counter,
    connections_idle: Counter,
    /// By number of the kind, less one.
    errors: [Counter; ErrorKind::ALL.len()],
}

#[derive(Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Counters {
    /// Those of this process.
    pub fn here(&self) -> &Counts {
        self.0.get_or_init(Counts::default)
    }

    pub fn snapshot(&self) -> Stats {
        let counts = self.here();
        Stats {
            calls: counts.calls.get(),
            attempts: counts.attempts.get(),
            retries: counts.retries.get(),
            logins: counts.logins.get(),
            connection_waits: counts.connection_waits.count.get(),
            connection_wait_ms: counts.connection_waits.milliseconds(),
            pacing_waits: counts.pacing_waits.count.get(),
            pacing_wait_ms: counts.pacing_waits.milliseconds(),
            token_waits: counts.token_waits.count.get(),
            token_wait_ms: counts.token_waits.milliseconds(),
            connections_open: counts.connections_open.get(),
            connections_idle: counts.connections_idle.get(),
            errors: ErrorCounts::of(|kind| counts.of_kind(kind).get()),
        }
    }
}

impl Counts {
    pub fn error(&self, kind: ErrorKind) {
        self.of_kind(kind).add();
    }

    fn of_kind(&self, kind: ErrorKind) -> &Counter {
        &self.errors[usize::from(kind.number() - 1)]
    }

    pub fn idle(&self, connections: usize) {
        self.connections_idle.0.store(connections as u64, Ordering::Relaxed);
    }
}

impl fmt::Debug for Counters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.snapshot().fmt(f)
    }
}

/// How often and how long requests waited for something.
#[derive(Default)]
pub(crate) struct Waits {
    count: Counter,
    nanoseconds: AtomicU64,
}

impl Waits {
    /// Begins a wait, which is counted when it ends, also if that is because its call is dropped.
    pub fn begin(&self) -> Waiting<'_> {
        Waiting { waits: self, since: Instant::now() }
    }

    fn milliseconds(&self) -> u64 {
        self.nanoseconds.load(Ordering::Relaxed) / 1_000_000
    }
}

/// A wait. It ends when this is dropped.
#[must_use]
pub(crate) struct Waiting<'a> {
    waits: &'a Waits,
    since: Instant,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let time = u64::try_from(self.since.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.waits.nanoseconds.fetch_add(time, Ordering::Relaxed);
        self.waits.count.add();
    }
}

/// Counts a connection for as long as it is open.
pub(crate) struct Open(Arc<Counters>);

impl Open {
    pub fn new(counters: &Arc<Counters>) -> Self {
        counters.here().connections_open.add();
        Self(counters.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.here().connections_open.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn connections_are_open_as_long_as_they_live() {
        let counters = Arc::new(Counters::default());
        let (first, second) = (Open::new(&counters), Open::new(&counters));
        drop(first);
        assert_eq!(counters.snapshot().connections_open, 1);
        drop(second);
        assert_eq!(counters.snapshot(), Stats::default());
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_is_counted_with_its_time_when_it_ends() {
        let counters = Counters::default();
        for milliseconds in [1, 2] {
            let _wait = counters.here().pacing_waits.begin();
            // Parts of a millisecond add up.
            tokio::time::advance(Duration::from_micros(milliseconds * 1_500)).await;
        }
        let _under_way = counters.here().pacing_waits.begin();
        let stats = counters.snapshot();
        assert_eq!((stats.pacing_waits, stats.pacing_wait_ms), (2, 4));
    }
}
