//! Starting, stopping, the clock, the handle and the control routes.

mod support;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use koophone_emulator::{Emulator, Fault, Options, Rule, StartError};
use serde_json::{Value, json};
use support::{Session, connect, login, request_bytes, send};

fn is_refused(endpoint: &str) -> bool {
    std::net::TcpStream::connect(endpoint.strip_prefix("http://").unwrap()).is_err()
}

#[test]
fn it_stops_with_connections_open() {
    let emulator = Emulator::builder().start().unwrap();
    let endpoint = emulator.endpoint().to_owned();
    let mut idle = connect(&endpoint);
    let mut half = connect(&endpoint);
    half.write_all(b"POST /v1/instances/sync-command HTTP/1.1\r\nContent-Length: 100\r\n\r\nhalf").unwrap();
    let begin = Instant::now();
    emulator.stop();
    assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
    assert!(!emulator.is_running() && is_refused(&endpoint));
    for stream in [&mut idle, &mut half] {
        assert_eq!(stream.read(&mut [0; 1]).unwrap_or(0), 0);
    }
    emulator.stop();
    emulator.wait();
    assert!(emulator.journal().is_empty(), "the handle still answers");
}

#[test]
fn dropping_frees_the_port() {
    let emulator = Emulator::builder().start().unwrap();
    let endpoint = emulator.endpoint().to_owned();
    let port = endpoint.rsplit(':').next().unwrap().parse().unwrap();
    drop(emulator);
    assert!(is_refused(&endpoint));
    let again = Emulator::builder().port(port).start().unwrap();
    assert_eq!(again.endpoint(), endpoint);
}

#[test]
fn what_cannot_start_says_why() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let problem = Emulator::builder().port(port).start().unwrap_err();
    assert!(
        matches!(problem, StartError::Listen { .. }) && problem.to_string().contains(&port.to_string()),
        "{problem}"
    );
    let refused = |change: fn(&mut Options)| Emulator::builder().options(change).start().unwrap_err().to_string();
    assert!(refused(|options| options.address = [0, 0, 0, 0].into()).contains("loopback"));
    assert!(refused(|options| options.instance_ids = vec!["a".into(), "a".into()]).contains("twice"));
    assert!(refused(|options| options.instance_ids = vec!["a".repeat(33)]).contains("1 to 32"));
    assert!(refused(|options| options.token_length = 3).contains("token_length"));
    assert!(refused(|options| options.region.clear()).contains("region"));
    assert!(refused(|options| options.rules_file = Some("no-such-file".into())).contains("no-such-file"));
    assert!(refused(|options| options.clock.start = "x".into()).contains("clock.start"));
    assert!(refused(|options| _ = options.files.insert("a".into(), String::new())).contains("absolute"));
}

#[test]
fn the_handle_can_be_shared() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Emulator>();
}

#[test]
fn it_starts_and_stops_inside_a_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let emulator = Emulator::builder().start().unwrap();
        assert!(emulator.is_running());
        emulator.stop();
    });
}

#[test]
fn another_thread_may_stop_it() {
    let emulator = Emulator::builder().start().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| send(emulator.endpoint(), "POST", "/_emulator/stop", &[], ""));
        emulator.wait();
    });
    assert!(!emulator.is_running());
}

#[cfg(unix)]
#[test]
fn a_forked_child_can_drop_its_copy() {
    use std::os::unix::process::CommandExt;
    let emulator = Emulator::builder().start().unwrap();
    let endpoint = emulator.endpoint().to_owned();
    let mut copy = Some(emulator);
    let mut command = std::process::Command::new("true");
    // SAFETY: the closure runs in the child between fork and exec. It takes no lock and starts nothing: that is what it tests.
    unsafe {
        command.pre_exec(move || {
            drop(copy.take());
            Ok(())
        });
    }
    assert!(command.status().unwrap().success(), "the child came through");
    assert_eq!(send(&endpoint, "GET", "/_emulator/info", &[], "").status, 200, "and the server lives on");
    drop(command);
    assert!(is_refused(&endpoint));
}

#[test]
fn many_phones_cost_little() {
    let begin = Instant::now();
    let session = Session::new(Emulator::builder().phones(10_000).start().unwrap());
    assert!(begin.elapsed() < Duration::from_secs(1), "start took {:?}", begin.elapsed());
    let ids = session.ids();
    assert!(ids.iter().all(|id| id.len() == 32));
    let begin = Instant::now();
    let body = json!({"command": "touch /sdcard/x", "instance_ids": ids[9_900..]});
    let answer = session.call("POST", "/v1/instances/sync-command", &body);
    assert!(begin.elapsed() < Duration::from_secs(1), "the request took {:?}", begin.elapsed());
    assert_eq!(answer.json()["data"]["cmd_results"].as_array().unwrap().len(), 100);
    assert_eq!(session.emulator.journal().len(), 100);
}

#[test]
fn the_same_seed_gives_the_same_world() {
    let run = |seed| {
        let session = Session::new(Emulator::builder().phones(2).seed(seed).manual_clock().start().unwrap());
        let answers = [session.start("true").body, session.device_token().body, session.reset().body];
        (session.ids(), session.token.clone(), answers, session.emulator.credentials().project_id.clone())
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
}

#[test]
fn sleeping_takes_time_by_the_real_clock_only() {
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
fn the_gateway_may_lose_patience() {
    let session =
        Session::new(Emulator::builder().phones(1).options(|options| options.gateway_timeout_ms = 50).start().unwrap());
    let answer = session.sync("sleep 100");
    assert_eq!((answer.status, answer.code().as_str()), (504, "APIGW.0201"));
    assert_eq!(session.emulator.journal().len(), 1);
    assert!(session.emulator.requests()[1].executed);
    assert_eq!(session.sync("true").code(), "0");
}

#[test]
fn tokens_may_be_very_long() {
    let session =
        Session::new(Emulator::builder().phones(1).options(|options| options.token_length = 100_000).start().unwrap());
    assert_eq!(session.token.len(), 100_000);
    assert_eq!(session.status().code(), "0");
}

#[test]
fn the_manual_clock_may_tick_with_every_request() {
    let session = Session::new(Emulator::builder().phones(1).tick(Duration::from_millis(30)).start().unwrap());
    let task = session.start("true").json()["data"]["task_id"].as_str().unwrap().to_owned();
    let status = || session.task(&task).json()["data"]["jobs"][0]["status"].as_i64().unwrap();
    assert_eq!([status(), status(), status(), status()], [1, 1, 1, 2]);
}

#[test]
fn tasks_may_be_forgotten() {
    let builder = Emulator::builder().phones(1).manual_clock().options(|options| options.task_retention_ms = 1000);
    let session = Session::new(builder.start().unwrap());
    let task = session.start("true").json()["data"]["task_id"].as_str().unwrap().to_owned();
    assert_eq!(session.task(&task).code(), "0");
    session.emulator.advance(Duration::from_secs(1));
    assert_eq!(session.task(&task).code(), "KOOPHONE.API.1323");
}

#[test]
fn the_journal_says_who_and_how() {
    let session = Session::new(Emulator::builder().instance_ids(["a", "b"]).manual_clock().start().unwrap());
    session.sync("false");
    let started = session.start("sleep 5").json();
    let entries = session.emulator.journal_of("b");
    assert_eq!(entries.len(), 2);
    let expected = json!({
        "sequence": 2, "time_ms": 1_767_225_600_000_i64, "kind": "command", "instance_id": "b", "command": "false", "via": "sync",
        "task_id": null, "job_id": null, "x_request_id": "test", "exit_status": 1
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
fn rules_come_before_the_shell() {
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
    let output =
        |answer: &Value, index: usize| answer["data"]["cmd_results"][index]["execute_msg"].as_str().unwrap().to_owned();
    let answer = session.sync("ls -l /nope").json();
    assert_eq!(output(&answer, 1), "ruled");
    assert!(output(&answer, 0).starts_with("ls: /nope"));
    let begin = Instant::now();
    let answer = session.sync("magic").json();
    assert!(begin.elapsed() >= Duration::from_millis(50));
    assert_eq!(answer["data"]["cmd_results"][0]["error_code"], "CPS.0191");
    assert_eq!(session.emulator.journal().last().unwrap().exit_status, Some(9));
    let answer = session.sync("magic").json();
    assert!(output(&answer, 0).contains("inaccessible or not found"), "used up by two phones");
    session.emulator.clear_rules();
    assert!(output(&session.sync("ls -l /nope").json(), 1).starts_with("ls: /nope"));
}

#[test]
fn options_come_from_text_and_rules_from_a_file() {
    let file = std::env::temp_dir().join(format!("koophone-emulator-rules-{}.toml", std::process::id()));
    std::fs::write(&file, "[[rules]]\ncommand = 'whoami'\nstdout = 'file'\n").unwrap();
    let text = json!({
        "instance_ids": ["p1"], "seed": 3, "mode": "strict", "quirks": ["any_character", "data_null"], "rules_file": file,
        "faults": [{"operation": "query_status", "action": "throttle"}], "clock": {"mode": "manual", "start": "2030-01-01T00:00:00Z"},
        "start_state": 2, "rate_limit": {"calls": 100, "seconds": 1}, "properties": {"ro.x": "y"}, "files": {"/sdcard/in.txt": "in"}
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

#[test]
fn control_over_http() {
    let session = Session::new(Emulator::builder().instance_ids(["a", "b"]).manual_clock().start().unwrap());
    let control = |method: &str, path: &str, body: &str| {
        let answer = send(session.emulator.endpoint(), method, &format!("/_emulator/{path}"), &[], body);
        (answer.status, answer.json())
    };
    let done = (200, json!({"done": true}));
    let (status, info) = control("GET", "info", "");
    assert_eq!((status, &info["instance_ids"]), (200, &json!(["a", "b"])));
    assert_eq!(info["endpoint"], session.emulator.endpoint());
    assert_eq!(info["credentials"], serde_json::to_value(session.emulator.credentials()).unwrap());
    session.sync("echo a");
    assert_eq!(control("GET", "journal?instance_id=b", "").1[0]["command"], "echo a");
    assert_eq!(control("GET", "journal", "").1.as_array().unwrap().len(), 2);
    assert_eq!(control("GET", "requests", "").1.as_array().unwrap().len(), 2, "the log-in and the command, no control");
    assert_eq!(control("DELETE", "journal", ""), done);
    assert_eq!(control("DELETE", "requests", ""), done);
    assert!(session.emulator.journal().is_empty() && session.emulator.requests().is_empty());
    assert_eq!(control("POST", "faults", r#"[{"action":"garbage"},{"action":"throttle"}]"#), done);
    assert_eq!(control("GET", "faults", "").1[0]["action"], "garbage");
    assert_eq!(control("DELETE", "faults", ""), done);
    assert!(session.emulator.pending_faults().is_empty());
    assert_eq!(control("POST", "rules", r#"[{"command":"hi","stdout":"there"}]"#), done);
    assert_eq!(session.shell("hi").1, "there");
    assert_eq!(control("DELETE", "rules", ""), done);
    assert_eq!(session.shell("hi").0, 127);
    assert_eq!(control("POST", "phones/a/state", r#"{"state": 5}"#), done);
    assert_eq!(
        control("GET", "phones", "").1,
        json!([{"instance_id": "a", "state": 5}, {"instance_id": "b", "state": 2}])
    );
    assert_eq!(control("GET", "phones/a", "").1["state"], 5);
    assert_eq!(control("POST", "advance", r#"{"milliseconds": 5000}"#), done);
    assert_eq!(control("GET", "info", "").1["now_ms"].as_i64().unwrap(), info["now_ms"].as_i64().unwrap() + 5000);
    assert_eq!(control("POST", "expire-tokens", ""), done);
    assert_eq!(session.status().code(), "APIGW.0307");
    for (method, path, body, status) in [
        ("GET", "nope", "", 404),
        ("GET", "", "", 404),
        ("PUT", "faults", "", 404),
        ("GET", "phones/c", "", 404),
        ("POST", "phones/c/state", r#"{"state": 1}"#, 404),
        ("POST", "phones/a/state", "{}", 400),
        ("POST", "advance", "x", 400),
        ("POST", "advance", "[]", 400),
        ("POST", "faults", r#"{"action":"explode"}"#, 400),
        ("POST", "rules", r#"[{"comand":"x"}]"#, 400),
    ] {
        let (answered, answer) = control(method, path, body);
        assert!(answered == status && answer["error"].is_string(), "{method} {path} {body}: {answered} {answer}");
    }
    assert_eq!(control("POST", "stop", ""), done);
    session.emulator.wait();
}

#[test]
fn clients_may_come_all_at_once() {
    let session = Session::new(Emulator::builder().phones(4).start().unwrap());
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..10).for_each(|_| assert_eq!(session.sync("echo a").code(), "0")));
        }
    });
    assert_eq!(session.emulator.journal().len(), 8 * 10 * 4);
}

#[test]
fn one_connection_serves_many_requests() {
    let emulator = Emulator::builder().start().unwrap();
    let token = login(&emulator);
    let mut stream = connect(emulator.endpoint());
    let headers = [("X-Auth-Token", token.as_str())];
    let request = request_bytes(emulator.endpoint(), "GET", "/v1/instances/tasks/x", &headers, "");
    let keep_alive = String::from_utf8(request).unwrap().replace("Connection: close\r\n", "");
    for _ in 0..3 {
        stream.write_all(keep_alive.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        while !String::from_utf8_lossy(&bytes).contains("KOOPHONE.API.1323") {
            let mut piece = [0; 1000];
            let length = stream.read(&mut piece).unwrap();
            assert!(length > 0, "closed");
            bytes.extend_from_slice(&piece[..length]);
        }
    }
    assert_eq!(emulator.requests().len(), 4);
}

#[test]
fn nonsense_does_not_stop_it() {
    let emulator = Emulator::builder().start().unwrap();
    for bytes in [
        &b"\x00\x01\x02\r\n\r\n"[..],
        b"GET\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: \xff\xfe\r\nConnection: close\r\n\r\n",
        b"",
    ] {
        let mut stream = connect(emulator.endpoint());
        stream.write_all(bytes).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
    }
    for target in [
        "/v1/instances/%FF%zz/auth",
        "/v1/instances/tasks/%2e%2e",
        "//",
        "/v3/projects?name=%&=&&",
        "/_emulator/phones/%00",
    ] {
        for method in ["GET", "POST"] {
            send(
                emulator.endpoint(),
                method,
                target,
                &[("X-Auth-Token", "\u{e9}"), ("Authorization", "SDK-HMAC-SHA256 ,=,")],
                "[[[",
            );
        }
    }
    login(&emulator);
}
