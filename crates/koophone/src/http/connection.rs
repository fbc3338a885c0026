//! A connection: TCP, TLS where the address is https, and hyper's HTTP/1.1 on top, all driven by the call that uses it.

use std::error::Error as StdError;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http_body_util::Full;
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tower_service::Service;
use url::{Position, Url};

use super::resolver::Resolver;
use super::wire::{Watch, Wire};
use super::{HttpResponse, Progress};

pub(super) type Cause = Box<dyn StdError + Send + Sync>;

/// Longest head of a response, and longest trailers.
const MAX_HEAD: usize = 64 << 10;
/// Most that a connection's read buffer keeps, and most that is reserved because of an announced length alone.
const MAX_BUFFER: usize = 128 << 10;

/// Opens connections.
#[derive(Clone)]
pub(super) struct Connector {
    /// Name resolution, and the race between IPv6 and IPv4.
    tcp: HttpConnector<Resolver>,
    tls: TlsConnector,
    http: http1::Builder,
}

impl Connector {
    pub fn new(tls: Arc<ClientConfig>, connect_timeout: Duration) -> Self {
        let mut tcp = HttpConnector::new_with_resolver(Resolver);
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(connect_timeout));
        // A command may run for minutes without a byte on the wire: these distinguish a slow phone from a dead network.
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
        Self { tcp, tls: tls.into(), http }
    }

    pub async fn connect(&self, url: &Url) -> Result<Connection, Cause> {
        let address = url[..Position::BeforePath].parse::<http::Uri>()?;
        let tcp = self.tcp.clone().call(address).await?.into_inner();
        let watch = Arc::new(Watch::default());
        let wire = Wire::new(tcp, watch.clone());
        let stream: Box<dyn Stream> = match url.scheme() {
            "https" => {
                let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
                let name = ServerName::try_from(host.to_owned())?;
                Box::new(self.tls.connect(name, wire).await?)
            }
            _ => Box::new(wire),
        };
        let (sender, driver) = self.http.handshake(TokioIo::new(stream)).await?;
        Ok(Connection { sender, driver: Some(driver), watch })
    }
}

/// TCP, or TLS over it.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

type Driver = http1::Connection<TokioIo<Box<dyn Stream>>, Full<Bytes>>;

/// An open connection, between two exchanges or in one.
pub(super) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    /// hyper's side of the connection, which owns the stream. Nothing happens on it unless it is polled. `None`: it has
    /// ended, and the stream is closed.
    driver: Option<Driver>,
    watch: Arc<Watch>,
}

/// Why there is no complete response.
pub(super) enum Broken {
    Http(hyper::Error),
    TooLarge,
}

impl Connection {
    /// Lets HTTP and TLS do all they can do now. An error that nobody waits for is returned.
    fn drive(&mut self, context: &mut Context<'_>) -> hyper::Result<()> {
        match self.driver.as_mut().map(|driver| driver.poll_without_shutdown(context)) {
            None | Some(Poll::Pending) => Ok(()),
            Some(Poll::Ready(result)) => {
                self.driver = None;
                result
            }
        }
    }

    /// Whether it can take a request: whatever has come unasked since the last response, below TLS or inside it, has been
    /// read. A response to nothing, an alert or the end make a connection unusable. Says why, if there is a reason.
    pub fn look(&mut self) -> Result<(), Option<hyper::Error>> {
        let watch = self.watch.clone();
        watch.looking(|| self.drive(&mut Context::from_waker(Waker::noop()))).map_err(Some)?;
        if self.driver.is_some() && self.sender.is_ready() { Ok(()) } else { Err(None) }
    }

    /// Sends `request` and reads its response, with a body of at most `limit` bytes. `progress` learns when the last byte
    /// may have left.
    pub async fn exchange(
        &mut self,
        request: http::Request<Full<Bytes>>,
        progress: &Progress,
        limit: usize,
    ) -> Result<HttpResponse, Broken> {
        self.watch.begin();
        let mut response = pin!(self.sender.try_send_request(request));
        let response = poll_fn(|context| {
            self.advance(context, progress);
            // It becomes ready by what was just driven and by nothing else, so it needs no waker.
            response.as_mut().poll(&mut Context::from_waker(Waker::noop()))
        });
        let (head, body) = response.await.map_err(|error| Broken::Http(error.into_error()))?.into_parts();
        let body = self.read(body, progress, limit).await?;
        // Both lengths together are how responses are smuggled past a gateway.
        if head.headers.contains_key(TRANSFER_ENCODING) && head.headers.contains_key(CONTENT_LENGTH) {
            self.driver = None;
        }
        Ok(HttpResponse { status: head.status.as_u16(), headers: head.headers.into(), body })
    }

    /// Whether another exchange may follow.
    pub fn is_reusable(&self) -> bool {
        self.driver.is_some()
    }

    async fn read(&mut self, mut body: Incoming, progress: &Progress, limit: usize) -> Result<Bytes, Broken> {
        let promised = body.size_hint().lower();
        if promised > limit as u64 {
            return Err(Broken::TooLarge);
        }
        // The usual body comes in one piece, which is not copied.
        let (mut first, mut joined) = (Bytes::new(), BytesMut::new());
        while let Some(piece) = poll_fn(|context| self.poll_piece(context, &mut body, progress)).await? {
            if piece.len() > limit - first.len().max(joined.len()) {
                return Err(Broken::TooLarge);
            }
            if first.is_empty() && joined.is_empty() {
                first = piece;
                continue;
            }
            if joined.is_empty() {
                joined.reserve((promised as usize).min(MAX_BUFFER).max(first.len() + piece.len()));
            }
            joined.extend_from_slice(&std::mem::take(&mut first));
            joined.extend_from_slice(&piece);
        }
        Ok(if joined.is_empty() { first } else { joined.freeze() })
    }

    fn poll_piece(
        &mut self,
        context: &mut Context<'_>,
        body: &mut Incoming,
        progress: &Progress,
    ) -> Poll<Result<Option<Bytes>, Broken>> {
        loop {
            let mut polled = pin!(&mut *body).poll_frame(&mut Context::from_waker(Waker::noop()));
            if polled.is_pending() {
                self.advance(context, progress);
                polled = pin!(&mut *body).poll_frame(&mut Context::from_waker(Waker::noop()));
            }
            match ready!(polled).transpose().map_err(Broken::Http)? {
                None => return Poll::Ready(Ok(None)),
                Some(frame) => {
                    if let Ok(piece) = frame.into_data() {
                        return Poll::Ready(Ok(Some(piece)));
                    }
                }
            }
        }
    }

    /// Drives the connection in an exchange. The response or its body get the error of a connection that ends.
    fn advance(&mut self, context: &mut Context<'_>, progress: &Progress) {
        let _ = self.drive(context);
        if self.watch.maybe_sent() {
            progress.sent();
        }
    }
}

/// The first error of type `E` behind `error`.
pub(super) fn find<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        // An I/O error passes over what it wraps.
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match wrapped {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    None
}
