//! Many callers, many phones, one client: nothing lost, nothing done twice, one login, and every call ends in time.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use koophone::blocking::Client;
use koophone::{CancelToken, ClientBuilder, ErrorKind, InstanceId, JobState, PhoneResults, WaitOptions};
use koophone_emulator::{Action, Emulator, Fault, JournalKind, Operation, Options};
use serde_json::json;

/// Longer than anything here may take.
const PATIENCE: Duration = Duration::from_secs(60);

fn start(options: serde_json::Value) -> Emulator {
    Emulator::start(Options::from_json(&options.to_string()).unwrap()).unwrap()
}

fn builder(emulator: &Emulator) -> ClientBuilder {
    koophone::Client::builder()
        .environment(emulator.environment())
        .setting("proxy", "none")
        .setting("retry_delay", "20ms")
}

fn client(emulator: &Emulator) -> koophone::Client {
    builder(emulator).build().unwrap()
}

fn requests(emulator: &Emulator, operation: Operation) -> usize {
    emulator.requests().iter().filter(|request| request.operation == operation).count()
}

/// How often each command ran.
fn ran(emulator: &Emulator) -> HashMap<String, usize> {
    let mut ran = HashMap::new();
    for entry in emulator.journal().into_iter().filter(|entry| entry.kind == JournalKind::Command) {
        *ran.entry(entry.command.unwrap_or_default()).or_default() += 1;
    }
    ran
}

fn fault(emulator: &Emulator, operation: Operation, times: u32, action: Action) {
    emulator.add_fault(Fault::new(operation, action).times(times)).unwrap();
}

/// Waits for something that another thread does.
fn until(what: &str, happened: impl Fn() -> bool) {
    let start = Instant::now();
    while !happened() {
        assert!(start.elapsed() < PATIENCE, "{what} did not happen");
        std::thread::yield_now();
    }
}

#[test]
fn sixty_four_threads_share_one_client_and_one_login() {
    let emulator = start(json!({"phones": 64}));
    let (client, ids) = (Client::from(client(&emulator)), emulator.instance_ids());
    std::thread::scope(|scope| {
        for (number, id) in ids.iter().enumerate() {
            let client = client.clone();
            scope.spawn(move || {
                for round in 0..5 {
                    let results = client.run_command([id], format!("echo {number}-{round}")).unwrap();
                    assert_eq!(
                        (results[0].instance_id.as_str(), &results[0].output),
                        (id.as_str(), &format!("{number}-{round}"))
                    );
                }
            });
        }
    });
    let ran = ran(&emulator);
    assert_eq!(ran.len(), 64 * 5);
    assert!(ran.values().all(|&times| times == 1), "a command ran twice");
    assert_eq!(requests(&emulator, Operation::CreateToken), 1);
}

#[test]
fn sixty_four_awaited_calls_share_one_login() {
    let emulator = start(json!({"phones": 1}));
    fault(&emulator, Operation::CreateToken, 1, Action::Delay { milliseconds: 100 });
    let (client, ids) = (client(&emulator), emulator.instance_ids());
    let started: Vec<_> = (0..64).map(|_| client.query_status(&ids).start().unwrap()).collect();
    for mut call in started {
        assert!(call.wait(Some(PATIENCE)).unwrap().unwrap().all_ok());
    }
    assert_eq!(requests(&emulator, Operation::CreateToken), 1);
}

#[test]
fn ten_thousand_phones_in_one_call() {
    let emulator = start(json!({"phones": 10_000}));
    let (client, mut ids) = (Client::from(client(&emulator)), emulator.instance_ids());
    ids.reverse();
    let results = client.run_command(&ids, "echo x").unwrap();
    assert_eq!(results.len(), 10_000);
    assert!(results.all_ok() && results.iter().zip(&ids).all(|(result, id)| result.instance_id == *id));
    assert_eq!(ran(&emulator)["echo x"], 10_000);
    assert_eq!(requests(&emulator, Operation::RunCommand), 10_000_usize.div_ceil(32));
    let task = client.start_command(&ids, "echo y").unwrap();
    let jobs = task.wait(Some(PATIENCE)).unwrap();
    assert!(jobs.all_ok() && jobs.iter().zip(&ids).all(|(job, id)| job.instance_id.is_some_and(|known| known == *id)));
}

#[test]
fn tokens_that_expire_under_load_cost_no_call_and_no_command_twice() {
    let emulator = start(json!({"phones": 8, "token_lifetime_seconds": 1}));
    let (client, ids) = (Client::from(client(&emulator)), emulator.instance_ids());
    let begin = Instant::now();
    let made = std::thread::scope(|scope| {
        let threads: Vec<_> = ids
            .iter()
            .enumerate()
            .map(|(number, id)| {
                let client = client.clone();
                scope.spawn(move || {
                    let mut made = 0;
                    while begin.elapsed() < Duration::from_millis(2500) {
                        let results = client.run_command([id], format!("echo {number}-{made}")).unwrap();
                        assert_eq!(results[0].output, format!("{number}-{made}"));
                        made += 1;
                    }
                    made
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum::<usize>()
    });
    let ran = ran(&emulator);
    assert_eq!((ran.len(), ran.values().sum::<usize>()), (made, made));
    let logins = requests(&emulator, Operation::CreateToken);
    assert!((2..30).contains(&logins), "{logins} logins in 2.5 s of tokens that live 1 s");
}

#[test]
fn a_token_revoked_under_load_is_renewed_once() {
    let emulator = start(json!({"phones": 1}));
    let (client, ids) = (client(&emulator), emulator.instance_ids());
    client.query_status(&ids).wait().unwrap();
    emulator.expire_tokens();
    let started: Vec<_> = (0..32).map(|_| client.query_status(&ids).start().unwrap()).collect();
    for mut call in started {
        assert!(call.wait(Some(PATIENCE)).unwrap().unwrap().all_ok());
    }
    assert_eq!(requests(&emulator, Operation::CreateToken), 2);
}

#[test]
fn cancelling_at_any_moment_ends_the_call_and_never_runs_a_command_twice() {
    let emulator = start(json!({"phones": 2}));
    let (client, ids) = (client(&emulator), emulator.instance_ids());
    client.login().wait().unwrap();
    // The duration of an undisturbed call gives the range of moments to cancel at.
    let begin = Instant::now();
    client.run_command(&ids, "echo before").wait().unwrap();
    let whole = begin.elapsed().max(Duration::from_millis(1));
    let (mut cancelled, mut done) = (0, 0);
    for step in 0..200u32 {
        let token = CancelToken::new();
        let (trigger, after) = (token.clone(), whole * step / 100);
        let canceller = std::thread::spawn(move || {
            let begin = Instant::now();
            while begin.elapsed() < after {
                std::hint::spin_loop();
            }
            trigger.cancel();
        });
        let begin = Instant::now();
        match client.run_command(&ids, format!("echo {step}")).cancel_with(token).wait() {
            Ok(results) if results.all_ok() => done += 1,
            // It was sent, so the error is in the list, for each phone.
            Ok(results) => {
                let stopped = |error: &koophone::Error| error.kind() == ErrorKind::Cancelled && error.maybe_executed();
                assert!(results.iter().all(|result| result.error.as_ref().is_some_and(stopped)), "{results:?}");
                cancelled += 1;
            }
            Err(error) => {
                assert_eq!((error.kind(), error.maybe_executed()), (ErrorKind::Cancelled, false), "{error}");
                cancelled += 1;
            }
        }
        assert!(begin.elapsed() < Duration::from_secs(5), "cancelled, but it continued");
        canceller.join().unwrap();
    }
    assert!(cancelled > 0, "{done} calls completed and none was cancelled");
    assert!(ran(&emulator).values().all(|&times| times == 2), "a command ran twice on a phone, or on one phone only");
    // The client and its connections still work.
    assert!(client.run_command(&ids, "echo after").wait().unwrap().all_ok());
}

#[test]
fn cancelling_ends_a_pause_a_login_and_a_wait_at_once() {
    let emulator = start(json!({"phones": 1, "clock": {"mode": "manual"}}));
    let ids = emulator.instance_ids();
    let cancelled =
        |what: &str, call: &(dyn Fn(CancelToken) -> Option<ErrorKind> + Sync), reached: &dyn Fn() -> bool| {
            let token = CancelToken::new();
            let result = std::thread::scope(|scope| {
                let thread = scope.spawn(|| call(token.clone()));
                until(what, reached);
                let begin = Instant::now();
                token.cancel();
                let result = thread.join();
                assert!(begin.elapsed() < Duration::from_secs(2), "{what} continued");
                result
            });
            assert_eq!(result.ok().flatten(), Some(ErrorKind::Cancelled), "{what}");
        };
    let client = client(&emulator);
    fault(&emulator, Operation::CreateToken, 1, Action::NoResponse { executed: false });
    let status = |token| client.query_status(&ids).cancel_with(token).wait().err().map(|error| error.kind());
    cancelled("a login", &status, &|| requests(&emulator, Operation::CreateToken) == 1);
    client.login().wait().unwrap();
    let throttle = Action::Throttle { retry_after: Some(60), limit_text: None, status: 429 };
    fault(&emulator, Operation::QueryStatus, 1, throttle);
    cancelled("a pause", &status, &|| requests(&emulator, Operation::QueryStatus) == 1);
    let task = client.start_command(&ids, "sleep 1000").wait().unwrap();
    let wait = |token| task.wait(WaitOptions::default()).cancel_with(token).wait().err().map(|error| error.kind());
    cancelled("a wait", &wait, &|| requests(&emulator, Operation::GetTask) >= 1);
}

#[test]
fn the_deadline_covers_retries_batches_and_logins() {
    let emulator = start(json!({"phones": 100}));
    let ids = emulator.instance_ids();
    let client = builder(&emulator).setting("max_attempts", "10").setting("concurrency", "1").build().unwrap();
    let limit = Duration::from_millis(400);
    let timed = |what: &str, ids: &[String]| {
        let begin = Instant::now();
        let outcome = client.query_status(ids).timeout(limit).wait();
        assert!(begin.elapsed() < limit + Duration::from_millis(1500), "{what}: {:?}", begin.elapsed());
        outcome
    };
    fault(&emulator, Operation::CreateToken, 1, Action::NoResponse { executed: false });
    assert_eq!(timed("login", &ids).unwrap_err().kind(), ErrorKind::Timeout);
    client.login().wait().unwrap();
    fault(&emulator, Operation::QueryStatus, 0, Action::Html { status: 502, executed: false });
    let error = timed("repeats", &ids[..1]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::Timeout), "{error}");
    assert!(error.attempts() > 1, "{error}");
    emulator.clear_faults();
    // Four batches, one after the other, and time for two: no response is lost, and no timeout is hidden.
    fault(&emulator, Operation::QueryStatus, 0, Action::Delay { milliseconds: 150 });
    let phones = timed("batches", &ids).unwrap();
    assert_eq!(phones.len(), 100);
    assert!(phones[0].error.is_none());
    assert_eq!(phones[99].error.as_ref().map(|error| error.kind()), Some(ErrorKind::Timeout));
}

#[test]
fn a_started_call_can_be_polled_taken_waited_for_cancelled_and_dropped() {
    let emulator = start(json!({"phones": 1}));
    let (client, ids) = (client(&emulator), emulator.instance_ids());
    let mut call = client.run_command(&ids, "echo taken").start().unwrap();
    until("the end of the call", || call.is_finished());
    assert!(call.take().unwrap().unwrap().all_ok());
    assert!(call.take().is_none(), "it can be taken only once");
    assert_eq!(call.wait(Some(PATIENCE)).unwrap_err().kind(), ErrorKind::InvalidArgument);

    fault(&emulator, Operation::RunCommand, 2, Action::NoResponse { executed: false });
    let mut call = client.run_command(&ids, "echo never").start().unwrap();
    assert_eq!(call.wait(Some(Duration::from_millis(20))), Ok(None), "not yet available");
    assert!(!call.is_finished() && call.take().is_none());
    until("the request", || emulator.requests().iter().any(|r| r.status == koophone_emulator::RequestStatus::Open));
    call.cancel();
    let results = call.wait(Some(PATIENCE)).unwrap().unwrap();
    assert_eq!(results[0].error.as_ref().map(|error| error.kind()), Some(ErrorKind::Cancelled));
    assert!(call.is_finished() && call.take().is_none());

    let sent = requests(&emulator, Operation::RunCommand);
    let dropped = client.run_command(&ids, "echo dropped").start().unwrap();
    until("the request", || requests(&emulator, Operation::RunCommand) > sent);
    drop(dropped);
    // The emulator notices that the client has disconnected: the drop has closed the connection.
    until("the cut", || emulator.requests().iter().all(|r| r.status != koophone_emulator::RequestStatus::Open));

    let mut ended = client.query_status(&ids).start().unwrap();
    until("the end of the call", || ended.is_finished());
    ended.cancel();
    assert!(ended.wait(None).unwrap().is_some(), "a finished call does not change");
    let mut running = client.query_status(&ids).start().unwrap();
    assert!(running.wait(None).unwrap().unwrap().all_ok());
}

#[test]
fn a_blocking_call_inside_a_runtime_is_an_error() {
    let emulator = start(json!({"phones": 1}));
    let (client, ids) = (client(&emulator), emulator.instance_ids());
    let blocking = Client::from(client.clone());
    for runtime in [tokio::runtime::Builder::new_current_thread(), tokio::runtime::Builder::new_multi_thread()] {
        let mut runtime = runtime;
        let runtime = runtime.build().unwrap();
        let error = runtime.block_on(async { blocking.query_status(&ids) }).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.message().contains("await the call"), "{error}");
        // The async client works in the same place, whatever drivers the foreign runtime lacks.
        assert!(runtime.block_on(async { client.query_status(&ids).await }).unwrap().all_ok());
        assert_eq!(requests(&emulator, Operation::QueryStatus), 1, "the refused call was sent");
        emulator.clear_requests();
        // A call in progress may be polled, but not blocked on.
        let mut started = client.run_command(&ids, "true").start().unwrap();
        assert_eq!(runtime.block_on(async { started.wait(None) }).unwrap_err().kind(), ErrorKind::InvalidArgument);
        assert!(started.wait(None).unwrap().unwrap().all_ok());
    }
}

#[test]
fn an_outage_is_not_amplified() {
    let emulator = start(json!({"phones": 1}));
    let (client, ids) = (client(&emulator), emulator.instance_ids());
    client.login().wait().unwrap();
    fault(&emulator, Operation::QueryStatus, 0, Action::Html { status: 503, executed: false });
    let calls = 300;
    let begin: Vec<_> = (0..calls).map(|_| client.query_status(&ids).start().unwrap()).collect();
    for mut call in begin {
        assert_eq!(call.wait(Some(PATIENCE)).unwrap_err().kind(), ErrorKind::Unavailable);
    }
    // At most a hundred retries, however many calls fail.
    let sent = requests(&emulator, Operation::QueryStatus);
    assert_eq!(sent, calls + 100);
    // When the service has recovered, so has the client.
    emulator.clear_faults();
    assert!(client.query_status(&ids).wait().unwrap().all_ok());
}

#[test]
fn calls_keep_the_pace_that_the_gateway_stated() {
    let emulator = start(json!({"phones": 1}));
    let (client, ids) = (client(&emulator), emulator.instance_ids());
    let limit_text = Some("policy user over ratelimit,limit:20,time:1 second".to_owned());
    fault(&emulator, Operation::QueryStatus, 1, Action::Throttle { retry_after: None, limit_text, status: 429 });
    client.query_status(&ids).wait().unwrap();
    let begin = Instant::now();
    let started: Vec<_> = (0..10).map(|_| client.query_status(&ids).start().unwrap()).collect();
    for mut call in started {
        assert!(call.wait(Some(PATIENCE)).unwrap().unwrap().all_ok());
    }
    // Ten calls at 20 per second are sent 50 ms apart.
    assert!(begin.elapsed() >= Duration::from_millis(440), "{:?}", begin.elapsed());
    assert_eq!(requests(&emulator, Operation::QueryStatus), 12);
    // Another operation is not delayed.
    let begin = Instant::now();
    for _ in 0..5 {
        client.run_command(&ids, "true").wait().unwrap();
    }
    assert!(begin.elapsed() < Duration::from_secs(2));
}

#[test]
fn a_fleet_keeps_to_the_gateways_limit_and_every_call_succeeds() {
    let emulator = start(json!({"phones": 200, "rate_limit": {"calls": 50, "seconds": 1}}));
    let ids = emulator.instance_ids();
    let client = builder(&emulator).setting("batch_size", "1").setting("concurrency", "64").build().unwrap();
    let results = client.run_command(&ids, "echo x").wait().unwrap();
    assert!(results.all_ok(), "{:?}", results.raise_for_errors());
    assert_eq!(ran(&emulator)["echo x"], 200);
    let sent = requests(&emulator, Operation::RunCommand);
    // Most of the first 64, which were sent before the limit was known, and few more. On a machine that stalls now and
    // then, requests arrive together and more are refused, but never as many as there are phones.
    assert!((200 + 14..2 * 200).contains(&sent), "{sent}");
}

#[test]
fn implausible_limits_stop_no_call_for_long_and_cost_no_result() {
    let emulator = start(json!({"phones": 4}));
    let ids = emulator.instance_ids();
    for limit_text in ["limit:1,time:18446744073709551615 second", "limit:10,time:30 day"] {
        let client = builder(&emulator).setting("batch_size", "1").setting("concurrency", "1").build().unwrap();
        emulator.clear_faults();
        // The second of four batches is refused; after that there is no turn before the deadline.
        let throttle = Action::Throttle { retry_after: None, limit_text: Some(limit_text.to_owned()), status: 429 };
        let refuse = Fault::new(Operation::QueryStatus, throttle).times(0).on_phone(&ids[1]);
        emulator.add_fault(refuse).unwrap();
        let begin = Instant::now();
        let phones = client.query_status(&ids).timeout(Duration::from_secs(20)).wait().unwrap();
        assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
        let kinds: Vec<_> = phones.iter().map(|phone| phone.error.as_ref().map(|error| error.kind())).collect();
        assert_eq!(kinds[0], None);
        assert!(kinds[1..].iter().all(|&kind| kind == Some(ErrorKind::Throttled)), "{kinds:?}");
    }
}

#[test]
fn a_wait_survives_throttling_and_its_timeout_has_the_last_state() {
    let emulator = start(json!({"phones": 1}));
    let (client, ids) = (client(&emulator), emulator.instance_ids());
    let task = client.start_command(&ids, "echo x").wait().unwrap();
    let limit_text = Some("limit:1,time:1 hour".to_owned());
    fault(&emulator, Operation::GetTask, 0, Action::Throttle { retry_after: None, limit_text, status: 429 });
    let wait = WaitOptions::new().timeout(Duration::from_millis(1500));
    let begin = Instant::now();
    let error = task.wait(wait).wait().unwrap_err();
    assert_eq!((error.kind(), error.last_jobs().len()), (ErrorKind::Timeout, 1), "{error}");
    assert!(begin.elapsed() >= Duration::from_millis(1500), "{:?}", begin.elapsed());
    assert_eq!(requests(&emulator, Operation::GetTask), 1, "the limit was exceeded");
}

#[test]
fn a_phone_named_twice_has_one_job_and_two_results() {
    let emulator = start(json!({"phones": 2}));
    let (client, ids) = (Arc::new(client(&emulator)), emulator.instance_ids());
    let named = [&ids[0], &ids[1], &ids[0]].map(String::as_str);
    let task = client.start_command(named, "echo x").wait().unwrap();
    let jobs = task.wait(WaitOptions::new().timeout(PATIENCE)).wait().unwrap();
    for (job, id) in jobs.iter().zip(named) {
        assert_eq!(
            (job.instance_id.as_ref().map(InstanceId::as_str), job.state, job.output.as_str()),
            (Some(id), JobState::Succeeded, "x")
        );
    }
    let status = task.poll().wait().unwrap();
    assert!(status.finished && status.progress.succeeded == 3, "{status:?}");
    assert_eq!(ran(&emulator)["echo x"], 2);
}
