//! The same client for blocking code: every method drives its call on the calling thread (see `runtime/mod.rs`).

mod operations;

use std::time::Duration;

use crate::call::{Call, CallOptions};
use crate::model::{Identity, JobResult, Progress, Result, TaskStatus};
use crate::task::WaitOptions;

/// A client whose methods block. Cheap to clone and free to share between threads. Not for use inside an async runtime,
/// where its calls are refused.
///
/// ```no_run
/// use koophone::Credentials;
///
/// # fn main() -> koophone::Result<()> {
/// let client = koophone::Client::builder().region("cn-north-4").credentials(Credentials::token("...")).build()?;
/// let client = koophone::blocking::Client::from(client);
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

impl Client {
    /// A client from the environment, as [`Client::from_env`](crate::Client::from_env).
    pub fn from_env() -> Result<Self> {
        crate::Client::from_env().map(Self::from)
    }

    /// The same client with these options for every call made through the returned one.
    pub fn with(&self, options: CallOptions) -> Self {
        Self { inner: self.inner.clone(), options }
    }

    /// See [`Client::resume_task`](crate::Client::resume_task).
    pub fn resume_task(&self, saved: &str) -> Result<Task> {
        self.inner.resume_task(saved).map(Task)
    }

    /// See [`Client::login`](crate::Client::login).
    pub fn login(&self) -> Result<Identity> {
        self.made(self.inner.login())
    }

    fn made<T: Send + 'static>(&self, call: Call<T>) -> Result<T> {
        call.options(self.options.clone()).wait()
    }
}

/// A [`Task`](crate::Task) whose methods block.
#[derive(Clone, Debug)]
pub struct Task(crate::Task);

impl Task {
    /// The task itself, with everything that needs no waiting.
    pub fn inner(&self) -> &crate::Task {
        &self.0
    }

    /// See [`Task::poll`](crate::Task::poll).
    pub fn poll(&self) -> Result<TaskStatus> {
        self.0.poll().wait()
    }

    /// See [`Task::wait`](crate::Task::wait).
    pub fn wait(&self, timeout: Option<Duration>) -> Result<Vec<JobResult>> {
        self.0.wait(WaitOptions::new().timeout(timeout)).wait()
    }

    /// [`Task::wait`] that tells `on_progress` every change.
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
