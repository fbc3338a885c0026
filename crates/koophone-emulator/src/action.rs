//! The effect of a fault on a request.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What a fault does. Each variant documents whether the operation is executed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// This response instead of the service's. Not executed unless `executed` is true.
    Response {
        /// HTTP status; 200 by default.
        #[serde(default = "status_ok")]
        status: u16,
        /// Text is sent unchanged, other JSON is serialised; null, or no value, is an empty body.
        #[serde(default, skip_serializing_if = "Value::is_null")]
        body: Value,
        /// Additional headers, or other values for the usual ones; null removes one.
        #[serde(default)]
        headers: Map<String, Value>,
        /// Execute the operation first and discard its response.
        #[serde(default)]
        executed: bool,
    },
    /// The gateway's rate limit, APIGW.0308. Not executed.
    Throttle {
        /// Seconds for a `Retry-After` header.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<u64>,
        /// The limit as the gateway writes it in the message, for example `limit:10,time:1 second`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit_text: Option<String>,
        /// HTTP status; 429 by default.
        #[serde(default = "status_throttled")]
        status: u16,
    },
    /// The correct response, delayed. Executed at once. The delay is real time in every clock mode.
    Delay {
        /// The delay.
        milliseconds: u64,
    },
    /// No response, until the client disconnects or the emulator stops. Not executed unless `executed` is true.
    NoResponse {
        /// Execute the operation first.
        #[serde(default)]
        executed: bool,
    },
    /// The service's response with changes: results of individual phones are garbled, or the identity service's data is
    /// wrong. Executed.
    ///
    /// A path such as `/data/cmd_results/a44uhlf7/status` leads to a value of the body. A step into a list is an index
    /// or the id of a phone (also among the jobs of a task, which do not name their phones). A path that does not exist
    /// changes nothing.
    Change {
        /// Another HTTP status.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
        /// Additional headers, or other values for the usual ones; null removes one.
        #[serde(default)]
        headers: Map<String, Value>,
        /// New values by path; the last step may add a field.
        #[serde(default)]
        set: Map<String, Value>,
        /// Paths of fields and items to remove.
        #[serde(default)]
        remove: Vec<String>,
    },
    /// The connection is closed.
    Cut {
        /// When, which also decides whether the operation was executed.
        when: CutWhen,
    },
    /// Complete HTTP whose JSON ends in the middle. Executed.
    Truncate {},
    /// Status 200 and a body that is not JSON. Executed.
    Garbage {},
    /// A proxy's HTML page. Not executed unless `executed` is true.
    Html {
        /// HTTP status; 502 by default.
        #[serde(default = "status_bad_gateway")]
        status: u16,
        /// Execute the operation first and discard its response.
        #[serde(default)]
        executed: bool,
    },
    /// Status 200 and a body (one JSON text) of exactly this many bytes, at least 2. Executed.
    Huge {
        /// Length of the body.
        bytes: u64,
    },
    /// The correct response, sent slowly. Executed.
    Drip {
        /// Speed; 0 counts as 1.
        bytes_per_second: u64,
    },
    /// 401 APIGW.0307, "The token must be updated." Not executed. The token itself stays valid.
    ExpiredToken {},
    /// 401 KOOPHONE.API.1001, no permission for an instance. Not executed.
    NoPermission {},
    /// Any request that names one of these phones is refused as a whole, as if they had expired; other requests are not
    /// affected. Not executed.
    RefusePhones {
        /// The phones.
        instance_ids: Vec<String>,
        /// For example `KOOPHONE.API.1001`, `KOOPHONE.API.1002` or `CPS0005`.
        code: String,
        /// HTTP status; by default the documented one of the code (401 for 1001, otherwise 400).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
    },
    /// The correct response, but the job that the request starts fails: a reset, an unassignment, a backup, a
    /// preparation or an installation. Executed.
    FailJobs {
        /// The phones; by default all that the request names.
        #[serde(default)]
        instance_ids: Vec<String>,
    },
    /// An error with this code, in its format (gateway for APIGW and APIG, otherwise KooPhone). Not executed.
    ErrorCode {
        /// For example `KOOPHONE.API.9999`.
        code: String,
        /// HTTP status; 200 by default.
        #[serde(default = "status_ok")]
        status: u16,
    },
    /// The correct response with `Content-Type: text/plain`. Executed.
    WrongContentType {},
    /// A 302 redirect. Not executed.
    Redirect {
        /// The `Location` header.
        location: String,
    },
}

/// When a connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "describe", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CutWhen {
    /// No response, and nothing was executed.
    BeforeExecution,
    /// No response, and the operation was executed.
    AfterExecution,
    /// Half of the response, and the operation was executed.
    MidResponse,
}

fn status_ok() -> u16 {
    200
}
fn status_throttled() -> u16 {
    429
}
fn status_bad_gateway() -> u16 {
    502
}

impl Action {
    /// Whether the operation is executed although this fault hits it.
    pub(crate) fn executes(&self) -> bool {
        match self {
            Self::Response { executed, .. } | Self::NoResponse { executed } | Self::Html { executed, .. } => *executed,
            Self::Cut { when } => *when != CutWhen::BeforeExecution,
            Self::Change { .. }
            | Self::FailJobs { .. }
            | Self::Delay { .. }
            | Self::Truncate {}
            | Self::Garbage {}
            | Self::Huge { .. }
            | Self::Drip { .. }
            | Self::WrongContentType {} => true,
            Self::Throttle { .. }
            | Self::ExpiredToken {}
            | Self::NoPermission {}
            | Self::RefusePhones { .. }
            | Self::ErrorCode { .. }
            | Self::Redirect { .. } => false,
        }
    }

    /// The phones whose jobs fail with this fault; an empty list is all.
    pub(crate) fn failing_phones(&self) -> Option<Vec<String>> {
        match self {
            Self::FailJobs { instance_ids } => Some(instance_ids.clone()),
            _ => None,
        }
    }

    /// The phones that this fault names itself.
    pub(crate) fn named_phones(&self) -> &[String] {
        match self {
            Self::RefusePhones { instance_ids, .. } | Self::FailJobs { instance_ids } => instance_ids,
            _ => &[],
        }
    }

    /// Refuses what cannot be sent.
    pub(crate) fn check(&self) -> Result<(), String> {
        let no_headers = Map::new();
        let (status, headers) = match self {
            Self::Response { status, headers, .. } => (Some(*status), headers),
            Self::Change { status, headers, set, remove } => {
                if let Some(path) = set.keys().chain(remove).find(|path| !path.starts_with('/')) {
                    return Err(format!("path `{path}` must begin with `/`"));
                }
                (*status, headers)
            }
            Self::Throttle { status, .. } | Self::Html { status, .. } | Self::ErrorCode { status, .. } => {
                (Some(*status), &no_headers)
            }
            Self::RefusePhones { status, instance_ids, .. } => {
                if instance_ids.is_empty() {
                    return Err("instance_ids must name at least one phone".to_owned());
                }
                (*status, &no_headers)
            }
            Self::Redirect { location } => {
                http::HeaderValue::from_str(location)
                    .map_err(|_| format!("location `{location}` cannot be sent in a header"))?;
                (None, &no_headers)
            }
            _ => (None, &no_headers),
        };
        for (name, value) in headers {
            check_header(name, value)?;
        }
        match status {
            Some(status) if !(200..=999).contains(&status) => Err(format!("status {status} is not in 200..=999")),
            _ => Ok(()),
        }
    }
}

fn check_header(name: &str, value: &Value) -> Result<(), String> {
    if ["content-length", "transfer-encoding", "connection"].contains(&name.to_ascii_lowercase().as_str()) {
        return Err(format!("header `{name}` is set by the emulator"));
    }
    let text = match value {
        Value::String(text) => text.as_str(),
        Value::Null => "",
        _ => return Err(format!("header `{name}` must be text or null")),
    };
    if http::HeaderName::from_bytes(name.as_bytes()).is_err() || http::HeaderValue::from_str(text).is_err() {
        return Err(format!("header `{name}: {text}` cannot be sent"));
    }
    Ok(())
}
