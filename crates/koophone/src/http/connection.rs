//! A connection: hyper's HTTP/1.1 over a stream, driven by the call that uses it.

use std::error::Error as StdError;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http_body_util::Full;
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use super::message::{HttpResponse, Progress};
use super::wire::Watch;
use crate::counters::Open;

pub(super) type Cause = Box<dyn StdError + Send + Sync>;

/// The most memory that is reserved because of Content-Length alone, which is untrusted.
const MAX_RESERVED: usize = 128 << 10;

/// TCP, or TLS over it, or over a tunnel.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

pub(super) type Driver = http1::Connection<TokioIo<Box<dyn Stream>>, Full<Bytes>>;

/// An open connection, between two exchanges or in one.
pub(super) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    /// hyper's side of the connection, which owns the stream. Nothing happens on it unless it is polled. `None`: it has
    /// ended, and the stream is closed.
    driver: Option<Driver>,
    watch: Arc<Watch>,
    _open: Open,
}

/// Why there is no complete response.
pub(super) enum Broken {
    Http(hyper::Error),
    TooLarge,
}

impl Connection {
    pub fn new(sender: SendRequest<Full<Bytes>>, driver: Driver, watch: Arc<Watch>, open: Open) -> Self {
        Self { sender, driver: Some(driver), watch, _open: open }
    }

    /// Lets HTTP and TLS make all progress that is possible now. Returns an error that no exchange is waiting for.
    fn drive(&mut self, context: &mut Context<'_>) -> hyper::Result<()> {
        match self.driver.as_mut().map(|driver| driver.poll_without_shutdown(context)) {
            None | Some(Poll::Pending) => Ok(()),
            Some(Poll::Ready(result)) => {
                self.driver = None;
                result
            }
        }
    }

    /// Whether an idle connection can take a request: reads whatever has arrived since the last response, below TLS or
    /// inside it. An unsolicited response, an alert or the end make it unusable; the error says why, if there is a
    /// reason.
    pub fn check_idle(&mut self) -> Result<(), Option<hyper::Error>> {
        let watch = self.watch.clone();
        watch.looking(|| self.drive(&mut Context::from_waker(Waker::noop()))).map_err(Some)?;
        if self.driver.is_some() && self.sender.is_ready() { Ok(()) } else { Err(None) }
    }

    /// Sends `request` and reads its response, with a body of at most `limit` bytes. `progress` learns when the last
    /// byte may have left.
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
            // It only becomes ready by what was just driven, so it needs no waker.
            response.as_mut().poll(&mut Context::from_waker(Waker::noop()))
        });
        let (head, body) = response.await.map_err(|error| Broken::Http(error.into_error()))?.into_parts();
        let body = self.read(body, progress, limit).await?;
        // Both lengths together are a sign of response smuggling.
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
        // A body that arrives in one piece, the usual case, is not copied.
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
                joined.reserve((promised as usize).min(MAX_RESERVED).max(first.len() + piece.len()));
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

/// The first error of type `E` in the source chain of `error`.
pub(super) fn find<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        // The source of an I/O error skips the error that it wraps.
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match wrapped {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    None
}
