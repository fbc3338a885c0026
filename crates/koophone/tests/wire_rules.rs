//! The rules of docs/spec/wire-notes.md that need a whole client. Those of a single module are tested in that module.

mod common;
use common::{Canned, Reply};
use koophone::{Client, Credentials, ErrorKind, InstanceState, JobState, PhoneResults, VideoSettings};
use serde_json::json;

const OK: &str = r#"{"error_code":"0","error_msg":"ok"}"#;

fn results(results: serde_json::Value) -> Canned {
    Canned::always(Reply::ok(
        json!({"data": {"cmd_results": results}, "error_code": "0", "error_msg": "ok"}).to_string(),
    ))
}

fn jobs(jobs: serde_json::Value) -> Canned {
    Canned::always(Reply::ok(json!({"data": {"jobs": jobs}, "error_code": "0", "error_msg": "ok"}).to_string()))
}

// docs/spec/wire-notes.md#1
#[test]
fn a_200_with_an_error_code_is_an_error() {
    let server = Canned::always(Reply::ok(r#"{"error_code":"KOOPHONE.API.1012","error_msg":"wrong state"}"#));
    let error = server.client().query_status(["a"]).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, Some("KOOPHONE.API.1012")));
    assert_eq!((error.http_status(), error.attempts()), (Some(200), 1));
    assert!(error.message().contains("wrong state"), "{error}");
}

// docs/spec/wire-notes.md#2
#[test]
fn each_phone_has_its_own_result_and_raise_for_errors_is_explicit() {
    let server = results(json!([
        {"instance_id": "a", "status": -1, "error_code": "CPS.0191", "error_msg": "Run command failed.",
         "execute_msg": "no"},
        {"instance_id": "b", "status": 2, "error_code": "", "error_msg": "", "execute_msg": "yes"},
    ]));
    let results = server.client().run_command(["a", "b"], "ls").unwrap();
    assert_eq!((results[0].state, results[1].state), (JobState::Failed, JobState::Succeeded));
    assert!(!results.all_ok() && results[1..].all_ok());
    let error = results.raise_for_errors().unwrap_err();
    assert!(error.message().starts_with("1 of 2 phones failed; the first is a: Run command failed: no"), "{error}");
}

// docs/spec/wire-notes.md#4
#[test]
fn no_error_has_many_spellings_and_the_status_decides() {
    for code in [json!(""), json!(null), json!("0"), json!(0)] {
        let server = results(json!([{"instance_id": "a", "status": 2, "error_code": code, "execute_msg": "x"}]));
        assert!(server.client().run_command(["a"], "ls").unwrap().all_ok(), "{code}");
    }
    let server = results(json!([{"instance_id": "a", "status": -1, "error_code": "", "error_msg": "odd"}]));
    let error = server.client().run_command(["a"], "ls").unwrap().raise_for_errors().unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::CommandFailed, None));
}

// docs/spec/wire-notes.md#9
#[test]
fn a_reset_may_return_no_task() {
    let server = Canned::always(Reply::ok(OK));
    let task = server.client().reset_instances(["a"]).unwrap();
    assert!(!task.can_be_followed());
    let error = task.wait(None).unwrap_err();
    assert_eq!((error.kind(), error.argument()), (ErrorKind::InvalidArgument, Some("task")));
    assert!(error.message().contains("query_status"), "{error}");
}

// docs/spec/wire-notes.md#11
#[test]
fn errors_about_proxies_pages_have_status_and_excerpt() {
    let server =
        Canned::always(Reply(502, vec![("content-type", "text/html".into())], b"<html>Bad Gateway</html>".to_vec()));
    let results = server.client().run_command(["a"], "ls").unwrap();
    let error = results[0].error.as_ref().unwrap();
    assert_eq!((error.kind(), error.http_status(), error.attempts()), (ErrorKind::OutcomeUnknown, Some(502), 1));
    assert_eq!(error.excerpt(), Some("<html>Bad Gateway</html>"));
}

// docs/spec/wire-notes.md#12
#[test]
fn placeholder_bodies_only_show_the_format() {
    let server = Canned::always(Reply::status(400, r#"{"error_code":"string","error_msg":"string"}"#));
    let error = server.client().query_status(["a"]).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, Some("string")));
}

// docs/spec/wire-notes.md#18, #30, #36
#[test]
fn the_request_has_the_required_headers_and_no_others() {
    let server = Canned::always(Reply::ok(r#"{"data":{"device_token":"t"},"error_code":"0"}"#));
    server.client().get_device_token("Q39YyZvl").unwrap();
    let seen = &server.seen()[0];
    assert_eq!((seen.method.as_str(), seen.path.as_str()), ("POST", "/v1/instances/Q39YyZvl/auth"));
    assert_eq!((seen.header("content-length"), seen.body.len()), (Some("0"), 0));
    assert_eq!(seen.header("x-tenant-id"), None);
    assert_eq!(seen.header("content-type"), None);
    assert_eq!(seen.header("x-auth-token"), Some("ready-made-token"));
    assert_eq!(seen.header("transfer-encoding"), None);
    // Nothing is decompressed here.
    assert_eq!((seen.header("accept-encoding"), seen.header("accept")), (Some("identity"), Some("*/*")));

    let server = Canned::always(Reply::ok(r#"{"data":{"jobs":[]},"error_code":"0"}"#));
    server.client().get_task("ZGCA.x y?#%").unwrap();
    assert_eq!(server.seen()[0].path, "/v1/instances/tasks/ZGCA.x%20y%3F%23%25");
}

// docs/spec/wire-notes.md#20
#[test]
fn every_call_has_a_request_id_of_its_own_kept_over_its_attempts() {
    let busy = Reply::status(503, r#"{"error_code":"APIGW.0610","error_msg":"busy"}"#);
    let server = Canned::in_turn(vec![busy.clone(), busy, Reply::ok(OK)]);
    let client = server.client();
    client.set_video_settings(["a"], VideoSettings::default()).unwrap();
    client.set_video_settings(["a"], VideoSettings::default()).unwrap();
    let ids: Vec<String> = server.seen().iter().map(|seen| seen.header("x-request-id").unwrap().to_owned()).collect();
    assert_eq!(ids.len(), 4);
    assert!(ids[0].len() == 32 && ids[0] == ids[1] && ids[1] == ids[2] && ids[2] != ids[3], "{ids:?}");
    let server = Canned::always(Reply(
        400,
        vec![("X-Request-Id", "theirs".into())],
        br#"{"error_code":"KOOPHONE.API.1000","error_msg":"no"}"#.to_vec(),
    ));
    let error = server.client().query_status(["a"]).unwrap_err();
    assert_eq!(error.request_id(), server.seen()[0].header("x-request-id"));
    assert_eq!(error.server_request_id(), Some("theirs"));
}

// docs/spec/wire-notes.md#25
#[test]
fn lists_are_split_and_joined_in_order() {
    let server = Canned::new(|seen| {
        let ids = seen.json()["instance_ids"].as_array().unwrap().clone();
        assert!(ids.len() <= 32);
        if ids[0] == "p032" {
            return Reply::status(400, r#"{"error_code":"KOOPHONE.API.1002","error_msg":"mixed regions"}"#);
        }
        let results: Vec<_> = ids.iter().rev().map(|id| json!({"instance_id": id, "status": 2})).collect();
        Reply::ok(json!({"data": {"status_results": results}, "error_code": "0"}).to_string())
    });
    let ids: Vec<String> = (0..100).map(|n| format!("p{n:03}")).collect();
    let results = server.client().query_status(&ids).unwrap();
    // The refused batch of 32 is halved until the one phone is alone.
    assert_eq!(server.seen().len(), 4 + 2 * 5);
    assert_eq!(results.iter().map(|result| result.instance_id).collect::<Vec<_>>(), ids);
    for (n, result) in results.iter().enumerate() {
        // docs/spec/wire-notes.md#27: the region of a phone cannot be known.
        let code = result.error.as_ref().and_then(|error| error.code());
        assert_eq!(code, (n == 32).then_some("KOOPHONE.API.1002"), "{n}");
    }
}

// docs/spec/wire-notes.md#27
#[test]
fn when_every_batch_fails_the_same_way_the_call_fails() {
    let server =
        Canned::always(Reply::status(400, r#"{"error_code":"KOOPHONE.API.1002","error_msg":"mixed regions"}"#));
    let error = server.client().query_status((0..100).map(|n| format!("p{n}"))).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, Some("KOOPHONE.API.1002")));
}

// docs/spec/wire-notes.md#28, #37
#[test]
fn names_and_paths_are_the_operations_own() {
    let server = Canned::always(Reply::ok(OK));
    let client = server.client();
    let _ = client.run_command(["a"], "ls");
    let _ = client.start_command(["a"], "ls");
    let _ = client.query_status(["a"]);
    let _ = client.reset_instances(["a"]);
    client.set_video_settings(["a"], VideoSettings::default()).unwrap();
    let seen = server.seen();
    let paths: Vec<String> = seen.iter().map(|seen| format!("{} {}", seen.method, seen.path)).collect();
    assert_eq!(
        paths,
        [
            "POST /v1/instances/sync-command",
            "POST /v1/instances/async-command",
            "POST /v1/instances/batch-query-status",
            "POST /v1/instances/batch-reset",
            "PUT /v1/instances/video-setting",
        ]
    );
    assert!(seen.iter().all(|seen| seen.json()["instance_ids"] == json!(["a"])));
    assert_eq!(seen[0].json(), json!({"instance_ids": ["a"], "command": "ls"}));
    let group = &seen[4].json()["instance_settings"][0]["video_spec_groups"][0];
    assert!(group["definition_540P"].is_object() && group["definition_1080P"].is_object());
}

// docs/spec/wire-notes.md#29
#[test]
fn a_number_may_be_text() {
    let server = results(json!([{"instance_id": "a", "status": "2", "error_code": 0, "execute_msg": "x"}]));
    let results = server.client().run_command(["a"], "ls").unwrap();
    assert_eq!((results[0].state, results[0].status), (JobState::Succeeded, Some(2)));
}

// docs/spec/wire-notes.md#62
#[test]
fn a_role_that_only_reads_may_be_refused_the_status() {
    let server = Canned::always(Reply::status(403, r#"{"error_code":"APIGW.0302","error_msg":"no","request_id":"r"}"#));
    let error = server.client().query_status(["a"]).unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::PermissionDenied, 1));
}

// docs/spec/wire-notes.md#38
#[test]
fn a_task_joins_jobs_to_phones_and_a_bare_id_cannot() {
    let server = Canned::new(|seen| {
        Reply::ok(match seen.method.as_str() {
            "POST" => {
                r#"{"data":{"task_id":"T1","cmd_jobs":[{"instance_id":"b","job_id":"j2"},{"instance_id":"a","job_id":"j1"}]},"error_code":"0"}"#
            }
            _ => {
                r#"{"data":{"jobs":[{"job_id":"j1","status":2,"execute_msg":"one"},{"job_id":"j2","status":-1,"execute_msg":"two"}]},"error_code":"0"}"#
            }
        })
    });
    let client = server.client();
    let task = client.start_command(["a", "b"], "ls").unwrap();
    let jobs = task.wait(None).unwrap();
    let shown: Vec<_> = jobs.iter().map(|job| (job.instance_id.unwrap(), job.output.as_str())).collect();
    assert!(shown[0].0 == "a" && shown[0].1 == "one" && shown[1].0 == "b" && shown[1].1 == "two", "{shown:?}");
    let resumed = client.resume_task(&task.save()).unwrap();
    let shown: Vec<_> =
        resumed.wait(None).unwrap().into_iter().map(|job| (job.instance_id.unwrap().into(), job.output)).collect();
    assert_eq!(shown, [("a".to_owned(), "one".to_owned()), ("b".to_owned(), "two".to_owned())]);
    let bare = client.resume_task("T1").unwrap();
    let shown: Vec<_> =
        bare.wait(None).unwrap().into_iter().map(|job| (job.instance_id, job.job_id.unwrap())).collect();
    assert_eq!(shown, [(None, "j1".to_owned()), (None, "j2".to_owned())]);
}

// docs/spec/wire-notes.md#39
#[test]
fn unknown_statuses_are_accepted_and_three_of_them_end_a_job() {
    for (status, state) in [
        (0, JobState::Pending),
        (1, JobState::Running),
        (2, JobState::Succeeded),
        (3, JobState::Failed),
        (-1, JobState::Failed),
        (7, JobState::Unknown),
    ] {
        let server = jobs(json!([{"job_id": "j", "status": status}]));
        let read = server.client().get_task("T").unwrap();
        assert_eq!((read.jobs[0].state, read.jobs[0].status), (state, Some(status)));
        assert_eq!(read.finished, state.is_final());
    }
}

// docs/spec/wire-notes.md#40
#[test]
fn states_have_their_old_names_and_the_raw_number() {
    for (status, state) in [(2, InstanceState::Running), (5, InstanceState::PoweredOff), (6, InstanceState::Unknown)] {
        let body = json!({"data": {"status_results": [{"instance_id": "a", "status": status}]}, "error_code": "0"});
        let response = Canned::always(Reply::ok(body.to_string())).client().query_status(["a"]).unwrap();
        assert_eq!((response[0].state, response[0].status), (state, Some(status)));
    }
}

// docs/spec/wire-notes.md#42
#[test]
fn everything_but_ids_may_be_null() {
    let server = results(
        json!([{"instance_id": "a", "status": null, "error_code": null, "error_msg": null, "execute_msg": null}]),
    );
    let results = server.client().run_command(["a"], "ls").unwrap();
    assert_eq!((results[0].state, results[0].output.as_str()), (JobState::Unknown, ""));
    let body = r#"{"data":{"device_token":"t","resource":{"sdk":null,"rtc":{"ice_signaling":null},"device_id":null,"kp_id":null}},"error_code":"0"}"#;
    let token = Canned::always(Reply::ok(body)).client().get_device_token("a").unwrap();
    assert_eq!((token.instance_id.as_str(), token.external.port), ("a", None));
}

// docs/spec/wire-notes.md#43, #44, #45
#[test]
fn ports_are_numbers_or_text_and_the_rest_is_passed_on() {
    let body = r#"{"data":{"device_token":"t","resource":{"sdk":{"internal":{"aport":"10031","atype":"1"},"external":{"aport":10030,"atype":null}},
        "rtc":{"ice_signaling":{"signaling_url":"http://10.0.0.1:1","expired_time":86400,"ice_servers":[{"urls":["turn:x"],"credential":"c"}]}}}},"error_code":"0"}"#;
    let token = Canned::always(Reply::ok(body)).client().get_device_token("a").unwrap();
    assert_eq!((token.internal.port, token.internal.access_type), (Some(10031), Some(1)));
    assert_eq!((token.external.port, token.external.access_type), (Some(10030), None));
    assert_eq!(token.expired_time.as_deref(), Some("86400"));
    assert_eq!(token.signaling_url.as_deref(), Some("http://10.0.0.1:1"));
    assert_eq!(token.ice_servers, r#"[{"urls":["turn:x"],"credential":"c"}]"#);
    assert!(!format!("{token:?}").contains("turn:x"));
}

// docs/spec/wire-notes.md#46
#[test]
fn output_near_the_limit_is_flagged() {
    for (length, truncated) in [(1020, false), (1021, true), (1024, true)] {
        let server = results(json!([{"instance_id": "a", "status": 2, "execute_msg": "x".repeat(length)}]));
        assert_eq!(server.client().run_command(["a"], "ls").unwrap()[0].output_truncated, truncated, "{length}");
    }
}

// docs/spec/wire-notes.md#48
#[test]
fn a_jobs_instance_is_one_id() {
    for id in [r#""a""#, r#"["a"]"#] {
        let body = format!(
            r#"{{"data":{{"task_id":"T","cmd_jobs":[{{"instance_id":{id},"job_id":"j"}}]}},"error_code":"0"}}"#
        );
        let task = Canned::always(Reply::ok(body)).client().start_command(["a"], "ls").unwrap();
        let phone = &task.phones()[0];
        assert_eq!((phone.job_id.as_deref(), &phone.error), (Some("j"), &None), "{id}");
    }
}

// docs/spec/wire-notes.md#51, #22
#[test]
fn the_token_is_read_from_a_header_of_any_case_and_sent_in_one() {
    for name in ["X-Subject-Token", "x-subject-token", "X-SUBJECT-TOKEN"] {
        let server = Canned::new(move |seen| match seen.path.as_str() {
            "/v3/auth/tokens?nocatalog=true" => Reply(201, vec![(name, "issued".into())], b"{}".to_vec()),
            _ => Reply::ok(OK),
        });
        let credentials = Credentials::password("u", "p", "d");
        let client: koophone::blocking::Client =
            server.builder().region("cn-north-4").credentials(credentials).build().unwrap().into();
        client.set_video_settings(["a"], VideoSettings::default()).unwrap();
        assert_eq!(server.seen()[1].header("X-Auth-Token"), Some("issued"));
    }
}

#[test]
fn secrets_that_a_response_quotes_are_hidden() {
    let quoting = |seen: &common::Seen| {
        let quoted = format!("{:?} {}", seen.headers, String::from_utf8_lossy(&seen.body));
        json!({"error_code": "SOME.1", "error_msg": quoted}).to_string()
    };
    for status in [200, 400] {
        let server = Canned::new(move |seen| Reply::status(status, quoting(seen)));
        let error = server.client().query_status(["a"]).unwrap_err();
        assert!(error.message().contains("***") && !error.message().contains("ready-made-token"), "{error}");
        let server = Canned::new(move |seen| Reply::status(status, format!("<{}>", quoting(seen))));
        let error = server.client().query_status(["a"]).unwrap_err();
        assert!(!format!("{error:?}").contains("ready-made-token"), "{error:?}");
    }
    let server = Canned::new(move |seen| Reply::status(400, quoting(seen)));
    let credentials = Credentials::password("u", "hunter2hunter2", "d");
    let error =
        server.builder().region("cn-north-4").credentials(credentials).build().unwrap().login().wait().unwrap_err();
    assert!(error.message().contains("***") && !format!("{error:?}").contains("hunter2"), "{error:?}");
}

// docs/spec/wire-notes.md#53
#[test]
fn a_refused_password_is_sent_once_however_many_call() {
    let server = Canned::always(Reply::status(
        401,
        r#"{"error":{"message":"The username or password is wrong.","code":401,"title":"Unauthorized"}}"#,
    ));
    let credentials = Credentials::password("u", "p", "d");
    let client = server.builder().region("cn-north-4").credentials(credentials).build().unwrap();
    let client = koophone::blocking::Client::from(client);
    let threads: Vec<_> = (0..16)
        .map(|_| {
            let client = client.clone();
            std::thread::spawn(move || client.query_status(["a"]).unwrap_err())
        })
        .collect();
    for thread in threads {
        let error = thread.join().unwrap();
        assert_eq!((error.kind(), error.http_status()), (ErrorKind::Authentication, Some(401)));
        assert!(error.message().contains("lock the account"), "{error}");
    }
    assert_eq!(client.query_status(["a"]).unwrap_err().kind(), ErrorKind::Authentication);
    assert_eq!(server.seen().len(), 1);
}

// docs/spec/wire-notes.md#55
#[test]
fn the_signature_covers_what_is_sent() {
    let server = Canned::always(Reply::ok(OK));
    let credentials = Credentials::access_key("AK", "SK").security_token("STS").unwrap();
    let client = server.builder().setting("project_id", "p1").credentials(credentials).build().unwrap();
    koophone::blocking::Client::from(client).set_video_settings(["a"], VideoSettings::default()).unwrap();
    let seen = &server.seen()[0];
    let authorization = seen.header("authorization").unwrap().to_owned();
    let names = "content-type;host;x-project-id;x-request-id;x-sdk-date;x-security-token";
    assert!(authorization.contains(&format!("SignedHeaders={names},")), "{authorization}");
    // Signing what arrived gives the same signature.
    let headers: Vec<(&str, &str)> = names.split(';').map(|name| (name, seen.header(name).unwrap())).collect();
    let url = format!("{}{}", server.url(), seen.path);
    let request = koophone::signing::SigningRequest {
        method: &seen.method,
        url: &url,
        headers: &headers,
        body: &seen.body,
        ..Default::default()
    };
    assert_eq!(koophone::signing::sign(&request, "AK", "SK").unwrap().authorization, authorization);
    assert_eq!((seen.header("x-project-id"), seen.header("x-security-token")), (Some("p1"), Some("STS")));
}

// docs/spec/wire-notes.md#57
#[test]
fn the_gateways_limit_is_waited_for_and_nothing_is_executed_twice() {
    let busy = Reply(
        429,
        vec![("retry-after", "0".into())],
        br#"{"error_code":"APIGW.0308","error_msg":"The throttling threshold has been reached","request_id":"r"}"#
            .to_vec(),
    );
    let done = Reply::ok(r#"{"data":{"cmd_results":[{"instance_id":"a","status":2}]},"error_code":"0"}"#);
    let server = Canned::in_turn(vec![busy, done]);
    assert!(server.client().run_command(["a"], "ls").unwrap().all_ok());
    assert_eq!(server.seen().len(), 2);
}

#[test]
fn unknown_settings_and_contradictions_are_refused_before_anything_is_sent() {
    let server = Canned::always(Reply::ok(OK));
    let refused = |builder: koophone::ClientBuilder| builder.build().unwrap_err();
    let token = || Credentials::token("t");
    let error = refused(server.builder().credentials(token()).setting("retries", "3"));
    assert_eq!((error.kind(), error.argument()), (ErrorKind::InvalidArgument, Some("retries")));
    let error = refused(server.builder().credentials(Credentials::password("u", "p", "d")));
    assert_eq!((error.kind(), error.argument()), (ErrorKind::Configuration, Some("region")));
    let error = refused(server.builder().setting("metadata", "off"));
    assert_eq!((error.kind(), error.argument()), (ErrorKind::Configuration, Some("credentials")));
    assert!(error.message().contains("HUAWEICLOUD_SDK_AK") && error.message().contains("profile file"), "{error}");
    let error = refused(server.builder().credentials(token()).setting("ca_file", "/nowhere/ca.pem"));
    assert_eq!(error.argument(), Some("ca_file"));
    let far = Client::builder().environment([]).endpoint("http://example.com").credentials(token());
    assert!(refused(far).message().contains("plain http"));
    assert!(server.seen().is_empty());
}

#[test]
fn bad_input_is_refused_before_anything_is_sent() {
    let server = Canned::always(Reply::ok(OK));
    let client = server.client();
    let argument = |error: koophone::Error| {
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidArgument, 0), "{error}");
        error.argument().map(str::to_owned).unwrap()
    };
    assert_eq!(argument(client.query_status([""; 0]).unwrap_err()), "instance_ids");
    assert_eq!(argument(client.query_status(["a/b"]).unwrap_err()), "instance_id");
    assert_eq!(argument(client.run_command(["a"], "x".repeat(1025)).unwrap_err()), "command");
    assert_eq!(argument(client.start_command(["a"], "x\0y").unwrap_err()), "command");
    assert_eq!(argument(client.get_task("a/b").unwrap_err()), "task_id");
    assert_eq!(argument(client.get_device_token("a b").unwrap_err()), "instance_id");
    let mut video = VideoSettings::default();
    video.settings[0].p540.bitrate_kbps = 150;
    assert_eq!(argument(client.set_video_settings(["a"], video).unwrap_err()), "bitrate_kbps");
    assert_eq!(argument(client.resume_task("kptask1.@@").unwrap_err()), "saved");
    assert!(server.seen().is_empty());
}
