//! Commands without a task to wait for: status, exec, video, reset, device-token.

mod common;

use common::World;
use koophone_emulator::{Action, CutWhen, Fault, JournalKind, Operation, Quirk};
use serde_json::{Value, json};

#[test]
fn status_has_one_row_per_phone_in_the_order_asked() {
    let world = World::new();
    let mut asked = world.phones.clone();
    asked.reverse();
    let args: Vec<&str> = ["status"].into_iter().chain(asked.iter().map(String::as_str)).collect();
    let done = world.run(&args).expect(0);
    assert!(done.stdout.starts_with("PHONE"), "{done:?}");
    let expected: Vec<Vec<String>> = asked.iter().map(|id| vec![id.clone(), "running".into(), "2".into()]).collect();
    assert_eq!(done.rows(), expected);
    assert_eq!(done.stderr, "");

    let done = world.run(&world.args(&["--json", "status"], &[])).expect(0);
    let expected: Vec<Value> = world
        .phones
        .iter()
        .map(|id| json!({"instance_id": id, "state": "running", "status": 2, "error": null}))
        .collect();
    assert_eq!(done.json(), json!(expected));
    assert_eq!(done.stdout.lines().count(), 1, "one line for programs");
}

#[test]
fn if_some_phones_fail_the_others_keep_their_rows_and_the_first_failure_sets_the_exit_code() {
    let world = World::new();
    let fault = || Fault::new(Operation::QueryStatus, Action::NoPermission {}).on_phone(&world.phones[1]);
    world.emulator.add_fault(fault()).unwrap();
    let done = world.run(&world.args(&["status", "--batch-size", "1"], &[])).expect(4);
    let rows = done.rows();
    assert_eq!(rows.len(), 3);
    assert_eq!((rows[0][1].as_str(), rows[1][1].as_str(), rows[2][1].as_str()), ("running", "unknown", "running"));
    assert!(rows[1][2].starts_with("permission_denied: "), "{rows:?}");
    assert!(done.stderr.starts_with("error: 1 of 3 phones failed; the first is "), "{done:?}");

    world.emulator.add_fault(fault()).unwrap();
    let done = world.run(&world.args(&["status", "--batch-size", "1", "--json"], &[])).expect(4);
    assert_eq!(done.json()[1]["error"]["kind"], "permission_denied");
    assert_eq!(done.json()[2]["state"], "running");
    assert_eq!(done.error()["error"]["code"], "KOOPHONE.API.1001");
    assert_eq!(done.error()["exit_code"], 4);
}

#[test]
fn verbose_ends_with_statistics_and_the_traceparent_is_sent() {
    let world = World::new();
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let done = world.run(&world.args(&["status", "-v", "--traceparent", trace], &[])).expect(0);
    let last = done.stderr.lines().last().unwrap();
    assert!(last.starts_with("info: calls 1, attempts 2, retries 0, logins 1, connections 1"), "{done:?}");
    assert_eq!(world.emulator.requests().last().unwrap().traceparent.as_deref(), Some(trace));
    let done = world.run(&["status", "-v", "--json", "no such id"]).expect(1);
    let printed: Vec<Value> = done.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        (&printed[0]["stats"]["calls"], &printed[0]["stats"]["errors"]["invalid_argument"]),
        (&json!(1), &json!(1))
    );
    let done = world.run(&world.args(&["status", "--traceparent", "mine"], &[])).expect(1);
    assert!(done.stderr.contains("argument traceparent"), "{done:?}");
}

#[test]
fn an_unknown_phone_is_permission_denied_as_the_service_says() {
    let world = World::new();
    let done = world.run(&["status", "nosuchphone"]).expect(4);
    assert_eq!(done.stdout, "");
    assert!(done.stderr.starts_with("error: ") && done.stderr.contains("permission_denied; code KOOPHONE.API.1001"));
}

#[test]
fn exec_runs_the_words_after_the_dashes_once_on_every_phone() {
    let world = World::new();
    let done = world.run(&world.args(&["exec"], &["--", "echo", "hello", "-n"])).expect(0);
    assert_eq!(done.rows().len(), 3);
    assert_eq!(done.rows()[0], [world.phones[0].as_str(), "succeeded", "hello -n"]);
    for at in 0..3 {
        assert_eq!(world.ran(at), ["echo hello -n"]);
    }
    let done = world.run(&world.args(&["exec", "--json"], &["--", "getprop ro.product.model"])).expect(0);
    let first = &done.json()[0];
    assert_eq!((&first["state"], &first["status"], &first["error"]), (&json!("succeeded"), &json!(2), &Value::Null));
    assert!(!first["output"].as_str().unwrap().is_empty());
    assert_eq!(first["output_truncated"], false);
}

#[test]
fn exec_raw_prints_only_what_the_command_printed() {
    let world = World::new();
    let done = world.run(&world.args(&["exec", "--raw"], &["--", "echo hello"])).expect(0);
    assert_eq!((done.stdout.as_str(), done.stderr.as_str()), ("hello\nhello\nhello\n", ""));
    assert!(world.run(&world.args(&["exec", "--raw", "--json"], &["--", "ls"])).expect(1).stderr.contains("--raw"));
}

#[test]
fn a_command_that_fails_on_a_phone_is_reported_with_its_output() {
    let world = World::new();
    let done = world.run(&["exec", &world.phones[0], "--", "ls /nope"]).expect(15);
    assert!(done.stdout.contains("failed") && done.stdout.contains("No such file or directory"), "{done:?}");
}

#[test]
fn what_a_phone_prints_cannot_move_the_cursor_of_a_terminal() {
    let world = World::with(|builder| {
        let text = "a\u{1b}[2Jb\tc";
        builder.rule(koophone_emulator::Rule { command: "show".into(), stdout: text.into(), ..Default::default() })
    });
    let done = world.run(&["exec", &world.phones[0], "--", "show"]).expect(0);
    assert!(done.stdout.contains("a\\u{1b}[2Jb    c"), "{done:?}");
    // A program gets it unchanged.
    let done = world.run(&["exec", &world.phones[0], "--json", "--", "show"]).expect(0);
    assert_eq!(done.json()[0]["output"], "a\u{1b}[2Jb\tc");
}

#[test]
fn a_command_that_may_have_run_is_repeated_only_if_repeatable() {
    let world = World::new();
    let cut = || Fault::new(Operation::RunCommand, Action::Cut { when: CutWhen::AfterExecution });
    world.emulator.add_fault(cut()).unwrap();
    let done = world.run(&["exec", &world.phones[0], "--", "input tap 1 2"]).expect(11);
    assert!(done.stderr.contains("[outcome_unknown"), "{done:?}");
    assert_eq!(world.ran(0), ["input tap 1 2"]);

    world.emulator.add_fault(cut()).unwrap();
    world.run(&["exec", &world.phones[1], "--repeatable", "--", "true"]).expect(0);
    assert_eq!(world.ran(1), ["true", "true"]);
}

#[test]
fn a_command_follows_two_dashes_and_the_core_validates_it() {
    let world = World::new();
    assert!(world.run(&["exec", &world.phones[0], "ls"]).expect(1).stderr.contains("-- <COMMAND>"));
    let done = world.run(&["exec", &world.phones[0], "--strict-commands", "true", "--", "echo a|b"]).expect(1);
    assert!(done.stderr.contains("argument command"), "{done:?}");
    let done = world.run(&["exec", &world.phones[0], "--detach", "--", "ls"]).expect(1);
    assert!(done.stderr.contains("add --async"), "{done:?}");
    assert!(world.emulator.requests().is_empty());
}

#[test]
fn video_set_changes_the_given_values_of_the_defaults() {
    let world = World::new();
    let args = ["--bitrate-kbps", "4000", "--fps", "60", "--p1080", "8000:30"];
    let done = world.run(&world.args(&["video", "set"], &args)).expect(0);
    assert_eq!(done.rows()[2], [world.phones[2].as_str(), "set"]);
    let settings = world.emulator.phone(&world.phones[0]).unwrap().video_settings;
    assert_eq!(settings.len(), 6);
    let group = &settings[0]["video_spec_groups"][0];
    assert_eq!(group["definition_720P"], json!({"code_rate": 4000, "fps": 60}));
    assert_eq!(group["definition_1080P"], json!({"code_rate": 8000, "fps": 30}));
    assert_eq!(world.count(JournalKind::VideoSettings), 3);

    let done = world.run(&["video", "set", &world.phones[0], "--fps", "30", "--json"]).expect(0);
    assert_eq!(done.json(), json!([{"instance_id": world.phones[0], "error": null}]));
}

#[test]
fn video_settings_are_read_from_a_file_or_a_pipe() {
    let world = World::new();
    let defaults = world.run(&["video", "show-defaults", "--json"]).expect(0);
    let changed = defaults.stdout.replace("6000", "700");
    let file = world.file("video.json", &changed);
    world.run(&["video", "set", &world.phones[0], "--settings", &file]).expect(0);
    world.run_with_input(&["video", "set", &world.phones[1], "--settings", "-"], &changed).expect(0);
    for id in &world.phones[..2] {
        let settings = world.emulator.phone(id).unwrap().video_settings;
        assert_eq!(settings[5]["video_spec_groups"][0]["definition_540P"]["code_rate"], 700);
    }
    let done = world.run(&["video", "show-defaults"]).expect(0);
    assert_eq!(done.rows().len(), 6);
    assert_eq!(done.rows()[0], ["mobile", "h264", "6000:30", "6000:30", "8000:30"]);
}

#[test]
fn video_settings_are_validated_by_the_core() {
    let world = World::new();
    let phone = world.phones[0].as_str();
    assert!(world.run(&["video", "set", phone, "--fps", "61"]).expect(1).stderr.contains("30 or 60"));
    assert!(world.run(&["video", "set", phone, "--p540", "fast"]).expect(1).stderr.contains("like 3000:30"));
    assert!(world.run(&["video", "set", phone]).expect(1).stderr.contains("--bitrate-kbps"));
    let file = world.file("video.json", "{}");
    let done = world.run(&["video", "set", phone, "--settings", &file, "--json"]).expect(1);
    assert_eq!(done.error()["error"]["argument"], "video_settings");
    assert!(world.emulator.requests().is_empty());
}

#[test]
fn a_reset_without_a_terminal_needs_yes() {
    let world = World::new();
    let done = world.run(&world.args(&["reset"], &[])).expect(1);
    assert!(done.stderr.contains("destroys user data") && done.stderr.contains("--yes"), "{done:?}");
    // Nothing may confirm on behalf of the person at the terminal.
    world.run_with_input(&world.args(&["reset"], &[]), "yes\n").expect(1);
    assert!(world.emulator.requests().is_empty());

    let done = world.run(&world.args(&["reset", "--yes"], &[])).expect(0);
    assert_eq!(done.rows().len(), 3);
    assert_eq!(world.count(JournalKind::Reset), 3);
}

#[test]
fn a_reset_that_returns_no_task_is_reported_as_accepted() {
    let world =
        World::with(|builder| builder.options(|options| options.reset_duration_ms = 0).quirk(Quirk::ResetWithoutTask));
    let done = world.run(&world.args(&["reset", "-y"], &[])).expect(0);
    assert_eq!(done.rows()[0], [world.phones[0].as_str(), "accepted"]);
    assert!(done.stderr.contains("koophone status"), "{done:?}");
    let done = world.run(&world.args(&["reset", "-y", "--json"], &[])).expect(0);
    assert_eq!(done.json()[2]["instance_id"], world.phones[2].as_str());
    assert_eq!(done.stderr, "");
}

#[test]
fn the_h5_parameters_have_the_players_names() {
    let world = World::with(|builder| builder.quirk(Quirk::ExpiredTimePresent));
    let h5 = ["device-token", world.phones[0].as_str(), "--h5"];
    let hidden = world.run(&h5).expect(0);
    assert!(hidden.stdout.contains("***") && hidden.stderr.contains("--show-secrets"), "{hidden:?}");
    let shown = world.run(&[&h5[..], &["--uuid", "player-7", "--show-secrets", "--json"]].concat()).expect(0).json();
    let mut names: Vec<&String> = shown.as_object().unwrap().keys().collect();
    names.sort();
    assert_eq!(names, ["boxid", "signaling_url", "token", "uuid"]);
    assert!(shown["uuid"] == "player-7" && shown["token"].as_str().unwrap().len() > 8, "{shown}");
    let random = world.run(&[&h5[..], &["--json"]].concat()).expect(0).json();
    assert_eq!((random["token"].as_str(), random["uuid"].as_str().unwrap().len()), (Some("***"), 36));
    assert!(world.run(&h5[..2]).expect(0).stdout.contains("86400 s"));
    world.run(&["device-token", world.phones[0].as_str(), "--uuid", "x"]).expect(1);
}

#[test]
fn the_android_parameters_have_the_players_names() {
    let world = World::new();
    let android = ["device-token", world.phones[0].as_str(), "--android"];
    let hidden = world.run(&android).expect(0);
    assert!(hidden.stdout.contains("***") && hidden.stderr.contains("--show-secrets"), "{hidden:?}");
    let shown =
        world.run(&[&android[..], &["--userid", "player-7", "--show-secrets", "--json"]].concat()).expect(0).json();
    let mut names: Vec<&String> = shown.as_object().unwrap().keys().collect();
    names.sort();
    assert_eq!(names, ["launch_key_address", "launch_key_port", "launch_key_token", "launch_key_userid"]);
    assert!(
        shown["launch_key_userid"] == "player-7" && shown["launch_key_token"].as_str().unwrap().len() > 8,
        "{shown}"
    );
    world.run(&[&android[..], &["--h5"]].concat()).expect(1);
}

#[test]
fn device_tokens_are_shown_only_on_request() {
    let world = World::with(|builder| builder.quirk(Quirk::IceServersPresent));
    let phone = world.phones[0].as_str();
    let hidden = world.run(&["device-token", phone]).expect(0);
    assert!(hidden.stdout.contains("***") && hidden.stderr.contains("--show-secrets"), "{hidden:?}");
    let hidden = world.run(&["device-token", phone, "--json"]).expect(0).json();
    assert_eq!((&hidden["token"], &hidden["ice_servers"]), (&json!("***"), &json!("***")));
    assert_eq!(hidden["external"]["access_type"], 1);

    let shown = world.run(&["device-token", phone, "--json", "--show-secrets"]).expect(0).json();
    let token = shown["token"].as_str().unwrap();
    assert!(token.len() > 8 && token != "***");
    assert!(shown["ice_servers"].as_str().unwrap().starts_with('['));
    assert_eq!(shown["device_id"], hidden["device_id"]);
    let table = world.run(&["device-token", phone, "--show-secrets", "-q"]).expect(0);
    assert!(!table.stdout.contains("***") && table.stderr.is_empty(), "{table:?}");
}
