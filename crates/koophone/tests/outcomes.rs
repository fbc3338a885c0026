//! One rule for exceptions and lists: a call fails only if nothing was executed on any phone; otherwise each phone has
//! its result or its error. The number of phones and the batch size make no difference.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use koophone::{CancelToken, Client, CommandResult, ErrorKind, PhoneResults, WaitOptions};
use koophone_emulator::{Action, CutWhen, Emulator, Fault, JournalKind, Operation, Options};
use serde_json::json;

fn start(phones: usize) -> Emulator {
    Emulator::start(Options::from_json(&json!({"phones": phones}).to_string()).unwrap()).unwrap()
}

fn client_of(emulator: &Emulator, settings: &[(&str, &str)]) -> Client {
    let builder = Client::builder().environment(emulator.environment()).setting("proxy", "none");
    settings.iter().fold(builder, |builder, (name, value)| builder.setting(*name, *value)).build().unwrap()
}

fn fault(emulator: &Emulator, times: u32, action: Action) {
    emulator.add_fault(Fault::new(Operation::RunCommand, action).times(times)).unwrap();
}

fn requests(emulator: &Emulator) -> usize {
    emulator.requests().iter().filter(|request| request.operation == Operation::RunCommand).count()
}

/// How often each phone ran a command.
fn runs(emulator: &Emulator) -> HashMap<String, usize> {
    let mut runs = HashMap::new();
    for entry in emulator.journal().into_iter().filter(|entry| entry.kind == JournalKind::Command) {
        *runs.entry(entry.instance_id).or_default() += 1;
    }
    runs
}

fn kinds(results: &[CommandResult]) -> Vec<Option<(ErrorKind, bool)>> {
    results.iter().map(|result| result.error.as_ref().map(|error| (error.kind(), error.maybe_executed()))).collect()
}

fn response(status: u16, body: &str, executed: bool) -> Action {
    Action::Response { status, body: json!(body), headers: Default::default(), executed }
}

/// Waits for something that another thread does.
fn until(happened: impl Fn() -> bool) {
    let start = Instant::now();
    while !happened() {
        assert!(start.elapsed() < Duration::from_secs(60), "it did not happen");
        std::thread::yield_now();
    }
}

#[test]
fn a_lost_response_is_in_the_list_however_many_phones_and_batches() {
    for phones in [1, 8, 32, 33, 40] {
        for batch_size in [5, 32] {
            let emulator = start(phones);
            let client = client_of(&emulator, &[("batch_size", &batch_size.to_string()), ("concurrency", "1")]);
            fault(&emulator, 1, Action::Cut { when: CutWhen::AfterExecution });
            let ids = emulator.instance_ids();
            let results = client.run_command(&ids, "echo x").wait().unwrap();
            let lost = batch_size.min(phones);
            let mut expected = vec![Some((ErrorKind::OutcomeUnknown, true)); lost];
            expected.resize(phones, None);
            assert_eq!(kinds(&results), expected, "{phones} phones, batches of {batch_size}");
            assert!(results.iter().zip(&ids).all(|(result, id)| result.instance_id == id.as_str()));
            assert!(ids.iter().all(|id| runs(&emulator)[id] == 1), "{:?}", runs(&emulator));
            let error = results.raise_for_errors().unwrap_err();
            assert_eq!((error.kind(), error.instance_id()), (ErrorKind::OutcomeUnknown, Some(ids[0].as_str())));
        }
    }
}

#[test]
fn a_call_fails_only_if_nothing_was_executed() {
    let emulator = start(3);
    let ids = emulator.instance_ids();
    let client = client_of(&emulator, &[("batch_size", "1"), ("max_attempts", "1")]);
    fault(&emulator, 3, Action::ErrorCode { code: "KOOPHONE.API.1000".into(), status: 400 });
    let error = client.run_command(&ids, "echo x").wait().unwrap_err();
    assert_eq!((error.kind(), error.maybe_executed(), error.instance_id()), (ErrorKind::Rejected, false, None));
    // Different reasons, but still nothing was executed.
    fault(&emulator, 1, Action::ErrorCode { code: "KOOPHONE.API.1000".into(), status: 400 });
    fault(&emulator, 2, Action::ErrorCode { code: "KOOPHONE.API.1004".into(), status: 400 });
    let error = client.run_command(&ids, "echo x").wait().unwrap_err();
    assert!(!error.maybe_executed() && error.message().starts_with("3 of 3 phones failed"), "{error}");
    assert!(runs(&emulator).is_empty());
    // Whatever the outcome of a read, nothing happened on a phone.
    let cut = Action::Cut { when: CutWhen::AfterExecution };
    emulator.add_fault(Fault::new(Operation::QueryStatus, cut).times(3)).unwrap();
    let error = client.query_status(&ids).wait().unwrap_err();
    assert_eq!((error.kind(), error.maybe_executed()), (ErrorKind::Network, false));
}

#[test]
fn a_cancelled_call_keeps_the_results_received_so_far() {
    let emulator = start(40);
    let ids = emulator.instance_ids();
    let client = client_of(&emulator, &[("batch_size", "10"), ("concurrency", "1")]);
    emulator.add_fault(Fault::new(Operation::RunCommand, Action::NoResponse { executed: true }).after(1)).unwrap();
    let cancel = CancelToken::new();
    let results = std::thread::scope(|scope| {
        let call = client.run_command(&ids, "echo x").cancel_with(cancel.clone());
        let call = scope.spawn(move || call.wait());
        until(|| runs(&emulator).len() == 20);
        cancel.cancel();
        call.join().unwrap().unwrap()
    });
    let mut expected = vec![None; 10];
    expected.resize(20, Some((ErrorKind::Cancelled, true)));
    expected.resize(40, Some((ErrorKind::Cancelled, false)));
    assert_eq!(kinds(&results), expected);
    let (sent, open) = (results[10].error.as_ref().unwrap(), results[20].error.as_ref().unwrap());
    assert_eq!((sent.attempts(), open.attempts()), (1, 0));
    assert!(sent.request_id().is_some() && sent.message().contains("may have run"), "{sent}");
    assert!(!open.message().contains("may have run"), "{open}");
}

#[test]
fn a_started_call_that_is_cancelled_ends_with_its_list() {
    let emulator = start(4);
    let ids = emulator.instance_ids();
    let client = client_of(&emulator, &[("batch_size", "2"), ("concurrency", "1")]);
    emulator.add_fault(Fault::new(Operation::RunCommand, Action::NoResponse { executed: true }).after(1)).unwrap();
    let mut started = client.run_command(&ids, "echo x").start().unwrap();
    until(|| runs(&emulator).len() == 4);
    started.cancel();
    let results = started.wait(Some(Duration::from_secs(30))).unwrap().expect("it ends");
    let expected = [None, None, Some((ErrorKind::Cancelled, true)), Some((ErrorKind::Cancelled, true))];
    assert_eq!(kinds(&results), expected);
}

#[test]
fn a_deadline_keeps_the_results_received_so_far() {
    let emulator = start(6);
    let ids = emulator.instance_ids();
    let client = client_of(&emulator, &[("batch_size", "2"), ("concurrency", "1")]);
    emulator.add_fault(Fault::new(Operation::RunCommand, Action::NoResponse { executed: true }).after(1)).unwrap();
    let results = client.run_command(&ids, "echo x").timeout(Duration::from_secs(2)).wait().unwrap();
    let unknown = Some((ErrorKind::OutcomeUnknown, true));
    let in_time = Some((ErrorKind::Timeout, false));
    assert_eq!(kinds(&results), [None, None, unknown, unknown, in_time, in_time]);
}

#[test]
fn a_gateway_that_responds_for_the_service_may_have_forwarded_the_command() {
    for (status, body) in [
        (503, "upstream connect error or disconnect/reset before headers. reset reason: connection termination"),
        (503, "<html><head><title>503 Backend fetch failed</title></head></html>"),
        (503, ""),
        (503, r#"{"code":503,"message":"no healthy upstream"}"#),
        (429, "<html><h1>429 Too Many Requests</h1></html>"),
        (502, "<html><center><h1>502 Bad Gateway</h1></center></html>"),
        (504, "stream timeout"),
    ] {
        let emulator = start(1);
        let client = client_of(&emulator, &[]);
        fault(&emulator, 1, response(status, body, true));
        let results = client.run_command(emulator.instance_ids(), "echo x").wait().unwrap();
        assert_eq!(kinds(&results), [Some((ErrorKind::OutcomeUnknown, true))], "{status} {body}");
        assert_eq!((requests(&emulator), runs(&emulator).into_values().sum::<usize>()), (1, 1), "{status} {body}");
    }
}

#[test]
fn a_bad_phone_does_not_affect_others() {
    let emulator = start(30);
    let mut ids = emulator.instance_ids();
    ids.insert(7, "nobody1".into());
    ids.push("nobody2".into());
    let client = client_of(&emulator, &[]);
    let results = client.run_command(&ids, "echo x").wait().unwrap();
    for (result, id) in results.iter().zip(&ids) {
        let expected = id.starts_with("nobody").then_some(ErrorKind::PermissionDenied);
        assert_eq!(result.error.as_ref().map(|error| error.kind()), expected, "{id}");
        assert_eq!(result.error.as_ref().and_then(|error| error.instance_id()), expected.and(Some(id.as_str())));
    }
    assert!(emulator.instance_ids().iter().all(|id| runs(&emulator)[id] == 1));
    assert!(requests(&emulator) <= 1 + 2 * (2 * 5 + 2), "{} requests", requests(&emulator));
    let plain = client_of(&emulator, &[("split_refused_batches", "false")]);
    let before = requests(&emulator);
    assert_eq!(plain.run_command(&ids, "echo x").wait().unwrap_err().kind(), ErrorKind::PermissionDenied);
    assert_eq!(requests(&emulator) - before, 1);
    // Only bad phones: each is asked, and the call fails because nothing was executed.
    let error = client.run_command(["nobody1", "nobody2", "nobody3"], "echo x").wait().unwrap_err();
    assert_eq!((error.kind(), error.instance_id()), (ErrorKind::PermissionDenied, None));
}

#[test]
fn an_error_describes_only_its_last_attempt() {
    let emulator = start(1);
    let client = client_of(&emulator, &[]);
    fault(&emulator, 1, Action::Throttle { retry_after: Some(0), limit_text: None, status: 429 });
    fault(&emulator, 1, Action::Cut { when: CutWhen::AfterExecution });
    let results = client.run_command(emulator.instance_ids(), "echo x").wait().unwrap();
    let error = results[0].error.as_ref().unwrap();
    assert_eq!((error.kind(), error.http_status(), error.attempts()), (ErrorKind::OutcomeUnknown, None, 2));
    assert_eq!((error.code(), error.server_request_id()), (None, None));
}

#[test]
fn a_failed_command_has_the_phones_own_output() {
    let emulator = start(2);
    let ids = emulator.instance_ids();
    let client = client_of(&emulator, &[]);
    let results = client.run_command(&ids, "cat /no/such/file").wait().unwrap();
    let error = results.raise_for_errors().unwrap_err();
    assert_eq!((error.kind(), error.kind().number()), (ErrorKind::CommandFailed, 15));
    assert_eq!(error.instance_id(), Some(ids[0].as_str()));
    assert!(error.output().is_some_and(|output| output.contains("/no/such/file")), "{error:?}");
    assert!(error.message().contains("/no/such/file") && error.maybe_executed() && !error.retryable(), "{error}");
    let task = client.start_command(&ids, "cat /no/such/file").wait().unwrap();
    let jobs = task.wait(WaitOptions::default()).wait().unwrap();
    let error = jobs.raise_for_errors().unwrap_err();
    assert_eq!((error.kind(), error.instance_id()), (ErrorKind::CommandFailed, Some(ids[0].as_str())));
}

#[test]
fn a_task_whose_start_is_uncertain_says_so_for_each_phone() {
    let emulator = start(2);
    let client = client_of(&emulator, &[]);
    let cut = Action::Cut { when: CutWhen::AfterExecution };
    emulator.add_fault(Fault::new(Operation::StartCommand, cut)).unwrap();
    let task = client.start_command(emulator.instance_ids(), "echo x").wait().unwrap();
    assert!(task.phones().iter().all(|phone| phone.error.as_ref().is_some_and(|error| error.maybe_executed())));
    let jobs = task.wait(WaitOptions::default()).wait().unwrap();
    assert!(jobs.iter().all(|job| job.error.as_ref().is_some_and(|error| error.kind() == ErrorKind::OutcomeUnknown)));
    assert_eq!(jobs.len(), 2);
}

#[test]
fn a_refusal_with_results_beside_it_was_executed() {
    for (status, code) in [
        (200, "KOOPHONE.API.1001"),
        (401, "KOOPHONE.API.1001"),
        (400, "KOOPHONE.API.1002"),
        (503, "KOOPHONE.API.2004"),
        (429, "APIGW.0308"),
        (401, "APIGW.0307"),
        (200, "CPS0005"),
    ] {
        let emulator = start(4);
        let ids = emulator.instance_ids();
        let results: Vec<_> =
            ids.iter().map(|id| json!({"instance_id": id, "status": 2, "execute_msg": "x"})).collect();
        let body = json!({"error_code": code, "error_msg": "no", "data": {"cmd_results": results}}).to_string();
        fault(&emulator, 1, response(status, &body, true));
        let results = client_of(&emulator, &[]).run_command(&ids, "echo x").wait().unwrap();
        assert_eq!(kinds(&results), [Some((ErrorKind::OutcomeUnknown, true)); 4], "{status} {code}");
        assert_eq!(requests(&emulator), 1, "{status} {code}");
    }
}

#[test]
fn a_cancelled_wait_leaves_its_task_alone() {
    let emulator = start(1);
    let client = client_of(&emulator, &[]);
    let task = client.start_command(emulator.instance_ids(), "sleep 600").wait().unwrap();
    let cancel = CancelToken::new();
    let error = std::thread::scope(|scope| {
        let wait = task.wait(WaitOptions::default()).cancel_with(cancel.clone());
        let wait = scope.spawn(move || wait.wait());
        let polls = || emulator.requests().iter().filter(|request| request.operation == Operation::GetTask).count();
        until(|| polls() > 1);
        cancel.cancel();
        wait.join().unwrap().unwrap_err()
    });
    assert_eq!((error.kind(), error.last_jobs().len(), error.retryable()), (ErrorKind::Cancelled, 1, true));
    assert!(error.message().contains("the task continues"), "{error}");
}
