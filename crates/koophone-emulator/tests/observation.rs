//! The clock, the journal, the log of requests, rules, options and snapshots.

mod support;

use std::time::{Duration, Instant};

use koophone_emulator::{Emulator, Fault, Options, Rule};
use serde_json::{Value, json};
use support::Session;

#[test]
fn the_same_seed_gives_the_same_world() {
    let run = |seed| {
        let session = Session::new(Emulator::builder().phones(2).seed(seed).manual_clock().start().unwrap());
        let responses = [session.start("true").body, session.device_token().body, session.reset().body];
        (session.ids(), session.token.clone(), responses, session.emulator.credentials().project_id.clone())
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
}

#[test]
fn sleeping_takes_time_only_with_the_real_clock() {
    let session = Session::new(Emulator::builder().phones(2).start().unwrap());
    let begin = Instant::now();
    assert_eq!(session.sync("sleep 0.1").code(), "0");
    let took = begin.elapsed();
    assert!(took >= Duration::from_millis(100) && took < Duration::from_secs(3), "{took:?}");

    let session = Session::new(Emulator::builder().phones(2).manual_clock().start().unwrap());
    let (begin, before) = (Instant::now(), session.emulator.now_ms());
    assert_eq!(session.sync("sleep 100").code(), "0");
    assert!(begin.elapsed() < Duration::from_secs(3));
    assert_eq!(session.emulator.now_ms(), before + 100_000);
}

#[test]
fn the_gateway_may_stop_waiting() {
    let session =
        Session::new(Emulator::builder().phones(1).options(|options| options.gateway_timeout_ms = 50).start().unwrap());
    let response = session.sync("sleep 100");
    assert_eq!((response.status, response.code().as_str()), (504, "APIGW.0201"));
    assert_eq!(session.emulator.journal().len(), 1);
    assert!(session.emulator.requests()[1].executed);
    assert_eq!(session.sync("true").code(), "0");
}

#[test]
fn the_manual_clock_may_tick_with_every_request() {
    let session = Session::new(Emulator::builder().phones(1).tick(Duration::from_millis(30)).start().unwrap());
    let task = session.start("true").json()["data"]["task_id"].as_str().unwrap().to_owned();
    let status = || session.task(&task).json()["data"]["jobs"][0]["status"].as_i64().unwrap();
    assert_eq!([status(), status(), status(), status()], [1, 1, 1, 2]);
}

#[test]
fn tasks_may_expire() {
    let builder = Emulator::builder().phones(1).manual_clock().options(|options| options.task_retention_ms = 1000);
    let session = Session::new(builder.start().unwrap());
    let task = session.start("true").json()["data"]["task_id"].as_str().unwrap().to_owned();
    assert_eq!(session.task(&task).code(), "0");
    session.emulator.advance(Duration::from_secs(1));
    assert_eq!(session.task(&task).code(), "KOOPHONE.API.1323");
}

#[test]
fn the_journal_has_the_cause_of_each_entry() {
    let session = Session::new(Emulator::builder().instance_ids(["a", "b"]).manual_clock().start().unwrap());
    session.sync("false");
    let started = session.start("sleep 5").json();
    let entries = session.emulator.journal_of("b");
    assert_eq!(entries.len(), 2);
    let expected = json!({
        "sequence": 2, "time_ms": 1_767_225_600_000_i64, "kind": "command", "instance_id": "b",
            "command": "false", "via": "sync",
        "task_id": null, "job_id": null, "x_request_id": "test", "exit_status": 1, "detail": null
    });
    assert_eq!(serde_json::to_value(&entries[0]).unwrap(), expected);
    assert_eq!((entries[1].via, entries[1].exit_status), (Some("async"), Some(0)));
    assert_eq!(entries[1].task_id.as_deref(), started["data"]["task_id"].as_str());
    assert_eq!(entries[1].job_id.as_deref(), started["data"]["cmd_jobs"][1]["job_id"].as_str());
    session.emulator.clear_journal();
    session.sync("true");
    assert_eq!(session.emulator.journal()[0].sequence, 5);
}

#[test]
fn the_logs_are_bounded() {
    let builder = Emulator::builder().phones(3).options(|options| {
        options.journal_limit = 2;
        options.request_log_limit = 1;
    });
    let session = Session::new(builder.start().unwrap());
    session.sync("true");
    let sequences: Vec<u64> = session.emulator.journal().iter().map(|entry| entry.sequence).collect();
    assert_eq!(sequences, [2, 3]);
    assert_eq!(session.emulator.requests().len(), 1);
}

#[test]
fn requests_are_logged() {
    let session = Session::new(Emulator::builder().phones(2).manual_clock().start().unwrap());
    session.status();
    session
        .emulator
        .add_faults(Fault::list_from_json(r#"{"action":"cut","when":"before_execution"}"#).unwrap())
        .unwrap();
    assert!(session.try_call("GET", "/v1/instances/tasks/a?b=c", "").is_none());
    let log = serde_json::to_value(session.emulator.requests()).unwrap();
    let short: Vec<Value> = log
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| json!([entry["operation"], entry["auth"], entry["status"], entry["executed"], entry["instances"]]))
        .collect();
    assert_eq!(
        short,
        [
            json!(["create_token", "none", 201, true, 0]),
            json!(["query_status", "token", 200, true, 2]),
            json!(["get_task", "token", "cut", false, 0])
        ]
    );
    assert_eq!(
        (log[2]["path"].as_str(), log[2]["x_request_id"].as_str()),
        (Some("/v1/instances/tasks/a?b=c"), Some("test"))
    );
    session.emulator.clear_requests();
    assert!(session.emulator.requests().is_empty());
}

#[test]
fn rules_take_precedence_over_the_shell() {
    let session = Session::new(
        Emulator::builder()
            .instance_ids(["a", "b"])
            .rule(Rule {
                command: "ls*".into(),
                instance_ids: vec!["b".into()],
                stdout: "ruled\n".into(),
                ..Rule::default()
            })
            .rule(Rule { command: "magic".into(), exit_status: 9, duration_ms: 50, times: 2, ..Rule::default() })
            .start()
            .unwrap(),
    );
    let output = |response: &Value, index: usize| {
        response["data"]["cmd_results"][index]["execute_msg"].as_str().unwrap().to_owned()
    };
    let response = session.sync("ls -l /nope").json();
    assert_eq!(output(&response, 1), "ruled");
    assert!(output(&response, 0).starts_with("ls: /nope"));
    let begin = Instant::now();
    let response = session.sync("magic").json();
    assert!(begin.elapsed() >= Duration::from_millis(50));
    assert_eq!(response["data"]["cmd_results"][0]["error_code"], "CPS.0191");
    assert_eq!(session.emulator.journal().last().unwrap().exit_status, Some(9));
    let response = session.sync("magic").json();
    assert!(output(&response, 0).contains("inaccessible or not found"), "used up by two phones");
    session.emulator.clear_rules();
    assert!(output(&session.sync("ls -l /nope").json(), 1).starts_with("ls: /nope"));
}

#[test]
fn options_are_read_from_text_and_rules_from_a_file() {
    let file = std::env::temp_dir().join(format!("koophone-emulator-rules-{}.toml", std::process::id()));
    std::fs::write(&file, "[[rules]]\ncommand = 'whoami'\nstdout = 'file'\n").unwrap();
    let text = json!({
        "instance_ids": ["p1"], "seed": 3, "mode": "strict", "quirks": ["any_character", "data_null"],
        "rules_file": file,
        "faults": [{"operation": "query_status", "action": "throttle"}],
        "clock": {"mode": "manual", "start": "2030-01-01T00:00:00Z"},
        "initial_state": 2, "rate_limit": {"calls": 100, "seconds": 1}, "properties": {"ro.x": "y"},
        "files": {"/sdcard/in.txt": "in"}
    });
    let options = Options::from_json(&text.to_string()).unwrap();
    assert_eq!(Options::from_toml(&toml::to_string(&options).unwrap()).unwrap(), options);
    let session = Session::new(Emulator::start(options).unwrap());
    std::fs::remove_file(&file).unwrap();
    assert_eq!(session.status().status, 429);
    assert_eq!(session.shell("whoami; true").1, "root");
    assert_eq!(session.shell("whoami").1, "file");
    assert_eq!(session.shell("cat /sdcard/in.txt; getprop ro.x").1, "iny");
    assert_eq!(session.emulator.now_ms() / 1000, 1_893_456_000);
    for (text, word) in [
        ("{\"phones\": -1}", "-1"),
        ("{\"quirks\": [\"odd\"]}", "odd"),
        ("{\"clock\": {\"mod\": 1}}", "mod"),
        ("", "options"),
    ] {
        let message = Options::from_json(text).unwrap_err().to_string();
        assert!(message.contains(word), "{message}");
    }
    assert!(Options::from_toml("phones = 'x'").unwrap_err().to_string().contains("phones"));
}

#[test]
fn the_snapshot_shows_a_phone() {
    let session =
        Session::new(Emulator::builder().phones(1).quirk(koophone_emulator::Quirk::AnyCharacter).start().unwrap());
    let id = session.ids()[0].clone();
    session.shell("echo hi > /sdcard/a; setprop debug.a b; input tap 1 2; settings put system k v");
    let phone = session.emulator.phone(&id).unwrap();
    assert_eq!(phone.files["/sdcard/a"].text.as_deref(), Some("hi\n"));
    assert!(phone.files["/sdcard"].directory);
    assert_eq!((phone.properties["debug.a"].as_str(), phone.settings["system/k"].as_str()), ("b", "v"));
    assert_eq!(phone.events[0].kind, "tap");
    assert!(phone.packages.contains(&"android".to_owned()) && phone.processes.contains(&"init".to_owned()));
    assert_eq!(session.shell("getprop ro.serialno").1, phone.properties["ro.serialno"]);
    assert!(session.emulator.phone("nope").is_none() && !session.emulator.set_phone_state("nope", 1));
}
