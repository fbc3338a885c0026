//! `unassign`: takes phones from their users. Destroys the users' data.

use http::Method;
use serde::Serialize;

use super::assign_instances::{Users, assignments};
use super::per_phone::PerPhone;
use super::start_command::{TaskData, failed, join};
use crate::model::{Error, InstanceId, Operation, Result, Returns, Target, TaskPhone};
use crate::pipeline::Trace;

pub(crate) const OPERATION: Operation = Operation {
    name: "unassign_instances",
    service_name: "unassign",
    method: Method::POST,
    path: "/v1/instances/unassign",
    doc: "Takes phones from their users; what the users left on the phones is wiped. Each phone must be named with \
        the user who has it. Older services accept it without a task to follow; then, and if the response is lost, \
        `list_instances` shows the result (`assign_status` 0).",
    idempotent: false,
    read_only: false,
    destructive: true,
    costs_money: false,
    // docs/spec/wire-notes.md#63
    target: Target::Assignments { max: 10 },
    params: &[assignments("The phones, each with its user; more than 10 are sent in several requests")],
    returns: Returns::Task { otherwise: "list_instances" },
    payload: &["task_id", "cmd_jobs"],
};

pub(crate) struct UnassignInstances {
    pub users: Users,
}

impl PerPhone for UnassignInstances {
    const OPERATION: &'static Operation = &OPERATION;
    type Data = TaskData;
    type Result = TaskPhone;

    fn request<'a>(&'a self, phones: &'a [InstanceId]) -> Result<impl Serialize> {
        Ok(self.users.request(phones))
    }

    fn results(&self, phones: &[InstanceId], data: Option<TaskData>, _trace: &Trace) -> Vec<TaskPhone> {
        // docs/spec/wire-notes.md#9
        join(phones, data, || None)
    }

    fn failed(instance_id: InstanceId, error: Error) -> TaskPhone {
        failed(instance_id, error)
    }
}
