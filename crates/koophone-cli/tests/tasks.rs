//! Tasks: exec --async, task show, task wait.

mod common;

use common::World;
use koophone_emulator::{Action, CutWhen, Fault, Operation};

#[test]
fn an_asynchronous_command_is_followed() {
    let world = World::new();
    let done = world.run(&world.args(&["exec", "--async"], &["--", "echo done"])).expect(0);
    let rows = done.rows();
    assert_eq!(rows.len(), 3);
    assert_eq!(
        (rows[1][0].as_str(), rows[1][2].as_str(), rows[1][3].as_str()),
        (world.phones[1].as_str(), "succeeded", "done")
    );
    assert_eq!(done.stderr, "", "no progress without a terminal and without -v");
    let done = world.run(&world.args(&["exec", "--async", "--wait", "--json"], &["--", "ls /nope"])).expect(15);
    assert_eq!(done.json()[2]["state"], "failed");
    assert_eq!(done.error()["exit_code"], 15);
}

#[test]
fn progress_is_printed_as_lines_with_verbose() {
    let world = World::new();
    let done = world.run(&world.args(&["exec", "--async", "-v"], &["--", "true"])).expect(0);
    assert!(done.stderr.contains("progress: 3 succeeded, 0 failed, 0 running of 3"), "{done:?}");
    let done = world.run(&world.args(&["exec", "--async", "-v", "--json"], &["--", "true"])).expect(0);
    let mut printed = done.stderr.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let last = printed.rfind(|printed| !printed["progress"].is_null()).unwrap();
    assert_eq!(last["progress"], serde_json::json!({"succeeded": 3, "failed": 0, "running": 0, "total": 3}));
}

#[test]
fn a_detached_task_is_printed_alone_and_resumed_by_another_process() {
    let world = World::new();
    let done = world.run(&world.args(&["exec", "--async", "--detach"], &["--", "echo later"])).expect(0);
    assert_eq!(done.stdout.lines().count(), 1);
    assert!(done.stderr.contains("koophone task wait"));
    let task = done.stdout.trim();

    let waited = world.run(&["task", "wait", task]).expect(0);
    assert_eq!(waited.rows().len(), 3);
    assert_eq!(waited.rows()[0][0], world.phones[0]);
    let file = world.file("task.txt", &done.stdout);
    for args in [["task", "wait", "--file", &file], ["task", "wait", "-f", &file], ["task", "show", "--file", &file]] {
        assert_eq!(world.run(&args).expect(0).rows().len(), 3);
    }
    for args in [&["task", "wait", "-"][..], &["task", "wait"], &["task", "show"]] {
        assert_eq!(world.run_with_input(args, &done.stdout).expect(0).rows().len(), 3, "{args:?}");
    }
    assert_eq!(world.ran(0), ["echo later"]);
}

#[test]
fn a_detached_task_as_json_has_ids_and_phones() {
    let world = World::new();
    let done = world.run(&world.args(&["exec", "--async", "--detach", "--json"], &["--", "true"])).expect(0);
    let task = done.json();
    assert_eq!(task["operation"], "start_command");
    assert_eq!(task["phones"].as_array().unwrap().len(), 3);
    let id = task["task_ids"][0].as_str().unwrap();
    assert_eq!(task["phones"][2]["task_id"], id);
    assert_eq!(done.stderr, "");

    // A bare id leads to the jobs, not to the phones.
    let shown = world.run(&["task", "wait", id, "--json"]).expect(0).json();
    assert_eq!(shown.as_array().unwrap().len(), 3);
    assert!(shown[0]["instance_id"].is_null() && shown[0]["job_id"].is_string());
    let saved = task["saved_task"].as_str().unwrap();
    let shown = world.run(&["task", "show", saved, "--json"]).expect(0).json();
    assert_eq!((&shown["finished"], &shown["progress"]["succeeded"]), (&true.into(), &3.into()));
    assert_eq!(shown["jobs"][1]["instance_id"], world.phones[1].as_str());
}

#[test]
fn a_running_task_can_be_shown_and_a_wait_can_time_out() {
    // Its clock is stopped, so the job never ends.
    let world = World::with(|builder| builder.manual_clock());
    let done = world.run(&world.args(&["exec", "--async", "--detach", "-q"], &["--", "true"])).expect(0);
    assert_eq!(done.stderr, "");
    let task = done.stdout.trim();
    let shown = world.run(&["task", "show", task]).expect(0);
    assert_eq!(shown.rows()[0][2], "running");
    assert!(shown.stderr.contains("0 succeeded, 0 failed, 3 running of 3"));

    let late = world.run(&["task", "wait", task, "--timeout", "150ms", "--json"]).expect(10);
    assert_eq!(late.stdout, "");
    assert_eq!(late.error()["error"]["last_jobs"].as_array().unwrap().len(), 3);
    assert_eq!(late.error()["saved_task"], task);
    assert!(!late.error()["error"]["message"].as_str().unwrap().contains("last_jobs"), "{late:?}");
    let late = world.run(&world.args(&["exec", "--async", "--timeout", "1s"], &["--", "true"])).expect(10);
    let again = late.stderr.lines().last().unwrap().rsplit(' ').next().unwrap();

    world.emulator.advance(std::time::Duration::from_secs(1));
    assert_eq!(world.run(&["task", "wait", again]).expect(0).rows()[2][2], "succeeded");
}

#[test]
fn phones_on_which_nothing_was_started_keep_their_rows() {
    let world = World::new();
    let fault = Fault::new(Operation::StartCommand, Action::NoPermission {}).on_phone(&world.phones[2]);
    world.emulator.add_fault(fault.times(2)).unwrap();
    let done = world.run(&world.args(&["exec", "--async", "--batch-size", "1"], &["--", "true"])).expect(4);
    assert_eq!((done.rows()[0][2].as_str(), done.rows().len()), ("succeeded", 3));
    let args = ["exec", "--async", "--detach", "--batch-size", "1", "--json"];
    let done = world.run(&world.args(&args, &["--", "true"])).expect(4);
    assert!(done.json()["phones"][2]["job_id"].is_null());
    assert_eq!(done.error()["error"]["kind"], "permission_denied");
}

#[test]
fn a_reset_can_be_detached_and_followed() {
    let world = World::new();
    let done = world.run(&world.args(&["reset", "--yes", "--detach"], &[])).expect(0);
    assert_eq!(world.run(&["task", "wait", done.stdout.trim()]).expect(0).rows().len(), 3);
}

#[test]
fn an_invalid_task_is_refused() {
    let world = World::new();
    assert!(world.run(&["task", "show", "kptask1.broken"]).expect(1).stderr.contains("not a saved task"));
    assert!(world.run(&["task", "wait"]).expect(1).stderr.contains("task"));
    let unknown = world.run(&["task", "wait", "nosuchtask"]);
    assert!([5, 7].contains(&unknown.code) && !unknown.stderr.contains("continues"), "{unknown:?}");
}

#[test]
fn a_saved_task_is_described_without_a_request() {
    let world = World::new();
    let started = world.run(&world.args(&["exec", "--async", "--detach", "--json"], &["--", "true"])).expect(0).json();
    let sent = world.requests(Operation::GetTask);
    let saved = started["saved_task"].as_str().unwrap();
    assert_eq!(world.run(&["task", "describe", saved, "--json"]).expect(0).json(), started);
    let rows = world.run(&["task", "describe", saved]).expect(0).rows();
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[2][0], world.phones[2]);
    assert_eq!(rows[2][1], started["phones"][2]["job_id"].as_str().unwrap());
    assert_eq!(world.requests(Operation::GetTask), sent);
}

#[test]
fn a_detached_reset_has_the_same_json_even_if_the_service_returns_no_task() {
    let world = World::with(|builder| builder.quirk(koophone_emulator::Quirk::ResetWithoutTask));
    let args = world.args(&["reset", "--yes", "--detach", "--json"], &[]);
    let reset = world.run(&args).expect(0).json();
    assert_eq!((reset["operation"].as_str(), &reset["task_ids"]), (Some("reset_instances"), &serde_json::json!([])));
    assert_eq!(reset["phones"].as_array().unwrap().len(), 3);
}

#[test]
fn a_phone_that_certainly_ran_nothing_is_not_reported_as_unknown() {
    let world = World::new();
    let state_of_the_first = |action: Action| {
        let fault = Fault::new(Operation::RunCommand, action).on_phone(&world.phones[0]);
        world.emulator.add_fault(fault).unwrap();
        world.run(&world.args(&["exec", "--batch-size", "1"], &["--", "true"])).rows()[0][1].clone()
    };
    assert_eq!(state_of_the_first(Action::NoPermission {}), "not run");
    assert_eq!(state_of_the_first(Action::Cut { when: CutWhen::AfterExecution }), "unknown");
}
