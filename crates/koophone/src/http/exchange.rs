//! HTTP exchanges over pooled connections.
//!
//! HTTP and TLS come from hyper and rustls; the call itself drives the connection, in its own task and thread. A
//! general-purpose client keeps a task per connection, and cannot tell whether the last byte of a request has left,
//! which decides here whether a command may be sent again.

use std::error::Error as StdError;
use std::fmt::Display;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_LENGTH, HOST, HeaderValue, PROXY_AUTHORIZATION, USER_AGENT};
use http::{HeaderMap, Method, StatusCode, Uri};
use http_body_util::Full;
use rustls::ClientConfig;
use socket2::{Domain, Socket, Type};
use url::{Position, Url};

use super::connection::{Broken, Connection, find};
use super::connector::Connector;
use super::message::{Failed, FaultReason, HttpFault, HttpRequest, HttpResponse, HttpSettings, Progress, causes};
use super::pool::Turn;
use super::tls;
use super::tunnel::{Refusal, Unreachable};
use crate::settings::proxy::ProxyUrl;

/// "Too many open files", in this process or in the whole system.
#[cfg(unix)]
const NO_DESCRIPTORS: [i32; 2] = [23, 24];
#[cfg(not(unix))]
const NO_DESCRIPTORS: [i32; 2] = [4, 10024];

/// Sends requests over the connections of a pool.
pub(super) struct Exchanger {
    connector: Connector,
    connect_timeout: Duration,
    max_response_bytes: usize,
    user_agent: HeaderValue,
}

impl Exchanger {
    pub fn new(tls: ClientConfig, settings: &HttpSettings, user_agent: HeaderValue) -> Self {
        let HttpSettings { connect_timeout, max_response_bytes, .. } = *settings;
        let connector = Connector::new(tls, settings, user_agent.clone());
        Self { connector, connect_timeout, max_response_bytes, user_agent }
    }

    /// The proxy for `url`.
    pub fn proxy(&self, url: &Url) -> Option<&ProxyUrl> {
        self.connector.proxy(url)
    }

    pub async fn exchange(
        &self,
        turn: &Turn<'_>,
        request: &HttpRequest,
        progress: &Progress,
    ) -> Result<HttpResponse, Failed> {
        let prepared = self.prepare(request).map_err(|error| not_connected(causes(&error)))?;
        let mut connection = match turn.take(&request.url) {
            Some(connection) => connection,
            None => self.connect(turn, &request.url).await?,
        };
        let limit = self.max_response_bytes;
        match connection.exchange(prepared, progress, limit).await {
            Ok(response) => {
                if connection.is_reusable() {
                    turn.keep(request.url.clone(), connection);
                }
                match self.connector.forwarder(&request.url) {
                    // The proxy's own response: it has forwarded nothing.
                    Some(proxy) if response.status == StatusCode::PROXY_AUTHENTICATION_REQUIRED.as_u16() => {
                        Err(refused(&Refusal::of_tunnel(proxy, StatusCode::PROXY_AUTHENTICATION_REQUIRED)))
                    }
                    _ => Ok(response),
                }
            }
            Err(Broken::TooLarge) => Err(HttpFault::too_large(limit).into()),
            Err(Broken::Http(error)) => Err(broken(&error, progress.maybe_sent()).into()),
        }
    }

    /// The request in the form of HTTP/1.1. The body is not copied: it may be a login, which is wiped with the request.
    fn prepare(&self, request: &HttpRequest) -> Result<http::Request<Full<Bytes>>, http::Error> {
        let url = &request.url;
        let mut headers = HeaderMap::with_capacity(request.headers.len() + 8);
        headers.insert(HOST, HeaderValue::from_str(&url[Position::BeforeHost..Position::AfterPort])?);
        headers.extend(request.headers.iter().map(|(name, value)| (name.clone(), value.clone())));
        headers.insert(USER_AGENT, self.user_agent.clone());
        headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        // docs/spec/wire-notes.md#30: some gateways refuse a POST without a length (411), also when it has no body.
        if request.body.is_empty() && request.method != Method::GET {
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        // A forwarding proxy needs absolute URLs, and its own login, which must not go anywhere else.
        let forwarder = self.connector.forwarder(url);
        if let Some(login) = forwarder.and_then(ProxyUrl::authorization) {
            headers.insert(PROXY_AUTHORIZATION, login);
        }
        let begin = if forwarder.is_some() { Position::BeforeScheme } else { Position::BeforePath };
        let target = Uri::try_from(&url[begin..Position::AfterQuery])?;
        let mut prepared = http::Request::new(Full::new(request.body.clone()));
        *prepared.method_mut() = request.method.clone();
        *prepared.uri_mut() = target;
        *prepared.headers_mut() = headers;
        Ok(prepared)
    }

    async fn connect(&self, turn: &Turn<'_>, url: &Url) -> Result<Connection, Failed> {
        turn.make_room();
        let mut connection = match tokio::time::timeout(self.connect_timeout, self.connector.connect(url)).await {
            Ok(Ok(connection)) => connection,
            Ok(Err(error)) => return Err(cannot_connect(&*error)),
            Err(_) => {
                let through = self.proxy(url).map_or_else(String::new, |proxy| format!(" through the proxy {proxy}"));
                return Err(not_connected(vec![format!("no connection{through} within {:?}", self.connect_timeout)]));
            }
        };
        match connection.check_idle() {
            Ok(()) => Ok(connection),
            // A response before any request (such as 408), an alert, or the end.
            Err(Some(error)) => Err(broken(&error, false).into()),
            Err(None) => Err(not_connected(vec!["the server closed the connection at once".into()])),
        }
    }
}

fn not_connected(causes: Vec<String>) -> Failed {
    HttpFault { maybe_sent: false, reason: FaultReason::Connect, causes }.into()
}

fn cannot_connect(error: &(dyn StdError + 'static)) -> Failed {
    let exhausted = |error: &io::Error| error.raw_os_error().is_some_and(|code| NO_DESCRIPTORS.contains(&code));
    // Without a descriptor, name resolution fails with another message.
    let probe = || Socket::new(Domain::IPV4, Type::STREAM, None).is_err_and(|error| exhausted(&error));
    if find::<io::Error>(error).is_some_and(exhausted) || probe() {
        return Failed::NoDescriptor(causes(error));
    }
    if let Some(refusal) = find::<Refusal>(error).filter(|refusal| refusal.lasting) {
        return refused(refusal);
    }
    let distrust = find::<rustls::Error>(error).and_then(tls::distrust);
    if let (Some(Unreachable { proxy, .. }), Some(advice)) = (find(error), distrust) {
        let sentence = format!("no connection through the proxy {proxy}: its certificate is not trusted: {advice}");
        return refused(&sentence);
    }
    let reason = distrust.map_or(FaultReason::Connect, FaultReason::Untrusted);
    let advice = find::<rustls::Error>(error).and_then(tls::handshake_refused);
    let causes = advice.map(str::to_owned).into_iter().chain(causes(error)).collect();
    HttpFault { maybe_sent: false, reason, causes }.into()
}

/// The proxy refuses, and would refuse again.
fn refused(sentence: &dyn Display) -> Failed {
    HttpFault { maybe_sent: false, reason: FaultReason::Proxy, causes: vec![sentence.to_string()] }.into()
}

fn broken(error: &hyper::Error, maybe_sent: bool) -> HttpFault {
    // In TLS 1.3 the server checks for a client certificate when the client has already sent its first request; without
    // one it does not read that request.
    if find::<rustls::Error>(error).is_some_and(tls::wants_client_certificate) {
        return HttpFault { maybe_sent: false, reason: FaultReason::ClientCertificate, causes: causes(error) };
    }
    let mut causes = causes(error);
    if error.is_parse() {
        causes.insert(0, "the response is not valid HTTP".into());
    }
    HttpFault { maybe_sent, reason: FaultReason::Broken, causes }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use tokio::time::Instant;

    use super::super::Http;
    use super::*;
    use crate::settings::proxy::ProxySetting;

    /// The fault of a dropped call with a body of that length, to a server that reads none of it.
    async fn given_up_on(length: usize, proxied: bool) -> HttpFault {
        let body = vec![b'x'; length].into();
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = server.local_addr().unwrap();
        let host = if proxied { "phones.invalid".into() } else { address.to_string() };
        let url = Url::parse(&format!("http://{host}/")).unwrap();
        let proxy = ProxySetting::Url(ProxyUrl::parse(&format!("http://{address}")).unwrap());
        let http = Http::new(HttpSettings {
            connect_timeout: Duration::from_secs(60),
            attempt_timeout: Duration::from_secs(1),
            max_response_bytes: 1024,
            max_connections: 1,
            proxy: proxy.resolve(&[&url]).unwrap(),
            ca_file: None,
            user_agent: "test".into(),
            tls: false,
            counters: Default::default(),
        })
        .unwrap();
        let request = HttpRequest { method: Method::POST, url: url.into(), headers: HeaderMap::new(), body };
        http.send(&request, Some(Instant::now() + Duration::from_secs(60))).await.unwrap_err()
    }

    #[tokio::test]
    async fn only_a_request_that_has_left_completely_may_have_been_sent() {
        let faults = |proxied| async move {
            tokio::join!(given_up_on(0, proxied), given_up_on(1000, proxied), given_up_on(64 << 20, proxied))
        };
        let (direct, proxied) = tokio::join!(faults(false), faults(true));
        for (none, short, long) in [direct, proxied] {
            for (fault, maybe_sent) in [(none, true), (short, true), (long, false)] {
                assert_eq!((fault.reason, fault.maybe_sent), (FaultReason::Timeout, maybe_sent), "{fault:?}");
            }
        }
    }
}
