//! Who may use the emulator, and how it spells its headers.

mod support;

use koophone_emulator::{ControlToken, Emulator, Options, Quirk};
use support::{exchange, login_body, project_scope, send, try_send};

/// The status of a control request with these header lines, and whether the emulator still runs.
fn stop_with(emulator: &Emulator, headers: &str) -> (u16, bool) {
    let request = format!("POST /_emulator/stop HTTP/1.1\r\n{headers}Content-Length: 0\r\nConnection: close\r\n\r\n");
    let response = support::parse(&exchange(emulator.endpoint(), request.as_bytes())).expect("a response");
    // The stop is only requested; the thread ends after its responses.
    let ends = response.status == 200;
    (response.status, !ends && emulator.is_running())
}

#[test]
fn web_pages_cannot_control_it() {
    let emulator = Emulator::builder().start().unwrap();
    let own = emulator.endpoint().strip_prefix("http://").unwrap();
    for headers in [
        "Host: evil.example\r\n".to_owned(),
        "Host: 127.0.0.1.evil.example\r\n".to_owned(),
        format!("Host: {own}\r\nOrigin: https://evil.example\r\n"),
        format!("Host: {own}\r\nOrigin: null\r\n"),
        format!("Host: {own}\r\nSec-Fetch-Site: cross-site\r\n"),
    ] {
        assert_eq!(stop_with(&emulator, &headers), (403, true), "{headers}");
    }
    let info = b"GET /_emulator/info HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    let info = String::from_utf8(exchange(emulator.endpoint(), info)).unwrap();
    assert!(info.starts_with("HTTP/1.1 403") && !info.contains(&emulator.credentials().password), "{info}");
    let headers = format!("Host: {own}\r\nOrigin: http://localhost:3000\r\nSec-Fetch-Site: same-site\r\n");
    assert_eq!(stop_with(&emulator, &headers).0, 200, "a page of this machine may");
}

#[test]
fn web_pages_cannot_call_the_service() {
    let emulator = Emulator::builder().start().unwrap();
    let body = login_body(&emulator, "wrong", project_scope(&emulator));
    let headers = [("Origin", "https://evil.example")];
    let response = send(emulator.endpoint(), "POST", "/v3/auth/tokens", &headers, &body);
    assert_eq!((response.status, emulator.requests().len()), (403, 0), "no wrong password was counted");
}

#[test]
fn an_emulator_for_other_machines_requires_its_token() {
    let token = || ControlToken::from("0123456789abcdef".to_owned());
    let open = |token| Options { address: [0, 0, 0, 0].into(), control_token: token, ..Options::default() };
    let problem = Emulator::start(open(None)).unwrap_err().to_string();
    assert!(problem.contains("control_token must be set"), "{problem}");
    let problem = Emulator::start(open(Some("short".to_owned().into()))).unwrap_err().to_string();
    assert!(problem.contains("at least 16") && !problem.contains("short"), "{problem}");

    let options = open(Some(token()));
    assert!(!format!("{options:?}").contains("0123456789abcdef"));
    let emulator = Emulator::start(options).unwrap();
    assert!(emulator.endpoint().starts_with("http://127.0.0.1:"), "an address to connect to");
    // The name by which other containers know this one.
    for (headers, status) in [
        ("Host: emulator:80\r\n", 401),
        ("Host: emulator:80\r\nAuthorization: Bearer 0123456789abcdeg\r\n", 401),
        ("Host: emulator:80\r\nOrigin: http://other:80\r\nAuthorization: Bearer 0123456789abcdef\r\n", 403),
        ("Host: emulator:80\r\nOrigin: http://emulator:80\r\nAuthorization: Bearer 0123456789abcdef\r\n", 200),
    ] {
        assert_eq!(stop_with(&emulator, headers).0, status, "{headers}");
    }
}

#[test]
fn header_names_are_spelled_as_documented() {
    for (quirk, trace, token) in [
        (None, "\r\nX-IAM-Trace-Id: ", "\r\nX-Subject-Token: "),
        (Some(Quirk::LowerCaseHeaders), "\r\nx-iam-trace-id: ", "\r\nx-subject-token: "),
    ] {
        let emulator = Emulator::builder().options(|options| options.quirks.extend(quirk)).start().unwrap();
        let body = login_body(&emulator, &emulator.credentials().password, project_scope(&emulator));
        let response = try_send(emulator.endpoint(), "POST", "/v3/auth/tokens", &[], &body).unwrap();
        assert!(response.head.contains(trace) && response.head.contains(token), "{}", response.head);
    }
}
