//! Compares listing 10,000 phones with the same requests over a bare socket that does not parse responses, and measures
//! the memory it takes. Runs against an emulator named by the environment: `eval "$(koophone emulator --phones 10000
//! --detach --export)"`, then this program without arguments.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use koophone::InstanceFilter;
use koophone::blocking::Client;

const ROUNDS: usize = 21;
const PAGE: usize = 200;

fn main() {
    let client = Client::from_env().expect("a client");
    let mut bare = Bare::connect();
    let before = peak_kb();
    let phones = list(&client).0;
    let grown = peak_kb() - before;
    let pages = phones / PAGE;
    let (mut lists, mut requests) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        lists.push(list(&client).1);
        requests.push(bare.pages(pages));
    }
    let (list, request) = (median(lists), median(requests));
    println!("{phones} phones, {pages} pages: listed in {list:?}, bare requests in {request:?}");
    println!("{:.3} x; peak memory: {grown} kB more than before", list.as_secs_f64() / request.as_secs_f64());
}

/// Lists the phones; returns their number and the time it took.
fn list(client: &Client) -> (usize, Duration) {
    let started = Instant::now();
    let phones = client.list_instances(InstanceFilter::default());
    let count = phones.inspect(|phone| assert!(phone.is_ok(), "{phone:?}")).count();
    (count, started.elapsed())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// The peak memory of this process.
fn peak_kb() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

/// A minimal connection for these requests.
struct Bare {
    reader: BufReader<TcpStream>,
    host: String,
    token: String,
    body: Vec<u8>,
}

impl Bare {
    fn connect() -> Self {
        let variable = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"));
        let host = variable("KOOPHONE_ENDPOINT").trim_start_matches("http://").to_owned();
        let user = serde_json::json!({
            "name": variable("KOOPHONE_USERNAME"), "password": variable("KOOPHONE_PASSWORD"),
            "domain": {"name": variable("KOOPHONE_DOMAIN")},
        });
        let identity = serde_json::json!({"methods": ["password"], "password": {"user": user}});
        let scope = serde_json::json!({"project": {"name": variable("KOOPHONE_REGION")}});
        let login = serde_json::json!({"auth": {"identity": identity, "scope": scope}}).to_string();
        let stream = TcpStream::connect(&host).expect("a connection");
        stream.set_nodelay(true).expect("no delay");
        let mut bare = Self { reader: BufReader::new(stream), host, token: String::new(), body: Vec::new() };
        let head = format!("content-type: application/json\r\ncontent-length: {}\r\n\r\n{login}", login.len());
        bare.token = bare.send("POST /v3/auth/tokens", &head).expect("a token");
        bare
    }

    fn pages(&mut self, pages: usize) -> Duration {
        let started = Instant::now();
        for page_no in 1..=pages {
            let query = format!("page_no={page_no}&page_size={PAGE}&x-request-id={page_no:032x}");
            let head = format!("x-auth-token: {}\r\nx-request-id: {page_no:032x}\r\n\r\n", self.token);
            self.send(&format!("GET /v1/instances/batch-query?{query}"), &head);
            assert!(self.body.len() > PAGE * 20, "{}", String::from_utf8_lossy(&self.body));
        }
        started.elapsed()
    }

    /// Sends a request and reads the response; returns a token if there is one.
    fn send(&mut self, what: &str, rest: &str) -> Option<String> {
        let request = format!("{what} HTTP/1.1\r\nhost: {}\r\nuser-agent: bare\r\n{rest}", self.host);
        self.reader.get_mut().write_all(request.as_bytes()).expect("a write");
        let (mut length, mut token, mut line) = (0, None, String::new());
        while line != "\r\n" {
            line.clear();
            self.reader.read_line(&mut line).expect("a line");
            let (name, value) = line.split_once(": ").unwrap_or_default();
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse().expect("a length"),
                "x-subject-token" => token = Some(value.trim().to_owned()),
                _ => {}
            }
        }
        self.body.resize(length, 0);
        self.reader.read_exact(&mut self.body).expect("a body");
        token
    }
}
