//! Waiting until phones are ready.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use koophone::blocking::Client;
use koophone::{
    Before, CallOptions, CancelToken, ErrorKind, PhoneResult, PhoneResults, Predicate, Progress, WaitOptions,
};
use koophone_emulator::{Action, CutWhen, Emulator, Fault, Operation, Options, PhoneFaults, Rule};
use serde_json::json;

const GAME: &str = "com.example.game";

fn start() -> (Emulator, Client, Vec<String>) {
    let options = json!({"phones": 2, "files": {"/sdcard/com.example.game.apk": "PK"}});
    let emulator = Emulator::start(Options::from_json(&options.to_string()).unwrap()).unwrap();
    let client = Client::builder()
        .environment(emulator.environment())
        .setting("proxy", "none")
        .setting("max_attempts", "1")
        .build_blocking()
        .unwrap();
    let ids = emulator.instance_ids();
    (emulator, client, ids)
}

fn seconds(seconds: u64) -> WaitOptions {
    WaitOptions::new().timeout(Duration::from_secs(seconds))
}

fn commands(emulator: &Emulator, phone: &str) -> Vec<String> {
    emulator.journal_of(phone).into_iter().filter_map(|entry| entry.command).collect()
}

/// Waits for something that another thread does.
fn until(what: impl Fn() -> bool) {
    while !what() {
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn the_previous_boot_is_never_mistaken_for_the_new_one() {
    let (emulator, client, ids) = start();
    let phone = client.phone(&ids[0]);
    emulator.set_phone_faults(&ids[0], PhoneFaults { boot_ms: 1500, ..PhoneFaults::default() });
    let before = phone.boot_id().unwrap();
    assert_eq!(phone.getprop("sys.boot_completed").unwrap(), "1", "the previous boot is complete");
    emulator.clear_journal();
    let waited = std::thread::scope(|scope| {
        let wait = scope.spawn(|| phone.wait_for_boot(before.as_str(), seconds(60)));
        until(|| !emulator.journal_of(&ids[0]).is_empty());
        client.reboot_instances([&ids[0]]).unwrap().raise_for_errors().unwrap();
        wait.join().unwrap().unwrap()
    });
    assert_ne!(waited.value, before);
    assert_eq!(emulator.phone(&ids[0]).unwrap().properties["sys.boot_completed"], "1");
    let sent = commands(&emulator, &ids[0]);
    // The old boot was asked only which boot it is, the new one also whether it is complete.
    assert_eq!(sent[..1], ["getprop ro.boottime.init"]);
    assert_eq!(sent[sent.len() - 2..], ["getprop ro.boottime.init", "getprop sys.boot_completed"]);
    assert!(waited.calls as usize >= sent.len() && sent.len() >= 5, "{waited:?} {sent:?}");
}

#[test]
fn a_phone_that_was_not_restarted_or_does_not_boot_is_not_ready() {
    let (emulator, client, ids) = start();
    let phones = client.phones(&ids);
    let before: Vec<String> = phones.boot_id().unwrap().into_iter().filter_map(|result| result.value).collect();
    client.reset_instances([&ids[0]]).unwrap();
    let results = phones.wait_for_boot(before.clone(), seconds(3)).unwrap();
    assert_ne!(results[0].value.as_ref().unwrap().value, before[0]);
    let error = results[1].error.as_ref().unwrap();
    assert_eq!((error.kind(), error.output(), error.maybe_executed()), (ErrorKind::Timeout, Some(&*before[1]), false));
    assert!(error.attempts() >= 2 && error.message().contains(&format!("{} calls", error.attempts())), "{error}");
    assert_eq!(results[1].raw, before[1]);

    emulator.set_phone_faults(&ids[1], PhoneFaults { not_booted: true, ..PhoneFaults::default() });
    client.reboot_instances([&ids[1]]).unwrap().raise_for_errors().unwrap();
    let error = client.phone(&ids[1]).wait_for_boot(before[1].as_str(), seconds(2)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.message().contains("it last printed nothing"), "{error}");
    emulator.set_phone_faults(&ids[1], PhoneFaults::default());
    assert_eq!(client.phone(&ids[1]).wait_for_boot(Before::Unknown, seconds(9)).unwrap().calls, 2);
}

#[test]
fn there_must_be_one_previous_boot_for_each_phone() {
    let (emulator, client, ids) = start();
    for before in [vec![], vec!["1".to_owned()], vec!["1".to_owned(), " ".to_owned()]] {
        let error = client.phones(&ids).wait_for_boot(before, seconds(9)).unwrap_err();
        assert_eq!((error.kind(), error.argument()), (ErrorKind::InvalidArgument, Some("before")), "{error}");
    }
    let error = client.phones(&ids).wait_until("ls | wc", |_: &str| true, seconds(9)).unwrap_err();
    assert_eq!(error.argument(), Some("command"));
    assert!(emulator.requests().is_empty());
}

#[test]
fn a_whole_list_is_asked_in_one_call_with_a_second_between() {
    let (emulator, client, ids) = start();
    let seen: Arc<Mutex<Vec<Progress>>> = Arc::default();
    let (sink, options) = (seen.clone(), seconds(60));
    let options = options.on_progress(move |progress| sink.lock().unwrap().push(progress));
    client.login().unwrap();
    emulator.clear_requests();
    let results = std::thread::scope(|scope| {
        let phones = client.phones(&ids);
        let wait = scope.spawn(move || phones.wait_until("ls /sdcard/done", |_: &str| true, options));
        until(|| !emulator.journal().is_empty());
        assert!(emulator.write_file(&ids[0], "/sdcard/done", b""));
        until(|| emulator.journal_of(&ids[1]).len() == 2);
        assert!(emulator.write_file(&ids[1], "/sdcard/done", b""));
        wait.join().unwrap().unwrap()
    });
    let calls = |at: usize| results[at].value.as_ref().unwrap().calls;
    assert_eq!((calls(0), calls(1), results[0].raw.as_str()), (2, 3, "/sdcard/done"));
    let times: Vec<i64> = emulator.requests().iter().map(|request| request.time_ms).collect();
    assert_eq!(times.len(), 3, "one request for all phones that are not ready");
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= 990), "{times:?}");
    let seen: Vec<(u64, u64)> = seen.lock().unwrap().iter().map(|p| (p.succeeded, p.running)).collect();
    assert_eq!(seen, [(0, 2), (1, 1), (2, 0)]);
}

#[test]
fn an_application_is_waited_for_until_it_runs_or_crashes() {
    let (emulator, client, ids) = start();
    let phone = client.phone(&ids[0]);
    phone.install_remote("/sdcard/com.example.game.apk").unwrap();
    emulator.set_phone_faults(&ids[0], PhoneFaults { crash_after_ms: Some(1200), ..PhoneFaults::default() });
    phone.app_start(GAME, "").unwrap();
    assert_eq!(phone.app_wait(GAME, seconds(9)).unwrap().value.len(), 1);
    assert!(phone.app_wait_gone(GAME, seconds(60)).unwrap().calls >= 2);
    let error = phone.app_wait(GAME, WaitOptions::new().timeout(Duration::from_millis(100))).unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 1));
    phone.wait_prop("ro.product.model", "KooPhone", seconds(9)).unwrap();
}

#[test]
fn a_lost_connection_is_waited_out_and_a_refusal_is_not() {
    let (emulator, client, ids) = start();
    let lost = Fault::new(Operation::RunCommand, Action::Cut { when: CutWhen::AfterExecution });
    emulator.add_fault(lost).unwrap();
    let waited = client.phone(&ids[0]).wait_prop("ro.product.model", "KooPhone", seconds(60)).unwrap();
    assert_eq!(waited.calls, 2);
    emulator.add_fault(Fault::new(Operation::RunCommand, Action::NoPermission {}).times(0)).unwrap();
    let error = client.phones(&ids).wait_prop("ro.product.model", "x", seconds(60)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
}

#[test]
fn a_cancelled_wait_has_the_last_output_of_each_phone() {
    let (emulator, client, ids) = start();
    let cancel = CancelToken::new();
    let phones = client.with(CallOptions::new().cancel_with(cancel.clone())).phones(&ids);
    let results = std::thread::scope(|scope| {
        let wait = scope.spawn(|| phones.wait_prop("ro.product.model", "x", WaitOptions::new()));
        until(|| emulator.journal().len() == 2);
        // The response is in flight; the wait sleeps once it has arrived.
        std::thread::sleep(Duration::from_millis(100));
        cancel.cancel();
        wait.join().unwrap().unwrap()
    });
    for result in &results {
        assert_eq!(result.error().unwrap().kind(), ErrorKind::Cancelled);
        assert_eq!((result.raw.as_str(), result.error().unwrap().output()), ("KooPhone", Some("KooPhone")));
    }
}

#[test]
fn a_system_dialog_in_front_is_distinguished() {
    let (emulator, client, ids) = start();
    let dialog = Some("Application Not Responding: com.android.systemui".to_owned());
    emulator.set_phone_faults(&ids[0], PhoneFaults { dialog, ..PhoneFaults::default() });
    let front = client.phone(&ids[0]).app_current().unwrap();
    assert_eq!((front.package.as_str(), front.activity), ("com.android.systemui", None));
    // Warnings before an output are not mistaken for the output.
    emulator.set_phone_faults(&ids[0], PhoneFaults { noise_bytes: 2000, ..PhoneFaults::default() });
    assert_eq!(client.phone(&ids[0]).getprop("ro.product.model").unwrap_err().kind(), ErrorKind::CommandFailed);
    assert_eq!(client.phone(&ids[0]).window_size().unwrap_err().kind(), ErrorKind::CommandFailed);
}

#[test]
fn a_predicate_reads_what_was_printed_and_a_panic_in_it_ends_the_wait() {
    let (emulator, client, ids) = start();
    let phones = client.phones(&ids);
    let is_model = Predicate::new(|text| text == "KooPhone");
    let results = phones.wait_until("getprop ro.product.model", is_model, seconds(9)).unwrap();
    assert!(results.iter().all(|result| result.value.as_ref().unwrap().value == "KooPhone"), "{results:?}");
    // A command that fails prints nothing that a predicate is asked about.
    let never: Predicate = (|_: &str| -> bool { panic!("not this") }).into();
    let error = client.phone(&ids[0]).wait_until("ls /nowhere", never.clone(), seconds(1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    emulator.clear_journal();
    let error = phones.wait_until("getprop ro.product.model", never, seconds(9)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal);
    assert!(error.message().contains("the predicate panicked"), "{error}");
    assert_eq!(emulator.journal().len(), ids.len(), "no phone was asked again");
}

#[test]
fn warnings_do_not_make_another_boot_of_the_previous_one() {
    let (emulator, client, ids) = start();
    let phone = client.phone(&ids[0]);
    let before = phone.boot_id().unwrap();
    for printed in [format!("WARNING: linker\n{before}"), "error: closed".to_owned()] {
        let rule = Rule { command: "getprop ro.boottime.init".into(), stdout: printed, ..Rule::default() };
        emulator.add_rules([rule]).unwrap();
        assert_eq!(phone.wait_for_boot(before.as_str(), seconds(1)).unwrap_err().kind(), ErrorKind::Timeout);
        emulator.clear_rules();
    }
    // Nor do they hide a new one.
    emulator.set_phone_faults(&ids[0], PhoneFaults { noise_bytes: 112, ..PhoneFaults::default() });
    assert_eq!(phone.boot_id().unwrap(), before);
    assert_eq!(phone.wait_for_boot("7", seconds(9)).unwrap().value, before);
    let error = phone.wait_for_boot("error: closed", seconds(9)).unwrap_err();
    assert_eq!((error.kind(), error.argument()), (ErrorKind::InvalidArgument, Some("before")), "{error}");
}

#[test]
fn a_reading_without_a_response_does_not_use_up_the_wait() {
    let (emulator, _, ids) = start();
    let builder = Client::builder().environment(emulator.environment()).setting("proxy", "none");
    let client = builder.setting("timeout", "1").build_blocking().unwrap();
    client.login().unwrap();
    emulator.add_fault(Fault::new(Operation::RunCommand, Action::NoResponse { executed: false })).unwrap();
    let waited = client.phone(&ids[0]).wait_prop("ro.product.model", "KooPhone", seconds(60)).unwrap();
    assert_eq!(waited.calls, 2);
    let task = client.start_command(&ids, "true").unwrap();
    emulator.add_fault(Fault::new(Operation::GetTask, Action::NoResponse { executed: false })).unwrap();
    let begin = Instant::now();
    let jobs = task.wait_with_progress(Some(Duration::from_secs(60)), |_| {}).unwrap();
    assert!(jobs.all_ok() && begin.elapsed() < Duration::from_secs(30), "{jobs:?} after {:?}", begin.elapsed());
}

#[test]
fn a_reading_that_was_not_sent_is_not_counted() {
    let (emulator, client, ids) = start();
    let error = client.phone(&ids[0]).wait_prop("ro.product.model", "KooPhone", seconds(0)).unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 0), "{error}");
    assert!(error.message().contains("0 calls") && emulator.journal().is_empty(), "{error}");
}
