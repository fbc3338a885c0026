//! The same client for blocking code: every method drives its call on the calling thread (see `runtime/mod.rs`).

mod operations;

use std::iter::FusedIterator;
use std::time::Duration;

use crate::call::{Call, CallOptions, WaitOptions};
use crate::client::ClientBuilder;
use crate::client::form::{ManyNow, OneNow};
use crate::client::phone::Verbs;
use crate::model::{DeviceAuthorization, Identity, JobResult, Progress, Result, Stats, TaskPhone, TaskStatus};

/// As [`Phone`](crate::Phone); each verb blocks and returns its value.
pub type Phone = Verbs<OneNow>;
/// As [`Phones`](crate::Phones); each verb blocks and returns one result per phone.
pub type Phones = Verbs<ManyNow>;

/// A client whose methods block. Cheap to clone, and safe to share between threads. Inside an async runtime its calls
/// are refused.
///
/// ```no_run
/// use koophone::Credentials;
/// use koophone::blocking::Client;
///
/// # fn main() -> koophone::Result<()> {
/// let client = Client::builder().region("cn-north-4").credentials(Credentials::token("...")).build_blocking()?;
/// for phone in client.query_status(["a44uhlf7"])? {
///     println!("{} {:?}", phone.instance_id, phone.state);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Client {
    inner: crate::Client,
    options: CallOptions,
}

impl From<crate::Client> for Client {
    fn from(inner: crate::Client) -> Self {
        Self { inner, options: CallOptions::default() }
    }
}

impl ClientBuilder {
    /// As [`build`](Self::build), for a client whose methods block.
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    pub fn build_blocking(self) -> Result<Client> {
        self.build().map(Client::from)
    }
}

impl Client {
    /// Starts a configuration; [`build_blocking`](ClientBuilder::build_blocking) ends it.
    ///
    /// ```
    /// use std::time::Duration;
    /// use koophone::{Credentials, blocking};
    ///
    /// let client = blocking::Client::builder()
    ///     .credentials(Credentials::token("a-token"))
    ///     .timeout(Duration::from_secs(20))
    ///     .build_blocking()?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn builder() -> ClientBuilder {
        crate::Client::builder()
    }

    /// A client from the environment, as [`Client::from_env`](crate::Client::from_env).
    ///
    /// # Errors
    ///
    /// As [`ClientBuilder::build`](crate::ClientBuilder::build).
    ///
    /// ```no_run
    /// let client = koophone::blocking::Client::from_env()?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn from_env() -> Result<Self> {
        crate::Client::from_env().map(Self::from)
    }

    /// The same client with these options for every call made through the returned one.
    ///
    /// ```no_run
    /// use std::time::Duration;
    /// use koophone::{CallOptions, blocking::Client};
    ///
    /// let client = Client::from_env()?;
    /// let hasty = client.with(CallOptions::new().timeout(Duration::from_secs(5)));
    /// let phones = hasty.query_status(["a44uhlf7"])?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    #[must_use]
    pub fn with(&self, options: CallOptions) -> Self {
        Self { inner: self.inner.clone(), options }
    }

    /// See [`Client::resume_task`](crate::Client::resume_task).
    ///
    /// # Errors
    ///
    /// `invalid_argument` when the text is not a saved task.
    ///
    /// ```no_run
    /// # let client = koophone::blocking::Client::from_env()?;
    /// let task = client.resume_task(&std::fs::read_to_string("task.txt").unwrap_or_default())?;
    /// let jobs = task.wait(None)?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn resume_task(&self, saved: &str) -> Result<Task> {
        self.inner.resume_task(saved).map(Task)
    }

    /// See [`Client::login`](crate::Client::login).
    ///
    /// # Errors
    ///
    /// Those of the method that it calls.
    ///
    /// ```no_run
    /// # let client = koophone::blocking::Client::from_env()?;
    /// println!("{:?}", client.login()?.user);
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn login(&self) -> Result<Identity> {
        self.made(self.inner.login())
    }

    /// See [`Client::device_token`](crate::Client::device_token).
    ///
    /// ```no_run
    /// # let client = koophone::blocking::Client::from_env()?;
    /// let token = client.device_token("a44uhlf7");
    /// let parameters = token.get()?.h5_parameters(None)?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn device_token(&self, instance_id: impl AsRef<str>) -> DeviceToken {
        DeviceToken { inner: self.inner.device_token(instance_id), options: self.options.clone() }
    }

    /// See [`Client::stats`](crate::Client::stats).
    ///
    /// ```no_run
    /// # let client = koophone::blocking::Client::from_env()?;
    /// println!("{}", client.stats());
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn stats(&self) -> Stats {
        self.inner.stats()
    }

    /// See [`Client::phone`](crate::Client::phone).
    ///
    /// ```no_run
    /// # let client = koophone::blocking::Client::from_env()?;
    /// let model = client.phone("a44uhlf7").getprop("ro.product.model")?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn phone(&self, instance_id: impl AsRef<str>) -> Phone {
        Verbs::new(self.inner.inner(), [instance_id], OneNow(self.options.clone()))
    }

    /// See [`Client::phones`](crate::Client::phones).
    ///
    /// ```no_run
    /// # let client = koophone::blocking::Client::from_env()?;
    /// let models = client.phones(["a44uhlf7", "efjy72gs"]).getprop("ro.product.model")?;
    /// # koophone::Result::<()>::Ok(())
    /// ```
    pub fn phones(&self, instance_ids: impl IntoIterator<Item = impl AsRef<str>>) -> Phones {
        Verbs::new(self.inner.inner(), instance_ids, ManyNow(self.options.clone()))
    }

    fn listed<T: Send + 'static>(&self, listing: crate::Listing<T>) -> Listing<T> {
        Listing(listing.options(self.options.clone()))
    }

    fn made<T: Send + 'static>(&self, call: Call<T>) -> Result<T> {
        call.options(self.options.clone()).wait()
    }
}

/// A [`Listing`](crate::Listing) as an iterator, which reads the next page when it is needed. An error does not end the
/// iteration: the next item is read from the page that failed, so stop at an error or count them.
///
/// ```no_run
/// # let client = koophone::blocking::Client::from_env()?;
/// for phone in client.list_instances(koophone::InstanceFilter::default()) {
///     println!("{}", phone?.instance_id);
/// }
/// # koophone::Result::<()>::Ok(())
/// ```
#[derive(Debug)]
#[must_use = "a listing reads nothing until it is asked for its items"]
pub struct Listing<T>(crate::Listing<T>);

impl<T: Send + 'static> Listing<T> {
    /// See [`Listing::page_size`](crate::Listing::page_size).
    pub fn page_size(self, page_size: i64) -> Self {
        Self(self.0.page_size(page_size))
    }

    /// See [`Listing::page_no`](crate::Listing::page_no).
    pub fn page_no(&self) -> i64 {
        self.0.page_no()
    }
}

impl<T: Send + 'static> Iterator for Listing<T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Result<T>> {
        self.0.wait_next()
    }
}

impl<T: Send + 'static> FusedIterator for Listing<T> {}

/// A [`DeviceToken`](crate::DeviceToken) whose method blocks.
#[derive(Clone, Debug)]
pub struct DeviceToken {
    inner: crate::DeviceToken,
    options: CallOptions,
}

impl DeviceToken {
    /// See [`DeviceToken::get`](crate::DeviceToken::get).
    ///
    /// # Errors
    ///
    /// As [`Client::get_device_token`].
    pub fn get(&self) -> Result<DeviceAuthorization> {
        self.inner.get().options(self.options.clone()).wait()
    }
}

/// A [`Task`](crate::Task) whose methods block.
///
/// ```no_run
/// # let client = koophone::blocking::Client::from_env()?;
/// let task = client.start_command(["a44uhlf7"], "pm install /sdcard/game.apk")?;
/// println!("{} phones; to resume elsewhere: {}", task.phones().len(), task.save());
/// let jobs = task.wait_with_progress(None, |progress| println!("{} of {}", progress.succeeded, progress.total))?;
/// # koophone::Result::<()>::Ok(())
/// ```
#[derive(Clone, Debug)]
pub struct Task(crate::Task);

impl Task {
    /// The same task with methods that return [`Call`]s, for code that waits in another way.
    pub fn inner(&self) -> &crate::Task {
        &self.0
    }

    /// Which operation started it: `start_command`, `reset_instances`, or `unknown` for a bare id.
    pub fn operation(&self) -> &str {
        self.0.operation()
    }

    /// The service's task ids: one per request that was sent.
    pub fn task_ids(&self) -> &[String] {
        self.0.task_ids()
    }

    /// One entry per phone, in the order asked; empty for a task resumed from a bare id.
    pub fn phones(&self) -> &[TaskPhone] {
        self.0.phones()
    }

    /// Whether the service returned anything to follow. Older services accept a reset without a task.
    pub fn can_be_followed(&self) -> bool {
        self.0.can_be_followed()
    }

    /// See [`Task::poll`](crate::Task::poll).
    ///
    /// # Errors
    ///
    /// Those of the method that it calls.
    pub fn poll(&self) -> Result<TaskStatus> {
        self.0.poll().wait()
    }

    /// See [`Task::wait`](crate::Task::wait). `None` waits for the end.
    ///
    /// # Errors
    ///
    /// Those of the method that it calls.
    pub fn wait(&self, timeout: Option<Duration>) -> Result<Vec<JobResult>> {
        self.0.wait(WaitOptions::new().timeout(timeout)).wait()
    }

    /// [`Task::wait`] that calls `on_progress` on every change.
    ///
    /// # Errors
    ///
    /// Those of the method that it calls.
    pub fn wait_with_progress(
        &self,
        timeout: Option<Duration>,
        on_progress: impl FnMut(Progress) + Send + 'static,
    ) -> Result<Vec<JobResult>> {
        self.0.wait(WaitOptions::new().timeout(timeout).on_progress(on_progress)).wait()
    }

    /// See [`Task::save`](crate::Task::save).
    pub fn save(&self) -> String {
        self.0.save()
    }
}
