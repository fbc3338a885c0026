//! Every fault action: what the client sees, and what the phone did.

mod support;

use std::io::{ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use koophone_emulator::{Action, CutWhen, Emulator, Fault, Operation, RequestStatus};
use serde_json::json;
use support::{Response, Session, connect, exchange, parse, request_bytes};

/// One phone, and one fault from JSON that waits for `run_command`.
fn faulty(action: &str) -> Session {
    let session = Session::new(Emulator::builder().phones(1).start().unwrap());
    let text = format!(r#"{{"operation": "run_command", {action}}}"#);
    session.emulator.add_faults(Fault::list_from_json(&text).unwrap()).unwrap();
    session
}

fn command_body(session: &Session) -> String {
    json!({"command": "echo hello", "instance_ids": session.ids()}).to_string()
}

/// Runs a command that the fault affects; the raw response, and how often the phone ran it.
fn run(session: &Session) -> (Vec<u8>, usize) {
    let endpoint = session.emulator.endpoint();
    let headers = [("X-Auth-Token", session.token.as_str())];
    let bytes = exchange(
        endpoint,
        &request_bytes(endpoint, "POST", "/v1/instances/sync-command", &headers, &command_body(session)),
    );
    assert!(session.emulator.pending_faults().is_empty(), "the fault was used");
    (bytes, session.emulator.journal().len())
}

fn run_for_response(action: &str) -> (Response, usize) {
    let (bytes, runs) = run(&faulty(action));
    (parse(&bytes).expect("a response"), runs)
}

#[test]
fn response() {
    let (response, runs) = run_for_response(
        r#""action": "response", "status": 418, "body": {"a": 1}, "headers": {"X-Extra": "y", "Date": "never"}"#,
    );
    assert_eq!((response.status, response.json(), runs), (418, json!({"a": 1}), 0));
    assert_eq!((response.header("x-extra"), response.header("date")), (Some("y"), Some("never")));
    let (response, runs) = run_for_response(r#""action": "response", "status": 504, "body": "late", "executed": true"#);
    assert_eq!((response.status, response.text().as_str(), runs), (504, "late", 1));
    let (response, _) = run_for_response(r#""action": "response", "status": 494"#);
    assert_eq!((response.status, response.body.len()), (494, 0));
}

#[test]
fn throttle() {
    let (response, runs) = run_for_response(r#""action": "throttle""#);
    assert_eq!((response.status, response.code().as_str(), runs), (429, "APIGW.0308", 0));
    assert_eq!(response.header("retry-after"), None);
    let (response, _) = run_for_response(
        r#""action": "throttle", "retry_after": 2, "status": 503, "limit_text": "limit:10,time:1 second""#,
    );
    assert_eq!((response.status, response.header("retry-after")), (503, Some("2")));
    assert!(response.json()["error_msg"].as_str().unwrap().ends_with("limit:10,time:1 second"));
}

#[test]
fn delay() {
    let begin = Instant::now();
    let (response, runs) = run_for_response(r#""action": "delay", "milliseconds": 80"#);
    assert!(begin.elapsed() >= Duration::from_millis(80));
    assert_eq!((response.code().as_str(), runs), ("0", 1));
}

#[test]
fn no_response() {
    for (action, runs) in [(r#""action": "no_response""#, 0), (r#""action": "no_response", "executed": true"#, 1)] {
        let session = faulty(action);
        let endpoint = session.emulator.endpoint();
        let headers = [("X-Auth-Token", session.token.as_str())];
        let mut stream = connect(endpoint);
        stream
            .write_all(&request_bytes(
                endpoint,
                "POST",
                "/v1/instances/sync-command",
                &headers,
                &command_body(&session),
            ))
            .unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let problem = stream.read(&mut [0; 1]).unwrap_err();
        assert!(matches!(problem.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{problem}");
        assert_eq!(session.emulator.journal().len(), runs);
        assert_eq!(session.emulator.requests().last().unwrap().status, RequestStatus::Open);
        session.emulator.stop();
        assert_eq!(session.emulator.requests().last().unwrap().status, RequestStatus::Cut);
        // The connection ended without a byte.
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        assert_eq!(stream.read(&mut [0; 1]).unwrap_or(0), 0);
    }
}

#[test]
fn no_response_ends_when_the_client_disconnects() {
    let session = faulty(r#""action": "no_response""#);
    let endpoint = session.emulator.endpoint();
    let mut stream = connect(endpoint);
    stream
        .write_all(&request_bytes(endpoint, "POST", "/v1/instances/sync-command", &[], &command_body(&session)))
        .unwrap();
    let last_is = |status| session.emulator.requests().last().unwrap().status == status;
    wait_until(|| session.emulator.requests().len() == 2);
    assert!(last_is(RequestStatus::Open));
    drop(stream);
    wait_until(|| last_is(RequestStatus::Cut));
}

fn wait_until(condition: impl Fn() -> bool) {
    let begin = Instant::now();
    while !condition() {
        assert!(begin.elapsed() < Duration::from_secs(10), "waited too long");
        std::thread::yield_now();
    }
}

#[test]
fn cut() {
    for (when, runs, some_bytes) in
        [("before_execution", 0, false), ("after_execution", 1, false), ("mid_response", 1, true)]
    {
        let session = faulty(&format!(r#""action": "cut", "when": "{when}""#));
        let (bytes, ran) = run(&session);
        assert_eq!((ran, !bytes.is_empty()), (runs, some_bytes), "{when}");
        let entry = session.emulator.requests().pop().unwrap();
        assert_eq!(entry.executed, runs == 1, "{when}");
        if some_bytes {
            let response = parse(&bytes).unwrap();
            let announced: usize = response.header("content-length").unwrap().parse().unwrap();
            assert_eq!(response.body.len(), announced / 2);
            assert_eq!(entry.status, RequestStatus::Responded(200));
        } else {
            assert_eq!(entry.status, RequestStatus::Cut);
        }
    }
}

#[test]
fn truncate() {
    let (response, runs) = run_for_response(r#""action": "truncate""#);
    assert_eq!((response.status, runs), (200, 1));
    assert_eq!(response.header("content-length").unwrap().parse(), Ok(response.body.len()));
    assert!(serde_json::from_slice::<serde_json::Value>(&response.body).is_err() && response.text().starts_with('{'));
}

#[test]
fn garbage() {
    let (response, runs) = run_for_response(r#""action": "garbage""#);
    assert_eq!((response.status, runs), (200, 1));
    assert!(serde_json::from_slice::<serde_json::Value>(&response.body).is_err());
}

#[test]
fn html() {
    let (response, runs) = run_for_response(r#""action": "html""#);
    assert_eq!((response.status, response.header("content-type"), runs), (502, Some("text/html"), 0));
    assert!(response.text().starts_with("<html>"));
    let (response, runs) = run_for_response(r#""action": "html", "status": 504, "executed": true"#);
    assert_eq!((response.status, runs), (504, 1));
}

#[test]
fn huge() {
    let (response, runs) = run_for_response(r#""action": "huge", "bytes": 3000000"#);
    assert_eq!((response.status, response.body.len(), runs), (200, 3_000_000, 1));
    assert!(response.json().is_string());
}

#[test]
fn drip() {
    let begin = Instant::now();
    let (response, runs) = run_for_response(r#""action": "drip", "bytes_per_second": 2000"#);
    assert_eq!((response.code().as_str(), runs), ("0", 1));
    let expected = Duration::from_millis(response.body.len() as u64 / 2);
    assert!(begin.elapsed() >= expected * 8 / 10, "{:?} {expected:?}", begin.elapsed());
}

#[test]
fn refusals() {
    for (action, status, code) in [
        (r#""action": "expired_token""#, 401, "APIGW.0307"),
        (r#""action": "no_permission""#, 401, "KOOPHONE.API.1001"),
        (r#""action": "error_code", "code": "KOOPHONE.API.2004""#, 200, "KOOPHONE.API.2004"),
        (r#""action": "error_code", "code": "APIGW.0613", "status": 503"#, 503, "APIGW.0613"),
    ] {
        let (response, runs) = run_for_response(action);
        assert_eq!((response.status, response.code().as_str(), runs), (status, code, 0), "{action}");
        assert_eq!(response.json().get("request_id").is_some(), code.starts_with("APIG"), "{action}");
    }
}

#[test]
fn wrong_content_type() {
    let (response, runs) = run_for_response(r#""action": "wrong_content_type""#);
    assert_eq!((response.code().as_str(), response.header("content-type"), runs), ("0", Some("text/plain"), 1));
}

#[test]
fn redirect() {
    let (response, runs) = run_for_response(r#""action": "redirect", "location": "http://127.0.0.1:1/x""#);
    assert_eq!((response.status, response.header("location"), runs), (302, Some("http://127.0.0.1:1/x"), 0));
}

#[test]
fn faults_are_counted_and_select_requests() {
    let session = Session::new(Emulator::builder().phones(2).start().unwrap());
    let ids = session.ids();
    let throttle = || Action::Throttle { retry_after: None, limit_text: None, status: 429 };
    session
        .emulator
        .add_faults([
            Fault::new(Operation::QueryStatus, throttle()).on_phone(&ids[1]).times(2),
            Fault::any(Action::Garbage {}).after(3),
        ])
        .unwrap();
    let status =
        |ids: &[String]| session.call("POST", "/v1/instances/batch-query-status", &json!({"instance_ids": ids})).status;
    assert_eq!(status(&ids[..1]), 200);
    assert_eq!((status(&ids), status(&ids[1..]), status(&ids)), (429, 429, 200));
    assert_eq!(session.emulator.pending_faults()[0].after, 1);
    session.emulator.clear_faults();
    assert!(session.emulator.pending_faults().is_empty());
}

#[test]
fn a_fault_affects_the_login_too() {
    let emulator = Emulator::builder()
        .fault(Fault::new(Operation::CreateToken, Action::Cut { when: CutWhen::AfterExecution }))
        .start()
        .unwrap();
    let body = support::login_body(&emulator, &emulator.credentials().password, support::project_scope(&emulator));
    assert!(support::try_send(emulator.endpoint(), "POST", "/v3/auth/tokens", &[], &body).is_none());
    assert!(emulator.requests()[0].executed);
    support::login(&emulator);
}
