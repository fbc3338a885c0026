//! `koophone install` and `koophone apps`.

mod common;

use common::{World, run};
use koophone_emulator::{Action, CutWhen, Fault, JournalKind, Operation, Quirk};
use serde_json::json;

const URL: &str = "https://bucket.obs.example/game.apk?AccessKeyId=A&Signature=s3cret-of-the-app";

const APP: [&str; 10] = [
    "--package",
    "com.example.game",
    "--version-name",
    "1.4.0",
    "--file-name",
    "game.apk",
    "--size-mb",
    "120",
    "--md5",
    "9e107d9d372bb6826bd81d3542a419d6",
];

fn args<'a>(before: &[&'a str], after: &[&'a str]) -> Vec<&'a str> {
    [before, &APP, after].concat()
}

fn json_of_app() -> serde_json::Value {
    json!({"url": URL, "package": "com.example.game", "version": "1.4.0", "file_name": "game.apk", "size_mb": 120,
        "md5": "9e107d9d372bb6826bd81d3542a419d6", "fast": false})
}

#[test]
fn an_installation_is_followed_and_the_app_is_listed() {
    let world = World::new();
    let url = world.file("address.txt", &format!("{URL}\n"));
    let done = world.run(&args(&["install", "--all"], &["--url-file", &url, "-v"])).expect(0);
    assert_eq!((done.rows().len(), done.rows()[2][2].as_str()), (3, "succeeded"));
    assert!(done.stderr.contains("progress: 3 succeeded") && !done.stderr.contains("s3cret"), "{done:?}");
    let done = world.run(&["apps", &world.phones[1], "--type", "installed"]).expect(0);
    assert_eq!(done.rows(), [["com.example.game", "game", "1.4.0"]]);

    let done = world.run(&args(&["install", &world.phones[0]], &["--url", URL, "--detach"])).expect(0);
    assert_eq!(world.run(&["task", "wait", done.stdout.trim()]).expect(0).rows().len(), 1);
    assert_eq!(world.count(JournalKind::InstallApp), 4);
}

#[test]
fn the_address_is_read_from_where_nobody_sees_it() {
    let world = World::new();
    let phone = world.phones[0].as_str();
    let done = world.run(&args(&["install", phone], &[])).expect(1);
    for way in ["--url-file", "KOOPHONE_APP_URL"] {
        assert!(done.stderr.contains(way), "{done:?}");
    }
    assert!(world.emulator.requests().is_empty());
    let mut command = world.command(&args(&["install", phone, "--detach", "-v"], &[]));
    command.env("KOOPHONE_APP_URL", URL);
    let done = world.check(run(command, None)).expect(0);
    assert!(!done.stderr.contains("KOOPHONE_APP_URL"), "a variable that means something: {done:?}");
    world.run_with_input(&args(&["install", phone, "--detach"], &["--url-file", "-"]), URL).expect(0);
    // The file has everything except what has a default, and options override it.
    let mut app = json_of_app();
    app.as_object_mut().unwrap().remove("fast");
    let file = world.file("app.json", &app.to_string());
    world.run_with_input(&["install", "--app", &file, "--detach", "--version-name", "1.5.0"], phone).expect(0);
    let detail = |entry: koophone_emulator::JournalEntry| entry.detail;
    let installed: Vec<_> = world.emulator.journal_of(phone).into_iter().filter_map(detail).collect();
    assert_eq!(installed.last().map(String::as_str), Some("com.example.game 1.5.0"));
    // No error shows it, whatever is wrong.
    for (field, value) in
        [("size_mb", json!("large")), ("sizes", json!(1)), ("url", json!([URL])), ("md5", json!(null))]
    {
        let mut app = json_of_app();
        app[field] = value;
        let file = world.file("app.json", &app.to_string());
        let done = world.run(&["install", phone, "--app", &file, "-vv"]).expect(1);
        assert!(!done.stderr.contains("s3cret"), "{done:?}");
    }
    let file = world.file("app.json", &json!(URL).to_string());
    let done = world.run(&["install", phone, "--app", &file]).expect(1);
    assert!(done.stderr.contains("not a JSON object: it is a text") && !done.stderr.contains("s3cret"), "{done:?}");
    let done = world.run(&args(&["install", phone], &["--url", "ftp://s3cret.example", "--json"])).expect(1);
    assert_eq!(done.error()["error"]["argument"], "url");
    assert!(!done.stderr.contains("s3cret"), "{done:?}");
}

#[test]
fn an_installation_whose_response_is_lost_is_not_sent_again() {
    let world = World::new();
    let lost = || Fault::new(Operation::InstallApp, Action::Cut { when: CutWhen::AfterExecution });
    world.emulator.add_fault(lost()).unwrap();
    let done = world.run(&args(&["install", &world.phones[0]], &["--url", URL])).expect(11);
    assert!(done.stderr.contains("[outcome_unknown") && !done.stderr.contains("s3cret"), "{done:?}");
    assert_eq!(world.count(JournalKind::InstallApp), 1);
    world.emulator.add_fault(lost()).unwrap();
    world.run(&args(&["install", &world.phones[0]], &["--url", URL, "--repeatable"])).expect(0);
    assert_eq!(world.count(JournalKind::InstallApp), 3);
}

#[test]
fn apps_are_listed_by_kind_and_page_without_icon_addresses() {
    let world = World::with(|builder| builder.quirk(Quirk::IconUrlsPresent));
    let phone = world.phones[0].as_str();
    let all = world.run(&["apps", phone, "--page-size", "4"]).expect(0);
    assert_eq!((all.rows().len(), world.requests(Operation::ListApps)), (6, 2));
    assert!(!all.stdout.contains("AccessKeyId"), "{all:?}");
    assert_eq!(world.run(&["apps", phone, "--type", "system", "--limit", "2"]).expect(0).rows().len(), 2);
    assert!(world.run(&["apps", phone, "--type", "2"]).expect(0).rows().is_empty());
    let hidden = world.run(&["apps", phone, "--json"]).expect(0).json();
    assert_eq!((hidden.as_array().unwrap().len(), &hidden[0]["icon_url"]), (6, &json!("***")));
    let page = world.run(&["apps", phone, "--json", "--page", "2", "--page-size", "5", "--show-secrets"]).expect(0);
    let page = page.json();
    assert_eq!((&page["total_count"], page["items"].as_array().unwrap().len()), (&json!(6), 1));
    assert!(page["items"][0]["icon_url"].as_str().unwrap().contains("AccessKeyId"));
    assert!(world.run(&["apps", phone, "--type", "games"]).expect(1).stderr.contains("system, installed, all"));
    assert_eq!(world.run(&["apps", phone, "--page", "0", "--json"]).expect(1).error()["error"]["argument"], "page_no");
}
