//! The client.

mod apps;
pub(crate) mod assembly;
pub mod blocking;
mod builder;
mod fleet;
mod form;
mod operations;
pub(crate) mod phone;
mod phone_more;

use std::fmt;
use std::sync::Arc;

pub use self::builder::ClientBuilder;
use crate::call::Call;
use crate::model::{Identity, Result, Stats};
use crate::pipeline::ClientInner;
use crate::task::Task;

/// A client of Huawei Cloud KooPhone (云手机). Cheap to clone; clones share connections, token and limits.
///
/// Every method returns a [`Call`], which does nothing until awaited. For blocking code see
/// [`blocking::Client`](crate::blocking::Client).
///
/// # Errors
///
/// One rule holds for every call about many phones, whatever their number and the batch size: **an error means that
/// nothing was executed on any phone. Otherwise a list is returned, and each phone in it has its result or its error**:
/// including a lost response (`outcome_unknown`), and a deadline or cancellation in mid-flight. Each error says
/// [`maybe_executed`](crate::ErrorDetails::maybe_executed). [`raise_for_errors`](crate::PhoneResults::raise_for_errors)
/// turns the first phone's error into an error of the whole call. Calls about one phone fail with its error.
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
    inner: Arc<ClientInner>,
}

impl Client {
    /// Starts a configuration.
    ///
    /// ```
    /// let client = koophone::Client::builder().credentials(koophone::Credentials::token("MIIF...")).build()?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// A client from the environment: `KOOPHONE_*` settings (see [`settings`](crate::settings)) and the provider chain
    /// of credentials.
    ///
    /// # Errors
    ///
    /// As [`ClientBuilder::build`].
    ///
    /// ```no_run
    /// let client = koophone::Client::from_env()?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn from_env() -> Result<Self> {
        Self::builder().build()
    }

    /// Resumes a task, possibly in another process: `saved` is the text from [`Task::save`], or one or more bare task
    /// ids separated by commas. Nothing is sent.
    ///
    /// # Errors
    ///
    /// `invalid_argument` when the text is neither.
    ///
    /// ```no_run
    /// # async fn example(client: koophone::Client) -> koophone::Result<()> {
    /// let task = client.resume_task(&std::fs::read_to_string("task.txt").unwrap_or_default())?;
    /// let jobs = task.wait(koophone::WaitOptions::new()).await?;
    /// # Ok(()) }
    /// ```
    pub fn resume_task(&self, saved: &str) -> Result<Task> {
        Task::resume(&self.inner, saved)
    }

    /// Authenticates if necessary, and returns the identity of the caller.
    ///
    /// ```no_run
    /// # async fn example(client: koophone::Client) -> koophone::Result<()> {
    /// let identity = client.login().await?;
    /// println!("{:?} until {:?}", identity.user, identity.expires_at);
    /// # Ok(()) }
    /// ```
    pub fn login(&self) -> Call<Identity> {
        self.inner.call("login", async move |context| {
            let inner = context.inner();
            context.unless_cancelled(inner.auth.login(&inner.http, context.deadline())).await?
        })
    }

    /// Statistics of this client and its clones in this process. Takes no lock and sends nothing.
    ///
    /// ```no_run
    /// # let client = koophone::Client::from_env()?;
    /// let stats = client.stats();
    /// println!("{} calls, {} of them with unknown outcome", stats.calls, stats.errors.outcome_unknown);
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn stats(&self) -> Stats {
        self.inner.counters.snapshot()
    }
}

impl Client {
    fn inner(&self) -> &Arc<ClientInner> {
        &self.inner
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("endpoint", &self.inner.settings.endpoint.as_str()).finish_non_exhaustive()
    }
}
