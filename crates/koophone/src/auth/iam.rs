//! The identity service (统一身份认证服务): tokens by password, and the project of a region.

use std::time::{Duration, SystemTime};

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;
use tracing::Instrument;
use zeroize::Zeroizing;

use super::AuthSettings;
use super::clock::server_time;
use super::credentials::{PasswordLogin, Scope};
use crate::http::{Http, HttpRequest, HttpResponse};
use crate::model::{Error, ErrorKind, Identity, Operation, Result};
use crate::outcome::{self, Failure, Next};
use crate::spans;
use crate::wire::redact::redact;
use crate::wire::{envelope, json};

// A second token does not invalidate the first.
const CREATE_TOKEN: Operation =
    Operation::auxiliary("create_token", "the login at the identity service", Method::POST, "/v3/auth/tokens");

const LIST_PROJECTS: Operation =
    Operation::auxiliary("list_projects", "the project lookup at the identity service", Method::GET, "/v3/projects");

/// A fresh token.
pub(crate) struct Issued {
    pub token: Zeroizing<String>,
    pub life: Option<Duration>,
    pub identity: Identity,
}

/// Logs in (docs/spec/wire-notes.md#51 to #53). A refused password is never sent again: that would lock the account.
pub(crate) async fn create_token(
    http: &Http,
    settings: &AuthSettings,
    login: &PasswordLogin,
    deadline: Option<Instant>,
) -> Result<Issued> {
    let mut url = settings.iam_endpoint.clone();
    url.set_path(CREATE_TOKEN.path);
    // Without the catalogue of all services, which is not used.
    url.set_query(Some("nocatalog=true"));
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json;charset=utf8"))]);
    let body = login_body(login, settings)?;
    let request = HttpRequest { method: CREATE_TOKEN.method, url: url.into(), headers, body };
    let asked = ask(http, &CREATE_TOKEN, settings, deadline, || Ok(request.clone()), |_, _| false).await;
    let response = asked.map_err(|error| {
        let mut error = error;
        let details = error.details_mut();
        redact(details, [login.password.expose()]);
        if details.http_status == Some(403) {
            details.kind = ErrorKind::Authentication;
        }
        if details.kind == ErrorKind::Authentication {
            details.message.push_str(&format!(
                " (IAM user {:?} of account {:?}); check them before you try again, because failed logins lock the \
                    account",
                login.username, login.domain
            ));
        }
        error
    })?;
    let Some(token) = response.header("x-subject-token").filter(|token| !token.is_empty()) else {
        let message = "the identity service accepted the login but returned no X-Subject-Token; is iam_endpoint the \
            identity service?";
        return Err(Error::new(ErrorKind::Protocol, message).with(|d| d.http_status = Some(response.status)));
    };
    let described: TokenResponse = json::leniently(&response.body).unwrap_or_default();
    let life = described.life(&response);
    if life == Some(Duration::ZERO) {
        let message =
            "the identity service issued a token that has already expired: its expires_at is not after its issued_at";
        return Err(Error::new(ErrorKind::Protocol, message).with(|d| d.http_status = Some(response.status)));
    }
    Ok(Issued { token: Zeroizing::new(token.to_owned()), life, identity: described.identity() })
}

fn login_body(login: &PasswordLogin, settings: &AuthSettings) -> Result<bytes::Bytes> {
    let scope = match (login.scope, &settings.project_id, &settings.region) {
        (Scope::Project, Some(id), _) => json!({"project": {"id": id}}),
        // The project of a region has the region's name.
        (Scope::Project, None, Some(region)) => json!({"project": {"name": region}}),
        (Scope::Project, None, None) => return Err(no_project()),
        (Scope::Domain, ..) => json!({"domain": {"name": login.domain}}),
    };
    let user = json!({
        "name": login.username, "password": login.password.expose(), "domain": {"name": login.domain},
    });
    let mut body = json!({"auth": {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": scope}});
    let text =
        serde_json::to_vec(&body).map_err(|e| Error::internal("the login cannot be encoded as JSON").caused_by(&e));
    wipe(&mut body["auth"]["identity"]["password"]["user"]["password"]);
    // The bytes are wiped when the last copy of the request is gone.
    Ok(bytes::Bytes::from_owner(Zeroizing::new(text?)))
}

/// The error when a password's token has no project.
pub(crate) fn no_project() -> Error {
    Error::configuration(
        "region",
        "a login needs a project: set region (for example cn-north-4) or project_id, or request a token for the whole \
            account (scope domain)",
    )
}

fn wipe(value: &mut Value) {
    if let Value::String(text) = value {
        zeroize::Zeroize::zeroize(text);
    }
}

/// The body of the response to a login. The token itself is in a header.
#[derive(Default, Deserialize)]
struct TokenResponse {
    #[serde(default)]
    token: Described,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Described {
    issued_at: Option<String>,
    expires_at: Option<String>,
    user: Named,
    project: Named,
    domain: Named,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Named {
    id: Option<String>,
    name: Option<String>,
    domain: Option<Box<Named>>,
}

impl TokenResponse {
    /// docs/spec/wire-notes.md#54: start and end are both the server's times, so a wrong local clock does not matter.
    fn life(&self, response: &HttpResponse) -> Option<Duration> {
        let time = |text: &Option<String>| humantime::parse_rfc3339(text.as_deref()?).ok();
        let end = time(&self.token.expires_at)?;
        // The header has whole seconds: counting from it unchanged could make a token seem valid for a second too long.
        let response_time = || server_time(response).and_then(|date| date.checked_add(Duration::from_secs(1)));
        match time(&self.token.issued_at).or_else(response_time) {
            Some(begin) => Some(end.duration_since(begin).unwrap_or_default()),
            // Only the local clock is left: if the token has expired by that, its lifetime is unknown.
            None => end.duration_since(SystemTime::now()).ok(),
        }
    }

    fn identity(self) -> Identity {
        let Described { expires_at, user, project, domain, .. } = self.token;
        let account = user.domain.and_then(|domain| domain.name).or(domain.name);
        Identity {
            user: user.name,
            domain: account,
            project_id: project.id,
            project_name: project.name,
            expires_at,
            ..Default::default()
        }
    }
}

/// The id of the project that a region's name stands for. `sign` signs the request; `correct_clock` returns whether a
/// refusal was due to the local clock, which is then corrected.
pub(crate) async fn project_of(
    http: &Http,
    settings: &AuthSettings,
    region: &str,
    sign: impl Fn(&mut HttpRequest) -> Result<()>,
    correct_clock: impl Fn(&HttpRequest, &HttpResponse) -> bool,
    deadline: Option<Instant>,
) -> Result<String> {
    let mut url = settings.iam_endpoint.clone();
    url.set_path(LIST_PROJECTS.path);
    url.set_query(Some(&format!("name={region}")));
    let request = HttpRequest {
        method: LIST_PROJECTS.method,
        url: url.into(),
        headers: HeaderMap::new(),
        body: Default::default(),
    };
    let signed = || {
        let mut request = request.clone();
        sign(&mut request)?;
        Ok(request)
    };
    let response = ask(http, &LIST_PROJECTS, settings, deadline, signed, correct_clock).await?;
    let ids = project_ids(&response.body);
    match ids.as_slice() {
        [one] => Ok(one.clone()),
        // With several, the caller must choose; a project is never created here.
        _ => {
            let found =
                if ids.is_empty() { "no project".to_owned() } else { format!("the projects {}", ids.join(", ")) };
            let message =
                format!("the identity service has {found} for region {region:?}; check region, or set project_id");
            let trace = outcome::server_request_id(&response.headers);
            Err(Error::configuration("project_id", message).with(|details| details.server_request_id = trace))
        }
    }
}

fn project_ids(body: &[u8]) -> Vec<String> {
    let response: Value = json::leniently(body).unwrap_or_default();
    let projects = response["projects"].as_array().map(Vec::as_slice).unwrap_or_default();
    projects.iter().filter_map(|project| project["id"].as_str().map(str::to_owned)).collect()
}

/// Sends a request with retries: only what the identity service did not decide is sent again.
async fn ask(
    http: &Http,
    operation: &Operation,
    settings: &AuthSettings,
    deadline: Option<Instant>,
    request: impl Fn() -> Result<HttpRequest>,
    correct_clock: impl Fn(&HttpRequest, &HttpResponse) -> bool,
) -> Result<HttpResponse> {
    let mut retry = settings.retries.request(operation, deadline, true);
    let mut clock_corrected = false;
    loop {
        retry.turn().await?;
        let request = request()?;
        let span = spans::attempt(operation, &request.url, retry.sending());
        tracing::debug!(operation = operation.name, "sending");
        let sent = http.send(&request, deadline).instrument(span.clone()).await;
        match &sent {
            Ok(response) => tracing::debug!(operation = operation.name, status = response.status, "response"),
            Err(fault) => tracing::debug!(operation = operation.name, reason = ?fault.reason, "no response"),
        }
        let (failure, response) = match sent {
            // Without a readable body, neither the token's lifetime nor the project is known.
            Ok(response) if response.is_success() && outcome::compression(&response).is_none() => {
                spans::responded(&span, response.status, None);
                retry.succeeded();
                return Ok(response);
            }
            Ok(response) => {
                let failure = refused(operation, &response);
                spans::responded(&span, response.status, Some(failure.error.kind()));
                if failure.next == Next::RenewCredential && !clock_corrected && correct_clock(&request, &response) {
                    clock_corrected = true;
                    continue;
                }
                (failure, Some(response))
            }
            Err(fault) => {
                let failure = outcome::broken(operation, fault);
                spans::failed(&span, failure.error.kind());
                (failure, None)
            }
        };
        drop(span);
        let Some(pause) = retry.after(&failure, response.as_ref()) else { return Err(failure.error) };
        tokio::time::sleep(pause).await;
    }
}

fn refused(operation: &Operation, response: &HttpResponse) -> Failure {
    match envelope::read_error(&response.body, &[]) {
        Some(said) => outcome::refusal(operation, response, said),
        None => outcome::unusable(operation, response, "the response has no known format".into()),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use http::header::DATE;
    use url::Url;

    use super::*;
    use crate::retry::Retries;

    // docs/spec/wire-notes.md#52
    #[test]
    fn the_project_wins_and_its_name_is_the_regions() {
        let settings = |region: Option<&str>, project_id: Option<&str>| AuthSettings {
            endpoint: Url::parse("https://koophone.example.com").unwrap(),
            iam_endpoint: Url::parse("https://iam.example.com").unwrap(),
            region: region.map(Into::into),
            project_id: project_id.map(Into::into),
            metadata: false,
            metadata_endpoint: None,
            token_cache: None,
            retries: Retries::new(3, Duration::from_secs(1), 1, Default::default()).into(),
        };
        let mut login =
            PasswordLogin { username: "u".into(), password: "p".into(), domain: "d".into(), scope: Scope::Project };
        let body = |login: &PasswordLogin, settings: &AuthSettings| -> Value {
            serde_json::from_slice(&login_body(login, settings).unwrap()).unwrap()
        };
        let by_region = body(&login, &settings(Some("cn-north-4"), None));
        assert_eq!(by_region["auth"]["scope"], json!({"project": {"name": "cn-north-4"}}));
        assert_eq!(by_region["auth"]["identity"]["password"]["user"]["password"], "p");
        assert_eq!(body(&login, &settings(Some("x"), Some("id")))["auth"]["scope"], json!({"project": {"id": "id"}}));
        assert_eq!(login_body(&login, &settings(None, None)).unwrap_err().argument(), Some("region"));
        login.scope = Scope::Domain;
        assert_eq!(body(&login, &settings(None, None))["auth"]["scope"], json!({"domain": {"name": "d"}}));
    }

    // docs/spec/wire-notes.md#54
    #[test]
    fn life_is_measured_by_the_servers_clock() {
        let response = HttpResponse {
            status: 201,
            headers: HeaderMap::from_iter([(DATE, HeaderValue::from_static("Wed, 13 Feb 2019 06:52:03 GMT"))]).into(),
            body: Default::default(),
        };
        let described: TokenResponse = serde_json::from_str(
            r#"{"token":{"expires_at":"2019-02-13T06:52:13.855000Z","user":{"name":"u","domain":{"name":"d"}}}}"#,
        )
        .unwrap();
        assert_eq!(described.life(&response), Some(Duration::from_millis(9_855)));
        let exact = TokenResponse {
            token: Described {
                issued_at: Some("2019-02-13T06:52:03.855000Z".into()),
                expires_at: described.token.expires_at.clone(),
                ..Default::default()
            },
        };
        assert_eq!(exact.life(&response), Some(Duration::from_secs(10)));
        assert_eq!(described.identity().domain.as_deref(), Some("d"));
    }
}
