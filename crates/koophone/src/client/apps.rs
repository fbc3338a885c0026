//! The operations about streams and apps on phones.

use super::Client;
use crate::call::Call;
use crate::listing::Listing;
use crate::model::{InstanceId, InstanceOutcome};
use crate::operations::install_app::{AppPackage, InstallApp};
use crate::operations::list_apps::{self, App, AppPage};
use crate::operations::release_session::ReleaseSession;
use crate::operations::stop_streaming::StopStreaming;
use crate::task::Task;

impl Client {
    /// Ends the streams of phones: `streaming/stop` (`POST /v1/instances/streaming/stop`).
    ///
    /// One [`InstanceOutcome`] per phone, in the order asked, with one request each. A phone that does not stream is
    /// left as it is.
    ///
    /// # Errors
    ///
    /// Only if nothing was ended; see [`Client`].
    ///
    /// ```no_run
    /// # async fn example(client: koophone::Client) -> koophone::Result<()> {
    /// client.stop_streaming(["a44uhlf7"]).await?;
    /// client.release_session(["a44uhlf7"]).await?;
    /// # Ok(()) }
    /// ```
    pub fn stop_streaming(
        &self,
        instance_ids: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Call<Vec<InstanceOutcome>> {
        self.per_phone(instance_ids, StopStreaming)
    }

    /// Ends the sessions that streams left on phones: `session/release` (`POST /v1/instances/session/release`).
    ///
    /// One [`InstanceOutcome`] per phone, in the order asked, with one request each. Call it after
    /// [`stop_streaming`](Client::stop_streaming).
    ///
    /// # Errors
    ///
    /// Only if nothing was ended; see [`Client`].
    ///
    /// ```no_run
    /// # async fn example(client: koophone::Client) -> koophone::Result<()> {
    /// client.release_session(["a44uhlf7"]).await?;
    /// # Ok(()) }
    /// ```
    pub fn release_session(
        &self,
        instance_ids: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Call<Vec<InstanceOutcome>> {
        self.per_phone(instance_ids, ReleaseSession)
    }

    /// Installs an app from object storage on phones: `app/install` (`POST /v1/instances/app/install`).
    ///
    /// The [`Task`] knows the job of every phone; [`Task::wait`] follows it.
    ///
    /// # Errors
    ///
    /// Only if nothing was started on any phone; see [`Client`]. Otherwise each of [`Task::phones`] has its job or its
    /// error.
    ///
    /// ```no_run
    /// # async fn example(client: koophone::Client) -> koophone::Result<()> {
    /// let app = koophone::AppPackage {
    ///     url: "https://bucket.obs.cn-north-4.myhuaweicloud.com/game.apk".into(),
    ///     package: "com.example.game".into(),
    ///     version: "1.4.0".into(),
    ///     file_name: "game.apk".into(),
    ///     size_mb: 120,
    ///     md5: "9e107d9d372bb6826bd81d3542a419d6".into(),
    ///     fast: false,
    /// };
    /// let task = client.install_app(["a44uhlf7"], app).await?;
    /// task.wait(koophone::WaitOptions::new()).await?;
    /// # Ok(()) }
    /// ```
    pub fn install_app(&self, instance_ids: impl IntoIterator<Item = impl AsRef<str>>, app: AppPackage) -> Call<Task> {
        self.start_task(instance_ids, InstallApp { app })
    }

    /// Lists the apps of one phone: `app-list` (`GET /v1/instances/{instance_id}/app-list`), page by page as they are
    /// needed.
    ///
    /// The [`Listing`] yields one [`App`] after the other; see there. `app_type` is 1 for those of the system, 2 for
    /// installed ones, 0 for all.
    ///
    /// ```no_run
    /// # async fn example(client: koophone::Client) -> koophone::Result<()> {
    /// let mut apps = client.list_apps("a44uhlf7", 2);
    /// while let Some(app) = apps.next().await {
    ///     let app = app?;
    ///     println!("{:?} {:?}", app.package, app.version);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn list_apps(&self, instance_id: impl AsRef<str>, app_type: i64) -> Listing<App> {
        let id = InstanceId::new(instance_id.as_ref());
        Listing::new(&self.inner, &list_apps::OPERATION, move |context, page_no, page_size| {
            let id = id.clone();
            async move { list_apps::page(&context, id?, app_type, page_no, page_size).await }
        })
    }

    /// Reads one page of the list of apps of one phone: `app-list` (`GET /v1/instances/{instance_id}/app-list`).
    /// [`list_apps`](Self::list_apps) reads them all.
    ///
    /// `page_no` counts from 1, and a page has at most `page_size` apps, 1 to 200.
    ///
    /// # Errors
    ///
    /// `invalid_argument` for a page that the service would refuse; nothing is sent then.
    ///
    /// ```no_run
    /// # async fn example(client: koophone::Client) -> koophone::Result<()> {
    /// let page = client.list_apps_page("a44uhlf7", 2, 1, 50).await?;
    /// println!("{} of {:?} apps", page.items.len(), page.total_count);
    /// # Ok(()) }
    /// ```
    pub fn list_apps_page(
        &self,
        instance_id: impl AsRef<str>,
        app_type: i64,
        page_no: i64,
        page_size: i64,
    ) -> Call<AppPage> {
        let id = InstanceId::new(instance_id.as_ref());
        self.inner.call(list_apps::OPERATION.name, async move |context| {
            list_apps::page(&context, id?, app_type, page_no, page_size).await
        })
    }
}
