//! The service's response: correct, or wrong in a way that the seed determines.
//!
//! A wrong response may be anything but this: an executed request is never deliberately refused with one of the
//! service's own codes. Where random damage produces such a refusal, `Response::denies` is set.

use std::time::Duration;

use fastrand::Rng;
use koophone_conformance::example::example;
use serde_json::{Value, json};

use crate::request::Request;
use crate::value::{damage, deep};

/// The client's token, which must never appear in an reply.
pub const TOKEN: &str = "hostileTOKENhostileTOKENhostileTOKENhostile/0123456789+secret";
/// The client's response size limit in most exchanges.
pub const LIMIT: usize = 64 << 10;

/// What the server sends, and what that means for the checks.
#[derive(Default)]
pub struct Response {
    /// The kind of response, for messages.
    pub name: &'static str,
    /// The whole response, head included.
    pub bytes: Vec<u8>,
    /// How many bytes are written at once, and the pause after them.
    pub piece: usize,
    pub pause: Duration,
    /// Whether the connection is closed afterwards, or kept open without another byte until the client gives up.
    pub close: bool,
    pub silent: bool,
    /// Whether the phones execute the request.
    pub executed: bool,
    /// Whether the response can be read as a refusal.
    pub denies: bool,
    /// Whether the response asks the client to slow down.
    pub slows: bool,
}

/// The correct response.
pub fn correct(request: &Request) -> Response {
    ok("a correct response", &document(request).to_string())
}

/// The response for a seed: usually wrong, sometimes correct.
pub fn response(seed: u64, request: &Request) -> Response {
    let rng = &mut Rng::with_seed(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(request.number));
    // One in four requests of a fleet gets a correct response, so that one list of results mixes both.
    if rng.u8(0..4) == 0 && request.number > 0 {
        return correct(request);
    }
    let text = document(request).to_string();
    match rng.u8(0..100) {
        0..30 => damaged(rng, request),
        30..42 => cut(rng, &text),
        42..52 => by_a_proxy(rng),
        52..58 => refusal(rng),
        58..60 => denial(rng, request),
        60..72 => head(rng, &text),
        72..77 => large(rng, request),
        77..81 => ok("deep", &nested(rng, &text)),
        81..83 => Response { pause: Duration::from_millis(5), piece: 1, ..ok("slow bytes", &text) },
        83 => Response { name: "no_response", piece: 1, silent: true, executed: rng.bool(), ..Response::default() },
        84..88 => stale(rng, &text),
        88..94 => quoting(rng, request),
        _ => halves(rng, &text),
    }
}

fn ok(name: &'static str, body: &str) -> Response {
    http(name, 200, "", body.as_bytes())
}

fn http(name: &'static str, status: u16, headers: &str, body: &[u8]) -> Response {
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{headers}\r\n");
    Response { name, bytes: [head.as_bytes(), body].concat(), piece: usize::MAX, executed: true, ..Response::default() }
}

/// The response body as documented.
fn document(request: &Request) -> Value {
    let data = example(request.operation.name).data(&request.phones, &request.body, request.number);
    json!({"data": data, "error_code": "0", "error_msg": "ok"})
}

fn damaged(rng: &mut Rng, request: &Request) -> Response {
    let mut value = document(request);
    damage(rng, &mut value);
    // A client may read anything in these places as an error code.
    let codes = [value.pointer("/error_code"), value.pointer("/data/error_code"), value.pointer("/errorCode")];
    let denies = codes.into_iter().flatten().any(|code| *code != json!("0"));
    let mut text = value.to_string();
    match rng.u8(0..8) {
        0 => text.insert(0, '\u{feff}'),
        1 => text.push_str("\n  "),
        2 => text.push_str("trailing"),
        3 => text = text.replacen("\"instance_id\":", "\"instance_id\":\"first\",\"instance_id\":", 1),
        _ => {}
    }
    Response { denies, ..ok("damaged JSON", &text) }
}

/// Truncated at any byte, possibly within the head.
fn cut(rng: &mut Rng, body: &str) -> Response {
    let mut response = ok("cut", body);
    response.bytes.truncate(rng.usize(0..response.bytes.len()));
    Response { close: true, ..response }
}

fn by_a_proxy(rng: &mut Rng) -> Response {
    let status = [200, 408, 429, 500, 502, 503, 504, 599][rng.usize(0..8)];
    let bodies =
        ["", "upstream connect error", "<html><h1>Bad Gateway</h1></html>", r#"{"message":"no upstream"}"#, "null"];
    let executed = rng.bool();
    let slows = status == 429;
    Response { executed, slows, ..http("a proxy's page", status, "", bodies[rng.usize(0..bodies.len())].as_bytes()) }
}

/// A refusal by the service or its gateway, not executed, with absurd limits and Retry-After values.
fn refusal(rng: &mut Rng) -> Response {
    let (status, code) = [
        (429, "APIGW.0308"),
        (503, "APIGW.0605"),
        (400, "KOOPHONE.API.1000"),
        (401, "KOOPHONE.API.1001"),
        (400, "KOOPHONE.API.1002"),
        (200, "KOOPHONE.API.2004"),
        (404, "APIG.0101"),
        (403, "PAP5.0011"),
    ][rng.usize(0..8)];
    let limits = [
        "limit:1,time:18446744073709551615 second",
        "limit:4294967295,time:1 second",
        "limit:0,time:0 day",
        "limit:-1,time:-1 s",
        "limit:1,time:30 day",
        "no",
        "limit:99999999999999999999,time:1 minute",
    ];
    let retry = ["", "0", "-1", "1e308", "NaN", "18446744073709551615", "Fri, 31 Dec 9999 23:59:59 GMT", "0x10", " "];
    let headers = format!("retry-after: {}\r\n", retry[rng.usize(0..retry.len())]);
    let body = json!({"error_code": code, "error_msg": format!("policy, {}", limits[rng.usize(0..limits.len())])});
    let response = http("a refusal", status, &headers, body.to_string().as_bytes());
    Response { executed: false, slows: matches!(status, 429 | 503), ..response }
}

/// A refusal by the service whose body nevertheless carries the results of an execution.
fn denial(rng: &mut Rng, request: &Request) -> Response {
    let (status, code) = [
        (200, "KOOPHONE.API.1001"),
        (401, "APIGW.0307"),
        (429, "APIGW.0308"),
        (503, "KOOPHONE.API.1002"),
        (400, "KOOPHONE.API.2004"),
        (200, "CPS0005"),
    ][rng.usize(0..6)];
    let mut value = document(request);
    value["error_code"] = json!(code);
    // Some operations have no results that would contradict the refusal.
    let denies = request.operation.payload.is_empty();
    Response { slows: true, denies, ..http("a denial", status, "", value.to_string().as_bytes()) }
}

/// Malformed or unusual HTTP.
fn head(rng: &mut Rng, body: &str) -> Response {
    let length = body.len();
    let heads = [
        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", length - 1),
        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", length + 1),
        "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n".to_owned(),
        "HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551615\r\n\r\n".to_owned(),
        format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\ncontent-length: 7\r\n\r\n"),
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n".to_owned(),
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n".to_owned(),
        "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n".to_owned(),
        "HTTP/1.1 200 OK\r\n\r\n".to_owned(),
        "HTTP/1.0 200 OK\r\n\r\n".to_owned(),
        "HTTP/9.9 200 OK\r\n\r\n".to_owned(),
        "SSH-2.0-OpenSSH_9.6\r\n".to_owned(),
        "\r\n\r\n\r\n".to_owned(),
        format!("HTTP/1.1 200 OK\r\n{}content-length: {length}\r\n\r\n", "a: b\r\n".repeat(300)),
        format!("HTTP/1.1 200 OK\r\na: {}\r\ncontent-length: {length}\r\n\r\n", "b".repeat(200_000)),
        format!("HTTP/1.1 200 OK\r\nx-request-id: \u{1}\u{7f}\u{e9}\r\ncontent-length: {length}\r\n\r\n"),
        format!("{}HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n".repeat(50)),
        format!("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\ncontent-length: {length}\r\n\r\n"),
        "HTTP/1.1 204 No Content\r\n\r\n".to_owned(),
        format!("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: {length}\r\n\r\n"),
        format!("HTTP/1.1 99999 X\r\ncontent-length: {length}\r\n\r\n"),
    ];
    let at = rng.usize(0..heads.len());
    // Every face treats a redirect as a refusal.
    let denies = heads[at].contains(" 302 ");
    let bytes = [heads[at].as_bytes(), body.as_bytes()].concat();
    Response { name: "odd HTTP", bytes, piece: usize::MAX, close: true, executed: true, denies, ..Response::default() }
}

/// A body just around the client's size limit, which is 16 MiB in some exchanges (see `exchange.rs`).
fn large(rng: &mut Rng, request: &Request) -> Response {
    let sizes = [LIMIT + 1, LIMIT, LIMIT - 1, (16 << 20) + 1];
    let mut text = document(request).to_string();
    let known = if rng.u8(0..10) == 0 { 4 } else { 3 };
    let size = sizes[rng.usize(0..known)];
    text.extend(std::iter::repeat_n(' ', size.saturating_sub(text.len())));
    ok("a large response", &text)
}

fn nested(rng: &mut Rng, text: &str) -> String {
    let deep = deep([100, 127, 128, 129, 10_000][rng.usize(0..5)]);
    match rng.u8(0..3) {
        0 => deep,
        1 => text.replacen("\"error_msg\":\"ok\"", &format!("\"error_msg\":\"ok\",\"more\":{deep}"), 1),
        _ => text.replacen("\"status\":2", &format!("\"status\":2,\"more\":{deep}"), 1),
    }
}

/// Surplus bytes, which must not be taken for the next response.
fn stale(rng: &mut Rng, text: &str) -> Response {
    let mut response = ok("a second response", text);
    let second =
        [&response.bytes[..], b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", b"x"][rng.usize(0..3)].to_vec();
    response.bytes.extend(second);
    Response { close: rng.bool(), ..response }
}

/// The response quotes the client's token, in several JSON spellings.
fn quoting(rng: &mut Rng, request: &Request) -> Response {
    let escaped: String = TOKEN.chars().map(|c| format!("\\u{:04x}", c as u32)).collect();
    let spellings = [TOKEN.to_owned(), TOKEN.replace('/', "\\/"), escaped, TOKEN[..40].to_owned()];
    let token = &spellings[rng.usize(0..spellings.len())];
    let (status, code) =
        [(400, "KOOPHONE.API.1000"), (401, "APIGW.0301"), (500, "KOOPHONE.API.9999"), (200, "X.1")][rng.usize(0..4)];
    let headers = if rng.bool() { format!("x-request-id: {TOKEN}\r\n") } else { String::new() };
    let body = match rng.u8(0..4) {
        0 => format!(r#"{{"error_code":"{code}","error_msg":"bad token {token} given"}}"#),
        1 => format!(r#"{{"error_code":"{token}","error_msg":"m","request_id":"{token}"}}"#),
        2 => format!("<html>{TOKEN}</html>"),
        _ => document(request).to_string().replacen("\"error_code\":\"\"", &format!("\"error_code\":\"{token}\""), 1),
    };
    let executed = status == 500;
    Response { executed, denies: true, ..http("the token quoted", status, &headers, body.as_bytes()) }
}

/// Truncated UTF-8 sequences and lone surrogates.
fn halves(rng: &mut Rng, text: &str) -> Response {
    let half: &[u8] =
        [&b"\xe4\xb8"[..], b"\xff\xfe", b"\\ud83d", b"\\ude00\\ud83d", b"\xc0\x80", b"\xed\xa0\x80"][rng.usize(0..6)];
    let quotes: Vec<usize> = text.match_indices('"').map(|(at, _)| at).collect();
    let at = quotes[rng.usize(0..quotes.len())] + 1;
    let body = [&text.as_bytes()[..at], half, &text.as_bytes()[at..]].concat();
    // The damage may hit the error code.
    Response { denies: true, ..http("half a character", 200, "", &body) }
}
