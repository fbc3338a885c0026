//! One HTTP exchange: send a prepared request, read a bounded answer, and know on failure whether the service may have
//! seen it.

pub(crate) mod answer;
mod connection;
mod direct;
mod headers;
mod per_runtime;
mod proxied;
mod proxy;
mod resolver;
mod tunnel;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use tokio::time::Instant;
use url::Url;

use self::connection::Connector;
use self::direct::Direct;
pub(crate) use self::headers::Headers;
use self::proxied::Proxied;
use self::proxy::Rule;
pub(crate) use self::proxy::{Proxy, ProxySetting, ProxyUrl, ProxyVariables};
pub(crate) use self::resolver::resolve;
use crate::error::{Error, Result};
use crate::tls;

/// A request ready for the wire.
#[derive(Clone, Debug)]
pub(crate) struct HttpRequest {
    pub method: Method,
    pub url: Arc<Url>,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// A complete answer.
#[derive(Clone, Debug)]
pub(crate) struct HttpResponse {
    pub status: u16,
    pub headers: Headers,
    pub body: Bytes,
}

impl HttpResponse {
    /// A header's text, when it is readable text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)
    }

    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// An exchange that gave no complete answer.
#[derive(Debug)]
pub(crate) struct HttpFault {
    /// Whether the service may have seen a complete request. False is certain, true is "perhaps".
    pub maybe_sent: bool,
    pub reason: FaultReason,
    /// Outermost first; holds no URL.
    pub causes: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FaultReason {
    /// No connection: DNS, TCP, TLS or proxy.
    Connect,
    /// The proxy refuses to pass the request on, as often as it is asked; the first cause is the sentence about it.
    Proxy,
    /// The deadline passed.
    Timeout,
    /// The caller cancelled the call.
    Cancelled,
    /// The connection broke, or what came was not HTTP.
    Broken,
    /// The answer is larger than the limit.
    TooLarge,
}

impl HttpFault {
    /// An answer came, so the service has had the request.
    fn too_large(most: usize) -> Self {
        let causes = vec![format!("the answer is larger than {most} bytes")];
        Self { maybe_sent: true, reason: FaultReason::TooLarge, causes }
    }
}

/// What the transport needs to know of the settings.
#[derive(Clone, Debug)]
pub(crate) struct HttpSettings {
    pub connect_timeout: Duration,
    /// Limit of one exchange, whatever the call's own deadline is.
    pub attempt_timeout: Duration,
    pub max_response_bytes: usize,
    pub proxy: Proxy,
    pub ca_file: Option<std::path::PathBuf>,
    pub user_agent: String,
    /// Whether any endpoint is https: the certificate store is read only then.
    pub tls: bool,
}

/// How far a request has got, for the one who gives up on it.
#[derive(Clone, Default)]
struct Progress(Arc<AtomicBool>);

impl Progress {
    /// From now on the service may have the whole request.
    fn sent(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn maybe_sent(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Sends requests: directly, or through a proxy where one is meant for the address.
pub(crate) struct Http {
    attempt_timeout: Duration,
    direct: Direct,
    /// `None`: no address has a proxy.
    proxied: Option<(Rule, Proxied)>,
}

impl Http {
    /// Reads the certificates now, so that a bad CA file is an error at construction and not at the first call.
    pub fn new(settings: HttpSettings) -> Result<Self> {
        let tls = tls::client_config(settings.tls, settings.ca_file.as_deref())?;
        let connector = Connector::new(Arc::new(tls.clone()), settings.connect_timeout);
        let user_agent = HeaderValue::from_str(&settings.user_agent).map_err(|e| {
            Error::configuration("user_agent", "user_agent must be one line of visible characters").caused_by(&e)
        })?;
        let direct = Direct::new(connector, &settings, user_agent);
        let rule = Rule::of(&settings.proxy);
        let attempt_timeout = settings.attempt_timeout;
        let proxied = rule.map(|rule| Ok::<_, Error>((rule, Proxied::new(settings, tls)?))).transpose()?;
        Ok(Self { attempt_timeout, direct, proxied })
    }

    /// Whether requests to `url` go through a proxy.
    pub fn is_proxied(&self, url: &Url) -> bool {
        self.proxied.as_ref().is_some_and(|(rule, _)| rule.applies(url))
    }

    /// One exchange, without repeats and without following redirects.
    pub async fn send(&self, request: &HttpRequest, deadline: Option<Instant>) -> Result<HttpResponse, HttpFault> {
        self.send_until(request, deadline, std::future::pending()).await
    }

    /// As [`Http::send`], given up when `cancelled` completes.
    pub async fn send_until(
        &self,
        request: &HttpRequest,
        deadline: Option<Instant>,
        cancelled: impl Future<Output = ()>,
    ) -> Result<HttpResponse, HttpFault> {
        let limit = Instant::now() + self.attempt_timeout;
        let limit = deadline.map_or(limit, |deadline| limit.min(deadline));
        let progress = Progress::default();
        let reason = tokio::select! {
            biased;
            () = cancelled => FaultReason::Cancelled,
            result = tokio::time::timeout_at(limit, self.exchange(request, &progress)) => match result {
                Ok(result) => return result,
                Err(_) => FaultReason::Timeout,
            },
        };
        Err(HttpFault { maybe_sent: progress.maybe_sent(), reason, causes: Vec::new() })
    }

    async fn exchange(&self, request: &HttpRequest, progress: &Progress) -> Result<HttpResponse, HttpFault> {
        let mut answer = match &self.proxied {
            Some((rule, proxied)) if rule.applies(&request.url) => {
                // In a box: the usual call has no proxy, and does not carry the room for one.
                Box::pin(proxied.exchange(request, progress)).await?
            }
            _ => self.direct.exchange(request, progress).await?,
        };
        if !answer.is_success() {
            answer.body = without_secrets(answer.body, &request.headers);
        }
        Ok(answer)
    }
}

/// An error and what is behind it, outermost first.
fn causes(error: &dyn std::error::Error) -> Vec<String> {
    let mut causes: Vec<String> =
        std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect();
    causes.dedup();
    causes
}

/// The body of a refusal without what the request had in its secret headers: when a signature is wrong, the gateway quotes
/// the request it looked at, security token and all, and its words become our error's.
pub(crate) fn without_secrets(body: Bytes, headers: &HeaderMap) -> Bytes {
    headers.values().filter(|value| value.is_sensitive() && !value.is_empty()).fold(body, |body, secret| {
        let secret = secret.as_bytes();
        let find = |from: usize| Some(from + body[from..].windows(secret.len()).position(|part| part == secret)?);
        let Some(mut at) = find(0) else { return body };
        let (mut clean, mut from) = (Vec::with_capacity(body.len()), 0);
        loop {
            clean.extend_from_slice(&body[from..at]);
            clean.extend_from_slice(b"***");
            from = at + secret.len();
            match find(from) {
                Some(next) => at = next,
                None => break,
            }
        }
        clean.extend_from_slice(&body[from..]);
        clean.into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_refusal_quotes_of_secret_headers_is_hidden() {
        let mut headers = HeaderMap::new();
        for (name, value, secret) in [("x-security-token", "s3cret", true), ("x-project-id", "project", false)] {
            let mut value = HeaderValue::from_static(value);
            value.set_sensitive(secret);
            headers.insert(name, value);
        }
        let clean = |body: &'static str| without_secrets(Bytes::from_static(body.as_bytes()), &headers);
        assert_eq!(clean("s3cret in project, s3crets3cret!"), "*** in project, ******!");
        assert_eq!(clean("s3cre"), "s3cre");
        assert_eq!(clean(""), "");
    }
}
