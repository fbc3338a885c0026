//! The TCP stream below TLS and HTTP. It records when a request may have left completely, and can check the socket
//! itself instead of the readiness that the runtime last saw.

use std::io::{self, IoSlice, Read};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// How much is read at once when checking.
const LOOK_BYTES: usize = 512;

/// State shared by a connection and the stream that HTTP owns. One task at a time uses both.
#[derive(Default)]
pub(super) struct Watch {
    sent: AtomicBool,
    looking: AtomicBool,
}

impl Watch {
    /// A new request: nothing of it has left.
    pub fn begin(&self) {
        self.sent.store(false, Ordering::Relaxed);
    }

    /// Whether the kernel may have taken the last byte of the request.
    pub fn maybe_sent(&self) -> bool {
        self.sent.load(Ordering::Relaxed)
    }

    /// While `work` runs, reads ask the socket itself, even if the runtime has not yet seen that it is readable.
    pub fn looking<T>(&self, work: impl FnOnce() -> T) -> T {
        self.looking.store(true, Ordering::Relaxed);
        let result = work();
        self.looking.store(false, Ordering::Relaxed);
        result
    }
}

pub(super) struct Wire {
    tcp: TcpStream,
    watch: Arc<Watch>,
}

impl Wire {
    pub fn new(tcp: TcpStream, watch: Arc<Watch>) -> Self {
        Self { tcp, watch }
    }

    /// HTTP and TLS offer everything they hold in one write. As long as the kernel has not accepted all of it, the
    /// request is not complete.
    fn note(&self, written: &Poll<io::Result<usize>>, offered: usize) {
        if offered > 0 && matches!(written, Poll::Ready(Ok(written)) if *written == offered) {
            self.watch.sent.store(true, Ordering::Relaxed);
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.tcp).poll_read(context, buffer);
        if polled.is_ready() || !this.watch.looking.load(Ordering::Relaxed) {
            return polled;
        }
        // Usually there is nothing to read, and clearing a large buffer would be wasted.
        let room = buffer.remaining().min(LOOK_BYTES);
        match (&*SockRef::from(&this.tcp)).read(buffer.initialize_unfilled_to(room)) {
            Ok(length) => {
                buffer.advance(length);
                Poll::Ready(Ok(()))
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
            Err(error) => Poll::Ready(Err(error)),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.tcp).poll_write(context, bytes);
        this.note(&written, bytes.len());
        written
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.tcp).poll_write_vectored(context, parts);
        this.note(&written, parts.iter().map(|part| part.len()).sum());
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().tcp).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().tcp).poll_shutdown(context)
    }
}
