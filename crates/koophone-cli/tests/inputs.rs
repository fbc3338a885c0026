//! The sources of phones, credentials and settings.

mod common;

use common::{World, run};
use koophone_emulator::{AuthKind, Operation};

#[test]
fn phones_are_read_from_a_file_a_pipe_or_both() {
    let world = World::new();
    let [first, second, third] = [0, 1, 2].map(|at| world.phones[at].as_str());
    let file = world.file("phones.txt", &format!("# fleet\n{second}\n\n  {third} # slow\r\n"));
    let ids = |done: common::Done| -> Vec<String> { done.rows().into_iter().map(|row| row[0].clone()).collect() };
    assert_eq!(ids(world.run(&["status", "--file", &file]).expect(0)), [second, third]);
    assert_eq!(ids(world.run(&["status", first, "-f", &file]).expect(0)), [first, second, third]);
    let pipe = format!("{third}\n{first}\n");
    assert_eq!(ids(world.run_with_input(&["status"], &pipe).expect(0)), [third, first]);
    assert_eq!(ids(world.run_with_input(&["status", second, "-f", "-"], &pipe).expect(0)), [second, third, first]);
    // If a phone is named, the pipe is not for this command.
    assert_eq!(ids(world.run_with_input(&["status", second], &pipe).expect(0)), [second]);
}

#[test]
fn lists_of_phones_are_validated_by_the_core_before_anything_is_sent() {
    let world = World::new();
    let error = |done: common::Done| done.expect(1).error()["error"].clone();
    let empty = error(world.run_with_input(&["status", "--json"], "# nobody\n"));
    assert_eq!(empty["argument"], "instance_ids");
    let bad = error(world.run(&["status", "good", "a/b", "--json"]));
    assert!(bad["message"].as_str().unwrap().starts_with("phone 2 of the list"), "{bad}");
    let missing = error(world.run(&["status", "--file", "nowhere.txt", "--json"]));
    assert!(missing["message"].as_str().unwrap().contains("nowhere.txt"), "{missing}");
    std::fs::write(world.dir().join("latin1.txt"), b"a\xff").unwrap();
    assert!(world.run(&["status", "--file", "latin1.txt"]).expect(1).stderr.contains("not UTF-8"));
    assert!(world.emulator.requests().is_empty());
}

#[test]
fn standard_input_is_read_for_one_purpose_only() {
    let world = World::new();
    let mut command = world.command(&["status", "--file", "-", "--password-file", "-"]);
    command.env_remove("KOOPHONE_PASSWORD");
    let done = run(command, Some("x\n")).expect(1);
    assert!(done.stderr.contains("already read for"), "{done:?}");
}

#[test]
fn settings_are_options_and_override_the_environment() {
    let world = World::new();
    let mut command = world.command(&["status", &world.phones[0], "--endpoint", world.emulator.endpoint()]);
    command.env("KOOPHONE_ENDPOINT", "https://127.0.0.1:1");
    run(command, None).expect(0);
    // Before the command they mean the same.
    world.run(&["--max-attempts", "1", "status", &world.phones[0]]).expect(0);
    let done = world.run(&["status", &world.phones[0], "--batch-size", "1000", "--json"]).expect(1);
    assert_eq!(done.error()["error"]["argument"], "batch_size");
    let twice = world.run(&["status", "--batch-size", "1", "--batch-size", "2"]).expect(1);
    assert!(twice.stderr.contains("multiple times"), "{twice:?}");
}

#[test]
fn a_misspelt_variable_is_refused() {
    let world = World::new();
    let mut command = world.command(&["status", "a", "--json"]);
    command.env("KOOPHONE_ENDPIONT", "x");
    let done = run(command, None).expect(2);
    assert_eq!(done.error()["error"]["argument"], "KOOPHONE_ENDPIONT");
}

#[test]
fn a_password_is_read_from_a_file_or_a_pipe() {
    let world = World::new();
    let credentials = world.emulator.credentials().clone();
    let without = |args: &[&str], input: Option<&str>| {
        let mut command = world.command(args);
        command.env_remove("KOOPHONE_PASSWORD").env_remove("KOOPHONE_USERNAME").env_remove("KOOPHONE_DOMAIN");
        world.check(run(command, input))
    };
    let file = world.file("password.txt", &format!("\u{feff}{}\r\n\n", credentials.password));
    let named = ["whoami", "--json", "--username", &credentials.user, "--domain", &credentials.account_domain];
    let with = |more: &[&'static str]| [&named, more].concat();
    let from_file = without(&[&named[..], &["--password-file", &file]].concat(), None).expect(0).json();
    assert_eq!((&from_file["method"], &from_file["source"]), (&"password".into(), &"code".into()));
    without(&with(&["--password-file", "-"]), Some(&credentials.password)).expect(0);

    let missing = without(&named, None).expect(1).error();
    let message = missing["error"]["message"].as_str().unwrap();
    assert!(message.contains("KOOPHONE_PASSWORD") && message.contains("--password-file"), "{message}");
    let domain = world.run(&["whoami", "--json"]).expect(0).json()["domain"].clone();
    assert_eq!(domain, credentials.account_domain.as_str());
}

#[test]
fn options_are_completed_from_the_environment_for_the_same_kind_of_credential() {
    let world = World::new();
    let credentials = world.emulator.credentials().clone();
    // The environment has a password, and the option names its user.
    let mut command = world.command(&["whoami", "--json", "--username", &credentials.user]);
    command.env_remove("KOOPHONE_USERNAME");
    assert_eq!(run(command, None).expect(0).json()["user"], credentials.user.as_str());
    // If options give a key, the login in the environment is ignored.
    let file = world.file("sk", &credentials.secret_key);
    let args = ["status", &world.phones[0], "--access-key", &credentials.access_key, "--secret-key-file", &file];
    world.run(&args).expect(0);
    let last = world.emulator.requests().into_iter().find(|request| request.operation == Operation::QueryStatus);
    assert_eq!(last.unwrap().auth, AuthKind::Aksk);
}

#[test]
fn contradictory_credentials_are_refused() {
    let world = World::new();
    let file = world.file("token", "MIIF");
    let done = world.run(&["whoami", "--token-file", &file, "--access-key", "AK", "--json"]).expect(1);
    assert!(done.error()["error"]["message"].as_str().unwrap().contains("keep one of the two"), "{done:?}");
    let mut command = world.command(&["whoami", "--json"]);
    command.env("HUAWEICLOUD_SDK_AK", "a").env("HUAWEICLOUD_SDK_SK", "s");
    assert_eq!(run(command, None).expect(2).error()["error"]["argument"], "credentials");
}

#[test]
fn a_secret_on_the_command_line_is_refused_and_not_repeated() {
    let world = World::new();
    for args in [["whoami", "--password=hunter2"], ["whoami", "--token=hunter2"], ["whoami", "--secret-key=hunter2"]] {
        let done = world.run(&args).expect(1);
        assert!(done.stderr.contains("-file") && !done.stderr.contains("hunter2"), "{done:?}");
    }
}

#[test]
fn the_log_contains_no_secret_no_command_and_no_output() {
    let world = World::new();
    let done = world.run(&world.args(&["exec", "-vv"], &["--", "echo n0t-t0-be-seen"])).expect(0);
    assert!(done.stderr.contains("info: logged in"), "{done:?}");
    assert!(!done.stderr.contains("n0t-t0-be-seen"), "{done:?}");
    let done = world.run(&world.args(&["exec", "-vv", "--json"], &["--", "true"])).expect(0);
    for line in done.stderr.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(line["level"].is_string() && line["message"].is_string(), "{line}");
    }
    let mut command = world.command(&["whoami", "-vv"]);
    command.env("KOOPHONE_PASSWORD", "wr0ng-secret");
    let done = run(command, None).expect(3);
    assert!(!done.stderr.contains("wr0ng-secret") && !done.stdout.contains("wr0ng-secret"), "{done:?}");
}
