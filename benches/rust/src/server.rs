//! The server that answers every measured program: one thread, ready-made bytes, the same work for each contender.
//!
//! It answers statuses for the phones asked for, which must follow each other in number, as those of one batch do;
//! results always for the first 32. It asks for no credential and knows no other path. It listens three times: without
//! TLS, with TLS 1.3, and with TLS 1.3 and a delay before each answer.

use std::io::Write;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::LocalSet;
use tokio_rustls::TlsAcceptor;

use crate::payload::{PHONES, RESULTS, phones};

/// Phones that statuses can be asked of.
const FLEET: usize = 20_000;

const STATUSES_HEAD: &str = r#"{"data":{"status_results":["#;
const TAIL: &str = r#"]},"error_code":"0","error_msg":"ok"}"#;

/// How long an answer of the slow listener takes.
const DELAY: Duration = Duration::from_millis(50);

/// Where the server listens, and what a client must trust.
pub struct Listening {
    /// Without TLS.
    pub plain: SocketAddr,
    /// With TLS.
    pub tls: SocketAddr,
    /// With TLS, where an answer takes 50 ms.
    pub slow: SocketAddr,
    /// The certificate of the latter two, as PEM: an authority's own, so that every client takes it from its file of
    /// authorities.
    pub certificate: String,
}

/// Serves every connection on the calling thread and never returns. `ready` receives the addresses.
pub fn serve(ready: impl FnOnce(Listening)) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, async {
        let bind = || TcpListener::bind("127.0.0.1:0");
        let [plain, tls, slow] = [bind().await?, bind().await?, bind().await?];
        let (acceptor, certificate) = acceptor();
        let [at_plain, at_tls, at_slow] = [plain.local_addr()?, tls.local_addr()?, slow.local_addr()?];
        ready(Listening { plain: at_plain, tls: at_tls, slow: at_slow, certificate });
        let answers = Rc::new(Answers::new());
        tokio::try_join!(
            accept(plain, None, Duration::ZERO, &answers),
            accept(tls, Some(acceptor.clone()), Duration::ZERO, &answers),
            accept(slow, Some(acceptor), DELAY, &answers),
        )?;
        Ok(())
    })
}

/// Accepts connections forever and serves each one in a separate task.
async fn accept(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    delay: Duration,
    answers: &Rc<Answers>,
) -> std::io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let (tls, answers) = (tls.clone(), answers.clone());
        tokio::task::spawn_local(async move {
            match tls {
                Some(tls) => serve_one(tls.accept(stream).await.ok()?, delay, &answers).await,
                None => serve_one(stream, delay, &answers).await,
            }
        });
    }
}

/// A TLS 1.3 acceptor with a self-signed certificate for 127.0.0.1, and that certificate.
fn acceptor() -> (TlsAcceptor, String) {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("TLS 1.3")
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .expect("a key that fits");
    (Arc::new(config).into(), made.cert.pem())
}

/// Answers one connection until the client closes it or sends what is no request.
async fn serve_one(mut stream: impl AsyncRead + AsyncWrite + Unpin, delay: Duration, answers: &Answers) -> Option<()> {
    let (mut input, mut output) = (Vec::with_capacity(8192), Vec::with_capacity(8192));
    loop {
        let (head, length) = loop {
            if let Some(whole) = request(&input) {
                break whole;
            }
            if stream.read_buf(&mut input).await.ok()? == 0 {
                return None;
            }
        };
        let path = input[..head].split(|byte| *byte == b' ').nth(1)?;
        let answer = if path == RESULTS.as_bytes() {
            &answers.results
        } else {
            answers.statuses(&input[head..head + length], &mut output)?;
            &output
        };
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        stream.write_all(answer).await.ok()?;
        stream.flush().await.ok()?;
        input.drain(..head + length);
    }
}

/// The lengths of a request's head and body, where all of it is there.
fn request(input: &[u8]) -> Option<(usize, usize)> {
    let head = input.windows(4).position(|bytes| bytes == b"\r\n\r\n")? + 4;
    let mut lines = input[..head].split(|byte| *byte == b'\n');
    let length = lines.find_map(|line| {
        let (name, value) = line.split_at_checked("content-length:".len())?;
        let value = name.eq_ignore_ascii_case(b"content-length:").then_some(value)?;
        std::str::from_utf8(value).ok()?.trim().parse().ok()
    });
    let length = length.unwrap_or(0);
    (input.len() >= head + length).then_some((head, length))
}

struct Answers {
    /// The whole answer, with its head.
    results: Vec<u8>,
    /// One entry and a comma for each phone of the fleet.
    entries: String,
    entry: usize,
}

impl Answers {
    fn new() -> Self {
        let output = "x".repeat(1000);
        let result = |id: &String| {
            format!(r#"{{"instance_id":"{id}","status":2,"error_code":"","error_msg":"","execute_msg":"{output}"}}"#)
        };
        let all: Vec<String> = phones(PHONES).iter().map(result).collect();
        let body = format!(r#"{{"data":{{"cmd_results":[{}{TAIL}"#, all.join(","));
        let mut results = Vec::new();
        head(&mut results, body.len());
        results.extend_from_slice(body.as_bytes());
        let entries: String =
            phones(FLEET).iter().map(|id| format!(r#"{{"instance_id":"{id}","status":2}},"#)).collect();
        let entry = entries.len() / FLEET;
        Self { results, entries, entry }
    }

    /// Writes the answer for the phones that `body` asks for.
    fn statuses(&self, body: &[u8], output: &mut Vec<u8>) -> Option<()> {
        // Two quotes around the field's name, two around each phone.
        let mut quotes = body.iter().enumerate().filter(|(_, byte)| **byte == b'"').map(|(at, _)| at);
        let start = quotes.nth(2)? + 1;
        let count = quotes.count().div_ceil(2);
        let first = usize::from_str_radix(std::str::from_utf8(body.get(start..start + 32)?).ok()?, 16).ok()?;
        let entries = self.entries.get(first * self.entry..(first + count) * self.entry - 1)?;
        output.clear();
        head(output, STATUSES_HEAD.len() + entries.len() + TAIL.len());
        output.extend_from_slice(STATUSES_HEAD.as_bytes());
        output.extend_from_slice(entries.as_bytes());
        output.extend_from_slice(TAIL.as_bytes());
        Some(())
    }
}

fn head(output: &mut Vec<u8>, length: usize) {
    write!(
        output,
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: 36969153b5ab7c47180fd155f1481012\r\n\
         date: Tue, 24 Nov 2026 20:00:00 GMT\r\ncontent-length: {length}\r\n\r\n"
    )
    .expect("memory");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_whole_when_its_body_is_there() {
        let text = b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
        assert_eq!(request(text), Some((text.len() - 3, 3)));
        assert_eq!(request(&text[..text.len() - 1]), None);
        assert_eq!(request(b"GET / HTTP/1.1\r\n\r\n"), Some((18, 0)));
    }

    #[test]
    fn statuses_are_those_of_the_phones_asked_for() {
        let (answers, mut output) = (Answers::new(), Vec::new());
        let ids = phones(96);
        for body in [format!("{{\"instance_ids\":[\"{}\"]}}", ids[64..96].join("\",\"")), {
            format!("{{\"instance_ids\": [\"{}\"]}}", ids[64..].join("\", \""))
        }] {
            answers.statuses(body.as_bytes(), &mut output).expect("an answer");
            let text = String::from_utf8(output.clone()).expect("text");
            let (head, answer) = text.split_once("\r\n\r\n").expect("a head");
            assert!(head.ends_with(&format!("content-length: {}", answer.len())));
            let answer: serde_json::Value = serde_json::from_str(answer).expect("JSON");
            let statuses = answer["data"]["status_results"].as_array().expect("a list");
            assert_eq!(statuses.len(), 32);
            assert_eq!(
                (&statuses[0]["instance_id"], &statuses[31]["instance_id"]),
                (&ids[64].clone().into(), &ids[95].clone().into())
            );
        }
    }
}
