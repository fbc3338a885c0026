//! A TCP proxy that counts every chunk it forwards and makes one of them fail.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Small, so that heads and bodies are split in many places.
const CHUNK: usize = 149;

/// What happens instead of forwarding the chunk. Both ends of the connection notice it, except for `Stall`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureMode {
    /// The connection is reset.
    Reset,
    /// The connection is closed in an orderly way.
    Close,
    /// Half of the chunk is forwarded, then the connection is closed.
    Half,
    /// Nothing is forwarded any more, and the connection stays open.
    Stall,
}

impl FailureMode {
    /// Every failure mode.
    pub const ALL: [FailureMode; 4] = [FailureMode::Reset, FailureMode::Close, FailureMode::Half, FailureMode::Stall];
}

struct Shared {
    mode: FailureMode,
    /// The chunk that fails, counted from 0 over all connections.
    fails: usize,
    seen: AtomicUsize,
    over: AtomicBool,
    streams: Mutex<Vec<TcpStream>>,
}

/// The proxy; dropping it closes all its connections.
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Proxy {
    /// Forwards everything to `upstream`, except chunk number `fails`.
    pub fn start(upstream: SocketAddr, mode: FailureMode, fails: usize) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            mode,
            fails,
            seen: AtomicUsize::new(0),
            over: AtomicBool::new(false),
            streams: Mutex::default(),
        });
        let of_thread = shared.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if of_thread.over.load(Ordering::SeqCst) {
                    return;
                }
                // If the service is gone, the client's connection is closed.
                let _ = carry(client, upstream, &of_thread);
            }
        });
        Ok(Self { address, shared })
    }

    /// The URL that clients connect to.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The number of chunks so far.
    pub fn chunks(&self) -> usize {
        self.shared.seen.load(Ordering::SeqCst)
    }

    /// Whether the chunk that was to fail was reached.
    pub fn reached_failing_chunk(&self) -> bool {
        self.shared.seen.load(Ordering::SeqCst) > self.shared.fails
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        for stream in self.shared.streams.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).drain(..) {
            // It may have been closed already.
            let _ = stream.shutdown(Shutdown::Both);
        }
        // Wakes the thread that accepts.
        let _ = TcpStream::connect_timeout(&self.address, Duration::from_secs(1));
    }
}

fn carry(client: TcpStream, upstream: SocketAddr, shared: &Arc<Shared>) -> io::Result<()> {
    let server = TcpStream::connect(upstream)?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    {
        let mut streams = shared.streams.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        streams.extend([client.try_clone()?, server.try_clone()?]);
    }
    let pairs = [(client.try_clone()?, server.try_clone()?), (server, client)];
    for (from, to) in pairs {
        let shared = shared.clone();
        std::thread::spawn(move || pump(from, to, &shared));
    }
    Ok(())
}

fn pump(mut from: TcpStream, mut to: TcpStream, shared: &Shared) -> io::Result<()> {
    let mut chunk = [0; CHUNK];
    loop {
        let length = match from.read(&mut chunk) {
            Ok(0) | Err(_) => break,
            Ok(length) => length,
        };
        if shared.seen.fetch_add(1, Ordering::SeqCst) == shared.fails {
            match shared.mode {
                FailureMode::Half => drop(to.write_all(&chunk[..length / 2])),
                FailureMode::Reset => {
                    for stream in [&from, &to] {
                        // With a linger time of zero, closing sends a reset.
                        socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO))?;
                    }
                }
                // Read and discard the rest.
                FailureMode::Stall => while matches!(from.read(&mut chunk), Ok(1..)) {},
                FailureMode::Close => {}
            }
            break;
        }
        if to.write_all(&chunk[..length]).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
    Ok(())
}
