//! `koophone sign` against every vector.

mod common;

use std::fs;

use common::{World, bare, run};
use serde_json::Value;

fn vectors() -> Vec<Value> {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/signing.json")).unwrap();
    let mut file: Value = serde_json::from_str(&text).unwrap();
    serde_json::from_value(file["vectors"].take()).unwrap()
}

/// Decodes base64, as far as the vectors need it.
fn base64(text: &str) -> Vec<u8> {
    let value =
        |c: u8| b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".iter().position(|&d| d == c);
    let bits = text.bytes().filter_map(value).fold((Vec::new(), 0u32, 0), |(mut bytes, bits, count), value| {
        let (bits, count) = (bits << 6 | value as u32, count + 6);
        if count < 8 {
            return (bytes, bits, count);
        }
        bytes.push((bits >> (count - 8)) as u8);
        (bytes, bits, count - 8)
    });
    bits.0
}

#[test]
fn every_vector_is_reproduced_and_the_foreign_algorithm_is_not_offered() {
    let world = World::new();
    let body_file = world.dir().join("body");
    let mut passed = 0;
    for vector in vectors() {
        let text = |name: &str| vector[name].as_str().unwrap_or_else(|| panic!("{name} of {vector}"));
        let mut args =
            vec!["sign", "--json", "--method", text("method"), "--url", text("url"), "--date", text("x_sdk_date")];
        let headers: Vec<String> = vector["headers"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| format!("--header={name}:{}", value.as_str().unwrap()))
            .collect();
        args.extend(headers.iter().map(String::as_str));
        if let Some(body) = vector["body"].as_str() {
            fs::write(&body_file, body).unwrap();
            args.extend(["--body-file", body_file.to_str().unwrap()]);
        } else if let Some(body) = vector["body_base64"].as_str() {
            fs::write(&body_file, base64(body)).unwrap();
            args.extend(["--body-file", body_file.to_str().unwrap()]);
        }
        match text("algorithm") {
            "SDK-HMAC-SHA256" => {}
            "V11-HMAC-SHA256" => {
                let derived = &vector["derived"];
                args.extend(["--derive-region", derived["region"].as_str().unwrap()]);
                args.extend(["--derive-service", derived["service"].as_str().unwrap()]);
            }
            _ => continue,
        }
        let mut command = bare(&args);
        command.env("HUAWEICLOUD_SDK_AK", text("ak")).env("HUAWEICLOUD_SDK_SK", text("sk"));
        let done = run(command, None).expect(0);
        let (signed, expected) = (done.json(), &vector["expected"]);
        for field in ["canonical_request", "string_to_sign", "signed_headers", "signature", "authorization"] {
            assert_eq!(signed[field], expected[field], "{field} of {}", text("name"));
        }
        let printed = expected["canonical_request"].as_str().unwrap().replace('\n', "|");
        assert_eq!(signed["canonical_request_as_gateway_prints_it"], printed);
        assert!(!done.stdout.contains(text("sk")));
        passed += 1;
    }
    assert_eq!(passed, 63);
}

const URL: &str = "https://koophone.myhuaweicloud.com/v1/instances/tasks/6837531f";

#[test]
fn every_step_is_shown_and_every_source_of_the_keys_leads_to_the_same_signature() {
    let world = World::new();
    let file = world.file("sk", "\u{feff}SKEXAMPLE\r\n");
    let base = ["sign", "--url", URL, "--date", "20240419T080910Z"];
    let with = |more: &[&str], input| run(bare(&[&base, more].concat()), input).expect(0).stdout;
    let by_option = with(&["--ak", "AKEXAMPLE", "--sk", "SKEXAMPLE"], None);
    assert!(
        by_option.contains("GET\n/v1/instances/tasks/6837531f/\n\nhost:koophone.myhuaweicloud.com\n"),
        "{by_option}"
    );
    assert!(by_option.contains("GET|/v1/instances/tasks/6837531f/||host:koophone.myhuaweicloud.com|"), "{by_option}");
    assert!(by_option.contains("X-Sdk-Date: 20240419T080910Z\n"), "{by_option}");
    assert!(by_option.contains("Authorization: SDK-HMAC-SHA256 Access=AKEXAMPLE, SignedHeaders=host;x-sdk-date, "));
    assert!(!by_option.contains("SKEXAMPLE"));
    assert_eq!(with(&["--ak", "AKEXAMPLE", "--secret-key-file", &file], None), by_option);
    assert_eq!(with(&["--access-key", "AKEXAMPLE", "--secret-key-file", "-"], Some("SKEXAMPLE")), by_option);
    let mut command = bare(&[&base[..], &["--ak", "AKEXAMPLE"]].concat());
    command.env("HUAWEICLOUD_SDK_SK", "SKEXAMPLE");
    assert_eq!(run(command, None).expect(0).stdout, by_option);
}

#[test]
fn a_body_is_text_or_read_from_a_file_or_a_pipe() {
    let world = World::new();
    let file = world.file("body.json", "{}");
    let base =
        ["sign", "--url", URL, "--method", "POST", "--date", "20240419T080910Z", "--ak", "A", "--sk", "S", "--json"];
    let with = |more: &[&str], input| run(bare(&[&base, more].concat()), input).expect(0).json();
    let text = with(&["--body", "{}"], None);
    assert_eq!(with(&["--body-file", &file], None), text);
    assert_eq!(with(&["--body-file", "-"], Some("{}")), text);
    assert_ne!(with(&[], None), text);
}

#[test]
fn errors_say_what_is_missing_or_wrong_without_the_secret() {
    let refused = |args: &[&str]| run(bare(args), None).expect(1).error()["error"].clone();
    let no_key = refused(&["sign", "--url", URL, "--json"]);
    assert!(no_key["message"].as_str().unwrap().contains("HUAWEICLOUD_SDK_AK"), "{no_key}");
    let no_secret = refused(&["sign", "--url", URL, "--ak", "A", "--json"]);
    assert!(no_secret["message"].as_str().unwrap().contains("--secret-key-file"), "{no_secret}");
    let keys = ["sign", "--ak", "A", "--sk", "S3CRET", "--json"];
    let header = refused(&[&keys[..], &["--url", URL, "--header", "X-Security-Token MIIF"]].concat());
    assert!(header["argument"] == "header" && !header.to_string().contains("MIIF"), "{header}");
    assert_eq!(refused(&[&keys[..], &["--url", "/v1"]].concat())["argument"], "url");
    assert_eq!(refused(&[&keys[..], &["--url", URL, "--date", "today"]].concat())["argument"], "date");
    let twice = refused(&[&keys[..], &["--url", URL, "--access-key", "B"]].concat());
    assert!(twice["message"].as_str().unwrap().contains("twice"), "{twice}");
}
