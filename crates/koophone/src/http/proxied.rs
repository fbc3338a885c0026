//! Exchanges through a proxy, by reqwest, which knows proxies' rules, tunnels and log-ins. Everything about reqwest is in
//! this file.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http::Method;
use http::header::{CONTENT_LENGTH, HeaderValue};
use http_body::{Body, Frame, SizeHint};

use url::Url;

use super::direct::IDLE_LIMIT;
use super::per_runtime::PerRuntime;
use super::resolver::Resolver;
use super::{FaultReason, HttpFault, HttpRequest, HttpResponse, HttpSettings, Progress, Proxy, ProxyVariables, causes};
use crate::error::{Error, Result};

/// Sends requests by a reqwest client per runtime.
pub(super) struct Proxied {
    settings: HttpSettings,
    tls: rustls::ClientConfig,
    clients: PerRuntime<Option<reqwest::Client>>,
}

impl Proxied {
    /// Makes a client now, so that a bad proxy is an error at construction and not at the first call.
    pub fn new(settings: HttpSettings, tls: rustls::ClientConfig) -> Result<Self> {
        let proxied = Self { settings, tls, clients: PerRuntime::new() };
        proxied.build().map(drop)?;
        Ok(proxied)
    }

    pub async fn exchange(&self, request: &HttpRequest, progress: &Progress) -> Result<HttpResponse, HttpFault> {
        let most = self.settings.max_response_bytes;
        // Nobody may have driven the runtime since its last call. One turn lets its connections see that the proxy has
        // closed them; without it a command would be written to a dead connection and its outcome be unknown.
        tokio::task::yield_now().await;
        let client = self.client().map_err(|error| HttpFault {
            maybe_sent: false,
            reason: FaultReason::Connect,
            causes: vec![error.message.clone()],
        })?;
        let mut outgoing = reqwest::Request::new(request.method.clone(), Url::clone(&request.url));
        *outgoing.headers_mut() = request.headers.clone();
        if request.body.is_empty() {
            // A request without a body never reads one, so nothing is known of how far it got.
            progress.sent();
            if request.method != Method::GET {
                // wire-note 30: hyper leaves it out, and some gateways answer a POST without it with 411.
                outgoing.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
            }
        }
        let body = WatchedBody { bytes: request.body.clone(), progress: progress.clone() };
        *outgoing.body_mut() = Some(reqwest::Body::wrap(body));
        let fault = |error: reqwest::Error| from_reqwest(error, progress);
        let mut answer = client.execute(outgoing).await.map_err(fault)?;
        let mut body = BytesMut::new();
        let mut promised = answer.content_length().unwrap_or(0);
        while promised <= most as u64 {
            let Some(chunk) = answer.chunk().await.map_err(fault)? else {
                let (status, headers) = (answer.status().as_u16(), answer.headers().into());
                return Ok(HttpResponse { status, headers, body: body.freeze() });
            };
            body.extend_from_slice(&chunk);
            promised = promised.max(body.len() as u64);
        }
        Err(HttpFault::too_large(most))
    }

    /// The client of the runtime that polls this call.
    fn client(&self) -> Result<reqwest::Client> {
        self.clients.with(|client| match client {
            Some(client) => Ok(client.clone()),
            None => Ok(client.insert(self.build()?).clone()),
        })
    }

    fn build(&self) -> Result<reqwest::Client> {
        let settings = &self.settings;
        let builder = reqwest::Client::builder()
            .tls_backend_preconfigured(self.tls.clone())
            .redirect(reqwest::redirect::Policy::none())
            // Repeating is decided in one place, `call.rs`, which knows what may be repeated.
            .retry(reqwest::retry::never())
            .http1_only()
            .dns_resolver(Resolver)
            .tcp_nodelay(true)
            .connect_timeout(settings.connect_timeout)
            .pool_idle_timeout(IDLE_LIMIT)
            .user_agent(&settings.user_agent)
            // What the environment says was read with the other settings.
            .no_proxy();
        let proxies = proxies(&settings.proxy).map_err(unusable)?;
        proxies.into_iter().fold(builder, reqwest::ClientBuilder::proxy).build().map_err(unusable)
    }
}

fn unusable(error: reqwest::Error) -> Error {
    Error::configuration("proxy", "the proxy cannot be used").caused_by(&error.without_url())
}

fn proxies(proxy: &Proxy) -> reqwest::Result<Vec<reqwest::Proxy>> {
    let ProxyVariables { http, https, except } = match proxy {
        Proxy::None => return Ok(Vec::new()),
        Proxy::Url(url) => return Ok(vec![reqwest::Proxy::all(url.clone())?]),
        Proxy::Environment(variables) => variables,
    };
    let except = reqwest::NoProxy::from_string(except);
    let mut proxies = Vec::new();
    if !http.is_empty() {
        proxies.push(reqwest::Proxy::http(http)?.no_proxy(except.clone()));
    }
    if !https.is_empty() {
        proxies.push(reqwest::Proxy::https(https)?.no_proxy(except));
    }
    Ok(proxies)
}

fn from_reqwest(error: reqwest::Error, progress: &Progress) -> HttpFault {
    let connect = error.is_connect() || error.is_builder();
    let error = error.without_url();
    HttpFault {
        maybe_sent: !connect && progress.maybe_sent(),
        reason: match (connect, error.is_timeout()) {
            (true, _) => FaultReason::Connect,
            (false, true) => FaultReason::Timeout,
            (false, false) => FaultReason::Broken,
        },
        causes: causes(&error),
    }
}

/// A request body that notes when it is first read. hyper reads it when the connection stands and the head of the
/// request is about to be written, so "never read" proves that nothing was executed.
struct WatchedBody {
    bytes: Bytes,
    progress: Progress,
}

impl Body for WatchedBody {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.progress.sent();
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
