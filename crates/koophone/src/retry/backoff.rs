//! How long to pause: exponential backoff with jitter, and `Retry-After`.

use std::time::{Duration, SystemTime};

use crate::http::HttpResponse;

/// The longest pause that the service may request.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(300);

/// The pauses between attempts. Half of each is fixed: jitter without a floor would send some retries at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backoff {
    first: Duration,
}

impl Backoff {
    /// With two retries after 1 s and 4 s, a call survives an outage of at least 2.5 s.
    const GROWTH: u32 = 4;
    /// The longest pause, as a multiple of the first one.
    const LONGEST: u32 = 20;

    pub fn new(first: Duration) -> Self {
        Self { first }
    }

    /// The pause after the failed attempt number `attempt`, which counts from 1. `random` is in 0..=1.
    pub fn pause(&self, attempt: u32, random: f64) -> Duration {
        self.grown(Self::GROWTH.saturating_pow(attempt.saturating_sub(1)), random)
    }

    /// How long nothing is sent after `refusals` throttled requests in a row.
    pub fn hold(&self, refusals: u32, random: f64) -> Duration {
        self.grown(2_u32.saturating_pow(refusals.saturating_sub(1)), random)
    }

    fn grown(&self, factor: u32, random: f64) -> Duration {
        let half = self.first.saturating_mul(factor.min(Self::LONGEST)) / 2;
        half + half.mul_f64(random.clamp(0.0, 1.0))
    }
}

/// The pause that the service requests: `Retry-After` in seconds or as a date.
pub(super) fn retry_after(response: &HttpResponse) -> Option<Duration> {
    let text = response.header("retry-after")?.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        let seconds = (seconds >= 0.0).then_some(seconds.min(LONGEST_RETRY_AFTER.as_secs_f64()))?;
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let until = httpdate::parse_http_date(text).ok()?;
    // Both dates are the server's, so a wrong local clock does not matter.
    let now = response.header("date").and_then(|date| httpdate::parse_http_date(date).ok());
    let wait = until.duration_since(now.unwrap_or_else(SystemTime::now)).unwrap_or_default();
    Some(wait.min(LONGEST_RETRY_AFTER))
}

/// A random number in 0..=1 for the jitter.
pub(crate) fn random() -> f64 {
    let mut bytes = [0; 4];
    // Without random numbers the pause has its maximum length, which is still valid.
    if getrandom::fill(&mut bytes).is_err() {
        return 1.0;
    }
    f64::from(u32::from_ne_bytes(bytes)) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderMap, HeaderName, HeaderValue};

    #[test]
    fn pauses_grow_have_a_floor_and_a_cap() {
        let backoff = Backoff::new(Duration::from_secs(1));
        assert_eq!(backoff.pause(1, 0.0), Duration::from_millis(500));
        assert_eq!(backoff.pause(1, 1.0), Duration::from_secs(1));
        assert_eq!(backoff.pause(2, 1.0), Duration::from_secs(4));
        assert_eq!(backoff.hold(2, 1.0), Duration::from_secs(2));
        assert_eq!(backoff.pause(u32::MAX, 1.0), Duration::from_secs(20));
        assert_eq!(backoff.hold(u32::MAX, 0.0), Duration::from_secs(10));
    }

    #[test]
    fn the_default_pauses_span_an_outage_of_two_seconds() {
        let backoff = Backoff::new(crate::settings::Settings::default().retry_delay);
        assert!(backoff.pause(1, 0.0) + backoff.pause(2, 0.0) > Duration::from_secs(2));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let response = |headers: &[(&str, &str)]| {
            let header = |&(name, value): &(&str, &str)| {
                (HeaderName::try_from(name).unwrap(), HeaderValue::try_from(value).unwrap())
            };
            let headers = HeaderMap::from_iter(headers.iter().map(header));
            HttpResponse { status: 429, headers: headers.into(), body: Default::default() }
        };
        let seconds = |text: &str| retry_after(&response(&[("retry-after", text)]));
        assert_eq!(seconds("7"), Some(Duration::from_secs(7)));
        for odd in ["soon", "", "-1", "NaN"] {
            assert_eq!(seconds(odd), None, "{odd}");
        }
        for long in ["301", "1e99", "inf", "18446744073709551616", "Fri, 31 Dec 9999 23:59:59 GMT"] {
            assert_eq!(seconds(long), Some(LONGEST_RETRY_AFTER), "{long}");
        }
        let dates = [("date", "Fri, 19 Apr 2024 08:00:00 GMT"), ("retry-after", "Fri, 19 Apr 2024 08:00:03 GMT")];
        assert_eq!(retry_after(&response(&dates)), Some(Duration::from_secs(3)));
        assert_eq!(retry_after(&response(&[])), None);
    }
}
