//! A server with responses that the test defines, which records its requests: for bodies that no emulator would send.

#![allow(dead_code)] // Every test file uses a different part.

pub mod raw;
pub mod tls;

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use koophone::{Client, ClientBuilder, Credentials};

/// A request as received.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// A response: status, extra headers, body.
#[derive(Clone, Debug)]
pub struct Reply(pub u16, pub Vec<(&'static str, String)>, pub Vec<u8>);

impl Reply {
    pub fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self(200, vec![("content-type", "application/json".into())], body.into())
    }

    pub fn status(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self(status, vec![("content-type", "application/json".into())], body.into())
    }
}

/// The server; it lives as long as the test's process.
pub struct Canned {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Canned {
    /// `response` responds to every request.
    pub fn new(response: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (log, response) = (seen.clone(), Arc::new(response));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, response) = (log.clone(), response.clone());
                std::thread::spawn(move || serve(stream, &log, &*response));
            }
        });
        Self { address, seen }
    }

    /// Every request gets the same response.
    pub fn always(reply: Reply) -> Self {
        Self::new(move |_| reply.clone())
    }

    /// The replies in turn; the last one is repeated.
    pub fn in_turn(replies: Vec<Reply>) -> Self {
        let next = Mutex::new(0);
        Self::new(move |_| {
            let mut next = next.lock().unwrap();
            let reply = replies[(*next).min(replies.len() - 1)].clone();
            *next += 1;
            reply
        })
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// A client of this server with a ready-made token, which ignores the environment.
    pub fn builder(&self) -> ClientBuilder {
        Client::builder().environment([]).endpoint(self.url()).iam_endpoint(self.url()).setting("retry_delay", "10ms")
    }

    pub fn client(&self) -> koophone::blocking::Client {
        self.builder().credentials(Credentials::token("ready-made-token")).build().unwrap().into()
    }
}

fn serve(stream: TcpStream, log: &Mutex<Vec<Seen>>, response: &dyn Fn(&Seen) -> Reply) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut writer = stream.try_clone().ok()?;
    let mut reader = BufReader::new(stream);
    loop {
        let seen = read_request(&mut reader)?;
        let Reply(status, extra, body) = response(&seen);
        log.lock().unwrap().push(seen);
        let mut head = format!("HTTP/1.1 {status} x\r\ncontent-length: {}\r\n", body.len());
        extra.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
        writer.write_all(&[head.as_bytes(), b"\r\n", &body].concat()).ok()?;
    }
}

/// The next request of a connection, unless it was closed.
pub fn read_request(reader: &mut impl BufRead) -> Option<Seen> {
    let mut line = String::new();
    if reader.read_line(&mut line).ok()? == 0 {
        return None;
    }
    let mut words = line.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let mut body = vec![0; length.map_or(0, |(_, value)| value.parse().unwrap())];
    reader.read_exact(&mut body).ok()?;
    Some(Seen { method, path, headers, body })
}
