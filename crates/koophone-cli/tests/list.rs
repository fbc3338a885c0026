//! `koophone list`, and the commands that take their phones from the list.

mod common;

use common::World;
use koophone_emulator::{Action, Fault, JournalKind, Operation};
use serde_json::json;

fn world(phones: usize) -> World {
    World::with(|builder| builder.phones(phones))
}

#[test]
fn all_phones_are_listed_over_all_pages() {
    let world = world(5);
    let done = world.run(&["list", "--page-size", "2"]).expect(0);
    assert!(done.stdout.starts_with("PHONE"), "{done:?}");
    let ids: Vec<String> = done.rows().into_iter().map(|row| row[0].clone()).collect();
    assert_eq!((ids, world.requests(Operation::ListInstances)), (world.phones.clone(), 3));
    assert_eq!(done.rows()[1][1..4], ["phone-00002", "running", "2"]);

    let done = world.run(&["list", "--json"]).expect(0);
    assert_eq!(done.json().as_array().unwrap().len(), 5);
    assert_eq!(done.json()[0]["instance_id"], json!(world.phones[0]));
}

#[test]
fn ids_are_for_pipes_and_printed_page_by_page() {
    let world = world(3);
    let lines = |ids: &[String]| ids.iter().map(|id| format!("{id}\n")).collect::<String>();
    let done = world.run(&["list", "--ids", "--page-size", "1"]).expect(0);
    assert_eq!((done.stdout.clone(), done.stderr.as_str()), (lines(&world.phones), ""));
    let piped = world.run_with_input(&["status"], &done.stdout).expect(0);
    assert_eq!(piped.rows().len(), 3);
    world.emulator.add_fault(Fault::new(Operation::ListInstances, Action::NoPermission {}).after(1)).unwrap();
    let done = world.run(&["list", "--ids", "--page-size", "2"]).expect(4);
    assert_eq!(done.stdout, lines(&world.phones[..2]), "what was read before the error, and then the error");
    assert!(done.stderr.contains("permission_denied"), "{done:?}");
    assert!(world.run(&["list", "--ids", "--json"]).expect(1).stderr.contains("--ids"));
}

#[test]
fn a_limit_a_pattern_and_a_filter_select_phones() {
    let world = world(12);
    let ids = |args: &[&str]| -> Vec<String> {
        let args: Vec<&str> = ["list", "--ids"].iter().chain(args).copied().collect();
        world.run(&args).expect(0).stdout.lines().map(str::to_owned).collect()
    };
    assert_eq!(ids(&["--limit", "2", "--page-size", "1"]), world.phones[..2]);
    assert_eq!(world.requests(Operation::ListInstances), 2, "no more than is needed");
    assert_eq!(ids(&["--name", "*-0001?"]), world.phones[9..]);
    assert_eq!(ids(&["--name", "*-0001?", "--limit", "1"]), world.phones[9..10]);
    assert_eq!(ids(&["--instance-name", "phone-00003"]), world.phones[2..3]);
    assert_eq!(ids(&["--order", "desc", "--limit", "1"]), world.phones[11..]);
    assert!(ids(&["--name", "nobody"]).is_empty());
    let done = world.run(&["list", "--end-time", "now"]).expect(1);
    assert!(done.stderr.contains("argument end_time"), "{done:?}");
    assert!(world.run(&["list", "--name", "[a"]).expect(1).stderr.contains("--name"));
}

#[test]
fn a_pattern_that_matches_nothing_prints_an_empty_list_and_a_note() {
    let world = world(2);
    for (args, printed) in [(&["--json"][..], "[]"), (&["--ids"], "")] {
        let done = world.run(&[&["list", "--name", "grid-*"], args].concat()).expect(0);
        assert_eq!(done.stdout.trim(), printed);
    }
    assert!(world.run(&["list", "--name", "grid-*"]).expect(0).stderr.contains("has a name that matches grid-*"));
    let none = world.run(&["list", "--ids", "--name", "grid-*"]).expect(0);
    let done = world.run_with_input(&["status"], &none.stdout).expect(1);
    assert!(done.stderr.contains("the list of phones is empty"), "{done:?}");
}

#[test]
fn entries_without_an_id_are_left_out_with_a_note() {
    let world = world(3);
    let nameless =
        json!({"action": "change", "operation": "list_instances", "times": 0, "set": {"/data/result/1": {}}});
    world.emulator.add_faults(Fault::list_from_json(&nameless.to_string()).unwrap()).unwrap();
    let done = world.run(&["list", "--ids"]).expect(0);
    assert_eq!(done.stdout.lines().collect::<Vec<_>>(), [&world.phones[0], &world.phones[2]]);
    assert!(done.stderr.contains("1 of the list's entries have no instance id"), "{done:?}");
    assert_eq!(world.run(&["status", "--all"]).expect(0).rows().len(), 2);
    assert_eq!(world.run(&["list"]).expect(0).rows().len(), 3, "a page lists every entry");
}

#[test]
fn one_page_includes_the_total_number() {
    let world = world(5);
    let done = world.run(&["--json", "list", "--page", "2", "--page-size", "2"]).expect(0);
    let page = done.json();
    assert_eq!((&page["page_no"], &page["total_count"]), (&json!(2), &json!(5)));
    assert_eq!(page["items"][0]["instance_id"], json!(world.phones[2]));
    assert_eq!(world.requests(Operation::ListInstances), 1);
}

#[test]
fn commands_accept_all_phones_or_those_whose_name_matches() {
    let world = world(3);
    let done = world.run(&["exec", "--all", "--", "echo hello"]).expect(0);
    assert_eq!(done.rows().len(), 3);
    assert_eq!(world.requests(Operation::CreateToken), 1, "one login for the list and the command");
    let done = world.run(&["status", "--name", "*3"]).expect(0);
    assert_eq!((done.rows().len(), done.rows()[0][0].as_str()), (1, world.phones[2].as_str()));
    world.run(&["video", "set", "--name", "phone-0000[12]", "--fps", "30"]).expect(0);
    assert_eq!(world.count(JournalKind::VideoSettings), 2);
    for (args, words) in [
        (&["status", "--name", "grid-*"][..], "no phone of the account has a name that matches grid-*"),
        (&["status", "--all", "a44uhlf7"], "--all"),
        (&["status", "--all", "--name", "x"], "--all"),
        // An unset variable: all phones without a name would match.
        (&["delete", "--yes", "--name", ""], "the pattern is empty"),
        (&["list", "--name", ""], "the pattern is empty"),
    ] {
        let done = world.run(args).expect(1);
        assert!(done.stderr.contains(words), "{done:?}");
    }
}

#[test]
fn destructive_commands_ask_about_all_phones_too() {
    let world = world(3);
    let done = world.run(&["reset", "--all"]).expect(1);
    assert!(done.stderr.contains("add --yes"), "{done:?}");
    assert_eq!(world.count(JournalKind::Reset), 0);
    world.run(&["reset", "--all", "--yes", "--detach"]).expect(0);
    assert_eq!(world.count(JournalKind::Reset), 3);
}
