//! Starting, stopping and the control routes.

mod support;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use koophone_emulator::{Action, CutWhen, Emulator, Fault, Options, StartError};
use serde_json::json;
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
    assert!(emulator.journal().is_empty(), "the handle still works");
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
fn a_failed_start_says_why() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let problem = Emulator::builder().port(port).start().unwrap_err();
    assert!(
        matches!(problem, StartError::Listen { .. }) && problem.to_string().contains(&port.to_string()),
        "{problem}"
    );
    let refused = |change: fn(&mut Options)| Emulator::builder().options(change).start().unwrap_err().to_string();
    assert!(refused(|options| options.address = [0, 0, 0, 0].into()).contains("control_token"));
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
    // SAFETY: the closure runs in the child between fork and exec. It takes no lock and starts nothing, which is what
    // this test checks.
    unsafe {
        command.pre_exec(move || {
            drop(copy.take());
            Ok(())
        });
    }
    assert!(command.status().unwrap().success(), "the child succeeded");
    assert_eq!(send(&endpoint, "GET", "/_emulator/info", &[], "").status, 200, "and the server is still running");
    drop(command);
    assert!(is_refused(&endpoint));
}

#[cfg(unix)]
#[test]
fn a_forked_child_that_holds_the_sockets_does_not_hide_the_end() {
    use std::os::unix::process::CommandExt;
    let emulator =
        Emulator::builder().fault(Fault::any(Action::Cut { when: CutWhen::BeforeExecution })).start().unwrap();
    let endpoint = emulator.endpoint().to_owned();
    let mut stream = connect(&endpoint);
    // A first response shows that the connection was accepted, so the child inherits it.
    stream.write_all(b"GET /_emulator/phones HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    assert!(stream.read(&mut [0; 4096]).unwrap() > 0);

    // The child reports that it has started, and continues to exec when it may.
    let (mut forked, child_forked) = std::io::pipe().unwrap();
    let (child_may_go, may_go) = std::io::pipe().unwrap();
    let mut command = std::process::Command::new("true");
    // SAFETY: between fork and exec the closure only writes to one pipe and reads from another.
    unsafe {
        command.pre_exec(move || {
            (&child_forked).write_all(b"x")?;
            (&child_may_go).read_exact(&mut [0; 1])
        });
    }
    std::thread::scope(|scope| {
        let child = scope.spawn(move || command.status());
        forked.read_exact(&mut [0; 1]).unwrap();
        stream.write_all(b"GET /v1/instances/tasks/x HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let end = stream.read(&mut [0; 1]);
        emulator.stop();
        let refused = is_refused(&endpoint);
        (&may_go).write_all(b"x").unwrap();
        assert!(child.join().unwrap().unwrap().success());
        assert_eq!(end.unwrap(), 0, "the cut is seen");
        assert!(refused, "nothing listens");
    });
}

#[test]
fn many_phones_start_quickly() {
    let begin = Instant::now();
    let session = Session::new(Emulator::builder().phones(10_000).start().unwrap());
    assert!(begin.elapsed() < Duration::from_secs(1), "start took {:?}", begin.elapsed());
    let ids = session.ids();
    assert!(ids.iter().all(|id| id.len() == 8));
    let begin = Instant::now();
    let body = json!({"command": "touch /sdcard/x", "instance_ids": ids[9_900..]});
    let response = session.call("POST", "/v1/instances/sync-command", &body);
    assert!(begin.elapsed() < Duration::from_secs(1), "the request took {:?}", begin.elapsed());
    assert_eq!(response.json()["data"]["cmd_results"].as_array().unwrap().len(), 100);
    assert_eq!(session.emulator.journal().len(), 100);
}

#[test]
fn tokens_may_be_very_long() {
    let session =
        Session::new(Emulator::builder().phones(1).options(|options| options.token_length = 100_000).start().unwrap());
    assert_eq!(session.token.len(), 100_000);
    assert_eq!(session.status().code(), "0");
}

#[test]
fn control_over_http() {
    let session = Session::new(Emulator::builder().instance_ids(["a", "b"]).manual_clock().start().unwrap());
    let control = |method: &str, path: &str, body: &str| {
        let response = send(session.emulator.endpoint(), method, &format!("/_emulator/{path}"), &[], body);
        (response.status, response.json())
    };
    let done = (200, json!({"done": true}));
    let (status, info) = control("GET", "info", "");
    assert_eq!((status, &info["instance_ids"]), (200, &json!(["a", "b"])));
    assert_eq!(info["endpoint"], session.emulator.endpoint());
    assert_eq!(info["credentials"], serde_json::to_value(session.emulator.credentials()).unwrap());
    session.sync("echo a");
    assert_eq!(control("GET", "journal?instance_id=b", "").1[0]["command"], "echo a");
    assert_eq!(control("GET", "journal", "").1.as_array().unwrap().len(), 2);
    assert_eq!(
        control("GET", "requests", "").1.as_array().unwrap().len(),
        2,
        "the login and the command, no control requests"
    );
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
    assert_eq!(control("POST", "phones/a/stream", ""), done);
    assert_eq!(control("POST", "phones/a/frozen", r#"{"frozen": true}"#), done);
    assert_eq!(control("GET", "phones/a", "").1["frozen"], true);
    assert!(control("GET", "phones/a", "").1["stream_id"].is_string());
    assert_eq!(control("POST", "free-machines", r#"{"count": 3}"#), done);
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
        ("POST", "phones/c/stream", "", 404),
        ("POST", "phones/c/frozen", r#"{"frozen": true}"#, 404),
        ("POST", "phones/a/frozen", r#"{"frozen": 1}"#, 400),
        ("POST", "free-machines", r#"{"count": -1}"#, 400),
        ("POST", "orders/CS1/pay", "", 404),
        ("POST", "advance", "x", 400),
        ("POST", "advance", "[]", 400),
        ("POST", "faults", r#"{"action":"explode"}"#, 400),
        ("POST", "rules", r#"[{"comand":"x"}]"#, 400),
    ] {
        let (got, response) = control(method, path, body);
        assert!(got == status && response["error"].is_string(), "{method} {path} {body}: {got} {response}");
    }
    assert_eq!(control("POST", "stop", ""), done);
    session.emulator.wait();
}

#[test]
fn many_clients_may_connect_at_once() {
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
fn invalid_requests_do_not_stop_it() {
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
        let mut response = Vec::new();
        let _ = stream.read_to_end(&mut response);
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
