//! A completely received request.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::shell;

/// The parts of a request that the service reads.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) method: String,
    /// Path and query as on the wire.
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// The body was longer than the gateway accepts, and is not in `body`.
    pub(crate) too_large: bool,
}

impl Received {
    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or("")
    }

    /// The first value of a header, white space trimmed.
    pub(crate) fn header(&self, wanted: &str) -> Option<&str> {
        self.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
    }

    /// A query parameter, decoded.
    pub(crate) fn query(&self, wanted: &str) -> Option<String> {
        let (_, query) = self.target.split_once('?')?;
        query
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .find(|(key, _)| percent_decode_str(key).decode_utf8_lossy() == wanted)
            .map(|(_, value)| percent_decode_str(value).decode_utf8_lossy().into_owned())
    }

    pub(crate) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The command in the body, if it is a line that may take long.
    pub(crate) fn long_line(&self) -> Option<String> {
        let command = self.json()?.get("command")?.as_str()?.to_owned();
        shell::may_take_long(&command).then_some(command)
    }

    /// The client's request id, unless it is empty: in a header, or in the query for the list of phones
    /// (docs/spec/wire-notes.md#21).
    pub(crate) fn x_request_id(&self) -> Option<String> {
        let in_header = self.header("x-request-id").filter(|id| !id.is_empty()).map(str::to_owned);
        in_header.or_else(|| self.query("x-request-id").filter(|id| !id.is_empty()))
    }

    /// Length of the headers on the wire.
    pub(crate) fn header_bytes(&self) -> usize {
        self.headers.iter().map(|(name, value)| name.len() + value.len() + 4).sum()
    }
}
