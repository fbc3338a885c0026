//! Faults of gateways, of single phones, and of the identity service.

mod support;

use koophone_emulator::{Emulator, Fault};
use serde_json::{Value, json};
use support::{Session, login_body, project_scope, send};

fn session(phones: usize) -> Session {
    Session::new(Emulator::builder().phones(phones).start().unwrap())
}

fn add(session: &Session, fault: &Value) {
    session.emulator.add_faults(Fault::list_from_json(&fault.to_string()).unwrap()).unwrap();
}

fn items(session: &Session, fault: &Value) -> Vec<Value> {
    add(session, fault);
    session.sync("echo x").json()["data"]["cmd_results"].as_array().unwrap().clone()
}

#[test]
fn a_response_can_be_that_of_any_gateway() {
    for (executed, runs) in [(false, 0), (true, 1)] {
        for (headers, body) in [
            (json!({"Server": "nginx/1.24.0", "Content-Type": "text/html"}), "<html><h1>503</h1></html>\r\n"),
            (json!({"Server": "envoy", "Content-Type": "text/plain"}), "upstream connect error"),
            (json!({"Retry-After": "5", "Content-Type": null, "Date": null}), ""),
        ] {
            let session = session(1);
            let headers_of_others = json!({"X-Request-Id": null});
            let all = [headers.as_object().unwrap().clone(), headers_of_others.as_object().unwrap().clone()];
            let all: serde_json::Map<String, Value> = all.into_iter().flatten().collect();
            add(
                &session,
                &json!({"action": "response", "status": 503, "headers": all, "body": body, "executed": executed}),
            );
            let response = session.sync("echo x");
            assert_eq!((response.status, response.text().as_str()), (503, body));
            assert_eq!(session.emulator.journal().len(), runs);
            for (name, value) in &all {
                assert_eq!(response.header(name), value.as_str(), "{name}");
            }
        }
    }
}

#[test]
fn requests_that_name_refused_phones_are_refused_as_a_whole() {
    for (code, status, given) in
        [("KOOPHONE.API.1001", 401, None), ("KOOPHONE.API.1002", 400, None), ("CPS0005", 500, Some(500))]
    {
        let session = session(3);
        let ids = session.ids();
        let mut fault = json!({"action": "refuse_phones", "instance_ids": [ids[1]], "code": code, "times": 0});
        if let Some(status) = given {
            fault["status"] = json!(status);
        }
        add(&session, &fault);
        for response in [session.sync("echo x"), session.start("echo x"), session.status(), session.reset()] {
            assert_eq!((response.status, response.code().as_str()), (status, code));
        }
        assert!(session.emulator.journal().is_empty());
        let body = json!({"command": "echo x", "instance_ids": [ids[0], ids[2]]});
        assert_eq!(session.call("POST", "/v1/instances/sync-command", &body).code(), "0");
        assert_eq!(session.emulator.journal().len(), 2);
    }
}

#[test]
fn items_of_single_phones_are_garbled() {
    let session = session(2);
    let id = session.ids()[1].clone();
    let item = |field: &str| format!("/data/cmd_results/{id}{field}");
    for value in [json!(2.0), json!({}), json!(true), json!(null)] {
        let items = items(&session, &json!({"action": "change", "set": {item("/status"): value}}));
        assert_eq!((&items[0]["status"], &items[1]["status"]), (&json!(2), &value));
        assert_eq!(items[1]["instance_id"], json!(id));
    }
    let text = items(&session, &json!({"action": "change", "set": {item("/execute_msg"): {}}}));
    assert_eq!(text[1]["execute_msg"], json!({}));
    assert_eq!(items(&session, &json!({"action": "change", "set": {item(""): null}}))[1], json!(null));
    assert_eq!(items(&session, &json!({"action": "change", "remove": [item("")]})).len(), 1);
    assert_eq!(session.emulator.journal().len(), 2 * 7, "all of it was executed");
}

#[test]
fn jobs_of_a_task_are_garbled_by_phone() {
    let session = session(2);
    let id = session.ids()[1].clone();
    let task = session.start("echo x").json()["data"]["task_id"].as_str().unwrap().to_owned();
    add(&session, &json!({"instance_id": id, "action": "change", "set": {format!("/data/jobs/{id}/status"): {}}}));
    let jobs = session.task(&task).json()["data"]["jobs"].clone();
    assert_eq!((jobs[0]["status"].is_number(), &jobs[1]["status"]), (true, &json!({})));
    assert!(session.emulator.pending_faults().is_empty(), "instance_id fits the tasks of the phone");
}

#[test]
fn the_identity_services_data_can_be_wrong() {
    let emulator = Emulator::builder().phones(1).start().unwrap();
    let login = |fault: Value| {
        emulator.add_faults(Fault::list_from_json(&fault.to_string()).unwrap()).unwrap();
        let body = login_body(&emulator, &emulator.credentials().password, project_scope(&emulator));
        send(emulator.endpoint(), "POST", "/v3/auth/tokens", &[], &body)
    };
    let response = login(json!({"operation": "create_token", "action": "change", "remove": ["/token/expires_at"]}));
    assert_eq!((response.status, response.json()["token"].get("expires_at")), (201, None));
    assert!(response.json()["token"].get("issued_at").is_some());
    let forged = json!({"operation": "create_token", "action": "change", "headers": {"X-Subject-Token": "MIIforged"}});
    assert_eq!(login(forged).header("x-subject-token"), Some("MIIforged"));
    let none = json!({"operation": "create_token", "action": "change", "headers": {"X-Subject-Token": null}});
    assert_eq!(login(none).header("x-subject-token"), None);
    assert_eq!(login(json!({"operation": "create_token", "action": "html", "status": 503})).status, 503);
    // The forged token is refused by the service.
    let headers = [("X-Auth-Token", "MIIforged")];
    let body = json!({"instance_ids": emulator.instance_ids()}).to_string();
    let refused = send(emulator.endpoint(), "POST", "/v1/instances/batch-query-status", &headers, &body);
    assert_eq!((refused.status, refused.code().as_str()), (401, "APIGW.0301"));
}

#[test]
fn what_could_never_match_is_refused() {
    let emulator = Emulator::builder().phones(1).start().unwrap();
    let fault = json!({"instance_id": "nobody", "action": "garbage"}).to_string();
    let error = emulator.add_faults(Fault::list_from_json(&fault).unwrap()).unwrap_err().to_string();
    assert!(error.contains("`nobody`"), "{error}");
    for (rule, words) in [
        (json!({"command": "ls", "instance_ids": ["nobody"]}), "`nobody`"),
        (json!({"command": "echo a;b*"}), "any_character"),
        (json!({"command": ""}), "length of 0"),
    ] {
        let post = |path| send(emulator.endpoint(), "POST", path, &[], &json!([rule]).to_string());
        let response = post("/_emulator/rules");
        assert_eq!(response.status, 400);
        assert!(response.json()["error"].as_str().unwrap().contains(words), "{}", response.text());
    }
    let problem = Emulator::builder().options(|options| options.rules = vec![Default::default()]).start().unwrap_err();
    assert!(problem.to_string().contains("rule 0"), "{problem}");
}
