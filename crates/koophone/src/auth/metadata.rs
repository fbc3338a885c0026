//! The metadata service of a cloud server (ECS): temporary access keys of the server's agency (委托).

use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::Value;
use tokio::time::Instant;
use url::Url;

use super::credentials::AccessKey;
use crate::http::{Http, HttpRequest, HttpResponse, HttpSettings};
use crate::model::{Result, Secret};
use crate::settings::proxy::Proxy;
use crate::wire::json;

/// The link-local address of every cloud server; it never leaves the machine's own network.
const ADDRESS: &str = "http://169.254.169.254";
/// The limit for connecting: where there is no such service, nothing responds.
const CONNECT_LIMIT: Duration = Duration::from_secs(1);
/// The limit of all requests together; on a busy machine a response takes its time.
const LIMIT: Duration = Duration::from_secs(3);
/// After a response that session tokens are not supported, none is requested for this long.
const NO_TOKENS_FOR: Duration = Duration::from_secs(24 * 3600);

/// Fetches keys.
pub(crate) struct MetadataService {
    http: Http,
    address: Url,
    without_tokens_until: Mutex<Option<Instant>>,
}

/// A temporary key.
pub(crate) struct TemporaryKey {
    pub key: AccessKey,
    pub life: Option<Duration>,
}

impl MetadataService {
    pub fn new(address: Option<Url>) -> Result<Self> {
        let address = address.unwrap_or_else(|| Url::parse(ADDRESS).expect("a valid constant"));
        let http = Http::new(HttpSettings {
            connect_timeout: CONNECT_LIMIT,
            attempt_timeout: LIMIT,
            max_response_bytes: 1 << 20,
            max_connections: 4,
            // A proxy would reach the metadata service of its own machine.
            proxy: Proxy::None,
            ca_file: None,
            user_agent: concat!("koophone/", env!("CARGO_PKG_VERSION")).into(),
            tls: address.scheme() == "https",
            counters: Default::default(),
        })?;
        Ok(Self { http, address, without_tokens_until: Mutex::new(None) })
    }

    /// A fresh key, or why there is none.
    pub async fn key(&self) -> Result<TemporaryKey, String> {
        let deadline = Instant::now() + LIMIT;
        let token = self.session_token(deadline).await?;
        let mut response = self.security_key(token.as_ref(), deadline).await?;
        if response.status == 401 && !String::from_utf8_lossy(&response.body).contains("configure Cloud Service Agency")
        {
            // The session token is stale; a fresh one is requested once.
            let token = self.session_token(deadline).await?;
            response = self.security_key(token.as_ref(), deadline).await?;
        }
        if !response.is_success() {
            return Err(format!("the server has no agency that issues keys (HTTP {})", response.status));
        }
        let found = read_key(&response).ok_or("the response contains no key")?;
        if found.life == Some(Duration::ZERO) {
            return Err("the key that it returned has expired".into());
        }
        Ok(found)
    }

    async fn session_token(&self, deadline: Instant) -> Result<Option<HeaderValue>, String> {
        let without = *self.without_tokens_until.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if without.is_some_and(|until| Instant::now() < until) {
            return Ok(None);
        }
        let life = (HeaderName::from_static("x-metadata-token-ttl-seconds"), HeaderValue::from_static("21600"));
        let response = self.ask(Method::PUT, "/meta-data/latest/api/token", [life], deadline).await?;
        match response.status {
            200 => {
                let mut token = HeaderValue::from_bytes(response.body.trim_ascii())
                    .map_err(|_| "the session token is not valid text".to_owned())?;
                token.set_sensitive(true);
                Ok(Some(token))
            }
            404 | 405 | 503 => {
                let mut without = self.without_tokens_until.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                *without = Some(Instant::now() + NO_TOKENS_FOR);
                Ok(None)
            }
            status => Err(format!("no session token (HTTP {status})")),
        }
    }

    async fn security_key(&self, token: Option<&HeaderValue>, deadline: Instant) -> Result<HttpResponse, String> {
        let token = token.map(|token| (HeaderName::from_static("x-metadata-token"), token.clone()));
        self.ask(Method::GET, "/openstack/latest/securitykey", token, deadline).await
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: impl IntoIterator<Item = (HeaderName, HeaderValue)>,
        deadline: Instant,
    ) -> Result<HttpResponse, String> {
        let mut url = self.address.clone();
        url.set_path(path);
        let headers = HeaderMap::from_iter(headers);
        let request = HttpRequest { method, url: url.into(), headers, body: Default::default() };
        self.http.send(&request, Some(deadline)).await.map_err(|fault| match fault.causes.last() {
            Some(cause) => format!("not reachable ({cause})"),
            None => "no response in time".to_owned(),
        })
    }
}

/// Reads the key under any of the spellings in use.
fn read_key(response: &HttpResponse) -> Option<TemporaryKey> {
    let body: Value = json::from_bytes(&response.body).ok()?;
    let object = body.get("credential").or_else(|| body.get("credentials"))?;
    let text = |names: [&str; 3]| names.iter().find_map(|name| object.get(*name)?.as_str());
    let id = text(["access", "accessKeyId", "access_key_id"])?.to_owned();
    let secret = Secret::new(text(["secret", "secretAccessKey", "secret_access_key"])?);
    let security_token = text(["securitytoken", "securityToken", "security_token"]).map(Secret::new);
    let end = text(["expires_at", "expiration", "expiresAt"]).and_then(|end| humantime::parse_rfc3339(end).ok());
    let now = super::clock::server_time(response).unwrap_or_else(SystemTime::now);
    let life = end.map(|end| end.duration_since(now).unwrap_or_default());
    Some(TemporaryKey { key: AccessKey { id, secret, security_token }, life })
}
