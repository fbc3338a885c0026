//! What the core costs: a signature, and a call beside the floor (a hand-written blocking socket with serde doing the
//! same work). Measured in CPU time of the calling thread, which drives all of a blocking call.
//!
//! `cargo bench -p koophone`; later runs are compared with earlier ones.

use std::hint::black_box;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use koophone::signing::{SigningRequest, sign};
use koophone::{Client, Credentials};
use serde::{Deserialize, Serialize};

/// CPU time of this thread.
struct ThreadCpu;

impl ThreadCpu {
    fn now() -> Duration {
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: the pointer is to a timespec of ours.
        unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
        Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
    }
}

impl Measurement for ThreadCpu {
    type Intermediate = Duration;
    type Value = Duration;

    fn start(&self) -> Duration {
        Self::now()
    }
    fn end(&self, start: Duration) -> Duration {
        Self::now() - start
    }
    fn add(&self, a: &Duration, b: &Duration) -> Duration {
        *a + *b
    }
    fn zero(&self) -> Duration {
        Duration::ZERO
    }
    fn to_f64(&self, value: &Duration) -> f64 {
        value.as_nanos() as f64
    }
    fn formatter(&self) -> &dyn ValueFormatter {
        WallTime.formatter()
    }
}

#[derive(Serialize)]
struct Ids<'a> {
    instance_ids: &'a [String],
}

#[derive(Serialize)]
struct Command<'a> {
    command: &'a str,
    instance_ids: &'a [String],
}

#[derive(Deserialize)]
struct Envelope<D> {
    data: D,
    error_code: String,
}

#[derive(Deserialize)]
struct Statuses {
    status_results: Vec<Status>,
}

#[derive(Deserialize)]
struct Status {
    instance_id: String,
    status: i64,
}

#[derive(Deserialize)]
struct Results {
    cmd_results: Vec<CommandResult>,
}

#[derive(Deserialize)]
struct CommandResult {
    instance_id: String,
    status: i64,
    error_code: String,
    error_msg: String,
    execute_msg: String,
}

fn phones() -> Vec<String> {
    (0..32).map(|n| format!("{n:032x}")).collect()
}

/// Answers every request with the same bytes.
fn serve(body: String) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: 36969153b5ab7c47180fd155f1481012\r\n\
         date: Tue, 24 Nov 2026 20:00:00 GMT\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = answer.clone();
            std::thread::spawn(move || serve_one(stream, answer.as_bytes()));
        }
    });
    address
}

fn serve_one(stream: TcpStream, answer: &[u8]) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut writer = stream.try_clone().ok()?;
    let mut reader = BufReader::new(stream);
    let (mut line, mut body) = (String::new(), Vec::new());
    loop {
        let mut length = 0;
        loop {
            line.clear();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.trim().parse().ok()?;
            }
            if line == "\r\n" {
                break;
            }
        }
        body.resize(length, 0);
        reader.read_exact(&mut body).ok()?;
        writer.write_all(answer).ok()?;
    }
}

/// The floor: one socket, one buffer each way, serde into the wire's types.
struct Floor {
    reader: BufReader<TcpStream>,
    host: String,
    out: Vec<u8>,
    line: String,
    body: Vec<u8>,
    next_id: u128,
}

impl Floor {
    fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("a connection");
        stream.set_nodelay(true).expect("no delay");
        let (out, line, body) = (Vec::new(), String::new(), Vec::new());
        Self { reader: BufReader::new(stream), host: address.to_string(), out, line, body, next_id: 1 }
    }

    fn call<D: for<'de> Deserialize<'de>>(&mut self, path: &str, request: &impl Serialize) -> D {
        let json = serde_json::to_vec(request).expect("JSON");
        self.next_id += 1;
        self.out.clear();
        write!(
            self.out,
            "POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\nx-request-id: {:032x}\r\nx-auth-token: a-token\r\n\
             user-agent: floor\r\ncontent-length: {}\r\n\r\n",
            self.host,
            self.next_id,
            json.len()
        )
        .expect("memory");
        self.out.extend_from_slice(&json);
        self.reader.get_mut().write_all(&self.out).expect("a write");
        let mut length = 0;
        loop {
            self.line.clear();
            self.reader.read_line(&mut self.line).expect("a line");
            if let Some(value) = self.line.strip_prefix("content-length: ") {
                length = value.trim().parse().expect("a length");
            }
            if self.line == "\r\n" {
                break;
            }
        }
        self.body.resize(length, 0);
        self.reader.read_exact(&mut self.body).expect("a body");
        let envelope: Envelope<D> = serde_json::from_slice(&self.body).expect("an envelope");
        assert_eq!(envelope.error_code, "0");
        envelope.data
    }
}

fn client(address: SocketAddr) -> koophone::blocking::Client {
    let url = format!("http://{address}");
    let builder = Client::builder().environment([]).endpoint(&url).iam_endpoint(&url);
    builder.credentials(Credentials::token("a-token")).build().expect("a client").into()
}

fn calls(criterion: &mut Criterion<ThreadCpu>) {
    let phones = phones();
    let statuses: Vec<String> = phones.iter().map(|id| format!(r#"{{"instance_id":"{id}","status":2}}"#)).collect();
    let small =
        serve(format!(r#"{{"data":{{"status_results":[{}]}},"error_code":"0","error_msg":"ok"}}"#, statuses.join(",")));
    let output = "x".repeat(1000);
    let results: Vec<String> = phones
        .iter()
        .map(|id| {
            format!(r#"{{"instance_id":"{id}","status":2,"error_code":"","error_msg":"","execute_msg":"{output}"}}"#)
        })
        .collect();
    let large =
        serve(format!(r#"{{"data":{{"cmd_results":[{}]}},"error_code":"0","error_msg":"ok"}}"#, results.join(",")));

    let mut group = criterion.benchmark_group("32 statuses");
    group.throughput(Throughput::Elements(1));
    let mut floor = Floor::connect(small);
    group.bench_function("floor", |bench| {
        bench.iter(|| {
            let data: Statuses = floor.call("/v1/instances/batch-query-status", &Ids { instance_ids: &phones });
            for status in data.status_results {
                black_box((status.instance_id, status.status));
            }
        });
    });
    let core = client(small);
    group.bench_function("core", |bench| bench.iter(|| black_box(core.query_status(&phones)).expect("an answer")));
    group.finish();

    let mut group = criterion.benchmark_group("32 results of 1000 bytes");
    let mut floor = Floor::connect(large);
    group.bench_function("floor", |bench| {
        bench.iter(|| {
            let request = Command { command: "logcat -d", instance_ids: &phones };
            let data: Results = floor.call("/v1/instances/sync-command", &request);
            for result in data.cmd_results {
                black_box((result.instance_id, result.status, result.error_code, result.error_msg, result.execute_msg));
            }
        });
    });
    let core = client(large);
    group.bench_function("core", |bench| {
        bench.iter(|| black_box(core.run_command(&phones, "logcat -d")).expect("an answer"));
    });
    group.finish();
}

fn signature(criterion: &mut Criterion<ThreadCpu>) {
    let body = serde_json::to_vec(&Ids { instance_ids: &phones() }).expect("JSON");
    let headers = [
        ("content-type", "application/json"),
        ("x-request-id", "36969153b5ab7c47180fd155f1481012"),
        ("x-project-id", "0123456789abcdef0123456789abcdef"),
    ];
    let request = SigningRequest {
        method: "POST",
        url: "https://koophone.myhuaweicloud.com/v1/instances/batch-query-status",
        headers: &headers,
        body: &body,
        date: Some("20240419T080910Z"),
        ..Default::default()
    };
    criterion.bench_function("signature over 32 phones", |bench| {
        bench.iter(|| {
            black_box(sign(black_box(&request), "AKEXAMPLE0000000TEST", "SKEXAMPLEsecretNOTREAL")).expect("signed")
        });
    });
    let empty = SigningRequest { body: b"", ..request };
    criterion.bench_function("signature without a body", |bench| {
        bench.iter(|| {
            black_box(sign(black_box(&empty), "AKEXAMPLE0000000TEST", "SKEXAMPLEsecretNOTREAL")).expect("signed")
        });
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(ThreadCpu).without_plots();
    targets = signature, calls
}
criterion_main!(benches);
