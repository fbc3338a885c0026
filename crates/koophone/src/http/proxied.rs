//! Exchanges through a proxy, by hyper's general client: its pool of connections, and its forms of a request for a proxy.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT_ENCODING, CONTENT_LENGTH, HeaderValue, PROXY_AUTHORIZATION, USER_AGENT};
use http::{Method, StatusCode, Uri};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error as ClientError};
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::connection::find;
use super::per_runtime::PerRuntime;
use super::pool::IDLE_LIMIT;
use super::proxy::Rule;
use super::resolver::Resolver;
use super::tunnel::{Refusal, Tunnels};
use super::{FaultReason, HttpFault, HttpRequest, HttpResponse, HttpSettings, Progress, causes};
use crate::error::{Error, Result};
use crate::tls;

/// Sends requests by a client per runtime.
pub(super) struct Proxied {
    tunnels: Tunnels,
    max_response_bytes: usize,
    clients: PerRuntime<Option<Client<Tunnels, WatchedBody>>>,
}

impl Proxied {
    pub fn new(settings: HttpSettings, tls: rustls::ClientConfig) -> Result<Self> {
        let rule = Rule::of(&settings.proxy).ok_or_else(|| Error::internal("there is no proxy"))?;
        let mut tcp = HttpConnector::new_with_resolver(Resolver);
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(settings.connect_timeout));
        // As on direct connections: these tell a slow phone from a dead network.
        tcp.set_keepalive(Some(Duration::from_secs(15)));
        tcp.set_keepalive_interval(Some(Duration::from_secs(15)));
        tcp.set_keepalive_retries(Some(3));
        let user_agent = HeaderValue::from_str(&settings.user_agent).map_err(|e| {
            Error::configuration("user_agent", "user_agent must be one line of visible characters").caused_by(&e)
        })?;
        let (rule, tls, limit) = (Arc::new(rule), Arc::new(tls).into(), settings.connect_timeout);
        let tunnels = Tunnels { rule, tcp, tls, user_agent, limit };
        Ok(Self { tunnels, max_response_bytes: settings.max_response_bytes, clients: PerRuntime::new() })
    }

    pub async fn exchange(&self, request: &HttpRequest, progress: &Progress) -> Result<HttpResponse, HttpFault> {
        let most = self.max_response_bytes;
        // Nobody may have driven the runtime since its last call. One turn lets its connections see that the proxy has
        // closed them; without it a command would be written to a dead connection and its outcome be unknown.
        tokio::task::yield_now().await;
        let address = request.url.as_str().parse::<Uri>();
        let address = address.map_err(|error| not_sent(FaultReason::Connect, causes(&error)))?;
        let body = WatchedBody { bytes: request.body.clone(), progress: progress.clone() };
        let mut outgoing = http::Request::new(body);
        *outgoing.method_mut() = request.method.clone();
        *outgoing.uri_mut() = address;
        *outgoing.headers_mut() = request.headers.clone();
        outgoing.headers_mut().insert(USER_AGENT, self.tunnels.user_agent.clone());
        outgoing.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        // Plain http: the proxy reads the request itself. What it is told of its own never goes into a tunnel.
        let proxy = self.tunnels.rule.proxy(&request.url);
        let forwarder = proxy.filter(|proxy| !proxy.is_socks() && request.url.scheme() == "http");
        if let Some(login) = forwarder.and_then(|proxy| proxy.authorization()) {
            outgoing.headers_mut().insert(PROXY_AUTHORIZATION, login);
        }
        if request.body.is_empty() {
            // A request without a body never reads one, so nothing is known of how far it got.
            progress.sent();
            if request.method != Method::GET {
                // wire-note 30: hyper leaves it out, and some gateways answer a POST without it with 411.
                outgoing.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
            }
        }
        let (head, mut incoming) =
            self.client().request(outgoing).await.map_err(|error| broken(&error, progress))?.into_parts();
        if let Some(proxy) = forwarder.filter(|_| head.status == StatusCode::PROXY_AUTHENTICATION_REQUIRED) {
            return Err(not_sent(FaultReason::Proxy, vec![Refusal::new(proxy, head.status).to_string()]));
        }
        let mut body = BytesMut::new();
        let mut promised = incoming.size_hint().lower();
        while promised <= most as u64 {
            let Some(frame) = incoming.frame().await else {
                return Ok(HttpResponse {
                    status: head.status.as_u16(),
                    headers: head.headers.into(),
                    body: body.freeze(),
                });
            };
            let frame = frame.map_err(|error| broken_off(&error, progress))?;
            body.extend_from_slice(frame.data_ref().unwrap_or(&Bytes::new()));
            promised = promised.max(body.len() as u64);
        }
        Err(HttpFault::too_large(most))
    }

    /// The client of the runtime that polls this call.
    fn client(&self) -> Client<Tunnels, WatchedBody> {
        let make = || {
            Client::builder(TokioExecutor::new())
                .pool_timer(TokioTimer::new())
                .pool_idle_timeout(IDLE_LIMIT)
                .build(self.tunnels.clone())
        };
        self.clients.with(|client| client.get_or_insert_with(make).clone())
    }
}

fn not_sent(reason: FaultReason, causes: Vec<String>) -> HttpFault {
    HttpFault { maybe_sent: false, reason, causes }
}

fn broken_off(error: &dyn std::error::Error, progress: &Progress) -> HttpFault {
    HttpFault { maybe_sent: progress.maybe_sent(), reason: FaultReason::Broken, causes: causes(error) }
}

/// hyper's own words for a step ("client error (Connect)") say nothing: the cause behind them does.
fn broken(error: &ClientError, progress: &Progress) -> HttpFault {
    let cause = std::error::Error::source(error).unwrap_or(error);
    if !error.is_connect() {
        return broken_off(cause, progress);
    }
    let mut chain = std::iter::successors(Some(cause), |error| error.source());
    let refused = chain.find_map(|error| error.downcast_ref::<Refusal>());
    match refused {
        Some(refusal) if !refusal.may_pass() => not_sent(FaultReason::Proxy, vec![refusal.to_string()]),
        _ => {
            let distrust = find::<rustls::Error>(cause).and_then(tls::distrust);
            not_sent(distrust.map_or(FaultReason::Connect, FaultReason::Untrusted), causes(cause))
        }
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
    type Error = Infallible;

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
