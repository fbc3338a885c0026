//! Credentials on the wire: puts a token or a signature on every request, and keeps tokens fresh.
//!
//! The token is renewed ahead of its end, by one caller at a time while the others go on with the old one. A refusal
//! that means "credential" renews it once. What is kept belongs to one process (see `per_process.rs`).

mod credentials;
mod grant;
mod iam;
mod metadata;
pub(crate) mod provider;
pub mod signing;
mod token_cache;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use futures_util::future::BoxFuture;
use http::HeaderValue;
use http::header::AUTHORIZATION;
use tokio::sync::MutexGuard;
use tokio::time::Instant;
use url::Url;
use zeroize::Zeroizing;

use self::credentials::{AccessKey, Kind, PasswordLogin};
pub use self::credentials::{CREDENTIAL_FIELDS, CredentialField, Credentials, Scope};
use self::grant::{Grant, Pass, State, token_header};
pub(crate) use self::iam::server_time;
use self::metadata::MetadataService;
use self::token_cache::TokenCache;
use crate::envelope::ServiceError;
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Http, HttpRequest, HttpResponse};
use crate::model::Identity;
use crate::per_process::PerProcess;
use crate::retry::Retries;

/// Largest body that may be signed (wire-note 55).
const MAX_SIGNED_BODY: usize = 12 << 20;
/// How long a refused log-in is not tried again: failed ones lock the account.
const REFUSAL_HOLDS: Duration = Duration::from_secs(30);
/// Clocks closer than this are not what a signature failed for.
const SKEW_WORTH_MENDING: i64 = 60;
const POLL_FOR_TURN: Duration = Duration::from_millis(20);
const LONGEST_FOR_TURN: Duration = Duration::from_secs(30);

/// What the authoriser needs to know of the settings.
#[derive(Clone, Debug)]
pub(crate) struct AuthSettings {
    pub iam_endpoint: Url,
    pub region: Option<String>,
    pub project_id: Option<String>,
    pub metadata: bool,
    /// Somewhere else than the link-local address of every cloud server.
    pub metadata_endpoint: Option<Url>,
    pub token_cache: Option<PathBuf>,
    pub retries: Arc<Retries>,
}

/// Whether a refused request is worth sending again.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Repair {
    Repeat,
    No,
}

/// Authorises requests.
pub(crate) struct Authorizer {
    source: Source,
    origin: &'static str,
    settings: AuthSettings,
    cache: Option<TokenCache>,
    /// The server's clock minus ours, in seconds.
    skew: AtomicI64,
    state: PerProcess<State>,
}

/// Where grants come from.
enum Source {
    Token(Zeroizing<String>),
    Password(PasswordLogin),
    AccessKey(AccessKey),
    Metadata { service: Box<MetadataService>, looked: Vec<String> },
}

impl Authorizer {
    /// `looked` is what the links of the chain said before the metadata service is asked.
    pub fn new(
        credentials: Credentials,
        origin: &'static str,
        settings: AuthSettings,
        looked: Vec<String>,
    ) -> Result<Self> {
        credentials.check()?;
        let mut cache = None;
        let source = match credentials.0 {
            Kind::Token(token) => Source::Token(Zeroizing::new(token.expose().to_owned())),
            Kind::AccessKey(key) => Source::AccessKey(key),
            Kind::Password(login) => {
                if login.scope == Scope::Project && settings.region.is_none() && settings.project_id.is_none() {
                    return Err(iam::no_project());
                }
                cache = settings.token_cache.as_deref().map(|directory| {
                    let scope = match login.scope {
                        Scope::Project => settings.project_id.as_deref().or(settings.region.as_deref()),
                        Scope::Domain => None,
                    };
                    let endpoint = settings.iam_endpoint.as_str();
                    TokenCache::new(directory, &[endpoint, &login.domain, &login.username, scope.unwrap_or_default()])
                });
                Source::Password(login)
            }
            Kind::Chain if settings.metadata => {
                let service = Box::new(MetadataService::new(settings.metadata_endpoint.clone())?);
                Source::Metadata { service, looked }
            }
            Kind::Chain => {
                return Err(nothing_found(&looked, "metadata service: switched off"));
            }
        };
        Ok(Self { source, origin, settings, cache, skew: AtomicI64::new(0), state: PerProcess::new() })
    }

    /// What the credential is and where it was found, in words.
    pub fn describe(&self) -> String {
        let (what, origin) = match &self.source {
            Source::Token(_) => ("a ready-made token".to_owned(), self.origin),
            Source::Password(login) => {
                (format!("the password of IAM user {:?} of account {:?}", login.username, login.domain), self.origin)
            }
            Source::AccessKey(key) => (format!("access key {}", key.id), self.origin),
            Source::Metadata { .. } => return "none so far; the metadata service will be asked".to_owned(),
        };
        match origin {
            "code" => format!("{what}, given"),
            origin => format!("{what}, found in the {origin}"),
        }
    }

    /// Whether the identity service is asked before the first call.
    pub fn asks_identity_service(&self) -> bool {
        match &self.source {
            Source::Token(_) => false,
            Source::Password(_) => true,
            Source::AccessKey(_) | Source::Metadata { .. } => {
                self.settings.project_id.is_none() && self.settings.region.is_some()
            }
        }
    }

    /// Puts the credential on a request, getting one first where necessary.
    pub async fn authorise(&self, http: &Http, request: &mut HttpRequest, deadline: Option<Instant>) -> Result<()> {
        let grant = self.grant(http, deadline).await?;
        match &grant.pass {
            Pass::Token(token) => {
                request.headers.insert("x-auth-token", token.clone());
                Ok(())
            }
            Pass::Key { key, project_id } => sign_request(request, key, project_id.as_deref(), self.server_now()),
        }
    }

    /// Makes sure that there is a grant, and says whose it is.
    pub async fn login(&self, http: &Http, deadline: Option<Instant>) -> Result<Identity> {
        Ok(self.grant(http, deadline).await?.identity.clone())
    }

    /// What to do about a refusal that means "credential": `said` are the service's words, `request` what was sent.
    pub async fn repair(&self, request: &HttpRequest, answer: &HttpResponse, said: &ServiceError) -> Repair {
        let Ok(state) = self.state() else { return Repair::No };
        let renewable = matches!(self.source, Source::Password(_) | Source::Metadata { .. });
        let Some(current) = state.current() else { return if renewable { Repair::Repeat } else { Repair::No } };
        match &current.pass {
            Pass::Token(token) => {
                let outdated = request.headers.get("x-auth-token") != Some(token);
                if outdated {
                    // Somebody else has renewed it meanwhile.
                    return Repair::Repeat;
                }
                if !renewable {
                    return Repair::No;
                }
                state.drop_current(&current);
                Repair::Repeat
            }
            Pass::Key { .. } => {
                if said.message.as_deref().is_some_and(|text| text.contains("expire"))
                    && self.mend_clock(request, answer)
                {
                    return Repair::Repeat;
                }
                if !renewable {
                    return Repair::No;
                }
                state.drop_current(&current);
                Repair::Repeat
            }
        }
    }

    /// Takes over the server's clock; false when the date that `request` was signed with is near enough to it.
    fn mend_clock(&self, request: &HttpRequest, answer: &HttpResponse) -> bool {
        let signed_at = request.headers.get("x-sdk-date").and_then(|date| signing::time_of(date.to_str().ok()?));
        let (Some(server), Some(signed_at)) = (server_time(answer), signed_at) else { return false };
        let seconds = |time: SystemTime| match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => after.as_secs().cast_signed(),
            Err(before) => -before.duration().as_secs().cast_signed(),
        };
        if (seconds(server) - seconds(signed_at)).abs() <= SKEW_WORTH_MENDING {
            return false;
        }
        let skew = seconds(server) - seconds(SystemTime::now());
        self.skew.store(skew, Ordering::Relaxed);
        tracing::warn!(seconds = skew, "this machine's clock differs from the server's; signing by the server's");
        true
    }

    fn server_now(&self) -> SystemTime {
        let skew = self.skew.load(Ordering::Relaxed);
        let by = Duration::from_secs(skew.unsigned_abs());
        let now = SystemTime::now();
        if skew < 0 { now - by } else { now + by }
    }

    fn state(&self) -> Result<&State> {
        self.state.get_or_try_init(|| Ok(State::new()), drop)
    }

    async fn grant(&self, http: &Http, deadline: Option<Instant>) -> Result<Arc<Grant>> {
        let state = self.state()?;
        let asked_at = Instant::now();
        let mut flight = match state.current() {
            Some(grant) if grant.is_fresh(asked_at) => return Ok(grant),
            // Near its end: one caller renews it, the others go on with it.
            Some(grant) if !grant.has_ended(asked_at) => match state.flight.try_lock() {
                Ok(flight) => {
                    let held = flight.as_ref().is_some_and(|(at, _)| at.elapsed() < REFUSAL_HOLDS);
                    if held {
                        return Ok(grant);
                    }
                    return Ok(self.renew(http, state, flight, deadline).await.unwrap_or_else(|error| {
                        tracing::warn!(kind = error.kind.name(), "the token could not be renewed ahead of its end");
                        grant
                    }));
                }
                Err(_) => return Ok(grant),
            },
            _ => wait_for(state.flight.lock(), deadline).await?,
        };
        // The one before us may have got it, or may have learnt why it cannot be had.
        if let Some(grant) = state.current().filter(|grant| grant.is_fresh(Instant::now())) {
            return Ok(grant);
        }
        if let Some((at, error)) = flight.as_ref() {
            let refused = error.kind == ErrorKind::Authentication && at.elapsed() < REFUSAL_HOLDS;
            if refused || *at >= asked_at {
                return Err(error.clone());
            }
        }
        *flight = None;
        self.renew(http, state, flight, deadline).await
    }

    /// In a box: the usual call has its grant already, and does not carry the room for getting one.
    fn renew<'a>(
        &'a self,
        http: &'a Http,
        state: &'a State,
        mut flight: MutexGuard<'a, Option<(Instant, Error)>>,
        deadline: Option<Instant>,
    ) -> BoxFuture<'a, Result<Arc<Grant>>> {
        Box::pin(async move {
            match self.obtain(http, state, deadline).await {
                Ok(grant) => {
                    let grant = Arc::new(grant);
                    state.replace(grant.clone());
                    *flight = None;
                    Ok(grant)
                }
                Err(error) => {
                    // Those who wait have deadlines of their own.
                    let own = matches!(error.kind, ErrorKind::Timeout | ErrorKind::Throttled);
                    *flight = (!own).then(|| (Instant::now(), error.clone()));
                    Err(error)
                }
            }
        })
    }

    async fn obtain(&self, http: &Http, state: &State, deadline: Option<Instant>) -> Result<Grant> {
        match &self.source {
            Source::Token(token) => {
                Ok(Grant::new(Pass::Token(token_header(token.clone())?), None, self.identity(Identity::default())))
            }
            Source::Password(login) => self.log_in(http, state, login, deadline).await,
            Source::AccessKey(key) => self.key_grant(http, key.clone(), None, deadline).await,
            Source::Metadata { service, looked } => {
                let found = service.key(deadline).await;
                let found = found.map_err(|why| nothing_found(looked, &format!("metadata service: {why}")))?;
                self.key_grant(http, found.key, found.life, deadline).await
            }
        }
    }

    async fn key_grant(
        &self,
        http: &Http,
        key: AccessKey,
        life: Option<Duration>,
        deadline: Option<Instant>,
    ) -> Result<Grant> {
        let project_id = match (&self.settings.project_id, &self.settings.region) {
            (Some(id), _) => Some(id.clone()),
            (None, Some(region)) => {
                let sign = |request: &mut HttpRequest| sign_request(request, &key, None, self.server_now());
                let mend = |request: &HttpRequest, answer: &HttpResponse| self.mend_clock(request, answer);
                Some(iam::project_of(http, &self.settings, region, sign, mend, deadline).await?)
            }
            (None, None) => None,
        };
        let identity = Identity {
            access_key: Some(key.id.clone()),
            project_id: project_id.clone(),
            project_name: self.settings.region.clone(),
            ..Default::default()
        };
        Ok(Grant::new(Pass::Key { key, project_id }, life, self.identity(identity)))
    }

    async fn log_in(
        &self,
        http: &Http,
        state: &State,
        login: &PasswordLogin,
        deadline: Option<Instant>,
    ) -> Result<Grant> {
        let refused = state.refused();
        let kept = || {
            let kept = self.cache.as_ref()?.load()?;
            let header = token_header(kept.token).ok()?;
            let usable = refused.as_ref() != Some(&header) && kept.life > Duration::ZERO;
            let grant = Grant::new(Pass::Token(header), Some(kept.life), self.identity(kept.identity));
            (usable && grant.is_fresh(Instant::now())).then_some(grant)
        };
        if let Some(grant) = kept() {
            return Ok(grant);
        }
        // Other processes may be about to log in as well: one does, the others read what it got.
        let started = Instant::now();
        let mut turn = self.cache.as_ref().and_then(TokenCache::try_turn);
        while self.cache.is_some() && turn.is_none() && started.elapsed() < LONGEST_FOR_TURN {
            wait_for(tokio::time::sleep(POLL_FOR_TURN), deadline).await?;
            turn = self.cache.as_ref().and_then(TokenCache::try_turn);
        }
        if let Some(grant) = kept() {
            return Ok(grant);
        }
        let issued = iam::create_token(http, &self.settings, login, deadline).await?;
        tracing::info!(life_seconds = issued.life.map(|life| life.as_secs()), "logged in");
        let identity = self.identity(issued.identity);
        if let (Some(cache), Some(life)) = (&self.cache, issued.life)
            && let Err(error) = cache.store(&issued.token, life, &identity)
        {
            tracing::warn!(%error, "the token cache cannot be written");
        }
        Ok(Grant::new(Pass::Token(token_header(issued.token)?), issued.life, identity))
    }

    fn identity(&self, identity: Identity) -> Identity {
        let method = match &self.source {
            Source::Token(_) => "token",
            Source::Password(_) => "password",
            Source::AccessKey(_) | Source::Metadata { .. } => "access_key",
        };
        Identity { method: method.into(), source: self.origin.into(), ..identity }
    }
}

/// Puts date, project and signature on a request.
pub(crate) fn sign_request(
    request: &mut HttpRequest,
    key: &AccessKey,
    project_id: Option<&str>,
    now: SystemTime,
) -> Result<()> {
    if request.body.len() > MAX_SIGNED_BODY {
        let message =
            "the request is larger than 12 MB, which a signature cannot cover; log in with a password instead";
        return Err(Error::invalid("body", message));
    }
    let unreadable = |name: &str| Error::internal(format!("the header {name} cannot be written"));
    let header = |name: &'static str, text: &str| HeaderValue::from_str(text).map_err(|_| unreadable(name));
    if let Some(project_id) = project_id {
        request.headers.insert("x-project-id", header("x-project-id", project_id)?);
    }
    if let Some(token) = &key.security_token {
        let mut value = header("x-security-token", token.expose())?;
        value.set_sensitive(true);
        request.headers.insert("x-security-token", value);
    }
    let date = signing::date_of(now);
    request.headers.insert("x-sdk-date", header("x-sdk-date", &date)?);
    // An earlier attempt's signature is not part of what is signed.
    request.headers.remove(AUTHORIZATION);
    let headers: Vec<(&str, &str)> = request
        .headers
        .iter()
        .map(|(name, value)| Ok((name.as_str(), value.to_str().map_err(|_| unreadable(name.as_str()))?)))
        .collect::<Result<_>>()?;
    let signed = signing::sign(
        &signing::SigningRequest {
            method: request.method.as_str(),
            url: request.url.as_str(),
            headers: &headers,
            body: &request.body,
            ..Default::default()
        },
        &key.id,
        key.secret.expose(),
    )?;
    let mut authorization = header("authorization", &signed.authorization)?;
    authorization.set_sensitive(true);
    request.headers.insert(AUTHORIZATION, authorization);
    Ok(())
}

/// Waits, but not past the deadline.
async fn wait_for<T>(future: impl Future<Output = T>, deadline: Option<Instant>) -> Result<T> {
    let Some(deadline) = deadline else { return Ok(future.await) };
    tokio::time::timeout_at(deadline, future).await.map_err(|_| {
        let message = "the deadline passed while waiting for a token; nothing was executed";
        Error::new(ErrorKind::Timeout, message).with(|error| error.retryable = true)
    })
}

fn nothing_found(looked: &[String], last: &str) -> Error {
    let message = "no credentials were found; pass some, or set KOOPHONE_TOKEN, or KOOPHONE_USERNAME, KOOPHONE_PASSWORD and \
                   KOOPHONE_DOMAIN, or HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK. Looked in";
    let looked: Vec<&str> = looked.iter().map(String::as_str).chain([last]).collect();
    Error::configuration("credentials", format!("{message} {}", looked.join("; ")))
}
