//! `batch-reset`: factory state. Destroys user data.

use bytes::Bytes;
use http::Method;

use super::PerPhone;
use super::body::{self, NothingElse};
use super::start_command::{TaskData, failed, join};
use crate::call::Trace;
use crate::client::Client;
use crate::error::{Error, Result};
use crate::instance_id::InstanceId;
use crate::model::TaskPhone;
use crate::operation::{Operation, Returns, Target};
use crate::request::Call;
use crate::task::Task;

pub(crate) const OPERATION: Operation = Operation {
    name: "reset_instances",
    service_name: "batch-reset",
    method: Method::POST,
    path: "/v1/instances/batch-reset",
    doc: "Returns phones to factory state. Older services accept a reset without giving a task that can be followed.",
    idempotent: false,
    read_only: false,
    destructive: true,
    costs_money: false,
    target: Target::Phones { max: 100 },
    params: &[],
    returns: Returns::Task,
    payload: &["task_id", "cmd_jobs"],
};

impl Client {
    /// Returns phones to factory state: `batch-reset` (`POST /v1/instances/batch-reset`). **User data is lost.**
    ///
    /// The [`Task`] can be followed where the service gives one ([`Task::can_be_followed`]); older services only accept.
    /// Never repeated once it may have run, unless [`repeatable`](Call::repeatable) is set.
    ///
    /// # Errors
    ///
    /// Only if nothing was reset; see [`Client`]. Otherwise each of [`Task::phones`] has its job or its error.
    pub fn reset_instances(&self, instance_ids: impl IntoIterator<Item = impl AsRef<str>>) -> Call<Task> {
        self.start_task(instance_ids, ResetInstances)
    }
}

struct ResetInstances;

impl PerPhone for ResetInstances {
    const OPERATION: &'static Operation = &OPERATION;
    type Data = TaskData;
    type Result = TaskPhone;

    fn body(&self, phones: &[InstanceId]) -> Result<Bytes> {
        body::over_phones(phones, &NothingElse {})
    }

    fn results(&self, phones: &[InstanceId], data: Option<TaskData>, _trace: &Trace) -> Vec<TaskPhone> {
        // docs/spec/wire-notes.md#9: an accepted reset may have no task, or a task without its jobs.
        join(phones, data, || None)
    }

    fn failed(instance_id: InstanceId, error: Error) -> TaskPhone {
        failed(instance_id, error)
    }
}
