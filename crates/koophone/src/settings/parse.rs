//! Reading the text of a setting. The errors end the sentence "it ...".

use std::path::PathBuf;
use std::time::Duration;

use url::{ParseError, Url};

use super::ENDPOINT;

pub(super) fn url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|e| match e {
        ParseError::IdnaError => {
            format!("must be a URL like {ENDPOINT}; a host name that is not ASCII is written in Punycode (xn--...)")
        }
        e => format!("must be a URL like {ENDPOINT} ({e})"),
    })?;
    if url.host_str().is_none_or(str::is_empty) {
        return Err(format!("must be a URL with a host, like {ENDPOINT}"));
    }
    Ok(url)
}

pub(super) fn identifier(text: &str) -> Result<String, String> {
    let good =
        (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if good { Ok(text.into()) } else { Err("must be 1 to 64 letters, digits, hyphens or underscores".into()) }
}

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let parsed = match text.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).ok(),
        Err(_) => humantime::parse_duration(text).ok(),
    };
    parsed
        .filter(|d| (Duration::from_millis(1)..=Duration::from_secs(7 * 86_400)).contains(d))
        .ok_or_else(|| "must be a time from 1ms to 7d, like 30 (seconds), 1.5, 250ms or 2m".into())
}

pub(super) fn limit(text: &str) -> Result<Option<Duration>, String> {
    if text == "none" { Ok(None) } else { duration(text).map(Some) }
}

pub(super) fn count(text: &str, least: usize, most: usize) -> Result<usize, String> {
    let number = text.parse().ok().filter(|n| (least..=most).contains(n));
    number.ok_or_else(|| format!("must be a whole number from {least} to {most}"))
}

pub(super) fn boolean(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err("must be true or false".into()),
    }
}

pub(super) fn path(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() { Err("must be a path".into()) } else { Ok(text.into()) }
}
