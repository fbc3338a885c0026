//! Verbs on the command line: tap, swipe, key, type, start, stop, getprop; and any verb with `koophone phone`.

mod common;

use common::World;
use koophone_emulator::{Action, CutWhen, Fault, Operation};

fn commands(world: &World, phone: &str) -> Vec<String> {
    world.emulator.journal_of(phone).into_iter().filter_map(|entry| entry.command).collect()
}

#[test]
fn verbs_act_on_one_phone_or_many() {
    let world = World::new();
    let one = world.phones[0].as_str();
    let done = world.run(&["tap", "360", "640", "--all"]).expect(0);
    assert_eq!(done.rows(), world.phones.iter().map(|id| vec![id.clone(), "tapped".to_owned()]).collect::<Vec<_>>());
    for args in [
        &["tap", "1", "2", "--hold", "800", one][..],
        &["swipe", "1", "2", "3", "4", "--ms", "300", one],
        &["key", "home", one],
        &["type", "-a b", one],
        &["start", "com.android.settings", one],
        &["start", "com.android.settings/.Main", one],
        &["stop", "com.android.settings", one],
    ] {
        world.run(args).expect(0);
    }
    let expected = [
        "input tap 360 640",
        "input swipe 1 2 1 2 800",
        "input swipe 1 2 3 4 300",
        "input keyevent KEYCODE_HOME",
        "input keyevent 69",
        "input text a",
        "input keyevent 62",
        "input text b",
        "monkey -p com.android.settings -c android.intent.category.LAUNCHER 1",
        "am start -n com.android.settings/.Main",
        "am force-stop com.android.settings",
    ];
    assert_eq!(commands(&world, one), expected);
    let done = world.run(&["getprop", "ro.product.model", one, &world.phones[1]]).expect(0);
    assert_eq!(done.rows()[1], [&world.phones[1], "KooPhone"]);
    let json = world.run(&["getprop", "ro.product.model", one, "--json"]).expect(0).json();
    assert_eq!((&json[0]["value"], &json[0]["truncated"]), (&"KooPhone".into(), &false.into()));
}

#[test]
fn any_verb_can_be_called_by_its_name_in_the_libraries() {
    let world = World::new();
    let one = world.phones[0].as_str();
    world.run(&["phone", "app-start", "package=com.android.settings", "activity=.Settings", one]).expect(0);
    world.run(&["phone", "click", "x=1", "y=2", one]).expect(0);
    world.run(&["phone", "keyevent", "key=HOME", one]).expect(0);
    world.run(&["phone", "send-keys", "text=a", one]).expect(0);
    world.run(&["phone", "app-stop", "package=com.android.settings", one]).expect(0);
    let expected = [
        "am start -n com.android.settings/.Settings",
        "input tap 1 2",
        "input keyevent KEYCODE_HOME",
        "input text a",
        "am force-stop com.android.settings",
    ];
    assert_eq!(commands(&world, one), expected);
}

#[test]
fn the_table_says_why_a_verb_failed_on_each_phone() {
    let world = World::new();
    let [one, two] = [&world.phones[0], &world.phones[1]];
    let done = world.run(&["start", "com.example.none", one, two]).expect(15);
    assert_eq!(done.stdout.matches("No activities found").count(), 2, "{done:?}");
}

#[test]
fn a_touch_whose_response_is_lost_happens_once() {
    let world = World::new();
    world.emulator.add_fault(Fault::new(Operation::RunCommand, Action::Cut { when: CutWhen::AfterExecution })).unwrap();
    world.run(&["tap", "1", "2", &world.phones[0]]).expect(11);
    assert_eq!(commands(&world, &world.phones[0]), ["input tap 1 2"]);
}

#[test]
fn what_a_phone_does_not_accept_is_refused_before_anything_is_sent() {
    let world = World::new();
    let one = world.phones[0].as_str();
    for (args, argument, part) in [
        (&["type", "50%", one][..], "text", "'%' at place 3"),
        (&["start", "com.a b", one], "package", "' ' at place 6"),
        (&["key", "a;b", one], "key", "HOME or 3"),
        (&["tap", "1", "99999", one], "y", "0 to 32767"),
    ] {
        let error = world.run(&[args, &["--json"]].concat()).expect(1).error();
        assert_eq!(error["error"]["argument"], argument);
        assert!(error["error"]["message"].as_str().unwrap().contains(part), "{error}");
    }
    assert!(world.emulator.requests().iter().all(|request| request.operation != Operation::RunCommand));
}

#[test]
fn a_command_is_explained_without_a_client() {
    let world = World::new();
    world.run(&["explain", "--", "getprop", "ro.product.model"]).expect(0);
    let done = world.run(&["explain", "--", "ls /sdcard | wc -l"]).expect(1);
    assert!(done.stderr.contains("'|' at place 12: one program for each command"), "{done:?}");
    let json = world.run(&["explain", "--json", "--", "a=1"]).expect(1).json();
    assert!(json["why_not"].as_str().unwrap().contains("'=' at place 2"), "{json}");
    assert!(world.emulator.requests().is_empty());
}

#[test]
fn any_verb_has_its_arguments_by_name() {
    let world = World::new();
    let (one, two) = (world.phones[0].as_str(), world.phones[1].as_str());
    let done = world.run(&["phone", "battery", one, two]).expect(0);
    assert_eq!(done.rows()[1], [two, r#"{"level":100,"powered":true}"#]);
    world.run(&["phone", "click-ratio", "x=0.5", "y=1", one]).expect(0);
    assert_eq!(commands(&world, one).last().unwrap(), "input tap 360 1279");
    let waited = ["phone", "wait_until", "command=ls /sdcard", "predicate=Download", one, two, "--json"];
    let json = world.run(&waited).expect(0).json();
    assert_eq!(json[1]["value"]["calls"], 1);
    let late = world.run(&["phone", "app_wait", "package=com.none", one, "--timeout", "300ms"]).expect(10);
    assert!(late.stderr.contains("com.none does not run"), "{}", late.stderr);
    world.run(&["phone", "screencap", "path=/sdcard/screen.png", one]).expect(0);
    let done = world.run(&["phone", "read_file", "path=/sdcard/screen.png", one]).expect(0);
    assert!(done.stdout.contains(r#""bytes":"67 bytes""#), "{}", done.stdout);
}

#[test]
fn a_verb_that_destroys_data_asks_and_one_that_acts_is_sent_once() {
    let world = World::new();
    let one = world.phones[0].as_str();
    let clear = ["phone", "app_clear", "package=com.android.settings", one];
    let refused = world.run(&clear).expect(1);
    assert!(refused.stderr.contains("add --yes to confirm") && commands(&world, one).is_empty(), "{}", refused.stderr);
    world.run(&[&clear[..], &["--yes"]].concat()).expect(0);
    let cut = || Fault::new(Operation::RunCommand, Action::Cut { when: CutWhen::AfterExecution });
    world.emulator.add_fault(cut()).unwrap();
    world.run(&["phone", "home", one]).expect(11);
    world.emulator.add_fault(cut()).unwrap();
    world.run(&["phone", "back", one, "--repeatable"]).expect(0);
    let ran = commands(&world, one);
    let (home, back) = ("input keyevent KEYCODE_HOME", "input keyevent KEYCODE_BACK");
    assert_eq!(ran, ["pm clear com.android.settings", home, back, back]);
}

#[test]
fn an_argument_that_is_wrong_is_named_with_what_the_verb_takes() {
    let world = World::new();
    let one = world.phones[0].as_str();
    for (args, message) in [
        (&["app_info", one][..], "package is missing; app_info takes package=... ("),
        (&["battery", "x=1", one], "battery has no argument x; battery takes only phones"),
        (&["click", "x=left", "y=1", one], "it must be a whole number"),
        (&["click", "x=1", "y=1", "x=2", one], "x is given twice"),
        (&["app_inf", one], "did you mean app_info?"),
    ] {
        let done = world.run(&[&["phone"], args].concat());
        assert!(done.stderr.contains(message), "{args:?}: {}", done.stderr);
        done.expect(1);
    }
    assert!(world.emulator.requests().is_empty());
}

#[test]
fn a_verb_that_is_written_as_a_command_is_suggested() {
    let world = World::new();
    for (written, verb) in [("uninstall", "uninstall"), ("click", "click"), ("send-keys", "send_keys")] {
        let done = world.run(&[written, "com.example.game", &world.phones[0]]).expect(1);
        assert!(done.stderr.contains(&format!("'phone {verb}'")), "{}", done.stderr);
    }
    assert!(world.emulator.requests().is_empty());
}
