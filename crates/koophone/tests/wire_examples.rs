//! The examples of the OpenAPI file go out and come in exactly as printed there.

mod common;

use common::{Canned, Reply};
use koophone::{Codec, Network, VideoSetting, VideoSettings, VideoSpec};
use serde_json::{Value, json};

/// The operations of the core table by their ids in the OpenAPI file.
const OPERATIONS: [&str; 7] =
    ["runCommand", "startCommand", "getTask", "setVideoSettings", "queryStatus", "resetInstances", "getDeviceToken"];

/// (operation, direction, name of the example, value) of every example of the seven operations.
fn examples() -> Vec<(&'static str, String, String, Value)> {
    let file: Value = serde_yaml_ng::from_str(include_str!("../../../tests/openapi.yaml")).unwrap();
    let mut found = Vec::new();
    for operation in file["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values()) {
        let Some(id) = OPERATIONS.iter().find(|id| operation["operationId"] == **id) else { continue };
        let mut take = |direction: &str, content: &Value| {
            for (name, example) in content["application/json"]["examples"].as_object().into_iter().flatten() {
                found.push((*id, direction.to_owned(), name.clone(), example["value"].clone()));
            }
        };
        take("request", &operation["requestBody"]["content"]);
        let answer = &operation["responses"]["200"];
        match answer["$ref"].as_str() {
            Some(target) => take("answer", &file.pointer(&target[1..]).unwrap()["content"]),
            None => take("answer", &answer["content"]),
        }
    }
    found
}

/// Makes the call that an operation's examples are about, and gives its result as JSON.
fn call(operation: &str, client: &koophone::blocking::Client, request: &Value) -> koophone::Result<Value> {
    let ids: Vec<&str> = match request["instance_ids"].as_array() {
        Some(ids) => ids.iter().map(|id| id.as_str().unwrap()).collect(),
        None => vec!["a44uhlf7", "efjy72gs"],
    };
    let command = request["command"].as_str().unwrap_or("ls -l /system");
    let json = |result: serde_json::Result<Value>| result.unwrap();
    Ok(match operation {
        "runCommand" => json(serde_json::to_value(client.run_command(ids, command)?)),
        "startCommand" => json(serde_json::to_value(client.start_command(ids, command)?.inner().phones())),
        "getTask" => json(serde_json::to_value(client.get_task("6837531fd3f54550927b930180a706bf")?.jobs)),
        "setVideoSettings" => json(serde_json::to_value(client.set_video_settings(ids, video(request))?)),
        "queryStatus" => json(serde_json::to_value(client.query_status(ids)?)),
        "resetInstances" => json(serde_json::to_value(client.reset_instances(ids)?.inner().phones())),
        "getDeviceToken" => json(serde_json::to_value(client.get_device_token("Q39YyZvl")?)),
        other => panic!("{other}"),
    })
}

fn video(request: &Value) -> VideoSettings {
    let Some(settings) = request["instance_settings"].as_array() else { return VideoSettings::default() };
    let spec = |value: &Value| {
        VideoSpec::new(value["code_rate"].as_u64().unwrap() as u32, value["fps"].as_u64().unwrap() as u32)
    };
    let setting = |value: &Value| {
        let group = &value["video_spec_groups"][0];
        VideoSetting {
            network: match value["network_type"].as_str().unwrap() {
                "MOBILE_NETWORK" => Network::Mobile,
                "WIFI" => Network::Wifi,
                _ => Network::Wired,
            },
            codec: if value["encoding_type"] == "H264" { Codec::H264 } else { Codec::H265 },
            p540: spec(&group["definition_540P"]),
            p720: spec(&group["definition_720P"]),
            p1080: spec(&group["definition_1080P"]),
        }
    };
    VideoSettings { settings: settings.iter().map(setting).collect() }
}

#[test]
fn every_request_example_is_sent_as_printed() {
    let mut sent = 0;
    for (operation, _, name, example) in examples().into_iter().filter(|(_, direction, ..)| direction == "request") {
        let server = Canned::always(Reply::ok(r#"{"error_code":"0","error_msg":"ok"}"#));
        // The answer names no phone; only what was sent matters here.
        let _ = call(operation, &server.client(), &example);
        assert_eq!(server.seen()[0].json(), example, "{operation} {name}");
        sent += 1;
    }
    assert_eq!(sent, 6);
}

#[test]
fn every_answer_example_is_decoded_exactly() {
    let mut expected = expected();
    for (operation, _, name, example) in examples().into_iter().filter(|(_, direction, ..)| direction == "answer") {
        let server = Canned::always(Reply::ok(example.to_string()));
        let mut result = call(operation, &server.client(), &Value::Null).unwrap();
        forget_request_ids(&mut result);
        let key = format!("{operation} {name}");
        let expected = expected.as_object_mut().unwrap().remove(&key);
        assert_eq!(Some(result), expected, "{key}");
    }
    assert_eq!(expected, json!({}), "expected but not in the OpenAPI file");
}

/// The ids are new in every run.
fn forget_request_ids(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.remove("request_id");
            object.values_mut().for_each(forget_request_ids);
        }
        Value::Array(list) => list.iter_mut().for_each(forget_request_ids),
        _ => {}
    }
}

fn expected() -> Value {
    let error = |kind: &str, message: &str, code: Value, phone: Value, output: Value| {
        json!({
            "kind": kind, "message": message, "argument": null, "code": code, "http_status": 200,
            "server_request_id": null, "retryable": false, "maybe_executed": kind == "command_failed", "attempts": 1,
            "instance_id": phone, "output": output, "causes": [], "excerpt": null,
        })
    };
    let unnamed = "the response of batch-query-status does not name this phone";
    let unnamed = error("protocol", unnamed, Value::Null, json!("efjy72gs"), Value::Null);
    let failed = "ls: cannot access '/system': No such file or directory";
    let status = json!([
        {"instance_id": "a44uhlf7", "state": "unknown", "status": 0, "error": null},
        {"instance_id": "efjy72gs", "state": "unknown", "status": null, "error": unnamed},
    ]);
    let nowhere =
        json!({"address": null, "port": null, "access_type": null, "address_ipv6": null, "address_adn": null});
    json!({
        "runCommand seedMixedResult": [
            {"instance_id": "a44uhlf7", "state": "failed", "status": -1, "output_truncated": false,
             "output": failed,
             "error": error("command_failed", &format!("Run command failed: {failed}"), json!("CPS.0191"), json!("a44uhlf7"), json!(failed))},
            {"instance_id": "efjy72gs", "state": "succeeded", "status": 2, "output": "xxxxxx", "output_truncated": false, "error": null},
        ],
        "startCommand seed": [
            {"instance_id": "a44uhlf7", "task_id": "6837531fd3f54550927b930180a706bf", "job_id": "1564567b8bab40f34711234cb80d0123", "error": null},
            {"instance_id": "efjy72gs", "task_id": "6837531fd3f54550927b930180a706bf", "job_id": "1564567b8bab40f34711234cb80d0456", "error": null},
        ],
        "getTask seed": [
            {"instance_id": null, "job_id": "1564567b8bab40f34711234cb80d0123", "state": "failed", "status": -1, "output": "",
             "output_truncated": false, "error": error("not_found", "Phone not found.", json!("CPS0005"), Value::Null, Value::Null)},
            {"instance_id": null, "job_id": "1564567b8bab40f34711234cb80d0456", "state": "succeeded", "status": 2, "output": "xxxxxx",
             "output_truncated": false, "error": null},
        ],
        "setVideoSettings seed": [{"instance_id": "a44uhlf7", "error": null}, {"instance_id": "efjy72gs", "error": null}],
        "queryStatus withWrapper": status,
        "queryStatus seedBare": status,
        "resetInstances seed": [
            {"instance_id": "a44uhlf7", "task_id": null, "job_id": null, "error": null},
            {"instance_id": "efjy72gs", "task_id": null, "job_id": null, "error": null},
        ],
        "resetInstances later": [
            {"instance_id": "a44uhlf7", "task_id": "RM_6837531fd3f54550927b930180a706bf", "job_id": "1564567b8bab40f34711234cb80d0123", "error": null},
            {"instance_id": "efjy72gs", "task_id": "RM_6837531fd3f54550927b930180a706bf", "job_id": null, "error": null},
        ],
        "resetInstances definitionsNested": [
            {"instance_id": "a44uhlf7", "task_id": "ZGCAexample0reset0task0000000000001", "job_id": "1564567b8bab40f34711234cb80d0123", "error": null},
            {"instance_id": "efjy72gs", "task_id": "ZGCAexample0reset0task0000000000001", "job_id": null, "error": null},
        ],
        "getDeviceToken seed": {
            "instance_id": "Q39YyZvl", "device_id": "7b0cd026df8d495b8a65d628d7bec433", "token": "dee5081f40c83ddea3ded91c387351e9",
            "streaming_id": null, "signaling_url": "http://100.93.2.248:18082", "expired_time": null, "ice_servers": "[]",
            "internal": nowhere,
            "external": {"address": "10.83.71.187", "port": 10030, "access_type": 1, "address_ipv6": null, "address_adn": null},
        },
    })
}
