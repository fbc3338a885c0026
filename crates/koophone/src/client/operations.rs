//! The operations of the service, one method each. What they send and read is in the crate's `operations/`.

use super::Client;
use crate::call::Call;
use crate::device_token::DeviceToken;
use crate::listing::Listing;
use crate::model::{
    CommandResult, DeviceAuthorization, InstanceId, InstanceOutcome, InstanceStatus, Result, TaskPhone, TaskStatus,
    VideoSetting,
};
use crate::operations::get_device_token::{self, get_device_token};
use crate::operations::get_task::{self, jobs};
use crate::operations::list_instances::{self, Instance, InstanceFilter, InstancePage};
use crate::operations::per_phone::{PerPhone, per_phone};
use crate::operations::query_status::QueryStatus;
use crate::operations::reset_instances::ResetInstances;
use crate::operations::run_command::RunCommand;
use crate::operations::set_video_settings::SetVideoSettings;
use crate::operations::start_command::StartCommand;
use crate::pipeline::{CallContext, Phones};
use crate::task::{self, Task};

impl Client {
    /// Runs a shell command on every phone and waits for every result: `sync-command`
    /// (`POST /v1/instances/sync-command`).
    ///
    /// One [`CommandResult`] per phone, in the order asked. For short commands: the gateway stops waiting after a
    /// while, and the outcome is then unknown. Never repeated once it may have run, unless
    /// [`repeatable`](Call::repeatable) is set.
    ///
    /// A command has at most 1,024 bytes. The service documents letters, digits, space and `_ . / : -`; it may refuse
    /// anything else.
    ///
    /// # Errors
    ///
    /// Only if nothing was executed on any phone; see [`Client`]. A command that fails on a phone is that phone's
    /// error, of kind `command_failed`.
    ///
    /// ```no_run
    /// # async fn example(client: koophone::Client) -> koophone::Result<()> {
    /// for result in client.run_command(["a44uhlf7", "efjy72gs"], "getprop ro.product.model").await? {
    ///     match &result.error {
    ///         None => println!("{}: {}", result.instance_id, result.output),
    ///         Some(error) => println!("{}: {error}", result.instance_id),
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    pub fn run_command(
        &self,
        instance_ids: impl IntoIterator<Item = impl AsRef<str>>,
        command: impl Into<String>,
    ) -> Call<Vec<CommandResult>> {
        self.per_phone(instance_ids, RunCommand { command: command.into() })
    }

    /// Starts a shell command on every phone: `async-command` (`POST /v1/instances/async-command`).
    ///
    /// The [`Task`] knows the job of every phone; [`Task::wait`] follows it. The same commands are accepted as by
    /// [`Client::run_command`].
    ///
    /// # Errors
    ///
    /// Only if nothing was started on any phone; see [`Client`]. Otherwise each of [`Task::phones`] has its job or its
    /// error.
    ///
    /// ```no_run
    /// # async fn example(client: koophone::Client) -> koophone::Result<()> {
    /// let task = client.start_command(["a44uhlf7"], "pm install /sdcard/game.apk").await?;
    /// let jobs = task.wait(koophone::WaitOptions::new()).await?;
    /// # Ok(()) }
    /// ```
    pub fn start_command(
        &self,
        instance_ids: impl IntoIterator<Item = impl AsRef<str>>,
        command: impl Into<String>,
    ) -> Call<Task> {
        self.start_task(instance_ids, StartCommand { command: command.into() })
    }

    /// Reads the state of all jobs of one task: `tasks/{task_id}` (`GET /v1/instances/tasks/{task_id}`).
    ///
    /// The service's response names jobs, not phones; a [`Task`](crate::Task) knows which job belongs to which phone.
    ///
    /// # Errors
    ///
    /// `not_found` if the service does not know the task.
    ///
    /// ```no_run
    /// # async fn example(client: koophone::Client) -> koophone::Result<()> {
    /// let status = client.get_task("a-task-id").await?;
    /// println!("{} of {} jobs succeeded", status.progress.succeeded, status.progress.total);
    /// # Ok(()) }
    /// ```
    pub fn get_task(&self, task_id: impl Into<String>) -> Call<TaskStatus> {
        let task_id = task_id.into();
        self.inner
            .call(get_task::OPERATION.name, async move |context| jobs(&context, &task_id).await.map(task::status_of))
    }

    /// Sets bit rates and frame rates of the video stream: `video-setting` (`PUT /v1/instances/video-setting`).
    ///
    /// One [`InstanceOutcome`] per phone, in the order asked.
    ///
    /// # Errors
    ///
    /// Only if nothing was executed on any phone; see [`Client`].
    ///
    /// ```no_run
    /// # async fn example(client: koophone::Client) -> koophone::Result<()> {
    /// use koophone::{VideoSettings, VideoSpec};
    ///
    /// let (p540, p720) = (VideoSpec::new(3000, 30), VideoSpec::new(5000, 30));
    /// let video = VideoSettings::uniform(p540, p720, VideoSpec::new(8000, 60));
    /// let outcomes = client.set_video_settings(["a44uhlf7"], video).await?;
    /// # Ok(()) }
    /// ```
    pub fn set_video_settings(
        &self,
        instance_ids: impl IntoIterator<Item = impl AsRef<str>>,
        video_settings: impl IntoIterator<Item = VideoSetting>,
    ) -> Call<Vec<InstanceOutcome>> {
        self.per_phone(instance_ids, SetVideoSettings { video_settings: video_settings.into_iter().collect() })
    }

    /// Reads the state of phones: `batch-query-status` (`POST /v1/instances/batch-query-status`).
    ///
    /// One [`InstanceStatus`] per phone, in the order asked.
    ///
    /// # Errors
    ///
    /// Only if no phone's state could be read; see [`Client`].
    ///
    /// ```no_run
    /// # async fn example(client: koophone::Client) -> koophone::Result<()> {
    /// for phone in client.query_status(["a44uhlf7"]).await? {
    ///     println!("{}: {:?}", phone.instance_id, phone.state);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn query_status(&self, instance_ids: impl IntoIterator<Item = impl AsRef<str>>) -> Call<Vec<InstanceStatus>> {
        self.per_phone(instance_ids, QueryStatus)
    }

    /// Returns phones to factory state: `batch-reset` (`POST /v1/instances/batch-reset`). **User data is lost.**
    ///
    /// The [`Task`] can be followed if the service returns one ([`Task::can_be_followed`]); older services only accept
    /// the request. Never repeated once it may have run, unless [`repeatable`](Call::repeatable) is set.
    ///
    /// # Errors
    ///
    /// Only if nothing was reset; see [`Client`]. Otherwise each of [`Task::phones`] has its job or its error.
    ///
    /// ```no_run
    /// # async fn example(client: koophone::Client) -> koophone::Result<()> {
    /// let task = client.reset_instances(["a44uhlf7"]).await?;
    /// if task.can_be_followed() {
    ///     task.wait(koophone::WaitOptions::new()).await?;
    /// }
    /// # Ok(()) }
    /// ```
    pub fn reset_instances(&self, instance_ids: impl IntoIterator<Item = impl AsRef<str>>) -> Call<Task> {
        self.start_task(instance_ids, ResetInstances)
    }

    /// Gets the credential and addresses to stream from one phone: `{instance_id}/auth`
    /// (`POST /v1/instances/{instance_id}/auth`). A new token does not invalidate an earlier one.
    ///
    /// # Errors
    ///
    /// Any error of the request; `permission_denied` if the phone is not yours.
    ///
    /// ```no_run
    /// # async fn example(client: koophone::Client) -> koophone::Result<()> {
    /// let authorization = client.get_device_token("a44uhlf7").await?;
    /// println!("{authorization:?}"); // the token is shown as ***
    /// # Ok(()) }
    /// ```
    pub fn get_device_token(&self, instance_id: impl AsRef<str>) -> Call<DeviceAuthorization> {
        let id = InstanceId::new(instance_id.as_ref());
        self.inner.call(get_device_token::OPERATION.name, async move |context| get_device_token(&context, id?).await)
    }

    /// The device token of one phone, renewed before it expires; see [`DeviceToken`]. Nothing is sent yet.
    ///
    /// ```no_run
    /// # async fn example(client: koophone::Client) -> koophone::Result<()> {
    /// let token = client.device_token("a44uhlf7");
    /// let authorization = token.get().await?;
    /// # Ok(()) }
    /// ```
    pub fn device_token(&self, instance_id: impl AsRef<str>) -> DeviceToken {
        DeviceToken::new(&self.inner, InstanceId::new(instance_id.as_ref()))
    }

    /// Lists the phones of the account: `batch-query` (`GET /v1/instances/batch-query`), page by page as they are
    /// needed.
    ///
    /// The [`Listing`] yields one [`Instance`] after the other. See there for its options, and for how it treats errors
    /// and phones that are added or removed in the meantime.
    ///
    /// ```no_run
    /// # async fn example(client: koophone::Client) -> koophone::Result<()> {
    /// let mut phones = client.list_instances(koophone::InstanceFilter::default());
    /// while let Some(phone) = phones.next().await {
    ///     let phone = phone?;
    ///     println!("{} {:?}", phone.instance_id, phone.state);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn list_instances(&self, filter: InstanceFilter) -> Listing<Instance> {
        Listing::new(&self.inner, &list_instances::OPERATION, move |context, page_no, page_size| {
            let filter = filter.clone();
            async move { list_instances::page(&context, filter, page_no, page_size).await }
        })
    }

    /// Reads one page of the list of phones: `batch-query` (`GET /v1/instances/batch-query`).
    /// [`list_instances`](Self::list_instances) reads them all.
    ///
    /// `page_no` counts from 1, and a page has at most `page_size` phones, 1 to 200. Phones may be added or removed
    /// between two pages: expect a phone twice, and continue until a page is empty.
    ///
    /// # Errors
    ///
    /// `invalid_argument` for a filter or page that the service would refuse; then nothing is sent.
    ///
    /// ```no_run
    /// # async fn example(client: koophone::Client) -> koophone::Result<()> {
    /// let page = client.list_instances_page(koophone::InstanceFilter::default(), 1, 50).await?;
    /// println!("{} of {:?} phones", page.items.len(), page.total_count);
    /// # Ok(()) }
    /// ```
    pub fn list_instances_page(&self, filter: InstanceFilter, page_no: i64, page_size: i64) -> Call<InstancePage> {
        self.inner.call(list_instances::OPERATION.name, async move |context| {
            list_instances::page(&context, filter, page_no, page_size).await
        })
    }

    /// A call that returns one result per phone.
    pub(super) fn per_phone<O: PerPhone>(
        &self,
        instance_ids: impl IntoIterator<Item = impl AsRef<str>>,
        call: O,
    ) -> Call<Vec<O::Result>> {
        let phones = Phones::new(instance_ids);
        self.inner.call(O::OPERATION.name, async move |context| per_phone(&context, phones?, &call).await)
    }

    /// A call that starts a task.
    pub(super) fn start_task<O: PerPhone<Result = TaskPhone>>(
        &self,
        instance_ids: impl IntoIterator<Item = impl AsRef<str>>,
        call: O,
    ) -> Call<Task> {
        let phones = Phones::new(instance_ids);
        self.inner.call(O::OPERATION.name, async move |context| start_task(&context, phones?, call).await)
    }
}

/// Starts a task.
pub(super) async fn start_task<O: PerPhone<Result = TaskPhone>>(
    context: &CallContext,
    phones: Phones,
    call: O,
) -> Result<Task> {
    let phones = per_phone(context, phones, &call).await?;
    Ok(Task::started(context.inner(), O::OPERATION, phones))
}
