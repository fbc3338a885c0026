//! The server for every measured program: one thread, precomputed responses, the same work for each contender.
//!
//! It returns statuses for the requested phones, whose numbers must be consecutive, as in one batch; results are always
//! for the first 32. It checks no credentials and knows no other path. It has three listeners: without TLS, with TLS
//! 1.3, and with TLS 1.3 and a delay before each response.

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

/// The number of phones that exist.
const FLEET: usize = 20_000;

const STATUSES_HEAD: &str = r#"{"data":{"status_results":["#;
const TAIL: &str = r#"]},"error_code":"0","error_msg":"ok"}"#;

/// The delay of the slow listener.
const DELAY: Duration = Duration::from_millis(50);

/// The server's addresses, and the certificate that a client must trust.
pub struct Listening {
    /// Without TLS.
    pub plain: SocketAddr,
    /// With TLS.
    pub tls: SocketAddr,
    /// With TLS and a delay of 50 ms.
    pub slow: SocketAddr,
    /// The certificate of the latter two, as PEM. It is self-signed, so that clients can trust it as an authority.
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
        let responses = Rc::new(Responses::new());
        tokio::try_join!(
            accept(plain, None, Duration::ZERO, &responses),
            accept(tls, Some(acceptor.clone()), Duration::ZERO, &responses),
            accept(slow, Some(acceptor), DELAY, &responses),
        )?;
        Ok(())
    })
}

/// Accepts connections forever and serves each one in a separate task.
async fn accept(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    delay: Duration,
    responses: &Rc<Responses>,
) -> std::io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let (tls, responses) = (tls.clone(), responses.clone());
        tokio::task::spawn_local(async move {
            match tls {
                Some(tls) => serve_one(tls.accept(stream).await.ok()?, delay, &responses).await,
                None => serve_one(stream, delay, &responses).await,
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

/// Serves one connection until the client closes it or sends an invalid request.
async fn serve_one(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    delay: Duration,
    responses: &Responses,
) -> Option<()> {
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
        let response = if path == RESULTS.as_bytes() {
            &responses.results
        } else {
            responses.statuses(&input[head..head + length], &mut output)?;
            &output
        };
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        stream.write_all(response).await.ok()?;
        stream.flush().await.ok()?;
        input.drain(..head + length);
    }
}

/// The lengths of a request's head and body, once it is complete.
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

struct Responses {
    /// The whole response, head included.
    results: Vec<u8>,
    /// One entry and a comma for each phone of the fleet.
    entries: String,
    entry: usize,
}

impl Responses {
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

    /// Writes the response for the phones in `body`.
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
    fn a_request_is_complete_when_its_body_is_there() {
        let text = b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
        assert_eq!(request(text), Some((text.len() - 3, 3)));
        assert_eq!(request(&text[..text.len() - 1]), None);
        assert_eq!(request(b"GET / HTTP/1.1\r\n\r\n"), Some((18, 0)));
    }

    #[test]
    fn statuses_are_those_of_the_phones_asked_for() {
        let (responses, mut output) = (Responses::new(), Vec::new());
        let ids = phones(96);
        for body in [format!("{{\"instance_ids\":[\"{}\"]}}", ids[64..96].join("\",\"")), {
            format!("{{\"instance_ids\": [\"{}\"]}}", ids[64..].join("\", \""))
        }] {
            responses.statuses(body.as_bytes(), &mut output).expect("a response");
            let text = String::from_utf8(output.clone()).expect("text");
            let (head, response) = text.split_once("\r\n\r\n").expect("a head");
            assert!(head.ends_with(&format!("content-length: {}", response.len())));
            let response: serde_json::Value = serde_json::from_str(response).expect("JSON");
            let statuses = response["data"]["status_results"].as_array().expect("a list");
            assert_eq!(statuses.len(), 32);
            assert_eq!(
                (&statuses[0]["instance_id"], &statuses[31]["instance_id"]),
                (&ids[64].clone().into(), &ids[95].clone().into())
            );
        }
    }
}
