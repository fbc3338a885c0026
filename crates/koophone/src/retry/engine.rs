//! Decides whether a failed request is sent again, and when.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::backoff::{Backoff, random, retry_after};
use super::limit::Limit;
use super::pacer::{Late, Pacer, Turn};
use super::quota::RetryQuota;
use crate::counters::Counters;
use crate::http::HttpResponse;
use crate::model::{Error, ErrorKind, Operation, Result};
use crate::outcome::{self, Failure, Next};

/// How many times in a row a request without a deadline may be throttled before it fails.
const MAX_REFUSALS: u32 = 20;
/// After being throttled this often, a request goes to the end of the queue: it may be refused for another reason, and
/// must not block others.
const REFUSALS_AT_THE_FRONT: u32 = 3;
/// A pause may be shortened to fit the deadline, down to this part of it.
const SHORTEST_PART: u32 = 10;

/// The state that all requests of a client share.
pub(crate) struct Retries {
    max_attempts: u32,
    backoff: Backoff,
    quota: RetryQuota,
    pacer: Pacer,
    counters: Arc<Counters>,
}

/// The attempts of one request.
pub(crate) struct Retry<'a> {
    shared: &'a Retries,
    operation: &'a Operation,
    deadline: Option<Instant>,
    repeatable: bool,
    ticket: u64,
    turn: Option<Turn<'a>>,
    /// Attempts that count, without throttled ones.
    attempts: u32,
    /// How often it was sent.
    sent: u32,
    /// How often in a row it was throttled last.
    refusals: u32,
    refusal: Option<Error>,
}

impl Retries {
    /// Each request is sent `max_attempts` times at most; `delay` is the first pause between two attempts. `most_open`
    /// requests of an operation are sent at once.
    pub fn new(max_attempts: u32, delay: Duration, most_open: usize, counters: Arc<Counters>) -> Self {
        let backoff = Backoff::new(delay);
        let pacer = Pacer::new(backoff, most_open, counters.clone());
        Self { max_attempts, backoff, quota: RetryQuota::new(), pacer, counters }
    }

    /// The client's counters.
    pub fn counters(&self) -> &Arc<Counters> {
        &self.counters
    }

    /// A new request. `repeatable`: it may be sent again although it may have been executed.
    pub fn request<'a>(&'a self, operation: &'a Operation, deadline: Option<Instant>, repeatable: bool) -> Retry<'a> {
        Retry {
            shared: self,
            operation,
            deadline,
            repeatable: repeatable || operation.idempotent,
            ticket: self.pacer.ticket(),
            turn: None,
            attempts: 0,
            sent: 0,
            refusals: 0,
            refusal: None,
        }
    }
}

#[cfg(test)]
impl Retries {
    /// Runs `work` while the pacer's lock is held, as if by another thread.
    pub fn with_pacer_locked<T>(&self, work: impl FnOnce() -> T) -> T {
        let _held = self.pacer.lanes();
        work()
    }
}

impl Retry<'_> {
    /// Waits for the request's turn. Fails if that is after the deadline, at once if that is certain.
    pub async fn turn(&mut self) -> Result<()> {
        self.turn = None;
        let turn = self.shared.pacer.turn(self.operation.service_name, self.ticket, self.deadline).await;
        self.turn = Some(turn.map_err(|late| self.late(late))?);
        Ok(())
    }

    fn late(&mut self, late: Late) -> Error {
        let name = self.operation.service_name;
        let why = match late {
            Late::Limit(turn) => {
                let wait = turn.saturating_duration_since(Instant::now()).as_secs_f64();
                format!("the service's limit allows the next call in {wait:.1} s, which is after the deadline")
            }
            Late::Queued => "the deadline passed while it waited for its turn under the service's limit".to_owned(),
            Late::Full(most) => {
                let cause = format!("all {most} connections were in use (max_connections)");
                return outcome::out_of_time(self.operation).with(|details| details.causes.push(cause));
            }
        };
        match self.refusal.take() {
            // The service's own message explains more.
            Some(refusal) => refusal.with(|details| details.message.push_str(&format!("; {why}"))),
            None => Error::new(ErrorKind::Throttled, format!("{name} was not sent: {why}"))
                .with(|details| details.retryable = true),
        }
    }

    /// The request is about to be sent. Returns how often it was sent before.
    pub fn sending(&mut self) -> u32 {
        let counts = self.shared.counters.here();
        counts.attempts.add();
        if self.sent > 0 {
            counts.retries.add();
        }
        self.sent += 1;
        self.attempts += 1;
        if let Some(turn) = &mut self.turn {
            turn.sent();
        }
        self.sent - 1
    }

    /// The request succeeded.
    pub fn succeeded(mut self) {
        if let Some(turn) = self.turn.take() {
            turn.accepted();
        }
        self.shared.quota.succeeded();
    }

    /// How long to pause before the request is sent again; `None` if it has finally failed.
    pub fn after(&mut self, failure: &Failure, response: Option<&HttpResponse>) -> Option<Duration> {
        let asked = response.and_then(retry_after);
        let turn = self.turn.take();
        let may_repeat = !failure.maybe_executed || self.repeatable;
        if failure.next == Next::SlowDown {
            if let Some(turn) = turn {
                turn.refused(Limit::parse(failure.error.message()), asked);
            }
            return may_repeat.then(|| self.after_refusal(failure)).flatten();
        }
        self.refusals = 0;
        // A failing service says nothing about the rate that it would accept.
        if let Some(turn) = turn.filter(|_| response.is_some_and(|response| response.status < 500)) {
            turn.accepted();
        }
        if failure.next != Next::Repeat || !may_repeat || self.attempts >= self.shared.max_attempts {
            return None;
        }
        let chosen = self.shared.backoff.pause(self.attempts, random());
        // The requested pause is the minimum; some jitter keeps a fleet from retrying in step.
        let pause = self.in_time(asked.map_or(chosen, |asked| asked + chosen / 4), asked.is_none())?;
        if !self.shared.quota.take() {
            tracing::debug!("not sent again: the client's quota of retries is used up");
            return None;
        }
        Some(pause)
    }

    /// A throttled request is retried until its deadline, at the new pace.
    fn after_refusal(&mut self, failure: &Failure) -> Option<Duration> {
        self.attempts = self.attempts.saturating_sub(1);
        self.refusals += 1;
        if self.refusals.is_multiple_of(REFUSALS_AT_THE_FRONT) {
            self.ticket = self.shared.pacer.ticket();
        }
        let again = match self.deadline {
            Some(deadline) => Instant::now() < deadline,
            None => self.refusals < MAX_REFUSALS,
        };
        again.then(|| {
            self.refusal = Some(failure.error.clone());
            Duration::ZERO
        })
    }

    /// The pause, unless it would reach the deadline: waiting longer would only turn a clear error into a timeout. A
    /// pause that the service did not request may be shortened, so that short deadlines allow retries as well.
    fn in_time(&self, pause: Duration, ours: bool) -> Option<Duration> {
        let Some(deadline) = self.deadline else { return Some(pause) };
        let left = deadline.saturating_duration_since(Instant::now());
        if pause < left {
            return Some(pause);
        }
        (ours && left / 2 >= pause / SHORTEST_PART).then_some(left / 2)
    }
}

impl fmt::Debug for Retries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retries").field("max_attempts", &self.max_attempts).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operations::OPERATIONS;

    #[test]
    fn successes_restore_the_quota_of_retries() {
        let retries = Retries::new(2, Duration::from_millis(1), 8, Arc::default());
        let request = || retries.request(OPERATIONS[0], None, true);
        let error = Error::new(ErrorKind::Unavailable, "it is down");
        let failure = Failure { error, maybe_executed: false, next: Next::Repeat };
        let is_retried = || {
            let mut request = request();
            request.sending();
            request.after(&failure, None).is_some()
        };
        assert_eq!((0..200).filter(|_| is_retried()).count(), 100);
        (0..5).for_each(|_| request().succeeded());
        assert!(is_retried(), "five successes restore one retry");
        assert!(!is_retried(), "and no more than one");
    }
}
