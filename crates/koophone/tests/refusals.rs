//! Refused credentials and failing identity services with whole fleets: few attempts, because failed ones lock keys
//! and accounts, and one error shared by all.

mod common;

use std::net::TcpListener;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant, SystemTime};

use common::{Canned, Reply, Seen};
use koophone::blocking::Client;
use koophone::{ClientBuilder, Credentials, Error, ErrorKind, PhoneResults, VideoSettings};
use koophone_emulator::{Emulator, Options};

const OK: &str = r#"{"error_code":"0","error_msg":"ok"}"#;
const LOGIN: &str = "/v3/auth/tokens?nocatalog=true";
const PHONES: usize = 64;

fn refused(text: &str) -> Reply {
    let body = format!(r#"{{"error_code":"APIGW.0301","error_msg":"{text}","request_id":"r"}}"#);
    Reply::status(401, body)
}

fn wrong_signature() -> Reply {
    refused("Incorrect IAM authentication information: verify aksk signature fail")
}

/// Batches of one phone, all at the same time.
fn at_once(builder: ClientBuilder) -> Client {
    let wide = builder.setting("batch_size", "1").setting("concurrency", PHONES.to_string()).setting("proxy", "none");
    wide.build().unwrap().into()
}

fn with_key(builder: ClientBuilder) -> Client {
    at_once(builder.credentials(Credentials::access_key("AK", "SK")))
}

fn fleet(client: &Client) -> koophone::Result<()> {
    let ids: Vec<String> = (0..PHONES).map(|number| format!("phone{number}")).collect();
    let outcomes = client.set_video_settings(&ids, VideoSettings::default())?;
    assert!(outcomes.all_ok());
    Ok(())
}

fn call(client: &Client) -> koophone::Result<()> {
    client.set_video_settings(["a"], VideoSettings::default()).map(drop)
}

fn assert_refused(error: &Error) {
    assert_eq!((error.kind(), error.code()), (ErrorKind::Authentication, Some("APIGW.0301")), "{error}");
    assert_eq!((error.http_status(), error.maybe_executed()), (Some(401), false));
    assert!(error.message().contains("verify aksk signature fail"), "{error}");
}

#[test]
fn a_fleet_with_a_wrong_secret_key_costs_one_failed_signature() {
    for region in [None, Some("cn-north-4")] {
        let server = Canned::always(wrong_signature());
        let builder = region.into_iter().fold(server.builder(), |builder, region| builder.region(region));
        let client = with_key(builder);
        assert_refused(&fleet(&client).unwrap_err());
        // The key is not tried for a while, by any client.
        let error = call(&client).unwrap_err();
        assert_refused(&error);
        assert_eq!(server.seen().len(), 1, "{region:?}: {error}");
    }
}

#[test]
fn a_fleet_with_a_wrong_secret_key_does_not_lock_the_key() {
    let options = Options { phones: PHONES, access_key_attempts: 2, ..Options::default() };
    let emulator = Emulator::start(options).unwrap();
    let own = emulator.credentials();
    let client = |secret: &str| {
        let builder = koophone::Client::builder().environment([]).endpoint(emulator.endpoint());
        let builder = builder.iam_endpoint(emulator.endpoint());
        at_once(builder.credentials(Credentials::access_key(&own.access_key, secret)))
    };
    let ids = emulator.instance_ids();
    let error = client("wrong").query_status(&ids).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
    assert!(client(&own.secret_key).query_status(&ids).unwrap().all_ok());
}

/// Refuses signatures that are more than 15 minutes from a clock an hour ahead; `with_date` says where it states its
/// time.
fn clock_service(with_date: bool) -> (Canned, Arc<AtomicU64>) {
    let failures = Arc::new(AtomicU64::new(0));
    let counter = failures.clone();
    let server = Canned::new(move |seen| {
        let now = SystemTime::now() + Duration::from_secs(3600);
        let stamp = |time| jiff::Timestamp::try_from(time).unwrap().strftime("%Y%m%dT%H%M%SZ").to_string();
        let signed = seen.header("x-sdk-date").unwrap().to_owned();
        // Both texts have the same form, so they compare as the times do.
        let mut reply = if signed < stamp(now - Duration::from_secs(900)) {
            counter.fetch_add(1, Ordering::SeqCst);
            let time = if with_date { String::new() } else { format!(", server time:{}", stamp(now)) };
            refused(&format!(
                "Incorrect IAM authentication information: signature expired, signature time:{signed}{time}"
            ))
        } else if seen.path.starts_with("/v3/projects") {
            Reply::ok(r#"{"projects":[{"id":"the-project"}]}"#)
        } else {
            Reply::ok(OK)
        };
        if with_date {
            reply.1.push(("Date", httpdate::fmt_http_date(now)));
        }
        reply
    });
    (server, failures)
}

#[test]
fn a_fleet_with_a_wrong_clock_costs_one_failed_signature() {
    for with_date in [true, false] {
        for region in [None, Some("cn-north-4")] {
            let (server, failures) = clock_service(with_date);
            let builder = region.into_iter().fold(server.builder(), |builder, region| builder.region(region));
            fleet(&with_key(builder)).unwrap();
            assert_eq!(failures.load(Ordering::SeqCst), 1, "{with_date} {region:?}");
        }
    }
}

#[test]
fn requests_with_an_accepted_key_are_concurrent() {
    let both = Barrier::new(2);
    let first = AtomicUsize::new(0);
    let server = Canned::new(move |_| {
        if first.fetch_add(1, Ordering::SeqCst) > 0 {
            both.wait();
        }
        Reply::ok(OK)
    });
    let client = with_key(server.builder().timeout(Duration::from_secs(20)));
    call(&client).unwrap();
    std::thread::scope(|scope| {
        let calls = [scope.spawn(|| call(&client)), scope.spawn(|| call(&client))];
        calls.into_iter().for_each(|call| call.join().unwrap().unwrap());
    });
}

#[test]
fn one_refusal_of_a_valid_key_does_not_block_it_and_two_do() {
    let ok = || Reply::ok(OK);
    let bad = wrong_signature;
    let server = Canned::in_turn(vec![ok(), bad(), ok(), bad(), bad()]);
    let client = with_key(server.builder());
    let good: Vec<bool> = (0..7).map(|_| call(&client).is_ok()).collect();
    assert_eq!(good, [true, false, true, false, false, false, false]);
    assert_eq!(server.seen().len(), 5);
}

#[test]
fn a_key_is_tried_by_the_next_request_if_there_is_no_response() {
    let number = AtomicUsize::new(0);
    let server = Canned::new(move |_| match number.fetch_add(1, Ordering::SeqCst) {
        0 => Reply::status(503, "busy"),
        _ => Reply::ok(OK),
    });
    let client = with_key(server.builder().setting("max_attempts", "1"));
    let errors = client.set_video_settings(["a", "b", "c"], VideoSettings::default()).unwrap();
    assert_eq!(errors.iter().filter(|outcome| outcome.error.is_some()).count(), 1);
    assert_eq!(server.seen().len(), 3);
}

fn issued(number: u64) -> Reply {
    let body = br#"{"token":{"issued_at":"2024-01-01T00:00:00.000000Z","expires_at":"2024-01-02T00:00:00.000000Z"}}"#;
    Reply(201, vec![("X-Subject-Token", format!("token-{number}"))], body.to_vec())
}

fn logins(server: &Canned) -> usize {
    server.seen().iter().filter(|seen| seen.path == LOGIN).count()
}

fn with_password(server: &Canned) -> Client {
    at_once(server.builder().region("r").credentials(Credentials::password("u", "p4ssword", "d")))
}

#[test]
fn a_fleet_whose_fresh_tokens_are_refused_logs_in_twice_and_then_waits() {
    let number = AtomicU64::new(0);
    let server = Canned::new(move |seen| match seen.path.as_str() {
        LOGIN => issued(number.fetch_add(1, Ordering::SeqCst)),
        _ => refused("verify aksk signature fail, decrypt token fail"),
    });
    let client = with_password(&server);
    assert_refused(&fleet(&client).unwrap_err());
    assert_eq!(logins(&server), 2);
    let sent = server.seen().len();
    for _ in 0..3 {
        let error = call(&client).unwrap_err();
        assert_refused(&error);
        assert!(error.message().contains("no other is requested for 30 seconds"), "{error}");
    }
    assert_eq!(server.seen().len(), sent);
}

#[test]
fn tokens_that_expire_one_after_the_other_are_renewed_each_time() {
    let number = AtomicU64::new(0);
    let newest = Arc::new(AtomicU64::new(1));
    let accepted = newest.clone();
    let server = Canned::new(move |seen: &Seen| match seen.path.as_str() {
        LOGIN => issued(number.fetch_add(1, Ordering::SeqCst) + 1),
        _ if seen.header("x-auth-token") == Some(&format!("token-{}", accepted.load(Ordering::SeqCst))) => {
            Reply::ok(OK)
        }
        _ => refused("The token must be updated."),
    });
    let client = with_password(&server);
    for round in 1..=4 {
        newest.store(round, Ordering::SeqCst);
        fleet(&client).unwrap();
    }
    assert_eq!(logins(&server), 4);
}

#[test]
fn a_fleet_shares_the_failure_of_a_failing_identity_service() {
    let server =
        Canned::always(Reply::status(500, r#"{"error":{"code":500,"message":"out of order","title":"Error"}}"#));
    let narrow = server.builder().region("r").credentials(Credentials::password("u", "p4ssword", "d"));
    let narrow = narrow.setting("batch_size", "1").setting("concurrency", "2").setting("max_attempts", "1");
    let error = fleet(&narrow.build().unwrap().into()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    // One login per second, and the fleet finishes in much less; more would mean a slow machine.
    assert!(server.seen().len() <= 4, "{} logins", server.seen().len());
}

#[test]
fn a_metadata_service_that_does_not_respond_is_asked_once() {
    // The system accepts connections, and nothing responds.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", silent.local_addr().unwrap());
    let server = Canned::always(Reply::ok(OK));
    let client: Client = server.builder().setting("metadata_endpoint", address).build().unwrap().into();
    let begin = Instant::now();
    for _ in 0..20 {
        let error = call(&client).unwrap_err();
        assert_eq!((error.kind(), error.argument()), (ErrorKind::Configuration, Some("credentials")));
        for words in ["metadata service: no response in time", "not asked again for 60 s", "metadata=false"] {
            assert!(error.message().contains(words), "{error}");
        }
    }
    assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
    silent.set_nonblocking(true).unwrap();
    assert_eq!(std::iter::from_fn(|| silent.accept().ok()).count(), 1);
    assert!(server.seen().is_empty());
}

#[test]
fn a_metadata_service_is_not_absent_because_of_a_callers_short_deadline() {
    let metadata = Canned::new(|seen| {
        if seen.method == "PUT" {
            return Reply::status(404, "");
        }
        Reply::ok(r#"{"credential":{"access":"A","secret":"S","securitytoken":"T"}}"#)
    });
    let server = Canned::always(Reply::ok(OK));
    let builder = server.builder().setting("metadata_endpoint", metadata.url());
    let client = builder.build().unwrap();
    let call = || client.set_video_settings(["a"], VideoSettings::default());
    let error = call().timeout(Duration::from_nanos(1)).wait().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    call().wait().unwrap();
}

#[test]
fn an_expired_key_is_not_used() {
    let metadata = Canned::new(|seen| match seen.method.as_str() {
        "PUT" => Reply::status(404, ""),
        _ => Reply::ok(r#"{"credential":{"access":"A","secret":"S","expires_at":"2001-01-01T00:00:00Z"}}"#),
    });
    let server = Canned::always(Reply::ok(OK));
    let builder = server.builder().setting("metadata_endpoint", metadata.url());
    let error = call(&builder.build().unwrap().into()).unwrap_err();
    assert!(error.message().contains("the key that it returned has expired"), "{error}");
    assert!(server.seen().is_empty());
}

#[test]
fn a_refused_key_of_the_metadata_service_is_replaced_by_another_one_only() {
    for (keys, requests) in [(["A", "A", "A"], 1), (["A", "B", "C"], 2)] {
        let next = AtomicUsize::new(0);
        let metadata = Canned::new(move |seen| match seen.method.as_str() {
            "PUT" => Reply::status(404, ""),
            _ => {
                let key = keys[next.fetch_add(1, Ordering::SeqCst).min(2)];
                Reply::ok(format!(r#"{{"credential":{{"access":"{key}","secret":"S","securitytoken":"T"}}}}"#))
            }
        });
        let server = Canned::always(wrong_signature());
        let client = at_once(server.builder().setting("metadata_endpoint", metadata.url()));
        assert_refused(&fleet(&client).unwrap_err());
        assert_eq!(server.seen().len(), requests, "{keys:?}");
    }
}

/// As [`fleet`], with a separate client for each.
fn clients_at_once(clients: &[Client]) -> Vec<koophone::Result<()>> {
    std::thread::scope(|scope| {
        let calls: Vec<_> = clients.iter().map(|client| scope.spawn(|| call(client))).collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    })
}

#[test]
fn ten_clients_with_one_wrong_key_make_one_failed_signature() {
    for region in [None, Some("cn-north-4")] {
        let server = Canned::always(wrong_signature());
        let client = || with_key(region.into_iter().fold(server.builder(), |builder, region| builder.region(region)));
        let clients: Vec<Client> = (0..10).map(|_| client()).collect();
        for result in clients_at_once(&clients) {
            assert_refused(&result.unwrap_err());
        }
        drop(clients);
        // A client that is created later does not try it either.
        let error = call(&client()).unwrap_err();
        assert_refused(&error);
        assert!(region.is_some() || error.message().contains("access key AK was refused"), "{error}");
        assert_eq!(server.seen().len(), 1, "{region:?}");
    }
}

#[test]
fn ten_clients_with_one_wrong_password_make_one_failed_login() {
    let refusal = r#"{"error":{"code":401,"message":"The username or password is wrong.","title":"Unauthorized"}}"#;
    let server = Canned::always(Reply::status(401, refusal));
    let clients: Vec<Client> = (0..10).map(|_| with_password(&server)).collect();
    for result in clients_at_once(&clients).into_iter().chain([call(&with_password(&server))]) {
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.http_status()), (ErrorKind::Authentication, Some(401)), "{error}");
    }
    assert_eq!(logins(&server), 1);
}

#[test]
fn another_secret_for_the_same_key_is_tried_at_once() {
    let server = Canned::in_turn(vec![wrong_signature(), Reply::ok(OK)]);
    assert_refused(&call(&with_key(server.builder())).unwrap_err());
    let other = Credentials::access_key("AK", "another SK");
    call(&at_once(server.builder().credentials(other))).unwrap();
}

#[test]
fn ten_clients_with_a_wrong_clock_make_one_failed_signature() {
    let (server, failures) = clock_service(true);
    let clients: Vec<Client> = (0..10).map(|_| with_key(server.builder())).collect();
    clients_at_once(&clients).into_iter().for_each(Result::unwrap);
    assert_eq!(failures.load(Ordering::SeqCst), 1);
}

#[test]
fn after_a_key_is_revoked_only_requests_in_flight_fail() {
    const THREADS: usize = 20;
    let revoked = Arc::new(AtomicUsize::new(usize::MAX));
    let (limit, number) = (revoked.clone(), AtomicUsize::new(0));
    let server = Canned::new(move |_| {
        let number = number.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(20));
        if number < limit.load(Ordering::SeqCst) { Reply::ok(OK) } else { wrong_signature() }
    });
    // One client for all threads, and one for each.
    for shared in [true, false] {
        revoked.store(usize::MAX, Ordering::SeqCst);
        let (shared_client, name) = (with_key(server.builder()), format!("AK{shared}"));
        let client = || match shared {
            true => shared_client.clone(),
            false => at_once(server.builder().credentials(Credentials::access_key(&name, "SK"))),
        };
        let clients: Vec<Client> = (0..THREADS).map(|_| client()).collect();
        clients_at_once(&clients).into_iter().for_each(Result::unwrap);
        let sent = server.seen().len();
        revoked.store(sent + 2 * THREADS, Ordering::SeqCst);
        std::thread::scope(|scope| {
            for client in &clients {
                scope.spawn(|| {
                    while call(client).is_ok() {}
                    (0..3).for_each(|_| assert_refused(&call(client).unwrap_err()));
                });
            }
        });
        let refused = server.seen().len() - (sent + 2 * THREADS);
        assert!((1..=THREADS).contains(&refused), "{refused} refused, shared {shared}");
    }
}
