//! login, whoami and doctor.

mod common;

use common::{Done, World, bare, run};
use koophone_emulator::{Action, Fault, Operation};
use serde_json::Value;

#[test]
fn login_shows_the_identity() {
    let world = World::new();
    let done = world.run(&["login"]).expect(0);
    assert!(done.stdout.starts_with("logged in: IAM user emulator-user, account "), "{done:?}");
    assert!(done.stderr.contains("--token-cache"), "{done:?}");
    let done = world.run(&["login", "--json"]).expect(0);
    assert_eq!(done.json()["project_name"], "cn-north-4");
    assert_eq!(done.stderr, "");
}

#[test]
fn with_a_token_cache_the_next_command_does_not_log_in() {
    let world = World::new();
    let cache = world.dir().join("cache");
    let cache = cache.to_str().unwrap();
    let done = world.run(&["login", "--token-cache", cache]).expect(0);
    assert_eq!(done.stderr, "");
    world.run(&["status", &world.phones[0], "--token-cache", cache]).expect(0);
    assert_eq!(world.requests(Operation::CreateToken), 1);
}

#[test]
fn whoami_shows_the_credential_and_where_it_was_found() {
    let world = World::new();
    let done = world.run(&["whoami"]).expect(0);
    assert_eq!(done.rows()[0], ["method", "password"]);
    assert_eq!(done.rows()[1], ["found in", "environment"]);
}

#[test]
fn a_wrong_password_is_tried_once() {
    let world = World::new();
    let mut command = world.command(&["login", "--json"]);
    command.env("KOOPHONE_PASSWORD", "wrong");
    let done = run(command, None).expect(3);
    assert_eq!(done.error()["error"]["kind"], "authentication");
    assert_eq!(world.requests(Operation::CreateToken), 1);
}

fn findings(done: &Done) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    done.json().as_array().unwrap().iter().map(|f| (text(&f["check"]), text(&f["state"]))).collect()
}

fn state<'a>(findings: &'a [(String, String)], check: &str) -> &'a str {
    findings.iter().find(|(name, _)| name == check).map_or("absent", |(_, state)| state)
}

#[test]
fn doctor_finds_nothing_wrong() {
    let world = World::new();
    let done = world.run(&world.args(&["doctor"], &[])).expect(0);
    assert_eq!(done.rows().len(), 7);
    assert_eq!(done.rows()[6][..2], ["permission", "passed"]);
    let done = world.run(&["doctor", "--json"]).expect(0);
    let found = findings(&done);
    for check in ["settings", "credentials", "service", "clock", "login", "permission"] {
        assert_eq!(state(&found, check), "passed", "{check}");
    }
    assert!(world.emulator.journal().is_empty());
}

#[test]
fn doctor_distinguishes_a_wrong_password_from_a_missing_permission() {
    let world = World::new();
    let mut command = world.command(&["doctor", "--json"]);
    command.env("KOOPHONE_PASSWORD", "wrong");
    let done = run(command, None).expect(3);
    let found = findings(&done);
    assert_eq!(
        (state(&found, "service"), state(&found, "login"), state(&found, "permission")),
        ("passed", "failed", "skipped")
    );
    assert!(done.json()[5]["advice"].as_str().unwrap().contains("password"));

    let done = world.run(&["doctor", "nosuchphone"]).expect(4);
    assert!(done.stdout.contains("-> check the ids of the phones"), "{done:?}");
}

#[test]
fn doctor_checks_the_connections_without_credentials_too() {
    let world = World::new();
    let mut command = bare(&["doctor", "--json"]);
    command.env("KOOPHONE_ENDPOINT", world.emulator.endpoint());
    let done = run(command, None).expect(2);
    let found = findings(&done);
    assert_eq!(
        (state(&found, "credentials"), state(&found, "service"), state(&found, "login")),
        ("failed", "passed", "skipped")
    );
}

#[test]
fn doctor_says_at_which_step_the_connection_fails() {
    let world = World::new();
    let address = world.emulator.endpoint().strip_prefix("http://").unwrap();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let ca = world.file("ca.pem", CA);
    for (endpoint, step) in [
        (format!("http://{closed}"), "TCP: "),
        (format!("https://{address}"), "TLS: "),
        ("https://nothing.invalid".to_owned(), "DNS: "),
    ] {
        let args = [
            "doctor",
            "--json",
            "--endpoint",
            &endpoint,
            "--iam-endpoint",
            &endpoint,
            "--ca-file",
            &ca,
            "--proxy",
            "none",
        ];
        let done = world.run(&args).expect(9);
        assert!(done.json()[2]["message"].as_str().unwrap().starts_with(step), "{done:?}");
        assert!(done.json()[2]["advice"].is_string());
    }
    let done = world.run(&["doctor", "--json", "--endpoint", "http://example.com"]).expect(2);
    assert_eq!(state(&findings(&done), "settings"), "failed");
}

#[test]
fn doctor_reports_a_service_that_is_down_and_a_wrong_clock() {
    let world = World::with(|builder| builder.skew_ms(3_600_000));
    world
        .emulator
        .add_fault(Fault::new(Operation::GetTask, Action::Html { status: 502, executed: false }).times(0))
        .unwrap();
    let done = world.run(&["doctor", "--json", "--max-attempts", "1"]).expect(8);
    let found = findings(&done);
    assert_eq!((state(&found, "clock"), state(&found, "permission")), ("warning", "failed"));
    assert!(done.json()[3]["message"].as_str().unwrap().contains("behind the server's"));
}

/// Any authority will do: the connection never gets far enough to use it.
const CA: &str = include_str!("ca.pem");
