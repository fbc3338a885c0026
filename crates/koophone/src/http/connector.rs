//! Opens connections: TCP to the server or to a proxy, a tunnel through the proxy, and TLS if the address is https.

use std::sync::Arc;
use std::time::Duration;

use http::Uri;
use http::header::HeaderValue;
use hyper::client::conn::http1;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio_rustls::TlsConnector;
use tower_service::Service;
use url::{Position, Url};

use super::connection::{Cause, Connection, Stream};
use super::message::HttpSettings;
use super::resolver::Resolver;
use super::tunnel::{self, Refusal, Unreachable, unbracketed};
use super::wire::{Watch, Wire};
use crate::counters::{Counters, Open};
use crate::settings::proxy::{ProxyUrl, Rule};

/// Longest head of a response, and longest trailers.
const MAX_HEAD: usize = 64 << 10;
/// Most that a connection's read buffer keeps.
const MAX_BUFFER: usize = 128 << 10;

/// Opens connections.
pub(super) struct Connector {
    /// `None`: no address has a proxy.
    rule: Option<Rule>,
    /// Name resolution, and the race between IPv6 and IPv4.
    tcp: HttpConnector<Resolver>,
    tls: TlsConnector,
    http: http1::Builder,
    user_agent: HeaderValue,
    counters: Arc<Counters>,
}

impl Connector {
    pub fn new(tls: ClientConfig, settings: &HttpSettings, user_agent: HeaderValue) -> Self {
        let mut tcp = HttpConnector::new_with_resolver(Resolver);
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(settings.connect_timeout));
        // A command may run for minutes without a byte on the wire: keepalive distinguishes a slow phone from a dead
        // network.
        tcp.set_keepalive(Some(Duration::from_secs(15)));
        tcp.set_keepalive_interval(Some(Duration::from_secs(15)));
        tcp.set_keepalive_retries(Some(3));
        let mut http = http1::Builder::new();
        // What gateways and old servers send, and what browsers and curl accept.
        http.max_header_size(MAX_HEAD)
            .max_buf_size(MAX_BUFFER)
            .allow_obsolete_multiline_headers_in_responses(true)
            .allow_spaces_after_header_name_in_responses(true)
            .ignore_invalid_headers_in_responses(true);
        Self {
            rule: Rule::of(&settings.proxy),
            tcp,
            tls: Arc::new(tls).into(),
            http,
            user_agent,
            counters: settings.counters.clone(),
        }
    }

    /// The proxy for `url`.
    pub fn proxy(&self, url: &Url) -> Option<&ProxyUrl> {
        self.rule.as_ref()?.proxy(url)
    }

    /// The proxy that reads requests to `url` itself and forwards them: for plain http.
    pub fn forwarder(&self, url: &Url) -> Option<&ProxyUrl> {
        self.proxy(url).filter(|proxy| !proxy.is_socks() && url.scheme() == "http")
    }

    pub async fn connect(&self, url: &Url) -> Result<Connection, Cause> {
        let watch = Arc::new(Watch::default());
        let mut stream = match self.proxy(url) {
            None => self.reach(url[..Position::BeforePath].parse()?, &watch).await?,
            // Boxed: the usual call has no proxy, and need not be large enough for one.
            Some(proxy) => Box::pin(self.pass(proxy, url, &watch)).await.map_err(|cause| match cause {
                refusal if refusal.is::<Refusal>() => refusal,
                cause => Unreachable { proxy: proxy.to_string(), cause }.into(),
            })?,
        };
        if url.scheme() == "https" {
            stream = self.secure(url.host_str().unwrap_or_default(), stream).await?;
        }
        let (sender, driver) = self.http.handshake(TokioIo::new(stream)).await?;
        Ok(Connection::new(sender, driver, watch, Open::new(&self.counters)))
    }

    async fn reach(&self, address: Uri, watch: &Arc<Watch>) -> Result<Box<dyn Stream>, Cause> {
        let tcp = self.tcp.clone().call(address).await?.into_inner();
        Ok(Box::new(Wire::new(tcp, watch.clone())))
    }

    /// A connection to the server of `url` through `proxy`, or to a proxy that forwards.
    async fn pass(&self, proxy: &ProxyUrl, url: &Url, watch: &Arc<Watch>) -> Result<Box<dyn Stream>, Cause> {
        if proxy.is_socks() {
            let tcp = tunnel::socks(&self.tcp, proxy, url).await?;
            return Ok(Box::new(Wire::new(tcp, watch.clone())));
        }
        let mut stream = self.reach(proxy.address().parse()?, watch).await?;
        if proxy.is_https() {
            stream = self.secure(proxy.host(), stream).await?;
        }
        match self.forwarder(url) {
            Some(_) => Ok(stream),
            None => tunnel::connect(&self.http, stream, proxy, url, &self.user_agent).await,
        }
    }

    async fn secure(&self, host: &str, stream: Box<dyn Stream>) -> Result<Box<dyn Stream>, Cause> {
        let name = ServerName::try_from(unbracketed(host).to_owned())?;
        Ok(Box::new(self.tls.connect(name, stream).await?))
    }
}
