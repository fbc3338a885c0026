//! The operations that order, assign and delete phones, and those about their machines.

use super::Client;
use super::operations::start_task;
use crate::call::Call;
use crate::model::InstanceOutcome;
use crate::operations::assign_instances::{AssignInstances, Assignment, Users};
use crate::operations::back_up_instances::BackUpInstances;
use crate::operations::create_instances::{self, InstanceOrder, Order, create_instances};
use crate::operations::delete_instances::DeleteInstances;
use crate::operations::get_prepare_progress::{GetPrepareProgress, PrepareProgress};
use crate::operations::list_skus::{self, SkuList, list_skus};
use crate::operations::per_phone::{PerPhone, per_phone};
use crate::operations::prepare_instances::{PrepareInstances, PreparedInstance};
use crate::operations::reboot_instances::RebootInstances;
use crate::operations::unassign_instances::UnassignInstances;
use crate::task::Task;

impl Client {
    /// Assigns phones to users of the account: `assign` (`POST /v1/instances/assign`).
    ///
    /// One [`InstanceOutcome`] per phone, in the order asked. Never repeated once it may have been executed, unless
    /// [`repeatable`](Call::repeatable) is set; if the response is lost, [`list_instances`](Client::list_instances)
    /// shows who has each phone.
    ///
    /// # Errors
    ///
    /// Only if nothing was assigned; see [`Client`].
    ///
    /// ```no_run
    /// # async fn example(client: koophone::Client) -> koophone::Result<()> {
    /// use koophone::Assignment;
    ///
    /// client.assign_instances([Assignment::new("a44uhlf7", "tester-07")]).await?;
    /// # Ok(()) }
    /// ```
    pub fn assign_instances(&self, assignments: impl IntoIterator<Item = Assignment>) -> Call<Vec<InstanceOutcome>> {
        let assignments = assignments.into_iter().collect();
        self.inner.call(AssignInstances::OPERATION.name, async move |context| {
            let (phones, users) = Users::read(assignments)?;
            per_phone(&context, phones, &AssignInstances { users }).await
        })
    }

    /// Takes phones from their users: `unassign` (`POST /v1/instances/unassign`). **The users' data is lost.**
    ///
    /// The [`Task`] can be followed if the service returns one ([`Task::can_be_followed`]); older services only accept
    /// the request.
    ///
    /// # Errors
    ///
    /// Only if nothing was unassigned; see [`Client`]. Otherwise each of [`Task::phones`] has its job or its error.
    ///
    /// ```no_run
    /// # async fn example(client: koophone::Client) -> koophone::Result<()> {
    /// use koophone::Assignment;
    ///
    /// let task = client.unassign_instances([Assignment::new("a44uhlf7", "tester-07")]).await?;
    /// # Ok(()) }
    /// ```
    pub fn unassign_instances(&self, assignments: impl IntoIterator<Item = Assignment>) -> Call<Task> {
        let assignments = assignments.into_iter().collect();
        self.inner.call(UnassignInstances::OPERATION.name, async move |context| {
            let (phones, users) = Users::read(assignments)?;
            start_task(&context, phones, UnassignInstances { users }).await
        })
    }

    /// Restarts phones: `reboot` (`POST /v1/instances/reboot`).
    ///
    /// One [`InstanceOutcome`] per phone, in the order asked: whether the restart was accepted. The service returns no
    /// task to follow, and [`query_status`](Client::query_status) may still report running for a moment.
    ///
    /// # Errors
    ///
    /// Only if nothing was restarted; see [`Client`]. The service refuses a whole request if one of its phones is not
    /// running.
    ///
    /// ```no_run
    /// # async fn example(client: koophone::Client) -> koophone::Result<()> {
    /// client.reboot_instances(["a44uhlf7"]).await?;
    /// # Ok(()) }
    /// ```
    pub fn reboot_instances(
        &self,
        instance_ids: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Call<Vec<InstanceOutcome>> {
        self.per_phone(instance_ids, RebootInstances)
    }

    /// Saves phones to storage and releases their machines: `backup` (`POST /v1/instances/backup`).
    ///
    /// Nothing runs on them until [`prepare_instances`](Client::prepare_instances) has restored them. The [`Task`] can
    /// be followed if the service returns one ([`Task::can_be_followed`]).
    ///
    /// # Errors
    ///
    /// Only if nothing was backed up; see [`Client`]. Otherwise each of [`Task::phones`] has its job or its error.
    ///
    /// ```no_run
    /// # async fn example(client: koophone::Client) -> koophone::Result<()> {
    /// let task = client.back_up_instances(["a44uhlf7"]).await?;
    /// # Ok(()) }
    /// ```
    pub fn back_up_instances(&self, instance_ids: impl IntoIterator<Item = impl AsRef<str>>) -> Call<Task> {
        self.start_task(instance_ids, BackUpInstances)
    }

    /// Makes the phones of a user ready to stream: `prepare` (`POST /v1/instances/prepare`).
    ///
    /// One [`PreparedInstance`] per phone, in the order asked, with its state. Call it again until a phone is ready.
    ///
    /// # Errors
    ///
    /// Only if nothing was prepared; see [`Client`].
    ///
    /// ```no_run
    /// # async fn example(client: koophone::Client) -> koophone::Result<()> {
    /// for phone in client.prepare_instances(["a44uhlf7"], "tester-07").await? {
    ///     println!("{}: {:?}", phone.instance_id, phone.state);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn prepare_instances(
        &self,
        instance_ids: impl IntoIterator<Item = impl AsRef<str>>,
        user_id: impl Into<String>,
    ) -> Call<Vec<PreparedInstance>> {
        self.per_phone(instance_ids, PrepareInstances { user_id: user_id.into() })
    }

    /// Reads the progress of the preparation of phones: `prepare-progress` (`POST /v1/instances/prepare-progress`).
    ///
    /// One [`PrepareProgress`] per phone, in the order asked, with one request each.
    ///
    /// # Errors
    ///
    /// Only if nothing could be read; see [`Client`].
    ///
    /// ```no_run
    /// # async fn example(client: koophone::Client) -> koophone::Result<()> {
    /// for phone in client.get_prepare_progress(["a44uhlf7"], "tester-07").await? {
    ///     println!("{}: {:?}", phone.instance_id, phone.stage);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn get_prepare_progress(
        &self,
        instance_ids: impl IntoIterator<Item = impl AsRef<str>>,
        user_id: impl Into<String>,
    ) -> Call<Vec<PrepareProgress>> {
        self.per_phone(instance_ids, GetPrepareProgress { user_id: user_id.into() })
    }

    /// Lists what can be ordered: `sku` (`GET /v1/instances/sku`).
    ///
    /// # Errors
    ///
    /// Any error of the request.
    ///
    /// ```no_run
    /// # async fn example(client: koophone::Client) -> koophone::Result<()> {
    /// for sku in client.list_skus().await?.skus {
    ///     println!("{} {:?} {:?}", sku.sku_id, sku.region, sku.compute);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn list_skus(&self) -> Call<SkuList> {
        self.inner.call(list_skus::OPERATION.name, async move |context| list_skus(&context).await)
    }

    /// Orders phones: `create` (`POST /v1/instances/create`). **This costs money.**
    ///
    /// Never sent twice: the service would treat it as a second order. Give each order a unique `name_prefix`, and look
    /// for it with [`list_instances`](Client::list_instances) after a lost response.
    ///
    /// # Errors
    ///
    /// `invalid_argument` for an order that the service would refuse; nothing is sent then. `outcome_unknown` if the
    /// order may have been accepted.
    ///
    /// ```no_run
    /// # async fn example(client: koophone::Client) -> koophone::Result<()> {
    /// use koophone::{InstanceOrder, PeriodUnit};
    ///
    /// let order = client
    ///     .create_instances(InstanceOrder {
    ///         os: "AOSP11".into(),
    ///         sku_id: "kp.demo.large.1".into(), // these three are from list_skus
    ///         bandwidth_sku_id: "kp.demo.band".into(),
    ///         region: "cn-north-4".into(),
    ///         name_prefix: "grid-k3f9".into(),
    ///         bandwidth_mbps: 4,
    ///         count: 1,
    ///         period_unit: PeriodUnit::Month,
    ///         period_count: 1,
    ///         auto_pay: false,
    ///         auto_renew: false,
    ///         network: None,
    ///         node_group_id: None,
    ///     })
    ///     .await?;
    /// println!("order {} makes {} phones", order.order_id, order.instances.len());
    /// # Ok(()) }
    /// ```
    pub fn create_instances(&self, order: InstanceOrder) -> Call<Order> {
        self.inner.call(create_instances::OPERATION.name, async move |context| create_instances(&context, order).await)
    }

    /// Deletes phones that are paid by the month or year: `delete` (`POST /v1/instances/delete`). **All data is lost**,
    /// and it cannot be undone.
    ///
    /// One [`InstanceOutcome`] per phone, in the order asked.
    ///
    /// # Errors
    ///
    /// Only if nothing was deleted; see [`Client`].
    ///
    /// ```no_run
    /// # async fn example(client: koophone::Client) -> koophone::Result<()> {
    /// client.delete_instances(["a44uhlf7"]).await?;
    /// # Ok(()) }
    /// ```
    pub fn delete_instances(
        &self,
        instance_ids: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Call<Vec<InstanceOutcome>> {
        self.per_phone(instance_ids, DeleteInstances)
    }
}
