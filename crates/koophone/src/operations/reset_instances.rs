//! `batch-reset`: factory state. Destroys user data.

use http::Method;
use serde::Serialize;

use super::per_phone::{PerPhone, PhonesOnly};
use super::start_command::{TaskData, failed, join};
use crate::model::{Error, InstanceId, Operation, Result, Returns, Target, TaskPhone};
use crate::pipeline::Trace;

pub(crate) const OPERATION: Operation = Operation {
    name: "reset_instances",
    service_name: "batch-reset",
    method: Method::POST,
    path: "/v1/instances/batch-reset",
    doc: "Returns phones to factory state. Older services accept a reset without returning a task to follow.",
    idempotent: false,
    read_only: false,
    destructive: true,
    costs_money: false,
    target: Target::Phones { max: 100 },
    params: &[],
    returns: Returns::Task { otherwise: "query_status" },
    payload: &["task_id", "cmd_jobs"],
};

pub(crate) struct ResetInstances;

impl PerPhone for ResetInstances {
    const OPERATION: &'static Operation = &OPERATION;
    type Data = TaskData;
    type Result = TaskPhone;

    fn request<'a>(&'a self, phones: &'a [InstanceId]) -> Result<impl Serialize> {
        Ok(PhonesOnly { instance_ids: phones })
    }

    fn results(&self, phones: &[InstanceId], data: Option<TaskData>, _trace: &Trace) -> Vec<TaskPhone> {
        // docs/spec/wire-notes.md#9: an accepted reset may have no task, or a task without its jobs.
        join(phones, data, || None)
    }

    fn failed(instance_id: InstanceId, error: Error) -> TaskPhone {
        failed(instance_id, error)
    }
}
