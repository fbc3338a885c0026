//! `backup`: stores phones and releases their machines.

use http::Method;
use serde::Serialize;

use super::per_phone::{PerPhone, PhonesOnly};
use super::start_command::{TaskData, failed, join};
use crate::model::{Error, InstanceId, Operation, Result, Returns, Target, TaskPhone};
use crate::pipeline::Trace;

pub(crate) const OPERATION: Operation = Operation {
    name: "back_up_instances",
    service_name: "backup",
    method: Method::POST,
    path: "/v1/instances/backup",
    doc: "Saves phones to storage and releases their machines: nothing runs on them until `prepare_instances` has \
        restored them. Older services accept it without a task to follow; then, and if the response is lost, \
        `list_instances` shows the result (`backup_status`).",
    idempotent: false,
    read_only: false,
    destructive: false,
    costs_money: false,
    // docs/spec/wire-notes.md#63
    target: Target::Phones { max: 50 },
    params: &[],
    returns: Returns::Task { otherwise: "list_instances" },
    payload: &["task_id", "cmd_jobs"],
};

pub(crate) struct BackUpInstances;

impl PerPhone for BackUpInstances {
    const OPERATION: &'static Operation = &OPERATION;
    type Data = TaskData;
    type Result = TaskPhone;

    fn request<'a>(&'a self, phones: &'a [InstanceId]) -> Result<impl Serialize> {
        Ok(PhonesOnly { instance_ids: phones })
    }

    fn results(&self, phones: &[InstanceId], data: Option<TaskData>, _trace: &Trace) -> Vec<TaskPhone> {
        // docs/spec/wire-notes.md#9
        join(phones, data, || None)
    }

    fn failed(instance_id: InstanceId, error: Error) -> TaskPhone {
        failed(instance_id, error)
    }
}
