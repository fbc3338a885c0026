//! `reboot`: restarts phones.

use http::Method;
use serde::Serialize;
use serde::de::IgnoredAny;

use super::per_phone::{PerPhone, PhonesOnly, accepted, refused};
use crate::model::{Error, InstanceId, InstanceOutcome, Operation, Result, Returns, Target};
use crate::pipeline::Trace;

pub(crate) const OPERATION: Operation = Operation {
    name: "reboot_instances",
    service_name: "reboot",
    method: Method::POST,
    path: "/v1/instances/reboot",
    doc: "Restarts phones. All phones of a request must be running, or the service refuses the whole request. A \
        success says that the restart was accepted: the service returns no task, and `query_status` may still say \
        running for a moment.",
    idempotent: false,
    read_only: false,
    destructive: false,
    costs_money: false,
    target: Target::Phones { max: 100 },
    params: &[],
    returns: Returns::PerPhone("InstanceOutcome"),
    payload: &[],
};

pub(crate) struct RebootInstances;

impl PerPhone for RebootInstances {
    const OPERATION: &'static Operation = &OPERATION;
    type Data = IgnoredAny;
    type Result = InstanceOutcome;

    fn request<'a>(&'a self, phones: &'a [InstanceId]) -> Result<impl Serialize> {
        Ok(PhonesOnly { instance_ids: phones })
    }

    fn results(&self, phones: &[InstanceId], _data: Option<IgnoredAny>, _trace: &Trace) -> Vec<InstanceOutcome> {
        accepted(phones)
    }

    fn failed(instance_id: InstanceId, error: Error) -> InstanceOutcome {
        refused(instance_id, error)
    }
}
