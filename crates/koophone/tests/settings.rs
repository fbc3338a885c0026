//! Settings in code: typed or as text, once or twice, and with an environment that has other programs' variables.

mod common;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{Canned, Reply};
use koophone::settings::SETTINGS;
use koophone::{Client, ClientBuilder, Credentials, ErrorKind, LogLevel};

const RESPONSE: &str =
    r#"{"data":{"cmd_results":[{"instance_id":"a","status":2,"execute_msg":"yes"}]},"error_code":"0"}"#;

fn builder() -> ClientBuilder {
    Client::builder().environment([]).credentials(Credentials::token("t"))
}

#[test]
fn every_setting_has_a_method_of_its_own() {
    let source = include_str!("../src/client/builder.rs");
    for setting in SETTINGS {
        let name = setting.name;
        let (method, key) = (format!("pub fn {name}(self, "), format!("self.put({name:?}.into(), Value::"));
        assert!(source.contains(&method) && source.contains(&key), "ClientBuilder has no method for {name}");
    }
    let builder = builder()
        .endpoint("https://phones.example")
        .iam_endpoint("https://iam.example")
        .region("cn-north-4")
        .project_id("p1")
        .timeout(None)
        .attempt_timeout(Duration::from_secs(1))
        .connect_timeout(Duration::from_secs(1))
        .max_attempts(10)
        .batch_size(100)
        .concurrency(256)
        .max_connections(4096)
        .split_refused_batches(false)
        .max_response_bytes(1024)
        .proxy("http://gate.example:3128")
        .no_proxy()
        .user_agent("test/1")
        .allow_http(false)
        .strict_commands(true)
        .metadata(false)
        .metadata_endpoint("http://127.0.0.1")
        .token_cache(std::env::temp_dir());
    builder.build().unwrap();
    let missing = builder_with_ca_file();
    assert_eq!((missing.kind(), missing.argument()), (ErrorKind::Configuration, Some("ca_file")));
}

fn builder_with_ca_file() -> koophone::Error {
    builder().ca_file("/nowhere/ca.pem").build().unwrap_err()
}

#[test]
fn typed_values_are_checked_as_text_is() {
    for (argument, wrong) in [
        ("max_attempts", builder().max_attempts(0)),
        ("batch_size", builder().batch_size(101)),
        ("concurrency", builder().concurrency(usize::MAX)),
        ("max_connections", builder().max_connections(4097)),
        ("max_response_bytes", builder().max_response_bytes(1)),
        ("timeout", builder().timeout(Duration::ZERO)),
        ("attempt_timeout", builder().attempt_timeout(Duration::from_nanos(1))),
        ("token_cache", builder().token_cache("")),
        ("connect_timeout", builder().setting("connect_timeout", "none")),
    ] {
        let error = wrong.build().unwrap_err();
        assert_eq!((error.kind(), error.argument()), (ErrorKind::InvalidArgument, Some(argument)), "{error}");
    }
}

#[test]
fn the_longest_times_are_effectively_unlimited() {
    let server = Canned::always(Reply::ok(RESPONSE));
    let client = server
        .builder()
        .credentials(Credentials::token("t"))
        .timeout(Duration::MAX)
        .attempt_timeout(Duration::MAX)
        .connect_timeout(Duration::MAX);
    assert_eq!(client.build().unwrap().run_command(["a"], "id").wait().unwrap().len(), 1);
    let text = builder().setting("timeout", "99999999999").setting("attempt_timeout", "900 years");
    text.build().unwrap();
}

#[test]
fn the_last_value_of_a_setting_given_twice_wins() {
    let right = builder().batch_size(1000).setting("batch_size", "5").setting("timeout", "soon").timeout(None);
    right.build().unwrap();
    let wrong = builder().setting("batch_size", "5").batch_size(1000).build().unwrap_err();
    assert_eq!(wrong.argument(), Some("batch_size"));
}

#[test]
fn foreign_names_are_logged_once_and_cause_no_error() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sink = seen.clone();
    let names = ["KOOPHONE_SERVICE_HOST", "KOOPHONE_PORT", "KOOPHONE_PHONES"];
    let environment = names.map(|name| (name.to_owned(), "tcp://10.0.0.1:80".to_owned()));
    let server = Canned::always(Reply::ok(RESPONSE));
    let client = server
        .builder()
        .credentials(Credentials::token("t"))
        .environment(environment)
        .log(LogLevel::Warn, move |record| sink.lock().unwrap().push(record.clone()))
        .build()
        .unwrap();
    (0..2).for_each(|_| drop(client.run_command(["a"], "id").wait().unwrap()));
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert!(names.iter().all(|name| seen[0].message.contains(name)), "{seen:?}");
    assert!(!seen[0].message.contains("10.0.0.1"));
}

#[test]
fn near_misses_are_refused() {
    let environment = [("KOOPHONE_ENDPIONT".to_owned(), "https://user:s3cret@test.example".to_owned())];
    let error = Client::builder().environment(environment).build().unwrap_err();
    assert_eq!((error.kind(), error.argument()), (ErrorKind::Configuration, Some("KOOPHONE_ENDPIONT")));
    assert!(error.message().contains("did you mean KOOPHONE_ENDPOINT?") && !error.message().contains("s3cret"));
}

#[test]
fn requests_to_the_identity_service_are_logged_as_well() {
    let server = Canned::always(Reply(201, vec![("X-Subject-Token", "t0ken".into())], b"{}".to_vec()));
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sink = seen.clone();
    let builder = server.builder().region("r").credentials(Credentials::password("u", "p4ssword", "d"));
    let logging = builder.log(LogLevel::Debug, move |record| sink.lock().unwrap().push(record.message.clone()));
    logging.build().unwrap().login().wait().unwrap();
    let seen = seen.lock().unwrap();
    for what in ["sending operation=\"create_token\"", "response operation=\"create_token\" status=201"] {
        assert!(seen.iter().any(|message| message.starts_with(what)), "{seen:?}");
    }
    assert!(!seen.iter().any(|message| message.contains("p4ssword") || message.contains("t0ken")), "{seen:?}");
}
