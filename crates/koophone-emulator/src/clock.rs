//! The emulator's clock: the system's, or one that only the test moves.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::OptionsError;

/// Last millisecond of the year 9999: no date format of the wire goes further.
const LAST_MS: i64 = 253_402_300_799_999;

/// The kind of clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ClockMode {
    /// The system's time. Sleeps and delays take real time.
    #[default]
    Real,
    /// A fixed start, moved only by `advance`, by `tick_ms` and by `sleep` in synchronous commands (which then respond
    /// at once).
    Manual,
}

/// Settings of the clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ClockOptions {
    /// Real or manual.
    pub mode: ClockMode,
    /// Where the manual clock starts, RFC 3339 in UTC.
    pub start: String,
    /// How far the manual clock advances with every request, in milliseconds.
    pub tick_ms: u64,
    /// Offset of the service's own time (its `Date` header, its signature check, the times in its responses) from the
    /// clock. May be negative.
    pub skew_ms: i64,
}

impl Default for ClockOptions {
    fn default() -> Self {
        Self { mode: ClockMode::Real, start: "2026-01-01T00:00:00Z".to_owned(), tick_ms: 0, skew_ms: 0 }
    }
}

/// The running clock.
#[derive(Debug)]
pub(crate) struct Clock {
    mode: ClockMode,
    start_ms: i64,
    offset_ms: i64,
    tick_ms: i64,
    skew_ms: i64,
}

impl Clock {
    pub(crate) fn new(options: &ClockOptions) -> Result<Self, OptionsError> {
        let start: Timestamp = options.start.parse().map_err(|error| {
            OptionsError::new(format!("clock.start `{}` is not an RFC 3339 time: {error}", options.start))
        })?;
        Ok(Self {
            mode: options.mode,
            start_ms: start.as_millisecond(),
            offset_ms: 0,
            tick_ms: i64::try_from(options.tick_ms).unwrap_or(i64::MAX),
            skew_ms: options.skew_ms,
        })
    }

    /// Where the manual clock starts, which is when the phones were created.
    pub(crate) fn start_ms(&self) -> i64 {
        self.start_ms
    }

    /// Milliseconds since 1970, as the phones and the journal see them.
    pub(crate) fn now_ms(&self) -> i64 {
        let base = match self.mode {
            ClockMode::Manual => self.start_ms,
            ClockMode::Real => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(LAST_MS)),
        };
        base.saturating_add(self.offset_ms).clamp(0, LAST_MS)
    }

    /// The same with the configured skew: the service's own time.
    pub(crate) fn service_ms(&self) -> i64 {
        self.now_ms().saturating_add(self.skew_ms).clamp(0, LAST_MS)
    }

    pub(crate) fn advance_ms(&mut self, milliseconds: i64) {
        self.offset_ms = self.offset_ms.saturating_add(milliseconds);
    }

    pub(crate) fn is_manual(&self) -> bool {
        self.mode == ClockMode::Manual
    }

    /// One request has arrived.
    pub(crate) fn tick(&mut self) {
        if self.is_manual() {
            self.advance_ms(self.tick_ms);
        }
    }

    /// The `Date` header.
    pub(crate) fn http_date(&self) -> String {
        let since = Duration::from_millis(u64::try_from(self.service_ms()).unwrap_or(0));
        httpdate::fmt_http_date(UNIX_EPOCH + since)
    }

    /// A service time in IAM's form: UTC with six decimals.
    pub(crate) fn iam_time(service_ms: i64) -> String {
        format(service_ms, "%Y-%m-%dT%H:%M:%S%.6fZ")
    }
}

/// Formats a time by a `strftime` pattern, in UTC. An invalid pattern is returned unchanged.
pub(crate) fn format(ms: i64, pattern: &str) -> String {
    let zoned = Timestamp::from_millisecond(ms.clamp(0, LAST_MS)).unwrap_or_default().to_zoned(jiff::tz::TimeZone::UTC);
    jiff::fmt::strtime::format(pattern, &zoned).unwrap_or_else(|_| pattern.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manual_time_moves_only_when_moved() {
        let options = ClockOptions { mode: ClockMode::Manual, tick_ms: 5, skew_ms: -1000, ..ClockOptions::default() };
        let mut clock = Clock::new(&options).unwrap();
        let start = clock.now_ms();
        assert_eq!(Clock::iam_time(start), "2026-01-01T00:00:00.000000Z");
        clock.tick();
        clock.advance_ms(1);
        assert_eq!(clock.now_ms(), start + 6);
        assert_eq!(clock.service_ms(), start + 6 - 1000);
        clock.advance_ms(i64::MAX);
        assert_eq!(clock.now_ms(), LAST_MS);
        assert!(clock.http_date().ends_with("9999 23:59:58 GMT"));
    }

    #[test]
    fn a_wrong_start_is_refused_with_its_text() {
        let options = ClockOptions { start: "yesterday".to_owned(), ..ClockOptions::default() };
        assert!(Clock::new(&options).unwrap_err().to_string().contains("yesterday"));
    }
}
