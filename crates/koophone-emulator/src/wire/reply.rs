//! A response before it is sent, and the refusals in all their formats.

use serde_json::{Value, json};

use crate::quirk::{Quirk, Quirks};
use crate::text;

/// A response.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// How long the operation takes (a synchronous command that sleeps).
    pub(crate) hold_ms: u64,
    /// Whether the operation was executed.
    pub(crate) executed: bool,
}

impl Reply {
    /// A JSON response of an operation that was executed.
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            headers: vec![("Content-Type".to_owned(), "application/json;charset=UTF-8".to_owned())],
            body: text::restore_raw_bytes(body.to_string()),
            hold_ms: 0,
            executed: true,
        }
    }

    #[must_use]
    pub(crate) fn not_executed(mut self) -> Self {
        self.executed = false;
        self
    }

    /// Sets a header, replacing one of the same name.
    #[must_use]
    pub(crate) fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

/// Which service refuses, which decides the format of the body (docs/spec/wire-notes.md#11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Service,
    Gateway,
    Identity,
}

/// A request that is not served.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    shape: Shape,
    status: u16,
    code: String,
    message: String,
    /// Whether part of the request was executed nevertheless.
    executed: bool,
}

impl Refusal {
    /// KooPhone's own refusal.
    pub(crate) fn service(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { shape: Shape::Service, status, code: code.to_owned(), message: message.into(), executed: false }
    }

    /// The gateway's.
    pub(crate) fn gateway(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { shape: Shape::Gateway, status, code: code.to_owned(), message: message.into(), executed: false }
    }

    /// The identity service's.
    pub(crate) fn identity(status: u16, message: impl Into<String>) -> Self {
        Self { shape: Shape::Identity, status, code: String::new(), message: message.into(), executed: false }
    }

    pub(crate) fn parameter(detail: impl std::fmt::Display) -> Self {
        Self::service(400, "KOOPHONE.API.1000", format!("request parameter error: {detail}"))
    }

    pub(crate) fn no_permission() -> Self {
        Self::service(401, "KOOPHONE.API.1001", "no permission for the instance")
    }

    pub(crate) fn no_such_phone() -> Self {
        Self::service(400, "KOOPHONE.API.4001", "the instance does not exist")
    }

    /// The refusal, after part of the request has been executed.
    #[must_use]
    pub(crate) fn after_a_part(mut self) -> Self {
        self.executed = true;
        self
    }

    pub(crate) fn credential(detail: impl std::fmt::Display) -> Self {
        Self::gateway(401, "APIGW.0301", format!("Incorrect IAM authentication information: {detail}"))
    }

    pub(crate) fn token_must_be_updated() -> Self {
        Self::gateway(401, "APIGW.0307", "The token must be updated.")
    }

    pub(crate) fn unknown_api() -> Self {
        Self::gateway(404, "APIGW.0101", "The API does not exist or has not been published in the environment.")
    }

    pub(crate) fn throttled(status: u16, limit: Option<&str>) -> Self {
        let message = match limit {
            Some(limit) => format!("The throttling threshold has been reached: policy user over ratelimit,{limit}"),
            None => "The throttling threshold has been reached.".to_owned(),
        };
        Self::gateway(status, "APIGW.0308", message)
    }

    /// A refusal because of individual phones, with the documented status unless another is given.
    pub(crate) fn for_phones(status: Option<u16>, code: &str) -> Self {
        let documented = if code == "KOOPHONE.API.1001" { 401 } else { 400 };
        Self::by_code(status.unwrap_or(documented), code)
    }

    /// Any code, in its own format.
    pub(crate) fn by_code(status: u16, code: &str) -> Self {
        if code.to_ascii_uppercase().starts_with("APIG") {
            return Self::gateway(status, code, "error");
        }
        let message = match code {
            "KOOPHONE.API.1000" => "request parameter error",
            "KOOPHONE.API.1001" => "no permission for the instance",
            "KOOPHONE.API.1002" => "the instances are not in the same region",
            "CPS0005" | "CPS.0005" => "Phone not found.",
            "KOOPHONE.API.9999" => "internal error",
            _ => "error",
        };
        Self::service(status, code, message)
    }

    /// The response. `server_id` is the server's own request id.
    pub(crate) fn reply(&self, quirks: Quirks, server_id: &str) -> Reply {
        let body = match self.shape {
            Shape::Identity => {
                json!({"error": {"code": self.status, "message": self.message, "title": title(self.status)}})
            }
            Shape::Service | Shape::Gateway => self.coded_body(quirks, server_id),
        };
        Reply { executed: self.executed, ..Reply::json(self.final_status(quirks), &body) }
    }

    fn final_status(&self, quirks: Quirks) -> u16 {
        match (self.shape, self.code.as_str(), self.status) {
            (Shape::Service, ..) if quirks.has(Quirk::BusinessErrorsAs200) => 200,
            (Shape::Service, "KOOPHONE.API.1000", 400) if quirks.has(Quirk::AlternativeStatuses) => 200,
            (Shape::Service, "KOOPHONE.API.1001", 401) if quirks.has(Quirk::AlternativeStatuses) => 400,
            (Shape::Service, "KOOPHONE.API.9999", 500) if quirks.has(Quirk::AlternativeStatuses) => 400,
            (Shape::Service, "KOOPHONE.API.2210", 400) if quirks.has(Quirk::AlternativeStatuses) => 200,
            (Shape::Service, "KOOPHONE.API.4001", 400) if quirks.has(Quirk::AlternativeStatuses) => 500,
            (Shape::Service, "KPAPI.2209", 200) if quirks.has(Quirk::AlternativeStatuses) => 400,
            (Shape::Gateway, "APIGW.0308", 429) if quirks.has(Quirk::ThrottledAs503) => 503,
            (_, _, status) => status,
        }
    }

    fn coded_body(&self, quirks: Quirks, server_id: &str) -> Value {
        let code = match self.code.split_once('.') {
            _ if quirks.has(Quirk::ZeroCodeOnErrors) => "0".to_owned(),
            Some(("APIGW", number)) if quirks.has(Quirk::GatewayDotVariants) => format!("APIG.{number}"),
            Some(("KOOPHONE", rest)) if quirks.has(Quirk::MixedCasePrefix) => format!("KooPhone.{rest}"),
            _ => self.code.clone(),
        };
        let message = if quirks.has(Quirk::ChineseMessages) { "请求失败" } else { self.message.as_str() };
        if quirks.has(Quirk::CodeMessageErrors) {
            return json!({"error_detail": {"code": code, "message": message}});
        }
        let mut body = json!({"error_code": code, "error_msg": message});
        if self.shape == Shape::Gateway {
            body["request_id"] = server_id.into();
        }
        if quirks.has(Quirk::DetailedErrors) {
            body["encoded_authorization_message"] = "emulated".into();
            body["details"] = json!([{"error_code": code, "error_msg": message}]);
        }
        if quirks.has(Quirk::UnknownFields) {
            body["unknown_field"] = json!({"new": [1, null]});
        }
        body
    }
}

fn title(status: u16) -> &'static str {
    http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or("Error")
}
