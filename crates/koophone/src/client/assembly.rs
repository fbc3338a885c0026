//! From a configuration to the parts of a client.

use std::sync::Arc;

use crate::auth::provider::{self, Search};
use crate::auth::{AuthSettings, Authorizer, Credentials};
use crate::counters::Counters;
use crate::http::{Http, HttpSettings};
use crate::log::Log;
use crate::model::Result;
use crate::operations::OPERATIONS;
use crate::pipeline::ClientInner;
use crate::retry::Retries;
use crate::settings::Settings;

/// The input of a builder, completed from the environment.
pub(crate) struct Configuration {
    pub settings: Settings,
    pub credentials: Credentials,
    pub environment: Vec<(String, String)>,
}

/// Credentials, and where they were found.
pub(crate) struct Found {
    credentials: Credentials,
    origin: &'static str,
    /// Why the links of the chain before the metadata service had no credential.
    searched: Vec<String>,
}

impl Found {
    pub fn given(credentials: Credentials) -> Self {
        Self { credentials, origin: "code", searched: Vec::new() }
    }

    /// Tries the links of the provider chain that need no network, unless credentials were given.
    pub fn resolve(read: &mut Configuration) -> Result<Self> {
        let credentials = read.credentials.clone();
        if !credentials.is_chain() {
            return Ok(Self::given(credentials));
        }
        Ok(match provider::search(&read.environment)? {
            Search::Found(found) => {
                read.settings.fill(found.project_id, found.iam_endpoint)?;
                Self { credentials: found.credentials, origin: found.origin, searched: Vec::new() }
            }
            Search::Nothing(searched) => Self { credentials, origin: "metadata", searched },
        })
    }
}

/// Validates everything together and assembles a client. Nothing is sent.
pub(crate) fn assemble(settings: Settings, found: Found, log: Option<Log>) -> Result<ClientInner> {
    settings.check()?;
    let iam_endpoint = settings.iam_endpoint()?;
    let counters: Arc<Counters> = Arc::default();
    let http = Http::new(HttpSettings {
        connect_timeout: settings.connect_timeout,
        attempt_timeout: settings.attempt_timeout,
        max_response_bytes: settings.max_response_bytes,
        max_connections: settings.max_connections,
        proxy: settings.effective_proxy()?,
        ca_file: settings.ca_file.clone(),
        user_agent: settings.user_agent.clone(),
        tls: settings.endpoint.scheme() == "https" || iam_endpoint.scheme() == "https",
        counters: counters.clone(),
    })?;
    let Settings { max_attempts, retry_delay, max_connections, .. } = settings;
    let retries = Arc::new(Retries::new(max_attempts, retry_delay, max_connections, counters.clone()));
    let auth_settings = AuthSettings {
        endpoint: settings.endpoint.clone(),
        iam_endpoint,
        region: settings.region.clone(),
        project_id: settings.project_id.clone(),
        metadata: settings.metadata,
        metadata_endpoint: settings.metadata_endpoint.clone(),
        token_cache: settings.token_cache.clone(),
        retries: retries.clone(),
    };
    let auth = Authorizer::new(found.credentials, found.origin, auth_settings, found.searched)?;
    let urls = OPERATIONS.iter().map(|operation| {
        let mut url = settings.endpoint.clone();
        url.set_path(operation.path);
        (operation.path, Arc::new(url))
    });
    Ok(ClientInner { urls: urls.collect(), settings, http, auth, retries, counters, log })
}
