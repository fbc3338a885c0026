//! `delete`: ends the subscription of phones. Destroys user data.

use http::Method;
use serde::Serialize;
use serde::de::IgnoredAny;

use super::per_phone::{PerPhone, accepted, refused};
use crate::model::{Error, InstanceId, InstanceOutcome, Operation, Result, Returns, Target};
use crate::pipeline::Trace;

pub(crate) const OPERATION: Operation = Operation {
    name: "delete_instances",
    service_name: "delete",
    method: Method::POST,
    path: "/v1/instances/delete",
    doc: "Deletes phones that are paid by the month or year, with all their data, and ends their subscription. It \
        cannot be undone. If the response is lost, check `list_instances`: a deleted phone is no longer listed.",
    idempotent: false,
    read_only: false,
    destructive: true,
    costs_money: false,
    target: Target::Phones { max: 100 },
    params: &[],
    returns: Returns::PerPhone("InstanceOutcome"),
    payload: &[],
};

pub(crate) struct DeleteInstances;

#[derive(Serialize)]
struct Request<'a> {
    // docs/spec/wire-notes.md#28
    #[serde(rename = "instanceIdList")]
    instance_ids: &'a [InstanceId],
}

impl PerPhone for DeleteInstances {
    const OPERATION: &'static Operation = &OPERATION;
    type Data = IgnoredAny;
    type Result = InstanceOutcome;

    fn request<'a>(&'a self, phones: &'a [InstanceId]) -> Result<impl Serialize> {
        Ok(Request { instance_ids: phones })
    }

    fn results(&self, phones: &[InstanceId], _data: Option<IgnoredAny>, _trace: &Trace) -> Vec<InstanceOutcome> {
        accepted(phones)
    }

    fn failed(instance_id: InstanceId, error: Error) -> InstanceOutcome {
        refused(instance_id, error)
    }
}
