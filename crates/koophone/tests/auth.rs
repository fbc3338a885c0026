//! Credentials over their lifetime: renewed in time, by one caller, after one refusal, across processes and clocks.

mod common;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use common::{Canned, Reply, Seen};
use koophone::blocking::Client;
use koophone::{ClientBuilder, Credentials, ErrorKind, Scope, VideoSettings};
use serde_json::json;

const OK: &str = r#"{"error_code":"0","error_msg":"ok"}"#;
const LOGIN: &str = "/v3/auth/tokens?nocatalog=true";

/// An identity service that issues token-1, token-2, ... with the given life, and a KooPhone that takes what `accepts`
/// says.
struct Service {
    server: Canned,
    logins: Arc<AtomicU64>,
}

impl Service {
    fn new(life: Duration, accepts: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        let logins = Arc::new(AtomicU64::new(0));
        let counter = logins.clone();
        let server = Canned::new(move |seen| {
            if seen.path == LOGIN {
                return token(counter.fetch_add(1, Ordering::SeqCst) + 1, life);
            }
            if accepts(seen.header("x-auth-token").unwrap_or_default()) {
                return Reply::ok(OK);
            }
            Reply::status(
                401,
                r#"{"error_code":"APIGW.0307","error_msg":"The token must be updated.","request_id":"r"}"#,
            )
        });
        Self { server, logins }
    }

    fn builder(&self) -> ClientBuilder {
        self.server.builder().region("cn-north-4").credentials(Credentials::password("u", "p4ss", "d"))
    }

    fn client(&self) -> Client {
        self.builder().build().unwrap().into()
    }

    fn logins(&self) -> u64 {
        self.logins.load(Ordering::SeqCst)
    }
}

fn token(number: u64, life: Duration) -> Reply {
    let now = SystemTime::now();
    let time = |time: SystemTime| jiff::Timestamp::try_from(time).unwrap().to_string();
    let body = json!({"token": {"issued_at": time(now), "expires_at": time(now + life),
        "project": {"id": "p", "name": "cn-north-4"}, "user": {"name": "u", "domain": {"name": "d"}}}});
    Reply(201, vec![("X-Subject-Token", format!("token-{number}"))], body.to_string().into_bytes())
}

fn call(client: &Client) -> koophone::Result<()> {
    client.set_video_settings(["a"], VideoSettings::default()).map(drop)
}

fn used_tokens(server: &Canned) -> Vec<String> {
    let tokens = server.seen().into_iter().filter(|seen| seen.path != LOGIN);
    tokens.map(|seen| seen.header("x-auth-token").unwrap().to_owned()).collect()
}

#[test]
fn many_threads_share_one_login() {
    let service = Service::new(Duration::from_secs(86_400), |_| true);
    let client = service.client();
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| call(&client).unwrap());
        }
    });
    assert_eq!(service.logins(), 1);
    let identity = client.login().unwrap();
    assert_eq!((identity.method.as_str(), identity.source.as_str()), ("password", "code"));
    assert_eq!((identity.user.as_deref(), identity.domain.as_deref()), (Some("u"), Some("d")));
    assert_eq!(identity.project_name.as_deref(), Some("cn-north-4"));
}

#[test]
fn a_token_about_to_expire_is_renewed() {
    // The lifetime is so short that the token is never fresh: every call renews it.
    let service = Service::new(Duration::from_nanos(1), |_| true);
    let client = service.client();
    (0..3).for_each(|_| call(&client).unwrap());
    assert_eq!(used_tokens(&service.server), ["token-1", "token-2", "token-3"]);
}

#[test]
fn a_refused_token_is_renewed_once_and_the_call_repeated_once() {
    let service = Service::new(Duration::from_secs(86_400), |token| token == "token-2");
    let client = service.client();
    call(&client).unwrap();
    call(&client).unwrap();
    assert_eq!(used_tokens(&service.server), ["token-1", "token-2", "token-2"]);

    let never = Service::new(Duration::from_secs(86_400), |_| false);
    let error = call(&never.client()).unwrap_err();
    assert_eq!((error.kind(), error.code(), error.attempts()), (ErrorKind::Authentication, Some("APIGW.0307"), 2));
    assert_eq!((never.logins(), used_tokens(&never.server).len()), (2, 2));
}

#[test]
fn a_ready_made_token_cannot_be_renewed() {
    let service = Service::new(Duration::from_secs(1), |_| false);
    let client: Client = service.server.builder().credentials(Credentials::token("mine")).build().unwrap().into();
    let error = call(&client).unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Authentication, 1));
    assert_eq!(service.logins(), 0);
}

#[test]
fn a_token_that_has_expired_when_issued_is_not_used() {
    let service = Service::new(Duration::ZERO, |_| true);
    let client = service.client();
    let error = call(&client).unwrap_err();
    assert_eq!((error.kind(), error.http_status()), (ErrorKind::Protocol, Some(201)), "{error}");
    assert!(used_tokens(&service.server).is_empty());
}

#[test]
fn what_editors_and_echo_add_to_credentials_is_not_sent() {
    let server = Canned::new(|seen| match seen.path.as_str() {
        LOGIN => token(1, Duration::from_secs(86_400)),
        _ => Reply::ok(OK),
    });
    let environment =
        [("KOOPHONE_USERNAME", "u\n"), ("KOOPHONE_PASSWORD", "\u{feff}p4ss word\r\n"), ("KOOPHONE_DOMAIN", "d\r\n\n")];
    let environment = environment.map(|(name, text)| (name.to_owned(), text.to_owned()));
    call(&server.builder().region("r").environment(environment).build().unwrap().into()).unwrap();
    let user = &server.seen()[0].json()["auth"]["identity"]["password"]["user"];
    assert_eq!(*user, json!({"name": "u", "password": "p4ss word", "domain": {"name": "d"}}));
    let builder = server.builder().credentials(Credentials::access_key("AK\n", "SK\r\n"));
    call(&builder.build().unwrap().into()).unwrap();
    assert!(server.seen()[2].header("authorization").unwrap().contains("Access=AK, "));
    let broken = server.builder().region("r").credentials(Credentials::password("u", "one\ntwo", "d"));
    let error = broken.build().unwrap_err();
    assert_eq!((error.kind(), error.argument()), (ErrorKind::InvalidArgument, Some("password")));
}

#[test]
fn a_missing_permission_renews_nothing() {
    let refusal = r#"{"error_code":"KOOPHONE.API.1001","error_msg":"no permission for the instance"}"#;
    let server = Canned::new(move |seen| match seen.path.as_str() {
        LOGIN => token(1, Duration::from_secs(86_400)),
        _ => Reply::status(401, refusal),
    });
    let client: Client =
        server.builder().region("r").credentials(Credentials::password("u", "p", "d")).build().unwrap().into();
    assert_eq!(call(&client).unwrap_err().kind(), ErrorKind::PermissionDenied);
    assert_eq!(server.seen().len(), 2);
}

fn directory(name: &str) -> PathBuf {
    let directory = std::env::temp_dir().join(format!("koophone-auth-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&directory);
    directory
}

#[test]
fn clients_with_a_disk_cache_log_in_once_and_a_dead_token_is_replaced_in_it() {
    let good = Arc::new(Mutex::new("token-1".to_owned()));
    let accepted = good.clone();
    let service = Service::new(Duration::from_secs(86_400), move |token| token == *accepted.lock().unwrap());
    let directory = directory("disk");
    let client =
        || -> Client { service.builder().setting("token_cache", directory.to_str().unwrap()).build().unwrap().into() };
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| call(&client()).unwrap());
        }
    });
    assert_eq!(service.logins(), 1);
    // A password change invalidates the token before it expires: no process may continue with the copy on disk.
    *good.lock().unwrap() = "token-2".into();
    call(&client()).unwrap();
    call(&client()).unwrap();
    assert_eq!(service.logins(), 2);
    for file in std::fs::read_dir(&directory).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        assert!(!text.contains("p4ss"));
    }
}

#[test]
fn a_cache_that_cannot_be_locked_costs_a_warning_and_no_time() {
    let in_the_way = directory("in-the-way");
    std::fs::write(&in_the_way, "").unwrap();
    let elsewhere = if cfg!(target_os = "linux") { &["/proc/koophone", "/dev/null/koophone"][..] } else { &[] };
    for cache in [in_the_way.to_str().unwrap()].iter().chain(elsewhere) {
        let service = Service::new(Duration::from_nanos(1), |_| true);
        let warnings = Arc::new(AtomicU64::new(0));
        let counter = warnings.clone();
        let log = move |record: &koophone::LogRecord| {
            let ours = record.message.contains("token cache");
            counter.fetch_add(ours.into(), Ordering::SeqCst);
        };
        let builder = service.builder().setting("token_cache", *cache).log(koophone::LogLevel::Warn, log);
        // Much shorter than the wait for another process's login.
        let client: Client = builder.timeout(Duration::from_secs(10)).build().unwrap().into();
        call(&client).unwrap();
        call(&client).unwrap();
        assert_eq!((service.logins(), warnings.load(Ordering::SeqCst)), (2, 1), "{cache}");
    }
}

/// Starts a process that locks a file, and returns its id. It must be killed.
#[cfg(target_os = "linux")]
fn holder_of(path: &std::path::Path) -> libc::pid_t {
    use std::os::fd::AsRawFd;
    let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    let (mut ready, their_end) = std::io::pipe().unwrap();
    // SAFETY: the child makes only plain system calls on its own values; an alarm ends it should the test fail.
    unsafe {
        let pid = libc::fork();
        assert!(pid >= 0);
        if pid == 0 {
            libc::alarm(60);
            let mut range: libc::flock = std::mem::zeroed();
            range.l_type = libc::F_WRLCK as libc::c_short;
            libc::fcntl(file.as_raw_fd(), libc::F_SETLKW, &range);
            libc::write(their_end.as_raw_fd(), [0u8].as_ptr().cast(), 1);
            libc::pause();
            libc::_exit(0);
        }
        drop(their_end);
        std::io::Read::read_exact(&mut ready, &mut [0]).unwrap();
        pid
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_lock_that_nobody_releases_costs_a_warning_and_half_of_the_time() {
    let directory = directory("stuck");
    let service = Service::new(Duration::from_nanos(1), |_| true);
    let warnings = Arc::new(AtomicU64::new(0));
    let counter = warnings.clone();
    let log = move |record: &koophone::LogRecord| {
        let ours = record.message.contains("keeps the token cache locked");
        counter.fetch_add(ours.into(), Ordering::SeqCst);
    };
    let builder = service.builder().setting("token_cache", directory.to_str().unwrap()).timeout(Duration::from_secs(4));
    let client: Client = builder.log(koophone::LogLevel::Warn, log).build().unwrap().into();
    call(&client).unwrap();
    let mut files = std::fs::read_dir(&directory).unwrap().map(|file| file.unwrap().path());
    let holder = holder_of(&files.find(|path| path.extension().is_some_and(|name| name == "lock")).unwrap());
    let begin = Instant::now();
    call(&client).unwrap();
    assert!(begin.elapsed() < Duration::from_secs(4), "{:?}", begin.elapsed());
    assert_eq!((service.logins(), warnings.load(Ordering::SeqCst)), (2, 1));
    // SAFETY: the child is ours and has not been reaped; the only pointer is to a local.
    unsafe { assert_eq!((libc::kill(holder, libc::SIGKILL), libc::waitpid(holder, &mut 0, 0)), (0, holder)) };
}

#[test]
fn another_scope_or_user_has_another_entry_in_the_cache() {
    let service = Service::new(Duration::from_secs(86_400), |_| true);
    let directory = directory("scopes");
    let login = |credentials: Credentials, region: &str| {
        let builder = service.server.builder().region(region).credentials(credentials);
        let client: Client = builder.setting("token_cache", directory.to_str().unwrap()).build().unwrap().into();
        call(&client).unwrap();
    };
    login(Credentials::password("u", "p", "d"), "cn-north-4");
    login(Credentials::password("u", "p", "d"), "cn-south-1");
    login(Credentials::password("v", "p", "d"), "cn-north-4");
    login(Credentials::password("u", "p", "d").scope(Scope::Domain).unwrap(), "cn-north-4");
    assert_eq!(service.logins(), 4);
}

/// A service whose clock is an hour ahead, and which refuses older signatures.
fn clock_service() -> Canned {
    Canned::new(|seen| {
        let now = SystemTime::now() + Duration::from_secs(3600);
        let signed: jiff::civil::DateTime =
            jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", seen.header("x-sdk-date").unwrap()).unwrap();
        let signed: SystemTime = signed.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp().into();
        let off = now.duration_since(signed).unwrap_or_else(|e| e.duration());
        let date = vec![("Date", httpdate::fmt_http_date(now))];
        if off > Duration::from_secs(900) {
            let body = br#"{"error_code":"APIGW.0301","error_msg":"Incorrect IAM authentication: signature expired"}"#;
            return Reply(401, date, body.to_vec());
        }
        match seen.path.as_str() {
            "/v3/projects?name=cn-north-4" => Reply(200, date, br#"{"projects":[{"id":"the-project"}]}"#.to_vec()),
            _ => Reply(200, date, OK.into()),
        }
    })
}

#[test]
fn a_wrong_clock_is_corrected_once_and_remembered() {
    let server = clock_service();
    let client: Client = server.builder().credentials(Credentials::access_key("AK", "SK")).build().unwrap().into();
    call(&client).unwrap();
    call(&client).unwrap();
    assert_eq!(server.seen().len(), 3);
}

#[test]
fn the_project_of_a_region_is_looked_up_once_even_with_a_wrong_clock() {
    let server = clock_service();
    let client: Client =
        server.builder().region("cn-north-4").credentials(Credentials::access_key("AK", "SK")).build().unwrap().into();
    call(&client).unwrap();
    call(&client).unwrap();
    let project = |seen: &Seen| seen.header("x-project-id").map(str::to_owned);
    let seen = server.seen();
    let projects: Vec<_> = seen.iter().map(project).collect();
    let the = || Some("the-project".to_owned());
    assert_eq!(projects, [None, None, the(), the()]);
}

#[test]
fn several_projects_or_none_are_named_and_none_is_created() {
    for (projects, expected) in
        [(json!([]), "no project for region"), (json!([{"id": "p1"}, {"id": "p2"}]), "the projects p1, p2")]
    {
        let server = Canned::always(Reply::ok(json!({"projects": projects}).to_string()));
        let builder = server.builder().region("cn-north-4").credentials(Credentials::access_key("AK", "SK"));
        let error = call(&builder.build().unwrap().into()).unwrap_err();
        assert_eq!((error.kind(), error.argument()), (ErrorKind::Configuration, Some("project_id")));
        assert!(error.message().contains(expected), "{error}");
        assert!(server.seen().iter().all(|seen| seen.method == "GET"));
    }
}

#[test]
fn a_wrong_secret_key_is_not_tried_again() {
    let body = r#"{"error_code":"APIGW.0301","error_msg":"verify aksk signature fail","request_id":"r"}"#;
    let server = Canned::always(Reply::status(401, body));
    let client: Client = server.builder().credentials(Credentials::access_key("AK", "SK")).build().unwrap().into();
    let error = call(&client).unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Authentication, 1));
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn the_metadata_service_ends_the_chain() {
    let metadata = Canned::new(|seen| match (seen.method.as_str(), seen.path.as_str()) {
        ("PUT", "/meta-data/latest/api/token") => Reply::ok("session"),
        ("GET", "/openstack/latest/securitykey") if seen.header("x-metadata-token") == Some("session") => Reply::ok(
            r#"{"credential":{"access":"TEMPAK","secret":"TEMPSK","securitytoken":"TEMPST","expires_at":"2099-01-01T00:00:00.000000Z"}}"#,
        ),
        _ => Reply::status(500, ""),
    });
    let server = Canned::always(Reply::ok(OK));
    let client: Client = server.builder().setting("metadata_endpoint", metadata.url()).build().unwrap().into();
    call(&client).unwrap();
    let seen = &server.seen()[0];
    assert!(seen.header("authorization").unwrap().contains("Access=TEMPAK"));
    assert_eq!(seen.header("x-security-token"), Some("TEMPST"));
    assert_eq!(client.login().unwrap().source, "metadata");
    assert_eq!(metadata.seen().len(), 2);
}

#[test]
fn an_older_metadata_service_has_no_session_tokens_and_an_absent_one_is_listed_in_the_error() {
    let metadata = Canned::new(|seen| match seen.method.as_str() {
        "PUT" => Reply::status(404, ""),
        _ => Reply::ok(r#"{"credential":{"access":"A","secret":"S","securitytoken":"T"}}"#),
    });
    let server = Canned::always(Reply::ok(OK));
    let client: Client = server.builder().setting("metadata_endpoint", metadata.url()).build().unwrap().into();
    call(&client).unwrap();

    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let builder = server.builder().setting("metadata_endpoint", format!("http://{closed}"));
    let error = call(&builder.build().unwrap().into()).unwrap_err();
    assert_eq!((error.kind(), error.argument()), (ErrorKind::Configuration, Some("credentials")));
    for place in ["environment", "profile file", "metadata service: not reachable"] {
        assert!(error.message().contains(place), "{error}");
    }
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn an_identity_service_that_throttles_is_asked_again_after_the_requested_pause() {
    let times = Arc::new(Mutex::new(Vec::new()));
    let log = times.clone();
    let server = Canned::new(move |seen| {
        if seen.path != LOGIN {
            return Reply::ok(OK);
        }
        let mut log = log.lock().unwrap();
        log.push(Instant::now());
        match log.len() {
            1 => {
                let body =
                    r#"{"error":{"code":429,"message":"The throttling threshold has been reached","title":"x"}}"#;
                Reply(429, vec![("retry-after", "1".into())], body.into())
            }
            _ => token(1, Duration::from_secs(86_400)),
        }
    });
    let builder = server.builder().region("r").credentials(Credentials::password("u", "p", "d"));
    // One attempt is enough: throttled ones do not count.
    let client: Client = builder.setting("max_attempts", "1").build().unwrap().into();
    std::thread::scope(|scope| {
        let callers: Vec<_> = (0..50).map(|_| scope.spawn(|| call(&client))).collect();
        callers.into_iter().for_each(|caller| caller.join().unwrap().unwrap());
    });
    let times = times.lock().unwrap();
    assert_eq!(times.len(), 2);
    assert!(times[1] - times[0] >= Duration::from_secs(1), "{:?}", times[1] - times[0]);
}

#[test]
fn refused_logins_are_final_and_failed_ones_are_retried_like_any_request() {
    for status in [400, 401, 403] {
        let server = Canned::always(Reply::status(status, r#"{"error":{"code":0,"message":"no","title":"no"}}"#));
        let builder = server.builder().region("r").credentials(Credentials::password("u", "p", "d"));
        call(&builder.build().unwrap().into()).unwrap_err();
        assert_eq!(server.seen().len(), 1, "{status}");
    }
    let server = Canned::always(Reply::status(500, r#"{"error":{"code":500,"message":"no","title":"no"}}"#));
    let builder = server.builder().region("r").credentials(Credentials::password("u", "p", "d"));
    let client: Client = builder.build().unwrap().into();
    call(&client).unwrap_err();
    assert_eq!(server.seen().len(), 3);
}

#[test]
fn a_login_is_retried_after_an_outage_but_not_past_the_deadline() {
    let outage = Reply::status(503, r#"{"error":{"code":503,"message":"later","title":"Unavailable"}}"#);
    let server = Canned::in_turn(vec![outage.clone(), token(1, Duration::from_secs(86_400)), Reply::ok(OK)]);
    let builder = server.builder().region("r").credentials(Credentials::password("u", "p", "d"));
    call(&builder.build().unwrap().into()).unwrap();
    assert_eq!(server.seen().len(), 3);

    let Reply(status, _, body) = outage;
    let server = Canned::always(Reply(status, vec![("retry-after", "60".into())], body));
    let builder = server.builder().region("r").credentials(Credentials::password("u", "p", "d"));
    let client: Client = builder.timeout(Duration::from_secs(20)).build().unwrap().into();
    let begin = Instant::now();
    assert_eq!(call(&client).unwrap_err().kind(), ErrorKind::Unavailable);
    assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
    assert_eq!(server.seen().len(), 1);
}
