//! Verbs that take a long time: wait-boot, pull, logcat.

mod common;

use std::fs;

use common::{World, directory};

#[test]
fn a_new_boot_is_waited_for_and_the_old_one_never_counts() {
    let world = World::new();
    let phones: Vec<&str> = world.phones[..2].iter().map(String::as_str).collect();
    let printed = world.run(&[&["getprop", "ro.boottime.init"], &phones[..]].concat()).expect(0).stdout;
    let before = directory().join("before.txt");
    fs::write(&before, &printed).unwrap();
    let wait = ["wait-boot", "--before", before.to_str().unwrap()];
    let done = world.run(&[&wait[..], &["--timeout", "1s", "--json"], &phones[..]].concat()).expect(10);
    assert_eq!(done.json()[0]["error"]["kind"], "timeout");
    world.run(&[&["reboot"], &phones[..]].concat()).expect(0);
    let done = world.run(&[&wait[..], &["-v"], &phones[..]].concat()).expect(0);
    assert!(done.stderr.contains("progress: 2 succeeded, 0 failed, 0 running of 2"), "{}", done.stderr);
    for (row, phone) in done.rows().iter().zip(&phones) {
        assert!(row[0] == **phone && !printed.contains(&row[1]), "{row:?}");
    }
    let error = world.run(&[&wait[..], &["--all", "--json"]].concat()).expect(1).error();
    assert_eq!(error["error"]["argument"], "before", "a phone is missing in the file");
}

#[test]
fn a_file_is_pulled_from_many_phones() {
    let world = World::new();
    let content: Vec<u8> = (0..25 * 495_usize).map(|at| (at % 251) as u8).collect();
    for phone in &world.phones {
        assert!(world.emulator.write_file(phone, "/sdcard/game.bin", &content));
    }
    let directory = directory();
    let home = directory.to_str().unwrap();
    let error = world.run(&["pull", "/sdcard/game.bin", home, "--all", "--json"]).expect(1).error();
    assert!(error["error"]["message"].as_str().unwrap().contains("25 calls"), "{error}");
    let done = world.run(&["pull", "/sdcard/game.bin", home, "--all", "--max-calls", "25"]).expect(0);
    for (row, phone) in done.rows().iter().zip(&world.phones) {
        let local = directory.join(format!("{phone}-game.bin"));
        assert_eq!(fs::read(&local).unwrap(), content);
        assert_eq!(row[1..], [local.to_str().unwrap(), "12375", "27"]);
    }
}

#[test]
fn the_end_of_the_log_is_shown() {
    let world = World::new();
    let (one, two) = (world.phones[0].as_str(), world.phones[1].as_str());
    world.run(&["exec", one, two, "--", "log -t Game over"]).expect(0);
    let done = world.run(&["logcat", "--lines", "1", one]).expect(0);
    assert!(done.stdout.ends_with("Game: over\n") && done.stdout.lines().count() == 1, "{}", done.stdout);
    let done = world.run(&["logcat", "--lines", "1", one, two]).expect(0);
    assert!(done.stdout.lines().nth(1).unwrap().starts_with(&format!("{two}: ")), "{}", done.stdout);
    let json = world.run(&["logcat", "--lines", "1", one, "--json"]).expect(0).json();
    assert!(json[0]["value"]["lines"][0].as_str().unwrap().ends_with("over"), "{json}");
}
