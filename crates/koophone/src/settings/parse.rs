//! Parses the text of a setting. The errors complete the sentence "it ...".

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use url::{ParseError, Url};

use super::ENDPOINT;

/// The text is never part of the error: it may contain a password.
pub(super) fn url(text: &str) -> Result<Url, String> {
    if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        // URL parsers silently ignore line breaks.
        return Err(format!("must be a URL like {ENDPOINT}, without spaces and line breaks"));
    }
    let url = Url::parse(text).map_err(|e| match e {
        ParseError::IdnaError => {
            format!("must be a URL like {ENDPOINT}; a host name that is not ASCII is written in Punycode (xn--...)")
        }
        e => format!("must be a URL like {ENDPOINT} ({e})"),
    })?;
    if url.host_str().is_none_or(str::is_empty) {
        return Err(format!("must be a URL with a host, like {ENDPOINT}"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not contain a user or password; pass credentials separately".into());
    }
    Ok(url)
}

pub(super) fn identifier(text: &str) -> Result<String, String> {
    let good =
        (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if good { Ok(text.into()) } else { Err("must be 1 to 64 letters, digits, hyphens or underscores".into()) }
}

pub(super) fn user_agent(text: &str) -> Result<String, String> {
    let readable = !text.is_empty() && text.bytes().all(|b| (b' '..=b'~').contains(&b));
    if readable { Ok(text.into()) } else { Err("must be readable ASCII text".into()) }
}

/// Longer durations are capped to this: effectively for ever, but still within the range of clocks.
const LONGEST: Duration = Duration::from_secs(3650 * 86_400);

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let parsed = match text.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).ok(),
        Err(_) => humantime::parse_duration(text).ok(),
    };
    parsed.ok_or_else(|| "must be a time like 30 (seconds), 1.5, 250ms or 2m".into()).and_then(long_enough)
}

pub(super) fn long_enough(duration: Duration) -> Result<Duration, String> {
    if duration < Duration::from_millis(1) {
        return Err("must be a time of at least 1ms, like 30 (seconds), 1.5, 250ms or 2m".into());
    }
    Ok(duration.min(LONGEST))
}

pub(super) fn limit(text: &str) -> Result<Option<Duration>, String> {
    if text == "none" { Ok(None) } else { duration(text).map(Some) }
}

pub(super) fn count(text: &str, range: &RangeInclusive<usize>) -> Result<usize, String> {
    text.parse().map_err(|_| out_of(range)).and_then(|number| within(number, range))
}

pub(super) fn within(number: usize, range: &RangeInclusive<usize>) -> Result<usize, String> {
    if range.contains(&number) { Ok(number) } else { Err(out_of(range)) }
}

fn out_of(range: &RangeInclusive<usize>) -> String {
    format!("must be a whole number from {} to {}", range.start(), range.end())
}

pub(super) fn boolean(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err("must be true or false".into()),
    }
}

pub(super) fn path(path: PathBuf) -> Result<PathBuf, String> {
    if path.as_os_str().is_empty() { Err("must be a path".into()) } else { Ok(path) }
}
