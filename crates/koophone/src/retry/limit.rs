//! Parses the gateway's limit text.

use std::time::Duration;

/// The gateway's limit, as in its text: `limit:10,time:1 second`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit {
    pub calls: u32,
    pub window: Duration,
}

impl Limit {
    /// Longer windows are capped to this: a wrong or hostile text must not stop a client for days.
    pub const LONGEST_WINDOW: Duration = Duration::from_secs(300);

    pub fn parse(text: &str) -> Option<Self> {
        let lower = text.to_ascii_lowercase();
        let after = |mark: &str| lower.find(mark).map(|at| lower[at + mark.len()..].trim_start());
        let (calls, _) = number(after("limit:")?)?;
        let (count, unit) = number(after("time:")?)?;
        let unit = match unit.trim_start().get(..1)? {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            "d" => 86_400,
            _ => return None,
        };
        let window = Duration::from_secs(count.saturating_mul(unit)).min(Self::LONGEST_WINDOW);
        Some(Self { calls: calls.try_into().unwrap_or(u32::MAX), window })
    }

    /// The time for one call.
    pub fn gap(self) -> Duration {
        self.window / self.calls.max(1)
    }
}

/// The positive number that `text` begins with, and the rest. It saturates.
fn number(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let number = if digits.is_empty() { 0 } else { digits.parse().unwrap_or(u64::MAX) };
    (number > 0).then_some((number, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn implausible_windows_and_counts_are_capped() {
        let longest = |calls| Some(Limit { calls, window: Limit::LONGEST_WINDOW });
        assert_eq!(Limit::parse("limit:10,time:30 day"), longest(10));
        assert_eq!(Limit::parse("limit:1,time:18446744073709551615 second"), longest(1));
        assert_eq!(Limit::parse("limit:1,time:18446744073709551615 day"), longest(1));
        assert_eq!(Limit::parse("limit:99999999999999999999,time:99999999999999999999 day"), longest(u32::MAX));
    }
}
