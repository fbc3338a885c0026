//! The server's clock, by which requests are signed: the gateway refuses signatures more than 15 minutes off.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use super::registry::Registry;
use super::signing;
use crate::http::{Headers, HttpRequest, HttpResponse};
use crate::model::Result;

/// With a smaller difference, the clock is not why a signature was refused.
const TOLERANCE: i64 = 60;
/// Precedes the gateway's own time in the text of a refusal.
const SERVER_TIME: &str = "server time:";

static CLOCKS: Registry<ServerClock> = Registry::new();

/// The server's clock minus ours, in seconds.
#[derive(Default)]
pub(super) struct ServerClock(AtomicI64);

impl ServerClock {
    /// The clock of an endpoint, shared by all clients of the process: otherwise each would learn it by a failed
    /// signature.
    pub fn of(endpoint: &str) -> Result<Arc<Self>> {
        CLOCKS.entry(&[endpoint], |clock| clock.0.load(Ordering::Relaxed) != 0)
    }

    pub fn now(&self) -> SystemTime {
        self.at(SystemTime::now())
    }

    fn at(&self, local: SystemTime) -> SystemTime {
        let skew = self.0.load(Ordering::Relaxed);
        let by = Duration::from_secs(skew.unsigned_abs());
        let server = if skew < 0 { local.checked_sub(by) } else { local.checked_add(by) };
        server.unwrap_or(local)
    }

    /// Adopts the server's clock after a refusal with this `text`. False when the refusal has another reason, or when
    /// `request` was signed with a date close enough to the server's.
    pub fn correct(&self, request: &HttpRequest, response: &HttpResponse, text: &str) -> bool {
        if !text.contains("expire") {
            return false;
        }
        let Some(signed_at) = signed_at(request) else { return false };
        let times = [server_time(response), time_in(text)];
        let Some(server) = times.into_iter().flatten().find(|time| is_off(*time, signed_at)) else { return false };
        let skew = seconds(server) - seconds(SystemTime::now());
        if self.0.swap(skew, Ordering::Relaxed).abs_diff(skew) > TOLERANCE.unsigned_abs() {
            tracing::warn!(seconds = skew, "this machine's clock differs from the server's; signing with the server's");
        }
        true
    }

    /// Whether `request` was signed before the clock was corrected.
    pub fn has_moved_since(&self, request: &HttpRequest) -> bool {
        signed_at(request).is_some_and(|signed_at| is_off(self.now(), signed_at))
    }
}

/// The time of a response's `Date` header.
pub(crate) fn server_time(response: &HttpResponse) -> Option<SystemTime> {
    date(&response.headers)
}

/// The time of a `Date` header.
pub(crate) fn date(headers: &Headers) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get("date")?).ok()
}

/// The gateway's own time in its text, as in `signature time:20240419T080910Z, server time:20240419T091512Z`.
fn time_in(text: &str) -> Option<SystemTime> {
    let (_, time) = text.split_once(SERVER_TIME)?;
    signing::time_of(time.trim_start().get(..16)?)
}

fn signed_at(request: &HttpRequest) -> Option<SystemTime> {
    signing::time_of(request.headers.get("x-sdk-date")?.to_str().ok()?)
}

fn is_off(time: SystemTime, other: SystemTime) -> bool {
    seconds(time).abs_diff(seconds(other)) > TOLERANCE.unsigned_abs()
}

/// Seconds since 1970.
fn seconds(time: SystemTime) -> i64 {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_secs()).map_or(i64::MIN, |seconds| -seconds),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use url::Url;

    use super::*;

    fn request(signed_at: SystemTime) -> HttpRequest {
        let date = HeaderValue::from_str(&signing::date_of(signed_at)).unwrap();
        HttpRequest {
            method: http::Method::GET,
            url: Url::parse("https://example.com").unwrap().into(),
            headers: [(http::HeaderName::from_static("x-sdk-date"), date)].into_iter().collect(),
            body: Default::default(),
        }
    }

    fn response(date: Option<SystemTime>) -> HttpResponse {
        let date = date.map(|date| HeaderValue::try_from(httpdate::fmt_http_date(date)).unwrap());
        let headers: http::HeaderMap = date.into_iter().map(|date| (http::header::DATE, date)).collect();
        HttpResponse { status: 401, headers: headers.into(), body: Default::default() }
    }

    #[test]
    fn the_time_comes_from_the_header_or_from_the_text_whichever_differs() {
        let now = SystemTime::now();
        let server = now + Duration::from_secs(3600);
        let text = format!("signature expired, signature time:x, server time:{}", signing::date_of(server));
        for (date, text) in [(Some(server), "signature expired"), (None, text.as_str()), (Some(now), text.as_str())] {
            let clock = ServerClock::default();
            assert!(clock.correct(&request(now), &response(date), text), "{date:?} {text}");
            assert!(!is_off(clock.now(), server));
            assert!(clock.has_moved_since(&request(now)) && !clock.has_moved_since(&request(clock.now())));
            assert!(!clock.correct(&request(clock.now()), &response(date.map(|_| server)), text), "twice");
        }
    }

    #[test]
    fn other_refusals_and_unreadable_times_leave_the_clock_alone() {
        let now = SystemTime::now();
        let clock = ServerClock::default();
        for text in ["expired", "expired, server time:", "expired, server time:20240419", "expired, server time:\u{e4}"]
        {
            assert!(!clock.correct(&request(now), &response(None), text), "{text}");
        }
        let off = Some(now + Duration::from_secs(3600));
        assert!(!clock.correct(&request(now), &response(off), "verify aksk signature fail"));
        assert_eq!(clock.at(now), now);
    }

    #[test]
    fn no_offset_overflows() {
        for skew in [i64::MIN, i64::MAX] {
            let clock = ServerClock(AtomicI64::new(skew));
            let _ = (clock.now(), clock.has_moved_since(&request(SystemTime::now())));
        }
    }
}
