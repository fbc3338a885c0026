//! The same client for blocking code: every method drives its call on the calling thread (see `runtime.rs`).

use std::time::Duration;

use crate::error::Result;
use crate::model::{
    CommandResult, DeviceAuthorization, Identity, InstanceOutcome, InstanceStatus, JobResult, Progress, TaskStatus,
};
use crate::request::CallOptions;
use crate::task::WaitOptions;
use crate::video::VideoSettings;

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

    /// See [`Client::run_command`](crate::Client::run_command).
    pub fn run_command(
        &self,
        instance_ids: impl IntoIterator<Item = impl AsRef<str>>,
        command: impl Into<String>,
    ) -> Result<Vec<CommandResult>> {
        self.inner.run_command(instance_ids, command).options(self.options.clone()).wait()
    }

    /// See [`Client::start_command`](crate::Client::start_command).
    pub fn start_command(
        &self,
        instance_ids: impl IntoIterator<Item = impl AsRef<str>>,
        command: impl Into<String>,
    ) -> Result<Task> {
        self.inner.start_command(instance_ids, command).options(self.options.clone()).wait().map(Task)
    }

    /// See [`Client::get_task`](crate::Client::get_task).
    pub fn get_task(&self, task_id: impl Into<String>) -> Result<TaskStatus> {
        self.inner.get_task(task_id).options(self.options.clone()).wait()
    }

    /// See [`Client::set_video_settings`](crate::Client::set_video_settings).
    pub fn set_video_settings(
        &self,
        instance_ids: impl IntoIterator<Item = impl AsRef<str>>,
        video: VideoSettings,
    ) -> Result<Vec<InstanceOutcome>> {
        self.inner.set_video_settings(instance_ids, video).options(self.options.clone()).wait()
    }

    /// See [`Client::query_status`](crate::Client::query_status).
    pub fn query_status(&self, instance_ids: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Vec<InstanceStatus>> {
        self.inner.query_status(instance_ids).options(self.options.clone()).wait()
    }

    /// See [`Client::reset_instances`](crate::Client::reset_instances). **User data is lost.**
    pub fn reset_instances(&self, instance_ids: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Task> {
        self.inner.reset_instances(instance_ids).options(self.options.clone()).wait().map(Task)
    }

    /// See [`Client::get_device_token`](crate::Client::get_device_token).
    pub fn get_device_token(&self, instance_id: impl AsRef<str>) -> Result<DeviceAuthorization> {
        self.inner.get_device_token(instance_id).options(self.options.clone()).wait()
    }

    /// See [`Client::resume_task`](crate::Client::resume_task).
    pub fn resume_task(&self, saved: &str) -> Result<Task> {
        self.inner.resume_task(saved).map(Task)
    }

    /// See [`Client::login`](crate::Client::login).
    pub fn login(&self) -> Result<Identity> {
        self.inner.login().options(self.options.clone()).wait()
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
        self.0.wait(WaitOptions { timeout, on_progress: None }).wait()
    }

    /// [`Task::wait`] that tells `on_progress` every change.
    pub fn wait_with_progress(
        &self,
        timeout: Option<Duration>,
        on_progress: impl FnMut(Progress) + Send + 'static,
    ) -> Result<Vec<JobResult>> {
        self.0.wait(WaitOptions { timeout, on_progress: Some(Box::new(on_progress)) }).wait()
    }

    /// See [`Task::save`](crate::Task::save).
    pub fn save(&self) -> String {
        self.0.save()
    }
}
