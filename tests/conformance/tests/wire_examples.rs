//! The examples of the OpenAPI file are sent and decoded exactly as printed.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};

use koophone::{Client, Codec, Credentials, Network, OPERATIONS, Operation, VideoSetting, VideoSettings, VideoSpec};
use koophone_conformance::call::{Returned, Waiting, one_call};
use koophone_conformance::{example, operations};
use serde_json::{Value, json};

/// The phones of examples that name no others, in the order of the results.
const PHONES: [&str; 2] = ["a44uhlf7", "efjy72gs"];
/// The phone of examples about one phone.
const PHONE: &str = "Q39YyZvl";
/// The task of examples about a task.
const TASK: &str = "6837531fd3f54550927b930180a706bf";

/// Every example of the core's operations: operation, direction, name and value.
fn examples() -> Vec<(&'static Operation, &'static str, String, Value)> {
    let file: Value = serde_yaml_ng::from_str(include_str!("../../openapi.yaml")).unwrap();
    let described = || file["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values());
    let mut found = Vec::new();
    for operation in OPERATIONS {
        let described = described().find(|described| described["x-koophone-name"] == operation.name);
        let described = described.unwrap_or_else(|| panic!("tests/openapi.yaml does not have {}", operation.name));
        let before = found.len();
        let mut take = |direction, content: &Value| {
            for (name, example) in content["application/json"]["examples"].as_object().into_iter().flatten() {
                found.push((*operation, direction, name.clone(), example["value"].clone()));
            }
        };
        take("request", &described["requestBody"]["content"]);
        let response = &described["responses"]["200"];
        match response["$ref"].as_str() {
            Some(target) => take("response", &file.pointer(&target[1..]).unwrap()["content"]),
            None => take("response", &response["content"]),
        }
        let has = |wanted: &str| found[before..].iter().any(|(_, direction, ..)| *direction == wanted);
        assert!(has("response"), "tests/openapi.yaml has no example of a response of {}", operation.name);
        assert!(has("request") || described["requestBody"].is_null(), "... of a request of {}", operation.name);
    }
    found
}

/// Starts a service that sends the same response to every request; returns its URL and the requests' bodies.
fn service(response: &Value) -> (String, Receiver<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (asked, seen) = channel();
    let body = response.to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let asked_for = read_body(&stream);
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            (&stream).write_all(format!("{head}{body}").as_bytes()).unwrap();
            if asked.send(asked_for).is_err() {
                return;
            }
        }
    });
    (url, seen)
}

fn read_body(stream: &TcpStream) -> Value {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            if line.trim_end().is_empty() {
                break;
            }
            continue;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    serde_json::from_slice(&body).unwrap_or_default()
}

/// The phones that a request names, in whichever of the service's forms.
fn ids_of(request: &Value) -> Vec<&str> {
    fn one(item: &Value) -> Option<&str> {
        item.as_str().or_else(|| item["instance_id"].as_str())
    }
    let lists = ["instance_ids", "instance_id_list", "instanceIdList", "user_instances"];
    match lists.iter().find_map(|name| request[*name].as_array()) {
        Some(list) => list.iter().filter_map(one).collect(),
        None => request["instance_id"].as_str().into_iter().collect(),
    }
}

/// Makes the call that an operation's examples are about, and returns its result as JSON.
fn call(operation: &Operation, url: &str, request: &Value) -> koophone::Result<Value> {
    let ids = ids_of(request);
    let ids: Vec<&str> = match operation.target {
        koophone::Target::Phone => vec![PHONE],
        _ if ids.is_empty() => PHONES.to_vec(),
        _ => ids,
    };
    let ids: Vec<String> = ids.into_iter().map(str::to_owned).collect();
    let mut arguments = example::arguments(operation, &ids, TASK);
    for param in operation.params {
        // Arguments whose form differs from the service's are converted here.
        let value = match param.name {
            "video_settings" if request.is_object() => json!(video(request).settings),
            "assignments" => request["user_instances"].clone(),
            "order" if request.is_object() => order(request),
            "app" if request.is_object() => app(request),
            name => request[name].clone(),
        };
        if !value.is_null() {
            arguments = arguments.with(param.name, value);
        }
    }
    let builder = Client::builder().environment([]).endpoint(url).iam_endpoint(url);
    let client = builder.credentials(Credentials::token("ready-made-token")).build()?;
    Ok(match operations::call(&client, &one_call(operation), &arguments, &Waiting)? {
        Returned::PerPhone(phones, _) => phones.into_iter().map(|phone| phone.json).collect(),
        Returned::Task(task) => json!(task.phones()),
        Returned::Value(value) => value,
        Returned::Nothing => Value::Null,
    })
}

fn order(request: &Value) -> Value {
    let (charge, is_set) = (&request["chargeParam"], |value: &Value| *value == 1);
    json!({
        "os": request["os"], "sku_id": request["instanceSkuId"], "bandwidth_sku_id": request["bandSkuId"],
        "region": request["regionId"], "name_prefix": request["instanceNamePrefix"],
        "bandwidth_mbps": request["bandSize"], "count": request["count"], "network": request["network"],
        "node_group_id": request["nodeGroupId"], "period_count": charge["periodNum"],
        "period_unit": if charge["periodType"] == 3 { "year" } else { "month" },
        "auto_pay": is_set(&charge["isAutoPay"]), "auto_renew": is_set(&charge["isAutoRenew"]),
    })
}

fn app(request: &Value) -> Value {
    let size: u32 = request["object_size"].as_str().unwrap().parse().unwrap();
    json!({
        "url": request["install_package_url"], "package": request["object_name"], "version": request["object_version"],
        "file_name": request["file_name"], "size_mb": size, "md5": request["content_md5"],
        "fast": request["fast_install"] == "1",
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
    for (operation, _, name, example) in examples().into_iter().filter(|(_, direction, ..)| *direction == "request") {
        let (url, seen) = service(&json!({"error_code": "0", "error_msg": "ok"}));
        // The response is for no phone; only the request matters here.
        let _ = call(operation, &url, &example);
        assert_eq!(seen.recv().unwrap(), example, "{} {name}", operation.name);
    }
}

#[test]
fn every_response_example_is_decoded_exactly() {
    let mut expected = HashMap::new();
    for operation in OPERATIONS {
        let results = example::example(operation.name).openapi.iter();
        expected.extend(results.map(|(name, result)| (format!("{} {name}", operation.name), result.clone())));
    }
    for (operation, _, name, example) in examples().into_iter().filter(|(_, direction, ..)| *direction == "response") {
        let (url, _seen) = service(&example);
        let mut result = call(operation, &url, &Value::Null).unwrap();
        forget_request_ids(&mut result);
        let key = format!("{} {name}", operation.name);
        assert_eq!(Some(result), expected.remove(&key), "{key}");
    }
    assert_eq!(expected, HashMap::new(), "expected but not in the OpenAPI file");
}

/// Removes the request ids, which differ in every run.
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
