//! Applies a fault to a reply on its way to the client.

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use crate::action::{Action, CutWhen};
use crate::quirk::Quirks;
use crate::wire::body::{Step, StepBody};
use crate::wire::reply::{Refusal, Reply};

/// Time between two pieces of a slow response.
const DRIP_INTERVAL: Duration = Duration::from_millis(50);

/// How a request ends.
#[derive(Debug)]
pub(crate) enum Delivery {
    /// A response, after a wait in real time.
    Response { status: u16, headers: Vec<(String, String)>, body: StepBody, hold: Duration },
    /// The connection is closed.
    Cut,
    /// Nothing happens until the client disconnects or the emulator stops.
    NoResponse,
}

/// The response of a fault that does not use the service's reply. None if the fault only changes how a reply is sent.
pub(crate) fn own_response(action: &Action, quirks: Quirks, server_id: &str) -> Option<Reply> {
    let refusal = match action {
        Action::Response { status, body, .. } => {
            let mut reply = Reply::json(*status, body);
            match body {
                Value::String(text) => reply.body = text.clone().into_bytes(),
                Value::Null => reply.body.clear(),
                _ => {}
            }
            return Some(reply);
        }
        Action::Html { status, .. } => {
            let page =
                format!("<html><head><title>{status}</title></head><body><h1>{status}</h1><hr>proxy</body></html>\r\n");
            let mut reply = Reply::json(*status, &Value::Null).with_header("Content-Type", "text/html");
            reply.body = page.into_bytes();
            return Some(reply);
        }
        Action::Redirect { location } => {
            let mut reply = Reply::json(302, &Value::Null).with_header("Location", location.as_str());
            reply.body.clear();
            return Some(reply);
        }
        Action::Throttle { retry_after, limit_text, status } => {
            let reply = Refusal::throttled(*status, limit_text.as_deref()).reply(quirks, server_id);
            return Some(match retry_after {
                Some(seconds) => reply.with_header("Retry-After", seconds.to_string()),
                None => reply,
            });
        }
        Action::ExpiredToken {} => Refusal::token_must_be_updated(),
        Action::NoPermission {} => Refusal::no_permission(),
        Action::RefusePhones { code, status, .. } => Refusal::for_phones(*status, code),
        Action::ErrorCode { code, status } => Refusal::by_code(*status, code),
        _ => return None,
    };
    Some(refusal.reply(quirks, server_id))
}

/// Delivers a reply, changed by the fault if there is one.
pub(crate) fn deliver(reply: Reply, action: Option<&Action>) -> Delivery {
    let Reply { status, mut headers, body, mut hold_ms, .. } = reply;
    let length = body.len() as u64;
    let mut sent_status = status;
    let body = match action {
        Some(Action::Cut { when: CutWhen::MidResponse }) => {
            let half = Bytes::from(body).slice(..usize::try_from(length / 2).unwrap_or(0));
            // The wait lets the first half be sent before the connection is closed.
            StepBody::new(length, [Step::Bytes(half), Step::Wait(Duration::from_millis(5)), Step::Abort])
        }
        Some(Action::Cut { .. }) => return Delivery::Cut,
        Some(Action::NoResponse { .. }) => return Delivery::NoResponse,
        Some(Action::Delay { milliseconds }) => {
            hold_ms = hold_ms.saturating_add(*milliseconds);
            StepBody::full(body)
        }
        Some(Action::Truncate {}) => StepBody::full(body[..body.len() / 2].to_vec()),
        Some(Action::Garbage {}) => {
            sent_status = 200;
            StepBody::full(b"\x1f\x8b{]garbage, not JSON \xff\xfe".to_vec())
        }
        Some(Action::Huge { bytes }) => {
            sent_status = 200;
            let bytes = (*bytes).max(2);
            let quote = || Step::Bytes(Bytes::from_static(b"\""));
            StepBody::new(bytes, [quote(), Step::Fill(b'x', bytes - 2), quote()])
        }
        Some(Action::Drip { bytes_per_second }) => StepBody::new(length, drip(body, *bytes_per_second)),
        Some(Action::WrongContentType {}) => {
            headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
            headers.push(("Content-Type".to_owned(), "text/plain".to_owned()));
            StepBody::full(body)
        }
        _ => StepBody::full(body),
    };
    Delivery::Response { status: sent_status, headers, body, hold: Duration::from_millis(hold_ms) }
}

fn drip(body: Vec<u8>, bytes_per_second: u64) -> Vec<Step> {
    let speed = bytes_per_second.max(1);
    let size = usize::try_from(speed / 20).unwrap_or(usize::MAX).max(1);
    let wait = if speed < 20 { Duration::from_secs(1) / u32::try_from(speed).unwrap_or(1) } else { DRIP_INTERVAL };
    body.chunks(size).flat_map(|piece| [Step::Wait(wait), Step::Bytes(Bytes::copy_from_slice(piece))]).collect()
}
