//! One HTTP exchange: send a prepared request, read a bounded answer, and know on failure whether the service may have
//! seen it. Everything about reqwest is in this file.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, HeaderValue, Method};
use http_body::{Body, Frame, SizeHint};
use reqwest::Url;
use tokio::runtime::{Handle, Id};
use tokio::time::Instant;

use crate::error::{Error, Result};
use crate::per_process::PerProcess;
use crate::runtime::LANES_KEPT;
use crate::tls;

/// A request ready for the wire.
#[derive(Clone, Debug)]
pub(crate) struct HttpRequest {
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// A complete answer.
#[derive(Clone, Debug)]
pub(crate) struct HttpResponse {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl HttpResponse {
    /// A header's text, when it is readable text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
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
    /// The deadline passed.
    Timeout,
    /// The connection broke, or what came was not HTTP.
    Broken,
    /// The answer is larger than the limit.
    TooLarge,
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

/// How to reach the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Proxy {
    /// `HTTPS_PROXY`, `NO_PROXY` and the like.
    Environment,
    /// Directly.
    None,
    /// Through this URL.
    Url(Url),
}

/// Sends requests over pooled connections. Connections belong to the runtime that drives them (see `runtime.rs`), so
/// there is a pool per runtime; and all of them belong to one process: a forked child opens its own sockets.
pub(crate) struct Http {
    settings: HttpSettings,
    tls: rustls::ClientConfig,
    pools: PerProcess<Mutex<HashMap<Id, reqwest::Client>>>,
}

impl Http {
    /// Reads the certificates now, so that a bad CA file is an error at construction and not at the first call.
    pub fn new(settings: HttpSettings) -> Result<Self> {
        let tls = tls::client_config(settings.tls, settings.ca_file.as_deref())?;
        let http = Self { settings, tls, pools: PerProcess::new() };
        http.build().map(drop)?;
        Ok(http)
    }

    /// The pool of the runtime that polls this call.
    fn pool(&self) -> Result<reqwest::Client> {
        let pools: &Mutex<_> = self.pools.get_or_try_init(|| Ok::<_, Error>(Mutex::default()), drop)?;
        let runtime =
            Handle::try_current().map_err(|e| Error::internal("polled outside the runtime").caused_by(&e))?.id();
        let mut pools = pools.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(pool) = pools.get(&runtime) {
            return Ok(pool.clone());
        }
        // Runtimes come and go when very many threads block at once; what they left behind must not pile up.
        if pools.len() > 2 * LANES_KEPT {
            pools.clear();
        }
        let pool = self.build()?;
        pools.insert(runtime, pool.clone());
        Ok(pool)
    }

    /// One exchange, without repeats and without following redirects.
    pub async fn send(&self, request: &HttpRequest, deadline: Option<Instant>) -> Result<HttpResponse, HttpFault> {
        let limit = Instant::now() + self.settings.attempt_timeout;
        let limit = deadline.map_or(limit, |deadline| limit.min(deadline));
        // A request without a body never reads one, so nothing is known of how far it got.
        let started = Arc::new(AtomicBool::new(request.body.is_empty()));
        match tokio::time::timeout_at(limit, self.exchange(request, &started)).await {
            Ok(result) => result,
            Err(_) => Err(HttpFault {
                maybe_sent: started.load(Ordering::Relaxed),
                reason: FaultReason::Timeout,
                causes: Vec::new(),
            }),
        }
    }

    fn build(&self) -> Result<reqwest::Client> {
        let settings = &self.settings;
        let builder = reqwest::Client::builder()
            .tls_backend_preconfigured(self.tls.clone())
            .redirect(reqwest::redirect::Policy::none())
            // Repeating is decided in one place, `call.rs`, which knows what may be repeated.
            .retry(reqwest::retry::never())
            .http1_only()
            .tcp_nodelay(true)
            .connect_timeout(settings.connect_timeout)
            // Shorter than the idle limits of common gateways (60 s), so that we rarely write to a connection being closed.
            .pool_idle_timeout(Duration::from_secs(45))
            .user_agent(&settings.user_agent);
        let builder =
            match &settings.proxy {
                Proxy::Environment => builder,
                Proxy::None => builder.no_proxy(),
                Proxy::Url(url) => builder.proxy(reqwest::Proxy::all(url.clone()).map_err(|e| {
                    Error::configuration("proxy", "the proxy cannot be used").caused_by(&e.without_url())
                })?),
            };
        builder
            .build()
            .map_err(|e| Error::configuration("http", "the HTTP client cannot be made").caused_by(&e.without_url()))
    }

    async fn exchange(&self, request: &HttpRequest, started: &Arc<AtomicBool>) -> Result<HttpResponse, HttpFault> {
        let pool = self.pool().map_err(|error| HttpFault {
            maybe_sent: false,
            reason: FaultReason::Connect,
            causes: vec![error.message.clone()],
        })?;
        let mut outgoing = reqwest::Request::new(request.method.clone(), request.url.clone());
        *outgoing.headers_mut() = request.headers.clone();
        if request.body.is_empty() && request.method != Method::GET {
            // wire-note 30: hyper leaves it out, and some gateways answer a POST without it with 411.
            outgoing.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        *outgoing.body_mut() =
            Some(reqwest::Body::wrap(WatchedBody { bytes: request.body.clone(), started: started.clone() }));
        let fault = |error: reqwest::Error| HttpFault::from_reqwest(error, started);
        let mut answer = pool.execute(outgoing).await.map_err(fault)?;
        let too_large = || HttpFault {
            maybe_sent: true,
            reason: FaultReason::TooLarge,
            causes: vec![format!("the answer is larger than {} bytes", self.settings.max_response_bytes)],
        };
        if answer.content_length().is_some_and(|length| length > self.settings.max_response_bytes as u64) {
            return Err(too_large());
        }
        let mut body = answer.chunk().await.map_err(fault)?.unwrap_or_default();
        if let Some(more) = answer.chunk().await.map_err(fault)? {
            let mut whole = BytesMut::with_capacity(answer.content_length().unwrap_or(0) as usize);
            whole.extend_from_slice(&body);
            let mut next = Some(more);
            while let Some(chunk) = next {
                if whole.len() + chunk.len() > self.settings.max_response_bytes {
                    return Err(too_large());
                }
                whole.extend_from_slice(&chunk);
                next = answer.chunk().await.map_err(fault)?;
            }
            body = whole.freeze();
        }
        let status = answer.status();
        if !status.is_success() {
            body = without_secrets(body, &request.headers);
        }
        let headers = std::mem::take(answer.headers_mut());
        Ok(HttpResponse { status: status.as_u16(), headers, body })
    }
}

/// The body of a refusal without what the request had in its secret headers: when a signature is wrong, the gateway quotes
/// the request it looked at, security token and all, and its words become our error's.
fn without_secrets(body: Bytes, headers: &HeaderMap) -> Bytes {
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

impl HttpFault {
    fn from_reqwest(error: reqwest::Error, started: &AtomicBool) -> Self {
        let connect = error.is_connect() || error.is_builder();
        let mut causes = Vec::new();
        let error = error.without_url();
        let mut next: Option<&dyn std::error::Error> = Some(&error);
        while let Some(cause) = next {
            causes.push(cause.to_string());
            next = cause.source();
        }
        causes.dedup();
        let timeout = error.is_timeout();
        Self {
            maybe_sent: !connect && started.load(Ordering::Relaxed),
            reason: match (connect, timeout) {
                (true, _) => FaultReason::Connect,
                (false, true) => FaultReason::Timeout,
                (false, false) => FaultReason::Broken,
            },
            causes,
        }
    }
}

/// A request body that notes when it is first read. hyper reads it when the connection stands and the head of the
/// request is about to be written, so "never read" proves that nothing was executed.
struct WatchedBody {
    bytes: Bytes,
    started: Arc<AtomicBool>,
}

impl Body for WatchedBody {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.started.store(true, Ordering::Relaxed);
        let bytes = std::mem::take(&mut self.bytes);
        Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.len() as u64)
    }
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
