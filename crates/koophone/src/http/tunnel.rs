//! The way to a server through a proxy: a tunnel by CONNECT or SOCKS 5, or the proxy itself, which forwards plain http.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{HeaderValue, StatusCode, Uri};
use hyper_util::client::legacy::connect::proxy::SocksV5;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio_rustls::TlsConnector;
use tower_service::Service;
use url::Url;

use super::proxy::{ProxyUrl, Rule};
use super::resolver::Resolver;

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Largest head of a proxy's response to CONNECT.
const LARGEST_HEAD: usize = 16 << 10;

/// Opens connections through the proxies of a rule.
#[derive(Clone)]
pub(super) struct Tunnels {
    pub rule: Arc<Rule>,
    pub tcp: HttpConnector<Resolver>,
    pub tls: TlsConnector,
    pub user_agent: HeaderValue,
    pub limit: Duration,
}

impl Tunnels {
    async fn open(self, server: Uri) -> Result<Link, Cause> {
        let limit = self.limit;
        match tokio::time::timeout(limit, self.connect(server)).await {
            Ok(link) => link,
            Err(_) => Err(format!("no connection through the proxy within {limit:?}").into()),
        }
    }

    async fn connect(self, server: Uri) -> Result<Link, Cause> {
        let url = Url::parse(&server.to_string())?;
        let proxy = self.rule.proxy(&url).ok_or("the address has no proxy")?;
        let host = url.host_str().unwrap_or_default();
        let port = url.port_or_known_default().unwrap_or(443);
        let mut stream = if proxy.is_socks() {
            self.socks(proxy, host, port).await.map_err(|cause| Unreachable { proxy: proxy.to_string(), cause })?
        } else {
            self.reach(proxy).await.map_err(|cause| Unreachable { proxy: proxy.to_string(), cause })?
        };
        let secure = url.scheme() == "https";
        if secure {
            if !proxy.is_socks() {
                stream = self.ask(proxy, stream, host, port).await?;
            }
            stream = self.secure(host, stream).await?;
        }
        Ok(Link { stream, forward: !secure && !proxy.is_socks() })
    }

    /// A connection to the proxy itself.
    async fn reach(&self, proxy: &ProxyUrl) -> Result<Box<dyn Stream>, Cause> {
        let tcp = self.tcp.clone().call(proxy.address().parse()?).await?.into_inner();
        if proxy.is_https() { self.secure(proxy.host(), Box::new(tcp)).await } else { Ok(Box::new(tcp)) }
    }

    async fn secure(&self, host: &str, stream: Box<dyn Stream>) -> Result<Box<dyn Stream>, Cause> {
        let name = ServerName::try_from(plain(host).to_owned())?;
        Ok(Box::new(self.tls.connect(name, stream).await?))
    }

    async fn socks(&self, proxy: &ProxyUrl, host: &str, port: u16) -> Result<Box<dyn Stream>, Cause> {
        let server = if proxy.resolves_names() {
            format!("tcp://{host}:{port}")
        } else {
            let found = tokio::net::lookup_host((plain(host), port)).await?.next();
            format!("tcp://{}", found.ok_or("the server's name has no address")?)
        };
        let mut socks = SocksV5::new(proxy.address().parse()?, self.tcp.clone());
        if let Some((user, password)) = proxy.login() {
            socks = socks.with_auth(String::from_utf8(user)?, String::from_utf8(password)?);
        }
        Ok(Box::new(socks.call(server.parse()?).await?.into_inner()))
    }

    /// Asks the proxy for a tunnel to the server.
    async fn ask(
        &self,
        proxy: &ProxyUrl,
        mut stream: Box<dyn Stream>,
        host: &str,
        port: u16,
    ) -> Result<Box<dyn Stream>, Cause> {
        let mut head = format!("CONNECT {host}:{port} HTTP/1.1\r\nhost: {host}:{port}\r\nuser-agent: ").into_bytes();
        head.extend_from_slice(self.user_agent.as_bytes());
        if let Some(login) = proxy.authorization() {
            head.extend_from_slice(b"\r\nproxy-authorization: ");
            head.extend_from_slice(login.as_bytes());
        }
        head.extend_from_slice(b"\r\n\r\n");
        stream.write_all(&head).await?;
        stream.flush().await?;
        let status = read_status(&mut stream).await.map_err(|cause| Unreachable { proxy: proxy.to_string(), cause })?;
        if status.is_success() { Ok(stream) } else { Err(Refusal::new(proxy, status).into()) }
    }
}

/// A host name or address without the brackets that URLs put around IPv6.
fn plain(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

/// Reads the head of the proxy's response. What comes after the head of a success would be the server's, which is silent
/// until it is spoken to.
async fn read_status(stream: &mut Box<dyn Stream>) -> Result<StatusCode, Cause> {
    let mut read = Vec::with_capacity(1024);
    while read.len() < LARGEST_HEAD {
        if stream.read_buf(&mut read).await? == 0 {
            return Err("it closed the connection instead of opening a tunnel".into());
        }
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut response = httparse::Response::new(&mut headers);
        let Ok(parsed) = response.parse(&read) else { return Err("it does not speak HTTP".into()) };
        if let httparse::Status::Complete(length) = parsed {
            let status = StatusCode::from_u16(response.code.unwrap_or_default())?;
            if status.is_success() && length < read.len() {
                return Err("it sent data before the tunnel was used".into());
            }
            return Ok(status);
        }
    }
    Err("its response to CONNECT is too long".into())
}

/// The proxy cannot be reached, or not understood.
#[derive(Debug)]
struct Unreachable {
    proxy: String,
    cause: Cause,
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut last: &dyn std::error::Error = &*self.cause;
        while let Some(source) = last.source() {
            last = source;
        }
        write!(f, "no connection through the proxy {}: {last}", self.proxy)
    }
}

impl std::error::Error for Unreachable {}

/// The proxy's refusal to pass anything on.
#[derive(Debug)]
pub(super) struct Refusal {
    proxy: String,
    status: StatusCode,
    has_login: bool,
}

impl Refusal {
    pub fn new(proxy: &ProxyUrl, status: StatusCode) -> Self {
        Self { proxy: proxy.to_string(), status, has_login: proxy.login().is_some() }
    }

    /// Whether asking again may help: the proxy is busy, or cannot reach the server just now.
    pub fn may_pass(&self) -> bool {
        matches!(self.status.as_u16(), 408 | 425 | 429 | 500 | 502..=504)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the proxy {} refused the tunnel: HTTP {}", self.proxy, self.status)?;
        match self.status {
            StatusCode::PROXY_AUTHENTICATION_REQUIRED if self.has_login => {
                f.write_str("; check user and password in the proxy URL")
            }
            StatusCode::PROXY_AUTHENTICATION_REQUIRED => f.write_str("; set user and password in the proxy URL"),
            StatusCode::FORBIDDEN => {
                f.write_str("; it does not allow this host: have it allowed, or set NO_PROXY or another proxy")
            }
            _ => Ok(()),
        }
    }
}

impl std::error::Error for Refusal {}

impl Service<Uri> for Tunnels {
    type Response = TokioIo<Link>;
    type Error = Cause;
    type Future = Pin<Box<dyn Future<Output = Result<TokioIo<Link>, Cause>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Cause>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, server: Uri) -> Self::Future {
        let tunnels = self.clone();
        Box::pin(async move { tunnels.open(server).await.map(TokioIo::new) })
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// An open way to the server.
pub(super) struct Link {
    stream: Box<dyn Stream>,
    /// Whether it ends at the proxy, which wants whole URLs.
    forward: bool,
}

impl Connection for Link {
    fn connected(&self) -> Connected {
        Connected::new().proxy(self.forward)
    }
}

impl AsyncRead for Link {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Link {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
