//! `/metrics`: counters and state in Prometheus's text format.

mod support;

use koophone_emulator::{Action, ControlToken, CutWhen, Emulator, Fault, Operation, Options};
use support::{Session, send};

#[test]
fn requests_faults_phones_and_jobs_are_counted() {
    let session = Session::new(Emulator::builder().phones(3).manual_clock().start().unwrap());
    let (emulator, ids) = (&session.emulator, session.ids());
    session.status();
    session.status();
    let cut = Action::Cut { when: CutWhen::AfterExecution };
    emulator.add_faults([Fault::new(Operation::QueryStatus, cut), Fault::any(Action::Garbage {}).after(9)]).unwrap();
    assert!(
        session
            .try_call("POST", "/v1/instances/batch-query-status", &format!("{{\"instance_ids\":[\"{}\"]}}", ids[0]))
            .is_none()
    );
    session.start("true");
    session.call("GET", "/nowhere", &serde_json::Value::Null);
    // Numbers grow even if the logs are cleared.
    emulator.clear_requests();
    emulator.set_phone_state(&ids[0], 5);
    let response = send(emulator.endpoint(), "GET", "/metrics", &[], "");
    assert_eq!(
        (response.status, response.header("content-type")),
        (200, Some("text/plain; version=0.0.4; charset=utf-8"))
    );
    let text = response.text();
    for line in [
        "# TYPE koophone_emulator_requests_total counter",
        r#"koophone_emulator_requests_total{operation="create_token",status="201",executed="true"} 1"#,
        r#"koophone_emulator_requests_total{operation="query_status",status="200",executed="true"} 2"#,
        r#"koophone_emulator_requests_total{operation="query_status",status="cut",executed="true"} 1"#,
        r#"koophone_emulator_requests_total{operation="unknown",status="404",executed="false"} 1"#,
        r#"koophone_emulator_faults_injected_total{operation="query_status",action="cut"} 1"#,
        "koophone_emulator_faults_pending 1",
        r#"koophone_emulator_phones{state="2"} 2"#,
        r#"koophone_emulator_phones{state="5"} 1"#,
        r#"koophone_emulator_jobs{state="running"} 3"#,
    ] {
        assert!(text.lines().any(|one| one == line), "{line} is not in\n{text}");
    }
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (name, value) = line.rsplit_once(' ').unwrap();
        assert!(name.starts_with("koophone_emulator_") && value.parse::<u64>().is_ok(), "{line}");
    }
    emulator.advance(std::time::Duration::from_secs(600));
    let text = send(emulator.endpoint(), "GET", "/metrics", &[], "").text();
    assert!(text.contains("koophone_emulator_jobs{state=\"running\"} 0\n"), "{text}");
    assert!(emulator.requests().is_empty(), "reading them is not a request to the service");
    assert_eq!(send(emulator.endpoint(), "POST", "/metrics", &[], "").status, 405);
}

#[test]
fn they_have_the_same_access_rules_as_control() {
    let token = "a-control-token-of-32-characters";
    let control_token = Some(ControlToken::from(token.to_owned()));
    let emulator = Emulator::start(Options { control_token, ..Options::default() }).unwrap();
    let read = |headers: &[(&str, &str)]| send(emulator.endpoint(), "GET", "/metrics", headers, "").status;
    assert_eq!((read(&[]), read(&[("Authorization", &format!("Bearer {token}"))])), (401, 200));
}
