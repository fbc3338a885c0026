//! Confirmation on a terminal.
#![cfg(unix)]

mod common;

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{FromRawFd, OwnedFd};
use std::process::Command;
use std::ptr::null_mut;

use common::World;
use koophone_emulator::JournalKind;

/// A terminal: the person's side and the program's side.
fn terminal() -> (File, OwnedFd) {
    let (mut person, mut program) = (-1, -1);
    // SAFETY: both pointers are to locals, and neither name nor size is requested.
    let made = unsafe { libc::openpty(&mut person, &mut program, null_mut(), null_mut(), null_mut()) };
    assert_eq!(made, 0, "{}", std::io::Error::last_os_error());
    // SAFETY: nothing else owns these descriptors.
    let (person, program) = unsafe { (OwnedFd::from_raw_fd(person), OwnedFd::from_raw_fd(program)) };
    // The copies are closed in child processes.
    (person.try_clone().unwrap().into(), program.try_clone().unwrap())
}

/// Runs the command on a terminal where a person types `answer`: its exit code, and what was on the screen.
fn asked(mut command: Command, answer: &str) -> (i32, String) {
    let (mut person, program) = terminal();
    command.stdin(program.try_clone().unwrap()).stdout(program.try_clone().unwrap()).stderr(program);
    let mut child = command.spawn().unwrap();
    drop(command);
    person.write_all(answer.as_bytes()).unwrap();
    let mut screen = Vec::new();
    let mut piece = [0; 4096];
    // When the other side is closed, Linux reports an error and other systems the end.
    while let Ok(length @ 1..) = person.read(&mut piece) {
        screen.extend_from_slice(&piece[..length]);
    }
    (child.wait().unwrap().code().unwrap(), String::from_utf8_lossy(&screen).into_owned())
}

#[test]
fn an_order_is_shown_before_the_confirmation() {
    let world = World::new();
    let args = [
        "create --os AOSP11 --sku-id kp.demo.large.1 --bandwidth-sku-id kp.demo.band --in-region",
        &world.emulator.credentials().region,
        "--bandwidth-mbps 4 --count 2 --months 3 --name-prefix grid-k3f9",
    ]
    .join(" ");
    let args: Vec<&str> = args.split(' ').collect();
    let (code, screen) = asked(world.command(&args), "no\n");
    assert_eq!(code, 13, "{screen}");
    for text in
        ["Orders phones", "kp.demo.large.1", "3 months", "by hand", "This costs money.", "Type yes to continue: "]
    {
        assert!(screen.contains(text), "{text}: {screen}");
    }
    assert!(world.emulator.requests().is_empty());
    let (code, screen) = asked(world.command(&args), "yes\n");
    assert_eq!((code, world.count(JournalKind::Create)), (0, 2), "{screen}");
    assert!(screen.contains("grid-k3f9-00001"), "{screen}");
}

#[test]
fn the_confirmation_shows_which_phones_are_deleted_or_unassigned() {
    let world = World::new();
    let phone = world.phones[0].as_str();
    let pair = format!("{phone}=tester-07");
    world.run(&["assign", &pair]).expect(0);
    for (args, shown, kind) in
        [(["unassign", &pair], pair.as_str(), JournalKind::Unassign), (["delete", phone], phone, JournalKind::Delete)]
    {
        let (code, screen) = asked(world.command(&args), "y\n");
        assert_eq!((code, world.count(kind)), (13, 0), "{screen}");
        assert!(screen.contains(&format!("Phones (1 in all): {shown}")), "{screen}");
        let (code, screen) = asked(world.command(&args), "yes\n");
        assert_eq!((code, world.count(kind)), (0, 1), "{screen}");
    }
}
