//! No secret is visible anywhere. Runs all operations with every kind of credential, with and without faults, in the
//! library and on the command line, with all logs; then searches everything that was printed, logged or formatted for
//! every secret that was sent or received.

mod common;

use std::fmt::{Debug, Write as _};
use std::io::{Read, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};

use common::{bare, run};
use koophone::{
    Client, ClientBuilder, Credentials, LogLevel, Result, Scope, Secret, VideoSettings, WaitOptions, blocking,
};
use koophone_emulator::{Emulator, Fault, Options, Quirk};
use serde::Serialize;

/// With characters that JSON escapes.
const PASSWORD: &str = "Pa55-\"w\u{f6}rd\\word";
const WRONG_PASSWORD: &str = "another-s3cret-password";
const SECRET_KEY: &str = "the-s3cret-key-of-the-emulator-0123456789";
const SECURITY_TOKEN: &str = "a-security-t0ken-for-temporary-keys";
const READY_TOKEN: &str = "a-ready-made-t0ken-that-nobody-issued";

const APP_ADDRESS: &str = "https://bucket.obs.example/game.apk?Signature=s3cret-of-the-app";

/// A relay that records everything it forwards.
struct Tap {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl Tap {
    fn new(upstream: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let all = heard.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(upstream) else { return };
                let both = [(client.try_clone().unwrap(), server.try_clone().unwrap()), (server, client)];
                for (from, to) in both {
                    let heard = all.clone();
                    std::thread::spawn(move || relay(from, to, &heard));
                }
            }
        });
        Self { address, heard }
    }

    /// The values after a mark, up to the next quote or line end.
    fn values(&self, mark: &str) -> Vec<String> {
        let heard = self.heard.lock().unwrap();
        let text = String::from_utf8_lossy(&heard);
        let lower = text.to_ascii_lowercase();
        let places = lower.match_indices(mark).map(|(at, _)| at + mark.len());
        places.map(|at| text[at..].split(['"', '\r', '\n', ',']).next().unwrap_or_default().trim().to_owned()).collect()
    }
}

fn relay(mut from: TcpStream, mut to: TcpStream, heard: &Mutex<Vec<u8>>) {
    let mut kept = Vec::new();
    let mut chunk = [0; 4096];
    while let Ok(length @ 1..) = from.read(&mut chunk) {
        kept.extend_from_slice(&chunk[..length]);
        // Recorded before it is forwarded, and so before anything can print it.
        let mut heard = heard.lock().unwrap();
        heard.extend_from_slice(&kept);
        heard.push(b'\n');
        kept.clear();
        drop(heard);
        if to.write_all(&chunk[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Both);
}

/// The service, the relay in front of it, and everything that was visible.
struct Stage {
    emulator: Emulator,
    tap: Tap,
    seen: Arc<Mutex<String>>,
    folder: PathBuf,
}

impl Stage {
    fn new(security_token: Option<&str>) -> Self {
        let options = Options {
            phones: 3,
            password: PASSWORD.into(),
            secret_key: SECRET_KEY.into(),
            security_token: security_token.map(str::to_owned),
            quirks: vec![Quirk::IceServersPresent, Quirk::NewerFields],
            // One piece of the relay contains a whole head, and with it whole tokens.
            token_length: 300,
            password_attempts: 1000,
            access_key_attempts: 1000,
            ..Options::default()
        };
        let emulator = Emulator::start(options).unwrap();
        let tap = Tap::new(emulator.endpoint().trim_start_matches("http://").parse().unwrap());
        Self { emulator, tap, seen: Arc::default(), folder: common::directory() }
    }

    fn url(&self) -> String {
        format!("http://{}", self.tap.address)
    }

    fn see(&self, text: &str) {
        writeln!(self.seen.lock().unwrap(), "{text}").unwrap();
    }

    fn show<T: Debug + Serialize>(&self, result: &Result<T>) {
        match result {
            Ok(value) => self.see(&format!("{value:?}\n{value:#?}\n{}", serde_json::to_string(value).unwrap())),
            Err(error) => self.show_error(error),
        }
    }

    fn show_error(&self, error: &koophone::Error) {
        self.see(&format!("{error}\n{error:?}\n{error:#?}\n{}", serde_json::to_string(error).unwrap()));
    }

    fn builder(&self) -> ClientBuilder {
        let seen = self.seen.clone();
        let log = move |record: &koophone::LogRecord| {
            writeln!(seen.lock().unwrap(), "{} {} {record:?}", record.level.name(), record.message).unwrap();
        };
        let builder = Client::builder().environment([]).endpoint(self.url()).iam_endpoint(self.url());
        builder.setting("metadata", "false").setting("attempt_timeout", "2s").log(LogLevel::Debug, log)
    }

    /// All operations, and everything that can be formatted.
    fn flow(&self, builder: ClientBuilder) {
        self.see(&format!("{builder:?}"));
        let client = match builder.build() {
            Ok(client) => client,
            Err(error) => return self.show_error(&error),
        };
        let blocking = blocking::Client::from(client.clone());
        let ids = self.emulator.instance_ids();
        self.see(&format!("{client:?} {blocking:?} {:?}", client.query_status(&ids)));
        let identity = client.login().wait();
        self.show(&identity);
        identity.iter().for_each(|identity| self.see(&identity.to_string()));
        self.show(&client.query_status(&ids).wait());
        self.show(&client.run_command(&ids, "echo x").wait());
        self.show(&client.set_video_settings(&ids, VideoSettings::default()).wait());
        for task in [client.start_command(&ids, "echo y").wait(), client.reset_instances(&ids[..1]).wait()] {
            match task {
                Ok(task) => {
                    self.see(&format!("{task:?} {}", task.save()));
                    self.show(&task.poll().wait());
                    self.show(&task.wait(WaitOptions::default()).wait());
                    self.show(&client.get_task(&task.task_ids()[0]).wait());
                }
                Err(error) => self.show_error(&error),
            }
        }
        self.show(&client.get_task("unknown").wait());
        match client.get_device_token(&ids[0]).wait() {
            Ok(device) => {
                self.see(&format!("{device:?} {device:#?} {}", serde_json::to_string(&device.redacted()).unwrap()));
            }
            Err(error) => self.show_error(&error),
        }
        let started = client.query_status(&ids).start().unwrap();
        self.see(&format!("{started:?}"));
    }

    /// The same under each fault.
    fn faults(&self, builder: &dyn Fn() -> ClientBuilder) {
        let faults = [
            r#"{"action": "expired_token", "times": 4}"#,
            r#"{"action": "no_permission", "times": 4}"#,
            r#"{"action": "garbage", "times": 3}"#,
            r#"{"action": "truncate", "times": 3}"#,
            r#"{"action": "html", "status": 502, "times": 4}"#,
            r#"{"action": "cut", "when": "mid_response", "times": 4}"#,
            r#"{"action": "redirect", "location": "http://127.0.0.1:1/elsewhere", "times": 2}"#,
            r#"{"action": "response", "status": 418, "body": "no", "times": 3}"#,
        ];
        for fault in faults {
            self.emulator.add_faults(Fault::list_from_json(fault).unwrap()).unwrap();
            self.flow(builder());
            self.emulator.clear_faults();
        }
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// One run of the command line; its output is visible.
    fn command(&self, environment: &[(&str, &str)], args: &[&str]) {
        let mut command: Command = bare(args);
        command.env("KOOPHONE_ENDPOINT", self.url()).env("KOOPHONE_IAM_ENDPOINT", self.url()).env("HOME", &self.folder);
        command
            .env("KOOPHONE_METADATA", "false")
            .env("KOOPHONE_APP_URL", APP_ADDRESS)
            .envs(environment.iter().copied());
        let done = run(command, None);
        self.see(&format!("{}\n{}", done.stdout, done.stderr));
    }

    /// Every command, in both forms, as verbose as possible.
    fn commands(&self, environment: &[(&str, &str)], options: &[&str]) {
        let ids = self.emulator.instance_ids();
        let (one, two) = (ids[0].as_str(), ids[1].as_str());
        let app = self.file(
            "app.json",
            r#"{"package": "com.example.game", "version": "1", "file_name": "a.apk",
            "size_mb": 1, "md5": "x", "fast": false}"#,
        );
        let commands: &[&[&str]] = &[
            &["whoami"],
            &["login"],
            &["doctor"],
            &["status", one, two],
            &["exec", one, "--", "echo x"],
            &["exec", one, "--async", "--", "echo x"],
            &["video", "set", one, "--fps", "30"],
            &["reset", two, "--yes"],
            &["device-token", one],
            &["task", "show", "unknown"],
            &["install", one, "--app", &app],
            &["apps", one],
            &["settings"],
        ];
        for command in commands {
            for form in [&["-vv"][..], &["-vv", "--json"]] {
                self.command(environment, &[options, form, command].concat());
            }
        }
    }

    /// What must not be visible, each with a name for the message.
    fn secrets(&self) -> Vec<(&'static str, String)> {
        let known = [
            ("password", PASSWORD),
            ("wrong password", WRONG_PASSWORD),
            ("secret key", SECRET_KEY),
            ("security token", SECURITY_TOKEN),
            ("ready-made token", READY_TOKEN),
            ("address of an app", APP_ADDRESS),
        ];
        let mut secrets: Vec<_> = known.iter().map(|(name, text)| (*name, (*text).to_owned())).collect();
        let marks = [
            ("token issued", "x-subject-token: "),
            ("token sent", "x-auth-token: "),
            ("signature", "signature="),
            ("device token", "\"device_token\":\""),
        ];
        for (name, mark) in marks {
            secrets.extend(self.tap.values(mark).into_iter().map(|text| (name, text)));
        }
        // As JSON and Debug write them.
        let quoted: Vec<_> = secrets.iter().map(|(name, text)| (*name, text.escape_debug().to_string())).collect();
        secrets.extend(quoted);
        secrets.sort();
        secrets.dedup();
        let short = secrets.iter().find(|(_, text)| text.len() < 16);
        assert!(short.is_none(), "too short to be searched for: {short:?}");
        secrets
    }

    fn hits(&self) -> Vec<(&'static str, String)> {
        let seen = self.seen.lock().unwrap();
        self.secrets().into_iter().filter(|(_, secret)| seen.contains(secret.as_str())).collect()
    }

    /// Checks that none of it is in the text, and that the text is large enough to be a meaningful test.
    fn judge(self, kinds: &[&str]) {
        let secrets = self.secrets();
        for kind in kinds {
            assert!(secrets.iter().any(|(name, _)| name == kind), "no {kind} was ever sent");
        }
        let size = self.seen.lock().unwrap().len();
        assert!(size > 20_000, "only {size} bytes were recorded");
        let hits = self.hits();
        let places = hits.iter().map(|(name, secret)| {
            let seen = self.seen.lock().unwrap();
            let line = seen.lines().find(|line| line.contains(secret.as_str())).unwrap_or_default();
            format!("{name} in: {line}")
        });
        let places: Vec<_> = places.collect();
        assert!(places.is_empty(), "{} secrets of {} are visible: {places:#?}", hits.len(), secrets.len());
        println!("{} secrets, {size} bytes searched, 0 hits", secrets.len());
    }
}

fn password(stage: &Stage) -> Credentials {
    let own = stage.emulator.credentials();
    Credentials::password(&own.user, PASSWORD, &own.account_domain)
}

#[test]
fn the_library_shows_no_passwords_and_tokens() {
    let stage = Stage::new(None);
    let own = stage.emulator.credentials().clone();
    let with = |credentials: Credentials| {
        stage.see(&format!("{credentials:?} {credentials:#?}"));
        stage.builder().region(&own.region).credentials(credentials)
    };
    stage.see(&format!("{:?}", Secret::new(PASSWORD)));
    stage.flow(with(password(&stage)));
    stage.flow(with(password(&stage).scope(Scope::Domain).unwrap()));
    stage.flow(with(Credentials::password(&own.user, WRONG_PASSWORD, &own.account_domain)));
    stage.flow(with(Credentials::token(READY_TOKEN)));
    stage.flow(with(Credentials::token(format!("{READY_TOKEN}\n"))));
    let environment = [
        ("KOOPHONE_USERNAME", own.user.as_str()),
        ("KOOPHONE_PASSWORD", PASSWORD),
        ("KOOPHONE_DOMAIN", own.account_domain.as_str()),
    ];
    let environment = || environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    stage.flow(stage.builder().region(&own.region).environment(environment()));
    let contradiction = environment().into_iter().chain([("KOOPHONE_TOKEN".to_owned(), READY_TOKEN.to_owned())]);
    stage.flow(stage.builder().region(&own.region).environment(contradiction));
    let fields = [("username", "u"), ("password", PASSWORD), ("token", READY_TOKEN)];
    stage.show_error(&Credentials::from_fields(fields).unwrap_err());
    stage.faults(&|| with(password(&stage)));
    stage.judge(&["token issued", "token sent", "device token"]);
}

#[test]
fn the_library_shows_no_access_keys() {
    for security_token in [None, Some(SECURITY_TOKEN)] {
        let stage = Stage::new(security_token);
        let own = stage.emulator.credentials().clone();
        let key = |secret: &str| {
            let credentials = Credentials::access_key(&own.access_key, secret);
            security_token
                .into_iter()
                .fold(credentials, |credentials, token| credentials.security_token(token).unwrap())
        };
        let with = |credentials: Credentials| {
            stage.see(&format!("{credentials:?} {credentials:#?}"));
            stage.builder().region(&own.region).credentials(credentials)
        };
        stage.flow(with(key(SECRET_KEY)));
        stage.flow(with(key(WRONG_PASSWORD)));
        stage.faults(&|| with(key(SECRET_KEY)));
        let profile = format!("[basic]\nak = {}\nsk = {SECRET_KEY}\n{SECRET_KEY}\n", own.access_key);
        let variable = |file: String| [("HUAWEICLOUD_SDK_CREDENTIALS_FILE".to_owned(), file)];
        stage.flow(stage.builder().environment(variable(stage.file("bad", &profile))));
        let profile = format!("[basic]\nak = {}\nsk = {SECRET_KEY}\n", own.access_key);
        stage.flow(stage.builder().environment(variable(stage.file("good", &profile))));
        stage.judge(&["signature", "device token"]);
    }
}

#[test]
fn the_command_line_shows_no_secrets() {
    let stage = Stage::new(None);
    let own = stage.emulator.credentials().clone();
    let user = ["--username", &own.user, "--domain", &own.account_domain, "--region", &own.region];
    stage.commands(&[("KOOPHONE_PASSWORD", PASSWORD)], &user);
    let file = stage.file("password", PASSWORD);
    stage.commands(&[], &[&user[..], &["--password-file", &file]].concat());
    let keys = [("HUAWEICLOUD_SDK_AK", own.access_key.as_str()), ("HUAWEICLOUD_SDK_SK", SECRET_KEY)];
    stage.commands(&keys, &["--region", &own.region]);
    for wrong in [WRONG_PASSWORD, READY_TOKEN] {
        stage.command(&[("KOOPHONE_PASSWORD", wrong)], &[&user[..], &["-vv", "status", "a"]].concat());
        stage.command(&[("KOOPHONE_TOKEN", wrong)], &["-vv", "--region", &own.region, "status", "a"]);
    }
    // Secrets where none belong: an option that does not exist.
    for args in [&["status", "--password", PASSWORD][..], &["status", "--json", &format!("--token={READY_TOKEN}")]] {
        stage.command(&[], args);
    }
    for fault in [r#"{"action": "expired_token", "times": 9}"#, r#"{"action": "html", "times": 9}"#] {
        stage.emulator.add_faults(Fault::list_from_json(fault).unwrap()).unwrap();
        stage.commands(&[("KOOPHONE_PASSWORD", PASSWORD)], &user);
        stage.emulator.clear_faults();
    }
    stage.judge(&["token issued", "token sent", "signature", "device token"]);
}

#[test]
fn the_search_finds_a_visible_secret() {
    let stage = Stage::new(None);
    let own = stage.emulator.credentials().clone();
    let ids = stage.emulator.instance_ids();
    let user = ["--username", &own.user, "--domain", &own.account_domain, "--region", &own.region];
    let show = ["device-token", &ids[0], "--show-secrets", "--json"];
    stage.command(&[("KOOPHONE_PASSWORD", PASSWORD)], &[&user[..], &show].concat());
    let names = |stage: &Stage| stage.hits().into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(names(&stage), ["device token"]);
    stage.see(&format!("{PASSWORD:?}"));
    assert_eq!(names(&stage), ["device token", "password"]);
    stage.see(&stage.tap.values("x-subject-token: ")[0]);
    assert!(names(&stage).contains(&"token issued"));
}
