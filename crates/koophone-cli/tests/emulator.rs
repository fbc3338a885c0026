//! `koophone emulator`: started, used by other commands, and stopped.

#![cfg(unix)]

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};

use common::{bare, directory, finish, run, signal};
use serde_json::Value;

/// The running command, and what it printed first.
struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
    first: String,
}

fn start(args: &[&str]) -> Running {
    let mut child = bare(&[&["emulator"], args].concat()).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    // The last line of the announcement names the phones; as JSON it is all one line.
    while !first.contains(" phones: ") && !first.starts_with('{') {
        assert_ne!(stdout.read_line(&mut first).unwrap(), 0, "{first}");
    }
    Running { child, stdout, first }
}

impl Running {
    /// Waits until it has ended successfully.
    fn ended(mut self) -> String {
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        let done = finish(self.child).expect(0);
        assert_eq!(rest, "");
        done.stderr
    }
}

fn phone(first: &str) -> &str {
    first.split(" phones: ").nth(1).unwrap().split_whitespace().next().unwrap()
}

#[test]
fn its_export_lines_configure_other_commands_and_ctrl_c_ends_it() {
    let running = start(&["--export", "--seed", "7", "--phones", "2"]);
    let script = format!("{}\n\"$0\" exec {} --raw -- getprop ro.product.model", running.first, phone(&running.first));
    let mut shell = Command::new("sh");
    // A credential of another kind would be a contradiction.
    shell.args(["-c", &script, env!("CARGO_BIN_EXE_koophone")]).env_clear().env("HUAWEICLOUD_SDK_AK", "real");
    let done = run_shell(shell);
    assert!(done.0 && !done.1.trim().is_empty(), "{done:?}");
    signal(&running.child, "INT");
    assert!(running.ended().contains("stopped"));
}

fn run_shell(mut shell: Command) -> (bool, String, String) {
    let output = shell.stdin(Stdio::null()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stdout), text(output.stderr))
}

#[test]
fn its_lines_are_in_the_language_of_the_given_shell() {
    for (shell, set, comment) in [
        ("posix", "export KOOPHONE_ENDPOINT='", "# "),
        ("powershell", "$env:KOOPHONE_ENDPOINT = '", "# "),
        ("cmd", "set \"KOOPHONE_ENDPOINT=", "rem "),
    ] {
        let running = start(&["--export", "--shell", shell]);
        let lines = running.first.lines().filter(|line| !line.starts_with(comment));
        assert!(lines.clone().any(|line| line.starts_with(set)), "{shell}: {}", running.first);
        let others = ["export ", "unset ", "$env:", "Remove-Item ", "set \""];
        let of_shell = |line: &str| match shell {
            "posix" => others[..2].iter().any(|word| line.starts_with(word)),
            "powershell" => others[2..4].iter().any(|word| line.starts_with(word)),
            _ => line.starts_with(others[4]),
        };
        assert!(lines.clone().all(of_shell), "{shell}: {}", running.first);
        signal(&running.child, "INT");
        running.ended();
    }
}

#[test]
fn its_access_key_is_in_the_export_and_the_help_and_can_sign() {
    let running = start(&["--export"]);
    let key = running.first.lines().find_map(|line| line.strip_prefix("# to sign instead: ")).unwrap();
    let script = format!(
        "{}\nunset KOOPHONE_USERNAME KOOPHONE_PASSWORD KOOPHONE_DOMAIN\n{key}\n\"$0\" whoami --json",
        running.first
    );
    let mut shell = Command::new("sh");
    shell.args(["-c", &script, env!("CARGO_BIN_EXE_koophone")]).env_clear();
    let done = run_shell(shell);
    assert!(done.0, "{done:?}");
    let printed: Value = serde_json::from_str(&done.1).unwrap();
    assert_eq!(printed["method"], "access_key");
    let help = run(bare(&["emulator", "--help"]), None).expect(0).stdout;
    for value in key.split_whitespace().filter_map(|part| part.split('\'').nth(1)) {
        assert!(help.contains(value), "{value}: {help}");
    }
    assert_eq!(key.matches('\'').count(), 4, "{key}");
    signal(&running.child, "INT");
    running.ended();
}

#[test]
fn it_announces_the_same_to_people_and_programs() {
    let people = start(&["--seed", "9"]);
    assert!(people.first.starts_with("KooPhone and IAM emulator at http://127.0.0.1:"), "{}", people.first);
    assert!(people.first.contains("\nexport KOOPHONE_ENDPOINT='http://127.0.0.1:"), "{}", people.first);
    let programs = start(&["--seed", "9", "--json"]);
    let printed: Value = serde_json::from_str(&programs.first).unwrap();
    assert_eq!(printed["instance_ids"][0], phone(&people.first), "the same seed gives the same phones");
    assert_eq!(printed["environment"]["KOOPHONE_ENDPOINT"], printed["endpoint"]);
    assert_eq!(printed["environment"]["KOOPHONE_PASSWORD"], printed["credentials"]["password"]);
    signal(&people.child, "TERM");
    signal(&programs.child, "TERM");
    people.ended();
    assert_eq!(programs.ended(), "");
}

#[test]
fn another_program_can_stop_it() {
    let running = start(&["--json"]);
    let printed: Value = serde_json::from_str(&running.first).unwrap();
    let address = printed["endpoint"].as_str().unwrap().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "POST /_emulator/stop HTTP/1.1\r\nHost: {address}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    running.ended();
}

#[test]
fn options_rules_and_faults_are_read_from_files_and_arguments_override_them() {
    let dir = directory();
    let file = |name: &str, text: &str| {
        let path = dir.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let options = file("options.toml", "phones = 9\nregion = 'cn-south-1'\nquirks = ['any_character']\n");
    let rules = file("rules.json", r#"[{"command": "hello *", "stdout": "by rule"}]"#);
    let faults = file("faults.json", r#"{"operation": "query_status", "action": "no_permission"}"#);
    let args = ["--json", "--options", &options, "--rules", &rules, "--faults", &faults, "--phones", "4", "--strict"];
    let running = start(&args);
    let printed: Value = serde_json::from_str(&running.first).unwrap();
    assert_eq!(printed["instance_ids"].as_array().unwrap().len(), 4);
    assert_eq!(printed["credentials"]["region"], "cn-south-1");
    let phone = printed["instance_ids"][3].as_str().unwrap();
    let with_environment = |args: &[&str]| {
        let mut command = bare(args);
        for (name, value) in printed["environment"].as_object().unwrap() {
            command.env(name, value.as_str().unwrap());
        }
        run(command, None)
    };
    with_environment(&["status", phone]).expect(4);
    with_environment(&["status", phone]).expect(0);
    assert_eq!(with_environment(&["exec", phone, "--raw", "--", "hello 'all'"]).expect(0).stdout, "by rule\n");
    signal(&running.child, "INT");
    running.ended();
    std::fs::remove_dir_all(dir).unwrap();
}

#[test]
fn what_it_cannot_do_is_reported_at_once() {
    let dir = directory();
    let bad = dir.join("options.json");
    std::fs::write(&bad, r#"{"fones": 3}"#).unwrap();
    let done = run(bare(&["emulator", "--json", "--options", bad.to_str().unwrap()]), None).expect(1);
    assert!(done.error()["error"]["message"].as_str().unwrap().contains("fones"), "{done:?}");
    let done = run(bare(&["emulator", "--quirk", "none_such"]), None).expect(1);
    assert!(done.stderr.contains("business_errors_as_200"), "{done:?}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let done = run(bare(&["emulator", "--json", "--port", &port]), None).expect(2);
    assert_eq!(done.error()["error"]["argument"], "port");
    std::fs::remove_dir_all(dir).unwrap();
}

/// The process id in an announcement or a file.
fn process_id(text: &str) -> u32 {
    text.trim().parse().unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn is_alive(process: u32) -> bool {
    // A zombie that nobody has waited for accepts signals too, so other tests check the port.
    Command::new("sh").args(["-c", &format!("kill -0 {process}")]).stderr(Stdio::null()).status().unwrap().success()
}

#[test]
fn a_detached_one_is_ready_when_the_command_returns_and_closes_its_output() {
    let dir = directory();
    let file = dir.join("emulator.pid");
    // As a CI step does: the output is captured to its end, standard error included.
    let script =
        "eval \"$(\"$0\" emulator --detach --export --pid-file \"$1\" --phones 3)\" && \"$0\" status a44uhlf7 efjy72gs";
    let mut shell = Command::new("sh");
    shell.args(["-c", script, env!("CARGO_BIN_EXE_koophone"), file.to_str().unwrap()]).env_clear();
    let done = run_shell(shell);
    assert!(done.0 && done.1.contains("a44uhlf7") && done.2.is_empty(), "{done:?}");
    let process = process_id(&std::fs::read_to_string(&file).unwrap());
    assert!(is_alive(process));
    assert!(Command::new("sh").args(["-c", &format!("kill {process}")]).status().unwrap().success());
    common::until("the end of it", || !file.exists());
    std::fs::remove_dir_all(dir).unwrap();
}

#[test]
fn a_detached_one_prints_json_and_says_why_it_did_not_start() {
    let done = run(bare(&["emulator", "--detach", "--json"]), None).expect(0);
    let printed = done.json();
    let process = u32::try_from(printed["process_id"].as_u64().unwrap()).unwrap();
    assert!(is_alive(process));
    let port = printed["endpoint"].as_str().unwrap().rsplit(':').next().unwrap();
    let taken = run(bare(&["emulator", "--detach", "--json", "--port", port]), None).expect(2);
    assert_eq!(taken.error()["error"]["argument"], "port");
    assert!(Command::new("sh").args(["-c", &format!("kill {process}")]).status().unwrap().success());
    let code = koophone_cli::run(["koophone", "emulator", "--detach"].map(Into::into));
    assert_eq!(code, 1, "if the command line is another program's, it is not started again");
}

#[test]
fn it_ends_with_the_process_that_started_it() {
    let dir = directory();
    let file = dir.join("emulator.pid");
    let script = "\"$0\" emulator --with-parent --pid-file \"$1\" >/dev/null 2>&1 & read line";
    let mut shell = Command::new("sh");
    shell.args(["-c", script, env!("CARGO_BIN_EXE_koophone"), file.to_str().unwrap()]).env_clear();
    let mut shell = shell.stdin(Stdio::piped()).spawn().unwrap();
    common::until("the start of it", || file.exists());
    drop(shell.stdin.take());
    shell.wait().unwrap();
    common::until("the end of it", || !file.exists());
    std::fs::remove_dir_all(dir).unwrap();
}

#[test]
fn on_a_reachable_address_it_warns_and_requires_a_token() {
    let running = start(&["--host", "0.0.0.0", "--json"]);
    let printed: Value = serde_json::from_str(&running.first).unwrap();
    let address = printed["endpoint"].as_str().unwrap().strip_prefix("http://").unwrap();
    let stop = |header: &str| {
        let mut stream = TcpStream::connect(address).unwrap();
        let head = "POST /_emulator/stop HTTP/1.1\r\nHost: emulator\r\nContent-Length: 0\r\nConnection: close\r\n";
        write!(stream, "{head}{header}\r\n").unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        response.split(' ').nth(1).unwrap().to_owned()
    };
    assert_eq!(stop(""), "401");
    assert_eq!(stop(&format!("Authorization: Bearer {}\r\n", printed["control_token"].as_str().unwrap())), "200");
    assert!(running.ended().contains("warning: other machines can reach this emulator"));

    let dir = directory();
    let file = dir.join("token");
    std::fs::write(&file, "0123456789abcdef0123\n").unwrap();
    let running = start(&["--host", "0.0.0.0", "--json", "--control-token-file", file.to_str().unwrap()]);
    assert!(!running.first.contains("0123456789abcdef0123"));
    signal(&running.child, "INT");
    running.ended();
    std::fs::write(&file, "short").unwrap();
    let done = run(bare(&["emulator", "--json", "--control-token-file", file.to_str().unwrap()]), None).expect(1);
    assert!(done.stderr.contains("at least 16 characters"), "{done:?}");
    std::fs::remove_dir_all(dir).unwrap();
}

#[test]
fn what_it_prints_for_people_can_be_pasted_into_a_shell() {
    let running = start(&["--phones", "8"]);
    let script = format!(
        "{}\n\"$0\" exec a44uhlf7 efjy72gs -- getprop ro.product.model && \
         \"$0\" exec --async a44uhlf7 -- pm install /sdcard/game.apk",
        running.first.split_once("\n\n").unwrap().1
    );
    let mut shell = Command::new("sh");
    shell.args(["-c", &script, env!("CARGO_BIN_EXE_koophone")]).env_clear();
    let done = run_shell(shell);
    assert!(done.0 && done.1.contains("KooPhone") && done.1.contains("Success"), "{done:?}");
    signal(&running.child, "INT");
    running.ended();
}

#[test]
fn its_quirks_have_a_help_page() {
    let help = run(bare(&["help", "quirks"]), None).expect(0).stdout;
    for quirk in koophone_emulator::Quirk::ALL {
        assert!(help.contains(&format!("  {}: ", quirk.name())), "{quirk:?}");
    }
}
