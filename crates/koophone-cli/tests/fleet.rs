//! Operations on phones that run no command there: reboot, assign, unassign, backup, prepare, stream, session, delete.

mod common;

use common::World;
use koophone_emulator::{Action, CutWhen, Fault, JournalKind, Operation, Quirk};
use serde_json::json;

/// The service executes it, and the response is lost.
fn lost(operation: Operation) -> Fault {
    Fault::new(operation, Action::Cut { when: CutWhen::AfterExecution })
}

#[test]
fn a_reboot_is_accepted_for_each_phone_and_never_repeated() {
    let world = World::new();
    let done = world.run(&["reboot", "--all"]).expect(0);
    let accepted = |id: &String| vec![id.clone(), "accepted".to_owned()];
    assert_eq!(done.rows(), world.phones.iter().map(accepted).collect::<Vec<_>>());
    assert!(done.stderr.contains("koophone status shows"), "{done:?}");
    assert_eq!(world.count(JournalKind::Reboot), 3);

    let world = World::new();
    world.emulator.add_fault(lost(Operation::RebootInstances)).unwrap();
    let done = world.run(&["reboot", &world.phones[0], "--json"]).expect(11);
    assert_eq!(done.error()["error"]["maybe_executed"], true);
    assert_eq!(world.count(JournalKind::Reboot), 1);
    assert!(world.run(&["reboot", "--help"]).expect(0).stdout.contains("--repeatable"));
}

#[test]
fn phones_are_assigned_by_pairs_to_one_user_or_from_files() {
    let world = World::new();
    let (one, two, three) = (world.phones[0].as_str(), world.phones[1].as_str(), world.phones[2].as_str());
    let users = || -> Vec<String> {
        let listed = world.run(&["list", "--json"]).expect(0).json();
        let user = |phone: &serde_json::Value| phone["assigned_user"].as_str().unwrap_or_default().to_owned();
        listed.as_array().unwrap().iter().map(user).collect()
    };
    let done = world.run(&["assign", &format!("{one}=tester-07"), &format!("{two}=tester=08")]).expect(0);
    assert_eq!(done.rows()[1], [two, "assigned"]);
    assert_eq!(users(), ["tester-07", "tester=08", ""]);
    world.run_with_input(&["assign", "--user", "tester-09"], &format!("{three}\n")).expect(0);
    assert_eq!(users(), ["tester-07", "tester=08", "tester-09"]);

    let csv = world.file("users.csv", &format!("name,user_id,instance_id\nx,tester-07,{one}\ny,tester=08,{two}\n"));
    world.run(&["unassign", "--assignments", &csv, "--yes"]).expect(0);
    assert_eq!(users(), ["", "", "tester-09"]);
    let json = json!([{"instance_id": one, "user_id": "7"}, {"instance_id": two, "user_id": "8"}]).to_string();
    world.run_with_input(&["assign", "--assignments", "-", "--json"], &json).expect(0);
    assert_eq!(users(), ["7", "8", "tester-09"]);
    // The output of list --json is not an input of assign: nothing is guessed.
    let done = world.run(&["assign", one]).expect(1);
    assert!(done.stderr.contains("write PHONE=USER"), "{done:?}");
    let before = world.emulator.requests().len();
    for args in [&["assign", "--all"][..], &["unassign", "--name", "*", "--yes"]] {
        assert!(world.run(args).expect(1).stderr.contains("add --user USER"));
    }
    assert!(world.run(&["assign", "--user", "x", "--assignments", &csv]).expect(1).stderr.contains("--assignments"));
    assert!(world.run(&["assign", "a=x", "a=y", "--json"]).expect(1).error()["error"]["argument"] == "assignments");
    assert_eq!(world.emulator.requests().len(), before);
    assert!(world.run(&["assign", "--all", "--user", "7"]).expect(7).stderr.contains("[rejected"));
}

#[test]
fn an_unassignment_asks_first_and_can_be_followed() {
    let world = World::new();
    let pair = format!("{}=tester-07", world.phones[0]);
    world.run(&["assign", &pair]).expect(0);
    let done = world.run(&["unassign", &pair]).expect(1);
    assert!(done.stderr.contains("destroys user data") && done.stderr.contains("--yes"), "{done:?}");
    assert_eq!(world.requests(Operation::UnassignInstances), 0);
    world.emulator.add_fault(lost(Operation::UnassignInstances)).unwrap();
    world.run(&["unassign", &pair, "--yes"]).expect(11);
    assert_eq!(world.count(JournalKind::Unassign), 1);

    let pair = format!("{}=tester-08", world.phones[1]);
    world.run(&["assign", &pair]).expect(0);
    let done = world.run(&["unassign", &pair, "-y", "--detach"]).expect(0);
    assert_eq!(world.run(&["task", "wait", done.stdout.trim()]).expect(0).rows()[0][2], "succeeded");
}

#[test]
fn a_backup_is_followed_and_phones_are_prepared_again() {
    let world = World::new();
    let phone = world.phones[0].as_str();
    world.run(&["assign", "--user", "tester-07", phone]).expect(0);
    let done = world.run(&["backup", phone]).expect(0);
    assert_eq!((done.rows()[0][0].as_str(), done.rows()[0][2].as_str()), (phone, "succeeded"));
    assert_eq!(world.count(JournalKind::BackUp), 1);

    assert!(world.run(&["prepare", phone]).expect(1).stderr.contains("--user"));
    let done = world.run(&["prepare", phone, world.phones[1].as_str(), "--user", "tester-07"]).expect(0);
    assert_eq!(done.rows()[0], [phone, "waiting_for_restore", "1"]);
    assert_eq!(done.rows()[1][1..], ["waiting_for_assignment", "2"]);
    assert_eq!(world.count(JournalKind::Prepare), 1);
    common::until("the restore", || {
        let done = world.run(&["prepare", phone, "-u", "tester-07", "--progress", "--json"]).expect(0);
        done.json()[0]["stage"] == "ready"
    });
    let done = world.run(&["prepare", phone, "-u", "tester-07", "--progress"]).expect(0);
    assert_eq!(done.rows()[0][..3], [phone, "ready", "0"]);

    world.emulator.add_fault(lost(Operation::BackUpInstances)).unwrap();
    world.run(&["backup", &world.phones[2]]).expect(11);
    assert_eq!(world.count(JournalKind::BackUp), 2);
}

#[test]
fn without_a_task_from_the_service_the_call_is_reported_as_accepted() {
    let world = World::with(|builder| builder.quirk(Quirk::ResetWithoutTask));
    let pair = format!("{}=tester-07", world.phones[0]);
    world.run(&["assign", &pair]).expect(0);
    let done = world.run(&["unassign", &pair, "--yes"]).expect(0);
    assert_eq!(done.rows()[0][1], "accepted");
    assert!(done.stderr.contains("koophone list shows"), "{done:?}");
    let done = world.run(&["backup", &world.phones[1], "--detach", "--json"]).expect(0);
    assert_eq!(done.json()["operation"], "back_up_instances");
    assert_eq!(done.stderr, "");
}

#[test]
fn streams_and_sessions_are_ended() {
    let world = World::new();
    let (one, two) = (world.phones[0].as_str(), world.phones[1].as_str());
    assert!(world.emulator.start_stream(one));
    let done = world.run(&["stream", "stop", one, two]).expect(0);
    assert_eq!(done.rows(), [[one, "stopped"], [two, "stopped"]]);
    let done = world.run(&["session", "release", one, "--json"]).expect(0);
    assert_eq!(done.json(), json!([{"instance_id": one, "error": null}]));
    assert_eq!((world.count(JournalKind::StopStreaming), world.count(JournalKind::ReleaseSession)), (2, 1));
    // Both may be repeated, so a lost response is not an error.
    world.emulator.add_fault(lost(Operation::StopStreaming)).unwrap();
    world.run(&["stream", "stop", one]).expect(0);
    assert!(world.run(&["stream"]).expect(1).stderr.contains("stop"));
}

#[test]
fn phones_are_deleted_only_after_confirmation() {
    let world = World::new();
    let phone = world.phones[0].as_str();
    let done = world.run(&["delete", phone]).expect(1);
    assert!(done.stderr.contains("destroys user data") && done.stderr.contains("--yes"), "{done:?}");
    world.run_with_input(&["delete", phone], "yes\n").expect(1);
    assert!(world.emulator.requests().is_empty());
    let done = world.run(&["delete", phone, "--yes"]).expect(0);
    assert_eq!(done.rows(), [[phone, "accepted"]]);
    assert_eq!(world.count(JournalKind::Delete), 1);

    world.emulator.add_fault(lost(Operation::DeleteInstances)).unwrap();
    let done = world.run(&["delete", &world.phones[1], "-y"]).expect(11);
    assert_eq!((done.rows()[0][1].as_str(), world.count(JournalKind::Delete)), ("failed", 2), "{done:?}");
}
