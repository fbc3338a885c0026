//! A client's statistics: each number is checked against an emulator or a server of the test that determines it.

mod common;

use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{Canned, Reply};
use koophone::{Client, Credentials, ErrorKind, Stats, WaitOptions};
use koophone_emulator::{Action, CutWhen, Emulator, Fault, Operation, Options, Rule};

fn world(settings: &[(&str, &str)]) -> (Emulator, Client) {
    let emulator = Emulator::start(Options { phones: 4, ..Options::default() }).unwrap();
    let client = client_of(&emulator, settings);
    (emulator, client)
}

fn client_of(emulator: &Emulator, settings: &[(&str, &str)]) -> Client {
    let builder = Client::builder().environment(emulator.environment()).setting("proxy", "none");
    let builder = builder.setting("retry_delay", "10ms");
    settings.iter().fold(builder, |builder, (name, value)| builder.setting(*name, *value)).build().unwrap()
}

/// Those numbers that do not depend on time.
fn without_time(stats: Stats) -> Stats {
    let mut stats = stats;
    (stats.connection_wait_ms, stats.pacing_wait_ms, stats.token_wait_ms) = (0, 0, 0);
    stats
}

fn expected(numbers: impl FnOnce(&mut Stats)) -> Stats {
    let mut stats = Stats::default();
    numbers(&mut stats);
    stats
}

#[test]
fn the_first_call_logs_in_and_opens_a_connection() {
    let (emulator, client) = world(&[]);
    assert_eq!(client.stats(), Stats::default());
    client.query_status(emulator.instance_ids()).wait().unwrap();
    let one = expected(|stats| {
        // One request is the login, for which the call waited.
        (stats.calls, stats.attempts, stats.logins, stats.token_waits) = (1, 2, 1, 1);
        (stats.connections_open, stats.connections_idle) = (1, 1);
    });
    assert_eq!(without_time(client.stats()), one);
    client.login().wait().unwrap();
    client.query_status(emulator.instance_ids()).wait().unwrap();
    let three = expected(|stats| {
        *stats = one;
        (stats.calls, stats.attempts) = (3, 3);
    });
    assert_eq!(without_time(client.clone().stats()), three);
    assert_eq!(client_of(&emulator, &[]).stats(), Stats::default(), "another client has its own numbers");
}

#[test]
fn a_ready_made_token_needs_no_wait() {
    let server =
        Canned::always(Reply::ok(r#"{"error_code":"0","data":{"status_results":[{"instance_id":"a","status":2}]}}"#));
    server.client().query_status(["a"]).unwrap();
    assert_eq!(server.client().stats(), Stats::default());
    let client = server.client();
    client.query_status(["a"]).unwrap();
    assert_eq!((client.stats().token_waits, client.stats().logins, client.stats().attempts), (0, 0, 1));
}

#[test]
fn the_wait_for_a_credential_is_timed() {
    let (emulator, client) = world(&[]);
    emulator.add_fault(Fault::new(Operation::CreateToken, Action::Delay { milliseconds: 60 })).unwrap();
    client.query_status(emulator.instance_ids()).wait().unwrap();
    assert!(client.stats().token_wait_ms >= 60, "{}", client.stats());
}

#[test]
fn a_request_sent_again_is_a_retry() {
    let (emulator, client) = world(&[]);
    client.login().wait().unwrap();
    let before = client.stats();
    emulator
        .add_fault(Fault::new(Operation::QueryStatus, Action::Cut { when: CutWhen::AfterExecution }).times(2))
        .unwrap();
    client.query_status(emulator.instance_ids()).wait().unwrap();
    let stats = client.stats();
    assert_eq!((stats.attempts - before.attempts, stats.retries), (3, 2));
    assert_eq!(stats.errors.total(), 0, "it helped");
}

#[test]
fn errors_are_counted_for_calls_and_for_phones() {
    let (emulator, client) = world(&[("batch_size", "2")]);
    let ids = emulator.instance_ids();
    client.run_command(["no such id"], "id").wait().unwrap_err();
    client.get_task("unknown").wait().unwrap_err();
    let lost = Fault::new(Operation::RunCommand, Action::Cut { when: CutWhen::AfterExecution });
    emulator.add_fault(lost.on_phone(&ids[0])).unwrap();
    emulator
        .add_rules([Rule {
            command: "true".into(),
            exit_status: 1,
            instance_ids: vec![ids[3].clone()],
            ..Rule::default()
        }])
        .unwrap();
    let kinds: Vec<_> = client
        .run_command(&ids, "true")
        .wait()
        .unwrap()
        .into_iter()
        .map(|result| result.error.map(|error| error.kind()))
        .collect();
    assert_eq!(
        kinds,
        [Some(ErrorKind::OutcomeUnknown), Some(ErrorKind::OutcomeUnknown), None, Some(ErrorKind::CommandFailed)]
    );
    let task = client.start_command(&ids, "true").wait().unwrap();
    task.wait(WaitOptions::new()).wait().unwrap();
    let errors = client.stats().errors;
    let of = |kind| errors.get(kind);
    assert_eq!(of(ErrorKind::InvalidArgument), 1);
    assert_eq!(of(ErrorKind::NotFound), 1);
    assert_eq!(of(ErrorKind::OutcomeUnknown), 2);
    assert_eq!(of(ErrorKind::CommandFailed), 2, "one by run_command, one by the task");
    assert_eq!(errors.total(), 6);
}

#[test]
fn a_call_that_waits_for_a_connection_is_counted() {
    let (seen, arrived) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let (seen, released) = (Mutex::new(seen), Mutex::new(released));
    let server = Canned::new(move |_| {
        seen.lock().unwrap().send(()).unwrap();
        let _ = released.lock().unwrap().recv();
        Reply::ok(r#"{"error_code":"0","data":{"status_results":[{"instance_id":"a","status":2}]}}"#)
    });
    let builder = server.builder().credentials(Credentials::token("a-token")).max_connections(1);
    let client = builder.build().unwrap();
    let mut first = client.query_status(["a"]).start().unwrap();
    arrived.recv().unwrap();
    assert_eq!((client.stats().connections_open, client.stats().connections_idle), (1, 0));
    // A different operation, which waits for the connection itself, and one that waits behind its own kind.
    for late in [
        client.get_task("t").timeout(Duration::from_millis(30)).wait().unwrap_err(),
        client.query_status(["a"]).timeout(Duration::from_millis(30)).wait().unwrap_err(),
    ] {
        assert_eq!(late.kind(), ErrorKind::Timeout, "{late}");
    }
    let stats = client.stats();
    assert_eq!((stats.connection_waits, stats.pacing_waits, stats.errors.timeout), (2, 0, 2));
    assert!(stats.connection_wait_ms >= 55, "{stats}");
    drop(release);
    first.wait(None).unwrap();
    assert_eq!((client.stats().connections_open, client.stats().connections_idle), (1, 1));
}

#[test]
fn connections_that_the_server_closes_are_not_open() {
    let close = vec![("connection", "close".to_owned())];
    let server = Canned::always(Reply(
        200,
        close,
        br#"{"error_code":"0","data":{"status_results":[{"instance_id":"a","status":2}]}}"#.to_vec(),
    ));
    let client = server.client();
    client.query_status(["a"]).unwrap();
    assert_eq!((client.stats().connections_open, client.stats().connections_idle), (0, 0));
}

#[test]
fn a_call_that_waits_for_its_turn_is_counted() {
    let (emulator, client) = world(&[]);
    client.login().wait().unwrap();
    let limit_text = Some("limit:2,time:1 second".to_owned());
    let throttle = Action::Throttle { retry_after: None, limit_text, status: 429 };
    emulator.add_fault(Fault::new(Operation::QueryStatus, throttle)).unwrap();
    client.query_status(emulator.instance_ids()).wait().unwrap();
    let stats = client.stats();
    assert_eq!((stats.pacing_waits, stats.connection_waits, stats.retries), (1, 0, 1));
    // The limit's gap is half a second, part of which may have passed on the way back.
    assert!((1..=1_000).contains(&stats.pacing_wait_ms), "{stats}");
}

#[test]
fn a_traceparent_is_sent_and_is_checked_before_anything_is_sent() {
    let server = Arc::new(Canned::always(Reply::ok(
        r#"{"error_code":"0","data":{"status_results":[{"instance_id":"a","status":2}]}}"#,
    )));
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let builder = server.builder().credentials(Credentials::access_key("AK", "SK")).project_id("p");
    let client = builder.build().unwrap();
    let refused = client.query_status(["a"]).traceparent("mine").wait().unwrap_err();
    assert_eq!((refused.kind(), refused.argument()), (ErrorKind::InvalidArgument, Some("traceparent")));
    assert!(server.seen().is_empty());
    client.query_status(["a"]).traceparent(trace).wait().unwrap();
    client.query_status(["a"]).wait().unwrap();
    let seen = server.seen();
    assert_eq!(seen[0].header("traceparent"), Some(trace));
    assert!(seen[0].header("authorization").unwrap().contains(";traceparent;"), "it is signed with the others");
    assert_eq!(seen[1].header("traceparent"), None);
}
