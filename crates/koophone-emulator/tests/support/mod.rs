//! A small client on a bare socket: tests see the raw bytes.

// Every test file uses a different part of this.
#![allow(dead_code)]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use koophone_emulator::Emulator;
use serde_json::{Value, json};

/// A response as received.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    pub head: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Response {
    pub fn header(&self, wanted: &str) -> Option<&str> {
        self.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The `error_code` of the envelope.
    pub fn code(&self) -> String {
        self.json()["error_code"].as_str().unwrap_or_else(|| panic!("no error_code in {}", self.text())).to_owned()
    }
}

/// Sends one request on a separate connection and returns all bytes until the end.
pub fn exchange(endpoint: &str, request: &[u8]) -> Vec<u8> {
    let mut stream = connect(endpoint);
    stream.write_all(request).unwrap();
    let mut bytes = Vec::new();
    // A reset after the last byte is an end as well.
    let _ = stream.read_to_end(&mut bytes);
    bytes
}

pub fn connect(endpoint: &str) -> TcpStream {
    let stream = TcpStream::connect(endpoint.strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

/// The bytes of a request.
pub fn request_bytes(endpoint: &str, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let host = endpoint.strip_prefix("http://").unwrap();
    let mut text = format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
    text.into_bytes()
}

pub fn parse(bytes: &[u8]) -> Option<Response> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect();
    Some(Response { status, headers, body: bytes[end + 4..].to_vec(), head })
}

/// Sends a request; None if the connection ends without a response.
pub fn try_send(endpoint: &str, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Option<Response> {
    parse(&exchange(endpoint, &request_bytes(endpoint, method, target, headers, body)))
}

pub fn send(endpoint: &str, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Response {
    try_send(endpoint, method, target, headers, body).expect("a response")
}

/// The body of a login with the emulator's own credentials.
pub fn login_body(emulator: &Emulator, password: &str, scope: Value) -> String {
    let credentials = emulator.credentials();
    let user = json!({"name": credentials.user, "password": password, "domain": {"name": credentials.account_domain}});
    json!({"auth": {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": scope}}).to_string()
}

pub fn project_scope(emulator: &Emulator) -> Value {
    json!({"project": {"name": emulator.credentials().project_name}})
}

pub fn login(emulator: &Emulator) -> String {
    let body = login_body(emulator, &emulator.credentials().password, project_scope(emulator));
    let response = send(emulator.endpoint(), "POST", "/v3/auth/tokens?nocatalog=true", &[], &body);
    assert_eq!(response.status, 201, "{}", response.text());
    response.header("x-subject-token").unwrap().to_owned()
}

/// An emulator and a token for it.
pub struct Session {
    pub emulator: Emulator,
    pub token: String,
}

impl Session {
    pub fn new(emulator: Emulator) -> Self {
        let token = login(&emulator);
        Self { emulator, token }
    }

    pub fn try_call(&self, method: &str, target: &str, body: &str) -> Option<Response> {
        let headers =
            [("X-Auth-Token", self.token.as_str()), ("x-request-id", "test"), ("Content-Type", "application/json")];
        try_send(self.emulator.endpoint(), method, target, &headers, body)
    }

    pub fn call(&self, method: &str, target: &str, body: &Value) -> Response {
        self.try_call(method, target, &body.to_string()).expect("a response")
    }

    pub fn ids(&self) -> Vec<String> {
        self.emulator.instance_ids()
    }

    pub fn sync(&self, command: &str) -> Response {
        self.call("POST", "/v1/instances/sync-command", &json!({"command": command, "instance_ids": self.ids()}))
    }

    pub fn start(&self, command: &str) -> Response {
        self.call("POST", "/v1/instances/async-command", &json!({"command": command, "instance_ids": self.ids()}))
    }

    pub fn task(&self, id: &str) -> Response {
        self.try_call("GET", &format!("/v1/instances/tasks/{id}"), "").expect("a response")
    }

    pub fn status(&self) -> Response {
        self.call("POST", "/v1/instances/batch-query-status", &json!({"instance_ids": self.ids()}))
    }

    pub fn reset(&self) -> Response {
        self.call("POST", "/v1/instances/batch-reset", &json!({"instance_ids": self.ids()}))
    }

    pub fn video(&self, settings: Value) -> Response {
        self.call(
            "PUT",
            "/v1/instances/video-setting",
            &json!({"instance_ids": self.ids(), "instance_settings": settings}),
        )
    }

    pub fn device_token(&self) -> Response {
        self.try_call("POST", &format!("/v1/instances/{}/auth", self.ids()[0]), "").expect("a response")
    }

    /// Runs a command on the first phone: exit status by the journal, and output.
    pub fn shell(&self, command: &str) -> (i32, String) {
        let first = &self.ids()[0];
        let response =
            self.call("POST", "/v1/instances/sync-command", &json!({"command": command, "instance_ids": [first]}));
        let result = response.json()["data"]["cmd_results"][0].clone();
        let status = self.emulator.journal().last().and_then(|entry| entry.exit_status).expect("an exit status");
        (status, result["execute_msg"].as_str().unwrap_or_default().to_owned())
    }
}

/// A group of video settings with one bit rate.
pub fn video_group(code_rate: i64) -> Value {
    let spec = json!({"code_rate": code_rate, "fps": 30});
    json!([{"definition_540P": spec, "definition_720P": spec, "definition_1080P": spec}])
}
