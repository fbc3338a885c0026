//! When to ask again: pauses with jitter and a floor, the service's own wishes, and a quota that keeps an outage from
//! being amplified.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use tokio::time::Instant;

use crate::http::HttpResponse;
use crate::per_process::PerProcess;

/// Longest pause we choose ourselves.
const LONGEST: Duration = Duration::from_secs(20);
/// First pause after a connection fault or a 5xx.
const AFTER_FAULT: Duration = Duration::from_millis(50);
/// First pause after throttling.
const AFTER_THROTTLING: Duration = Duration::from_secs(1);
/// What the server may ask for; longer wishes end the call instead of hanging it.
const LONGEST_WISH: Duration = Duration::from_secs(300);

/// The pause before attempt `attempt + 1`, where `attempt` counts from 1. `random` is in 0..=1. Half of the pause is
/// fixed: jitter without a floor sends some of the repeats at once.
pub(crate) fn pause(attempt: u32, throttled: bool, random: f64) -> Duration {
    let first = if throttled { AFTER_THROTTLING } else { AFTER_FAULT };
    let whole = first.saturating_mul(1 << (attempt - 1).min(16)).min(LONGEST);
    whole / 2 + (whole / 2).mul_f64(random.clamp(0.0, 1.0))
}

/// How long the server asks us to wait: `Retry-After` in seconds or as a date, else the window of the gateway's limit
/// text.
pub(crate) fn wish(answer: &HttpResponse, message: Option<&str>) -> Option<Duration> {
    let header = answer.header("retry-after").and_then(|text| {
        let text = text.trim();
        if let Ok(seconds) = text.parse::<f64>() {
            return (seconds.is_finite() && seconds >= 0.0).then(|| Duration::from_secs_f64(seconds.min(1e6)));
        }
        let until = httpdate::parse_http_date(text).ok()?;
        // Both dates are the server's, so a wrong clock here does not matter.
        let now = answer.header("date").and_then(|date| httpdate::parse_http_date(date).ok());
        Some(until.duration_since(now.unwrap_or_else(std::time::SystemTime::now)).unwrap_or_default())
    });
    header.or_else(|| message.and_then(Limit::parse).map(|limit| limit.window)).map(|wish| wish.min(LONGEST_WISH))
}

/// A random number in 0..=1 for the jitter.
pub(crate) fn random() -> f64 {
    let mut bytes = [0; 4];
    // Without randomness the pause is its longest form, which is still right.
    if getrandom::fill(&mut bytes).is_err() {
        return 1.0;
    }
    f64::from(u32::from_ne_bytes(bytes)) / f64::from(u32::MAX)
}

/// The gateway's limit as it prints it: `limit:10,time:1 second`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit {
    pub calls: u32,
    pub window: Duration,
}

impl Limit {
    pub fn parse(text: &str) -> Option<Self> {
        let lower = text.to_ascii_lowercase();
        let after = |mark: &str| lower.find(mark).map(|at| lower[at + mark.len()..].trim_start());
        let digits = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>();
        let calls = digits(after("limit:")?).parse().ok().filter(|&calls| calls > 0)?;
        let time = after("time:")?;
        let count = digits(time);
        let unit = time[count.len()..].trim_start();
        let unit = match unit.get(..1)? {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            "d" => 86_400,
            _ => return None,
        };
        let seconds = count.parse::<u64>().ok().filter(|&count| count > 0)?.checked_mul(unit)?;
        Some(Self { calls, window: Duration::from_secs(seconds) })
    }
}

/// Repeats a client may still make: each costs, each success gives a little back. When a service is down, a fleet of
/// callers soon makes one attempt each instead of three.
pub(crate) struct RetryQuota(AtomicI64);

impl RetryQuota {
    const FULL: i64 = 500;
    const COST: i64 = 5;

    pub const fn new() -> Self {
        Self(AtomicI64::new(Self::FULL))
    }

    /// Takes one repeat, if there is one.
    pub fn take(&self) -> bool {
        let taken = self.0.fetch_sub(Self::COST, Ordering::Relaxed) >= Self::COST;
        if !taken {
            self.0.fetch_add(Self::COST, Ordering::Relaxed);
        }
        taken
    }

    /// Gives back a little.
    pub fn succeeded(&self) {
        if self.0.load(Ordering::Relaxed) < Self::FULL {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Spaces out the calls of an operation whose limit the gateway has told us, for as long as a limit may be expected to
/// hold. Belongs to one process: a fork while another thread looks something up would leave the lock held in the child for
/// ever.
pub(crate) struct Pacer(PerProcess<Mutex<HashMap<&'static str, Pace>>>);

struct Pace {
    gap: Duration,
    next: Instant,
    until: Instant,
}

impl Pacer {
    const MEMORY: Duration = Duration::from_secs(60);

    pub fn new() -> Self {
        Self(PerProcess::new())
    }

    fn paces(&self) -> MutexGuard<'_, HashMap<&'static str, Pace>> {
        let made: Result<_, Infallible> = self.0.get_or_try_init(|| Ok(Mutex::default()), drop);
        match made {
            Ok(paces) => paces.lock().unwrap_or_else(|poisoned| poisoned.into_inner()),
            Err(never) => match never {},
        }
    }

    /// When the next call of `operation` may leave; `None`: now.
    pub fn turn(&self, operation: &'static str, now: Instant) -> Option<Instant> {
        let mut paces = self.paces();
        let pace = paces.get_mut(operation)?;
        if now >= pace.until {
            paces.remove(operation);
            return None;
        }
        let turn = pace.next.max(now);
        pace.next = turn + pace.gap;
        (turn > now).then_some(turn)
    }

    /// The gateway has said what it allows.
    pub fn learn(&self, operation: &'static str, limit: Limit, now: Instant) {
        let mut paces = self.paces();
        let gap = limit.window / limit.calls;
        let until = now + Self::MEMORY.max(limit.window * 2);
        match paces.get_mut(operation) {
            Some(pace) => (pace.gap, pace.until) = (gap, until),
            None => drop(paces.insert(operation, Pace { gap, next: now + gap, until })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderMap, HeaderName, HeaderValue};

    #[test]
    fn pauses_grow_have_a_floor_and_a_cap() {
        assert_eq!(pause(1, false, 0.0), Duration::from_millis(25));
        assert_eq!(pause(1, false, 1.0), Duration::from_millis(50));
        assert_eq!(pause(2, true, 1.0), Duration::from_secs(2));
        assert_eq!(pause(40, true, 1.0), LONGEST);
        assert_eq!(pause(40, false, 0.0), LONGEST / 2);
    }

    #[test]
    fn the_gateways_limit_text_is_read() {
        let text = "The throttling threshold has been reached: policy user over ratelimit,limit:10,time:1 second";
        assert_eq!(Limit::parse(text), Some(Limit { calls: 10, window: Duration::from_secs(1) }));
        assert_eq!(Limit::parse("limit:5,time:1 minute"), Some(Limit { calls: 5, window: Duration::from_secs(60) }));
        for bad in
            ["", "limit:0,time:1 second", "limit:5,time:1", "limit:,time:1 s", "time:1 second", "limit:5,time:1 ä"]
        {
            assert_eq!(Limit::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let answer = |headers: &[(&str, &str)]| {
            let headers = headers
                .iter()
                .map(|(name, value)| (HeaderName::try_from(*name).unwrap(), HeaderValue::try_from(*value).unwrap()));
            HttpResponse { status: 429, headers: HeaderMap::from_iter(headers).into(), body: Default::default() }
        };
        assert_eq!(wish(&answer(&[("retry-after", "7")]), None), Some(Duration::from_secs(7)));
        let dates = [("date", "Fri, 19 Apr 2024 08:00:00 GMT"), ("retry-after", "Fri, 19 Apr 2024 08:00:03 GMT")];
        assert_eq!(wish(&answer(&dates), None), Some(Duration::from_secs(3)));
        assert_eq!(wish(&answer(&[]), Some("limit:10,time:1 second")), Some(Duration::from_secs(1)));
        assert_eq!(wish(&answer(&[("retry-after", "soon")]), None), None);
        assert_eq!(wish(&answer(&[("retry-after", "1e99")]), None), Some(LONGEST_WISH));
    }

    #[test]
    fn the_quota_runs_out_and_recovers() {
        let quota = RetryQuota::new();
        assert_eq!((0..200).filter(|_| quota.take()).count(), 100);
        (0..5).for_each(|_| quota.succeeded());
        assert!(quota.take());
        assert!(!quota.take());
    }

    #[tokio::test(start_paused = true)]
    async fn known_limits_space_calls_out() {
        let pacer = Pacer::new();
        let now = Instant::now();
        assert_eq!(pacer.turn("run_command", now), None);
        pacer.learn("run_command", Limit { calls: 10, window: Duration::from_secs(1) }, now);
        let gap = Duration::from_millis(100);
        assert_eq!(pacer.turn("run_command", now), Some(now + gap));
        assert_eq!(pacer.turn("run_command", now), Some(now + gap * 2));
        assert_eq!(pacer.turn("query_status", now), None);
        assert_eq!(pacer.turn("run_command", now + Duration::from_secs(61)), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_fork_while_the_paces_are_looked_up_does_not_stop_the_child() {
        let pacer = Pacer::new();
        let held = pacer.paces();
        // SAFETY: the child only takes its own lock and leaves by _exit; its alarm kills it if it hangs.
        let status = unsafe {
            let child = libc::fork();
            assert!(child >= 0);
            if child == 0 {
                libc::alarm(10);
                let free = pacer.turn("run_command", Instant::now()).is_none();
                libc::_exit(if free { 0 } else { 1 });
            }
            let mut status = 0;
            assert_eq!(libc::waitpid(child, &mut status, 0), child);
            status
        };
        drop(held);
        assert_eq!(status, 0, "14 is the alarm: it hung");
    }
}
