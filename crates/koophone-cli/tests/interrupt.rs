//! Ctrl-C and SIGTERM.

#![cfg(unix)]

mod common;

use std::fs::File;
use std::process::{Command, Stdio};

use common::{World, bare, directory, finish, signal, until};
use koophone_emulator::{Action, Fault, Operation};

#[test]
fn ctrl_c_sigterm_and_sighup_cancel_the_call() {
    for name in ["INT", "TERM", "HUP"] {
        let world = World::new();
        world.emulator.add_fault(Fault::new(Operation::RunCommand, Action::NoResponse { executed: true })).unwrap();
        let child = world.command(&["exec", &world.phones[0], "--json", "--", "true"]).spawn().unwrap();
        until("the request", || world.requests(Operation::RunCommand) == 1);
        signal(&child, name);
        let done = finish(child).expect(13);
        assert_eq!(done.error()["error"]["kind"], "cancelled");
        assert_eq!(world.ran(0).len(), 1, "it ran once, and is not sent again");
    }
}

#[test]
fn an_interrupted_wait_prints_the_task_to_resume() {
    // Its clock does not move, so the job never ends.
    for name in ["INT", "HUP"] {
        let world = World::with(|builder| builder.manual_clock());
        let child = world.command(&["exec", &world.phones[0], "--async", "--json", "--", "true"]).spawn().unwrap();
        until("the wait", || world.requests(Operation::GetTask) > 0);
        signal(&child, name);
        let done = finish(child).expect(13);
        world.emulator.advance(std::time::Duration::from_secs(1));
        let task = done.error()["saved_task"].as_str().unwrap().to_owned();
        assert_eq!(
            world.run(&["task", "wait", &task, "--json"]).expect(0).json()[0]["instance_id"],
            world.phones[0].as_str()
        );
    }
}

#[test]
fn under_nohup_sighup_has_no_effect() {
    let world = World::with(|builder| builder.manual_clock());
    let wanted = world.command(&["exec", &world.phones[0], "--async", "--", "true"]);
    let mut command = Command::new("nohup");
    command.arg(wanted.get_program()).args(wanted.get_args()).env_clear();
    command.envs(wanted.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("PATH", "/usr/bin:/bin");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    until("the wait", || world.requests(Operation::GetTask) > 0);
    signal(&child, "HUP");
    world.emulator.advance(std::time::Duration::from_secs(1));
    assert!(finish(child).expect(0).stdout.contains("succeeded"));
}

#[test]
fn a_second_signal_ends_what_cannot_be_cancelled() {
    let dir = directory();
    let pipe = dir.join("phones");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let child = bare(&["status", "--file", pipe.to_str().unwrap()]).spawn().unwrap();
    // Opens as soon as the command reads from the other end, which never ends.
    let writer = File::options().write(true).open(&pipe).unwrap();
    signal(&child, "INT");
    finish(child).expect(13);
    drop(writer);
    std::fs::remove_dir_all(dir).unwrap();
}
