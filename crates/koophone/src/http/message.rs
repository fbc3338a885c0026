//! The types of the transport: requests, responses, and why there is no response.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method};
use url::Url;

use crate::counters::Counters;
use crate::settings::proxy::Proxy;

/// A request ready for the wire.
#[derive(Clone, Debug)]
pub(crate) struct HttpRequest {
    pub method: Method,
    pub url: Arc<Url>,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// A complete response.
#[derive(Clone, Debug)]
pub(crate) struct HttpResponse {
    pub status: u16,
    pub headers: Headers,
    pub body: Bytes,
}

impl HttpResponse {
    /// A header's value, if it is valid text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)
    }

    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// The headers of a response. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Headers(Arc<HeaderMap>);

impl Headers {
    /// The first header of that name, if it is valid text.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.to_str().ok()
    }
}

impl From<HeaderMap> for Headers {
    fn from(map: HeaderMap) -> Self {
        Self(Arc::new(map))
    }
}

impl fmt::Debug for Headers {
    /// Names only: the identity service sends a token in a header.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

/// An exchange without a complete response.
#[derive(Debug)]
pub(crate) struct HttpFault {
    /// Whether the service may have seen a complete request. False is certain, true is "perhaps".
    pub maybe_sent: bool,
    pub reason: FaultReason,
    /// Outermost first; contains no URL.
    pub causes: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FaultReason {
    /// No connection: DNS, TCP, TLS or proxy.
    Connect,
    /// The server's certificate was rejected; says what to do.
    Untrusted(&'static str),
    /// The server requires a client certificate; there is none.
    ClientCertificate,
    /// The proxy refuses to forward the request, and would refuse again; the first cause is the sentence about it.
    Proxy,
    /// The deadline passed.
    Timeout,
    /// The caller cancelled the call.
    Cancelled,
    /// The connection broke, or the response was not HTTP.
    Broken,
    /// The response is larger than the limit.
    TooLarge,
}

impl HttpFault {
    /// There is a response, so the service received the request.
    pub fn too_large(most: usize) -> Self {
        let causes = vec![format!("the response is larger than {most} bytes")];
        Self { maybe_sent: true, reason: FaultReason::TooLarge, causes }
    }
}

/// Why an attempt has no response.
pub(super) enum Failed {
    Fault(HttpFault),
    /// The process has no file descriptor left for a connection: a local problem, and nothing was sent.
    NoDescriptor(Vec<String>),
}

impl From<HttpFault> for Failed {
    fn from(fault: HttpFault) -> Self {
        Self::Fault(fault)
    }
}

/// The settings that the transport uses.
#[derive(Clone, Debug)]
pub(crate) struct HttpSettings {
    pub connect_timeout: Duration,
    /// Limit of one exchange, whatever the call's own deadline is.
    pub attempt_timeout: Duration,
    pub max_response_bytes: usize,
    pub max_connections: usize,
    pub proxy: Proxy,
    pub ca_file: Option<std::path::PathBuf>,
    pub user_agent: String,
    /// Whether any endpoint is https: the certificate store is read only then.
    pub tls: bool,
    /// The client's counters.
    pub counters: Arc<Counters>,
}

/// How far a request has progressed, for a caller that abandons it.
#[derive(Clone, Default)]
pub(super) struct Progress(Arc<AtomicBool>);

impl Progress {
    /// From now on the service may have the whole request.
    pub fn sent(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn maybe_sent(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub fn fault(&self, reason: FaultReason, causes: Vec<String>) -> HttpFault {
        HttpFault { maybe_sent: self.maybe_sent(), reason, causes }
    }
}

/// An error and its sources, outermost first.
pub(super) fn causes(error: &dyn std::error::Error) -> Vec<String> {
    let mut causes: Vec<String> =
        std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect();
    causes.dedup();
    causes
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn headers_are_found_by_name_and_never_printed() {
        let map = HeaderMap::from_iter([
            (http::header::DATE, HeaderValue::from_static("now: or never")),
            (http::HeaderName::from_static("x-subject-token"), HeaderValue::from_static("s3cret")),
            (http::header::VIA, HeaderValue::from_bytes(b"\xff").unwrap()),
        ]);
        let headers = Headers::from(map);
        assert_eq!((headers.get("Date"), headers.get("x-subject-token")), (Some("now: or never"), Some("s3cret")));
        assert_eq!((headers.get("via"), headers.get("age")), (None, None));
        assert_eq!(format!("{headers:?}"), r#"["date", "x-subject-token", "via"]"#);
    }
}
