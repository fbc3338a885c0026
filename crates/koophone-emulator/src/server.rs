//! The server thread with its runtime, and its connections. No other file uses a runtime.

use std::io;
use std::net::{Shutdown, TcpListener as StdListener};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::ahead;
use crate::control;
use crate::journal::RequestStatus;
use crate::operation::Operation;
use crate::quirk::Quirk;
use crate::service::{self, Served};
use crate::shared::Shared;
use crate::wire::body::{Cut, StepBody};
use crate::wire::deliver::Delivery;
use crate::wire::received::Received;
use crate::wire::response::response;
use crate::wire::spelling::Spelling;

/// Longest body that the gateway accepts.
const LARGEST_BODY: usize = 12 * 1024 * 1024;

/// How long responses in progress may take when the emulator stops.
const GRACE: Duration = Duration::from_millis(200);

/// The server thread. `ready` is called when connections are accepted.
pub(crate) fn run(
    listener: StdListener,
    shared: &Arc<Shared>,
    mut stop: watch::Receiver<bool>,
    ready: impl FnOnce(),
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    runtime.block_on(async {
        let listener = TcpListener::from_std(listener)?;
        let spelling = Arc::new(Spelling::learn().await);
        let mut connections = JoinSet::new();
        ready();
        loop {
            tokio::select! {
                biased;
                () = stopped(&mut stop) => break,
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        // Responses are small; waiting to fill packets would only delay them.
                        let _ = stream.set_nodelay(true);
                        let served = serve_connection(stream, Arc::clone(shared), Arc::clone(&spelling), stop.clone());
                    connections.spawn(served);
                    }
                    // Out of file descriptors, or the client disconnected before it was accepted: continue, but not in
                    // a busy loop.
                    Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
                },
                Some(_) = connections.join_next() => {}
            }
        }
        close(listener);
        let all_ended = async { while connections.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(GRACE, all_ended).await;
        connections.shutdown().await;
        Ok(())
    })
}

/// Stops listening: a forked child may hold the socket open too, and clients would wait for ever.
fn close(listener: TcpListener) {
    #[cfg(unix)]
    if let Ok(listener) = listener.into_std() {
        // The standard library has no `shutdown` for listeners; the call is the same one for every socket.
        let socket = std::net::TcpStream::from(std::os::fd::OwnedFd::from(listener));
        let _ = socket.shutdown(Shutdown::Both);
    }
    #[cfg(not(unix))]
    drop(listener);
}

/// Completes when the emulator is to stop.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error means that the sender is gone, which is the same.
    drop(stop.wait_for(|stopped| *stopped).await);
}

async fn serve_connection(
    stream: TcpStream,
    shared: Arc<Shared>,
    spelling: Arc<Spelling>,
    mut stop: watch::Receiver<bool>,
) {
    let lower_case = shared.world().has(Quirk::LowerCaseHeaders);
    let service = service_fn({
        let stop = stop.clone();
        move |request| {
            let response = respond(request, Arc::clone(&shared), stop.clone());
            let spelling = (!lower_case).then(|| Arc::clone(&spelling));
            async move {
                let mut response = response.await?;
                if let Some(spelling) = spelling {
                    spelling.apply(&mut response);
                }
                Ok::<_, Cut>(response)
            }
        }
    });
    let connection = http1::Builder::new()
        .title_case_headers(!lower_case)
        .auto_date_header(false)
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        .serve_connection(TokioIo::new(Socket(Some(stream))), service);
    let mut connection = std::pin::pin!(connection);
    // How a connection ends does not matter: cuts are faults, and clients come and go.
    tokio::select! {
        _ = connection.as_mut() => {}
        () = stopped(&mut stop) => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

/// Marks a request as cut if its response is dropped before it was sent.
struct OpenRequest {
    shared: Arc<Shared>,
    sequence: u64,
    operation: Operation,
    executed: bool,
    status: RequestStatus,
}

impl Drop for OpenRequest {
    fn drop(&mut self) {
        let mut world = self.shared.world();
        world.metrics.request(self.operation, self.status, self.executed);
        if let Some(entry) = world.requests.get_mut(self.sequence) {
            entry.status = self.status;
        }
    }
}

async fn respond(
    request: Request<Incoming>,
    shared: Arc<Shared>,
    mut stop: watch::Receiver<bool>,
) -> Result<Response<StepBody>, Cut> {
    let received = receive(request).await?;
    if let Err((status, text)) = shared.access.check_service(&received) {
        return Ok(control::refused(status, text));
    }
    if received.path() == "/_emulator" || received.path().starts_with("/_emulator/") {
        return Ok(control::respond(&shared, &received));
    }
    if received.path() == "/metrics" {
        return Ok(control::metrics(&shared, &received));
    }
    let mut ahead = None;
    if shared.long_lines {
        let stops = stop.clone();
        tokio::select! {
            done = ahead::run(&shared, &received, &stops) => ahead = done,
            () = stopped(&mut stop) => return Err(Cut),
        }
    }
    let served = match ahead {
        None => service::serve(&mut shared.world(), &received),
        Some((done, marks)) => {
            let served = service::serve_after(&mut shared.world(), done, &received);
            drop(marks);
            served
        }
    };
    let Served { sequence, operation, executed, delivery } = served;
    let shared = Arc::clone(&shared);
    let mut open = OpenRequest { shared, sequence, operation, executed, status: RequestStatus::Cut };
    match delivery {
        Delivery::Cut => Err(Cut),
        Delivery::NoResponse => {
            stopped(&mut stop).await;
            Err(Cut)
        }
        Delivery::Response { status, headers, body, hold } => {
            if !hold.is_zero() {
                tokio::select! {
                    () = tokio::time::sleep(hold) => {}
                    () = stopped(&mut stop) => return Err(Cut),
                }
            }
            open.status = RequestStatus::Responded(status);
            drop(open);
            Ok(response(status, &headers, body))
        }
    }
}

async fn receive(request: Request<Incoming>) -> Result<Received, Cut> {
    let (parts, mut body) = request.into_parts();
    let (mut bytes, mut too_large) = (Vec::new(), false);
    // A body that is too long is read to its end, so that the client gets the response and not a broken pipe.
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Cut)?.into_data() else { continue };
        too_large |= bytes.len() + data.len() > LARGEST_BODY;
        if too_large {
            bytes.clear();
        } else {
            bytes.extend_from_slice(&data);
        }
    }
    let headers = parts
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let target = parts.uri.path_and_query().map_or_else(|| parts.uri.to_string(), ToString::to_string);
    Ok(Received { method: parts.method.as_str().to_owned(), target, headers, body: bytes, too_large })
}

/// A socket that is shut down when dropped, not only closed: after a fork another process may hold it open too, and the
/// client would never see its end.
struct Socket(Option<TcpStream>);

impl Drop for Socket {
    fn drop(&mut self) {
        if let Some(Ok(stream)) = self.0.take().map(TcpStream::into_std) {
            // It may be closed already.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

impl Socket {
    fn with<T>(
        self: Pin<&mut Self>,
        poll: impl FnOnce(Pin<&mut TcpStream>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        match &mut self.get_mut().0 {
            Some(stream) => poll(Pin::new(stream)),
            None => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.with(|stream| stream.poll_read(context, buffer))
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.with(|stream| stream.poll_write(context, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.with(|stream| stream.poll_flush(context))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.with(|stream| stream.poll_shutdown(context))
    }
}
