//! `koophone skus` and `koophone create`.

mod common;

use common::{World, bare, run};
use koophone_emulator::{Action, CutWhen, Fault, JournalKind, Operation};
use serde_json::{Value, json};

/// An order of two phones, for the emulator's first SKU.
fn order(world: &World) -> Vec<String> {
    let skus = world.run(&["skus", "--json"]).expect(0).json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (sku, band) = (&skus["skus"][0], text(&skus["bandwidth_sku_id"]));
    let options = [
        ("--os", text(&sku["images"][0]["os"])),
        ("--sku-id", text(&sku["sku_id"])),
        ("--bandwidth-sku-id", band),
        ("--in-region", text(&sku["region"])),
        ("--bandwidth-mbps", text(&sku["bandwidths_mbps"][0])),
        ("--count", "2".into()),
        ("--months", "1".into()),
        ("--name-prefix", "grid-k3f9".into()),
    ];
    let create = ["create".to_owned()].into_iter();
    create.chain(options.into_iter().flat_map(|(option, value)| [option.to_owned(), value])).collect()
}

fn with<'a>(order: &'a [String], more: &[&'a str]) -> Vec<&'a str> {
    order.iter().map(String::as_str).chain(more.iter().copied()).collect()
}

#[test]
fn what_can_be_ordered_is_listed_with_the_values_for_an_order() {
    let world = World::new();
    let done = world.run(&["skus"]).expect(0);
    let list = world.run(&["skus", "--json"]).expect(0).json();
    assert_eq!(done.rows().len(), list["skus"].as_array().unwrap().len());
    for field in [&list["skus"][0]["sku_id"], &list["skus"][0]["region"], &list["bandwidth_sku_id"]] {
        assert!(done.rows()[0].contains(&field.as_str().unwrap().to_owned()), "{field}: {done:?}");
    }
    assert!(done.stdout.contains("(not on sale)"), "{done:?}");
    assert_eq!(world.requests(Operation::ListSkus), 2);
}

#[test]
fn a_dry_run_shows_the_order_and_sends_nothing() {
    let world = World::new();
    let order = order(&world);
    world.emulator.clear_requests();
    // Neither an account nor a terminal is needed.
    let done = run(bare(&with(&order, &["--dry-run"])), None).expect(0);
    for row in [["phones", "2"], ["paid for", "1 month"], ["paid", "by hand"], ["renewed", "no"]] {
        assert!(done.rows().iter().any(|found| *found == row), "{row:?}: {done:?}");
    }
    assert!(done.stderr.contains("nothing was ordered"), "{done:?}");
    let done = world.run(&with(&order, &["--dry-run", "--json", "--auto-renew"])).expect(0);
    let json = done.json();
    assert_eq!((&json["auto_pay"], &json["auto_renew"], &json["count"]), (&json!(false), &json!(true), &json!(2)));
    assert_eq!((&json["period_unit"], &json["period_count"]), (&json!("month"), &json!(1)));
    // From a file it is the same order, and options override it.
    let file = world.file("order.json", &done.stdout);
    assert_eq!(world.run(&["create", "--order", &file, "--dry-run", "--json"]).expect(0).json(), json);
    let done = world.run(&["create", "--order", &file, "--years", "3", "--name-prefix", "x", "--dry-run"]).expect(0);
    for row in [["paid for", "3 years"], ["names begin with", "x"], ["phones", "2"]] {
        assert!(done.rows().iter().any(|found| *found == row), "{row:?}: {done:?}");
    }
    // What is optional as an option is optional in a file.
    let mut short = json.clone();
    short.as_object_mut().unwrap().retain(|field, _| !field.starts_with("auto_"));
    let short = world.file("short.json", &short.to_string());
    let done = world.run(&["create", "--order", &short, "--auto-renew", "--dry-run", "--json"]).expect(0);
    assert_eq!(done.json(), json);
    // What the service would refuse is refused before the confirmation.
    for (more, argument) in [(["--count", "1501"], "count"), (["--months", "10"], "period_count")] {
        for last in ["--dry-run", "--yes"] {
            let done = world.run(&["create", "--order", &file, more[0], more[1], last, "--json"]).expect(1);
            assert_eq!(done.error()["error"]["argument"], argument);
        }
    }
    assert!(world.emulator.requests().is_empty());
}

#[test]
fn an_order_without_a_terminal_needs_yes_and_waits_to_be_paid() {
    let world = World::new();
    let order = order(&world);
    let done = world.run(&with(&order, &[])).expect(1);
    assert!(done.stderr.contains("costs money") && done.stderr.contains("--yes"), "{done:?}");
    world.run_with_input(&with(&order, &[]), "yes\n").expect(1);
    assert_eq!(world.requests(Operation::CreateInstances), 0);

    let done = world.run(&with(&order, &["--yes"])).expect(0);
    assert_eq!((done.rows().len(), done.rows()[1][2].as_str()), (2, "grid-k3f9-00002"));
    assert!(done.stderr.contains("waits to be paid"), "{done:?}");
    assert_eq!(world.emulator.instance_ids().len(), 3);
    assert!(world.emulator.pay_order(&done.rows()[0][0]));
    assert_eq!(world.emulator.instance_ids()[3], done.rows()[0][1]);

    let done = world.run(&with(&order, &["--yes", "--auto-pay", "--json"])).expect(0);
    assert_eq!(world.emulator.instance_ids()[5], done.json()["instances"][0]["instance_id"].as_str().unwrap());
}

#[test]
fn an_order_whose_response_is_lost_is_not_sent_again() {
    let world = World::new();
    let order = order(&world);
    let lost = Fault::new(Operation::CreateInstances, Action::Cut { when: CutWhen::AfterExecution });
    world.emulator.add_fault(lost).unwrap();
    let done = world.run(&with(&order, &["--yes", "--auto-pay", "--json"])).expect(11);
    assert_eq!((done.stdout.as_str(), &done.error()["error"]["maybe_executed"]), ("", &json!(true)));
    assert!(done.stderr.contains("look for the order before you order again"), "{done:?}");
    assert_eq!((world.requests(Operation::CreateInstances), world.count(JournalKind::Create)), (1, 2));
}

#[test]
fn an_order_that_is_incomplete_is_refused_with_what_is_missing() {
    let world = World::new();
    let done = world.run(&["create", "--os", "AOSP11"]).expect(1);
    for option in ["--sku-id", "--bandwidth-mbps", "--count", "--months", "--name-prefix", "--in-region"] {
        assert!(done.stderr.contains(option), "{option}: {done:?}");
    }
    let file = world.file("order.json", r#"{"os": "AOSP11", "auto_pay": false}"#);
    let done = world.run(&["create", "--order", &file, "--yes", "--json"]).expect(1);
    assert_eq!(done.error()["error"]["argument"], "order");
    assert!(done.stderr.contains("missing field"), "{done:?}");
    let file = world.file("order.json", "[]");
    assert!(world.run(&["create", "--order", &file, "--yes"]).expect(1).stderr.contains("not a JSON object"));
    assert!(world.emulator.requests().is_empty());
}

#[test]
fn a_negative_number_is_a_wrong_value_and_not_an_unknown_option() {
    let world = World::new();
    let install = ["install", "a", "--package", "a", "--version-name", "1", "--file-name", "a", "--md5", "a"];
    for (command, option) in [
        (&["create", "--dry-run"][..], "--count"),
        (&["create", "--dry-run"], "--months"),
        (&["create", "--dry-run"], "--years"),
        (&["create", "--dry-run"], "--bandwidth-mbps"),
        (&["list"], "--limit"),
        (&install, "--size-mb"),
    ] {
        let done = world.run(&[command, &[option, "-5"]].concat()).expect(1);
        assert!(done.stderr.contains(&format!("invalid value '-5' for '{option}")), "{done:?}");
    }
}

#[test]
fn a_wrong_field_of_a_file_is_named_and_its_value_is_not_repeated() {
    let world = World::new();
    let url = "https://bucket.obs.example/game.apk?sig=S3CRET";
    let app = json!({"url": url, "package": "a", "version": "1", "file_name": "a", "size_mb": url, "md5": "a"});
    for (command, file, field) in [
        (&["install", "a44uhlf7", "--app"][..], app, "size_mb"),
        (&["create", "--dry-run", "--order"], json!({"count": url}), "count"),
    ] {
        let file = world.file("wrong.json", &file.to_string());
        let done = world.run(&[command, &[&file, "--json"]].concat()).expect(1);
        let error = done.error()["error"].clone();
        assert_eq!(error["argument"], field, "{done:?}");
        assert!(error["message"].as_str().unwrap().contains("it must be a whole number"), "{done:?}");
        assert!(!done.stderr.contains("S3CRET"), "{done:?}");
    }
    assert!(world.emulator.requests().is_empty());
}
