//! Tunnels through a proxy: CONNECT, or SOCKS 5.

use std::error::Error as StdError;
use std::fmt;

use http::header::{HOST, HeaderValue, PROXY_AUTHORIZATION, USER_AGENT};
use http::{Method, StatusCode, Uri};
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::SocksV5;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;
use url::Url;

use super::connection::{Cause, Driver, Stream};
use super::resolver::{Resolver, resolve};
use crate::settings::proxy::ProxyUrl;

type SocksError = <SocksV5<HttpConnector<Resolver>> as Service<Uri>>::Error;

/// Asks an HTTP proxy, to which `stream` leads, for a tunnel to the server of `url`.
pub(super) async fn connect(
    http: &http1::Builder,
    stream: Box<dyn Stream>,
    proxy: &ProxyUrl,
    url: &Url,
    user_agent: &HeaderValue,
) -> Result<Box<dyn Stream>, Cause> {
    let server = format!("{}:{}", url.host_str().unwrap_or_default(), port(url));
    let mut request = http::Request::new(Full::default());
    *request.method_mut() = Method::CONNECT;
    *request.uri_mut() = server.parse()?;
    let headers = request.headers_mut();
    headers.insert(HOST, server.parse()?);
    headers.insert(USER_AGENT, user_agent.clone());
    if let Some(login) = proxy.authorization() {
        headers.insert(PROXY_AUTHORIZATION, login);
    }
    let (mut sender, driver) = http.handshake(TokioIo::new(stream)).await?;
    let driver: Driver = driver;
    let response = async move {
        let status = sender.send_request(request).await.map_err(not_understood)?.status();
        if status.is_success() { Ok(()) } else { Err(Refusal::of_tunnel(proxy, status).into()) }
    };
    // Both run in the task of the call: the driver ends with the response that opens the tunnel.
    let driven = async { driver.without_shutdown().await.map_err(not_understood) };
    let ((), parts) = tokio::try_join!(response, driven)?;
    if !parts.read_buf.is_empty() {
        // A server sends nothing before it gets a request.
        return Err("it sent data before the tunnel was used".into());
    }
    Ok(parts.io.into_inner())
}

fn not_understood(error: hyper::Error) -> Cause {
    if error.is_incomplete_message() {
        "it closed the connection instead of opening a tunnel".into()
    } else if error.is_parse() {
        format!("it does not speak HTTP ({error})").into()
    } else {
        error.into()
    }
}

/// A connection to the server of `url` through a SOCKS 5 proxy.
pub(super) async fn socks(tcp: &HttpConnector<Resolver>, proxy: &ProxyUrl, url: &Url) -> Result<TcpStream, Cause> {
    let (host, port) = (url.host_str().unwrap_or_default(), port(url));
    let server = if proxy.resolves_names() {
        format!("tcp://{host}:{port}")
    } else {
        let found = resolve(unbracketed(host), port).await?.next();
        format!("tcp://{}", found.ok_or("the server's name has no address")?)
    };
    let mut socks = SocksV5::new(proxy.address().parse()?, tcp.clone());
    if let Some((user, password)) = proxy.login() {
        socks = socks.with_auth(String::from_utf8(user)?, String::from_utf8(password)?);
    }
    match socks.call(server.parse()?).await {
        Ok(tcp) => Ok(tcp.into_inner()),
        // Its error does not have these two as its source.
        Err(SocksError::Inner(cause)) => Err(cause.into()),
        Err(SocksError::Io(cause)) => Err(cause.into()),
        Err(SocksError::V5(reply)) => match Refusal::of_socks(proxy, &format!("{reply:?}")) {
            Some(refusal) => Err(refusal.into()),
            None => Err(reply.to_string().into()),
        },
        Err(other) => Err(other.into()),
    }
}

/// A host name, or an address without the brackets of IPv6 in URLs.
pub(super) fn unbracketed(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

fn port(url: &Url) -> u16 {
    url.port_or_known_default().unwrap_or(443)
}

/// The proxy is unreachable, or its response invalid.
#[derive(Debug)]
pub(super) struct Unreachable {
    pub proxy: String,
    pub cause: Cause,
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut last: &dyn StdError = &*self.cause;
        while let Some(source) = last.source() {
            last = source;
        }
        write!(f, "no connection through the proxy {}: {last}", self.proxy)
    }
}

impl StdError for Unreachable {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.cause)
    }
}

/// The proxy refuses to forward anything.
#[derive(Debug)]
pub(super) struct Refusal {
    sentence: String,
    /// A retry does not help, unlike with a proxy that is busy or cannot reach the server at the moment.
    pub lasting: bool,
}

const NOT_ALLOWED: &str =
    "; it does not allow this host: ask its administrator to allow it, or set NO_PROXY or another proxy";

impl Refusal {
    pub fn of_tunnel(proxy: &ProxyUrl, status: StatusCode) -> Self {
        let advice = match status {
            StatusCode::PROXY_AUTHENTICATION_REQUIRED => login_advice(proxy),
            StatusCode::FORBIDDEN => NOT_ALLOWED,
            _ => "",
        };
        let sentence = format!("the proxy {proxy} refused the tunnel: HTTP {status}{advice}");
        Self { sentence, lasting: !matches!(status.as_u16(), 408 | 425 | 429 | 500 | 502..=504) }
    }

    /// `reply` is the debug form of hyper-util's type, which has no public name. `None` if the refusal is temporary.
    fn of_socks(proxy: &ProxyUrl, reply: &str) -> Option<Self> {
        let (what, advice) = match reply {
            "Command(ConnectionNotAllowed)" => ("connection", NOT_ALLOWED),
            _ if reply.starts_with("Auth(") => ("login", login_advice(proxy)),
            _ => return None,
        };
        Some(Self { sentence: format!("the proxy {proxy} refused the {what}{advice}"), lasting: true })
    }
}

fn login_advice(proxy: &ProxyUrl) -> &'static str {
    match proxy.login() {
        Some(_) => "; check user and password in the proxy URL",
        None => "; set user and password in the proxy URL",
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl StdError for Refusal {}
