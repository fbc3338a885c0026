//! The first seven operations in the default mode.

mod support;

use std::time::Duration;

use koophone_emulator::{Edition, Emulator, JournalKind};
use serde_json::json;
use support::{Session, send, video_group};

fn session(phones: usize) -> Session {
    Session::new(Emulator::builder().phones(phones).manual_clock().start().unwrap())
}

#[test]
fn run_command_returns_one_result_for_each_phone() {
    let session = session(2);
    let ids = session.ids();
    let response = session.sync("echo hello");
    assert_eq!(response.status, 200);
    let result =
        |id: &str| json!({"instance_id": id, "status": 2, "error_code": "", "error_msg": "", "execute_msg": "hello"});
    let results = json!([result(&ids[0]), result(&ids[1])]);
    assert_eq!(response.json(), json!({"data": {"cmd_results": results}, "error_code": "0", "error_msg": "ok"}));
    assert!(response.header("X-Request-Id").is_some_and(|id| id.len() == 32));
    assert!(response.header("Date").is_some());
}

#[test]
fn a_failed_command_is_reported_per_phone() {
    let session = session(1);
    let response = session.sync("ls -l /nope");
    let result = response.json()["data"]["cmd_results"][0].clone();
    assert_eq!(response.code(), "0");
    assert_eq!(result["status"], -1);
    assert_eq!(
        (result["error_code"].as_str(), result["error_msg"].as_str()),
        (Some("CPS.0191"), Some("Run command failed."))
    );
    assert_eq!(result["execute_msg"], "ls: /nope: No such file or directory");
}

#[test]
fn a_task_runs_on_the_clock_and_names_no_phone() {
    let session = session(2);
    let started = session.start("sleep 3").json();
    let task_id = started["data"]["task_id"].as_str().unwrap();
    assert_eq!(task_id.len(), 32);
    assert_eq!(started["data"]["cmd_jobs"][1]["instance_id"], session.ids()[1]);
    let jobs = session.task(task_id).json()["data"]["jobs"].clone();
    assert_eq!(
        jobs[0],
        json!({"job_id": started["data"]["cmd_jobs"][0]["job_id"], "status": 1,
            "error_code": "", "error_msg": "", "execute_msg": null})
    );
    session.emulator.advance(Duration::from_millis(3100));
    let jobs = session.task(task_id).json()["data"]["jobs"].clone();
    assert_eq!((jobs[0]["status"].as_i64(), jobs[1]["status"].as_i64()), (Some(2), Some(2)));
    assert!(jobs[0].get("instance_id").is_none());
}

#[test]
fn an_unknown_task_is_refused() {
    let response = session(1).task("nope");
    assert_eq!((response.status, response.code().as_str()), (400, "KOOPHONE.API.1323"));
}

#[test]
fn video_settings_are_kept() {
    let session = session(1);
    let setting = json!([{"network_type": "WIFI", "encoding_type": "H264", "video_spec_groups": video_group(1000)}]);
    assert_eq!(session.video(setting.clone()).json(), json!({"error_code": "0", "error_msg": "ok"}));
    assert_eq!(session.emulator.phone(&session.ids()[0]).unwrap().video_settings, *setting.as_array().unwrap());
    assert_eq!(session.emulator.journal()[0].kind, JournalKind::VideoSettings);
}

#[test]
fn the_status_query_returns_states() {
    let session = session(2);
    let ids = session.ids();
    assert!(session.emulator.set_phone_state(&ids[1], 5));
    let expected = json!([{"instance_id": ids[0], "status": 2}, {"instance_id": ids[1], "status": 5}]);
    let response = session.status().json();
    assert_eq!(response, json!({"data": {"status_results": expected}, "error_code": "0", "error_msg": "ok"}));
}

#[test]
fn a_reset_wipes_the_phone_and_takes_time() {
    let session = session(1);
    let id = session.ids()[0].clone();
    session.shell("touch /sdcard/x");
    let response = session.reset().json();
    let task = response["data"]["task_id"].as_str().unwrap();
    let state = |session: &Session| session.status().json()["data"]["status_results"][0]["status"].as_i64().unwrap();
    assert_eq!(state(&session), 3);
    let refused = session.sync("ls").json()["data"]["cmd_results"][0].clone();
    assert_eq!((refused["status"].as_i64(), refused["error_code"].as_str()), (Some(-1), Some("CPS0005")));
    assert_eq!(session.task(task).json()["data"]["jobs"][0]["status"], 1);
    session.emulator.advance(Duration::from_millis(100));
    assert_eq!(state(&session), 4);
    session.emulator.advance(Duration::from_millis(100));
    assert_eq!(state(&session), 2);
    assert_eq!(session.task(task).json()["data"]["jobs"][0]["status"], 2);
    assert!(!session.emulator.phone(&id).unwrap().files.contains_key("/sdcard/x"));
    let kinds: Vec<_> = session.emulator.journal_of(&id).iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds, [JournalKind::Command, JournalKind::Reset]);
}

#[test]
fn a_device_token_has_the_format_of_the_example() {
    // The example is from 2024.
    let builder = Emulator::builder().phones(1).edition(Edition::Of2024).manual_clock();
    let session = Session::new(builder.start().unwrap());
    let id = session.ids()[0].clone();
    let mut response = session.device_token().json();
    let first = response["data"]["device_token"].take();
    let device = response["data"]["resource"]["device_id"].take();
    assert_eq!((first.as_str().unwrap().len(), device.as_str().unwrap().len()), (32, 32));
    let internal = json!({"address": null, "aport": null, "atype": null, "address_ipv6": null});
    let external = json!({"address": "10.83.71.1", "aport": 10030, "atype": 1, "address_ipv6": null});
    let ice = json!({"signaling_url": "http://100.93.2.248:18082", "expired_time": null, "ice_servers": []});
    let sdk = json!({"internal": internal, "external": external});
    let resource = json!({"sdk": sdk, "rtc": {"ice_signaling": ice}, "device_id": null, "kp_id": id});
    assert_eq!(
        response,
        json!({"data": {"resource": resource, "device_token": null}, "error_code": "0", "error_msg": "ok"})
    );
    assert_ne!(session.device_token().json()["data"]["device_token"], first);
}

#[test]
fn the_body_of_the_device_token_call_is_checked() {
    let session = session(1);
    let target = format!("/v1/instances/{}/auth?stream_type=2", session.ids()[0]);
    assert_eq!(session.try_call("POST", &target, "{}").unwrap().status, 200);
    assert_eq!(session.try_call("POST", &target, "x").unwrap().code(), "KOOPHONE.API.1000");
    let unknown = session.try_call("POST", "/v1/instances/nope/auth", "").unwrap();
    assert_eq!((unknown.status, unknown.code().as_str()), (401, "KOOPHONE.API.1001"));
}

#[test]
fn bad_requests_are_refused_and_run_nothing() {
    let session = session(2);
    let id = session.ids()[0].clone();
    let many: Vec<String> = (0..101).map(|number| format!("id{number}")).collect();
    for (body, status, code) in [
        (json!({"command": "ls", "instance_ids": []}), 400, "KOOPHONE.API.1000"),
        (json!({"command": "ls"}), 400, "KOOPHONE.API.1000"),
        (json!({"command": "ls", "instance_ids": "x"}), 400, "KOOPHONE.API.1000"),
        (json!({"command": "ls", "instance_ids": [1]}), 400, "KOOPHONE.API.1000"),
        (json!({"command": "ls", "instance_ids": ["x".repeat(33)]}), 400, "KOOPHONE.API.1000"),
        (json!({"command": "ls", "instance_ids": many}), 400, "KOOPHONE.API.1000"),
        (json!({"command": "ls", "instance_ids": [id, "nope"]}), 401, "KOOPHONE.API.1001"),
        (json!({"command": "", "instance_ids": [id]}), 400, "KOOPHONE.API.1000"),
        (json!({"command": "a".repeat(1025), "instance_ids": [id]}), 400, "KOOPHONE.API.1000"),
        (json!({"command": "echo a;b", "instance_ids": [id]}), 400, "KOOPHONE.API.1000"),
        (json!({"command": 5, "instance_ids": [id]}), 400, "KOOPHONE.API.1000"),
        (json!([1]), 400, "KOOPHONE.API.1000"),
    ] {
        let response = session.call("POST", "/v1/instances/sync-command", &body);
        assert_eq!((response.status, response.code().as_str()), (status, code), "{body}");
    }
    let response = session.try_call("POST", "/v1/instances/sync-command", "{").unwrap();
    assert_eq!(response.code(), "KOOPHONE.API.1000");
    assert!(session.emulator.journal().is_empty());
    assert!(session.emulator.requests().iter().skip(1).all(|entry| !entry.executed));
}

#[test]
fn bad_video_settings_are_refused() {
    let session = session(1);
    let setting = |network: &str, codec: &str, rate: i64, fps: i64| {
        let spec = json!({"code_rate": rate, "fps": fps});
        let group = json!({"definition_540P": spec, "definition_720P": spec, "definition_1080P": spec});
        json!({"network_type": network, "encoding_type": codec, "video_spec_groups": [group]})
    };
    for settings in [
        json!([]),
        json!({}),
        json!([setting("LTE", "H264", 100, 30)]),
        json!([setting("WIFI", "AV1", 100, 30)]),
        json!([setting("WIFI", "H264", 150, 30)]),
        json!([setting("WIFI", "H264", 10_100, 30)]),
        json!([setting("WIFI", "H264", -100, 30)]),
        json!([setting("WIFI", "H264", 100, 50)]),
        json!([setting("WIFI", "H264", 100, 30), setting("WIFI", "H264", 200, 30)]),
        json!([{"network_type": "WIFI", "encoding_type": "H264", "video_spec_groups": []}]),
        json!([{"network_type": "WIFI", "encoding_type": "H264", "video_spec_groups": [{}]}]),
    ] {
        let response = session.video(settings.clone());
        assert_eq!((response.status, response.code().as_str()), (400, "KOOPHONE.API.1000"), "{settings}");
    }
    assert_eq!(session.video(json!([setting("WIFI", "H264", 0, 60)])).code(), "0");
}

#[test]
fn a_phone_named_twice_has_one_result() {
    let session = session(1);
    let id = &session.ids()[0];
    let response =
        session.call("POST", "/v1/instances/sync-command", &json!({"command": "ls", "instance_ids": [id, id]}));
    assert_eq!(response.json()["data"]["cmd_results"].as_array().unwrap().len(), 1);
    assert_eq!(session.emulator.journal().len(), 1);
}

#[test]
fn unknown_paths_are_refused_by_the_gateway() {
    let session = session(1);
    for (method, target) in
        [("GET", "/v1/instances/sync-command"), ("POST", "/instances/sync-command"), ("GET", "/"), ("PATCH", "/x")]
    {
        let response = send(session.emulator.endpoint(), method, target, &[], "");
        assert_eq!((response.status, response.code().as_str()), (404, "APIGW.0101"), "{method} {target}");
        assert_eq!(response.json()["request_id"].as_str(), response.header("x-request-id"));
    }
}
