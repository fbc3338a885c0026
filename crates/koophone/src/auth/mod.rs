//! Credentials on the wire: adds a token or a signature to every request, and keeps tokens fresh.
//!
//! The token is renewed before its end, by one caller while the others continue with the old one. A refusal of the
//! credential renews it once. The cached state belongs to one process (see `per_process.rs`).

mod authorised;
mod clock;
mod credentials;
mod failures;
mod file_lock;
mod grant;
mod iam;
mod metadata;
mod private_files;
pub(crate) mod provider;
mod registry;
mod request;
pub mod signing;
mod standing;
mod token_cache;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::MutexGuard;
use tokio::time::Instant;
use url::Url;
use zeroize::Zeroizing;

pub(crate) use self::authorised::{Authorised, Remedy};
use self::clock::ServerClock;
pub(crate) use self::clock::{date, server_time};
use self::credentials::{AccessKey, Kind, PasswordLogin};
pub use self::credentials::{Credentials, Scope};
use self::grant::{Credential, Grant, State};
use self::metadata::MetadataService;
use self::request::{sign_request, token_header};
use self::standing::Standing;
use self::token_cache::TokenCache;
use crate::http::{Http, HttpRequest, HttpResponse};
use crate::model::{Error, ErrorKind, Identity, Result};
use crate::retry::Retries;
use crate::runtime::PerProcess;
use crate::wire::envelope;
use crate::wire::redact::redact;

/// How long a refused credential is not tried again: failed attempts lock the account or the key.
const REFUSAL_HOLDS: Duration = Duration::from_secs(30);
/// How long an identity service that failed is not asked again: callers share the failure instead of asking one by one.
const OUTAGE_HOLDS: Duration = Duration::from_secs(1);
/// How long a metadata service that did not respond counts as absent.
const ABSENCE_HOLDS: Duration = Duration::from_secs(60);
/// How long one client may verify a credential at the identity service before another one does so, too.
const MAX_TRIAL: Duration = Duration::from_secs(30);

/// The settings that the authorizer uses.
#[derive(Clone, Debug)]
pub(crate) struct AuthSettings {
    /// The service's.
    pub endpoint: Url,
    pub iam_endpoint: Url,
    pub region: Option<String>,
    pub project_id: Option<String>,
    pub metadata: bool,
    /// Overrides the link-local address of every cloud server.
    pub metadata_endpoint: Option<Url>,
    pub token_cache: Option<PathBuf>,
    pub retries: Arc<Retries>,
}

impl AuthSettings {
    /// The project that a password's token is for; nothing where it is the whole account.
    fn scope_of(&self, login: &PasswordLogin) -> &str {
        let project = self.project_id.as_deref().or(self.region.as_deref());
        project.filter(|_| login.scope == Scope::Project).unwrap_or_default()
    }
}

/// Authorises requests.
pub(crate) struct Authorizer {
    source: Source,
    origin: &'static str,
    settings: AuthSettings,
    cache: Option<TokenCache>,
    clock: Arc<ServerClock>,
    state: PerProcess<State>,
}

/// The source of grants.
enum Source {
    Token(Zeroizing<String>),
    Password(PasswordLogin),
    AccessKey(AccessKey),
    Metadata { service: Box<MetadataService>, searched: Vec<String> },
}

impl Authorizer {
    /// `searched` says why the links of the chain before the metadata service had no credential.
    pub fn new(
        credentials: Credentials,
        origin: &'static str,
        settings: AuthSettings,
        searched: Vec<String>,
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
                    let (endpoint, scope) = (settings.iam_endpoint.as_str(), settings.scope_of(&login));
                    TokenCache::new(directory, &[endpoint, &login.domain, &login.username, scope])
                });
                Source::Password(login)
            }
            Kind::Chain if settings.metadata => {
                let service = Box::new(MetadataService::new(settings.metadata_endpoint.clone())?);
                Source::Metadata { service, searched }
            }
            Kind::Chain => {
                return Err(nothing_found(&searched, "metadata service: switched off"));
            }
        };
        let clock = ServerClock::of(settings.endpoint.as_str())?;
        Ok(Self { source, origin, settings, cache, clock, state: PerProcess::new() })
    }

    /// Describes the credential and where it was found.
    pub fn describe(&self) -> String {
        let what = match &self.source {
            Source::Token(_) => "a ready-made token".to_owned(),
            Source::Password(login) => {
                format!("the password of IAM user {:?} of account {:?}", login.username, login.domain)
            }
            Source::AccessKey(key) => format!("access key {}", key.id),
            Source::Metadata { .. } => return "none found yet; the metadata service will be asked".to_owned(),
        };
        match self.origin {
            "code" => format!("{what}, given"),
            origin => format!("{what}, found in the {origin}"),
        }
    }

    /// Whether there may be another credential after one was refused.
    fn is_renewable(&self) -> bool {
        matches!(self.source, Source::Password(_) | Source::Metadata { .. })
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

    /// Makes sure that there is a grant, and returns its identity.
    pub async fn login(&self, http: &Http, deadline: Option<Instant>) -> Result<Identity> {
        Ok(self.grant(http, deadline).await?.identity.clone())
    }

    fn state(&self) -> Result<&State> {
        self.state.get_or_try_init(|| Ok(State::default()), drop)
    }

    async fn grant(&self, http: &Http, deadline: Option<Instant>) -> Result<Arc<Grant>> {
        let state = self.state()?;
        let current = state.current();
        // Taken after the search: what ended before must not count as fresh.
        let asked_at = Instant::now();
        let waiting = || {
            let asks = self.is_renewable() || self.asks_identity_service();
            asks.then(|| self.settings.retries.counters().here().token_waits.begin())
        };
        let (flight, usable, _waiting) = match current {
            Some(grant) if grant.is_fresh(asked_at) => return Ok(grant),
            // Near its end: one caller renews it, the others continue with it.
            Some(grant) if !grant.has_ended(asked_at) => match state.renewal.try_lock() {
                Ok(flight) => (flight, Some(grant), waiting()),
                Err(_) => return Ok(grant),
            },
            _ => {
                let waiting = waiting();
                (wait_for(state.renewal.lock(), deadline).await?, None, waiting)
            }
        };
        // The previous holder of the lock may have obtained it, or learnt why that fails.
        if let Some(grant) = state.current().filter(|grant| grant.is_fresh(Instant::now())) {
            return Ok(grant);
        }
        let failure = state.failures.of(asked_at);
        match usable {
            Some(grant) if failure.is_some() => Ok(grant),
            Some(grant) => Ok(self.renew(http, state, flight, deadline).await.unwrap_or_else(|error| {
                tracing::warn!(kind = error.kind().name(), "the credential could not be renewed before it expires");
                grant
            })),
            None => match failure {
                Some(error) => Err(error),
                None => self.renew(http, state, flight, deadline).await,
            },
        }
    }

    /// Boxed: the usual call has its grant already, and need not be large enough to obtain one.
    fn renew<'a>(
        &'a self,
        http: &'a Http,
        state: &'a State,
        flight: MutexGuard<'a, ()>,
        deadline: Option<Instant>,
    ) -> BoxFuture<'a, Result<Arc<Grant>>> {
        Box::pin(async move {
            let obtained = self.obtain(http, state, deadline).await;
            // Before the others check.
            match &obtained {
                Ok(grant) => state.replace(grant.clone()),
                Err(error) => match self.holds(error, deadline) {
                    // Its standing says how much longer it is not tried.
                    Some(REFUSAL_HOLDS) => state.failures.keep(error.clone(), OUTAGE_HOLDS),
                    Some(time) => state.failures.keep(error.clone(), time),
                    None => state.failures.forget(),
                },
            }
            drop(flight);
            obtained
        })
    }

    /// How long no caller tries again after `error`. `None`: those that wait do try, because they have deadlines of
    /// their own.
    fn holds(&self, error: &Error, deadline: Option<Instant>) -> Option<Duration> {
        match error.kind() {
            ErrorKind::Authentication => Some(REFUSAL_HOLDS),
            ErrorKind::Configuration if matches!(self.source, Source::Metadata { .. }) => Some(ABSENCE_HOLDS),
            ErrorKind::Timeout if deadline.is_some_and(|deadline| Instant::now() >= deadline) => None,
            // Others may have enough time to wait for their turn.
            ErrorKind::Throttled if deadline.is_some() => None,
            _ => Some(OUTAGE_HOLDS),
        }
    }

    async fn obtain(&self, http: &Http, state: &State, deadline: Option<Instant>) -> Result<Arc<Grant>> {
        let grant = match &self.source {
            Source::Token(token) => {
                Grant::new(Credential::Token(token_header(token.clone())?), None, self.identity(Identity::default()))
            }
            Source::Password(login) => self.log_in(http, state, login, deadline).await?,
            Source::AccessKey(key) => self.key_grant(http, key.clone(), None, deadline).await?,
            Source::Metadata { service, searched } => {
                let found = wait_for(service.key(), deadline).await?.map_err(|why| {
                    let pause = ABSENCE_HOLDS.as_secs();
                    let last =
                        format!("metadata service: {why}; not asked again for {pause} s (metadata=false disables it)");
                    nothing_found(searched, &last)
                })?;
                let grant = self.key_grant(http, found.key, found.life, deadline).await?;
                grant.after_refusal(state.is_refused())
            }
        };
        Ok(Arc::new(grant))
    }

    async fn key_grant(
        &self,
        http: &Http,
        key: AccessKey,
        life: Option<Duration>,
        deadline: Option<Instant>,
    ) -> Result<Grant> {
        let standing = Standing::of_key(self.settings.endpoint.as_str(), &key)?;
        if let Some(error) = standing.held() {
            return Err(error);
        }
        let project_id = match (&self.settings.project_id, &self.settings.region) {
            (Some(id), _) => Some(id.clone()),
            (None, Some(region)) => {
                let sign = |request: &mut HttpRequest| sign_request(request, &key, None, self.clock.now());
                let correct = |request: &HttpRequest, response: &HttpResponse| {
                    let said =
                        envelope::read_error(&response.body, &[]).unwrap_or_default().message.unwrap_or_default();
                    self.clock.correct(request, response, &said)
                };
                let look_up = async {
                    let found = iam::project_of(http, &self.settings, region, sign, correct, deadline).await;
                    found.map_err(|error| error.with(|details| redact(details, key.secrets())))
                };
                Some(self.verify(&standing, deadline, look_up).await?)
            }
            (None, None) => None,
        };
        let identity = Identity {
            access_key: Some(key.id.clone()),
            project_id: project_id.clone(),
            project_name: self.settings.region.clone(),
            ..Default::default()
        };
        Ok(Grant::new(Credential::Key { key, project_id, standing }, life, self.identity(identity)))
    }

    /// Asks the identity service, which verifies a key or password. Until one has been accepted, the clients of the
    /// process ask one after the other, and share a failure.
    async fn verify<T>(
        &self,
        standing: &Standing,
        deadline: Option<Instant>,
        ask: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let turn = standing.turn(MAX_TRIAL, deadline).await?;
        let result = ask.await;
        match &result {
            Ok(_) => standing.accept(&turn),
            Err(error) if error.kind() == ErrorKind::Authentication => {
                standing.refuse();
                standing.hold(error.clone(), REFUSAL_HOLDS);
            }
            // For the callers that were waiting; the service may have recovered when a client asks later.
            Err(error) if self.holds(error, deadline).is_some() => standing.hold(error.clone(), Duration::ZERO),
            Err(_) => {}
        }
        result
    }

    async fn log_in(
        &self,
        http: &Http,
        state: &State,
        login: &PasswordLogin,
        deadline: Option<Instant>,
    ) -> Result<Grant> {
        let rejected = state.rejected_token();
        let kept = || {
            let kept = self.cache.as_ref()?.load()?;
            let header = token_header(kept.token).ok()?;
            let usable = rejected.as_ref() != Some(&header) && kept.life > Duration::ZERO;
            let grant = Grant::new(Credential::Token(header), Some(kept.life), self.identity(kept.identity));
            (usable && grant.is_fresh(Instant::now())).then_some(grant)
        };
        if let Some(grant) = kept() {
            return Ok(grant);
        }
        // Other processes may be about to log in as well: one does, the others read its token.
        let mut _turn = None;
        if let Some(cache) = &self.cache {
            _turn = cache.turn(deadline).await;
            if let Some(grant) = kept() {
                return Ok(grant);
            }
        }
        let scope = self.settings.scope_of(login);
        let standing = Standing::of_password(self.settings.iam_endpoint.as_str(), login, scope)?;
        let ask = iam::create_token(http, &self.settings, login, deadline);
        let issued = self.verify(&standing, deadline, ask).await?;
        self.settings.retries.counters().here().logins.add();
        tracing::info!(life_seconds = issued.life.map(|life| life.as_secs()), "logged in");
        let identity = self.identity(issued.identity);
        if let (Some(cache), Some(life)) = (&self.cache, issued.life) {
            cache.store(&issued.token, life, &identity);
        }
        let grant = Grant::new(Credential::Token(token_header(issued.token)?), issued.life, identity);
        Ok(grant.after_refusal(state.is_refused()))
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

/// Waits, but not past the deadline.
async fn wait_for<T>(future: impl Future<Output = T>, deadline: Option<Instant>) -> Result<T> {
    let Some(deadline) = deadline else { return Ok(future.await) };
    tokio::time::timeout_at(deadline, future).await.map_err(|_| {
        let message = "the deadline passed while waiting for the credential; nothing was executed";
        Error::new(ErrorKind::Timeout, message).with(|error| error.retryable = true)
    })
}

fn nothing_found(searched: &[String], last: &str) -> Error {
    let message = "no credentials were found; pass some, or set KOOPHONE_TOKEN, or KOOPHONE_USERNAME, \
        KOOPHONE_PASSWORD and KOOPHONE_DOMAIN, or HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK. Looked in";
    let searched: Vec<&str> = searched.iter().map(String::as_str).chain([last]).collect();
    Error::configuration("credentials", format!("{message} {}", searched.join("; ")))
}
