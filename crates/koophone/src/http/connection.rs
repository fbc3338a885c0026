//! A connection of our own: TCP, with TLS where the address is https.

use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tower_service::Service;
use url::{Position, Url};
use zeroize::Zeroizing;

use super::answer::{self, Answer, ReadFault};
use super::resolver::Resolver;
use super::{HttpRequest, Progress};

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Most that a connection's read buffer keeps between two answers.
const BUFFER_KEPT: usize = 256 << 10;

/// Opens connections.
#[derive(Clone)]
pub(super) struct Connector {
    /// Name resolution, and the race between IPv6 and IPv4.
    tcp: HttpConnector<Resolver>,
    tls: TlsConnector,
}

impl Connector {
    pub fn new(tls: Arc<ClientConfig>, connect_timeout: Duration) -> Self {
        let mut tcp = HttpConnector::new_with_resolver(Resolver);
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(connect_timeout));
        // A command may run for minutes without a byte on the wire: these tell a slow phone from a dead network.
        tcp.set_keepalive(Some(Duration::from_secs(15)));
        tcp.set_keepalive_interval(Some(Duration::from_secs(15)));
        tcp.set_keepalive_retries(Some(3));
        Self { tcp, tls: tls.into() }
    }

    pub async fn connect(&self, url: &Url) -> Result<Connection, Cause> {
        let address = url[..Position::BeforePath].parse::<http::Uri>()?;
        let tcp = self.tcp.clone().call(address).await?.into_inner();
        let stream = match url.scheme() {
            "https" => {
                let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
                let name = ServerName::try_from(host.to_owned())?;
                Stream::Tls(Box::new(self.tls.connect(name, tcp).await?))
            }
            _ => Stream::Plain(tcp),
        };
        Ok(Connection { stream, head: Zeroizing::default(), incoming: BytesMut::new() })
    }
}

/// An open connection, between two exchanges or in one.
pub(super) struct Connection {
    stream: Stream,
    /// The head of a request, with its credential. Both buffers are kept from one exchange to the next.
    head: Zeroizing<Vec<u8>>,
    incoming: BytesMut,
}

impl Connection {
    /// Whether the other side has left it open since the last answer. Asks the socket itself: nobody may have driven the
    /// runtime since then. Bytes that nobody asked for (a late refusal, the end of TLS) make it as good as closed.
    pub fn is_open(&self) -> bool {
        let peeked = SockRef::from(self.stream.tcp()).peek(&mut [MaybeUninit::uninit(); 1]);
        peeked.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }

    /// Sends `request` and reads its answer. `progress` learns when the last byte has left.
    pub async fn exchange(
        &mut self,
        request: &HttpRequest,
        user_agent: &http::HeaderValue,
        progress: &Progress,
        most: usize,
    ) -> Result<Answer, ReadFault> {
        write_head(&mut self.head, request, user_agent);
        // The body is not copied: it may be a log-in, which is wiped when the request is gone.
        let mut rest = self.head.chain(&request.body[..]);
        while rest.has_remaining() {
            match self.stream.write_buf(&mut rest).await {
                Ok(0) => return Err(ReadFault::Io(io::ErrorKind::WriteZero.into())),
                Ok(_) => {}
                Err(error) => {
                    // TLS may have passed on all of it before it failed.
                    if matches!(self.stream, Stream::Tls(_)) {
                        progress.sent();
                    }
                    return Err(ReadFault::Io(error));
                }
            }
        }
        progress.sent();
        self.stream.flush().await.map_err(ReadFault::Io)?;
        let answer = answer::read(&mut self.stream, &mut self.incoming, most).await?;
        if self.incoming.capacity() > BUFFER_KEPT {
            self.incoming = BytesMut::new();
        }
        Ok(answer)
    }
}

/// All of a request but its body, in the form of HTTP/1.1. `HeaderValue` and `Url` have made sure that no line break hides in it.
fn write_head(out: &mut Vec<u8>, request: &HttpRequest, user_agent: &http::HeaderValue) {
    out.clear();
    let mut put = |parts: &[&[u8]]| parts.iter().for_each(|part| out.extend_from_slice(part));
    let url = &request.url;
    let target = &url[Position::BeforePath..Position::AfterQuery];
    let host = &url[Position::BeforeHost..Position::AfterPort];
    put(&[
        request.method.as_str().as_bytes(),
        b" ",
        target.as_bytes(),
        b" HTTP/1.1\r\nhost: ",
        host.as_bytes(),
        b"\r\n",
    ]);
    for (name, value) in &request.headers {
        put(&[name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"]);
    }
    put(&[b"user-agent: ", user_agent.as_bytes(), b"\r\naccept: */*\r\n"]);
    // wire-note 30: some gateways answer a POST without a length with 411, also when there is no body.
    if !request.body.is_empty() || request.method != http::Method::GET {
        put(&[b"content-length: ", request.body.len().to_string().as_bytes(), b"\r\n"]);
    }
    put(&[b"\r\n"]);
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    fn tcp(&self) -> &TcpStream {
        match self {
            Self::Plain(tcp) => tcp,
            Self::Tls(tls) => tls.get_ref().0,
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_read(context, buffer),
            Self::Tls(tls) => Pin::new(tls).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_write(context, bytes),
            Self::Tls(tls) => Pin::new(tls).poll_write(context, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_write_vectored(context, parts),
            Self::Tls(tls) => Pin::new(tls).poll_write_vectored(context, parts),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(tcp) => tcp.is_write_vectored(),
            Self::Tls(tls) => tls.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_flush(context),
            Self::Tls(tls) => Pin::new(tls).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_shutdown(context),
            Self::Tls(tls) => Pin::new(tls).poll_shutdown(context),
        }
    }
}
