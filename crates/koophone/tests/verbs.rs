//! Verbs: what each sends and reads, and that none acts twice.

use std::collections::HashMap;
use std::time::Duration;

use koophone::blocking::{Client, Phones};
use koophone::{AppOnScreen, ErrorKind, PhoneResult, PhoneResults, Result, VERBS, VerbResult, WindowSize};
use koophone_emulator::{Action, CutWhen, Emulator, Fault, JournalKind, Operation, Options, Rule};
use serde_json::json;

const GAME: &str = "com.example.game";

/// The fault matrix and files.rs test these.
const OF_SEVERAL_COMMANDS: [&str; 5] = ["click_ratio", "screencap", "read_file", "pull", "logcat_tail"];

fn of_one_command() -> impl Iterator<Item = &'static koophone::Operation> {
    VERBS.iter().copied().filter(|verb| !OF_SEVERAL_COMMANDS.contains(&verb.name))
}

fn start() -> (Emulator, Client) {
    let options = json!({"phones": 2, "files": {"/sdcard/com.example.game.apk": "PK"}});
    let emulator = Emulator::start(Options::from_json(&options.to_string()).unwrap()).unwrap();
    let client =
        Client::builder().environment(emulator.environment()).setting("proxy", "none").build_blocking().unwrap();
    (emulator, client)
}

/// With the game on every phone.
fn start_with_game() -> (Emulator, Client) {
    let (emulator, client) = start();
    client
        .phones(emulator.instance_ids())
        .install_remote("/sdcard/com.example.game.apk")
        .unwrap()
        .raise_for_errors()
        .unwrap();
    emulator.clear_journal();
    (emulator, client)
}

/// The commands of each phone.
fn commands(emulator: &Emulator) -> HashMap<String, Vec<String>> {
    let mut commands: HashMap<String, Vec<String>> = HashMap::new();
    for entry in emulator.journal().into_iter().filter(|entry| entry.kind == JournalKind::Command) {
        commands.entry(entry.instance_id).or_default().push(entry.command.unwrap_or_default());
    }
    commands
}

/// The essence of a list of results: whether each phone succeeded, and why not.
type Outcomes = Vec<Option<(ErrorKind, bool)>>;

fn outcomes<T: Send + 'static>(results: Result<Vec<VerbResult<T>>>) -> Result<Outcomes> {
    let outcome = |result: &VerbResult<T>| result.error.as_ref().map(|error| (error.kind(), error.maybe_executed()));
    Ok(results?.iter().map(outcome).collect())
}

type Make = fn(&Phones) -> Result<Outcomes>;

/// Every verb, and a call of it that succeeds on a phone with the game.
const CALLS: &[(&str, Make)] = &[
    ("getprop", |phones| outcomes(phones.getprop("ro.product.model"))),
    ("boot_id", |phones| outcomes(phones.boot_id())),
    ("window_size", |phones| outcomes(phones.window_size())),
    ("rotation", |phones| outcomes(phones.rotation())),
    ("is_screen_on", |phones| outcomes(phones.is_screen_on())),
    ("battery", |phones| outcomes(phones.battery())),
    ("app_current", |phones| outcomes(phones.app_current())),
    ("list_packages", |phones| outcomes(phones.list_packages("com.example"))),
    ("app_info", |phones| outcomes(phones.app_info(GAME))),
    ("pidof", |phones| outcomes(phones.pidof(GAME))),
    ("app_stop", |phones| outcomes(phones.app_stop(GAME))),
    ("app_clear", |phones| outcomes(phones.app_clear(GAME))),
    ("wake", |phones| outcomes(phones.wake())),
    ("settings_put", |phones| outcomes(phones.settings_put("system", "screen_off_timeout", "600000"))),
    ("click", |phones| outcomes(phones.click(360, 640))),
    ("long_click", |phones| outcomes(phones.long_click(360, 640, Duration::from_millis(800)))),
    ("swipe", |phones| outcomes(phones.swipe(360, 1000, 360, 200, Duration::from_millis(300)))),
    ("drag", |phones| outcomes(phones.drag(1, 2, 3, 4, Duration::from_secs(1)))),
    ("keyevent", |phones| outcomes(phones.keyevent("VOLUME_UP"))),
    ("back", |phones| outcomes(phones.back())),
    ("home", |phones| outcomes(phones.home())),
    ("send_keys", |phones| outcomes(phones.send_keys("player"))),
    ("app_start", |phones| outcomes(phones.app_start(GAME, ""))),
    ("install_remote", |phones| outcomes(phones.install_remote("/sdcard/com.example.game.apk"))),
    ("uninstall", |phones| outcomes(phones.uninstall(GAME))),
];

fn call_of(name: &str) -> Make {
    CALLS.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("no call of {name}")).1
}

#[test]
fn every_verb_succeeds_with_one_command_for_each_phone() {
    for verb in of_one_command() {
        let (emulator, client) = start_with_game();
        assert_eq!(call_of(verb.name)(&client.phones(emulator.instance_ids())).unwrap(), [None, None], "{}", verb.name);
        for (phone, commands) in commands(&emulator) {
            assert_eq!(commands.len(), 1, "{} on {phone}: {commands:?}", verb.name);
            let taken = |c: char| c.is_ascii_alphanumeric() || "_./:- ".contains(c);
            assert!(commands[0].chars().all(taken), "{}", commands[0]);
        }
    }
    assert_eq!(CALLS.len() + OF_SEVERAL_COMMANDS.len(), VERBS.len());
}

#[test]
fn a_lost_response_repeats_what_may_be_repeated_and_nothing_else() {
    for verb in of_one_command() {
        let (emulator, client) = start_with_game();
        emulator.add_fault(Fault::new(Operation::RunCommand, Action::Cut { when: CutWhen::AfterExecution })).unwrap();
        let outcomes = call_of(verb.name)(&client.phones(emulator.instance_ids())).unwrap();
        let (outcome, runs) = if verb.idempotent { (None, 2) } else { (Some((ErrorKind::OutcomeUnknown, true)), 1) };
        assert_eq!(outcomes, [outcome, outcome], "{}", verb.name);
        for (phone, commands) in commands(&emulator) {
            assert_eq!(commands.len(), runs, "{} on {phone}", verb.name);
        }
    }
}

#[test]
fn a_503_of_a_proxy_after_execution_makes_no_verb_act_twice() {
    for verb in of_one_command() {
        let (emulator, client) = start_with_game();
        emulator.add_fault(Fault::new(Operation::RunCommand, Action::Html { status: 503, executed: true })).unwrap();
        let outcomes = call_of(verb.name)(&client.phones(emulator.instance_ids())).unwrap();
        assert_eq!(outcomes.iter().all(Option::is_none), verb.idempotent, "{}: {outcomes:?}", verb.name);
        let runs = if verb.idempotent { 2 } else { 1 };
        assert!(commands(&emulator).values().all(|commands| commands.len() == runs), "{}", verb.name);
    }
}

#[test]
fn reads_have_their_values() {
    let (emulator, client) = start_with_game();
    let phone = client.phone(&emulator.instance_ids()[0]);
    assert_eq!(phone.getprop("ro.product.model").unwrap(), "KooPhone");
    assert_eq!(phone.getprop("ro.no.such").unwrap(), "");
    let WindowSize { width, height, .. } = phone.window_size().unwrap();
    assert_eq!((width, height), (720, 1280));
    assert_eq!((phone.battery().unwrap().level, phone.battery().unwrap().powered), (100, true));
    assert_eq!(phone.rotation().unwrap(), 0);
    phone.settings_put("system", "user_rotation", "1").unwrap();
    assert_eq!(phone.rotation().unwrap(), 1);
    assert!(phone.is_screen_on().unwrap());
    phone.keyevent("SLEEP").unwrap();
    assert!(!phone.is_screen_on().unwrap());
    phone.wake().unwrap();
    assert!(phone.is_screen_on().unwrap());
}

#[test]
fn an_application_is_started_stopped_and_removed() {
    let (emulator, client) = start();
    let phone = client.phone(&emulator.instance_ids()[0]);
    assert!(phone.list_packages(GAME).unwrap().is_empty());
    assert_eq!(phone.app_info(GAME).unwrap_err().kind(), ErrorKind::CommandFailed);
    let error = phone.app_start(GAME, "").unwrap_err();
    assert!(error.kind() == ErrorKind::CommandFailed && error.message().contains("No activities found"), "{error}");
    assert_eq!(phone.app_start(GAME, ".Main").unwrap_err().kind(), ErrorKind::CommandFailed);
    assert_eq!(phone.install_remote("/sdcard/none.apk").unwrap_err().kind(), ErrorKind::CommandFailed);
    phone.install_remote("/sdcard/com.example.game.apk").unwrap();
    assert_eq!(phone.list_packages("com.example").unwrap(), [GAME]);
    let info = phone.app_info(GAME).unwrap();
    assert_eq!((info.path.as_str(), info.version_code), ("/data/app/com.example.game-1/base.apk", 1));
    assert!(phone.pidof(GAME).unwrap().is_empty());
    phone.app_start(GAME, ".Main").unwrap();
    let AppOnScreen { package, activity, .. } = phone.app_current().unwrap();
    assert_eq!((package.as_str(), activity.as_deref()), (GAME, Some("com.example.game.Main")));
    assert_eq!(phone.pidof(GAME).unwrap().len(), 1);
    phone.home().unwrap();
    assert_eq!(phone.app_current().unwrap().package, "com.android.launcher3");
    phone.app_stop(GAME).unwrap();
    assert!(phone.pidof(GAME).unwrap().is_empty());
    phone.app_clear(GAME).unwrap();
    phone.uninstall(GAME).unwrap();
    assert_eq!(phone.uninstall(GAME).unwrap_err().kind(), ErrorKind::CommandFailed);
}

#[test]
fn results_have_raw_output_and_request_id() {
    let (emulator, client) = start();
    let ids = emulator.instance_ids();
    emulator.set_phone_state(&ids[1], 1);
    let results = client.phones(&ids).getprop("ro.product.model").unwrap();
    assert_eq!((results[0].raw.as_str(), results[0].truncated), ("KooPhone", false));
    assert!(results[0].ok() && results[0].request_id.is_some());
    assert!(!results[1].ok() && results[1].value.is_none() && results[1].request_id.is_some());
    assert!(!results[1].error.as_ref().unwrap().maybe_executed());
}

#[test]
fn a_phone_that_runs_nothing_does_not_say_that_a_program_does_not_run() {
    let (emulator, client) = start();
    let ids = emulator.instance_ids();
    emulator.set_phone_state(&ids[1], 1);
    let results = client.phones(&ids).pidof(GAME).unwrap();
    assert_eq!(results[0].value.as_deref(), Some([].as_slice()));
    assert_eq!(results[1].value, None);
    assert_eq!(results[1].error.as_ref().map(koophone::Error::kind), Some(ErrorKind::NotFound));
}

#[test]
fn a_list_that_was_cut_is_an_error_and_never_half_a_list() {
    let (emulator, client) = start();
    let packages: String = (0..60).map(|number| format!("package:com.example.number{number:03}\n")).collect();
    let ids = emulator.instance_ids();
    let rule = Rule { command: "pm list packages *".into(), stdout: packages, ..Rule::default() };
    emulator.add_rules([Rule { instance_ids: vec![ids[0].clone()], ..rule }]).unwrap();
    let results = client.phones(&ids).list_packages("com.android.s").unwrap();
    assert!(results[0].truncated && results[0].value.is_none() && results[0].raw.contains("number000"));
    let error = results[0].error.as_ref().unwrap();
    assert!(error.message().contains("a longer part finds fewer") && !error.maybe_executed(), "{error}");
    assert!(!results[1].truncated && !results[1].value.as_ref().unwrap().is_empty());
    assert_eq!(client.phone(&ids[0]).list_packages("com.android.s").unwrap_err().kind(), ErrorKind::CommandFailed);
}

#[test]
fn what_cannot_be_one_word_is_refused_before_anything_is_sent() {
    let (emulator, client) = start();
    let phones = client.phones(emulator.instance_ids());
    let refused: [(&str, Result<Outcomes>); 9] = [
        ("name", outcomes(phones.getprop("a;reboot"))),
        ("package", outcomes(phones.app_stop("com.a b"))),
        ("activity", outcomes(phones.app_start(GAME, "a/b"))),
        ("path", outcomes(phones.install_remote("game.apk"))),
        ("x", outcomes(phones.click(-1, 5))),
        ("y2", outcomes(phones.swipe(1, 1, 1, 40_000, Duration::from_millis(1)))),
        ("duration", outcomes(phones.long_click(1, 1, Duration::ZERO))),
        ("namespace", outcomes(phones.settings_put("user", "a", "b"))),
        ("text", outcomes(phones.send_keys("价"))),
    ];
    for (argument, refused) in refused {
        let error = refused.unwrap_err();
        assert_eq!((error.kind(), error.argument()), (ErrorKind::InvalidArgument, Some(argument)), "{error}");
    }
    assert!(emulator.requests().iter().all(|request| request.operation != Operation::RunCommand));
    let error = client.phones(["good1", "no good"]).wake().unwrap_err();
    assert!(error.message().contains("phone 2 of the list"), "{error}");
}

#[test]
fn a_text_is_typed_once_and_a_half_typed_one_says_how_far_it_got() {
    let (emulator, client) = start();
    let ids = emulator.instance_ids();
    client.phones(&ids).send_keys("a b").unwrap().raise_for_errors().unwrap();
    for id in &ids {
        assert_eq!(commands(&emulator)[id], ["input text a", "input keyevent 62", "input text b"]);
    }
    emulator.clear_journal();
    let lost = Fault::new(Operation::RunCommand, Action::Cut { when: CutWhen::AfterExecution });
    emulator.add_fault(lost.after(1)).unwrap();
    let results = client.phones(&ids).send_keys("a b").unwrap();
    for result in &results {
        let error = result.error.as_ref().unwrap();
        assert_eq!((error.kind(), error.maybe_executed()), (ErrorKind::OutcomeUnknown, true));
        assert!(error.message().contains("typed before it: 1 of 3 characters"), "{error}");
        assert_eq!(commands(&emulator)[result.instance_id.as_str()], ["input text a", "input keyevent 62"]);
    }
    emulator.clear_journal();
    // Refused before execution, after something was typed: the list says so.
    let refused = Action::Throttle { retry_after: None, limit_text: None, status: 429 };
    emulator.add_fault(Fault::new(Operation::RunCommand, refused).after(1).times(0)).unwrap();
    let hasty = client.with(koophone::CallOptions::new().timeout(Duration::from_secs(2)));
    let error = hasty.phone(&ids[0]).send_keys("a b").unwrap_err();
    assert!(error.maybe_executed() && error.message().contains("1 of 3"), "{error}");
}

#[test]
fn a_fraction_of_the_screen_is_touched_once_in_its_current_rotation() {
    let (emulator, client) = start();
    let ids = emulator.instance_ids();
    client.phone(&ids[1]).settings_put("system", "user_rotation", "1").unwrap();
    emulator.clear_journal();
    client.phones(&ids).click_ratio(0.5, 0.25).unwrap().raise_for_errors().unwrap();
    let of = commands(&emulator);
    assert_eq!(of[&ids[0]], ["wm size", "dumpsys display", "input tap 360 320"]);
    assert_eq!(of[&ids[1]], ["wm size", "dumpsys display", "input tap 640 180"]);
    emulator.clear_journal();
    // A lost reading is read again; a lost touch is not repeated.
    let lost = || Fault::new(Operation::RunCommand, Action::Cut { when: CutWhen::AfterExecution });
    emulator.add_faults([lost(), lost().after(2)]).unwrap();
    let error = client.phone(&ids[0]).click_ratio(1.0, 0.0).unwrap_err();
    assert_eq!((error.kind(), error.maybe_executed()), (ErrorKind::OutcomeUnknown, true));
    assert_eq!(commands(&emulator)[&ids[0]], ["wm size", "wm size", "dumpsys display", "input tap 719 0"]);
    emulator.clear_journal();
    // Nothing is touched if the size cannot be read.
    emulator.add_rules([Rule { command: "wm size".into(), stdout: "?".into(), ..Rule::default() }]).unwrap();
    let error = client.phone(&ids[0]).click_ratio(0.0, 0.0).unwrap_err();
    assert_eq!((error.kind(), error.maybe_executed()), (ErrorKind::CommandFailed, false));
    assert_eq!(commands(&emulator)[&ids[0]], ["wm size"]);
    let error = client.phone(&ids[0]).click_ratio(1.5, 0.0).unwrap_err();
    assert_eq!((error.kind(), error.argument()), (ErrorKind::InvalidArgument, Some("x")));
}

// The gateway counts calls by path, and every verb has the same path.
#[test]
fn a_refused_verb_holds_the_others_back_because_they_are_one_api() {
    let (emulator, client) = start();
    let refused = Action::Throttle { retry_after: Some(60), limit_text: None, status: 429 };
    emulator.add_fault(Fault::new(Operation::RunCommand, refused)).unwrap();
    let phone =
        client.with(koophone::CallOptions::new().timeout(Duration::from_secs(2))).phone(&emulator.instance_ids()[0]);
    assert_eq!(phone.home().unwrap_err().kind(), ErrorKind::Throttled);
    let sent = emulator.requests().len();
    let error = phone.window_size().unwrap_err();
    assert_eq!((error.kind(), emulator.requests().len()), (ErrorKind::Throttled, sent), "{error}");
}

#[test]
fn an_error_that_names_a_file_called_success_is_an_error() {
    let (emulator, client) = start();
    let id = emulator.instance_ids()[0].clone();
    let rule = |stdout: &str| Rule { command: "pm install *".into(), stdout: stdout.into(), ..Rule::default() };
    emulator.add_rules([rule("Error: cannot open /sdcard/Success.apk")]).unwrap();
    let error = client.phone(&id).install_remote("/sdcard/Success.apk").unwrap_err();
    assert_eq!((error.kind(), error.maybe_executed()), (ErrorKind::CommandFailed, true));
    emulator.clear_rules();
    emulator.add_rules([rule("WARNING: linker\nSuccess\r\n")]).unwrap();
    client.phone(&id).install_remote("/sdcard/Success.apk").unwrap();
}

#[test]
fn values_that_cannot_be_right_are_errors() {
    let (emulator, client) = start();
    let id = emulator.instance_ids()[0].clone();
    let phone = client.phone(&id);
    for size in ["0x0", "-1x-1", "720x-9223372036854775808", "9223372036854775807x1", "720x"] {
        let rule = Rule { command: "wm size".into(), stdout: format!("Physical size: {size}"), ..Rule::default() };
        emulator.add_rules([rule]).unwrap();
        assert_eq!(phone.window_size().unwrap_err().kind(), ErrorKind::CommandFailed, "{size}");
        let error = phone.click_ratio(1.0, 1.0).unwrap_err();
        assert_eq!((error.kind(), error.maybe_executed()), (ErrorKind::CommandFailed, false), "{size}: {error}");
        emulator.clear_rules();
    }
    type Failed = fn(&koophone::blocking::Phone) -> Option<ErrorKind>;
    let values: [(&str, &str, Failed); 5] = [
        ("dumpsys battery", "  level: -1\n  scale: 100", |phone| phone.battery().err().map(|error| error.kind())),
        ("dumpsys battery", "  level: 9223372036854775807", |phone| phone.battery().err().map(|error| error.kind())),
        ("dumpsys*", "orientation=12,", |phone| phone.rotation().err().map(|error| error.kind())),
        ("dumpsys*", "orientation=-1,", |phone| phone.rotation().err().map(|error| error.kind())),
        ("pidof *", "620 -5", |phone| phone.pidof(GAME).err().map(|error| error.kind())),
    ];
    for (command, stdout, failed) in values {
        emulator.add_rules([Rule { command: command.into(), stdout: stdout.into(), ..Rule::default() }]).unwrap();
        assert_eq!(failed(&phone), Some(ErrorKind::CommandFailed), "{stdout}");
        emulator.clear_rules();
    }
    // The last of these ids would be half of one.
    emulator.add_rules([Rule { command: "pidof *".into(), stdout: "12345 ".repeat(200), ..Rule::default() }]).unwrap();
    let error = phone.pidof(GAME).unwrap_err();
    assert!(error.kind() == ErrorKind::CommandFailed && error.message().contains("cut"), "{error}");
}

#[test]
fn a_long_text_is_typed_whole_under_a_short_timeout_of_the_client() {
    let (emulator, _) = start();
    let id = emulator.instance_ids()[0].clone();
    let builder = Client::builder().environment(emulator.environment()).setting("proxy", "none");
    let client = builder.setting("timeout", "1").build_blocking().unwrap();
    client.login().unwrap();
    emulator.add_rules([Rule { command: "input *".into(), duration_ms: 250, ..Rule::default() }]).unwrap();
    client.phone(&id).send_keys("a b c d").unwrap();
    assert_eq!(commands(&emulator)[&id].len(), 7);
}
