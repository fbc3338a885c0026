//! When device tokens expire, and how often they are requested.

mod common;
use common::{Canned, Reply};
use koophone::Client;
use koophone_emulator::{Emulator, Operation, Options, Quirk};

// docs/spec/wire-notes.md#44
#[test]
fn a_device_tokens_lifetime_counts_from_the_responses_date() {
    let body = r#"{"data":{"device_token":"t","resource":{"rtc":{"ice_signaling":{"expired_time":"86400"}}}},"error_code":"0"}"#;
    let mut dated = Reply::ok(body);
    dated.1.push(("date", "Fri, 19 Apr 2024 08:09:10 GMT".into()));
    let token = Canned::always(dated).client().get_device_token("a").unwrap();
    assert_eq!(token.expires_at.as_deref(), Some("2024-04-20T08:09:10Z"));
    assert!(Canned::always(Reply::ok(body)).client().get_device_token("a").unwrap().expires_at.is_some());
    let endless = Canned::always(Reply::ok(body.replace("86400", "soon"))).client();
    assert_eq!(endless.get_device_token("a").unwrap().expires_at, None);
}

#[test]
fn a_device_token_is_requested_once_while_it_is_valid() {
    for (quirks, requests) in [(vec![Quirk::ExpiredTimePresent], 1), (vec![], 8)] {
        let options = Options { phones: 1, quirks, ..Options::default() };
        let emulator = Emulator::start(options).unwrap();
        let client = Client::builder().environment(emulator.environment()).setting("proxy", "none");
        let token = client.build_blocking().unwrap().device_token(&emulator.instance_ids()[0]);
        std::thread::scope(|scope| (0..8).for_each(|_| drop(scope.spawn(|| token.get().unwrap()))));
        let is_asked = |operation| operation == Operation::GetDeviceToken;
        let asked = emulator.requests().iter().filter(|request| is_asked(request.operation)).count();
        assert_eq!(asked, requests);
    }
    let token = Canned::always(Reply::ok("{}")).client().device_token("a b");
    assert_eq!(token.get().unwrap_err().argument(), Some("instance_id"));
}
