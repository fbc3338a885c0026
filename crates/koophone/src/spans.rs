//! Spans for `tracing`: one per call and one per attempt, with the names of OpenTelemetry's conventions for HTTP
//! clients. The fields that begin with `otel.` are for `tracing-opentelemetry`.

use tracing::Span;
use tracing::field::Empty;
use url::Url;

use crate::model::{ErrorKind, Operation};

/// A call from its start to its result, with all batches, waits and retries.
pub(crate) fn call(name: &'static str) -> Span {
    tracing::info_span!(
        "call",
        otel.name = name,
        otel.kind = "internal",
        otel.status_code = Empty,
        "error.type" = Empty,
    )
}

/// One attempt: a request and its response. `resends`: how often it was sent before.
pub(crate) fn attempt(operation: &Operation, url: &Url, resends: u32) -> Span {
    let template = || operation.path.replace("{}", "{id}");
    tracing::info_span!(
        "attempt",
        otel.name = format_args!("{} {}", operation.method, template()),
        otel.kind = "client",
        otel.status_code = Empty,
        "http.request.method" = operation.method.as_str(),
        "http.request.resend_count" = (resends > 0).then_some(resends),
        "http.response.status_code" = Empty,
        "url.template" = template(),
        "url.full" = url.as_str(),
        // IPv6 addresses without their brackets.
        "server.address" = url.host_str().map(|host| host.trim_matches(['[', ']'])),
        "server.port" = url.port_or_known_default(),
        "error.type" = Empty,
    )
}

/// The response to an attempt, and what it means for the call.
pub(crate) fn responded(attempt: &Span, status: u16, failure: Option<ErrorKind>) {
    attempt.record("http.response.status_code", status);
    match failure {
        // By the conventions, the status is the error type, if there is one.
        Some(_) if status >= 400 => mark(attempt, status.to_string().as_str()),
        Some(kind) => failed(attempt, kind),
        None => {}
    }
}

/// Marks a span as failed.
pub(crate) fn failed(span: &Span, kind: ErrorKind) {
    mark(span, kind.name());
}

fn mark(span: &Span, error: &str) {
    span.record("error.type", error);
    span.record("otel.status_code", "ERROR");
}
