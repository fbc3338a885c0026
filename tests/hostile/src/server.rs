//! A service on a loopback port that sends the responses of the current exchange and records what it executed.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use koophone::OPERATIONS;
use serde_json::Value;
use socket2::SockRef;

use crate::request::{PHONES, Request};
use crate::response::{self, Response};

/// How long closing a connection waits for the client's system to acknowledge.
const LINGER: Duration = Duration::from_secs(5);
/// How long the server waits for the client to give up: longer than any call may take.
const LONGEST_WAIT: Duration = Duration::from_secs(150);

/// The current exchange and what has happened in it.
#[derive(Default)]
struct State {
    /// The seed of the bad responses; `None` for correct ones.
    seed: Option<u64>,
    /// The phones of the current call.
    phones: Vec<String>,
    requests: u64,
    journal: Journal,
    /// Requests whose response is still being sent, or whose connection is still to be closed.
    busy: u32,
}

/// What happened since the exchange began.
#[derive(Clone, Default, Debug)]
pub struct Journal {
    /// How often each phone executed a call.
    pub executed: HashMap<String, u32>,
    /// Whether a response claimed that an executed request was refused; the client cannot know better then.
    pub denied: bool,
    /// Whether a response asked the client to slow down.
    pub asked_to_slow_down: bool,
    /// The kinds of responses sent.
    pub responses: Vec<&'static str>,
}

/// The server. Its threads end with the process.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    replied: Condvar,
}

/// Marks a request as in progress until dropped.
struct Busy<'a>(&'a Shared);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        lock(&self.0.state).busy -= 1;
        self.0.replied.notify_all();
    }
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
                    // An error here only means that the client closed the connection early.
                    let last = serve(&stream, &shared);
                    drop(stream);
                    drop(last);
                });
            }
        });
        Ok(server)
    }

    /// The server's base URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Begins a call for these phones, with bad responses from this seed or with correct ones.
    pub fn begin(&self, seed: Option<u64>, phones: &[String]) {
        let state = lock(&self.shared.state);
        // Wait until every response of the last call has been sent and its connections are closed, so that the next
        // call sees both before it reuses a connection.
        let state = self.shared.replied.wait_while(state, |state| state.busy > 0);
        *state.unwrap_or_else(|poisoned| poisoned.into_inner()) =
            State { seed, phones: phones.to_vec(), ..State::default() };
    }

    /// What happened since `begin`.
    pub fn journal(&self) -> Journal {
        lock(&self.shared.state).journal.clone()
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Serves one connection. Its last request counts as busy until the connection is closed.
fn serve<'a>(stream: &TcpStream, shared: &'a Shared) -> io::Result<Option<Busy<'a>>> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    while let Some(mut request) = read(&mut reader)? {
        let (response, busy) = {
            let mut state = lock(&shared.state);
            if request.phones.iter().any(|phone| !state.phones.contains(phone)) {
                // A request of an earlier call that the client has abandoned.
                return Ok(None);
            }
            request.number = state.requests;
            state.requests += 1;
            let response = match state.seed {
                Some(seed) => response::response(seed, &request),
                None => response::correct(&request),
            };
            if response.executed {
                for phone in &request.phones {
                    *state.journal.executed.entry(phone.clone()).or_default() += 1;
                }
            }
            state.journal.denied |= response.denies && response.executed;
            state.journal.asked_to_slow_down |= response.slows;
            state.journal.responses.push(response.name);
            state.busy += 1;
            (response, Busy(shared))
        };
        send(stream, &response)?;
        if response.silent {
            drop(busy);
            wait_for_close(stream)?;
            return Ok(None);
        }
        if response.close {
            // Make closing wait for the client's system; otherwise the next call may not notice it. Closing alone does
            // nothing while a face that is just being started still has a copy of the descriptor.
            SockRef::from(stream).set_linger(Some(LINGER))?;
            stream.shutdown(Shutdown::Both)?;
            return Ok(Some(busy));
        }
    }
    Ok(None)
}

fn send(mut stream: &TcpStream, response: &Response) -> io::Result<()> {
    for piece in response.bytes.chunks(response.piece.max(1)) {
        stream.write_all(piece)?;
        if !response.pause.is_zero() {
            std::thread::sleep(response.pause);
        }
    }
    Ok(())
}

/// Sends nothing until the client gives up.
fn wait_for_close(mut stream: &TcpStream) -> io::Result<()> {
    stream.set_read_timeout(Some(LONGEST_WAIT))?;
    let _ = stream.read(&mut [0; 1]);
    Ok(())
}

fn read(reader: &mut BufReader<&TcpStream>) -> io::Result<Option<Request>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split([' ', '?']).map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
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
    let operation = OPERATIONS.iter().find(|operation| operation.method == *method && is_at(operation.path, &path));
    // Requests that are no operation get no response.
    let Some(operation) = operation else { return Ok(None) };
    let mut phones = Vec::new();
    path.split('/').for_each(|part| collect(&Value::from(part), &mut phones));
    collect(&body, &mut phones);
    Ok(Some(Request { operation, phones, body, number: 0 }))
}

/// Whether a path matches `template`, in which `{}` stands for an id.
fn is_at(template: &str, path: &str) -> bool {
    let (template, path): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len() && template.iter().zip(path).all(|(part, given)| *part == "{}" || *part == given)
}

/// Collects the phones that a JSON value names, in any field.
fn collect(value: &Value, phones: &mut Vec<String>) {
    match value {
        Value::String(text) if PHONES.iter().any(|begin| text.starts_with(begin)) => phones.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, phones)),
        Value::Object(fields) => fields.values().for_each(|field| collect(field, phones)),
        _ => {}
    }
}
