//! The queue of one operation and its rate. It uses neither clock nor lock: see `pacer.rs`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::limit::Limit;

/// The rate after a refusal, as a fraction of the accepted rate.
const CUT: f64 = 0.75;
/// How long it takes to return to that rate, in time and in calls; the longer one counts.
const RECOVERY: Duration = Duration::from_secs(12);
const RECOVERY_CALLS: f64 = 16.0;
/// Pacing ends at this multiple of the accepted rate.
const FREE_AGAIN: f64 = 10.0;
/// The fraction of a known limit that is used: the rest is for calls that arrive closer together than they were sent.
const USED_OF_LIMIT: f64 = 0.97;
/// How long a known limit is respected after the last refusal, at least.
const LIMIT_HOLDS: Duration = Duration::from_secs(60);
/// The minimum of calls per second, however often the service refuses.
const SLOWEST: f64 = 0.1;
/// The lowest rate that is measured: with fewer calls in a second, a refusal says little about the rate.
const LEAST_MEASURED: f64 = 5.0;
/// Calls may catch up on timers that fire this late.
const CATCH_UP: Duration = Duration::from_millis(10);

/// The queue of one operation and its pace.
#[derive(Default)]
pub(super) struct Lane {
    meter: Meter,
    /// None while the service has not refused anything recently.
    pace: Option<Pace>,
    /// The waiting requests, oldest first, each with its waker.
    queue: BTreeMap<u64, Arc<Notify>>,
    /// Turns in use: requests in flight or about to be sent.
    open: usize,
}

/// The rate after the service has throttled a call.
struct Pace {
    limit: Option<Limit>,
    /// The calls per second that the service seems to accept.
    accepted_rate: f64,
    /// When the rate was last cut. It grows from there.
    cut_at: Instant,
    /// The calls of the second before the cut, if `accepted_rate` was measured from them. Refusals of these calls may
    /// still arrive.
    measured: Option<f64>,
    /// When the rate allows the next call.
    next: Instant,
    /// Nothing is sent before this time.
    held_until: Instant,
    /// Whether a call was accepted since the cut.
    any_accepted: bool,
    /// Cuts in a row without an accepted call between them.
    refusals: u32,
}

/// What to do about a request that asks for its turn.
pub(super) enum Step {
    /// Send it. Holds the time that it has booked.
    Go(Duration),
    /// The turn is after the deadline; the earliest time.
    Late(Instant),
    /// Ask again when notified, or at this time.
    Wait(Arc<Notify>, Option<Instant>),
}

/// A throttled call.
pub(super) struct Refusal {
    pub sent_at: Instant,
    pub limit: Option<Limit>,
    pub retry_after: Option<Duration>,
}

impl Lane {
    /// Whether the lane has state that a later refusal or success could change.
    pub fn is_paced(&self) -> bool {
        self.pace.is_some()
    }

    /// The request `ticket` asks for its turn, of which `most` may be open at once; it joins the queue unless it may go
    /// or is late.
    pub fn ask(&mut self, ticket: u64, most: usize, deadline: Option<Instant>, now: Instant) -> Step {
        if self.pace.as_ref().is_some_and(|pace| pace.has_ended(now)) {
            tracing::debug!("no longer paced");
            self.pace = None;
        }
        let first = self.queue.keys().next().is_none_or(|&first| ticket <= first);
        let earliest = self.pace.as_ref().map_or(now, |pace| pace.next.max(pace.held_until));
        let full = self.open >= most;
        if first && earliest <= now && !full {
            return Step::Go(self.book(now));
        }
        if let Some(deadline) = deadline {
            let turn = earliest.checked_add(self.least_wait_behind_others(ticket, now)).unwrap_or(earliest);
            if turn > deadline {
                return Step::Late(turn);
            }
        }
        let notify = self.queue.entry(ticket).or_default().clone();
        Step::Wait(notify, (first && !full).then_some(earliest))
    }

    /// The minimum time that the requests before `ticket` need: zero if that is only a guess, since the rate may grow.
    fn least_wait_behind_others(&self, ticket: u64, now: Instant) -> Duration {
        let limit = self.pace.as_ref().filter(|pace| pace.keeps_to_limit(now)).and_then(|pace| pace.limit);
        let Some(limit) = limit else { return Duration::ZERO };
        let before = self.queue.range(..ticket).count().try_into().unwrap_or(u32::MAX);
        limit.gap().saturating_mul(before)
    }

    fn book(&mut self, now: Instant) -> Duration {
        self.open += 1;
        self.meter.count(now);
        let Some(pace) = &mut self.pace else { return Duration::ZERO };
        let gap = gap_of(pace.rate(now));
        let from = now.checked_sub(CATCH_UP).map_or(now, |late| pace.next.max(late));
        pace.next = from.checked_add(gap).unwrap_or(from);
        gap
    }

    /// Ends a turn; one that was not used returns its time, `unused`.
    pub fn end(&mut self, unused: Duration) {
        // A fork leaves turns of the parent in the child, which are not counted here.
        self.open = self.open.saturating_sub(1);
        if let Some(pace) = &mut self.pace {
            pace.next = pace.next.checked_sub(unused).unwrap_or(pace.next);
        }
        self.wake_first();
    }

    /// `ticket` no longer waits.
    pub fn leave(&mut self, ticket: u64) {
        self.queue.remove(&ticket);
        self.wake_first();
    }

    fn wake_first(&self) {
        if let Some((_, first)) = self.queue.first_key_value() {
            first.notify_one();
        }
    }

    /// A call that was sent at `sent_at` was accepted.
    pub fn accepted(&mut self, sent_at: Instant) {
        if let Some(pace) = self.pace.as_mut().filter(|pace| sent_at > pace.cut_at) {
            pace.any_accepted = true;
            pace.refusals = 0;
        }
    }

    /// A call was throttled. `hold` returns how long to send nothing after that many refusals in a row.
    pub fn refused(&mut self, refusal: Refusal, now: Instant, hold: impl FnOnce(u32) -> Duration) {
        let Refusal { sent_at, limit, retry_after } = refusal;
        let until = |wait: Duration| now.checked_add(wait).unwrap_or(now);
        let asked = retry_after.map_or(now, until);
        let Some(pace) = &mut self.pace else {
            // A limit that the service states need not be measured.
            let measured = limit.is_none().then(|| self.meter.last_second(now));
            let pace = self.pace.insert(Pace {
                limit,
                accepted_rate: f64::MAX,
                cut_at: now,
                measured,
                next: now,
                held_until: asked.max(until(hold(1))),
                any_accepted: false,
                refusals: 1,
            });
            pace.take_out_one();
            pace.next = until(gap_of(pace.rate(now)));
            tracing::debug!(calls_per_second = pace.rate(now), "the service throttles calls; pacing them");
            return;
        };
        if limit.is_some() && limit != pace.limit {
            (pace.limit, pace.accepted_rate, pace.measured) = (limit, f64::MAX, None);
        }
        pace.held_until = pace.held_until.max(asked);
        if sent_at <= pace.cut_at {
            // It was sent before the last cut, and says nothing about the rate since then.
            pace.take_out_one();
            return;
        }
        if pace.any_accepted {
            let (rate, calls) = (pace.rate(now), self.meter.last_second(now));
            // A rate that was not used does not show what the service accepts.
            let used = calls > rate / 2.0;
            pace.measured = (!used).then_some(calls);
            if used {
                pace.accepted_rate = rate.max(SLOWEST);
            }
            pace.take_out_one();
        } else {
            pace.refusals = pace.refusals.saturating_add(1);
            pace.held_until = pace.held_until.max(until(hold(pace.refusals)));
        }
        pace.any_accepted = false;
        pace.cut_at = now;
        pace.next = pace.next.max(until(gap_of(pace.rate(now))));
    }
}

impl Pace {
    /// A call of the measured second was throttled.
    fn take_out_one(&mut self) {
        if let Some(calls) = &mut self.measured {
            *calls -= 1.0;
            self.accepted_rate = calls.max(LEAST_MEASURED);
        }
    }

    fn limit_holds(&self) -> Option<Duration> {
        self.limit.map(|limit| LIMIT_HOLDS.max(limit.window.saturating_mul(2)))
    }

    fn keeps_to_limit(&self, now: Instant) -> bool {
        self.limit_holds().is_some_and(|time| now.saturating_duration_since(self.cut_at) < time)
    }

    /// Calls per second at `now`: from the cut up to the accepted rate, flat around it, then ever faster, as in CUBIC
    /// (RFC 9438). With a known limit, up to the limit, and beyond only once that is old.
    fn rate(&self, now: Instant) -> f64 {
        let limit = self.limit.map(|limit| USED_OF_LIMIT / limit.gap().as_secs_f64());
        let accepted = limit.map_or(self.accepted_rate, |limit| self.accepted_rate.min(limit));
        let recovery = RECOVERY.as_secs_f64().max(RECOVERY_CALLS / accepted);
        let since = now.saturating_duration_since(self.cut_at);
        let curve = |base: f64, time: f64| base * (1.0 + (1.0 - CUT) * (time / recovery).powi(3));
        let grown = curve(accepted, since.as_secs_f64() - recovery);
        match limit.zip(self.limit_holds()) {
            None => grown,
            Some((limit, holds)) if since < holds => grown.min(limit),
            Some((limit, holds)) => curve(limit, (since - holds).as_secs_f64()),
        }
    }

    fn has_ended(&self, now: Instant) -> bool {
        let limit = self.limit.map(|limit| USED_OF_LIMIT / limit.gap().as_secs_f64());
        now >= self.held_until && self.rate(now) > FREE_AGAIN * limit.unwrap_or(self.accepted_rate)
    }
}

fn gap_of(rate: f64) -> Duration {
    Duration::try_from_secs_f64(1.0 / rate).unwrap_or(Limit::LONGEST_WINDOW)
}

/// Counts the calls of the last second.
#[derive(Default)]
struct Meter {
    begin: Option<Instant>,
    before: u32,
    current: u32,
}

impl Meter {
    const SPAN: Duration = Duration::from_secs(1);

    fn count(&mut self, now: Instant) {
        self.advance(now);
        self.current = self.current.saturating_add(1);
    }

    /// The calls of the previous span are assumed to be spread evenly.
    fn last_second(&mut self, now: Instant) -> f64 {
        let part = self.advance(now).as_secs_f64();
        f64::from(self.current) + f64::from(self.before) * (1.0 - part)
    }

    /// Begins a new span where the current one has ended; returns how much of it has passed.
    fn advance(&mut self, now: Instant) -> Duration {
        let passed = self.begin.map_or(Self::SPAN * 2, |begin| now.saturating_duration_since(begin));
        if passed < Self::SPAN {
            return passed;
        }
        let adjacent = passed < Self::SPAN * 2;
        self.before = if adjacent { self.current } else { 0 };
        self.current = 0;
        let into = if adjacent { passed - Self::SPAN } else { Duration::ZERO };
        self.begin = now.checked_sub(into);
        into
    }
}
