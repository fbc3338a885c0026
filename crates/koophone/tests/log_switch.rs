//! Logging that is turned on while the program runs. In a separate process, because other logging clients would affect
//! the result.

mod common;

use std::sync::{Arc, Mutex};

use common::{Canned, Reply};
use koophone::{Client, Credentials, LogLevel, LogSwitch};

fn call(client: &Client) {
    client.query_status(["a"]).wait().unwrap();
}

#[test]
fn what_ran_unlogged_before_is_logged_once_the_switch_is_on() {
    let body = r#"{"error_code":"0","data":{"status_results":[{"instance_id":"a","status":2}]}}"#;
    let server = Canned::always(Reply::ok(body));
    let (switch, seen) = (LogSwitch::default(), Arc::new(Mutex::new(Vec::new())));
    let sink = seen.clone();
    let builder = server.builder().credentials(Credentials::token("t"));
    let logging = builder.log(switch.clone(), move |record| sink.lock().unwrap().push(record.message.clone()));
    let logging = logging.build().unwrap();
    let silent = server.builder().credentials(Credentials::token("t")).build().unwrap();
    call(&silent);
    call(&logging);
    assert!(seen.lock().unwrap().is_empty());
    switch.set(Some(LogLevel::Debug));
    call(&silent);
    assert!(seen.lock().unwrap().is_empty());
    call(&logging);
    let seen = seen.lock().unwrap();
    assert!(seen.iter().any(|message| message.starts_with("sending")), "{seen:?}");
    assert!(seen.iter().any(|message| message.starts_with("response")), "{seen:?}");
}
