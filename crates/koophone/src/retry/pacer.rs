//! Turns: when each request may be sent, in the order in which the requests were made.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::time::Instant;

use super::backoff::{Backoff, random};
use super::lane::{Lane, Refusal, Step};
use super::limit::Limit;
use crate::counters::Counters;
use crate::runtime::PerProcess;

/// Spaces out the calls of each operation while the service throttles them.
///
/// Belongs to one process: after a fork while another thread holds the lock, it would stay locked in the child for
/// ever. The lock is held for a few instructions, and never across an await.
pub(super) struct Pacer {
    lanes: PerProcess<Mutex<Lanes>>,
    /// Shared by parent and child, so that the child never issues a ticket of its parent again.
    tickets: AtomicU64,
    backoff: Backoff,
    /// Turns of an operation that may be open at once.
    most_open: usize,
    counters: Arc<Counters>,
}

/// By operation. There are about ten.
type Lanes = Vec<(&'static str, Lane)>;

/// The right to send one request now. Returned when it is dropped unused.
pub(super) struct Turn<'a> {
    pacer: &'a Pacer,
    operation: &'static str,
    at: Instant,
    gap: Duration,
    paced: bool,
    used: bool,
}

/// A place in a queue; dropping it leaves the queue.
struct Place<'a> {
    pacer: &'a Pacer,
    operation: &'static str,
    ticket: u64,
}

/// No turn before the deadline; nothing was booked.
#[derive(Debug)]
pub(super) enum Late {
    /// Known at once: the earliest time for the turn.
    Limit(Instant),
    /// The deadline passed in the queue of an operation that the service throttles.
    Queued,
    /// The deadline passed while the maximum number of requests was open.
    Full(usize),
}

impl Pacer {
    /// `most_open` is how many requests the transport sends at once: more would wait there with turns that a refusal
    /// has made invalid.
    pub fn new(backoff: Backoff, most_open: usize, counters: Arc<Counters>) -> Self {
        Self { lanes: PerProcess::new(), tickets: AtomicU64::new(0), backoff, most_open, counters }
    }

    /// A request's place among all others, kept over its attempts: a refused request is the first to be sent again.
    pub fn ticket(&self) -> u64 {
        self.tickets.fetch_add(1, Ordering::Relaxed)
    }

    /// Waits until a request may be sent. Leaves the queue when dropped.
    pub async fn turn(
        &self,
        operation: &'static str,
        ticket: u64,
        deadline: Option<Instant>,
    ) -> Result<Turn<'_>, Late> {
        let (mut place, mut waiting) = (None, None);
        loop {
            let now = Instant::now();
            let (step, paced) =
                self.lane(operation, |lane| (lane.ask(ticket, self.most_open, deadline, now), lane.is_paced()));
            let (notify, until) = match step {
                Step::Go(gap) => return Ok(Turn { pacer: self, operation, at: now, gap, paced, used: false }),
                Step::Late(turn) => return Err(Late::Limit(turn)),
                Step::Wait(notify, until) => (notify, until),
            };
            place.get_or_insert_with(|| Place { pacer: self, operation, ticket });
            waiting.get_or_insert_with(|| {
                let counts = self.counters.here();
                // If the service does not throttle, the request was waiting for a connection.
                if paced { counts.pacing_waits.begin() } else { counts.connection_waits.begin() }
            });
            let until = until.into_iter().chain(deadline).min();
            match until {
                Some(until) => drop(tokio::time::timeout_at(until, notify.notified()).await),
                None => notify.notified().await,
            }
            if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
                return Err(if paced { Late::Queued } else { Late::Full(self.most_open) });
            }
        }
    }

    /// Runs `work` on the lane of `operation`.
    fn lane<T>(&self, operation: &'static str, work: impl FnOnce(&mut Lane) -> T) -> T {
        let mut lanes = self.lanes();
        let at = lanes.iter().position(|(name, _)| *name == operation).unwrap_or_else(|| {
            lanes.push((operation, Lane::default()));
            lanes.len() - 1
        });
        work(&mut lanes[at].1)
    }

    pub(super) fn lanes(&self) -> MutexGuard<'_, Lanes> {
        self.lanes.get_or_init(Mutex::default).lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Turn<'_> {
    /// The request is about to be sent.
    pub fn sent(&mut self) {
        self.used = true;
    }

    /// The request was not throttled, whatever its outcome.
    pub fn accepted(self) {
        // One that was sent before the first refusal says nothing about the rate since then.
        if self.paced {
            self.pacer.lane(self.operation, |lane| lane.accepted(self.at));
        }
    }

    /// The request was throttled.
    pub fn refused(self, limit: Option<Limit>, retry_after: Option<Duration>) {
        let refusal = Refusal { sent_at: self.at, limit, retry_after };
        let hold = |refusals| self.pacer.backoff.hold(refusals, random());
        self.pacer.lane(self.operation, |lane| lane.refused(refusal, Instant::now(), hold));
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let unused = if self.used { Duration::ZERO } else { self.gap };
        self.pacer.lane(self.operation, |lane| lane.end(unused));
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.pacer.lane(self.operation, |lane| lane.leave(self.ticket));
    }
}
