//! From a response to an outcome: which of the fifteen kinds a failure is, whether the service may have executed the
//! request, and whether a retry makes sense.

use crate::http::{FaultReason, Headers, HttpFault, HttpResponse};
use crate::model::{Error, ErrorKind, Operation};
use crate::wire::envelope::ServiceError;

/// A failed attempt, classified.
#[derive(Debug)]
pub(crate) struct Failure {
    pub error: Error,
    /// Whether the service may have executed the request.
    pub maybe_executed: bool,
    pub next: Next,
}

/// How a failure could be handled; whether it is depends on the operation and the attempts left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// A retry would fail in the same way.
    Stop,
    /// Retry soon.
    Repeat,
    /// Retry after the longer pause of throttling.
    SlowDown,
    /// Retry if the credential can be renewed.
    RenewCredential,
}

/// Classifies a refusal that the service itself reported (docs/spec/wire-notes.md#11 to #17,
/// docs/spec/error-codes.csv): code first, status second.
pub(crate) fn refusal(operation: &Operation, response: &HttpResponse, said: ServiceError) -> Failure {
    let (kind, maybe_executed, next) = classify(response.status, said.code.as_deref());
    // A proxy that responds for the service may have forwarded the request before.
    let by_proxy = is_busy(response.status) && !said.documented;
    let maybe_ordered = operation.costs_money && !rules_out_an_order(response.status, said.code.as_deref());
    let maybe_executed = maybe_executed || said.with_results || by_proxy || maybe_ordered;
    let next = if said.with_results { Next::Stop } else { next };
    let message = match &said.message {
        Some(text) if !text.is_empty() => format!("{} was refused: {text}", operation.service_name),
        _ => format!("{} was refused without a reason", operation.service_name),
    };
    let retryable = next != Next::Stop || said.code.as_deref().is_some_and(may_pass_later);
    failure(operation, kind, message, maybe_executed, next, response).with(|error| {
        error.retryable = retryable && error.kind != ErrorKind::OutcomeUnknown;
        error.code = said.code;
        if error.server_request_id.is_none() {
            error.server_request_id = said.request_id;
        }
    })
}

/// Classifies a response of unknown format: HTML pages, truncated JSON, redirects.
pub(crate) fn unusable(operation: &Operation, response: &HttpResponse, why: String) -> Failure {
    if (300..400).contains(&response.status) {
        let message = format!(
            "the response to {} is a redirect, which is not followed; set the endpoint to the service's own address",
            operation.service_name
        );
        return failure(operation, ErrorKind::Protocol, message, false, Next::Stop, response);
    }
    let (kind, maybe_executed, next) = match response.status {
        // An unrequested protocol switch, or a status of 600 or more: the sender is unknown, and may have executed
        // anything.
        ..300 | 600.. => (ErrorKind::Protocol, true, Next::Stop),
        status => {
            let (kind, maybe_executed, next) = classify(status, None);
            (kind, maybe_executed || is_busy(status), next)
        }
    };
    let why = compression(response).map_or(why, |name| {
        format!(
            "its body is compressed ({name}), which was not asked for: a proxy or gateway on the way must pass on \
             Accept-Encoding: identity, or stop compressing"
        )
    });
    let message = format!("the response to {} has HTTP status {}, but {why}", operation.service_name, response.status);
    failure(operation, kind, message, maybe_executed, next, response)
        .with(|error| error.excerpt = Some(excerpt(&response.body)))
}

/// How the body is compressed, if it is. The request accepts only `identity`; some proxies compress nevertheless.
pub(crate) fn compression(response: &HttpResponse) -> Option<&str> {
    const GZIP: &[u8] = &[0x1f, 0x8b];
    let named = response.header("content-encoding").map(str::trim);
    named
        .filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("identity"))
        .or_else(|| response.body.starts_with(GZIP).then_some("gzip"))
}

/// Classifies an exchange that broke.
pub(crate) fn broken(operation: &Operation, fault: HttpFault) -> Failure {
    let name = operation.service_name;
    let (kind, message) = match fault.reason {
        FaultReason::Connect => {
            (ErrorKind::Network, format!("{name}: the service could not be reached; nothing was executed"))
        }
        FaultReason::Untrusted(advice) => (
            ErrorKind::Network,
            format!("{name}: the server's certificate is not trusted: {advice}; nothing was executed"),
        ),
        FaultReason::ClientCertificate => (
            ErrorKind::Network,
            format!("{name}: the server asks for a client certificate, which is not supported; nothing was executed"),
        ),
        FaultReason::Timeout if !fault.maybe_sent => {
            (ErrorKind::Timeout, format!("{name}: the time limit passed before the request was sent"))
        }
        FaultReason::Proxy => (ErrorKind::Network, format!("{name}: {}", fault.causes.concat())),
        FaultReason::Cancelled => (ErrorKind::Cancelled, Error::cancelled().message().to_owned()),
        FaultReason::Timeout => (ErrorKind::Timeout, format!("{name}: the time limit passed before the response")),
        FaultReason::Broken if fault.maybe_sent => {
            (ErrorKind::Network, format!("{name}: the connection broke before the response was complete"))
        }
        FaultReason::Broken => {
            (ErrorKind::Network, format!("{name}: the connection broke before the request was sent"))
        }
        FaultReason::TooLarge => {
            (ErrorKind::Protocol, format!("{name}: the response is larger than max_response_bytes allows"))
        }
    };
    let by_proxy = fault.reason == FaultReason::Proxy;
    let next = match fault.reason {
        FaultReason::TooLarge
        | FaultReason::Proxy
        | FaultReason::Untrusted(_)
        | FaultReason::ClientCertificate
        | FaultReason::Cancelled => Next::Stop,
        FaultReason::Connect | FaultReason::Timeout | FaultReason::Broken => Next::Repeat,
    };
    let error = Error::new(kind, message).with(|d| {
        d.argument = by_proxy.then(|| "proxy".to_owned());
        d.causes = if by_proxy { Vec::new() } else { fault.causes };
        d.retryable = next != Next::Stop;
    });
    Failure { error, maybe_executed: fault.maybe_sent, next }.for_operation(operation)
}

/// The deadline passed while no request was in flight.
pub(crate) fn out_of_time(operation: &Operation) -> Error {
    Error::new(
        ErrorKind::Timeout,
        format!("{}: the deadline passed before the request was sent", operation.service_name),
    )
    .with(|error| error.retryable = true)
}

/// Statuses that mean "busy". That nothing was executed is certain only if the service or its gateway reports them.
fn is_busy(status: u16) -> bool {
    matches!(status, 429 | 503)
}

/// Whether nothing was ordered for certain: a 4xx status or a known code says so, an undocumented code does not.
fn rules_out_an_order(status: u16, code: Option<&str>) -> bool {
    (400..500).contains(&status) || is_known_refusal(code)
}

/// Codes with which the service or its gateway refuses a request without executing it (docs/spec/error-codes.csv).
fn is_known_refusal(code: Option<&str>) -> bool {
    match (gateway_number(code), koophone_number(code)) {
        (Some(101 | 103..=106 | 301..=308 | 310 | 311 | 401 | 402 | 404 | 501 | 502), _)
        | (Some(602 | 605..=613 | 705 | 801 | 802), _)
        | (_, Some(0 | 1 | 2 | 4 | 5 | 1000..=1002 | 1004 | 1012 | 1323 | 2001..=2006 | 2210))
        | (_, Some(3002 | 3003 | 3006..=3009 | 4001 | 5001 | 5002 | 5004 | 5005)) => true,
        _ => code.is_some_and(|code| code.eq_ignore_ascii_case("KPAPI.2209")),
    }
}

/// Whether the refusal of a batch may be due to individual phones, so that the others would be accepted without them.
pub(crate) fn may_concern_single_phones(error: &Error) -> bool {
    let code = error.code();
    let of_phones = matches!(koophone_number(code), Some(1001 | 1002 | 1012 | 2004..=2006 | 2210 | 4001 | 5001 | 5005));
    !error.maybe_executed() && (of_phones || code.is_some_and(|code| plain_code(code).starts_with("CPS")))
}

/// A code in upper case, without the dot after CPS that is missing in one place (docs/spec/wire-notes.md#13).
fn plain_code(code: &str) -> String {
    code.to_ascii_uppercase().replace("CPS.", "CPS")
}

/// Kind, whether it may have been executed, and what next.
fn classify(status: u16, code: Option<&str>) -> (ErrorKind, bool, Next) {
    use ErrorKind::{Authentication, NotFound, PermissionDenied, Rejected, Throttled, Unavailable};
    match gateway_number(code) {
        Some(308) => return (Throttled, false, Next::SlowDown),
        Some(301 | 303 | 305 | 307 | 311) => return (Authentication, false, Next::RenewCredential),
        Some(302 | 304 | 306 | 310 | 401 | 402 | 404 | 801 | 802) => return (PermissionDenied, false, Next::Stop),
        Some(101) => return (NotFound, false, Next::Stop),
        // Faults of the gateway before it has forwarded anything.
        Some(103..=106 | 605 | 606 | 608..=613 | 705) => return (Unavailable, false, Next::Repeat),
        _ => {}
    }
    match koophone_number(code) {
        Some(1001) => return (PermissionDenied, false, Next::Stop),
        Some(1323 | 4001) => return (NotFound, false, Next::Stop),
        // A fault inside the service, whatever its status is.
        Some(9999) => return (Unavailable, true, Next::Repeat),
        _ => {}
    }
    match code.map(plain_code).as_deref() {
        Some("CPS0005") => return (NotFound, false, Next::Stop),
        Some("CPS0006") => return (PermissionDenied, false, Next::Stop),
        _ => {}
    }
    match (status, code) {
        (401, None) => (Authentication, false, Next::RenewCredential),
        (401, Some(_)) => (Authentication, false, Next::Stop),
        (403, _) => (PermissionDenied, false, Next::Stop),
        (404, _) => (NotFound, false, Next::Stop),
        (429, _) => (Throttled, false, Next::SlowDown),
        // The documents' code for "too many requests"; as HTTP defines it, nothing was done.
        (503, _) => (Unavailable, false, Next::Repeat),
        // The service's own refusals also come with a 500, according to the documents.
        (500.., code) if is_known_refusal(code) => (Rejected, false, Next::Stop),
        // 408: "the request was incomplete" or "the service was too slow", depending on the sender (ARCHITECTURE.md).
        (408 | 500.., _) if status != 501 && status != 505 => (Unavailable, true, Next::Repeat),
        _ => (Rejected, false, Next::Stop),
    }
}

/// The number of an `APIGW.` or `APIG.` code.
fn gateway_number(code: Option<&str>) -> Option<u16> {
    let code = code?.to_ascii_uppercase();
    code.strip_prefix("APIGW.").or_else(|| code.strip_prefix("APIG."))?.parse().ok()
}

/// The number of a `KOOPHONE.API.` code, in the spellings of docs/spec/wire-notes.md#13.
fn koophone_number(code: Option<&str>) -> Option<u16> {
    let code = code?.to_ascii_uppercase();
    code.strip_prefix("KOOPHONE.API.").or_else(|| code.strip_prefix("KP.API."))?.parse().ok()
}

/// Codes of docs/spec/error-codes.csv that mean "try later": left to the caller, not retried here.
fn may_pass_later(code: &str) -> bool {
    matches!(koophone_number(Some(code)), Some(2003 | 2005 | 2006 | 5005)) || code.eq_ignore_ascii_case("KPAPI.2209")
}

/// The failure of one phone inside a successful response (docs/spec/wire-notes.md#2 and #4).
pub(crate) fn phone_failure(code: &str, message: &str, output: &str) -> Error {
    let kind = match classify(200, Some(code)).0 {
        kind @ (ErrorKind::PermissionDenied | ErrorKind::NotFound) => kind,
        _ => ErrorKind::CommandFailed,
    };
    let mut message = if message.is_empty() { "the phone reports a failure" } else { message }.to_owned();
    if let Some(line) = output.lines().map(str::trim).rfind(|line| !line.is_empty()) {
        message = format!("{}: {line}", message.trim_end_matches('.'));
    }
    Error::new(kind, message).with(|error| {
        error.code = (!code.is_empty() && code != "0").then(|| code.to_owned());
        error.maybe_executed = kind == ErrorKind::CommandFailed;
        error.output = (!output.is_empty()).then(|| output.to_owned());
    })
}

fn failure(
    operation: &Operation,
    kind: ErrorKind,
    message: String,
    maybe_executed: bool,
    next: Next,
    response: &HttpResponse,
) -> Failure {
    let error = Error::new(kind, message).with(|error| {
        error.http_status = Some(response.status);
        error.server_request_id = server_request_id(&response.headers);
        error.retryable = next != Next::Stop;
    });
    Failure { error, maybe_executed, next }.for_operation(operation)
}

/// The id that the gateway or the identity service gave the request.
pub(crate) fn server_request_id(headers: &Headers) -> Option<String> {
    headers.get("x-request-id").or_else(|| headers.get("x-iam-trace-id")).map(str::to_owned)
}

fn excerpt(body: &[u8]) -> String {
    let mut text: String = String::from_utf8_lossy(&body[..body.len().min(600)]).chars().take(200).collect();
    text.retain(|c| !c.is_control() || c == '\n');
    text
}

impl Failure {
    fn with(mut self, change: impl FnOnce(&mut crate::model::ErrorDetails)) -> Self {
        change(self.error.details_mut());
        self
    }

    /// Whether the response shows that the credential was accepted: the service only decides about what the gateway let
    /// through.
    pub fn credential_was_accepted(&self, response: &HttpResponse) -> bool {
        let decided = [ErrorKind::PermissionDenied, ErrorKind::NotFound, ErrorKind::Rejected];
        response.is_success() || decided.contains(&self.error.kind())
    }

    /// The error for `operation` if the request may have been executed: unless it only reads, its outcome is unknown,
    /// whatever the fault was. If a repeat is harmless, the caller may repeat it.
    pub fn for_operation(self, operation: &Operation) -> Self {
        let maybe_executed = self.maybe_executed && !operation.read_only;
        self.with(|error| {
            error.maybe_executed = maybe_executed;
            if !maybe_executed {
                return;
            }
            error.retryable &= operation.idempotent;
            if error.kind == ErrorKind::Cancelled {
                // Even if this attempt was not sent, but an earlier one was.
                error.message = "the call was cancelled by its caller after it was sent; it may have run".into();
            } else if error.kind != ErrorKind::OutcomeUnknown {
                error.kind = ErrorKind::OutcomeUnknown;
                error.message.push_str(match (operation.idempotent, operation.costs_money) {
                    (true, _) => "; it may have been executed, and repeating it is harmless",
                    (_, true) => "; it may have been ordered: look for the order before you order again",
                    _ => "; it may have run: check the phones before you repeat it",
                });
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn kind(status: u16, code: &str) -> ErrorKind {
        classify(status, (!code.is_empty()).then_some(code)).0
    }

    // docs/spec/wire-notes.md#13
    #[test]
    fn prefixes_compare_without_case_and_dot() {
        assert_eq!(kind(400, "koophone.api.1001"), ErrorKind::PermissionDenied);
        assert_eq!(kind(429, "APIG.0308"), kind(429, "APIGW.0308"));
        for code in ["CPS0005", "CPS.0005", "cps.0005"] {
            assert_eq!(phone_failure(code, "", "").kind(), ErrorKind::NotFound, "{code}");
        }
        assert_eq!(phone_failure("CPS.0191", "no", "").code(), Some("CPS.0191"));
    }

    // docs/spec/wire-notes.md#14
    #[test]
    fn a_400_with_code_zero_is_an_error() {
        assert_eq!(kind(400, "0"), ErrorKind::Rejected);
    }

    // docs/spec/wire-notes.md#15
    #[test]
    fn only_credential_faults_renew_the_credential() {
        assert_eq!(classify(401, Some("KOOPHONE.API.1001")), (ErrorKind::PermissionDenied, false, Next::Stop));
        assert_eq!(classify(401, Some("APIGW.0307")).2, Next::RenewCredential);
        assert_eq!(classify(401, None).2, Next::RenewCredential);
        assert_eq!(classify(401, Some("SOMETHING.1")).2, Next::Stop);
    }

    // docs/spec/wire-notes.md#16
    #[test]
    fn unknown_codes_are_plain_refusals() {
        assert_eq!(kind(400, "KOOPHONE.API.7777"), ErrorKind::Rejected);
        assert_eq!(kind(200, "AS.0001"), ErrorKind::Rejected);
    }

    // docs/spec/wire-notes.md#17
    #[test]
    fn code_first_status_second() {
        for status in [200, 400, 401, 500] {
            assert_eq!(kind(status, "KOOPHONE.API.1001"), ErrorKind::PermissionDenied);
            assert_eq!(classify(status, Some("KOOPHONE.API.9999")), (ErrorKind::Unavailable, true, Next::Repeat));
            for code in ["KOOPHONE.API.1000", "KOOPHONE.API.0000", "KOOPHONE.API.2210", "KPAPI.2209"] {
                assert_eq!(classify(500, Some(code)), (ErrorKind::Rejected, false, Next::Stop), "{code}");
            }
        }
    }

    // docs/spec/wire-notes.md#57, #429, #503
    #[test]
    fn were_not_executed() {
        assert_eq!(classify(429, None), (ErrorKind::Throttled, false, Next::SlowDown));
        assert_eq!(classify(503, None), (ErrorKind::Unavailable, false, Next::Repeat));
    }

    #[test]
    fn a_busy_proxy_may_have_passed_the_command_on() {
        let operation = &crate::operations::run_command::OPERATION;
        let response = |status| HttpResponse { status, headers: Headers::default(), body: Bytes::new() };
        for status in [429, 503] {
            let by_proxy = unusable(operation, &response(status), "it is HTML".into());
            assert_eq!(by_proxy.error.kind(), ErrorKind::OutcomeUnknown);
            assert!(by_proxy.maybe_executed && by_proxy.error.maybe_executed() && !by_proxy.error.retryable());
            let said = |documented| ServiceError { message: Some("busy".into()), documented, ..Default::default() };
            assert!(refusal(operation, &response(status), said(false)).maybe_executed);
            assert!(!refusal(operation, &response(status), said(true)).maybe_executed);
        }
    }

    #[test]
    fn an_order_may_have_been_accepted_unless_a_known_code_says_otherwise() {
        let of = |operation: &Operation, status, code: &str| {
            let response = HttpResponse { status, headers: Headers::default(), body: Bytes::new() };
            let said = ServiceError { code: Some(code.into()), documented: true, ..Default::default() };
            refusal(operation, &response, said).error
        };
        let create = &crate::operations::create_instances::OPERATION;
        for (status, code) in [(503, "AS.0001"), (200, "KOOPHONE.API.7777"), (302, "AS.0001"), (503, "APIGW.9999")] {
            let error = of(create, status, code);
            assert_eq!((error.kind(), error.maybe_executed()), (ErrorKind::OutcomeUnknown, true), "{status} {code}");
            assert!(!of(&crate::operations::delete_instances::OPERATION, status, code).maybe_executed());
        }
        for (status, code) in [
            (503, "APIGW.0605"),
            (503, "KOOPHONE.API.2003"),
            (200, "KOOPHONE.API.3002"),
            (429, "AS.0001"),
            (400, "AS.0001"),
        ] {
            assert!(!of(create, status, code).maybe_executed(), "{status} {code}");
        }
    }

    // docs/spec/wire-notes.md#58, #502, #504
    #[test]
    fn may_have_run() {
        for (status, code) in
            [(502, None), (504, None), (502, Some("APIGW.0201")), (504, Some("APIGW.0201")), (500, None)]
        {
            assert_eq!(classify(status, code), (ErrorKind::Unavailable, true, Next::Repeat));
        }
        assert!(!classify(502, Some("APIGW.0610")).1);
    }

    // docs/spec/wire-notes.md#59
    #[test]
    fn unregistered_statuses_are_normal() {
        assert_eq!(kind(494, "APIGW.0201"), ErrorKind::Rejected);
        assert_eq!(kind(499, ""), ErrorKind::Rejected);
        assert_eq!(kind(599, ""), ErrorKind::Unavailable);
    }

    #[test]
    fn a_call_cancelled_after_an_attempt_that_may_have_run_says_so() {
        let operation = &crate::operations::set_video_settings::OPERATION;
        let cancelled = |maybe_executed| {
            Failure { error: Error::cancelled(), maybe_executed, next: Next::Stop }.for_operation(operation).error
        };
        assert!(cancelled(true).message().contains("may have run") && cancelled(true).maybe_executed());
        assert!(
            cancelled(false).message().contains("before anything was executed") && !cancelled(false).maybe_executed()
        );
    }
}
