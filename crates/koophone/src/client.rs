//! The client. Its methods for the operations of the service are in `operations/`, each beside its declaration.

use std::fmt;
use std::sync::Arc;

use url::Url;

use crate::auth::provider::{self, Search};
use crate::auth::{AuthSettings, Authorizer, Credentials};
use crate::builder::{ClientBuilder, Configuration};
use crate::call::CallContext;
use crate::error::Result;
use crate::http::{Http, HttpSettings};
use crate::log::Log;
use crate::model::Identity;
use crate::operations::OPERATIONS;
use crate::request::Call;
use crate::retry::Retries;
use crate::settings::Settings;
use crate::task::Task;

/// What the clones of a client share.
pub(crate) struct Core {
    pub settings: Settings,
    /// The addresses of the operations, each with its path: making one costs more than the rest of a request's head.
    pub urls: Vec<(&'static str, Arc<Url>)>,
    pub http: Http,
    pub auth: Authorizer,
    pub retries: Arc<Retries>,
    /// Where the client tells about its work; none when nobody asked.
    pub log: Option<Log>,
}

/// A client of Huawei Cloud KooPhone (云手机). Cheap to clone; clones share connections, token and limits.
///
/// Every method returns a [`Call`], which does nothing until awaited. For blocking code see
/// [`blocking::Client`](crate::blocking::Client).
///
/// # Errors
///
/// One rule holds for every call about many phones, whatever their number and the batch size: **an error means that
/// nothing was executed on any phone. Otherwise a list is returned, and each phone in it has its result or its error**:
/// a lost response (`outcome_unknown`), a deadline and a cancellation in mid-flight included. Each error says
/// [`maybe_executed`](crate::ErrorDetails::maybe_executed). [`raise_for_errors`](crate::PhoneResults::raise_for_errors) turns
/// the first phone's error into an error of the whole call. Calls about one phone fail with its error.
///
/// ```no_run
/// # async fn example() -> koophone::Result<()> {
/// use koophone::{PhoneResults, Client, Credentials};
///
/// let client = Client::builder()
///     .region("cn-north-4")
///     .credentials(Credentials::password("user", "password", "account"))
///     .build()?;
/// let results = client.run_command(["a44uhlf7", "efjy72gs"], "getprop ro.product.model").await?;
/// results.raise_for_errors()?;
/// for result in results {
///     println!("{}: {}", result.instance_id, result.output);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Client {
    pub(crate) core: Arc<Core>,
}

impl Client {
    /// Starts a configuration.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// A client from the environment: `KOOPHONE_*` settings (see [`settings`](crate::settings)) and the provider chain
    /// of credentials.
    pub fn from_env() -> Result<Self> {
        Self::builder().build()
    }

    /// Takes up a task again, perhaps in another process: `saved` is what [`Task::save`] gave, or one or more bare task
    /// ids with commas between. Nothing is sent.
    pub fn resume_task(&self, saved: &str) -> Result<Task> {
        Task::resume(self.clone(), saved)
    }

    /// Makes sure that there is a credential, logging in if necessary, and says whose it is.
    pub fn login(&self) -> Call<Identity> {
        self.call(async move |context| {
            let core = context.core();
            context.unless_cancelled(core.auth.login(&core.http, context.deadline())).await?
        })
    }

    /// A call of this client: `work` gets the context when the call is made.
    pub(crate) fn call<T, F>(&self, work: impl FnOnce(CallContext) -> F + Send + 'static) -> Call<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let core = self.core.clone();
        Call::new(self.core.log.clone(), |options| work(CallContext::new(core, options)))
    }

    pub(crate) fn of(core: &Arc<Core>) -> Self {
        Self { core: core.clone() }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("endpoint", &self.core.settings.endpoint.as_str()).finish_non_exhaustive()
    }
}

/// Credentials, and where they were found.
pub(crate) struct Found {
    credentials: Credentials,
    origin: &'static str,
    /// What the links of the chain said before the metadata service is asked.
    looked: Vec<String>,
}

impl Found {
    pub fn given(credentials: Credentials) -> Self {
        Self { credentials, origin: "code", looked: Vec::new() }
    }

    /// Asks the links of the provider chain that need no network, unless credentials were given.
    pub fn look(read: &mut Configuration) -> Result<Self> {
        let credentials = read.credentials.clone();
        if !credentials.is_chain() {
            return Ok(Self::given(credentials));
        }
        Ok(match provider::search(&read.environment)? {
            Search::Found(found) => {
                read.settings.fill(found.project_id, found.iam_endpoint)?;
                Self { credentials: found.credentials, origin: found.origin, looked: Vec::new() }
            }
            Search::Nothing(looked) => Self { credentials, origin: "metadata", looked },
        })
    }
}

/// Looks at everything together and puts the parts of a client in their places. Nothing is sent.
pub(crate) fn assemble(settings: Settings, found: Found, log: Option<Log>) -> Result<Core> {
    settings.check()?;
    let iam_endpoint = settings.iam_endpoint()?;
    let http = Http::new(HttpSettings {
        connect_timeout: settings.connect_timeout,
        attempt_timeout: settings.attempt_timeout,
        max_response_bytes: settings.max_response_bytes,
        max_connections: settings.max_connections,
        proxy: settings.effective_proxy()?,
        ca_file: settings.ca_file.clone(),
        user_agent: settings.user_agent.clone(),
        tls: settings.endpoint.scheme() == "https" || iam_endpoint.scheme() == "https",
    })?;
    let retries = Arc::new(Retries::new(settings.max_attempts, settings.retry_delay, settings.max_connections));
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
    let auth = Authorizer::new(found.credentials, found.origin, auth_settings, found.looked)?;
    let urls = OPERATIONS.iter().map(|operation| {
        let mut url = settings.endpoint.clone();
        url.set_path(operation.path);
        (operation.path, Arc::new(url))
    });
    Ok(Core { urls: urls.collect(), settings, http, auth, retries, log })
}
