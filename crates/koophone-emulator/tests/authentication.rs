//! Both kinds of authentication, and all reasons for a refusal.

mod support;

use std::time::Duration;

use koophone_emulator::{Emulator, Quirk, signature};
use serde_json::{Value, json};
use support::{Response, Session, login, login_body, project_scope, send};

fn emulator() -> Emulator {
    Emulator::builder().phones(1).manual_clock().start().unwrap()
}

fn status_with(emulator: &Emulator, headers: &[(&str, &str)]) -> Response {
    let body = json!({"instance_ids": emulator.instance_ids()}).to_string();
    send(emulator.endpoint(), "POST", "/v1/instances/batch-query-status", headers, &body)
}

fn token_for(emulator: &Emulator, scope: Value) -> Response {
    send(
        emulator.endpoint(),
        "POST",
        "/v3/auth/tokens",
        &[],
        &login_body(emulator, &emulator.credentials().password, scope),
    )
}

/// A signed request; `change` may change the headers after they were signed.
struct Signed<'a> {
    emulator: &'a Emulator,
    access_key: &'a str,
    secret_key: &'a str,
    date: &'a str,
    extra: &'a [(&'a str, &'a str)],
    scope: Option<&'a str>,
}

impl<'a> Signed<'a> {
    fn new(emulator: &'a Emulator) -> Self {
        let credentials = emulator.credentials();
        Self {
            emulator,
            access_key: &credentials.access_key,
            secret_key: &credentials.secret_key,
            date: "20260101T000000Z",
            extra: &[],
            scope: None,
        }
    }

    fn send(&self, method: &str, target: &str, body: &str) -> Response {
        let host = self.emulator.endpoint().strip_prefix("http://").unwrap();
        let mut headers = vec![("Host", host), ("X-Sdk-Date", self.date)];
        headers.extend(self.extra);
        let names: Vec<String> = headers.iter().map(|(name, _)| name.to_lowercase()).collect();
        let owned: Vec<(String, String)> =
            headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let canonical = signature::canonical_request(method, target, &owned, body.as_bytes(), &names);
        let (access_key, names) = (self.access_key, names.join(";"));
        let authorization = match self.scope {
            None => {
                let signature = signature::sign(&canonical, self.date, self.secret_key);
                format!("SDK-HMAC-SHA256 Access={access_key}, SignedHeaders={names}, Signature={signature}")
            }
            Some(scope) => {
                let signature = signature::sign_derived(&canonical, self.date, scope, access_key, self.secret_key);
                format!("V11-HMAC-SHA256 Credential={access_key}/{scope}, SignedHeaders={names}, Signature={signature}")
            }
        };
        headers.push(("Authorization", &authorization));
        send(self.emulator.endpoint(), method, target, &headers[1..], body)
    }

    fn status(&self) -> Response {
        let body = json!({"instance_ids": self.emulator.instance_ids()}).to_string();
        self.send("POST", "/v1/instances/batch-query-status", &body)
    }
}

fn refused(response: &Response, code: &str, words: &str) {
    let text = response.text();
    assert_eq!((response.status, response.code().as_str()), (401, code), "{text}");
    assert!(text.contains(words), "{words}: {text}");
    assert!(response.json()["request_id"].is_string());
}

#[test]
fn a_token_response_has_iams_format() {
    let emulator = emulator();
    let response = token_for(&emulator, project_scope(&emulator));
    assert_eq!(response.status, 201);
    assert!(response.header("x-iam-trace-id").is_some());
    let token = &response.json()["token"];
    assert_eq!(token["issued_at"], "2026-01-01T00:00:00.000000Z");
    assert_eq!(token["expires_at"], "2026-01-02T00:00:00.000000Z");
    assert_eq!(token["methods"], json!(["password"]));
    assert_eq!(token["project"]["id"], emulator.credentials().project_id);
    assert_eq!(token["user"]["name"], emulator.credentials().user);
    assert!(!token["catalog"].as_array().unwrap().is_empty());
    let body = login_body(&emulator, &emulator.credentials().password, project_scope(&emulator));
    let short = send(emulator.endpoint(), "POST", "/v3/auth/tokens?nocatalog=1", &[], &body);
    assert_eq!(short.json()["token"]["catalog"], json!([]));
}

#[test]
fn tokens_are_checked() {
    let session = Session::new(emulator());
    let emulator = &session.emulator;
    assert_eq!(status_with(emulator, &[("x-auth-TOKEN", &session.token)]).code(), "0");
    refused(&status_with(emulator, &[]), "APIGW.0301", "x-auth-token not found");
    refused(&status_with(emulator, &[("X-Auth-Token", "nonsense")]), "APIGW.0301", "decrypt token fail");
    // An old token stays valid after a new one was issued.
    let newer = login(emulator);
    assert_ne!(newer, session.token);
    assert_eq!(status_with(emulator, &[("X-Auth-Token", &session.token)]).code(), "0");
    emulator.advance(Duration::from_secs(24 * 60 * 60));
    refused(&status_with(emulator, &[("X-Auth-Token", &newer)]), "APIGW.0307", "The token must be updated.");
    let fresh = login(emulator);
    emulator.expire_tokens();
    refused(&status_with(emulator, &[("X-Auth-Token", &fresh)]), "APIGW.0307", "The token must be updated.");
}

#[test]
fn a_token_has_the_requested_scope() {
    let emulator = Emulator::builder()
        .phones(1)
        .options(|options| options.other_projects = vec!["cn-east-3".into()])
        .start()
        .unwrap();
    let domain = json!({"name": emulator.credentials().account_domain});
    let use_of = |scope: Value| {
        let response = token_for(&emulator, scope);
        let token =
            response.header("x-subject-token").map(str::to_owned).unwrap_or_else(|| panic!("{}", response.text()));
        status_with(&emulator, &[("X-Auth-Token", &token)])
    };
    assert_eq!(use_of(json!({"project": {"id": emulator.credentials().project_id}})).code(), "0");
    assert_eq!(use_of(json!({"project": {"name": "cn-north-4"}, "domain": domain})).code(), "0", "project wins");
    refused(&use_of(json!({"domain": domain})), "APIGW.0301", "not project-scoped");
    refused(&use_of(json!({})), "APIGW.0301", "not project-scoped");
    refused(&use_of(json!({"project": {"name": "cn-east-3"}})), "APIGW.0307", "must be updated");
    for (scope, status) in [
        (json!({"project": {"name": "nowhere"}}), 404),
        (json!({"project": {"id": "nowhere"}}), 404),
        (json!({"domain": {"name": "nobody"}}), 404),
        (json!({"project": {}}), 400),
    ] {
        let response = token_for(&emulator, scope);
        assert_eq!((response.status, response.json()["error"]["code"].as_u64()), (status, Some(u64::from(status))));
    }
}

#[test]
fn wrong_passwords_lock_the_user() {
    let emulator = Emulator::builder()
        .manual_clock()
        .options(|options| {
            options.password_attempts = 2;
            options.password_lock_seconds = 60;
        })
        .start()
        .unwrap();
    let try_with = |password: &str| {
        let body = login_body(&emulator, password, project_scope(&emulator));
        send(emulator.endpoint(), "POST", "/v3/auth/tokens", &[], &body)
    };
    let good = emulator.credentials().password.clone();
    let wrong = try_with("wrong");
    let expected =
        json!({"error": {"message": "The username or password is wrong.", "code": 401, "title": "Unauthorized"}});
    assert_eq!((wrong.status, wrong.json()), (401, expected));
    assert_eq!(try_with(&good).status, 201, "one wrong password does no harm");
    assert_eq!((try_with("wrong").status, try_with("wrong").status), (401, 401));
    let locked = try_with(&good);
    assert_eq!(locked.status, 401);
    assert!(locked.text().contains("locked"));
    emulator.advance(Duration::from_secs(60));
    assert_eq!(try_with(&good).status, 201);
}

#[test]
fn bad_logins_are_bad_requests() {
    let emulator = emulator();
    for body in [
        "",
        "[]",
        "{",
        r#"{"auth":{"identity":{"methods":["totp"]}}}"#,
        r#"{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":1}}}}}"#,
    ] {
        let response = send(emulator.endpoint(), "POST", "/v3/auth/tokens", &[], body);
        assert_eq!((response.status, response.json()["error"]["title"].as_str()), (400, Some("Bad Request")), "{body}");
    }
}

#[test]
fn projects_and_domains_can_be_looked_up() {
    let emulator = Emulator::builder()
        .manual_clock()
        .options(|options| options.other_projects = vec!["a b".into(), "a b".into()])
        .start()
        .unwrap();
    let token = login(&emulator);
    let get = |target: &str| send(emulator.endpoint(), "GET", target, &[("X-Auth-Token", &token)], "");
    let project = get("/v3/projects?name=cn-north-4").json();
    assert_eq!(project["projects"][0]["id"], emulator.credentials().project_id);
    let count = |target: &str| get(target).json()["projects"].as_array().unwrap().len();
    assert_eq!((count("/v3/projects?name=none"), count("/v3/projects?name=a%20b")), (0, 2));
    assert_eq!((count("/v3/projects"), count("/v3/auth/projects")), (3, 3));
    assert_eq!(get("/v3/auth/domains").json()["domains"][0]["name"], emulator.credentials().account_domain);
    assert_eq!(Signed::new(&emulator).send("GET", "/v3/projects?name=cn-north-4", "").json(), project);
    let nobody = send(emulator.endpoint(), "GET", "/v3/projects", &[], "");
    assert_eq!((nobody.status, nobody.json()["error"]["code"].as_u64()), (401, Some(401)));
    let stranger = Signed { access_key: "STRANGER", ..Signed::new(&emulator) }.send("GET", "/v3/auth/projects", "");
    refused(&stranger, "APIGW.0301", "ak STRANGER not exist");
}

#[test]
fn signatures_are_checked() {
    let emulator = emulator();
    assert_eq!(Signed::new(&emulator).status().code(), "0");
    let project = emulator.credentials().project_id.clone();
    assert_eq!(Signed { extra: &[("X-Project-Id", &project)], ..Signed::new(&emulator) }.status().code(), "0");
    let other = Signed { extra: &[("X-Project-Id", "other")], ..Signed::new(&emulator) }.status();
    assert_eq!((other.status, other.code().as_str()), (200, "KOOPHONE.API.0004"));

    let wrong = Signed { secret_key: "wrong", ..Signed::new(&emulator) }.status();
    refused(
        &wrong,
        "APIGW.0301",
        "verify aksk signature fail, canonicalRequest:POST|/v1/instances/batch-query-status/||host:",
    );
    let late = Signed { date: "20260101T001501Z", ..Signed::new(&emulator) }.status();
    refused(&late, "APIGW.0301", "signature expired");
    assert_eq!(Signed { date: "20251231T234501Z", ..Signed::new(&emulator) }.status().code(), "0", "within 15 minutes");
    refused(&Signed { date: "today", ..Signed::new(&emulator) }.status(), "APIGW.0301", "malformed");
    for header in
        ["", "Basic abc", "SDK-HMAC-SHA256 Access=x", "SDK-HMAC-SHA256 Access=x, SignedHeaders=a, Signature=b, More=c"]
    {
        assert_eq!(status_with(&emulator, &[("Authorization", header)]).status, 401, "{header}");
    }
    // The date must be one of the signed headers.
    let header =
        format!("SDK-HMAC-SHA256 Access={}, SignedHeaders=host, Signature=00", emulator.credentials().access_key);
    refused(
        &status_with(&emulator, &[("Authorization", &header), ("X-Sdk-Date", "20260101T000000Z")]),
        "APIGW.0301",
        "verify",
    );
}

#[test]
fn failed_signatures_lock_the_access_key() {
    let emulator = emulator();
    for _ in 0..5 {
        refused(&Signed { secret_key: "wrong", ..Signed::new(&emulator) }.status(), "APIGW.0301", "verify");
    }
    assert_eq!(Signed::new(&emulator).status().code(), "0", "a valid one resets the count");
    for _ in 0..6 {
        refused(&Signed { secret_key: "wrong", ..Signed::new(&emulator) }.status(), "APIGW.0301", "verify");
    }
    refused(&Signed::new(&emulator).status(), "APIGW.0301", "AK access failed to reach the limit,forbidden");
    emulator.advance(Duration::from_secs(300));
    assert_eq!(Signed { date: "20260101T000500Z", ..Signed::new(&emulator) }.status().code(), "0");
}

#[test]
fn a_temporary_key_needs_its_token() {
    let emulator = Emulator::builder()
        .phones(1)
        .manual_clock()
        .options(|options| options.security_token = Some("st".into()))
        .start()
        .unwrap();
    assert_eq!(emulator.credentials().security_token.as_deref(), Some("st"));
    assert_eq!(Signed { extra: &[("X-Security-Token", "st")], ..Signed::new(&emulator) }.status().code(), "0");
    for extra in [&[][..], &[("X-Security-Token", "other")]] {
        refused(&Signed { extra, ..Signed::new(&emulator) }.status(), "APIGW.0301", "Get secretKey failed");
    }
}

#[test]
fn the_services_clock_may_be_wrong() {
    let emulator = Emulator::builder().phones(1).manual_clock().skew_ms(3_600_000).start().unwrap();
    let response = Signed::new(&emulator).status();
    refused(&response, "APIGW.0301", "signature expired");
    assert_eq!(response.header("date"), Some("Thu, 01 Jan 2026 01:00:00 GMT"));
    assert_eq!(Signed { date: "20260101T010000Z", ..Signed::new(&emulator) }.status().code(), "0");
    let token = token_for(&emulator, project_scope(&emulator));
    assert_eq!(token.json()["token"]["issued_at"], "2026-01-01T01:00:00.000000Z");
}

#[test]
fn quirks_change_the_authentication() {
    let emulator =
        Emulator::builder().phones(1).quirk(Quirk::DomainTokensAccepted).quirk(Quirk::ReadOnlyUser).start().unwrap();
    let scope = json!({"domain": {"name": emulator.credentials().account_domain}});
    let token = token_for(&emulator, scope).header("x-subject-token").unwrap().to_owned();
    let response = status_with(&emulator, &[("X-Auth-Token", &token)]);
    assert_eq!((response.status, response.code().as_str()), (403, "APIGW.0302"));
    let task = send(emulator.endpoint(), "GET", "/v1/instances/tasks/x", &[("X-Auth-Token", &token)], "");
    assert_eq!(task.code(), "KOOPHONE.API.1323", "reading is allowed");
}

#[test]
fn derived_keys_are_for_a_day_a_region_and_the_service() {
    let emulator =
        Emulator::builder().manual_clock().options(|options| options.access_key_attempts = 100).start().unwrap();
    let signed = |scope| Signed { scope: Some(scope), ..Signed::new(&emulator) };
    for scope in ["20260101/cn-north-4/koophone", "20260101/globe/koophone"] {
        let response = signed(scope).status();
        assert_eq!((response.status, response.code().as_str()), (200, "0"), "{scope}");
    }
    for scope in ["20260102/cn-north-4/koophone", "20260101/cn-south-1/koophone", "20260101/cn-north-4/vpc", "x"] {
        refused(&signed(scope).status(), "APIGW.0301", "the scope");
    }
    let wrong = Signed { secret_key: "wrong", ..signed("20260101/cn-north-4/koophone") };
    refused(&wrong.status(), "APIGW.0301", "canonicalRequest");
}

#[test]
fn an_algorithm_that_is_not_supported_is_named() {
    let emulator = Emulator::builder().start().unwrap();
    let headers = [("Authorization", "SDK-HMAC-SM3 Access=a, SignedHeaders=host, Signature=0")];
    let response = send(emulator.endpoint(), "POST", "/v1/instances/batch-query-status", &headers, "{}");
    refused(&response, "APIGW.0301", "the algorithm SDK-HMAC-SM3 is not supported");
}
