//! A request that carries a credential: the service's response decides what becomes of the credential.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::grant::{Credential, Grant, State};
use super::request::sign_request;
use super::standing::Turn;
use super::{Authorizer, REFUSAL_HOLDS};
use crate::http::{Http, HttpRequest, HttpResponse};
use crate::model::{Error, Result};
use crate::wire::redact;

/// The gateway refuses a bad signature at once; a request without a response after this time is being executed.
const TRIAL_ENDS: Duration = Duration::from_secs(10);

/// What to do about a refused credential.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// The request can be sent again, with a new credential or by the corrected clock.
    Repeat,
    No,
}

/// The credential of a request in flight. Drop it if no response arrives.
#[must_use]
pub(crate) struct Authorised<'a> {
    authorizer: &'a Authorizer,
    state: &'a State,
    grant: Arc<Grant>,
    /// Of a key.
    turn: Option<Turn>,
}

impl Authorizer {
    /// Adds the credential to a request, obtaining one first if necessary.
    pub async fn authorise(
        &self,
        http: &Http,
        request: &mut HttpRequest,
        deadline: Option<Instant>,
    ) -> Result<Authorised<'_>> {
        let state = self.state()?;
        loop {
            let grant = self.grant(http, deadline).await?;
            let turn = match &grant.credential {
                Credential::Token(token) => {
                    request.headers.insert("x-auth-token", token.clone());
                    None
                }
                Credential::Key { key, project_id, standing } => {
                    let turn = standing.turn(TRIAL_ENDS, deadline).await;
                    // Refused in the meantime: there may be another one, or a reason why there is none.
                    if !standing.is_accepted() && !state.is_current(&grant) {
                        continue;
                    }
                    let turn = turn?;
                    sign_request(request, key, project_id.as_deref(), self.clock.now())?;
                    Some(turn)
                }
            };
            return Ok(Authorised { authorizer: self, state, grant, turn });
        }
    }
}

impl Authorised<'_> {
    /// The service accepted the credential.
    pub fn accepted(self) {
        match (&self.grant.credential, &self.turn) {
            (Credential::Key { standing, .. }, Some(turn)) => standing.accept(turn),
            _ => self.grant.accept(),
        }
    }

    /// The service refused the credential of `request` with `error`.
    pub fn refused(self, request: &HttpRequest, response: &HttpResponse, error: &Error) -> Remedy {
        let Self { authorizer, state, grant, .. } = &self;
        let was_accepted = match &grant.credential {
            Credential::Token(_) => grant.refuse(),
            Credential::Key { standing, .. } => {
                let clock = &authorizer.clock;
                if clock.correct(request, response, error.message()) || clock.has_moved_since(request) {
                    standing.require_trial();
                    return Remedy::Repeat;
                }
                // A key that was valid so far must be verified again.
                let was_accepted = standing.refuse();
                if !was_accepted {
                    standing.hold(self.held(request, error), REFUSAL_HOLDS);
                }
                was_accepted
            }
        };
        let renewable = authorizer.is_renewable();
        if !state.is_current(grant) {
            // Another caller got the same refusal.
            return if renewable { Remedy::Repeat } else { Remedy::No };
        }
        // A renewed credential that is refused as well is not renewed again.
        if renewable && (was_accepted || !grant.after_refusal) {
            state.drop_current(grant);
            return Remedy::Repeat;
        }
        if renewable {
            // Nor by the next request: another token or key would be another refusal.
            state.failures.keep(self.held(request, error), REFUSAL_HOLDS);
        }
        // For a ready-made token there is no account or key that could be locked.
        if renewable || matches!(grant.credential, Credential::Key { .. }) && !was_accepted {
            state.drop_current(grant);
        }
        Remedy::No
    }

    /// The error of calls made while a refusal holds.
    fn held(&self, request: &HttpRequest, refusal: &Error) -> Error {
        let seconds = REFUSAL_HOLDS.as_secs();
        let why = match &self.grant.credential {
            Credential::Token(_) => {
                format!("a newly issued token was refused; no other is requested for {seconds} seconds")
            }
            Credential::Key { key, .. } => format!(
                "access key {} was refused and is not tried again for {seconds} seconds, because failed signatures \
                    lock it",
                key.id
            ),
        };
        let message = format!("{why}: {}", refusal.message());
        refusal.clone().with(|error| {
            error.message = message;
            error.maybe_executed = false;
            redact::redact(error, redact::secrets_of(&request.headers));
        })
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::auth::{AuthSettings, Credentials};
    use crate::http::HttpSettings;
    use crate::model::ErrorKind;
    use crate::settings::proxy::Proxy;

    fn authorizer(name: &str) -> (Authorizer, Http) {
        let http = HttpSettings {
            connect_timeout: Duration::from_secs(1),
            attempt_timeout: Duration::from_secs(1),
            max_response_bytes: 1 << 10,
            max_connections: 4,
            proxy: Proxy::None,
            ca_file: None,
            user_agent: "test".into(),
            tls: false,
            counters: Arc::default(),
        };
        let settings = AuthSettings {
            // The standing of a key belongs to its endpoint, so every test has its own endpoint.
            endpoint: Url::parse(&format!("https://{name}.example.com")).unwrap(),
            iam_endpoint: Url::parse("https://iam.example.com").unwrap(),
            region: None,
            project_id: None,
            metadata: false,
            metadata_endpoint: None,
            token_cache: None,
            retries: crate::retry::Retries::new(1, Duration::from_secs(1), 1, Arc::default()).into(),
        };
        let key = Credentials::access_key("AK", "SK");
        (Authorizer::new(key, "code", settings, Vec::new()).unwrap(), Http::new(http).unwrap())
    }

    fn request() -> HttpRequest {
        let url = Url::parse("https://example.com/").unwrap().into();
        HttpRequest { method: http::Method::GET, url, headers: Default::default(), body: Default::default() }
    }

    fn refusal() -> (HttpResponse, Error) {
        let response = HttpResponse { status: 401, headers: Default::default(), body: Default::default() };
        (response, Error::new(ErrorKind::Authentication, "verify aksk signature fail"))
    }

    /// Time advances when every task waits.
    #[tokio::test(start_paused = true)]
    async fn a_key_is_tried_by_one_request_unless_that_takes_long() {
        let (authorizer, http) = authorizer("slow");
        let authorise = async |deadline| authorizer.authorise(&http, &mut request(), deadline).await;
        let first = authorise(None).await.unwrap();
        let soon = Instant::now() + Duration::from_secs(1);
        assert_eq!(authorise(Some(soon)).await.err().map(|error| error.kind()), Some(ErrorKind::Timeout));
        let second = authorise(None).await.unwrap();
        assert_eq!(soon.elapsed(), TRIAL_ENDS, "it is not refused, but executed");
        drop(second);
        first.accepted();
        let before = Instant::now();
        let _all = [authorise(None).await.unwrap(), authorise(None).await.unwrap()];
        assert_eq!(before.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_key_is_tried_again_after_a_while() {
        let (authorizer, http) = authorizer("refused");
        let authorise = async || authorizer.authorise(&http, &mut request(), None).await;
        let (response, error) = refusal();
        for _ in 0..2 {
            let (first, waiting) = (authorise().await.unwrap(), authorise());
            let refuse = async { first.refused(&request(), &response, &error) };
            let (waiting, remedy) = futures_util::future::join(waiting, refuse).await;
            assert_eq!(remedy, Remedy::No);
            for held in [waiting, authorise().await] {
                let held = held.err().unwrap();
                assert_eq!(held.kind(), ErrorKind::Authentication);
                assert!(held.message().starts_with("access key AK was refused and is not tried again"), "{held}");
            }
            tokio::time::advance(REFUSAL_HOLDS).await;
        }
    }
}
