//! Every quirk: what it changes, and what the default is.

mod support;

use std::io::Write;

use koophone_emulator::{Edition, Emulator, Quirk};
use serde_json::{Value, json};
use support::{Response, Session, connect, exchange, parse, request_bytes, send, video_group};

fn with(quirks: &[Quirk], phones: usize) -> Session {
    let quirks = quirks.to_vec();
    Session::new(
        Emulator::builder().phones(phones).manual_clock().options(|options| options.quirks = quirks).start().unwrap(),
    )
}

fn results(response: &Response) -> Vec<Value> {
    response.json()["data"]["cmd_results"].as_array().unwrap().clone()
}

fn unknown_phone(session: &Session) -> Response {
    session.call(
        "POST",
        "/v1/instances/sync-command",
        &json!({"command": "ls", "instance_ids": [session.ids()[0], "nope"]}),
    )
}

fn empty_list(session: &Session) -> Response {
    session.call("POST", "/v1/instances/batch-query-status", &json!({"instance_ids": []}))
}

#[test]
fn every_quirk_is_tested() {
    let tests = [
        include_str!("quirks.rs"),
        include_str!("newer_quirks.rs"),
        include_str!("editions.rs"),
        include_str!("authentication.rs"),
    ]
    .concat();
    for quirk in Quirk::ALL {
        assert!(tests.contains(&format!("Quirk::{quirk:?}")), "no test for {quirk:?}");
    }
}

#[test]
fn statuses_of_errors() {
    let session = with(&[Quirk::BusinessErrorsAs200], 1);
    assert_eq!((unknown_phone(&session).status, empty_list(&session).status), (200, 200));
    assert_eq!(send(session.emulator.endpoint(), "GET", "/x", &[], "").status, 404, "the gateway's keep theirs");
    let session = with(&[Quirk::AlternativeStatuses], 1);
    assert_eq!((unknown_phone(&session).status, empty_list(&session).status), (400, 200));
    let session = with(&[Quirk::ZeroCodeOnErrors], 1);
    let response = unknown_phone(&session);
    assert_eq!((response.status, response.code().as_str()), (401, "0"));
    let session = with(&[Quirk::ThrottledAs503, Quirk::GatewayDotVariants], 1);
    session.emulator.add_faults(koophone_emulator::Fault::list_from_json(r#"{"action":"throttle"}"#).unwrap()).unwrap();
    let response = session.status();
    assert_eq!((response.status, response.code().as_str()), (503, "APIG.0308"));
}

#[test]
fn shapes_of_errors() {
    let detail = unknown_phone(&with(&[Quirk::CodeMessageErrors], 1)).json();
    assert_eq!(detail["error_detail"]["code"], "KOOPHONE.API.1001");
    let detailed = unknown_phone(&with(&[Quirk::DetailedErrors], 1)).json();
    assert_eq!(detailed["details"][0]["error_code"], "KOOPHONE.API.1001");
    assert!(detailed["encoded_authorization_message"].is_string());
    assert_eq!(unknown_phone(&with(&[Quirk::MixedCasePrefix], 1)).code(), "KooPhone.API.1001");
    assert_eq!(
        unknown_phone(&with(&[], 1)).json(),
        json!({"error_code": "KOOPHONE.API.1001", "error_msg": "no permission for the instance"})
    );
}

#[test]
fn the_code_of_a_success() {
    assert_eq!(with(&[Quirk::NumericErrorCode], 1).status().json()["error_code"], 0);
    let bare = with(&[Quirk::MissingErrorCode], 1).status().json();
    assert_eq!(bare.as_object().unwrap().keys().collect::<Vec<_>>(), ["data"]);
    assert_eq!(with(&[Quirk::UpperCaseMessages], 1).status().json()["error_msg"], "OK");
    let session = with(&[Quirk::ChineseMessages], 1);
    assert_eq!(session.status().json()["error_msg"], "成功");
    assert_eq!(unknown_phone(&session).json()["error_msg"], "请求失败");
}

#[test]
fn no_error_has_many_spellings() {
    let result = |quirk| results(&with(&[quirk], 1).sync("true"))[0].clone();
    let null = result(Quirk::NoErrorAsNull);
    assert_eq!((&null["error_code"], &null["error_msg"]), (&Value::Null, &Value::Null));
    assert!(null.get("error_code").is_some());
    assert!(result(Quirk::NoErrorAbsent).get("error_code").is_none());
    assert_eq!(result(Quirk::NoErrorAsZero)["error_code"], "0");
    let failed = results(&with(&[Quirk::NoErrorAbsent], 1).sync("false"))[0].clone();
    assert_eq!(failed["error_code"], "CPS.0191", "errors are not affected");
}

#[test]
fn wrappers_and_data() {
    let session = with(&[Quirk::BareStatusResults], 1);
    assert_eq!(session.status().json(), json!({"status_results": [{"instance_id": session.ids()[0], "status": 2}]}));
    let video = |quirk| {
        let setting =
            json!([{"network_type": "WIRED", "encoding_type": "H265", "video_spec_groups": video_group(100)}]);
        with(&[quirk], 1).video(setting).json().get("data").cloned()
    };
    assert_eq!(video(Quirk::DataNull), Some(Value::Null));
    assert_eq!(video(Quirk::DataText), Some(json!("")));
    let session = with(&[Quirk::ResetWithoutTask], 1);
    assert_eq!(session.reset().json(), json!({"error_code": "0", "error_msg": "ok"}));
    assert_eq!(session.emulator.journal()[0].task_id, None);
}

#[test]
fn codes_of_phones_lose_or_gain_their_dot() {
    let session = with(&[Quirk::CpsDotVariants], 1);
    assert_eq!(results(&session.sync("false"))[0]["error_code"], "CPS0191");
    session.emulator.set_phone_state(&session.ids()[0], 1);
    assert_eq!(results(&session.sync("true"))[0]["error_code"], "CPS.0005");
}

#[test]
fn the_request_id_is_required_by_its_quirk_and_not_by_the_strict_mode() {
    let call = |session: &Session, target: &str, body: String| {
        send(session.emulator.endpoint(), "POST", target, &[("X-Auth-Token", &session.token)], &body)
    };
    let phones = |session: &Session| json!({"instance_ids": session.ids()}).to_string();
    let session = with(&[Quirk::RequestIdRequired], 1);
    for target in ["/v1/instances/batch-query-status", "/v1/instances/batch-reset"] {
        let refused = call(&session, target, phones(&session));
        assert_eq!((refused.status, refused.code().as_str()), (200, "KOOPHONE.API.0002"), "{target}");
    }
    let token = format!("/v1/instances/{}/auth", session.ids()[0]);
    assert_eq!(call(&session, &token, String::new()).code(), "0", "never required there");
    let strict = Session::new(Emulator::builder().phones(1).strict().start().unwrap());
    assert_eq!(call(&strict, "/v1/instances/batch-query-status", phones(&strict)).code(), "0");
}

#[test]
fn the_task_of_a_reset_may_be_one_level_deeper() {
    let reset = |session: &Session| {
        session.call("POST", "/v1/instances/batch-reset", &json!({"instance_ids": session.ids()})).json()
    };
    assert!(reset(&with(&[], 1))["data"]["task_id"].is_string());
    assert!(reset(&with(&[Quirk::ResetTaskNested], 1))["data"]["data"]["task_id"].is_string());
}

#[test]
fn a_pair_has_three_video_groups_at_most() {
    let session = with(&[], 1);
    let call = |groups: usize| {
        let one = video_group(100);
        let groups: Vec<_> = std::iter::repeat_n(one[0].clone(), groups).collect();
        let setting = json!([{"network_type": "WIFI", "encoding_type": "H264", "video_spec_groups": groups}]);
        let body = json!({"instance_ids": session.ids(), "instance_settings": setting});
        session.call("PUT", "/v1/instances/video-setting", &body).code()
    };
    assert_eq!((call(3).as_str(), call(4).as_str()), ("0", "KOOPHONE.API.1000"));
}

#[test]
fn the_strict_mode_has_the_other_strict_limits() {
    let session = Session::new(Emulator::builder().phones(33).strict().start().unwrap());
    assert!(session.status().text().contains("at most 32"));
    let ids = &session.ids()[..1];
    let setting = json!([{"network_type": "WIFI", "encoding_type": "H264", "video_spec_groups": video_group(100)}]);
    let body = json!({"instance_ids": ids, "instance_settings": setting});
    assert!(session.call("PUT", "/v1/instances/video-setting", &body).text().contains("at least 6"));
}

#[test]
fn case_of_header_names() {
    assert!(with(&[], 1).status().head.contains("X-Request-Id:"));
    assert!(with(&[Quirk::LowerCaseHeaders], 1).status().head.contains("x-request-id:"));
}

#[test]
fn characters_of_commands() {
    assert_eq!(results(&with(&[Quirk::AnyCharacter], 1).sync("echo 'a b' | wc -w"))[0]["execute_msg"], "2");
    assert_eq!(with(&[Quirk::SpacesRefused], 1).sync("ls -l").code(), "KOOPHONE.API.1000");
    assert_eq!(with(&[Quirk::SpacesRefused], 1).sync("ls").code(), "0");
    let long = format!("echo {}", "é".repeat(600));
    assert_eq!(with(&[Quirk::AnyCharacter], 1).sync(&long).code(), "KOOPHONE.API.1000");
    assert_eq!(with(&[Quirk::AnyCharacter, Quirk::CommandLimitInCharacters], 1).sync(&long).code(), "0");
}

#[test]
fn lists_of_phones() {
    assert_eq!(with(&[], 33).status().code(), "0");
    assert_eq!(with(&[Quirk::StrictLimit32], 33).status().code(), "KOOPHONE.API.1000");
    assert_eq!(with(&[Quirk::StrictLimit32], 32).status().code(), "0");
    let twice = |session: &Session| {
        let id = &session.ids()[0];
        session.call("POST", "/v1/instances/sync-command", &json!({"command": "true", "instance_ids": [id, id]}))
    };
    let session = with(&[Quirk::DuplicateResults], 1);
    assert_eq!(results(&twice(&session)).len(), 2);
    assert_eq!(session.emulator.journal().len(), 1, "it runs once");
    assert_eq!(twice(&with(&[Quirk::DuplicatesRefused], 1)).code(), "KOOPHONE.API.1000");
    let mixed = with(&[Quirk::MixedRegions], 3).status();
    assert_eq!((mixed.status, mixed.code().as_str()), (400, "KOOPHONE.API.1002"));
    assert_eq!(with(&[Quirk::MixedRegions], 1).status().code(), "0");
}

#[test]
fn numbers_as_text() {
    let session = with(&[Quirk::StringNumbers], 1);
    assert_eq!(results(&session.sync("false"))[0]["status"], "-1");
    assert_eq!(session.status().json()["data"]["status_results"][0]["status"], "2");
}

#[test]
fn bodies_and_their_length() {
    let session = with(&[Quirk::LengthRequired], 1);
    let endpoint = session.emulator.endpoint();
    let target = format!("/v1/instances/{}/auth", session.ids()[0]);
    let head = format!("POST {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Auth-Token: {}\r\n", session.token);
    let without = parse(&exchange(endpoint, format!("{head}\r\n").as_bytes())).unwrap();
    assert_eq!((without.status, without.code().as_str()), (411, "APIGW.0201"));
    assert_eq!(session.device_token().code(), "0");
    let session = with(&[Quirk::AuthNeedsBody], 1);
    assert_eq!(session.device_token().code(), "KOOPHONE.API.1000");
    assert_eq!(session.call("POST", &format!("/v1/instances/{}/auth", session.ids()[0]), &json!({})).code(), "0");
}

#[test]
fn strict_video_settings() {
    let pair = |network: &str, codec: &str, rate| {
        let groups = video_group(rate);
        json!({"network_type": network, "encoding_type": codec, "video_spec_groups": groups})
    };
    let six = |rate| {
        let networks = ["MOBILE_NETWORK", "WIFI", "WIRED"];
        let all = networks.iter().flat_map(|network| ["H264", "H265"].map(|codec| pair(network, codec, rate)));
        Value::Array(all.collect())
    };
    let session = with(&[Quirk::StrictVideo], 1);
    assert_eq!(session.video(json!([pair("WIFI", "H264", 100)])).code(), "KOOPHONE.API.1000");
    assert_eq!(session.video(six(0)).code(), "KOOPHONE.API.1000");
    assert_eq!(session.video(six(100)).code(), "0");
    assert_eq!(with(&[], 1).video(six(0)).code(), "0");
}

#[test]
fn scales_of_states() {
    let session = with(&[Quirk::FailedJobsStatus3], 1);
    assert_eq!(results(&session.sync("false"))[0]["status"], -1, "only jobs");
    let task = session.start("false").json()["data"]["task_id"].as_str().unwrap().to_owned();
    session.emulator.advance(std::time::Duration::from_secs(1));
    assert_eq!(session.task(&task).json()["data"]["jobs"][0]["status"], 3);
    let session = with(&[Quirk::NewStateScale], 1);
    session.reset();
    assert_eq!(session.status().json()["data"]["status_results"][0]["status"], 1);
    session.emulator.advance(std::time::Duration::from_secs(1));
    assert_eq!(session.status().json()["data"]["status_results"][0]["status"], 2);
    session.emulator.set_phone_state(&session.ids()[0], 7);
    assert_eq!(results(&session.sync("true"))[0]["status"], 2, "7 is data loaded");
}

#[test]
fn results_that_are_missing() {
    let session = with(&[Quirk::MissingInstances], 3);
    assert_eq!(results(&session.sync("true")).len(), 2);
    assert_eq!(session.emulator.journal().len(), 3, "all ran");
    let session = with(&[Quirk::UnknownInstancesOmitted], 1);
    assert_eq!(results(&unknown_phone(&session)).len(), 1);
    let session = with(&[Quirk::MissingJobs], 3);
    let started = session.start("true").json();
    assert_eq!(started["data"]["cmd_jobs"].as_array().unwrap().len(), 3);
    let jobs = session.task(started["data"]["task_id"].as_str().unwrap()).json()["data"]["jobs"].clone();
    assert_eq!(jobs.as_array().unwrap().len(), 2);
}

#[test]
fn results_in_any_order() {
    let session = with(&[Quirk::ShuffledResults], 20);
    let order: Vec<Value> = results(&session.sync("true")).iter().map(|result| result["instance_id"].clone()).collect();
    let asked: Vec<Value> = session.ids().iter().map(|id| json!(id)).collect();
    assert_ne!(order, asked);
    assert!(asked.iter().all(|id| order.contains(id)));
    let again = with(&[Quirk::ShuffledResults], 20).sync("true");
    let same: Vec<Value> = results(&again).iter().map(|result| result["instance_id"].clone()).collect();
    assert_eq!(order, same, "but the same one for the same seed");
}

#[test]
fn device_tokens() {
    let data = |quirks: &[Quirk]| with(quirks, 1).device_token().json()["data"].clone();
    let nulls = data(&[Quirk::NullFields]);
    assert_eq!(nulls["resource"]["sdk"]["external"]["address"], Value::Null);
    assert_eq!(nulls["resource"]["sdk"]["internal"], Value::Null);
    assert_eq!(nulls["resource"]["rtc"]["ice_signaling"]["signaling_url"], Value::Null);
    let internal = data(&[Quirk::InternalAddress])["resource"]["sdk"]["internal"].clone();
    assert_eq!((&internal["aport"], &internal["atype"]), (&json!("10030"), &json!("1")));
    let swapped = data(&[Quirk::InternalAddress, Quirk::SwappedAportTypes])["resource"]["sdk"].clone();
    assert_eq!((&swapped["internal"]["aport"], &swapped["external"]["aport"]), (&json!(10030), &json!("10030")));
    assert_eq!(data(&[Quirk::ExpiredTimePresent])["resource"]["rtc"]["ice_signaling"]["expired_time"], "86400");
    let servers = data(&[Quirk::IceServersPresent])["resource"]["rtc"]["ice_signaling"]["ice_servers"].clone();
    assert!(servers[0].is_string() && servers[1].is_object());
    let of_2024 = |options: &mut koophone_emulator::Options| {
        options.edition = Edition::Of2024;
        options.quirks.push(Quirk::NewerFields);
    };
    let session = Session::new(Emulator::builder().phones(1).options(of_2024).start().unwrap());
    let newer = session.device_token().json()["data"].clone();
    assert!(newer["streamingId"].is_string() && newer["resource"]["sdk"]["external"]["address_adn"].is_string());
    assert_eq!(newer["resource"].get("app_ip_synchronize_list"), Some(&Value::Null));
}

#[test]
fn null_results() {
    let result = results(&with(&[Quirk::NullFields], 1).sync("true"))[0].clone();
    assert_eq!(
        (&result["error_code"], &result["error_msg"], &result["execute_msg"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
}

#[test]
fn output_that_is_cut() {
    let command = format!("printf {}%s%s tail tail", "é".repeat(500));
    let body = |quirks: &[Quirk]| {
        let session = with(&[quirks, &[Quirk::AnyCharacter]].concat(), 1);
        session
            .emulator
            .add_rules([koophone_emulator::Rule {
                command: "printf*".to_owned(),
                stdout: format!("x{}", "é".repeat(600)),
                ..Default::default()
            }])
            .unwrap();
        session.sync(&command).body
    };
    let ends = |body: Vec<u8>, end: &[u8]| {
        let quote = [end, b"\"".as_slice()].concat();
        body.windows(quote.len()).any(|window| window == quote)
    };
    let plain = body(&[]);
    assert!(std::str::from_utf8(&plain).is_ok() && ends(plain, "é".as_bytes()));
    let raw = body(&[Quirk::CutInsideCharacter]);
    assert!(std::str::from_utf8(&raw).is_err() && ends(raw, b"\xC3"));
    assert!(ends(body(&[Quirk::CutAsLoneSurrogate]), b"\\ud83d"));
    assert!(ends(body(&[Quirk::CutAsReplacement]), "\u{FFFD}".as_bytes()));
}

#[test]
fn the_last_line_end() {
    assert_eq!(results(&with(&[], 1).sync("echo a"))[0]["execute_msg"], "a");
    assert_eq!(results(&with(&[Quirk::FinalNewlineKept], 1).sync("echo a"))[0]["execute_msg"], "a\n");
}

#[test]
fn tasks_of_resets() {
    let session = with(&[Quirk::RmTaskIds], 1);
    let task = session.reset().json()["data"]["task_id"].as_str().unwrap().to_owned();
    assert!(task.starts_with("RM_") && task.len() == 35);
    assert_eq!(session.task(&task).code(), "0");
    let session = with(&[Quirk::ResetTaskUnreadable], 1);
    let task = session.reset().json()["data"]["task_id"].as_str().unwrap().to_owned();
    assert_eq!(session.task(&task).code(), "KOOPHONE.API.1323");
    let session = with(&[Quirk::CmdJobsInstanceAsList], 1);
    assert_eq!(session.start("true").json()["data"]["cmd_jobs"][0]["instance_id"], json!([session.ids()[0]]));
}

#[test]
fn unknown_fields() {
    let session = with(&[Quirk::UnknownFields], 1);
    let response = session.sync("true").json();
    for place in [
        &response,
        &response["data"],
        &response["data"]["cmd_results"][0],
        &session.status().json(),
        &unknown_phone(&session).json(),
    ] {
        assert!(place["unknown_field"].is_object(), "{place}");
    }
}

#[test]
fn limits_of_the_gateway() {
    let limited = Emulator::builder()
        .phones(1)
        .manual_clock()
        .options(|options| {
            options.rate_limit = Some(koophone_emulator::RateLimit { calls: 2, seconds: 1 });
            options.max_header_bytes = 2000;
        })
        .start()
        .unwrap();
    let session = Session::new(limited);
    assert_eq!((session.status().status, session.status().status), (200, 200));
    let third = session.status();
    assert_eq!((third.status, third.code().as_str()), (429, "APIGW.0308"));
    assert!(third.text().contains("limit:2,time:1 second"));
    session.emulator.advance(std::time::Duration::from_secs(1));
    assert_eq!(session.status().status, 200);
    let long = "x".repeat(3000);
    let response = send(session.emulator.endpoint(), "GET", "/v1/instances/tasks/x", &[("X-Auth-Token", &long)], "");
    assert_eq!((response.status, response.code().as_str()), (494, "APIGW.0201"));
}

#[test]
fn a_body_that_is_too_large() {
    let session = with(&[], 1);
    let endpoint = session.emulator.endpoint();
    let mut stream = connect(endpoint);
    let body = "x".repeat(12 * 1024 * 1024 + 1);
    stream.write_all(&request_bytes(endpoint, "POST", "/v1/instances/sync-command", &[], &body)).unwrap();
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut stream, &mut bytes).unwrap();
    let response = parse(&bytes).unwrap();
    assert_eq!((response.status, response.code().as_str()), (413, "APIGW.0201"));
}

#[test]
fn a_long_line_takes_effect_only_if_its_request_is_served() {
    let session = with(&[Quirk::AnyCharacter], 2);
    let write = |token: &str| {
        let body = json!({"command": "echo x > /sdcard/f; cat /sdcard/f", "instance_ids": session.ids()}).to_string();
        let headers = [("X-Auth-Token", token)];
        send(session.emulator.endpoint(), "POST", "/v1/instances/sync-command", &headers, &body)
    };
    let has_file = |id: &str| session.emulator.phone(id).unwrap().files.contains_key("/sdcard/f");
    assert_eq!(write("wrong").status, 401);
    assert!(session.ids().iter().all(|id| !has_file(id)) && session.emulator.journal().is_empty());
    let results = write(&session.token).json()["data"]["cmd_results"].clone();
    assert!(results.as_array().unwrap().iter().all(|result| result["execute_msg"] == "x"));
    assert!(session.ids().iter().all(|id| has_file(id)));
    assert_eq!(session.emulator.journal().len(), session.ids().len());
}
