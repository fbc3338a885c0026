//! The quirks of the operations that were added after 2024, over HTTP.

mod support;

use koophone_emulator::{Action, Emulator, Fault, Operation, Quirk};
use serde_json::{Value, json};
use support::Session;

const PHONES: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];

fn with(quirk: Option<Quirk>) -> Session {
    let builder = Emulator::builder().instance_ids(PHONES).manual_clock();
    Session::new(builder.options(|options| options.quirks.extend(quirk)).start().unwrap())
}

fn post(session: &Session, path: &str, body: &Value) -> String {
    session.call("POST", &format!("/v1/instances/{path}"), body).code()
}

/// The same request with the quirk and without: two codes.
fn both(quirk: Quirk, path: &str, body: &Value) -> [String; 2] {
    [Some(quirk), None].map(|quirk| post(&with(quirk), path, body))
}

#[test]
fn limits_are_wide_or_as_in_the_definitions() {
    let pairs: Vec<Value> = PHONES.map(|id| json!({"user_id": "tester", "instance_id": id})).to_vec();
    let body = json!({"user_instances": pairs});
    assert_eq!(both(Quirk::WideLimits, "unassign", &body), ["KOOPHONE.API.2210", "KOOPHONE.API.1000"]);
}

#[test]
fn a_hash_may_be_optional() {
    let mut app = json!({
        "object_name": "com.example.game", "file_name": "game.apk", "object_version": "1", "object_size": "1",
        "biz_type": "apk", "content_type": "application/octet-stream", "install_package_url": "https://obs.example/x",
        "instance_id_list": ["a"],
    });
    assert_eq!(both(Quirk::HashOptional, "app/install", &app), ["0", "KOOPHONE.API.1000"]);
    app["content_md5"] = "".into();
    assert_eq!(both(Quirk::HashOptional, "app/install", &app), ["KOOPHONE.API.1000"; 2], "but not empty");
}

#[test]
fn a_restart_may_be_visible_late() {
    for (quirk, states) in [(Some(Quirk::RebootReportedLate), [2, 4, 2]), (None, [4, 4, 2])] {
        let session = with(quirk);
        assert_eq!(post(&session, "reboot", &json!({"instance_ids": ["a"]})), "0");
        assert_eq!(
            post(&session, "reboot", &json!({"instance_ids": ["a"]})),
            "KOOPHONE.API.5005",
            "it is already restarting"
        );
        let body = json!({"instance_ids": ["a"]});
        let seen = states.map(|_| {
            let response = session.call("POST", "/v1/instances/batch-query-status", &body).json();
            session.emulator.advance(std::time::Duration::from_millis(100));
            response["data"]["status_results"][0]["status"].as_i64().unwrap()
        });
        assert_eq!(seen, states);
    }
}

#[test]
fn skus_may_have_the_types_of_their_sample() {
    let sku = |quirk| {
        let list = with(quirk).try_call("GET", "/v1/instances/sku?type=0", "").unwrap().json();
        let sku = list["data"]["skuSpecResponseList"][0]["skuResponses"][0].clone();
        let image = sku["poolInfo"]["aosp"][0].clone();
        let has = ["network", "enable"].map(|name| image.get(name).is_some());
        (sku["resourceSize"].is_number(), image["id"].is_string(), has)
    };
    assert_eq!(sku(Some(Quirk::SampleTypes)), (true, true, [false; 2]));
    assert_eq!(sku(None), (false, false, [true; 2]));
}

#[test]
fn null_may_be_text() {
    for (quirk, null) in [(Some(Quirk::NullAsText), json!("null")), (None, Value::Null)] {
        let list = with(quirk).try_call("GET", "/v1/instances/batch-query?page_no=1&page_size=1", "").unwrap().json();
        let (data, phone) = (&list["data"], &list["data"]["result"][0]);
        assert_eq!([&data["error_code"], &data["error_msg"], &phone["phone_id"]], [&null; 3], "{list}");
        assert!(phone["account_name"].is_null());
    }
}

#[test]
fn a_stream_may_end_with_its_session() {
    for (quirk, code) in [(Some(Quirk::ReleaseEndsStream), "0"), (None, "KOOPHONE.API.1000")] {
        let session = with(quirk);
        assert!(session.emulator.start_stream("a"));
        assert_eq!(post(&session, "session/release", &json!({"instance_id": "a"})), code);
        assert_eq!(session.emulator.phone("a").unwrap().stream_id.is_none(), code == "0");
    }
}

#[test]
fn there_may_be_icons() {
    let icon = |quirk| {
        let session = with(quirk);
        let list = session.try_call("GET", "/v1/instances/a/app-list?page_no=1&page_size=1", "").unwrap().json();
        list["data"]["result"][0]["icon_url"].clone()
    };
    assert!(icon(Some(Quirk::IconUrlsPresent)).is_string() && icon(None).is_null());
}

#[test]
fn the_good_phones_of_a_refused_batch_may_be_processed() {
    for (quirk, state) in [(Some(Quirk::PartialExecution), 4), (None, 2)] {
        let session = with(quirk);
        session.emulator.set_phone_state("b", 5);
        assert_eq!(post(&session, "reboot", &json!({"instance_ids": ["a", "b"]})), "KOOPHONE.API.5005");
        assert_eq!(session.emulator.phone("a").unwrap().state, state);
        assert_eq!(session.emulator.requests().last().unwrap().executed, quirk.is_some());
    }
}

#[test]
fn a_fault_makes_the_jobs_of_its_phones_fail() {
    let session = with(None);
    let fails = Action::FailJobs { instance_ids: vec!["b".to_owned()] };
    session.emulator.add_fault(Fault::new(Operation::BackUpInstances, fails)).unwrap();
    let back_up = |id: &str| session.call("POST", "/v1/instances/backup", &json!({"instance_ids": [id]})).json();
    let good = back_up("a");
    assert_eq!(session.emulator.pending_faults().len(), 1, "it waits for a request that names its phone");
    let bad = back_up("b");
    session.emulator.advance(std::time::Duration::from_secs(1));
    let status = |task: &Value| {
        session.task(task["data"]["task_id"].as_str().unwrap()).json()["data"]["jobs"][0]["status"].clone()
    };
    assert_eq!((status(&good), status(&bad)), (json!(2), json!(-1)));
    assert_eq!((session.emulator.phone("a").unwrap().state, session.emulator.phone("b").unwrap().state), (1, 2));
}
