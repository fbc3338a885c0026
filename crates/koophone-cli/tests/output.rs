//! Standard output that cannot be written: the command did its work nevertheless, and none of its results may be lost.

#![cfg(target_os = "linux")]

mod common;

use std::fs::File;
use std::process::{Command, Stdio};

use common::{World, bare, finish, run};
use koophone_emulator::{Action, Fault, Operation};

fn full(mut command: Command) -> Command {
    command.stdout(File::options().write(true).open("/dev/full").unwrap());
    command
}

#[test]
fn lost_output_has_its_own_exit_code() {
    let world = World::new();
    let done = run(full(world.command(&["exec", &world.phones[0], "--", "true"])), None).expect(74);
    assert!(done.stderr.contains("the command did its work; only its output could not be written"), "{done:?}");
    assert_eq!(world.ran(0).len(), 1);
    let done = run(full(world.command(&["exec", &world.phones[0], "--json", "--", "true"])), None).expect(74);
    assert_eq!((&done.error()["error"]["kind"], &done.error()["exit_code"]), (&"output_lost".into(), &74.into()));
    for args in [&["--help"][..], &["exec", "--help"], &["--version"], &["errors"], &["completions", "bash"]] {
        run(full(bare(args)), None).expect(74);
    }
}

#[test]
fn a_task_is_printed_on_standard_error_if_standard_output_fails() {
    let world = World::new();
    let phone = world.phones[0].as_str();
    let taken_up = |done: common::Done| {
        let task = done.stderr.lines().last().unwrap().rsplit(' ').next().unwrap().to_owned();
        let jobs = world.run(&["task", "wait", &task, "--json"]).expect(0).json();
        assert_eq!(jobs[0]["instance_id"], phone);
    };
    for args in [&["exec", phone, "--async", "--detach", "--", "true"][..], &["exec", phone, "--async", "--", "true"]] {
        taken_up(run(full(world.command(args)), None).expect(74));
    }
    taken_up(run(full(world.command(&["reset", phone, "--yes", "--detach"])), None).expect(74));
    let json = run(full(world.command(&["exec", phone, "--async", "--detach", "--json", "--", "true"])), None);
    let task = json.expect(74).error()["saved_task"].as_str().unwrap().to_owned();
    world.run(&["task", "wait", &task]).expect(0);

    // A reader that has closed the pipe did not get the task either.
    let mut child = world.command(&["exec", phone, "--async", "--detach", "--", "true"]).spawn().unwrap();
    drop(child.stdout.take());
    taken_up(finish(child).expect(74));
}

#[test]
fn a_failed_call_sets_the_exit_code_and_the_lost_output_is_reported_too() {
    let world = World::new();
    let phone = world.phones[0].as_str();
    let done = run(full(world.command(&["exec", phone, "--", "false"])), None);
    assert!(done.code != 74 && done.stderr.contains("could not be written"), "{done:?}");
    world
        .emulator
        .add_fault(Fault::new(Operation::StartCommand, Action::NoPermission {}).on_phone(&world.phones[1]))
        .unwrap();
    let args = world.args(&["exec", "--async", "--detach", "--batch-size", "1", "--json"], &["--", "true"]);
    let done = run(full(world.command(&args)), None).expect(4);
    assert!(done.error()["saved_task"].is_string() && done.error()["output_lost"].is_string(), "{done:?}");
}

#[test]
fn output_that_nobody_reads_does_not_count_as_lost() {
    let world = World::new();
    let mut command = world.command(&["exec", &world.phones[0], "--async", "--detach", "--", "true"]);
    command.stdout(Stdio::null());
    run(command, None).expect(0);
}
