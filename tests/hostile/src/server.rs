//! A service on a loopback port that sends what the present exchange makes up, and keeps a journal of what it executed.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::Value;

use crate::lie::{self, Reply};

/// A complete request.
pub struct Request {
    /// The house's name of the operation.
    pub operation: &'static str,
    /// The phones of the body, or the one of the path.
    pub phones: Vec<String>,
    /// The command, where there is one.
    pub command: String,
    /// How many requests of this exchange came before.
    pub number: u64,
}

/// What the server sends at present, and what it did.
#[derive(Default)]
struct State {
    /// The seed of the lies; none: the truth.
    seed: Option<u64>,
    /// The phones of the present call.
    phones: Vec<String>,
    requests: u64,
    journal: Journal,
    /// Connections that are about to be closed.
    closing: u32,
}

/// What happened since the exchange began.
#[derive(Clone, Default, Debug)]
pub struct Journal {
    /// How often each phone executed a call.
    pub executed: HashMap<String, u32>,
    /// Whether a response to an executed request claims that it was refused: then the client cannot know better.
    pub denied: bool,
    /// Whether a response asks the client to slow down.
    pub slowed: bool,
    /// What was sent, in words.
    pub lies: Vec<&'static str>,
}

/// The server. Its threads end with the process.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    closed: Condvar,
}

impl Server {
    /// Listens on a port that the system chooses.
    pub fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let server = Self { address: listener.local_addr()?, shared: Arc::default() };
        let shared = server.shared.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = shared.clone();
                std::thread::spawn(move || {
                    let mut closing = false;
                    // A client that closes its connection in the middle is no fault of the server.
                    let _ = serve(stream, &shared.state, &mut closing);
                    if closing {
                        lock(&shared.state).closing -= 1;
                        shared.closed.notify_all();
                    }
                });
            }
        });
        Ok(server)
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Begins a call about these phones: lies by this seed, or the truth.
    pub fn begin(&self, seed: Option<u64>, phones: &[String]) {
        let open = lock(&self.shared.state);
        // What the last call was told to close is closed, so that the next call can see it.
        let open = self.shared.closed.wait_while(open, |state| state.closing > 0);
        *open.unwrap_or_else(|poisoned| poisoned.into_inner()) =
            State { seed, phones: phones.to_vec(), ..State::default() };
    }

    /// What happened since then.
    pub fn journal(&self) -> Journal {
        lock(&self.shared.state).journal.clone()
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn serve(stream: TcpStream, state: &Mutex<State>, closing: &mut bool) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    while let Some(mut request) = read(&mut reader)? {
        let reply = {
            let mut state = lock(state);
            if request.phones.iter().any(|phone| !state.phones.contains(phone)) {
                // Of an earlier call, which its client has given up.
                return Ok(());
            }
            request.number = state.requests;
            state.requests += 1;
            let reply = match state.seed {
                Some(seed) => lie::reply(seed, &request),
                None => lie::truth(&request),
            };
            if reply.executed {
                for phone in &request.phones {
                    *state.journal.executed.entry(phone.clone()).or_default() += 1;
                }
            }
            state.journal.denied |= reply.denies && reply.executed;
            state.journal.slowed |= reply.slows;
            state.journal.lies.push(reply.name);
            if reply.close {
                state.closing += 1;
                *closing = true;
            }
            reply
        };
        if !send(&stream, &reply)? {
            return Ok(());
        }
    }
    Ok(())
}

/// Whether the connection stays open.
fn send(mut stream: &TcpStream, reply: &Reply) -> io::Result<bool> {
    for piece in reply.bytes.chunks(reply.piece.max(1)) {
        stream.write_all(piece)?;
        if !reply.pause.is_zero() {
            std::thread::sleep(reply.pause);
        }
    }
    if reply.silent {
        // Until the client gives up.
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        let _ = stream.read(&mut [0; 1]);
        return Ok(false);
    }
    Ok(!reply.close)
}

fn read(reader: &mut BufReader<TcpStream>) -> io::Result<Option<Request>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut length = 0;
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let ids = body["instance_ids"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut phones: Vec<String> = ids.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let operation = match path.trim_start_matches("/v1/instances/") {
        "sync-command" => "run_command",
        "async-command" => "start_command",
        "video-setting" => "set_video_settings",
        "batch-query-status" => "query_status",
        "batch-reset" => "reset_instances",
        rest if rest.starts_with("tasks/") => "get_task",
        rest => {
            phones.extend(rest.split('/').next().map(str::to_owned));
            "get_device_token"
        }
    };
    let command = body["command"].as_str().unwrap_or_default().to_owned();
    Ok(Some(Request { operation, phones, command, number: 0 }))
}
